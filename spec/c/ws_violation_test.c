/* ws: whoever breaks RFC 6455 is told so once and heard no more. */
#include "proto/ws.h"

#include "ws_wire.h"

static void reserved_bits_are_refused(void) {
    for (unsigned bit = 0x10; bit <= 0x40; bit <<= 1) {
        FRAME(TEXT, "ok");
        add_frame(TEXT | bit, PL_SLICE("x"));
        check_broken("text ok\n", 1002, "reserved bits are set");
        add_frame(PING | bit, PL_SLICE("x"));
        check_broken("", 1002, "reserved bits are set");
    }
}

static void unknown_opcodes_are_refused(void) {
    for (unsigned opcode = 3; opcode <= 15; opcode++) {
        if (opcode >= 8 && opcode <= 10) continue;
        add_frame(0x80 | opcode, PL_SLICE("x"));
        check_broken("", 1002, "unknown opcode");
        FRAME(TEXT_START, "a");
        add_frame(opcode, PL_SLICE("x"));
        check_broken("", 1002, "unknown opcode");
    }
}

static void frames_must_be_masked(void) {
    FRAME(TEXT, "ok");
    pl_buffer_add(&wire, PL_SLICE("\x81\x01x"));
    check_broken("text ok\n", 1002, "frame without a mask");
    pl_buffer_add(&wire, PL_SLICE("\x89\x00"));
    check_broken("", 1002, "frame without a mask");
}

static void control_frames_are_short_and_whole(void) {
    for (unsigned opcode = 8; opcode <= 10; opcode++) {
        add_frame(opcode, PL_SLICE("x"));
        check_broken("", 1002, "fragmented control frame");
        add_filled_frame(0x80 | opcode, 126, 'a');
        check_broken("", 1002, "control frame is too long");
        add_header(0x80 | opcode, 8, 3);
        check_broken("", 1002, "control frame is too long");
    }
}

static void lengths_are_minimal(void) {
    add_header(TEXT, 2, 125);
    check_broken("", 1002, "length is not minimal");
    add_header(TEXT, 2, 0);
    check_broken("", 1002, "length is not minimal");
    add_header(BINARY, 8, 65535);
    check_broken("", 1002, "length is not minimal");
    add_header(BINARY_START, 8, 1);
    check_broken("", 1002, "length is not minimal");
}

static void lengths_have_63_bits(void) {
    add_header(TEXT, 8, 0x8000000000000000u);
    check_broken("", 1002, "length is out of range");
    add_header(BINARY_START, 8, 0xffffffffffffffffu);
    check_broken("", 1002, "length is out of range");
    add_header(BINARY_START, 8, 0x7fffffffffffffffu);
    check_broken("", 1009, "message is too long");
}

static void fragments_follow_their_order(void) {
    FRAME(LAST, "x");
    check_broken("", 1002, "nothing to continue");
    FRAME(MORE, "x");
    check_broken("", 1002, "nothing to continue");
    FRAME(TEXT_START, "a");
    FRAME(LAST, "b");
    FRAME(LAST, "c");
    check_broken("text ab\n", 1002, "nothing to continue");
    FRAME(TEXT_START, "a");
    FRAME(TEXT, "b");
    check_broken("", 1002, "new message inside a fragmented one");
    FRAME(TEXT_START, "");
    FRAME(BINARY_START, "b");
    check_broken("", 1002, "new message inside a fragmented one");
}

static void text_must_be_utf8(void) {
    static const char *const bad[] = {"\xff",
                                      "a\x80",
                                      "\xc0\xaf",
                                      "\xed\xa0\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xe2\x82",
                                      "0123456789abcdef0123456789abcdef\xc3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pl_slice text = pl_slice_of(bad[i]);
        add_frame(TEXT, text);
        check_broken("", 1007, "text is not UTF-8");
        add_frame(TEXT_START, pl_slice(text.at, 1));
        FRAME(PING, "");
        add_frame(LAST, pl_slice_after(text, 1));
        bool fails_at_once = (unsigned char)text.at[0] == 0xff;
        fails_at_once |= (unsigned char)text.at[0] == 0xc0;
        check_broken(fails_at_once ? "" : "out \\8a\\00\n", 1007, "text is not UTF-8");
    }
}

/* Fed byte by byte, how many bytes are used until the violation. */
static size_t bytes_until_over(bool only_wslay) {
    struct transcript heard;
    transcript_init(&heard, LIMIT, only_wslay);
    size_t used = 0;
    while (used < wire.len && !heard.ws.is_over) {
        transcript_feed(&heard, pl_slice(wire.at + used++, 1));
    }
    transcript_finish(&heard);
    return used;
}

static void bad_text_is_refused_at_its_first_bad_byte(void) {
    char text[100];
    memset(text, 'a', sizeof text);
    text[70] = (char)0xc3; /* the letter after it cannot be */
    for (int way = 0; way < 2; way++) {
        add_frame(TEXT, pl_slice(text, sizeof text));
        PL_CHECK_INT(bytes_until_over(way != 0), 6 + 72);
        wire.len = 0;

        add_frame(TEXT_START, pl_slice(text, 71));
        add_frame(MORE, pl_slice(text + 71, 29));
        PL_CHECK_INT(bytes_until_over(way != 0), 6 + 71 + 6 + 1);
        wire.len = 0;
    }
}

static void messages_have_a_limit(void) {
    add_filled_frame(TEXT, 130, '0');
    check_heard_within(130, 0, filled("text", 130, '0'));
    FRAME(TEXT_START, "12345");
    FRAME(PING, "a ping is not counted");
    FRAME(LAST, "67890");
    check_heard_within(10, 0, "out \\8a\\15a ping is not counted\ntext 1234567890\n");

    static const char too_long[] = "out \\88\\15\\03\\f1message is too long\n"
                                   "violation 1009 message is too long\n";
    FRAME(TEXT, "12345678901");
    check_heard_within(10, 0, too_long);
    FRAME(TEXT_START, "12345");
    FRAME(MORE, "67890");
    FRAME(LAST, "1");
    check_heard_within(10, 0, too_long);
    FRAME(BINARY, "x");
    check_heard_within(0, 0, too_long);
    FRAME(BINARY, "");
    check_heard_within(0, 0, "binary \n");
}

static void too_long_is_said_by_the_header_alone(void) {
    for (int way = 0; way < 2; way++) {
        add_header(TEXT, 8, LIMIT + 1);
        PL_CHECK_INT(bytes_until_over(way != 0), 10);
        wire.len = 0;

        FRAME(BINARY_START, "12345");
        size_t before = wire.len;
        add_header(LAST, 8, LIMIT - 4);
        PL_CHECK_INT(bytes_until_over(way != 0), before + 10);
        wire.len = 0;
    }
}

int main(void) {
    PL_RUN(reserved_bits_are_refused);
    PL_RUN(unknown_opcodes_are_refused);
    PL_RUN(frames_must_be_masked);
    PL_RUN(control_frames_are_short_and_whole);
    PL_RUN(lengths_are_minimal);
    PL_RUN(lengths_have_63_bits);
    PL_RUN(fragments_follow_their_order);
    PL_RUN(text_must_be_utf8);
    PL_RUN(bad_text_is_refused_at_its_first_bad_byte);
    PL_RUN(messages_have_a_limit);
    PL_RUN(too_long_is_said_by_the_header_alone);
    pl_buffer_finish(&wire);
    return pl_check_summary();
}
