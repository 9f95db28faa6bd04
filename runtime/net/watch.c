#include "net/watch.h"

static void on_poll(uv_poll_t *poll, int status, int events) {
    struct pl_watch *watch = poll->data;
    (void)events;
    if (status < 0) return;
    watch->loop->clock.now_ms = uv_now(&watch->loop->uv);
    watch->on_readable(watch->owner);
}

int pl_watch_open(struct pl_watch *watch, struct pl_loop *loop, int fd,
                  void (*on_readable)(void *owner), void *owner) {
    *watch = (struct pl_watch){.loop = loop, .on_readable = on_readable, .owner = owner};
    int rc = uv_poll_init(&loop->uv, &watch->poll, fd);
    if (rc != 0) return rc;
    watch->poll.data = watch;
    watch->is_open = true;
    uv_unref((uv_handle_t *)&watch->poll);
    return uv_poll_start(&watch->poll, UV_READABLE, on_poll);
}

void pl_watch_close(struct pl_watch *watch) {
    if (!watch->is_open) return;
    watch->is_open = false;
    uv_close((uv_handle_t *)&watch->poll, NULL);
}
