/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a nonce fresh once and never again, for all threads and processes of a host, also when some of
 * them are killed, and is the answer no when the memory is full or not ours?
 */
#include "harness/child.h"
#include "harness/harness.h"
#include "harness/scratch.h"

#include <auth/replay.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOW ((auth_time)1767225600)
#define LIFETIME 120
#define PROCESSES 16
#define NONCES 2000

static auth_error err;

static auth_replay *open_in(const char *folder, size_t capacity)
{
    auth_replay *replay = NULL;
    auth_replay_options options = {.folder = folder, .capacity = capacity};
    assert_ok(auth_replay_open(&options, &replay, &err), &err);
    return replay;
}

static auth_status use(auth_replay *replay, unsigned number)
{
    return auth_replay_check(replay, (auth_bytes){(const uint8_t *)&number, sizeof number},
                             NOW + LIFETIME, NOW, NULL);
}

START_TEST(a_nonce_is_fresh_once)
{
    AUTH_AUTO(auth_replay) *replay = open_in(NULL, 0);
    for (unsigned i = 0; i < NONCES; i++)
        assert_each(use(replay, i) == AUTH_STATUS_OK, "nonce %u is not fresh", i);
    for (unsigned i = 0; i < NONCES; i++)
        assert_each(use(replay, i) == AUTH_STATUS_CONFLICT, "nonce %u is fresh again", i);
}
END_TEST

START_TEST(what_is_used_in_one_process_is_used_in_all)
{
    char *folder = scratch_new();
    AUTH_AUTO(auth_replay) *replay = open_in(folder, 0);
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        auth_replay *own = NULL;
        auth_replay_options options = {.folder = folder};
        if (auth_replay_open(&options, &own, NULL) != AUTH_STATUS_OK)
            _exit(1);
        bool is_fresh = use(own, 1) == AUTH_STATUS_OK && use(replay, 2) == AUTH_STATUS_OK;
        auth_replay_free(own);
        auth_replay_free(replay);
        _exit(is_fresh ? 7 : 2);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    ck_assert_int_eq(use(replay, 1), AUTH_STATUS_CONFLICT);
    ck_assert_int_eq(use(replay, 2), AUTH_STATUS_CONFLICT);
    /* Nor does a new start make them fresh. */
    AUTH_AUTO(auth_replay) *again = open_in(folder, 0);
    ck_assert_int_eq(use(again, 1), AUTH_STATUS_CONFLICT);
    scratch_free(folder);
}
END_TEST

/* How often each nonce was told to be fresh, by all processes. */
typedef struct tally {
    _Atomic unsigned fresh[NONCES];
} tally;

/* Uses every nonce, beginning somewhere else than the others, and counts which were fresh. */
static void hammer(const char *folder, tally *all, int bell, unsigned first)
{
    auth_replay *replay = NULL;
    auth_replay_options options = {.folder = folder};
    harness_child_begin();
    if (auth_replay_open(&options, &replay, NULL) != AUTH_STATUS_OK)
        _exit(1);
    for (unsigned i = 0; i < NONCES; i++) {
        unsigned number = (first + i) % NONCES;
        if (i == NONCES / 10 && write(bell, "b", 1) != 1)
            _exit(3);
        auth_status status = use(replay, number);
        if (status == AUTH_STATUS_OK)
            atomic_fetch_add(&all->fresh[number], 1);
        else if (status != AUTH_STATUS_CONFLICT)
            _exit(2);
    }
    auth_replay_free(replay);
    _exit(0);
}

START_TEST(sixteen_processes_agree_while_some_are_killed)
{
    char *folder = scratch_new();
    pid_t children[PROCESSES];
    tally *all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(all, MAP_FAILED);
    int bell[2];
    char rung[PROCESSES / 4];
    ck_assert_int_eq(pipe(bell), 0);
    for (unsigned i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        /* Two of each begin at the same nonce. */
        if (children[i] == 0)
            hammer(folder, all, bell[1], i / 2 * 7);
    }
    /* In the middle of it. */
    for (size_t i = 0; i < sizeof rung; i++)
        ck_assert_int_eq(read(bell[0], &rung[i], 1), 1);
    for (unsigned i = 0; i < PROCESSES; i += 4)
        (void)kill(children[i], SIGKILL);
    for (unsigned i = 0; i < PROCESSES; i++) {
        int status = 0;
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_msg(WIFSIGNALED(status) || WEXITSTATUS(status) == 0, "process %u ended with %d",
                      i, WEXITSTATUS(status));
    }
    AUTH_AUTO(auth_replay) *replay = open_in(folder, 0);
    for (unsigned i = 0; i < NONCES; i++) {
        assert_each(atomic_load(&all->fresh[i]) <= 1, "nonce %u was fresh twice", i);
        assert_each(use(replay, i) == AUTH_STATUS_CONFLICT, "nonce %u is fresh again", i);
    }
    (void)close(bell[0]);
    (void)close(bell[1]);
    (void)munmap(all, sizeof *all);
    scratch_free(folder);
}
END_TEST

