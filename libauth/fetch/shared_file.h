/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of fixed size that processes map together. Whoever opens it checks that nobody else can
 * write it; what stands in it is for its users to check. Internal to fetch.
 *
 * A process that cuts the file while others have it mapped ends them (SIGBUS). Only the owner, and
 * in a group its members, can do that, and the owner can end them anyway.
 */
#ifndef FETCH_SHARED_FILE_H
#define FETCH_SHARED_FILE_H

#include <auth/bytes.h>
#include <stdatomic.h>

#define SHARED_KEY_SIZE 32

/* Which file, and what it must look like. */
typedef struct shared_shape {
    const char *name; /* in its folder */
    const char *what; /* in error texts */
    uint64_t magic;
    uint64_t unit_size;  /* octets of one unit; a multiple of 8 */
    uint64_t count;      /* units of a file that is made */
    uint64_t count_min;  /* of one that is there */
    uint64_t count_max;  /* likewise; all three are powers of two */
    bool is_replaceable; /* a file of another form is replaced by a new one */
} shared_shape;

typedef struct shared_file {
    _Atomic uint64_t *units; /* zero when the file is new */
    uint64_t count;
    uint8_t key[SHARED_KEY_SIZE]; /* random, of the file */
    void *map;
    size_t len;
} shared_file;

/*
 * Opens a file of this shape in a folder, and makes it when it is not there. In a folder of one
 * owner both are closed to everybody else; in one of a group, to everybody outside.
 *
 * Ownership: fills *out, to be given back with shared_file_close.
 * Errors: AUTH_STATUS_DENIED for another owner, permissions or kind of file; AUTH_STATUS_INVALID
 * for another form; AUTH_STATUS_UNAVAILABLE when another process makes it and does not finish;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_IO; AUTH_STATUS_CRYPTO.
 */
auth_status shared_file_open(const char *folder, bool is_group, const shared_shape *shape,
                             shared_file *out, auth_error *err) AUTH_MUST_CHECK;

/* The same without a file, for one process. Errors: AUTH_STATUS_MEMORY, AUTH_STATUS_CRYPTO. */
auth_status shared_file_anonymous(const shared_shape *shape, shared_file *out,
                                  auth_error *err) AUTH_MUST_CHECK;

/* One that was not opened is fine. */
void shared_file_close(shared_file *file);

#endif
