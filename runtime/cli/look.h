/*
 * look.h -- what a serving process notices of itself: its log, how late its loop is.
 */
#pragma once

#include "base/histogram.h"
#include "base/recent.h"
#include "base/timer.h"
#include "lua/bind.h"

struct pl_house;

struct pl_look {
    struct pl_timer beat;    /* once a second: whether the loop is late */
    struct pl_timer flush;   /* while lines of the log are kept */
    struct pl_recent faults; /* lines of the log, warnings and errors, as JSON */
    struct pl_histogram loop_lag;
    int64_t started_wall_ms;
};

/* Begins, once the server of the house is there; and ends. */
void pl_look_start(struct pl_house *house);
void pl_look_stop(struct pl_house *house);

/* Adds native.recent_faults and native.metrics to the table on top of the stack. */
void pl_bind_look(lua_State *L, struct pl_house *house);
