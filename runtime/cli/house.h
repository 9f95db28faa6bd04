/*
 * house.h -- the parts of a serving process, put together and run.
 *
 * The only place that knows every floor. What it consists of is here, and what it does in a turn of
 * the loop and at a signal; serve.h builds it and takes it down, drain.h brings it to its end.
 */
#pragma once

#include "cli/app.h"
#include "cli/look.h"
#include "edge/edge.h"
#include "lua/vector_call.h"
#include "net/keys.h"
#include "net/loop.h"
#include "net/systemd.h"
#include "net/watch.h"
#include "party/server.h"
#include "store/commit.h"

struct pl_lab;

/* Whoever has not written of late (depot.c). */
struct pl_bystanders {
    uint64_t event_count; /* what they have done so far */
    unsigned turns;       /* for which they are expected to come back */
};

struct pl_house {
    struct pl_loop loop;
    struct pl_engine engine; /* of the command that runs, and of what it does while it serves */
    struct pl_host own;      /* the same: it has no rooms */
    struct pl_server server;
    struct pl_edge edge;
    struct pl_edge local, admin; /* the admin socket, and the admin address */
    struct pl_app *app;          /* the one that serves; NULL: none has been loaded yet */
    struct pl_list apps;         /* of pl_app.in_house: that, and those that are not done yet */
    struct pl_vector_desk vectors;
    struct pl_store *store;
    struct pl_commits *commits;
    struct pl_watch committed;
    struct pl_bystanders bystanders;
    struct pl_timer drain_limit;
    struct pl_look look;
    uint64_t drain_timeout_ms;
    void *reload_waiters; /* tasks that wait for the end of a reload */
    struct pl_buffer
        reload_fault;   /* of the last one: message, NUL, hint; empty: it went well */
    struct pl_lab *lab; /* of specs: with the command's engine */
    struct pl_keys keys;
    struct pl_systemd systemd;
    int on_key;                  /* the same as what follows; 0: keys are not read */
    int on_reload, on_drain;     /* functions of the command, in its registry */
    char host[PL_IP_TEXT_BYTES]; /* where it listens: a numeric address */
    char authority[80];          /* the same, with the port */
    bool is_serving, is_draining, is_broken, is_ending;
    bool has_terminal;
    uint16_t admin_port; /* 0: there is no admin address */
};

void pl_house_init(struct pl_house *house);
void pl_house_finish(struct pl_house *house);

/* Reads the configuration and the app anew, as SIGHUP does: runs the command's `on_reload`. What
 * comes of it is logged; lualib/partylua/reload.lua is for those who want to know. */
void pl_house_reload(struct pl_house *house);

/* From here on it does its work in each turn of the loop, and hears signals. */
void pl_house_watch(struct pl_house *house);

/* Calls a function of the command, in its registry, as a task of its state. */
void pl_house_run_own(struct pl_house *house, const char *name, int function);

/* Adds native.serve, native.run, native.stop and the like to the table on top of the stack. */
void pl_bind_house(lua_State *L, struct pl_house *house);
