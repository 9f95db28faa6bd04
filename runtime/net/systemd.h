/*
 * systemd.h -- what systemd hands to a service, and what it wants to hear.
 *
 * Both are conventions of the environment, sd_listen_fds(3) and sd_notify(3), which need no library:
 * sockets that listen already begin at descriptor 3, and news are datagrams to the socket that
 * NOTIFY_SOCKET names. In a process that systemd did not start nothing is taken and nobody told.
 */
#pragma once

#include "base/timer.h"

#include <sys/socket.h>
#include <sys/un.h>

struct pl_systemd {
    int socket_count; /* sockets handed over */
    int notify;       /* what news are sent through; -1: nobody listens */
    struct sockaddr_un notify_address;
    socklen_t notify_len;
    uint64_t watchdog_ms; /* between two signs of life; 0: nobody waits for them */
    struct pl_timers *timers;
    struct pl_timer watchdog;
};

/* Reads the variables and takes them out of the environment: a program that is started from here
 * shall not think that they are meant for it. */
void pl_systemd_open(struct pl_systemd *systemd, struct pl_timers *timers);
void pl_systemd_close(struct pl_systemd *systemd);

/* The socket to serve at, for the caller to keep. -ENOENT: none was handed over; -E2BIG: several. */
int pl_systemd_take_socket(struct pl_systemd *systemd);

/* Clients are answered from now on, at `where`. From the first time on a watchdog hears of us, until
 * the loop hangs. */
void pl_systemd_tell_ready(struct pl_systemd *systemd, const char *where);
void pl_systemd_tell_reloading(struct pl_systemd *systemd);
void pl_systemd_tell_stopping(struct pl_systemd *systemd);
