#include "net/local.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

/* An address has room for 107 bytes: the folder is named by a descriptor of it. */
int pl_local_address(const char *folder, const char *name, struct sockaddr_un *out) {
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    int place = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (place < 0) return -errno;
    int len = snprintf(out->sun_path, sizeof out->sun_path, "/proc/self/fd/%d/%s", place, name);
    if (len > 0 && (size_t)len < sizeof out->sun_path) return place;
    close(place);
    return -ENAMETOOLONG;
}
