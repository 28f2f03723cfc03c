/* SPDX-License-Identifier: Apache-2.0 */
/* Does a secret stay out of core dumps and swap, and is nothing of it left when it is gone? */
#include "harness/harness.h"

#include <auth/secret.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char needle_text[] = "a passphrase of nobody";
#define NEEDLE ((auth_bytes){(const uint8_t *)needle_text, sizeof needle_text - 1})

static auth_secret *new_secret(size_t len)
{
    auth_secret *secret = NULL;
    auth_error err;
    assert_ok(auth_secret_new(len, &secret, &err), &err);
    return secret;
}

START_TEST(a_new_secret_is_zero_and_can_be_filled)
{
    static const size_t lens[] = {1, 2, 4095, 4096, 4097, 8192, AUTH_SECRET_MAX};
    size_t len = lens[_i];
    auth_secret *secret = new_secret(len);
    auth_bytes bytes = auth_secret_bytes(secret);
    ck_assert_uint_eq(bytes.len, len);
    ck_assert_ptr_eq(bytes.data, auth_secret_data(secret));
    for (size_t i = 0; i < len; i++)
        assert_each(bytes.data[i] == 0, "octet %zu is dirty", i);
    memset(auth_secret_data(secret), 0xff, len);
    ck_assert_uint_eq(bytes.data[len - 1], 0xff);
    auth_secret_free(secret);
}

START_TEST(a_secret_has_one_octet_to_a_mebibyte)
{
    static const size_t lens[] = {0, AUTH_SECRET_MAX + 1, SIZE_MAX - 4095, SIZE_MAX};
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        auth_secret *secret = NULL;
        auth_error err;
        assert_fails(auth_secret_new(lens[i], &secret, &err), AUTH_STATUS_LIMIT, &err);
        ck_assert_int_eq((int)auth_secret_new(lens[i], &secret, NULL), (int)AUTH_STATUS_LIMIT);
        auth_bytes never_read = {(const uint8_t *)needle_text, lens[i]};
        assert_fails(auth_secret_from_bytes(never_read, &secret, &err), AUTH_STATUS_LIMIT, &err);
        ck_assert_ptr_null(secret);
    }
}

START_TEST(a_secret_is_a_copy)
{
    uint8_t bytes[] = {1, 2, 0, 4};
    auth_secret *secret = NULL;
    auth_error err;
    assert_ok(auth_secret_from_bytes((auth_bytes){bytes, 4}, &secret, &err), &err);
    memset(bytes, 0xff, sizeof bytes);
    assert_bytes(auth_secret_bytes(secret), BYTES("\1\2\0\4"));
    auth_secret_free(secret);
    auth_secret_free(NULL);
}

START_TEST(nothing_is_left_of_a_freed_secret)
{
    harness_watch_memory(NEEDLE);
    auth_secret *secret = NULL;
    auth_error err;
    assert_ok(auth_secret_from_bytes(NEEDLE, &secret, &err), &err);
    auth_secret_free(secret);
    /* Across a page border, and at the very end. */
    secret = new_secret(4096 + NEEDLE.len);
    memcpy(auth_secret_data(secret) + 4090, NEEDLE.data, NEEDLE.len);
    memcpy(auth_secret_data(secret) + 4096, NEEDLE.data, NEEDLE.len);
    auth_secret_free(secret);
    ck_assert_uint_eq(harness_stop_watching(), 0);
}

START_TEST(the_watch_sees_a_mapping_that_is_not_wiped)
{
    harness_watch_memory(NEEDLE);
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    memcpy(page, NEEDLE.data, NEEDLE.len);
    ck_assert_int_eq(munmap(page, 4096), 0);
    ck_assert_uint_eq(harness_stop_watching(), 1);
}

/* Tells whether the mapping that holds an address has one of the flags of proc(5) smaps. */
static bool mapping_has_flag(const void *address, const char *flag)
{
    FILE *maps = fopen("/proc/self/smaps", "re");
    ck_assert_ptr_nonnull(maps);
    char line[1024];
    bool is_inside = false;
    bool is_found = false;
    bool is_seen = false;
    while (fgets(line, sizeof line, maps) != NULL) {
        uintptr_t from = 0;
        uintptr_t to = 0;
        if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
            is_inside = (uintptr_t)address >= from && (uintptr_t)address < to;
        if (is_inside && strncmp(line, "VmFlags:", 8) == 0) {
            is_seen = true;
            is_found = strstr(line + 8, flag) != NULL;
        }
    }
    (void)fclose(maps);
    ck_assert_msg(is_seen, "smaps does not show the mapping");
    return is_found;
}

