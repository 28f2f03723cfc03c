/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that runs out now and then, to be put in front of the C library's (LD_PRELOAD): while the
 * file that FAILING_MEMORY names is there, every so many-th allocation of the process fails; but
 * none of libgmp's, which GnuTLS computes with and which ends the process (docs/daemons.md).
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVERY 11
/* The file is looked for once in so many allocations. */
#define LOOKS 64

/* NOLINTBEGIN(bugprone-reserved-identifier,readability-*): names that glibc has chosen. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);

static atomic_uint calls;
static atomic_bool is_failing;

static int is_exempt(const void *caller)
{
    Dl_info where;
    return dladdr(caller, &where) != 0 && where.dli_fname != NULL &&
           strstr(where.dli_fname, "libgmp") != NULL;
}

static int fails_now(const void *caller)
{
    unsigned call = atomic_fetch_add(&calls, 1);
    if (call % LOOKS == 0) {
        const char *path = getenv("FAILING_MEMORY");
        int kept = errno;
        atomic_store(&is_failing, path != NULL && access(path, F_OK) == 0);
        errno = kept;
    }
    if (!atomic_load(&is_failing) || call % EVERY != 0 || is_exempt(caller))
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return fails_now(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails_now(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return fails_now(__builtin_return_address(0)) ? NULL : __libc_realloc(block, size);
}
/* NOLINTEND(bugprone-reserved-identifier,readability-*) */
