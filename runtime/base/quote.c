#include "base/quote.h"

#include <stdio.h>

void pl_quote_add(struct pl_buffer *out, struct pl_slice text) {
    pl_buffer_add_byte(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.at[i];
        char escape[8];
        if (c == '"' || c == '\\') {
            pl_buffer_add_byte(out, '\\');
            pl_buffer_add_byte(out, (char)c);
        } else if (c < 0x20 || c == 0x7f) {
            snprintf(escape, sizeof escape, "\\u%04x", c);
            pl_buffer_add(out, pl_slice_of(escape));
        } else {
            pl_buffer_add_byte(out, (char)c);
        }
    }
    pl_buffer_add_byte(out, '"');
}
