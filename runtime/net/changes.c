#include "net/changes.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

struct pl_changes {
    uv_fs_event_t event;
    struct pl_loop *loop;
    void (*on_change)(void *owner, const char *name);
    void *owner;
};

static void on_event(uv_fs_event_t *event, const char *name, int events, int status) {
    struct pl_changes *changes = event->data;
    (void)events;
    changes->loop->clock.now_ms = uv_now(&changes->loop->uv);
    changes->on_change(changes->owner, status == 0 && name != NULL ? name : "");
}

static void on_closed(uv_handle_t *handle) { free(handle->data); }

/* inotify would watch a file as well, and lose it when it is replaced. */
static int check_folder(const char *folder) {
    struct stat about;
    if (stat(folder, &about) != 0) return -errno;
    return S_ISDIR(about.st_mode) ? 0 : -ENOTDIR;
}

int pl_changes_open(struct pl_loop *loop, const char *folder,
                    void (*on_change)(void *owner, const char *name), void *owner,
                    struct pl_changes **out) {
    int rc = check_folder(folder);
    if (rc != 0) return rc;
    struct pl_changes *changes = pl_alloc_zero(sizeof *changes);
    changes->loop = loop;
    changes->on_change = on_change;
    changes->owner = owner;
    rc = uv_fs_event_init(&loop->uv, &changes->event);
    if (rc != 0) {
        free(changes);
        return rc;
    }
    changes->event.data = changes;
    uv_unref((uv_handle_t *)&changes->event);
    rc = uv_fs_event_start(&changes->event, on_event, folder, 0);
    if (rc != 0) {
        pl_changes_close(changes);
        return rc;
    }
    *out = changes;
    return 0;
}

void pl_changes_close(struct pl_changes *changes) {
    uv_close((uv_handle_t *)&changes->event, on_closed);
}
