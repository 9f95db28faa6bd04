/* ws: messages come out whole, however the frames came in. */
#include "proto/ws.h"

#include "ws_wire.h"

#include <malloc.h>

static void messages_survive_any_split(void) {
    FRAME(TEXT, "Hello");
    FRAME(BINARY, "\x00\xff\x80");
    FRAME(TEXT, "M\xc3\xbcnze \xe2\x82\xac \xf0\x9f\x98\x80");
    check_heard("text Hello\n"
                "binary \\00\\ff\\80\n"
                "text M\\c3\\bcnze \\e2\\82\\ac \\f0\\9f\\98\\80\n");
}

static void empty_messages_are_messages(void) {
    FRAME(TEXT, "");
    FRAME(BINARY, "");
    FRAME(TEXT_START, "");
    FRAME(MORE, "");
    FRAME(LAST, "");
    FRAME(TEXT, "x");
    check_heard("text \nbinary \ntext \ntext x\n");
}

static void every_length_encoding_is_read(void) {
    static const size_t lengths[] = {1,   15,  16,  17,  63,   64,   65,
                                     124, 125, 126, 127, 4096, 65535};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        add_filled_frame(TEXT, lengths[i], '0');
        check_heard(filled("text", lengths[i], '0'));
    }
    add_filled_frame(BINARY, 65536, '\xa0');
    check_heard(filled("binary", 65536, '\xa0'));
}

static void fragments_become_one_message(void) {
    FRAME(TEXT_START, "Hel");
    FRAME(MORE, "");
    FRAME(MORE, "lo \xf0\x9f");
    FRAME(LAST, "\x98\x80!");
    FRAME(BINARY_START, "\xf0");
    FRAME(LAST, "\x9f");
    check_heard("text Hello \\f0\\9f\\98\\80!\nbinary \\f0\\9f\n");
}

static void large_fragments_become_one_message(void) {
    char whole[5000 + 300];
    for (size_t i = 0; i < sizeof whole; i++) whole[i] = (char)(i * 31);
    add_frame(BINARY_START, pl_slice(whole, 5000));
    add_frame(LAST, pl_slice(whole + 5000, 300));

    struct transcript expected = {0};
    write_text(&expected, "binary ");
    write_payload(&expected, pl_slice(whole, sizeof whole));
    pl_buffer_add(&expected.text, pl_slice("\n", 2)); /* and its end */
    check_heard(expected.text.at);
    pl_buffer_finish(&expected.text);
}

static void control_frames_stand_between_fragments(void) {
    FRAME(TEXT_START, "a");
    FRAME(PING, "1");
    FRAME(PONG, "");
    FRAME(MORE, "b");
    FRAME(PING, "");
    FRAME(PING, "22");
    FRAME(LAST, "c");
    FRAME(TEXT, "d");
    check_heard("out \\8a\\011\n"
                "pong\n"
                "out \\8a\\00\n"
                "out \\8a\\0222\n"
                "text abc\n"
                "text d\n");
}

static void a_ping_is_answered_with_its_payload(void) {
    char line[600] = "out \\8a}";
    for (int i = 0; i < 125; i++) strcat(line, "p");
    char body[125];
    memset(body, 'p', sizeof body);
    add_frame(PING, pl_slice(body, sizeof body));
    strcat(line, "\nout \\8a\\03\\00\\ff\\80\n");
    FRAME(PING, "\x00\xff\x80");
    check_heard(line);
}

static void masks_of_all_kinds_come_off(void) {
    static const unsigned char masks[][4] = {
        {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}, {0x80, 0, 0, 0x01}, {0x12, 0x34, 0x56, 0x78}};
    for (size_t m = 0; m < sizeof masks / sizeof *masks; m++) {
        static const char text[] = "0123456789 0123456789 0123456789 0123456789 01234567";
        for (size_t len = 0; len < sizeof text; len++) {
            add_header(TEXT, 1, len);
            pl_buffer_add(&wire, pl_slice((const char *)masks[m], 4));
            for (size_t i = 0; i < len; i++) {
                pl_buffer_add_byte(&wire, (char)(text[i] ^ masks[m][i & 3]));
            }
            char line[80];
            snprintf(line, sizeof line, "text %.*s\n", (int)len, text);
            check_heard(line);
        }
    }
}

static void half_a_message_is_known_as_such(void) {
    FRAME(TEXT, "Hello");
    wire.len--;
    check_heard("half read\n");
    FRAME(TEXT_START, "Hello");
    check_heard("half read\n");
    FRAME(TEXT, "");
    wire.len--;
    check_heard("half read\n");
    FRAME(PING, "x");
    wire.len--;
    check_heard("half read\n");
    pl_buffer_add_byte(&wire, (char)TEXT);
    check_heard("half read\n");
}

static void a_pause_comes_after_the_message(void) {
    for (int way = 0; way < 2; way++) {
        struct transcript heard;
        transcript_init(&heard, LIMIT, way != 0);
        heard.pauses = true;
        FRAME(TEXT, "one");
        size_t first = wire.len;
        FRAME(TEXT, "two");
        size_t second = wire.len;
        pl_buffer_add_byte(&wire, (char)TEXT);

        PL_CHECK_INT(pl_ws_feed(&heard.ws, wire.at, wire.len), first);
        PL_CHECK_INT(pl_ws_feed(&heard.ws, wire.at + first, wire.len - first), 0);
        pl_ws_resume(&heard.ws);
        PL_CHECK_INT(pl_ws_feed(&heard.ws, wire.at + first, wire.len - first), second - first);
        pl_ws_resume(&heard.ws);
        PL_CHECK_INT(pl_ws_feed(&heard.ws, wire.at + second, 1), 1);
        PL_CHECK_SLICE(pl_buffer_slice(&heard.text), PL_SLICE("text one\ntext two\n"));
        transcript_finish(&heard);
        wire.len = 0;
    }
}

