/* Indexes of vectors: the handle of a call (lua/vector_call.h). */
#include "lua/bind.h"
#include "lua/check.h"
#include "lua/engine.h"
#include "lua/handle.h"
#include "lua/host.h"
#include "lua/opened.h"
#include "lua/vector_call.h"
#include "party/server.h"
#include "vector/job.h"

#include <errno.h>

static const struct pl_handle_type type;

static const char *const metrics[] = {"cosine", "euclidean", "dot-product", NULL};

static struct pl_vector_call *check_call(lua_State *L, int arg) {
    return pl_handle_check(L, arg, &type);
}

/* ---- what is asked -------------------------------------------------------------------------- */

/* A text of the table at `index`, or one without bytes; valid while the table has it. */
static struct pl_slice get_text(lua_State *L, int index, const char *key) {
    struct pl_slice text = {0};
    lua_getfield(L, index, key);
    if (lua_type(L, -1) == LUA_TSTRING) text.at = lua_tolstring(L, -1, &text.len);
    lua_pop(L, 1);
    return text;
}

static bool get_flag(lua_State *L, int index, const char *key) {
    lua_getfield(L, index, key);
    bool flag = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return flag;
}

/* Raises for texts that have no place in an index, before anything is acquired. */
static struct pl_slice check_text(lua_State *L, const char *key, size_t bytes_max) {
    struct pl_slice text = get_text(L, 3, key);
    luaL_argcheck(L, text.len <= bytes_max, 3, "a text is too long");
    luaL_argcheck(L, text.len == 0 || memchr(text.at, '\0', text.len) == NULL, 3,
                  "a text has a NUL");
    return text;
}

static void copy_text(char *to, struct pl_slice text) {
    if (text.len > 0) memcpy(to, text.at, text.len);
}

/* The shape of the index, where the caller counts on one, or makes it. */
static void read_shape(lua_State *L, struct pl_vector_index *out) {
    double dimensions = pl_get_number(L, 3, "dimensions", 0);
    luaL_argcheck(L, dimensions >= 0 && dimensions <= PL_VECTOR_DIMENSIONS_MAX, 3,
                  "there may not be so many dimensions");
    out->dimensions = (uint32_t)dimensions;
    lua_getfield(L, 3, "metric");
    out->metric = (enum pl_metric)luaL_checkoption(L, -1, "cosine", metrics);
    lua_pop(L, 1);
    copy_text(out->preset, check_text(L, "preset", PL_VECTOR_NAME_BYTES_MAX));
    copy_text(out->about, check_text(L, "description", PL_VECTOR_ABOUT_BYTES_MAX));
}

/* A list of texts, of which false stands for one that is not there; the first `names` of `each` are
 * names. Gives its length. */
static int check_texts(lua_State *L, const char *key, int each, int names) {
    lua_getfield(L, 3, key);
    int count = lua_istable(L, -1) ? (int)lua_objlen(L, -1) : 0;
    luaL_argcheck(L, count % each == 0, 3, "a list is not complete");
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, -1, i);
        bool is_text = lua_type(L, -1) == LUA_TSTRING;
        luaL_argcheck(L, is_text || !lua_toboolean(L, -1), 3, "texts expected");
        bool is_name = (i - 1) % each < names;
        luaL_argcheck(L, !is_name || !is_text || lua_objlen(L, -1) <= PL_VECTOR_NAME_BYTES_MAX,
                      3, "a name is too long");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
    return count;
}

static struct pl_slice text_in(lua_State *L, int list, int i) {
    struct pl_slice text = {0};
    lua_rawgeti(L, list, i);
    if (lua_type(L, -1) == LUA_TSTRING) text.at = lua_tolstring(L, -1, &text.len);
    lua_pop(L, 1);
    return text;
}

#define VECTOR_PARTS 5

static void add_vectors(lua_State *L, struct pl_job *job, int count) {
    lua_getfield(L, 3, "vectors");
    int list = lua_gettop(L);
    for (int i = 1; i < count; i += VECTOR_PARTS) {
        struct pl_vector vector = {.id = text_in(L, list, i),
                                   .space = text_in(L, list, i + 1),
                                   .values = text_in(L, list, i + 2),
                                   .metadata = text_in(L, list, i + 3),
                                   .fields = text_in(L, list, i + 4)};
        pl_job_add(job, &vector);
    }
    lua_pop(L, 1);
}

