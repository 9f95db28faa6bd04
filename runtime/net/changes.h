/*
 * changes.h -- tells what changes in a folder, by the names of what is in it.
 *
 * A folder is watched rather than a file: editors that save by renaming put another file in the
 * place of the one that was there. Folders below it are not watched.
 */
#pragma once

#include "net/loop.h"

struct pl_changes;

/* `on_change` hears the name of what has changed in `folder`, empty when it cannot be told; once
 * or several times for one change. -ENOENT, -ENOTDIR, -ENOSPC (too many watched already) and the
 * like. Watching does not keep the loop running. */
int pl_changes_open(struct pl_loop *loop, const char *folder,
                    void (*on_change)(void *owner, const char *name), void *owner,
                    struct pl_changes **out);

/* Nothing is heard from here on; the loop frees it. */
void pl_changes_close(struct pl_changes *changes);
