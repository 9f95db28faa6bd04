/* recover: whatever ends the process or the machine, at any write or sync, what was told is there.
 *
 * Every call that reaches the disk is a place to die at: while rooms are written to, and while that
 * is recovered from. */
#include "check.h"
#include "store/checkpoint.h"
#include "store_disk.h"
#include "store_rooms.h"

#include <sys/mman.h>

#define STEPS 13
#define STEPS_PER_CHECKPOINT 5
#define STEPS_PER_INDEX 4

/* Shared with the process that dies. */
struct told {
    int step;  /* the last one that came back */
    int index; /* the last one of vectors that was made, at this step; 0: none */
};

static struct told *share_told(void) {
    void *at = mmap(NULL, sizeof(struct told), PROT_READ | PROT_WRITE,
                    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? NULL : at;
}

/* ---- what runs on the disk ------------------------------------------------------------------ */

static int write_rooms(struct disk *disk, void *with) {
    struct told *told = with;
    struct rooms rooms;
    if (rooms_open(&rooms, disk->folder, false) != 0) return 1;
    for (int step = 1; step <= STEPS; step++) {
        if (rooms_step(&rooms, step) != 0) return 2;
        told->step = step;
        if (step % STEPS_PER_INDEX == 0) {
            if (rooms_make_index(&rooms, step) != 0) return 4;
            told->index = step;
        }
        if (step % STEPS_PER_CHECKPOINT == 0 &&
            pl_checkpoint_make(rooms.store->checkpoint) != 0)
            return 3;
    }
    rooms_close(&rooms);
    return 0;
}

static int open_rooms(struct disk *disk, void *with) {
    (void)with;
    struct rooms rooms;
    return rooms_open(&rooms, disk->folder, false) == 0 ? 0 : 1;
}

static bool has_indexes(struct rooms *rooms, int last) {
    for (int i = STEPS_PER_INDEX; i <= last; i += STEPS_PER_INDEX) {
        if (rooms_has_index(rooms, i)) continue;
        printf("# told of the index of step %d, which is lost\n", i);
        return false;
    }
    return true;
}

/* Opens, looks, and goes on for a step. */
static int check_rooms(struct disk *disk, void *with) {
    struct told *told = with;
    struct rooms rooms;
    int rc = rooms_open(&rooms, disk->folder, false);
    if (rc != 0) {
        printf("# the store does not open: %s\n", strerror(-rc));
        return 1;
    }
    int step = rooms_look(&rooms);
    if (step < 0) return 1;
    if (step < told->step || step > told->step + 1) {
        printf("# told of step %d, found %d\n", told->step, step);
        return 1;
    }
    if (!has_indexes(&rooms, told->index)) return 1;
    if (rooms_step(&rooms, step + 1) != 0 || rooms_look(&rooms) != step + 1) return 1;
    rooms_close(&rooms);
    return 0;
}

/* ---- dying ---------------------------------------------------------------------------------- */

static void check_after(struct disk *disk, struct told *told, enum cut cut, const char *where) {
    disk_cut(disk, cut);
    int code = disk_run(disk, NULL, check_rooms, told);
    if (code != 0) printf("# after %s and cut %d\n", where, cut);
    PL_CHECK_INT(code, 0);
}

static void orders_to_die(char out[64], int call, bool is_torn) {
    snprintf(out, 64, "sync=pretend die=%d%s", call, is_torn ? " short=1" : "");
}

/* Gives how many calls there are. */
static int die_everywhere(enum cut cut, bool is_torn) {
    struct told *told = share_told();
    struct disk disk;
    int code = DEAD, call = 0;
    PL_CHECK(disk_make(&disk));
    for (; code == DEAD; call++) {
        char said[64];
        disk_clear(&disk);
        *told = (struct told){0};
        orders_to_die(said, call, is_torn);
        code = disk_run(&disk, said, write_rooms, told);
        check_after(&disk, told, cut, said);
    }
    PL_CHECK_INT(code, 0);
    PL_CHECK(call > 4 * STEPS); /* at least: record, sync, pages, where they begin */
    disk_remove(&disk);
    munmap(told, sizeof *told);
    return call;
}

static void a_process_may_be_killed_at_any_call(void) { die_everywhere(KEEP_ALL, false); }
static void a_process_may_be_killed_in_any_call(void) { die_everywhere(KEEP_ALL, true); }
static void a_power_cut_may_lose_all_that_was_not_synced(void) {
    die_everywhere(LOSE_ALL, false);
}
static void a_power_cut_may_lose_half_of_it_in_any_choice(void) {
    die_everywhere(LOSE_HALF, false);
}
static void a_power_cut_may_lose_little_of_it(void) { die_everywhere(LOSE_FEW, true); }
static void a_power_cut_may_lose_sectors(void) { die_everywhere(LOSE_SECTORS, true); }

/* ---- dying while recovering ----------------------------------------------------------------- */

/* Dies at each call of a recovery from what is on the disk. */
static void die_recovering(struct disk *disk, struct told *told, const char *where) {
    struct image image;
    disk_save(disk, &image);
    for (enum cut cut = 0; cut < CUTS; cut++) {
        int code = DEAD;
        for (int call = 0; code == DEAD; call++) {
            char said[64], then[160];
            disk_load(disk, &image);
            orders_to_die(said, call, cut % 2 == 1);
            code = disk_run(disk, said, open_rooms, NULL);
            snprintf(then, sizeof then, "%s, then %s", where, said);
            check_after(disk, told, cut, then);
        }
        PL_CHECK_INT(code, 0);
    }
    disk_free(&image);
}

static void a_recovery_may_be_cut_short_at_any_call(void) {
    struct told *told = share_told();
    struct disk disk;
    PL_CHECK(disk_make(&disk));
    for (int call = 20, code = DEAD; code == DEAD; call += 53) {
        char said[64];
        disk_clear(&disk);
        *told = (struct told){0};
        orders_to_die(said, call, false);
        code = disk_run(&disk, said, write_rooms, told);
        disk_cut(&disk, (enum cut)(call % CUTS));
        die_recovering(&disk, told, said);
    }
    disk_remove(&disk);
    munmap(told, sizeof *told);
}

/* ---- dying while recovering beside a reader -------------------------------------------------- */

/* A scene: a server dies at a call, with a reader that looks on; whoever recovers dies, too. */
struct scene {
    struct talk with_server, with_reader;
    struct told *told;
    int server_call;
};

static int serve_beside_reader(struct disk *disk, void *with) {
    struct talk *talk = with;
    struct scene *scene = pl_container_of(talk, struct scene, with_server);
    struct rooms rooms;
    char said[64];
    disk_enter(disk, "sync=pretend");
    if (rooms_open(&rooms, disk->folder, false) != 0) return 1;
    for (int step = 1; step <= STEPS; step++) {
        if (step == 9) {
            say(talk->ready[1]);
            hear(talk->go[0]);
            orders_to_die(said, scene->server_call, false);
            disk_order(disk, said);
        }
        if (rooms_step(&rooms, step) != 0) return 2;
        scene->told->step = step;
    }
    return 0;
}

static int look_on(struct disk *disk, void *with) {
    struct talk *talk = with;
    struct rooms rooms;
    int code = rooms_open(&rooms, disk->folder, true) == 0 && rooms_look(&rooms) >= 0 ? 0 : 1;
    say(talk->ready[1]);
    hear(talk->go[0]);
    return code;
}

/* Gives what whoever recovers ends with. */
static int recover_beside_reader(struct disk *disk, struct scene *scene, int call,
                                 enum cut cut) {
    char said[64];
    disk_clear(disk);
    pid_t server = disk_start(disk, serve_beside_reader, &scene->with_server);
    pid_t reader = disk_start(disk, look_on, &scene->with_reader);
    PL_CHECK_INT(disk_end(server, &scene->with_server), DEAD);
    orders_to_die(said, call, false);
    int code = disk_run(disk, said, open_rooms, NULL);
    PL_CHECK_INT(disk_end(reader, &scene->with_reader), 0);
    check_after(disk, scene->told, cut, said);
    return code;
}

static void a_recovery_beside_a_reader_may_be_cut_short_at_any_call(void) {
    struct scene scene = {.told = share_told()};
    struct disk disk;
    PL_CHECK(disk_make(&disk));
    for (; scene.server_call < 10; scene.server_call++) {
        enum cut cut = (enum cut)(scene.server_call % CUTS);
        int code = DEAD, call = 0;
        for (; code == DEAD; call++) code = recover_beside_reader(&disk, &scene, call, cut);
        PL_CHECK_INT(code, 0);
        PL_CHECK(call > 3);
    }
    disk_remove(&disk);
    munmap(scene.told, sizeof *scene.told);
}

int main(void) {
    PL_RUN(a_process_may_be_killed_at_any_call);
    PL_RUN(a_process_may_be_killed_in_any_call);
    PL_RUN(a_power_cut_may_lose_all_that_was_not_synced);
    PL_RUN(a_power_cut_may_lose_half_of_it_in_any_choice);
    PL_RUN(a_power_cut_may_lose_little_of_it);
    PL_RUN(a_power_cut_may_lose_sectors);
    PL_RUN(a_recovery_may_be_cut_short_at_any_call);
    PL_RUN(a_recovery_beside_a_reader_may_be_cut_short_at_any_call);
    return pl_check_summary();
}
