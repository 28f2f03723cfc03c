/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do lists serve other processes through files, is a file on this host asked when nothing else
 * tells, and is neither believed more than a server?
 */
#include "fetch/crl.h"
#include "fetch/list_files.h"
#include "fetch_crl_kit.h"
#include "harness/scratch.h"

#include <auth/pem.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

/* Changes an octet in the middle of every list. */
static void damage_lists(const char *folder)
{
    DIR *stream = opendir(folder);
    const struct dirent *entry = NULL;
    char path[512];
    while ((entry = readdir(stream)) != NULL) {
        if (strncmp(entry->d_name, "crl-", 4) != 0)
            continue;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        int file = open(path, O_RDWR);
        uint8_t octet = 0;
        ck_assert_int_eq(pread(file, &octet, 1, 100), 1);
        octet ^= 1;
        ck_assert_int_eq(pwrite(file, &octet, 1, 100), 1);
        (void)close(file);
    }
    (void)closedir(stream);
}

static size_t count_files(const char *folder)
{
    size_t count = 0;
    DIR *stream = opendir(folder);
    const struct dirent *entry = NULL;
    while ((entry = readdir(stream)) != NULL)
        count += entry->d_name[0] != '.';
    (void)closedir(stream);
    return count;
}

START_TEST(a_list_serves_the_other_processes_too)
{
    auth_fetch_host host;
    begin("p256");
    char *folder = scratch_new();
    const char *delta = fetch_world_uri(&world, "/delta");
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1, .delta_uri = delta});
    fetch_world_put_crl(&world, "/delta",
                        &(fetch_world_crl){.number = 2, .base_number = 1, .serial = SERIAL});
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.cache_folder = folder;
    options.cache_entries = 8;
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *first = fetch_world_fetcher(&world, &options);
    assert_found(first, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 2);
    request.sources |= AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    auth_fetcher *second = fetch_world_fetcher(&world, &options);
    assert_found(second, AUTH_FETCH_SOURCE_SHARED, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    /* A file that was changed is as none, and replaced. */
    damage_lists(folder);
    auth_fetcher *third = fetch_world_fetcher(&world, &options);
    assert_found(third, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 2);
    auth_fetcher *fourth = fetch_world_fetcher(&world, &options);
    assert_found(fourth, AUTH_FETCH_SOURCE_SHARED, AUTH_OCSP_REVOKED);
    auth_fetcher_free(first);
    auth_fetcher_free(second);
    auth_fetcher_free(third);
    scratch_free(folder);
    end(fourth);
}
END_TEST

/* Asks about another certificate, of which nothing is remembered. */
static void ask_about(raw_bytes *other, uint8_t serial)
{
    *other = fetch_world_cert_at(&world, serial, NULL, fetch_world_uri(&world, "/list"));
    unsigned sources = request.sources;
    request = fetch_world_request(&world, other);
    request.sources = sources;
}

static const fetch_world_crl newer_list = {.number = 2,
                                           .serial = 9,
                                           .this_update = STATUS_NOW - 60};

/* What was good once is no list in the place of a newer one; what is of the future is none. */
START_TEST(an_older_list_does_not_displace_a_newer_one)
{
    raw_bytes other;
    begin("p256");
    fetch_world_put_crl(&world, "/list", &newer_list);
    web_start(&world.server);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *fetcher = new_fetcher();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1});
    request.max_age_seconds = 30;
    await_retry();
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_STALE, "older than allowed");
    (void)web_hits(&world.server);
    ask_about(&other, 9);
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    ck_assert_uint_eq(web_hits(&world.server), 0);
    /* One of the future comes, and goes. */
    ask_about(&other, 10);
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 4,
                                           .this_update = STATUS_NOW + FETCH_HOUR / 2});
    request.max_age_seconds = 30;
    await_retry();
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_STALE, "future");
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 3, .this_update = STATUS_NOW - 5});
    await_retry();
    assert_found(fetcher, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    end(fetcher);
}
END_TEST

START_TEST(an_older_list_does_not_displace_a_newer_file)
{
    raw_bytes other;
    auth_fetch_host host;
    begin("p256");
    char *folder = scratch_new();
    fetch_world_put_crl(&world, "/list", &newer_list);
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.cache_folder = folder;
    options.cache_entries = 8;
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    auth_fetcher *first = fetch_world_fetcher(&world, &options);
    assert_found(first, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_GOOD);
    fetch_world_put_crl(&world, "/list", &(fetch_world_crl){.number = 1});
    ask_about(&other, 9);
    auth_fetcher *second = fetch_world_fetcher(&world, &options);
    assert_found(second, AUTH_FETCH_SOURCE_CRL, AUTH_OCSP_REVOKED);
    request.sources |= AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    auth_fetcher *third = fetch_world_fetcher(&world, &options);
    assert_found(third, AUTH_FETCH_SOURCE_SHARED, AUTH_OCSP_REVOKED);
    auth_fetcher_free(first);
    auth_fetcher_free(second);
    scratch_free(folder);
    end(third);
}
END_TEST

