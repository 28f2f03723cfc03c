/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/disk.h"

#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CALLS_MAX 4096

static bool is_armed;
static bool is_met;
static bool is_full; /* a write was cut: the next one finds no room */
static size_t before_fault;
static harness_disk_fault fault_kind;

static char calls[CALLS_MAX + 1];
static size_t call_count;

static const char *needle_text;
static size_t needle_found;

void harness_disk_fail(size_t n, harness_disk_fault fault)
{
    is_armed = true;
    is_met = false;
    is_full = false;
    before_fault = n;
    fault_kind = fault;
}

bool harness_disk_heal(void)
{
    is_armed = false;
    is_full = false;
    return is_met;
}

void harness_disk_begin(void)
{
    call_count = 0;
    calls[0] = '\0';
}

void harness_disk_mark(char mark)
{
    if (call_count < CALLS_MAX)
        calls[call_count++] = mark;
    calls[call_count] = '\0';
}

const char *harness_disk_calls(void) { return calls; }

void harness_disk_watch(const char *needle)
{
    needle_text = needle;
    needle_found = 0;
}

size_t harness_disk_found(void) { return needle_found; }

/* Whether this call is the one; one of letter 0 is not logged. */
static bool fails_now(char letter)
{
    bool is_now = is_armed && before_fault-- == 0;
    if (is_now) {
        is_armed = false;
        is_met = true;
        if (fault_kind == HARNESS_DISK_KILL && letter != 'w')
            (void)raise(SIGKILL);
        errno = fault_kind == HARNESS_DISK_ENOSPC ? ENOSPC : EIO;
    }
    if (letter != '\0')
        harness_disk_mark((char)(is_now ? letter - 'a' + 'A' : letter));
    return is_now;
}

/* NOLINTBEGIN(bugprone-reserved-identifier): the linker makes these names. */
ssize_t __real_write(int descriptor, const void *octets, size_t len);
int __real_fsync(int descriptor);
int __real_fdatasync(int descriptor);
int __real_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __real_ftruncate64(int descriptor, off_t len);
int __real_unlinkat(int folder, const char *name, int flags);
ssize_t __real_pread64(int descriptor, void *out, size_t len, off_t offset);

ssize_t __wrap_write(int descriptor, const void *octets, size_t len);
int __wrap_fsync(int descriptor);
int __wrap_fdatasync(int descriptor);
int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags);
int __wrap_ftruncate64(int descriptor, off_t len);
int __wrap_unlinkat(int folder, const char *name, int flags);
ssize_t __wrap_pread64(int descriptor, void *out, size_t len, off_t offset);
ssize_t __wrap___pread64_chk(int descriptor, void *out, size_t len, off_t offset, size_t room);

static ssize_t cut_write(int descriptor, const void *octets, size_t len)
{
    if (fault_kind == HARNESS_DISK_EIO)
        return -1;
    ssize_t written = __real_write(descriptor, octets, len / 2);
    if (fault_kind == HARNESS_DISK_KILL)
        (void)raise(SIGKILL);
    is_full = true;
    return written;
}

ssize_t __wrap_write(int descriptor, const void *octets, size_t len)
{
    if (needle_text != NULL && memmem(octets, len, needle_text, strlen(needle_text)) != NULL)
        needle_found++;
    if (is_full) {
        errno = ENOSPC;
        return -1;
    }
    if (fails_now('w'))
        return cut_write(descriptor, octets, len);
    return __real_write(descriptor, octets, len);
}

int __wrap_fsync(int descriptor) { return fails_now('s') ? -1 : __real_fsync(descriptor); }

int __wrap_fdatasync(int descriptor) { return fails_now('d') ? -1 : __real_fdatasync(descriptor); }

int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags)
{
    return fails_now('r') ? -1 : __real_renameat2(from, old, to, new, flags);
}

int __wrap_ftruncate64(int descriptor, off_t len)
{
    return fails_now('t') ? -1 : __real_ftruncate64(descriptor, len);
}

int __wrap_unlinkat(int folder, const char *name, int flags)
{
    return fails_now('u') ? -1 : __real_unlinkat(folder, name, flags);
}

ssize_t __wrap_pread64(int descriptor, void *out, size_t len, off_t offset)
{
    return fails_now('\0') ? -1 : __real_pread64(descriptor, out, len, offset);
}

/* What pread becomes with _FORTIFY_SOURCE. */
ssize_t __wrap___pread64_chk(int descriptor, void *out, size_t len, off_t offset, size_t room)
{
    if (len > room)
        abort();
    return __wrap_pread64(descriptor, out, len, offset);
}
/* NOLINTEND(bugprone-reserved-identifier) */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

void harness_remove(const char *folder)
{
    if (nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
        (void)fprintf(stderr, "%s could not be removed\n", folder);
}

static char folder_path[PATH_MAX];
static pid_t folder_owner;

static void remove_folder(void)
{
    if (getpid() == folder_owner)
        harness_remove(folder_path);
}

const char *harness_folder(void)
{
    /* In memory where that is possible: what is tested is the order of calls, not the disk. */
    const char *parent = getenv("TMPDIR");
    if (parent == NULL)
        parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(folder_path, sizeof folder_path, "%s/auth-test.XXXXXX", parent);
    if (mkdtemp(folder_path) == NULL)
        harness_die("%s cannot be made: %s", folder_path, strerror(errno));
    folder_owner = getpid();
    if (atexit(remove_folder) != 0)
        harness_die("atexit failed");
    return folder_path;
}

const char *harness_path(const char *folder, const char *name)
{
    static char paths[8][PATH_MAX];
    static size_t next;
    char *path = paths[next++ % 8];
    if (snprintf(path, PATH_MAX, "%s/%s", folder, name) >= PATH_MAX)
        harness_die("%s/%s is too long", folder, name);
    return path;
}
