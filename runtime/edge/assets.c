#include "edge/assets.h"

#include "base/buffer.h"
#include "base/url.h"
#include "edge/mime.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#define NAME_BYTES_MAX 255

static bool is_allowed(struct pl_slice name) {
    return name.len > 0 && name.len <= NAME_BYTES_MAX && name.at[0] != '.' &&
           memchr(name.at, '\0', name.len) == NULL &&
           !pl_slice_equal(name, PL_SLICE("node_modules"));
}

/* What names a file that is not there, or not for us, is one thing; a machine without descriptors
 * or memory says nothing about the file. */
static int open_error(int error) {
    switch (error) {
    case EMFILE:
    case ENFILE:
    case ENOMEM:
    case EIO: return -error;
    default: return -ENOENT;
    }
}

/* Opens `name` in the folder `in`, which it closes. A descriptor or a negative errno. */
static int step(int in, struct pl_slice name, bool is_last, bool follows_links) {
    char text[NAME_BYTES_MAX + 1];
    memcpy(text, name.at, name.len);
    text[name.len] = '\0';
    int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    if (!follows_links) flags |= O_NOFOLLOW;
    if (!is_last) flags |= O_DIRECTORY;
    int file = openat(in, text, flags);
    if (file < 0) file = open_error(errno);
    close(in);
    return file;
}

static int open_path(const char *folder, struct pl_slice path, bool follows_links) {
    struct pl_slice name;
    int at = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (at < 0) return open_error(errno);
    while (at >= 0 && pl_path_next(&path, &name)) {
        if (!is_allowed(name)) {
            close(at);
            return -ENOENT;
        }
        at = step(at, name, path.len == 0, follows_links);
    }
    return at;
}

static int open_file(const char *folder, struct pl_slice path, bool follows_links,
                     struct pl_asset *out) {
    out->file = open_path(folder, path, follows_links);
    if (out->file < 0) return out->file;
    if (fstat(out->file, &out->about) == 0 && S_ISREG(out->about.st_mode)) return 0;
    close(out->file);
    return -ENOENT;
}

int pl_asset_open(const char *folder, struct pl_slice url_path, struct pl_slice suffix,
                  bool follows_links, struct pl_asset *out) {
    struct pl_buffer path = {0};
    int rc = -ENOENT;
    if (pl_url_add_decoded(&path, url_path) && path.len > 0 && path.at[0] == '/') {
        if (path.at[path.len - 1] == '/') pl_buffer_add(&path, PL_SLICE("index.html"));
        out->content_type = pl_mime_type(pl_buffer_slice(&path));
        pl_buffer_add(&path, suffix);
        rc = open_file(folder, pl_buffer_slice(&path), follows_links, out);
    }
    pl_buffer_finish(&path);
    return rc;
}
