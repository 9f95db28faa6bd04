/* Signatures of JSON Web Signatures (proto/jws.h). */
#include "lua/bind.h"
#include "lua/check.h"
#include "proto/jws.h"

#include <lauxlib.h>

static const char *const names[] = {
    [PL_JWS_HS256] = "HS256",
    [PL_JWS_RS256] = "RS256",
    [PL_JWS_ES256] = "ES256",
    [PL_JWS_EDDSA] = "EdDSA",
};

/* The key in the arguments 1 and 2: "secret", "public" or "private", and its bytes. */
static struct pl_jws_key check_key(lua_State *L) {
    static const char *const kinds[] = {[PL_JWS_SECRET] = "secret",
                                        [PL_JWS_PUBLIC] = "public",
                                        [PL_JWS_PRIVATE] = "private",
                                        [PL_JWS_PRIVATE + 1] = NULL};
    struct pl_jws_key key = {.kind = luaL_checkoption(L, 1, NULL, kinds)};
    key.bytes = pl_check_slice(L, 2);
    return key;
}

/* native.jws_algorithm(kind, key) --> "HS256" | "RS256" | "ES256" | "EdDSA" | nil, message */
static int jws_algorithm(lua_State *L) {
    struct pl_jws_key key = check_key(L);
    const char *why = NULL;
    enum pl_jws_algorithm algorithm = pl_jws_algorithm_of(&key, &why);
    if (algorithm != PL_JWS_NONE) {
        lua_pushstring(L, names[algorithm]);
        return 1;
    }
    lua_pushnil(L);
    lua_pushstring(L, why);
    return 2;
}

/* native.jws_sign(kind, key, input) --> signature | nil: this key signs nothing */
static int jws_sign(lua_State *L) {
    struct pl_jws_key key = check_key(L);
    struct pl_slice input = pl_check_slice(L, 3);
    struct pl_buffer signature = {0};
    bool is_made = pl_jws_sign(&key, input, &signature);
    if (is_made) pl_push_slice(L, pl_buffer_slice(&signature));
    pl_buffer_finish(&signature);
    return is_made ? 1 : 0;
}

/* native.jws_verify(kind, key, input, signature) --> boolean */
static int jws_verify(lua_State *L) {
    struct pl_jws_key key = check_key(L);
    struct pl_slice input = pl_check_slice(L, 3);
    lua_pushboolean(L, pl_jws_verify(&key, input, pl_check_slice(L, 4)));
    return 1;
}

static const luaL_Reg functions[] = {{"jws_algorithm", jws_algorithm},
                                     {"jws_sign", jws_sign},
                                     {"jws_verify", jws_verify},
                                     {NULL, NULL}};

void pl_bind_jws(lua_State *L) { luaL_register(L, NULL, functions); }
