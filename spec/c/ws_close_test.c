/* ws: the closing handshake from both sides, and the frames we write. */
#include "proto/ws.h"

#include "ws_wire.h"

#include "base/utf8.h"

static void a_close_is_answered_with_its_code(void) {
    FRAME(TEXT, "x");
    FRAME(CLOSE, "\x03\xe8");
    FRAME(TEXT, "never heard");
    check_heard("text x\nout \\88\\02\\03\\e8\nclose 1000 \n");
    FRAME(CLOSE, "\017\241bye \303\244");
    check_heard("out \\88\\08\\0f\\a1bye \\c3\\a4\nclose 4001 bye \\c3\\a4\n");
    FRAME(CLOSE, "");
    FRAME(PING, "never heard");
    check_heard("out \\88\\00\nclose 1005 \n");
}

static void a_close_ends_a_fragmented_message(void) {
    FRAME(TEXT_START, "a");
    FRAME(CLOSE, "\x03\xe9gone");
    check_heard("out \\88\\06\\03\\e9gone\nclose 1001 gone\n");
}

static void close_codes_are_judged(void) {
    for (unsigned code = 0; code < 6000; code++) {
        bool known = code >= 1000 && code <= 1003;
        known |= code >= 1007 && code <= 1014;
        known |= code >= 3000 && code <= 4999;
        PL_CHECK_INT(pl_ws_is_close_code(code, true), known);

        const char body[] = {(char)(code >> 8), (char)code};
        add_frame(CLOSE, pl_slice(body, 2));
        struct transcript heard;
        transcript_init(&heard, LIMIT, (code & 1) != 0);
        transcript_feed(&heard, pl_buffer_slice(&wire));
        pl_buffer_add_byte(&heard.text, '\0');
        char line[80];
        if (known) snprintf(line, sizeof line, "\nclose %u \n", code);
        else snprintf(line, sizeof line, "\nviolation 1002 bad close frame\n");
        PL_CHECK(strstr(heard.text.at, line) != NULL);
        transcript_finish(&heard);
        wire.len = 0;
    }
    PL_CHECK(!pl_ws_is_close_code(0x10000 + 1000, true));
}

static void close_bodies_are_judged(void) {
    FRAME(CLOSE, "\x03");
    check_broken("", 1002, "bad close frame");
    FRAME(CLOSE, "\x0c"); /* 3072, would a zero follow */
    check_broken("", 1002, "bad close frame");
    FRAME(CLOSE, "\x03\xed");
    check_broken("", 1002, "bad close frame");
    FRAME(CLOSE, "\003\350a\377");
    check_broken("", 1007, "close reason is not UTF-8");
    FRAME(CLOSE, "\x03\xe8\xff\xff");
    check_broken("", 1007, "close reason is not UTF-8");
    FRAME(CLOSE, "\003\350abc\342\202");
    check_broken("", 1007, "close reason is not UTF-8");
}

static void after_our_close_only_the_answer_counts(void) {
    FRAME(TEXT, "a"); /* its callback closes */
    FRAME(TEXT, "b");
    FRAME(BINARY_START, "c");
    FRAME(PING, "d");
    FRAME(PONG, "");
    FRAME(LAST, "e");
    FRAME(CLOSE, "\x03\xe8");
    FRAME(TEXT, "f");
    check_heard_within(LIMIT, 1, "text a\nshut\npong\nclose 1000 \n");
}

static void after_our_close_violations_are_silent(void) {
    FRAME(PING, "");
    FRAME(TEXT, "\xff");
    check_heard_within(LIMIT, 1, "out \\8a\\00\nshut\nviolation 1007 text is not UTF-8\n");
    FRAME(PING, "");
    FRAME(LAST, "");
    check_heard_within(LIMIT, 1, "out \\8a\\00\nshut\nviolation 1002 nothing to continue\n");
    FRAME(PING, "");
    FRAME(CLOSE, "x");
    check_heard_within(LIMIT, 1, "out \\8a\\00\nshut\nviolation 1002 bad close frame\n");
}

