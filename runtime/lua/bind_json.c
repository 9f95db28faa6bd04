#include "base/buffer.h"
#include "base/utf8.h"
#include "lua/bind.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

/*
 * The quick way of json.encode, for the values that nearly all messages are made of. Whatever
 * needs a second thought (a metatable, holes, long decimals, a fault) is left to json/encode.lua,
 * which knows all the rules. In C since messages are small: a loop over three fields never runs
 * long enough for LuaJIT to compile it, and keeps it from compiling what stands around it.
 */

#define DEPTH_MAX 100        /* deeper ones are left to Lua as well */
#define INTEGER_BELOW 1e14   /* as in json/number.lua */
#define DECIMALS 1e6         /* as many as are tried */
#define DECIMAL_SIZE_MAX 1e8 /* so that times DECIMALS it is an exact integer */
#define TEXT_BYTES_MAX (16 * 1024 * 1024)
#define KEPT_BYTES (64 * 1024) /* a larger buffer is not worth keeping */

struct text {
    lua_State *L;
    struct pl_buffer *out;
    bool is_ascii;
};

static bool put_value(struct text *text, int depth);

/* What stands behind the backslash for a byte that needs one; 'u' for a code, 0 for others. */
static const char escapes[256] = {
    [0] = 'u',    [1] = 'u',    [2] = 'u',    [3] = 'u',     [4] = 'u',    [5] = 'u',
    [6] = 'u',    [7] = 'u',    ['\b'] = 'b', ['\t'] = 't',  ['\n'] = 'n', [11] = 'u',
    ['\f'] = 'f', ['\r'] = 'r', [14] = 'u',   [15] = 'u',    [16] = 'u',   [17] = 'u',
    [18] = 'u',   [19] = 'u',   [20] = 'u',   [21] = 'u',    [22] = 'u',   [23] = 'u',
    [24] = 'u',   [25] = 'u',   [26] = 'u',   [27] = 'u',    [28] = 'u',   [29] = 'u',
    [30] = 'u',   [31] = 'u',   ['"'] = '"',  ['\\'] = '\\',
};

static char *put_escape(char *at, unsigned char byte) {
    static const char digits[] = "0123456789abcdef";
    *at++ = '\\';
    *at++ = escapes[byte];
    if (escapes[byte] != 'u') return at;
    memcpy(at, "00", 2);
    at[2] = digits[byte >> 4];
    at[3] = digits[byte & 15];
    return at + 4;
}

/* A string in quotes, and `tail` behind it. */
static void put_string(struct text *text, const char *from, size_t len, char tail) {
    char *at = pl_buffer_reserve(text->out, len + 3);
    unsigned char seen = 0;
    *at++ = '"';
    for (size_t i = 0; i < len; i++) {
        unsigned char byte = (unsigned char)from[i];
        seen |= byte;
        if (escapes[byte] == 0) {
            *at++ = (char)byte;
            continue;
        }
        text->out->len = (size_t)(at - text->out->at);
        at = pl_buffer_reserve(text->out, (len - i) + 6 + 2); /* this escape and what follows */
        at = put_escape(at, byte);
    }
    *at++ = '"';
    if (tail != 0) *at++ = tail;
    text->out->len = (size_t)(at - text->out->at);
    if (seen >= 0x80) text->is_ascii = false;
}

/* The digits of `number` divided by DECIMALS, without zeros at the end. */
static void put_decimal(struct pl_buffer *out, unsigned long long number) {
    unsigned long long unit = (unsigned long long)DECIMALS;
    unsigned long long left = number % unit;
    pl_buffer_add_number(out, number / unit);
    if (left == 0) return;
    char *at = pl_buffer_reserve(out, 8);
    *at++ = '.';
    while (left > 0) {
        unit /= 10;
        *at++ = (char)('0' + left / unit);
        left %= unit;
    }
    out->len = (size_t)(at - out->at);
}

/* Integers, and what a few decimals give exactly: dividing rounds as reading the digits does, so
 * when the quotient is the number, they are its shortest. */
