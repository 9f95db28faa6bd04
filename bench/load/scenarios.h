/* scenarios.h -- what the load generator can do; each prints one report. */
#pragma once

#include "load/options.h"

/* Each connection, in an echo room of its own, keeps `in_flight` messages under way. */
void pl_echo_run(const struct pl_options *options);

/* Rooms of `members`; the first member (or each) keeps `in_flight` messages under way. A
 * message is done, and the next one sent, when every member has it. */
void pl_fanout_run(const struct pl_options *options);

/* `connections` at a time: handshake, a first message and its echo, closing handshake. */
void pl_connect_run(const struct pl_options *options);

/* Memory of `connections` in `rooms`, before and after each has echoed a message. */
void pl_idle_run(const struct pl_options *options);

/* `connections` keep-alive connections, each with one GET of a room under way. */
void pl_http_run(const struct pl_options *options);

/* Starts the server itself and takes the time from there to its first HTTP answer. */
void pl_first_run(const struct pl_options *options);

/* Prints what the server has used so far. */
void pl_usage_run(const struct pl_options *options);