static void add_ids(lua_State *L, struct pl_job *job, int count) {
    lua_getfield(L, 3, "ids");
    for (int i = 1; i <= count; i++) {
        struct pl_vector vector = {.id = text_in(L, -1, i)};
        pl_job_add(job, &vector);
    }
    lua_pop(L, 1);
}

static void add_query(lua_State *L, struct pl_job *job) {
    struct pl_vector asked = {.id = get_text(L, 3, "id"),
                              .space = get_text(L, 3, "space"),
                              .values = get_text(L, 3, "values")};
    job->is_by_id = asked.id.at != NULL;
    job->is_spaced = asked.space.at != NULL;
    job->count = (size_t)pl_get_number(L, 3, "count", 0);
    job->wants_values = get_flag(L, 3, "wants_values");
    job->wants_metadata = get_flag(L, 3, "wants_metadata");
    pl_buffer_add(&job->filter, get_text(L, 3, "filter"));
    pl_job_add(job, &asked);
}

/* native.vector_call(act, index, asked) --> call: started with call:start(), or run by
 * store:run(call). `asked` has, as the act needs it: dimensions, metric, preset, description,
 * makes_index; vectors, a flat list of id, namespace, values, metadata, fields; ids; id or values,
 * space, count, filter, wants_values, wants_metadata */
static int create_call(lua_State *L) {
    static const char *const acts[] = {"create", "drop",   "list", "describe", "insert",
                                       "upsert", "delete", "get",  "query",    NULL};
    enum pl_act act = (enum pl_act)luaL_checkoption(L, 1, NULL, acts);
    struct pl_slice name = pl_check_slice(L, 2);
    struct pl_vector_index shape = {0};
    luaL_checktype(L, 3, LUA_TTABLE);
    luaL_argcheck(L, name.len <= PL_VECTOR_NAME_BYTES_MAX, 2, "the name is too long");
    luaL_argcheck(L, get_text(L, 3, "space").len <= PL_VECTOR_NAME_BYTES_MAX, 3,
                  "the namespace is too long");
    read_shape(L, &shape);
    int vectors = check_texts(L, "vectors", VECTOR_PARTS, 2);
    int ids = check_texts(L, "ids", 1, 1);

    struct pl_job *job = pl_job_create(act, name);
    copy_text(shape.name, name);
    job->index = shape;
    job->has_shape = shape.dimensions > 0;
    job->makes_index = get_flag(L, 3, "makes_index");
    add_vectors(L, job, vectors);
    add_ids(L, job, ids);
    if (act == PL_ACT_QUERY) add_query(L, job);
    pl_handle_push(L, &type, pl_vector_call_create(job), NULL);
    return 1;
}

/* ---- running -------------------------------------------------------------------------------- */

/* call:start(what): on its way, as soon as what the room has stored before is durable; raises
 * where nobody can wait for it */
static int call_start(lua_State *L) {
    struct pl_vector_call *call = check_call(L, 1);
    struct pl_task *task = pl_task_check(L, luaL_checkstring(L, 2));
    struct pl_host *host = task->engine->owner;
    if (host == NULL || host->vectors == NULL) {
        return luaL_error(L, "there is no server in this process");
    }
    pl_vector_call_start(call, host->vectors, task->room);
    return 0;
}

/* call:wait(what): until it may be done */
static int call_wait(lua_State *L) {
    struct pl_vector_call *call = check_call(L, 1);
    return pl_task_wait_in(pl_task_check(L, luaL_checkstring(L, 2)), &call->waiter);
}

/* call:is_done() --> boolean */
static int call_is_done(lua_State *L) {
    lua_pushboolean(L, check_call(L, 1)->is_done);
    return 1;
}

/* store:run(call): runs it here and now */
int pl_opened_run(lua_State *L) {
    struct pl_opened *opened = pl_check_opened(L);
    struct pl_vector_call *call = check_call(L, 2);
    if (call->is_started) return luaL_error(L, "the call was started already");
    struct pl_indexes_options options = {0};
    pl_opened_end_walks(opened);
    if (opened->indexes == NULL) {
        opened->indexes = pl_indexes_create(opened->store, &options);
    }
    call->is_started = true;
    pl_indexes_run_one(opened->indexes, call->job);
    call->is_done = true;
    return 0;
}

/* ---- what has come of it -------------------------------------------------------------------- */

static void set_text(lua_State *L, const char *key, struct pl_slice text) {
    if (text.at == NULL) return;
    pl_push_slice(L, text);
    lua_setfield(L, -2, key);
}

