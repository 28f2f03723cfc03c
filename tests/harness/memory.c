/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that fails when a test says so, and that is looked through when it is given back. The
 * linker sends the calls here (--wrap), so the code under test needs no hook.
 */
#include "harness/harness.h"

#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>

/* More attempts than this mean that one allocation is made again and again. */
#define MAX_ATTEMPTS 100000

static bool is_failing;       /* the attempt is running */
static size_t before_failure; /* allocations that still succeed */
static size_t failures;

static auth_bytes watched;
static size_t found;

void harness_watch_memory(auth_bytes needle)
{
    watched = needle;
    found = 0;
}

size_t harness_stop_watching(void)
{
    watched = (auth_bytes){NULL, 0};
    return found;
}

static void look_through(const void *block, size_t len)
{
    if (block != NULL && watched.len > 0 && memmem(block, len, watched.data, watched.len) != NULL)
        found++;
}

static bool fails_now(void)
{
    if (!is_failing || before_failure-- > 0)
        return false;
    is_failing = false;
    failures++;
    errno = ENOMEM;
    return true;
}

size_t harness_for_each_failure(harness_attempt attempt, void *context)
{
    for (size_t n = 0; n < MAX_ATTEMPTS; n++) {
        before_failure = n;
        failures = 0;
        is_failing = true;
        auth_status status = attempt(context);
        is_failing = false;
        if (failures == 0) {
            ck_assert_msg(status == AUTH_STATUS_OK, "with all its memory it ended in %s",
                          auth_status_name(status));
            return n;
        }
        ck_assert_msg(status == AUTH_STATUS_MEMORY, "without allocation %zu it ended in %s", n + 1,
                      auth_status_name(status));
    }
    ck_abort_msg("still failing after %d attempts", MAX_ATTEMPTS);
}

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker makes these names. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
int __real_vasprintf(char **out, const char *format, va_list arguments) AUTH_PRINTF(2, 0);
void *__real_mmap(void *at, size_t len, int protection, int flags, int file, off_t offset);
int __real_munmap(void *at, size_t len);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);
int __wrap_vasprintf(char **out, const char *format, va_list arguments) AUTH_PRINTF(2, 0);
int __wrap___vasprintf_chk(char **out, int flag, const char *format, va_list arguments)
    AUTH_PRINTF(3, 0);
void *__wrap_mmap(void *at, size_t len, int protection, int flags, int file, off_t offset);
void *__wrap_mmap64(void *at, size_t len, int protection, int flags, int file, off_t offset);
int __wrap_munmap(void *at, size_t len);

void *__wrap_malloc(size_t size)
{
    void *block = fails_now() ? NULL : __real_malloc(size);
    /* Octets that nobody wrote must not keep look_through from reading the block. */
    if (block != NULL && watched.len > 0)
        memset(block, 0xa5, malloc_usable_size(block));
    return block;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails_now() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *block, size_t size)
{
    if (fails_now())
        return NULL;
    /* It may move, and the old place is not wiped. */
    look_through(block, malloc_usable_size(block));
    return __real_realloc(block, size);
}

void __wrap_free(void *block)
{
    look_through(block, malloc_usable_size(block));
    __real_free(block);
}

int __wrap_vasprintf(char **out, const char *format, va_list arguments)
{
    return fails_now() ? -1 : __real_vasprintf(out, format, arguments);
}

/* What vasprintf becomes with _FORTIFY_SOURCE. */
int __wrap___vasprintf_chk(char **out, int flag, const char *format, va_list arguments)
{
    (void)flag;
    return __wrap_vasprintf(out, format, arguments);
}

void *__wrap_mmap(void *at, size_t len, int protection, int flags, int file, off_t offset)
{
    return fails_now() ? MAP_FAILED : __real_mmap(at, len, protection, flags, file, offset);
}

/* What mmap becomes with _FILE_OFFSET_BITS=64. */
void *__wrap_mmap64(void *at, size_t len, int protection, int flags, int file, off_t offset)
{
    return __wrap_mmap(at, len, protection, flags, file, offset);
}

int __wrap_munmap(void *at, size_t len)
{
    look_through(at, len);
    return __real_munmap(at, len);
}
/* NOLINTEND(bugprone-reserved-identifier) */