static bool put_number(struct pl_buffer *out, double number) {
    double size = fabs(number);
    if (number == 0) {
        if (signbit(number)) return false;
        pl_buffer_add_byte(out, '0');
        return true;
    }
    bool is_integer = size < INTEGER_BELOW && size == floor(size);
    double scaled = is_integer ? size : rint(size * DECIMALS);
    if (!is_integer && (!(size < DECIMAL_SIZE_MAX) || scaled / DECIMALS != size)) return false;
    /* C and JavaScript write smaller ones with an exponent. */
    if (!is_integer && size < 1e-4) return false;
    if (number < 0) pl_buffer_add_byte(out, '-');
    if (is_integer) {
        pl_buffer_add_number(out, (unsigned long long)size);
    } else {
        put_decimal(out, (unsigned long long)scaled);
    }
    return true;
}

/* The key at -2, which comes as the `count`th: that index of a list, or a name. */
static bool put_key(struct text *text, bool is_list, double count) {
    size_t len;
    pl_buffer_add_byte(text->out, count > 1 ? ',' : is_list ? '[' : '{');
    if (is_list) {
        return lua_type(text->L, -2) == LUA_TNUMBER && lua_tonumber(text->L, -2) == count;
    }
    if (lua_type(text->L, -2) != LUA_TSTRING) return false;
    const char *name = lua_tolstring(text->L, -2, &len);
    put_string(text, name, len, ':');
    return true;
}

/* The table on top. A list is one whose keys come as 1, 2, 3 and so on. */
static bool put_table(struct text *text, int depth) {
    lua_State *L = text->L;
    double count = 0;
    bool is_list = false;
    if (depth > DEPTH_MAX || text->out->len > TEXT_BYTES_MAX) return false;
    if (!lua_checkstack(L, 6)) return false;
    if (lua_getmetatable(L, -1)) return false;
    for (lua_pushnil(L); lua_next(L, -2) != 0; lua_pop(L, 1)) { /* table key value */
        if (++count == 1) is_list = lua_type(L, -2) == LUA_TNUMBER;
        if (!put_key(text, is_list, count) || !put_value(text, depth)) return false;
    }
    if (count == 0) {
        pl_buffer_add(text->out, PL_SLICE("{}"));
    } else {
        pl_buffer_add_byte(text->out, is_list ? ']' : '}');
    }
    return true;
}

/* The value on top. False when it is none for us; the stack is left as it is then. */
static bool put_value(struct text *text, int depth) {
    lua_State *L = text->L;
    size_t len;
    switch (lua_type(L, -1)) {
    case LUA_TSTRING: {
        const char *from = lua_tolstring(L, -1, &len);
        put_string(text, from, len, 0);
        return true;
    }
    case LUA_TNUMBER: return put_number(text->out, lua_tonumber(L, -1));
    case LUA_TBOOLEAN:
        pl_buffer_add(text->out, lua_toboolean(L, -1) ? PL_SLICE("true") : PL_SLICE("false"));
        return true;
    case LUA_TLIGHTUSERDATA: /* json.null is lua-cjson's: the one that points nowhere */
        if (lua_touserdata(L, -1) != NULL) return false;
        pl_buffer_add(text->out, PL_SLICE("null"));
        return true;
    case LUA_TTABLE: return put_table(text, depth + 1);
    default: return false;
    }
}

/* native.json_text(value) --> string | nil: its JSON text, or nothing when it is no everyday
 * value */
static int json_text(lua_State *L) {
    static struct pl_buffer
        out; /* kept from call to call; an error in Lua leaves nothing behind */
    struct text text = {.L = L, .out = &out, .is_ascii = true};
    lua_settop(L, 1);
    out.len = 0;
    bool is_done = put_value(&text, 0);
    if (is_done && !text.is_ascii) is_done = pl_utf8_is_valid(pl_buffer_slice(&out));
    lua_settop(L, 0);
    if (is_done) lua_pushlstring(L, out.at, out.len);
    if (out.cap > KEPT_BYTES) pl_buffer_finish(&out);
    return is_done ? 1 : 0;
}

static const luaL_Reg functions[] = {
    {"json_text", json_text},
    {NULL, NULL},
};

void pl_bind_json(lua_State *L) { luaL_register(L, NULL, functions); }
