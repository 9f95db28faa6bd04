#include "cli/depot.h"

#include "base/log.h"
#include "cli/drain.h"
#include "cli/house.h"
#include "lua/options.h"
#include "party/storage.h"

static void submit(void *commits, struct pl_list *batches) {
    pl_commits_submit(commits, batches);
}

static const struct pl_commit_calls commit_calls = {.submit = submit};

void pl_depot_serve(struct pl_house *house) {
    house->server.store = house->store;
    house->server.commit_calls = &commit_calls;
    house->server.commits = house->commits;
}

/* Every room would answer 503 from now on. */
void pl_depot_on_broken(void *owner) {
    struct pl_house *house = owner;
    if (house->is_broken) return;
    pl_log(PL_LOG_ERROR, "storage", "the store is broken, stopping");
    house->is_broken = true;
    if (!house->is_draining) pl_house_drain(house);
}

#define TURNS_REMEMBERED 256 /* since an event that has written nothing */

/* Whether anything of late has written nothing, and so must not wait for whole groups. Where all
 * events write, nobody has to pay for more turns than there are groups. */
static bool has_bystanders(struct pl_house *house) {
    struct pl_bystanders *them = &house->bystanders;
    uint64_t count = house->server.event_count - house->server.batch_count;
    if (count != them->event_count) them->turns = TURNS_REMEMBERED;
    else if (them->turns > 0) them->turns--;
    them->event_count = count;
    return them->turns > 0;
}

static void take_back(struct pl_house *house, size_t count) {
    struct pl_list done;
    pl_commits_take_some(house->commits, count, &done);
    pl_storages_take_back(&house->server, &done);
    if (pl_commits_is_broken(house->commits)) pl_depot_on_broken(house);
}

/* While there are bystanders, one batch of a group comes back in a turn: what it lets go is sent, and
 * what has arrived meanwhile is read, before the next one does. */
static void on_committed(void *owner) {
    take_back(owner, has_bystanders(owner) ? 1 : SIZE_MAX);
}

void pl_depot_close(struct pl_house *house) {
    pl_watch_close(&house->committed);
    pl_commits_stop(house->commits);
    pl_store_close(house->store);
    house->commits = NULL;
    house->store = NULL;
}

/* What rooms have stored, in its folder; and the thread that writes it. */
int pl_depot_open(lua_State *L, struct pl_house *house) {
    struct pl_buffer why = {0};
    struct pl_store_options options = {.map_bytes =
                                           (uint64_t)pl_get_number(L, 1, "map_bytes", 0),
                                       .is_volatile = pl_get_flag(L, 1, "is_volatile"),
                                       .is_served = true};
    lua_getfield(L, 1, "data");
    int rc = pl_store_open(luaL_checkstring(L, -1), &options, &house->store, &why);
    if (rc == 0) rc = pl_commits_start(house->store, &house->commits);
    if (rc == 0) {
        rc = pl_watch_open(&house->committed, &house->loop, pl_commits_fd(house->commits),
                           on_committed, house);
    }
    if (rc == 0) return 0;
    int count = pl_push_error(L, rc);
    if (why.len > 0) {
        pl_push_slice(L, pl_buffer_slice(&why));
        lua_replace(L, -count);
    }
    pl_buffer_finish(&why);
    pl_depot_close(house);
    lua_pushliteral(L, "data");
    return count + 1;
}

/* What hooks have written and nobody could be told of is still worth keeping. */
void pl_depot_settle(struct pl_house *house) {
    pl_storages_submit(&house->server);
    pl_commits_settle(house->commits);
    take_back(house, SIZE_MAX);
}
