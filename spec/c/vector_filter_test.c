/* filter: conditions over fields, as lualib writes both. */
#include "vector/filter.h"

#include "base/alloc.h"
#include "base/buffer.h"
#include "check.h"

#include <stdlib.h>

static struct pl_buffer fields, conditions;

static void add_length(struct pl_buffer *out, size_t len, int bytes) {
    for (int i = bytes - 1; i >= 0; i--) pl_buffer_add_byte(out, (char)(len >> (8 * i)));
}

static void add_path(struct pl_buffer *out, const char *path) {
    add_length(out, strlen(path), 2);
    pl_buffer_add(out, pl_slice_of(path));
}

static void add_number(struct pl_buffer *out, double number) {
    pl_buffer_add_byte(out, 'n');
    pl_buffer_add(out, pl_slice((const char *)&number, sizeof number));
}

static void add_string(struct pl_buffer *out, const char *text) {
    pl_buffer_add_byte(out, 's');
    add_length(out, strlen(text), 4);
    pl_buffer_add(out, pl_slice_of(text));
}

static void begin_condition(const char *path, char operator, size_t count) {
    add_path(&conditions, path);
    pl_buffer_add_byte(&conditions, operator);
    add_length(&conditions, count, 2);
}

/* language = "en", year = 2020, draft = true, author.name = null, tags = a list */
static void begin(void) {
    fields.len = conditions.len = 0;
    add_path(&fields, "language");
    add_string(&fields, "en");
    add_path(&fields, "year");
    add_number(&fields, 2020);
    add_path(&fields, "draft");
    pl_buffer_add_byte(&fields, 't');
    add_path(&fields, "author.name");
    pl_buffer_add_byte(&fields, 'z');
    add_path(&fields, "tags");
    pl_buffer_add_byte(&fields, 'l');
}

static bool holds(void) {
    return pl_filter_holds(pl_buffer_slice(&conditions), pl_buffer_slice(&fields));
}

static bool number_holds(const char *path, char operator, double number) {
    begin();
    begin_condition(path, operator, 1);
    add_number(&conditions, number);
    return holds();
}

static bool string_holds(const char *path, char operator, const char * text) {
    begin();
    begin_condition(path, operator, 1);
    add_string(&conditions, text);
    return holds();
}

static bool kind_holds(const char *path, char operator, char kind) {
    begin();
    begin_condition(path, operator, 1);
    pl_buffer_add_byte(&conditions, kind);
    return holds();
}

static void values_are_equal_by_kind_and_content(void) {
    PL_CHECK(string_holds("language", 'i', "en"));
    PL_CHECK(!string_holds("language", 'i', "e"));
    PL_CHECK(!string_holds("language", 'i', "eng"));
    PL_CHECK(!string_holds("year", 'i', "2020"));
    PL_CHECK(number_holds("year", 'i', 2020));
    PL_CHECK(!number_holds("year", 'i', 2020.5));
    PL_CHECK(kind_holds("draft", 'i', 't'));
    PL_CHECK(!kind_holds("draft", 'i', 'f'));
    PL_CHECK(!string_holds("languag", 'i', "en"));
}

static void what_is_not_equal_is_every_other_value(void) {
    PL_CHECK(!string_holds("language", 'o', "en"));
    PL_CHECK(string_holds("language", 'o', "fr"));
    PL_CHECK(number_holds("language", 'o', 1));
    PL_CHECK(string_holds("missing", 'o', "en"));
    PL_CHECK(kind_holds("draft", 'o', 'f'));
}

static void a_field_that_is_missing_is_null(void) {
    PL_CHECK(kind_holds("missing", 'i', 'z'));
    PL_CHECK(kind_holds("author.name", 'i', 'z'));
    PL_CHECK(!kind_holds("language", 'i', 'z'));
    PL_CHECK(kind_holds("language", 'o', 'z'));
    PL_CHECK(!kind_holds("missing", 'o', 'z'));
}

static void a_list_equals_nothing(void) {
    PL_CHECK(!kind_holds("tags", 'i', 'l'));
    PL_CHECK(!kind_holds("tags", 'i', 'z'));
    PL_CHECK(kind_holds("tags", 'o', 'z'));
    PL_CHECK(string_holds("tags", 'o', "a"));
    PL_CHECK(!string_holds("tags", '<', "z"));
}

static void bounds_hold_among_numbers_and_among_strings(void) {
    PL_CHECK(number_holds("year", '<', 2021) && !number_holds("year", '<', 2020));
    PL_CHECK(number_holds("year", '{', 2020) && !number_holds("year", '{', 2019));
    PL_CHECK(number_holds("year", '>', 2019) && !number_holds("year", '>', 2020));
    PL_CHECK(number_holds("year", '}', 2020) && !number_holds("year", '}', 2021));
    PL_CHECK(string_holds("language", '>', "em") && !string_holds("language", '>', "en"));
    PL_CHECK(string_holds("language", '<', "eng"));
    PL_CHECK(!string_holds("year", '>', "1") && !number_holds("language", '>', 0));
    PL_CHECK(!number_holds("missing", '<', 1) && !number_holds("draft", '>', 0));
}

static void a_list_of_values_means_any_of_them(void) {
    begin();
    begin_condition("language", 'i', 3);
    add_number(&conditions, 1);
    add_string(&conditions, "fr");
    add_string(&conditions, "en");
    PL_CHECK(holds());
    conditions.at[2 + sizeof "language" - 1] = 'o';
    PL_CHECK(!holds());
}

static void all_conditions_have_to_hold(void) {
    begin();
    PL_CHECK(holds());
    begin_condition("year", '}', 1);
    add_number(&conditions, 2000);
    PL_CHECK(holds());
    begin_condition("year", '<', 1);
    add_number(&conditions, 2020);
    PL_CHECK(!holds());
}

/* What is cut anywhere is read within its bounds, and holds nothing that it does not say. */
static void what_is_cut_short_is_read_within_its_bounds(void) {
    begin();
    begin_condition("language", 'i', 2);
    add_string(&conditions, "fr");
    add_string(&conditions, "en");
    begin_condition("year", '}', 1);
    add_number(&conditions, 1);
    PL_CHECK(holds());
    for (size_t cut = 1; cut < conditions.len; cut++) {
        char *exact = pl_alloc(cut);
        memcpy(exact, conditions.at, cut);
        bool is_whole = cut == 2 + 8 + 1 + 2 + 2 * (1 + 4 + 2);
        PL_CHECK(pl_filter_holds(pl_slice(exact, cut), pl_buffer_slice(&fields)) == is_whole);
        free(exact);
    }
    for (size_t cut = 0; cut < fields.len; cut++) {
        char *exact = pl_alloc(cut + 1);
        memcpy(exact, fields.at, cut);
        pl_filter_holds(pl_buffer_slice(&conditions), pl_slice(exact, cut));
        free(exact);
    }
}

int main(void) {
    PL_RUN(values_are_equal_by_kind_and_content);
    PL_RUN(what_is_not_equal_is_every_other_value);
    PL_RUN(a_field_that_is_missing_is_null);
    PL_RUN(a_list_equals_nothing);
    PL_RUN(bounds_hold_among_numbers_and_among_strings);
    PL_RUN(a_list_of_values_means_any_of_them);
    PL_RUN(all_conditions_have_to_hold);
    PL_RUN(what_is_cut_short_is_read_within_its_bounds);
    pl_buffer_finish(&fields);
    pl_buffer_finish(&conditions);
    return pl_check_summary();
}
