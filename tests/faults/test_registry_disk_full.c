/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a full disk refused with a word about what to do, does work go on when there is room again,
 * and is all there then that was acknowledged? The cluster is on a small tmpfs, in a name space of
 * mounts that ends with the test; that needs root, and who is not root tries nothing.
 */
#include "harness/cluster.h"
#include "harness/registry_rows.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define MOUNT "/mnt"
#define BATCH 20
#define LEFT ((off_t)6 << 20)
#define TRIES 3000
#define PATIENCE_S 60

static bool is_on_tmpfs;

static bool start_on_tmpfs(void)
{
    if (geteuid() != 0) {
        fprintf(stderr, "not root: nothing is tried\n");
        return true;
    }
    if (unshare(CLONE_NEWNS) != 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", MOUNT, "tmpfs", 0, "size=320m,mode=0755") != 0) {
        perror("a mount of one's own is not allowed here: nothing is tried");
        return true;
    }
    is_on_tmpfs = setenv("AUTH_TEST_CLUSTERS", MOUNT, 1) == 0;
    return cluster_start();
}

static char database[CLUSTER_NAME_SIZE];
static uint64_t next_number;

static registry_pool *make_pool(void)
{
    auth_error err;
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_pool *pool = NULL;
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_RA};
    cluster_conninfo(database, "auth_ra", conninfo);
    assert_ok(registry_pool_new(&settings, 1, &pool, &err), &err);
    return pool;
}

/* Submits the next requests; they count as used whatever comes of it. */
static auth_status submit(registry_pool *pool, auth_error *err)
{
    static rows_request made[BATCH];
    registry_request_new requests[BATCH];
    registry_submitted results[BATCH];
    for (size_t i = 0; i < BATCH; i++) {
        rows_make(&made[i], next_number++);
        requests[i] = made[i].request;
    }
    return registry_request_submit(pool, requests, BATCH, results, err);
}

/* Fills the disk but for a little. */
static void fill_disk(const char *path)
{
    struct statvfs disk;
    ck_assert_int_eq(statvfs(MOUNT, &disk), 0);
    off_t free_octets = (off_t)disk.f_bavail * (off_t)disk.f_frsize;
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(posix_fallocate(fd, 0, free_octets - LEFT), 0);
    (void)close(fd);
}

/* The server may have stopped for want of room for its log: then it is started again. */
static void go_on(registry_pool *pool)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    time_t until = time(NULL) + PATIENCE_S;
    auth_status status = AUTH_STATUS_INTERNAL;
    while (status != AUTH_STATUS_OK && time(NULL) < until) {
        assert_ok(registry_embed_start(cluster_dir(), cluster_options(), &err), &err);
        status = submit(pool, &err);
    }
    assert_ok(status, &err);
}

START_TEST(a_full_disk_is_told_and_work_goes_on_when_there_is_room)
{
    static uint64_t done[TRIES];
    size_t done_count = 0;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = AUTH_STATUS_OK;
    if (!is_on_tmpfs)
        return;
    cluster_database(database);
    registry_connection *super = cluster_connect_superuser(database);
    cluster_sql(super, rows_realm);
    registry_connection_free(super);
    registry_pool *pool = make_pool();
    fill_disk(MOUNT "/filler");
    while (status == AUTH_STATUS_OK && done_count < TRIES) {
        status = submit(pool, &err);
        if (status == AUTH_STATUS_OK)
            done[done_count++] = next_number - BATCH;
    }
    fprintf(stderr, "after %zu batches: %s\n", done_count, err.text);
    ck_assert_msg(status == AUTH_STATUS_IO || status == AUTH_STATUS_UNAVAILABLE ||
                      status == AUTH_STATUS_UNKNOWN,
                  "%s: %s", auth_status_name(status), err.text);
    /* What to do stands behind a semicolon, or it is to be asked again. */
    ck_assert_ptr_nonnull(strstr(err.text, ";"));
    ck_assert_int_eq(unlink(MOUNT "/filler"), 0);
    go_on(pool);
    registry_pool_free(pool);
    super = cluster_connect_superuser(database);
    for (size_t i = 0; i < done_count; i++) {
        char sql[256];
        (void)snprintf(sql, sizeof sql,
                       "SELECT count(*) FROM registry.request WHERE request_id::text BETWEEN"
                       " '%08llx-%04llx' AND '%08llx-%04llx'",
                       (unsigned long long)((uint64_t)ROWS_NOW * 1000 + done[i]) >> 16,
                       (unsigned long long)((uint64_t)ROWS_NOW * 1000 + done[i]) & 0xffff,
                       (unsigned long long)((uint64_t)ROWS_NOW * 1000 + done[i] + BATCH) >> 16,
                       (unsigned long long)((uint64_t)ROWS_NOW * 1000 + done[i] + BATCH) & 0xffff);
        ck_assert_str_eq(cluster_ask(super, sql), "20");
    }
    registry_connection_free(super);
}
END_TEST

SUITE_AFTER(start_on_tmpfs, "registry_disk_full",
            TEST(a_full_disk_is_told_and_work_goes_on_when_there_is_room))