typedef struct racer {
    auth_replay *replay;
    pthread_barrier_t *barrier;
    unsigned fresh[200];
} racer;

static void *race(void *context)
{
    racer *it = context;
    for (unsigned i = 0; i < 200; i++) {
        (void)pthread_barrier_wait(it->barrier);
        it->fresh[i] = use(it->replay, i) == AUTH_STATUS_OK;
    }
    return NULL;
}

START_TEST(of_threads_that_use_a_nonce_at_once_one_at_most_is_told_yes)
{
    pthread_t threads[8];
    racer racers[8];
    pthread_barrier_t barrier;
    AUTH_AUTO(auth_replay) *replay = open_in(NULL, 0);
    ck_assert_int_eq(pthread_barrier_init(&barrier, NULL, 8), 0);
    for (size_t i = 0; i < 8; i++) {
        racers[i] = (racer){.replay = replay, .barrier = &barrier};
        ck_assert_int_eq(pthread_create(&threads[i], NULL, race, &racers[i]), 0);
    }
    for (size_t i = 0; i < 8; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    (void)pthread_barrier_destroy(&barrier);
    for (unsigned n = 0; n < 200; n++) {
        unsigned fresh = 0;
        for (size_t i = 0; i < 8; i++)
            fresh += racers[i].fresh[n];
        assert_each(fresh <= 1, "nonce %u was fresh %u times", n, fresh);
    }
}
END_TEST

START_TEST(a_full_memory_says_no_until_nonces_expire)
{
    AUTH_AUTO(auth_replay) *replay = open_in(NULL, 1);
    unsigned number = 0;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && number < 100000)
        status = use(replay, number++);
    ck_assert_int_eq(status, AUTH_STATUS_LIMIT);
    /* More than it was made for were taken, and the one that was refused is refused again. */
    ck_assert_uint_gt(number, 512);
    number--;
    auth_bytes nonce = {(const uint8_t *)&number, sizeof number};
    assert_fails(auth_replay_check(replay, nonce, NOW + LIFETIME, NOW, &err), AUTH_STATUS_LIMIT,
                 &err);
    /* A minute of grace is between their end and their being forgotten. */
    auth_time later = NOW + LIFETIME + 61;
    assert_ok(auth_replay_check(replay, nonce, later + LIFETIME, later, &err), &err);
}
END_TEST

START_TEST(a_nonce_stays_used_until_it_has_expired)
{
    AUTH_AUTO(auth_replay) *replay = open_in(NULL, 0);
    auth_bytes nonce = BYTES("a nonce");
    assert_ok(auth_replay_check(replay, nonce, NOW + LIFETIME, NOW, &err), &err);
    for (auth_time t = NOW; t <= NOW + LIFETIME; t++)
        ck_assert_int_eq(auth_replay_check(replay, nonce, NOW + LIFETIME, t, NULL),
                         AUTH_STATUS_CONFLICT);
    assert_fails(auth_replay_check(replay, nonce, NOW + LIFETIME, NOW + LIFETIME + 1, &err),
                 AUTH_STATUS_EXPIRED, &err);
}
END_TEST

START_TEST(bounds_are_held)
{
    AUTH_AUTO(auth_replay) *replay = open_in(NULL, 0);
    static const uint8_t large[AUTH_REPLAY_NONCE_MAX + 1];
    assert_fails(auth_replay_check(replay, (auth_bytes){NULL, 0}, NOW + 1, NOW, &err),
                 AUTH_STATUS_INVALID, &err);
    assert_fails(auth_replay_check(replay, (auth_bytes){large, sizeof large}, NOW + 1, NOW, &err),
                 AUTH_STATUS_INVALID, &err);
    assert_ok(auth_replay_check(replay, (auth_bytes){large, sizeof large - 1},
                                NOW + AUTH_REPLAY_LIFETIME_MAX, NOW, &err),
              &err);
    assert_fails(auth_replay_check(replay, BYTES("a"), NOW + AUTH_REPLAY_LIFETIME_MAX + 1, NOW,
                                   &err),
                 AUTH_STATUS_INVALID, &err);
    auth_replay *other = NULL;
    auth_replay_options options = {.capacity = AUTH_REPLAY_CAPACITY_MAX + 1};
    assert_fails(auth_replay_open(&options, &other, &err), AUTH_STATUS_LIMIT, &err);
}
END_TEST

/* What may stand where the file is to be. */
static void put_file(const char *folder, const char *octets, size_t len, mode_t mode)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/replay.memory", folder);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ck_assert_int_ge(file, 0);
    ck_assert_int_eq(write(file, octets, len), (ssize_t)len);
    ck_assert_int_eq(fchmod(file, mode), 0);
    (void)close(file);
}

