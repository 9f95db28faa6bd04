/*
 * local.h -- addresses of Unix sockets, however long the path of their folder.
 */
#pragma once

#include <sys/un.h>

/* The address of the socket `name` in a folder. Gives a descriptor that has to stay open while the
 * address is used, and be closed then; or a negative errno. */
int pl_local_address(const char *folder, const char *name, struct sockaddr_un *out);