START_TEST(a_secret_stays_out_of_core_dumps)
{
    auth_secret *secret = new_secret(5000);
    uint8_t *data = auth_secret_data(secret);
    ck_assert(mapping_has_flag(data, " dd"));
    ck_assert(mapping_has_flag(data + 4999, " dd"));
    ck_assert(!mapping_has_flag(needle_text, " dd"));
    auth_secret_free(secret);
}

START_TEST(a_secret_is_locked_where_that_is_allowed)
{
    /* The limit may be 0, and sanitizers do not lock: ask with a page of our own. */
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ck_assert_ptr_ne(page, MAP_FAILED);
    bool is_allowed = mlock(page, 4096) == 0 && mapping_has_flag(page, " lo");
    ck_assert_int_eq(munmap(page, 4096), 0);
    auth_secret *secret = new_secret(1);
    ck_assert_int_eq(mapping_has_flag(auth_secret_data(secret), " lo"), is_allowed);
    auth_secret_free(secret);
}

START_TEST(secrets_are_equal_octet_by_octet)
{
    static const uint8_t a[] = {1, 2, 3, 0, 5};
    for (size_t len = 0; len <= sizeof a; len++) {
        uint8_t b[sizeof a];
        memcpy(b, a, sizeof a);
        ck_assert(auth_secret_equal((auth_bytes){a, len}, (auth_bytes){b, len}));
        for (size_t i = 0; i < len; i++) {
            for (unsigned bit = 1; bit < 256; bit <<= 1) {
                b[i] = (uint8_t)(a[i] ^ bit);
                ck_assert(!auth_secret_equal((auth_bytes){a, len}, (auth_bytes){b, len}));
            }
            b[i] = a[i];
        }
        if (len > 0)
            ck_assert(!auth_secret_equal((auth_bytes){a, len}, (auth_bytes){a, len - 1}));
    }
    ck_assert(auth_secret_equal((auth_bytes){NULL, 0}, (auth_bytes){NULL, 0}));
}

START_TEST(wiping_writes_zeros_and_no_further)
{
    uint8_t bytes[10];
    memset(bytes, 0xff, sizeof bytes);
    auth_secret_wipe(bytes + 2, 5);
    assert_bytes(((auth_bytes){bytes, 10}), BYTES("\xff\xff\0\0\0\0\0\xff\xff\xff"));
    auth_secret_wipe(bytes, 0);
    ck_assert_uint_eq(bytes[0], 0xff);
    auth_secret_wipe(NULL, 0);
}

static auth_status make_secret(void *context)
{
    auth_secret **kept = context;
    auth_secret *secret = NULL;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_secret_from_bytes(NEEDLE, &secret, &err);
    if (status != AUTH_STATUS_OK)
        return secret == NULL && err.status == status ? status : AUTH_STATUS_INTERNAL;
    *kept = secret;
    return AUTH_STATUS_OK;
}

START_TEST(a_secret_that_cannot_be_made_is_not_given)
{
    auth_secret *secret = NULL;
    ck_assert_uint_eq(harness_for_each_failure(make_secret, &secret), 2);
    assert_bytes(auth_secret_bytes(secret), NEEDLE);
    auth_secret_free(secret);
}

SUITE("secret", TEST_EACH(a_new_secret_is_zero_and_can_be_filled, 7),
      TEST(a_secret_has_one_octet_to_a_mebibyte), TEST(a_secret_is_a_copy),
      TEST(nothing_is_left_of_a_freed_secret), TEST(the_watch_sees_a_mapping_that_is_not_wiped),
      TEST(a_secret_stays_out_of_core_dumps), TEST(a_secret_is_locked_where_that_is_allowed),
      TEST(secrets_are_equal_octet_by_octet), TEST(wiping_writes_zeros_and_no_further),
      TEST(a_secret_that_cannot_be_made_is_not_given))