static void push_values(lua_State *L, struct pl_slice values) {
    int count = (int)(values.len / 4);
    lua_createtable(L, count, 0);
    for (int i = 0; i < count; i++) {
        float value;
        memcpy(&value, values.at + (size_t)i * 4, sizeof value);
        lua_pushnumber(L, value);
        lua_rawseti(L, -2, i + 1);
    }
}

static void push_found(lua_State *L, const struct pl_item *item, bool has_score) {
    lua_createtable(L, 0, 5);
    set_text(L, "id", item->vector.id);
    if (item->vector.space.len > 0) set_text(L, "namespace", item->vector.space);
    if (item->vector.metadata.len > 0) set_text(L, "metadata", item->vector.metadata);
    if (has_score) pl_set_number(L, "score", item->score);
    if (item->vector.values.at == NULL) return;
    push_values(L, item->vector.values);
    lua_setfield(L, -2, "values");
}

static void push_index(lua_State *L, const struct pl_vector_index *index) {
    lua_createtable(L, 0, 9);
    set_text(L, "name", pl_slice_of(index->name));
    if (index->preset[0] != '\0') set_text(L, "preset", pl_slice_of(index->preset));
    if (index->about[0] != '\0') set_text(L, "description", pl_slice_of(index->about));
    set_text(L, "metric", pl_slice_of(metrics[index->metric]));
    pl_set_number(L, "number", (double)index->number);
    pl_set_number(L, "dimensions", index->dimensions);
    pl_set_number(L, "count", (double)index->count);
    pl_set_number(L, "changes", (double)index->changes);
    pl_set_number(L, "created", (double)index->created_ms);
    pl_set_number(L, "changed", (double)index->changed_ms);
}

/* Those of what is asked that were inserted, replaced or deleted, by their places. */
static void push_done(lua_State *L, const struct pl_job *job) {
    int place = 0, count = 0;
    lua_newtable(L);
    PL_LIST_EACH(at, &job->items) {
        place++;
        if (!pl_container_of(at, struct pl_item, in_job)->is_done) continue;
        lua_pushinteger(L, place);
        lua_rawseti(L, -2, ++count);
    }
}

static void push_all_found(lua_State *L, const struct pl_job *job) {
    int count = 0;
    lua_newtable(L);
    PL_LIST_EACH(at, &job->found) {
        const struct pl_item *item = pl_container_of(at, struct pl_item, in_job);
        if (job->act == PL_ACT_LIST) {
            struct pl_vector_index index;
            pl_job_read_index(item, &index);
            push_index(L, &index);
        } else {
            push_found(L, item, job->act == PL_ACT_QUERY);
        }
        lua_rawseti(L, -2, ++count);
    }
}

/* call:result() --> index, found, done | nil, message, errno name: the index as it is after it;
 * what was found; and which of what was asked was done, by their places */
static int call_result(lua_State *L) {
    struct pl_vector_call *call = check_call(L, 1);
    if (!call->is_done) return luaL_error(L, "the call has not ended");
    const struct pl_job *job = call->job;
    if (job->result != 0) {
        int count = pl_push_error(L, job->result);
        if (job->why.len == 0) return count;
        pl_push_slice(L, pl_buffer_slice(&job->why));
        lua_replace(L, -count);
        return count;
    }
    push_index(L, &job->index);
    push_all_found(L, job);
    push_done(L, job);
    return 3;
}

static const luaL_Reg methods[] = {
    {"start", call_start},   {"wait", call_wait}, {"is_done", call_is_done},
    {"result", call_result}, {NULL, NULL},
};

static const struct pl_handle_type type = {.name = "partylua.VectorCall",
                                           .place = PL_SHELF_VECTOR_CALL,
                                           .methods = methods,
                                           .ref = pl_vector_call_ref,
                                           .unref = pl_vector_call_unref};

static const luaL_Reg functions[] = {{"vector_call", create_call}, {NULL, NULL}};

void pl_bind_vector(lua_State *L) {
    luaL_register(L, NULL, functions);
    pl_handle_register(L, &type);
    lua_pop(L, 1);
}

void pl_host_open_vectors(struct pl_host *host, struct pl_loop *loop,
                          struct pl_vector_desk *desk) {
    const struct pl_limits *limits = &host->server->limits;
    struct pl_indexes_options options = {.table_bytes = limits->vectorize_memory_bytes,
                                         .vectors_max = limits->vectorize_vectors};
    pl_vector_desk_open(desk, host->server->store, loop, &options);
    host->vectors = desk;
}

void pl_host_close_vectors(struct pl_host *host) {
    pl_vector_desk_close(host->vectors);
    host->vectors = NULL;
}
