/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DIGITS 8
#define SUFFIX ".journal"
#define LAST_NUMBER 99999999U

void journal_segment_what(uint32_t number, char out[JOURNAL_NAME_SIZE])
{
    (void)snprintf(out, JOURNAL_NAME_SIZE, "journal segment %" PRIu32, number);
}

static void name_of(uint32_t number, const char *behind, char out[JOURNAL_NAME_SIZE])
{
    (void)snprintf(out, JOURNAL_NAME_SIZE, "%08" PRIu32 "%s%s", number, SUFFIX, behind);
}

/* 0: the name of something else. */
static uint32_t number_of(const char *name)
{
    if (strspn(name, "0123456789") != DIGITS || strcmp(name + DIGITS, SUFFIX) != 0)
        return 0;
    return (uint32_t)strtoul(name, NULL, 10);
}

typedef struct found {
    uint32_t last;
    uint64_t count; /* from the first on */
} found;

static auth_status walk(DIR *names, uint32_t first, found *out, auth_error *err)
{
    for (;;) {
        errno = 0;
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this function's own */
        const struct dirent *entry = readdir(names);
        if (entry == NULL)
            return errno == 0 ? AUTH_STATUS_OK : disk_failed(err, "journal", "list its folder");
        uint32_t number = number_of(entry->d_name);
        out->last = number > out->last ? number : out->last;
        out->count += number >= first ? 1 : 0;
    }
}

auth_status journal_segment_list(int folder, uint32_t first, uint32_t *last, auth_error *err)
{
    found here = {0};
    int again = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *names = again < 0 ? NULL : fdopendir(again);
    if (names == NULL) {
        AUTH_AUTO(disk_fd) unused = again;
        return disk_failed(err, "journal", "list its folder");
    }
    auth_status status = walk(names, first, &here, err);
    (void)closedir(names);
    if (status != AUTH_STATUS_OK)
        return status;
    if (here.last > 0 && (here.last < first || here.count != here.last - first + 1U))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "journal: %" PRIu64 " of the segments %" PRIu32 " to %" PRIu32
                              " are there; a gap is refused, so put back what is missing",
                              here.count, first, here.last);
    *last = here.last;
    return AUTH_STATUS_OK;
}

auth_status journal_segment_open(int folder, uint32_t number, int flags, disk_fd *out,
                                 uint64_t *size, auth_error *err)
{
    char name[JOURNAL_NAME_SIZE];
    char what[JOURNAL_NAME_SIZE];
    name_of(number, "", name);
    journal_segment_what(number, what);
    return disk_file_open(folder, name, flags, what, out, size, err);
}

auth_status journal_segment_create(int folder, uint32_t number,
                                   const uint8_t head[JOURNAL_RECORD_SIZE], auth_error *err)
{
    char name[JOURNAL_NAME_SIZE];
    char beside[JOURNAL_NAME_SIZE];
    char what[JOURNAL_NAME_SIZE];
    journal_segment_what(number, what);
    if (number > LAST_NUMBER)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s: the last number is %u; begin another journal", what,
                              LAST_NUMBER);
    name_of(number, "", name);
    name_of(number, ".new", beside);
    auth_status status =
        disk_file_create(folder, beside, (auth_bytes){head, JOURNAL_RECORD_SIZE}, what, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (renameat2(folder, beside, folder, name, RENAME_NOREPLACE) != 0)
        return disk_failed(err, what, "give it its name");
    return disk_folder_sync(folder, what, err);
}

auth_status journal_segment_sweep(int folder, uint32_t number, auth_error *err)
{
    char beside[JOURNAL_NAME_SIZE];
    name_of(number, ".new", beside);
    if (unlinkat(folder, beside, 0) == 0 || errno == ENOENT)
        return AUTH_STATUS_OK;
    return disk_failed(err, "journal", "remove a segment that was never begun");
}
