/*
 * alarm.h -- wakes rooms whose alarms are due (PartyKit: alarms).
 *
 * The store keeps alarms in the order they are due; one timer waits for the first. A due alarm
 * stays stored until its handler has succeeded, so it runs at least once whatever happens. Only
 * so many run at a time: of a million that are due, memory sees the next ones.
 */
#pragma once

#include "base/timer.h"
#include "store/store.h"

struct pl_room;
struct pl_server;

struct pl_alarms {
    struct pl_timer timer;
    int64_t next_ms; /* wall time of the first that is not under way; INT64_MAX: none */
    struct pl_alarm_row last; /* the last one looked at: rows up to it are under way */
    size_t running;           /* rooms whose alarm was delivered and whose end is not durable */
    bool is_full;             /* others are due and wait for those to end */
    bool is_started;
};

/* Starts to look for due alarms. */
void pl_alarms_start(struct pl_server *server);

/* Wakes no room any more. */
void pl_alarms_stop(struct pl_server *server);

/* Looks at all alarms again: there may be parties now that there were not. */
void pl_alarms_look(struct pl_server *server);

/* An alarm has been stored. */
void pl_alarms_note(struct pl_server *server, const struct pl_stored_alarm *alarm);

/* What a room knows of the alarm that is being run. */
struct pl_alarm_run {
    bool is_queued;      /* the event waits, or the handler runs */
    bool is_running;     /* the handler runs */
    bool is_changed;     /* room code has set or deleted the alarm meanwhile */
    bool is_settling;    /* the handler has ended, and what it wrote is not durable */
    uint64_t settle_seq; /* the batch that makes it so */
    struct pl_stored_alarm alarm;
};

/* For the room: its turn has come. Runs the handler, or not when there is nothing to run. */
void pl_alarm_run(struct pl_room *room);

/* The handler has ended: the alarm is deleted, or tried again later (PartyKit: 2 s, doubling,
 * with up to a quarter more by chance, six times). */
void pl_alarm_done(struct pl_room *room, bool is_ok);

/* A batch of the room is durable: a handler that has ended makes room for others when all it
 * wrote is, so that a slow disk does not fill memory with rooms that wait for it. */
void pl_alarm_on_durable(struct pl_room *room);

/* The room could not start: as if the handler had failed. */
void pl_alarm_fail(struct pl_room *room);

/* The room is reset: its alarm runs again, after a moment. */
void pl_alarm_abort(struct pl_room *room);

/* setAlarm, getAlarm, deleteAlarm of room code; 0 is no alarm. */
void pl_alarm_set(struct pl_room *room, int64_t due_ms, bool is_silent);
int64_t pl_alarm_get(const struct pl_room *room);
