#include "cli/edge_options.h"

#include "edge/edge.h"
#include "lua/check.h"

/* Pushes the list options[key], and gives its length; 0 for what is none. */
static int push_list(lua_State *L, int options, const char *key) {
    lua_getfield(L, options, key);
    return lua_istable(L, -1) ? (int)lua_objlen(L, -1) : 0;
}

/* A text of the list on top of the stack, which keeps it alive. */
static struct pl_slice item(lua_State *L, int at) {
    lua_rawgeti(L, -1, at);
    struct pl_slice text = pl_check_slice(L, -1);
    lua_pop(L, 1);
    return text;
}

void pl_read_edge_options(lua_State *L, int options, struct pl_edge *edge) {
    /* Texts that native.is_address_range takes. */
    int count = push_list(L, options, "trusted_proxies");
    for (int i = 1; i <= count; i++) pl_edge_trust(edge, item(L, i));

    count = push_list(L, options, "subprotocols");
    for (int i = 1; i <= count; i++) {
        if (i > 1) pl_buffer_add_byte(&edge->subprotocols, ',');
        pl_buffer_add(&edge->subprotocols, item(L, i));
    }

    /* { name, value, ... } */
    count = push_list(L, options, "cors");
    for (int i = 1; i < count; i += 2) pl_edge_add_cors(edge, item(L, i), item(L, i + 1));
    lua_pop(L, 3);
}
