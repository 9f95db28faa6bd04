/* fail.c -- see fail.h. */
#include "load/fail.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static const char *scenario = "load";

void pl_fail_scenario(const char *name) { scenario = name; }

/* A reason may quote what a server sent, so everything outside printable ASCII is escaped. */
static void print_json_string(const char *text) {
    putchar('"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') printf("\\%c", byte);
        else if (byte < 0x20 || byte > 0x7e) printf("\\u%04x", byte);
        else putchar(byte);
    }
    putchar('"');
}

void pl_fail(const char *format, ...) {
    char reason[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);

    fprintf(stderr, "load: %s: %s\n", scenario, reason);
    printf("{\"scenario\":\"%s\",\"failed\":", scenario);
    print_json_string(reason);
    puts("}");
    exit(1);
}