START_TEST(the_files_of_lists_stay_few)
{
    char *folder = scratch_new();
    uint8_t key[FETCH_KEY_SIZE] = {0};
    list_files *files = NULL;
    fetch_issuer *issuer = NULL;
    fetch_issuers *issuers = NULL;
    begin("p256");
    assert_ok(list_files_open(folder, false, 4096, 1 << 20, &files, &err), &err);
    assert_ok(issuers_new(&issuers, &err), &err);
    assert_ok(issuers_find(issuers, RAW(world.pki.authority_der), &issuer, &err), &err);
    raw_bytes der = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1});
    for (uint8_t i = 0; i < FETCH_LISTS + 5; i++) {
        auth_crl *crl = NULL;
        fetch_list *list = NULL;
        key[0] = i;
        ck_assert_int_eq(crl_verify(issuer, RAW(der), &crl, &err), AUTH_FETCH_OUTCOME_FOUND);
        assert_ok(list_new(key, crl, &list, &err), &err);
        list_files_write(files, list);
        list_free(list);
        ck_assert_int_eq(list_files_read(files, key, issuer, &list, &err),
                         AUTH_FETCH_OUTCOME_FOUND);
        list_free(list);
    }
    ck_assert_uint_eq(count_files(folder), FETCH_LISTS);
    list_files_free(files);
    issuer_free(issuer);
    issuers_free(issuers);
    scratch_free(folder);
    end(NULL);
}
END_TEST

/* Writes a file anew, under the name that it has. */
static void write_snapshot(const char *path, const raw_bytes *lists, size_t count, bool is_pem)
{
    char temporary[512];
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(1 << 20, &out, &err), &err);
    for (size_t i = 0; i < count; i++) {
        if (is_pem)
            assert_ok(auth_pem_encode("X509 CRL", RAW(lists[i]), out, &err), &err);
        else
            assert_ok(auth_buf_append(out, RAW(lists[i]), &err), &err);
    }
    (void)snprintf(temporary, sizeof temporary, "%s.new", path);
    int file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    auth_bytes octets = auth_buf_bytes(out);
    ck_assert_int_eq(write(file, octets.data, octets.len), (ssize_t)octets.len);
    (void)close(file);
    ck_assert_int_eq(rename(temporary, path), 0);
}

START_TEST(a_file_tells_when_nothing_else_does)
{
    auth_fetch_host host;
    char path[256];
    begin("p256");
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/snapshot.pem", folder);
    web_start(&world.server);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.snapshot = path;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_REFUSED,
                   "snapshot: snapshot: the file cannot be read");
    raw_bytes lists[] = {
        fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1}),
        fetch_world_crl_make(&world, &(fetch_world_crl){.number = 2, .serial = 9}),
        fetch_world_crl_make(&world, &(fetch_world_crl){.number = 3, .only_ca_certs = true}),
    };
    write_snapshot(path, lists, 3, _i == 0);
    assert_found(fetcher, AUTH_FETCH_SOURCE_SNAPSHOT, AUTH_OCSP_GOOD);
    /* It is read again when it has changed, and a delta in it counts. */
    lists[0] = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 4,
                                                               .base_number = 2,
                                                               .serial = SERIAL,
                                                               .this_update = STATUS_NOW - 60});
    write_snapshot(path, lists, 3, _i == 0);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT);
    assert_found(fetcher, AUTH_FETCH_SOURCE_SNAPSHOT, AUTH_OCSP_REVOKED);
    ck_assert(result.this_update == STATUS_NOW - 60);
    scratch_free(folder);
    end(fetcher);
}
END_TEST

