/* report.c -- see report.h. */
#include "load/report.h"

#include <stdio.h>

void pl_report_begin(const char *scenario) { printf("{\"scenario\":\"%s\"", scenario); }

void pl_report_text(const char *name, const char *text) {
    printf(",\"%s\":\"%s\"", name, text);
}

void pl_report_number(const char *name, double value) { printf(",\"%s\":%.10g", name, value); }

void pl_report_end(void) { puts("}"); }