static void an_idle_connection_borrows_nothing(void) {
    PL_CHECK(sizeof(struct pl_ws) <= 56);
    struct transcript heard;
    transcript_init(&heard, LIMIT, false);
    FRAME(TEXT_START, "a");
    FRAME(PING, "b");
    transcript_feed(&heard, pl_buffer_slice(&wire));
    PL_CHECK_INT(heard.pool.free_count, 0);
    wire.len = 0;
    FRAME(LAST, "c");
    FRAME(PING, "d");
    transcript_feed(&heard, pl_buffer_slice(&wire));
    PL_CHECK_INT(heard.pool.free_count, 1); /* one slot did it all */
    PL_CHECK(heard.ws.slot == NULL && heard.ws.partial == NULL);
    transcript_finish(&heard);
    wire.len = 0;
}

size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

static size_t allocated_bytes(void) {
    if (__sanitizer_get_current_allocated_bytes == NULL) return mallinfo2().uordblks;
    return __sanitizer_get_current_allocated_bytes();
}

/* Whoever sends a message in the smallest pieces must not make it the dearest. */
static void fragments_cost_little_more_than_their_bytes(void) {
    struct transcript heard;
    transcript_init(&heard, LIMIT, false);
    FRAME(BINARY_START, "x");
    for (int i = 1; i < 20000; i++) FRAME(MORE, "x");
    FRAME(LAST, "");
    size_t last = 6;
    pl_buffer_reserve(&heard.text, 200);

    size_t before = allocated_bytes();
    PL_CHECK_INT(pl_ws_feed(&heard.ws, wire.at, wire.len - last), wire.len - last);
    PL_CHECK(pl_ws_is_mid_message(&heard.ws));
    PL_CHECK(allocated_bytes() - before < 20000 * 2 + 16 * 1024); /* growth; a wslay context */

    PL_CHECK_INT(pl_ws_feed(&heard.ws, wire.at + wire.len - last, last), last);
    PL_CHECK(strncmp(heard.text.at, "binary [20000 bytes", 19) == 0);
    pl_ws_finish(&heard.ws);
    pl_ws_pool_finish(&heard.pool);
    PL_CHECK(allocated_bytes() <= before);
    transcript_finish(&heard);
    wire.len = 0;
}

static void the_pool_keeps_a_few_slots(void) {
    struct transcript heard;
    transcript_init(&heard, LIMIT, false);
    struct pl_ws many[40];
    FRAME(BINARY_START, "a");
    size_t start = wire.len;
    FRAME(LAST, "b");
    for (size_t i = 0; i < 40; i++) {
        char *copy = pl_copy_string(wire.at, wire.len);
        pl_ws_init(&many[i], &heard.pool, &heard);
        PL_CHECK_INT(pl_ws_feed(&many[i], copy, start), start);
        free(copy);
    }
    for (size_t i = 0; i < 40; i++) {
        char *copy = pl_copy_string(wire.at, wire.len);
        if (i % 2 == 0) pl_ws_feed(&many[i], copy + start, wire.len - start);
        PL_CHECK_INT(pl_ws_is_mid_message(&many[i]), i % 2);
        pl_ws_finish(&many[i]);
        pl_ws_finish(&many[i]);
        PL_CHECK(!pl_ws_is_mid_message(&many[i]));
        free(copy);
    }
    PL_CHECK(heard.pool.free_count > 0 && heard.pool.free_count <= 8);
    transcript_finish(&heard);
    wire.len = 0;
}

/* A slot that saw an error must not be lent to the next connection. */
static void a_slot_that_saw_an_error_is_not_kept(void) {
    struct transcript heard;
    transcript_init(&heard, LIMIT, true);
    FRAME(TEXT, "\xff");
    transcript_feed(&heard, pl_buffer_slice(&wire));
    PL_CHECK(heard.ws.is_over);
    PL_CHECK_INT(heard.pool.free_count, 0);
    transcript_finish(&heard);
    wire.len = 0;
}

int main(void) {
    PL_RUN(messages_survive_any_split);
    PL_RUN(empty_messages_are_messages);
    PL_RUN(every_length_encoding_is_read);
    PL_RUN(fragments_become_one_message);
    PL_RUN(large_fragments_become_one_message);
    PL_RUN(control_frames_stand_between_fragments);
    PL_RUN(a_ping_is_answered_with_its_payload);
    PL_RUN(masks_of_all_kinds_come_off);
    PL_RUN(half_a_message_is_known_as_such);
    PL_RUN(a_pause_comes_after_the_message);
    PL_RUN(an_idle_connection_borrows_nothing);
    PL_RUN(fragments_cost_little_more_than_their_bytes);
    PL_RUN(the_pool_keeps_a_few_slots);
    PL_RUN(a_slot_that_saw_an_error_is_not_kept);
    pl_buffer_finish(&wire);
    return pl_check_summary();
}