START_TEST(a_file_is_believed_no_more_than_a_server)
{
    auth_fetch_host host;
    char path[256];
    begin("p256");
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/snapshot.der", folder);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.snapshot = path;
    options.crl_max = 4096;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT);
    AUTH_AUTO(auth_signer) *foreign = raw_signer_new(AUTH_KEY_TYPE_P256);
    raw_bytes lists[60];
    lists[0] = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1, .signer = foreign});
    write_snapshot(path, lists, 1, false);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_NO_SOURCE, "no list of the issuer");
    lists[0] = fetch_world_crl_make(&world,
                                    &(fetch_world_crl){.number = 1, .next_update = STATUS_NOW - 1});
    write_snapshot(path, lists, 1, false);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_STALE, "nextUpdate");
    /* More than four lists of the largest size. */
    for (size_t i = 0; i < 60; i++) {
        lists[i] = lists[0];
        lists[i].len = 400;
    }
    write_snapshot(path, lists, 60, false);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_TOO_LARGE, "the file has more than");
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(symlink("/dev/zero", path), 0);
    assert_outcome(fetcher, AUTH_FETCH_OUTCOME_DOWN, "plain file");
    scratch_free(folder);
    end(fetcher);
}
END_TEST

typedef struct completion {
    int calls;
    auth_status status;
} completion;

static void complete(void *context, auth_status status, auth_fetch_result *found,
                     const auth_error *why)
{
    completion *it = context;
    (void)why;
    it->calls++;
    it->status = status;
    auth_fetched_free(found->fetched);
}

START_TEST(an_event_loop_gets_a_status_out_of_a_file)
{
    auth_fetch_host host;
    auth_fetch *search = NULL;
    char path[256];
    begin("p256");
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/snapshot.pem", folder);
    raw_bytes list = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1});
    write_snapshot(path, &list, 1, true);
    auth_fetch_options options = fetch_world_options(&world, &host);
    options.snapshot = path;
    options.has_loop = true;
    auth_fetcher *fetcher = fetch_world_fetcher(&world, &options);
    completion done = {0};
    request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT);
    assert_fails(auth_fetch_begin(fetcher, &request, complete, &done, &search, &result, &err),
                 AUTH_STATUS_UNKNOWN, &err);
    struct pollfd event = {.fd = auth_fetcher_descriptor(fetcher), .events = POLLIN};
    while (done.calls == 0) {
        ck_assert_int_eq(poll(&event, 1, -1), 1);
        assert_ok(auth_fetcher_step(fetcher, &err), &err);
    }
    ck_assert_int_eq(done.status, AUTH_STATUS_OK);
    scratch_free(folder);
    end(fetcher);
}
END_TEST

typedef struct attempt_context {
    auth_fetch_options options;
    auth_fetch_request request;
} attempt_context;

static auth_status attempt(void *context)
{
    attempt_context *it = context;
    auth_fetch_result found = {0};
    auth_fetcher *made = NULL;
    auth_status status = auth_fetcher_new(&it->options, &made, NULL);
    for (int i = 0; i < 2 && status == AUTH_STATUS_OK; i++) {
        status = auth_fetch_status(made, &it->request, &found, NULL);
        if (status != AUTH_STATUS_OK && found.fetched != NULL)
            status = AUTH_STATUS_INTERNAL;
        auth_fetched_free(found.fetched);
    }
    auth_fetcher_free(made);
    return status;
}

START_TEST(memory_may_run_out_anywhere)
{
    auth_fetch_host host;
    char path[256];
    begin("p256");
    char *folder = scratch_new();
    (void)snprintf(path, sizeof path, "%s/snapshot.pem", folder);
    fetch_world_put_crl(&world, "/list",
                        &(fetch_world_crl){.number = 1,
                                           .delta_uri = fetch_world_uri(&world, "/delta")});
    fetch_world_put_crl(&world, "/delta", &(fetch_world_crl){.number = 2, .base_number = 1});
    web_start(&world.server);
    raw_bytes list = fetch_world_crl_make(&world, &(fetch_world_crl){.number = 1});
    write_snapshot(path, &list, 1, true);
    attempt_context context = {.options = fetch_world_options(&world, &host), .request = request};
    context.options.snapshot = path;
    context.request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_CRL);
    ck_assert_uint_gt(harness_for_each_failure(attempt, &context), 10);
    context.options.cache_folder = folder;
    context.options.cache_entries = 8;
    context.request.sources |= AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED);
    ck_assert_uint_gt(harness_for_each_failure(attempt, &context), 10);
    context.request.sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SNAPSHOT);
    ck_assert_uint_gt(harness_for_each_failure(attempt, &context), 10);
    scratch_free(folder);
    end(NULL);
}
END_TEST

SUITE("fetch_files", TEST(a_list_serves_the_other_processes_too),
      TEST(an_older_list_does_not_displace_a_newer_one),
      TEST(an_older_list_does_not_displace_a_newer_file), TEST(the_files_of_lists_stay_few),
      TEST_EACH(a_file_tells_when_nothing_else_does, 2),
      TEST(a_file_is_believed_no_more_than_a_server),
      TEST(an_event_loop_gets_a_status_out_of_a_file), TEST(memory_may_run_out_anywhere))
