/*
 * app.h -- an app, loaded into a Lua state of its own.
 *
 * A reload loads the app anew, into another state, while the old one serves. When that has worked
 * the new one takes over, and the old one stays until its last room has moved (party/renewal.h)
 * and its last hook outside rooms has ended, or until it has had time enough for that.
 */
#pragma once

#include "lua/engine.h"
#include "lua/host.h"

struct pl_house;

struct pl_app {
    struct pl_list in_house;
    struct pl_engine engine;
    struct pl_host host;
    struct pl_timer limit; /* of the time it has to leave */
    bool is_leaving;
};

/* Loads what `bytes` describe (lualib/partylua/app.lua). Pushes a report for the caller on `L`; or
 * gives NULL, and pushes nil, a message, perhaps a hint, and what was looked at until then. */
struct pl_app *pl_app_load(struct pl_house *house, struct pl_slice bytes, lua_State *L);

/* The same with the bytes in the field `app` of the table at 1. */
struct pl_app *pl_app_load_option(struct pl_house *house, lua_State *L);

/* Forgets one that has not begun. */
void pl_app_discard(struct pl_app *app);

/* It serves from now on: its parties are the server's. */
void pl_app_begin(struct pl_app *app, struct pl_house *house);

/* Pushes on `L` what code of the library has counted in its state (lualib/partylua/metrics.lua), as
 * Prometheus reads it; nil when that is nothing. */
void pl_app_push_metrics(const struct pl_app *app, lua_State *L);

/* Another one serves now: it has so long to end what it does. */
void pl_app_leave(struct pl_app *app, uint64_t within_ms);

/* Whether another one serves and nothing is left of this one to wait for. */
bool pl_app_has_left(const struct pl_app *app);

/* Forgets it, with its state. No room has code of it. */
void pl_app_destroy(struct pl_app *app);
