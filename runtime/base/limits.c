#include "base/limits.h"

struct pl_limits pl_limits_default(void) {
    return (struct pl_limits){
        .message_bytes = 1024 * 1024,
        .queued_bytes = 16 * 1024 * 1024,
        .head_bytes = 32 * 1024,
        .header_count = 100,
        .url_bytes = 16 * 1024,
        .body_bytes = 16 * 1024 * 1024,
        .header_timeout_ms = 15 * 1000,
        .body_timeout_ms = 30 * 1000,
        .idle_timeout_ms = 65 * 1000,
        .ping_interval_ms = 30 * 1000,
        .close_timeout_ms = 10 * 1000,
        .room_idle_ms = 30 * 1000,
        .hibernate_idle_ms = 10 * 1000,
        .block_timeout_ms = 30 * 1000,
        .connections = 0,
        .connections_per_address = 0,
        .room_events = 1024,
        .room_event_bytes = 16 * 1024 * 1024,
        .room_tasks = 1024,
        .fetch_active = 256,
        .fetch_room_active = 64,
        .fetch_waiting = 4096,
        .fetch_timeout_ms = 5 * 60 * 1000,
        .fetch_connect_timeout_ms = 10 * 1000,
        .vectorize_memory_bytes = 1024 * 1024 * 1024,
        .vectorize_vectors = 5000000,
    };
}
