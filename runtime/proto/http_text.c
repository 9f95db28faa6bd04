#include "proto/http_text.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

const unsigned char pl_text_token[256] = {
    ['!'] = '!', ['#'] = '#', ['$'] = '$', ['%'] = '%', ['&'] = '&', ['\''] = '\'', ['*'] = '*',
    ['+'] = '+', ['-'] = '-', ['.'] = '.', ['^'] = '^', ['_'] = '_', ['`'] = '`',   ['|'] = '|',
    ['~'] = '~', ['0'] = '0', ['1'] = '1', ['2'] = '2', ['3'] = '3', ['4'] = '4',   ['5'] = '5',
    ['6'] = '6', ['7'] = '7', ['8'] = '8', ['9'] = '9', ['a'] = 'a', ['b'] = 'b',   ['c'] = 'c',
    ['d'] = 'd', ['e'] = 'e', ['f'] = 'f', ['g'] = 'g', ['h'] = 'h', ['i'] = 'i',   ['j'] = 'j',
    ['k'] = 'k', ['l'] = 'l', ['m'] = 'm', ['n'] = 'n', ['o'] = 'o', ['p'] = 'p',   ['q'] = 'q',
    ['r'] = 'r', ['s'] = 's', ['t'] = 't', ['u'] = 'u', ['v'] = 'v', ['w'] = 'w',   ['x'] = 'x',
    ['y'] = 'y', ['z'] = 'z', ['A'] = 'a', ['B'] = 'b', ['C'] = 'c', ['D'] = 'd',   ['E'] = 'e',
    ['F'] = 'f', ['G'] = 'g', ['H'] = 'h', ['I'] = 'i', ['J'] = 'j', ['K'] = 'k',   ['L'] = 'l',
    ['M'] = 'm', ['N'] = 'n', ['O'] = 'o', ['P'] = 'p', ['Q'] = 'q', ['R'] = 'r',   ['S'] = 's',
    ['T'] = 't', ['U'] = 'u', ['V'] = 'v', ['W'] = 'w', ['X'] = 'x', ['Y'] = 'y',   ['Z'] = 'z',
};

bool pl_text_is_token(struct pl_slice text) {
    for (size_t i = 0; i < text.len; i++) {
        if (pl_text_token[(unsigned char)text.at[i]] == 0) return false;
    }
    return text.len > 0;
}

static bool is_control(unsigned char byte) {
    return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes: whether it is such a control byte. */
static unsigned controls_of(const char *at) {
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
    __m128i low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    __m128i tab = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t'));
    __m128i del = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(0x7f));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_andnot_si128(tab, low), del));
}
#endif

size_t pl_text_find_control(struct pl_slice text) {
    size_t i = 0;
#ifdef __SSE2__
    for (; text.len - i >= 16; i += 16) {
        unsigned controls = controls_of(text.at + i);
        if (controls != 0) return i + (size_t)__builtin_ctz(controls);
    }
#endif
    while (i < text.len && !is_control((unsigned char)text.at[i])) i++;
    return i;
}

struct pl_slice pl_text_trim(struct pl_slice text) {
    while (text.len > 0 && pl_text_is_blank(text.at[0])) text = pl_slice_after(text, 1);
    while (text.len > 0 && pl_text_is_blank(text.at[text.len - 1])) text.len--;
    return text;
}

bool pl_text_next(struct pl_slice *rest, struct pl_slice *element) {
    while (rest->len > 0) {
        const char *comma = memchr(rest->at, ',', rest->len);
        size_t len = comma == NULL ? rest->len : (size_t)(comma - rest->at);
        *element = pl_text_trim(pl_slice(rest->at, len));
        *rest = pl_slice_after(*rest, comma == NULL ? len : len + 1);
        if (element->len > 0) return true;
    }
    return false;
}
