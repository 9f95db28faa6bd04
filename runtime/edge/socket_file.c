#include "edge/socket_http.h"

#include <unistd.h>

#define FILE_PIECE_BYTES (64 * 1024)

void pl_socket_send_file(struct pl_socket *socket) {
    struct pl_http_side *http = socket->http;
    while (http->file_left > 0 && pl_socket_can_take_more(socket) &&
           !socket->stream.is_closing) {
        size_t want =
            http->file_left < FILE_PIECE_BYTES ? (size_t)http->file_left : FILE_PIECE_BYTES;
        char *room = pl_stream_reserve(&socket->stream, want);
        ssize_t got = pread(http->file, room, want, (off_t)http->file_at);
        if (got <= 0) { /* shorter than it was when the head went out */
            pl_socket_drop(socket);
            return;
        }
        http->file_at += (uint64_t)got;
        http->file_left -= (uint64_t)got;
        pl_stream_commit(&socket->stream, (size_t)got);
    }
    if (http->file_left > 0) {
        pl_socket_wait_for_reader(socket);
        return;
    }
    close(http->file);
    http->file = -1;
    pl_socket_end_answer(socket);
}

void pl_socket_respond_file(void *owner, const struct pl_response *head,
                            struct pl_file_part part) {
    struct pl_socket *socket = owner;
    if (!pl_socket_can_answer(socket)) {
        close(part.file);
        return;
    }
    struct pl_http_side *http = socket->http;
    http->exchange = NULL;
    pl_socket_add_head(socket, head, PL_HTTP_LENGTH, part.size);
    pl_stream_write(&socket->stream, pl_buffer_slice(&socket->edge->scratch));
    http->file = part.file;
    http->file_at = part.from;
    http->file_left = http->is_head ? 0 : part.size;
    pl_socket_send_file(socket);
}