static void nothing_is_read_after_the_end(void) {
    struct transcript heard;
    transcript_init(&heard, LIMIT, false);
    FRAME(CLOSE, "");
    size_t close = wire.len;
    FRAME(TEXT, "x");
    PL_CHECK_INT(pl_ws_feed(&heard.ws, wire.at, wire.len), close);
    PL_CHECK_INT(pl_ws_feed(&heard.ws, wire.at + close, wire.len - close), 0);
    PL_CHECK_SLICE(pl_buffer_slice(&heard.text), PL_SLICE("out \\88\\00\nclose 1005 \n"));
    transcript_finish(&heard);
    wire.len = 0;
}

static void headers_have_the_shortest_length(void) {
    static const struct {
        size_t len, bytes;
        unsigned char header[10];
    } cases[] = {
        {0, 2, {0x81, 0}},
        {125, 2, {0x81, 125}},
        {126, 4, {0x81, 126, 0, 126}},
        {65535, 4, {0x81, 126, 0xff, 0xff}},
        {65536, 10, {0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0}},
        {0x12345678, 10, {0x81, 127, 0, 0, 0, 0, 0x12, 0x34, 0x56, 0x78}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t out[PL_WS_HEADER_BYTES_MAX];
        PL_CHECK_INT(pl_ws_header(out, PL_WS_TEXT, cases[i].len), cases[i].bytes);
        PL_CHECK(memcmp(out, cases[i].header, cases[i].bytes) == 0);
    }
}

static void check_close_frame(uint16_t code, struct pl_slice reason, struct pl_slice expected) {
    uint8_t out[PL_WS_CONTROL_BYTES_MAX];
    size_t len = pl_ws_close_frame(out, code, reason);
    PL_CHECK_SLICE(pl_slice((const char *)out, len), expected);
}

static void a_close_frame_carries_what_it_may(void) {
    check_close_frame(1000, PL_SLICE(""), PL_SLICE("\x88\x02\x03\xe8"));
    check_close_frame(4001, PL_SLICE("bye"), PL_SLICE("\210\005\017\241bye"));
    static const uint16_t never_sent[] = {0, 999, 1004, 1005, 1006, 1015, 5000};
    for (size_t i = 0; i < sizeof never_sent / sizeof *never_sent; i++) {
        check_close_frame(never_sent[i], PL_SLICE("why"), PL_SLICE("\x88\x00"));
        PL_CHECK(!pl_ws_is_close_code(never_sent[i], false));
    }
    PL_CHECK(pl_ws_is_close_code(2000, false));
}

static void a_long_reason_is_cut_between_characters(void) {
    char reason[200];
    for (size_t i = 0; i < sizeof reason; i += 2) memcpy(reason + i, "\xc3\xa4", 2);
    uint8_t out[PL_WS_CONTROL_BYTES_MAX];
    PL_CHECK_INT(pl_ws_close_frame(out, 1000, pl_slice(reason, sizeof reason)), 2 + 2 + 122);
    PL_CHECK_INT(out[1], 124);
    PL_CHECK(pl_utf8_is_valid(pl_slice((const char *)out + 4, 122)));

    memset(reason, 'r', sizeof reason);
    PL_CHECK_INT(pl_ws_close_frame(out, 1000, pl_slice(reason, sizeof reason)), 127);
    PL_CHECK_INT(out[1], 125);
}

int main(void) {
    PL_RUN(a_close_is_answered_with_its_code);
    PL_RUN(a_close_ends_a_fragmented_message);
    PL_RUN(close_codes_are_judged);
    PL_RUN(close_bodies_are_judged);
    PL_RUN(after_our_close_only_the_answer_counts);
    PL_RUN(after_our_close_violations_are_silent);
    PL_RUN(nothing_is_read_after_the_end);
    PL_RUN(headers_have_the_shortest_length);
    PL_RUN(a_close_frame_carries_what_it_may);
    PL_RUN(a_long_reason_is_cut_between_characters);
    pl_buffer_finish(&wire);
    return pl_check_summary();
}