static void assert_refused(const char *folder, bool is_group, auth_status status)
{
    auth_replay *replay = NULL;
    auth_replay_options options = {.folder = folder, .is_group = is_group};
    assert_fails(auth_replay_open(&options, &replay, &err), status, &err);
    ck_assert_ptr_null(replay);
}

START_TEST(a_file_that_is_not_ours_is_refused_and_left)
{
    char path[512];
    struct stat about;
    static const char zeros[64 + 8 * 1024];
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/replay.memory", folder);
    put_file(folder, "something else", 14, 0600);
    assert_refused(folder, false, AUTH_STATUS_INVALID);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_int_eq(about.st_size, 14);
    put_file(folder, zeros, sizeof zeros, 0600);
    assert_refused(folder, false, AUTH_STATUS_INVALID);
    put_file(folder, zeros, sizeof zeros, 0640);
    assert_refused(folder, false, AUTH_STATUS_DENIED);
    put_file(folder, zeros, sizeof zeros, 0606);
    assert_refused(folder, true, AUTH_STATUS_DENIED);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/dev/null", path), 0);
    assert_refused(folder, false, AUTH_STATUS_DENIED);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    assert_refused(folder, false, AUTH_STATUS_DENIED);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(mkdir(path, 0700), 0);
    assert_refused(folder, false, AUTH_STATUS_DENIED);
    scratch_free(folder);
}
END_TEST

START_TEST(a_folder_open_to_others_is_refused)
{
    char path[512];
    char *folder = scratch_new();
    ck_assert_int_eq(chmod(folder, 0750), 0);
    assert_refused(folder, false, AUTH_STATUS_DENIED);
    ck_assert_int_eq(chmod(folder, 0771), 0);
    assert_refused(folder, true, AUTH_STATUS_DENIED);
    ck_assert_int_eq(chmod(folder, 0770), 0);
    auth_replay *replay = NULL;
    auth_replay_options options = {.folder = folder, .is_group = true};
    assert_ok(auth_replay_open(&options, &replay, &err), &err);
    auth_replay_free(replay);
    struct stat about;
    (void)snprintf(path, sizeof path, "%s/replay.memory", folder);
    ck_assert_int_eq(stat(path, &about), 0);
    ck_assert_uint_eq(about.st_mode & 0777, 0660);
    scratch_free(folder);
}
END_TEST

START_TEST(a_file_with_anything_in_it_is_survived)
{
    char path[512];
    char *folder = scratch_new();
    AUTH_AUTO(auth_replay) *replay = open_in(folder, 1);
    (void)snprintf(path, sizeof path, "%s/replay.memory", folder);
    int file = open(path, O_WRONLY);
    uint64_t seed = 88172645463325252U;
    for (off_t at = 64; at < 64 + 8 * 1024; at += 8) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        ck_assert_int_eq(pwrite(file, &seed, sizeof seed, at), 8);
    }
    (void)close(file);
    for (unsigned i = 0; i < 1000; i++) {
        auth_status status = use(replay, i);
        assert_each(status == AUTH_STATUS_OK || status == AUTH_STATUS_CONFLICT ||
                        status == AUTH_STATUS_LIMIT,
                    "nonce %u: %s", i, auth_status_name(status));
        assert_each(status != AUTH_STATUS_OK || use(replay, i) == AUTH_STATUS_CONFLICT,
                    "nonce %u is fresh again", i);
    }
    scratch_free(folder);
}
END_TEST

static auth_status attempt(void *context)
{
    AUTH_AUTO(auth_replay) *replay = NULL;
    auth_replay_options options = {.folder = context};
    auth_status status = auth_replay_open(&options, &replay, NULL);
    if (status == AUTH_STATUS_OK && use(replay, 0) == AUTH_STATUS_INTERNAL)
        status = AUTH_STATUS_INTERNAL;
    return status;
}

START_TEST(memory_may_run_out_anywhere)
{
    char *folder = scratch_new();
    ck_assert_uint_gt(harness_for_each_failure(attempt, NULL), 1);
    ck_assert_uint_gt(harness_for_each_failure(attempt, folder), 1);
    scratch_free(folder);
}
END_TEST

SUITE("replay", TEST(a_nonce_is_fresh_once), TEST(what_is_used_in_one_process_is_used_in_all),
      TEST(sixteen_processes_agree_while_some_are_killed),
      TEST(of_threads_that_use_a_nonce_at_once_one_at_most_is_told_yes),
      TEST(a_full_memory_says_no_until_nonces_expire),
      TEST(a_nonce_stays_used_until_it_has_expired), TEST(bounds_are_held),
      TEST(a_file_that_is_not_ours_is_refused_and_left), TEST(a_folder_open_to_others_is_refused),
      TEST(a_file_with_anything_in_it_is_survived), TEST(memory_may_run_out_anywhere))
