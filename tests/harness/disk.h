/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A disk that fails when a test says so, and that tells what was asked of it. The linker sends the
 * calls here (--wrap), so the code under test needs no hook. Counted are write, fsync, fdatasync,
 * renameat2, ftruncate, unlinkat and pread, in the order in which they come.
 */
#ifndef HARNESS_DISK_H
#define HARNESS_DISK_H

#include "harness/harness.h"

typedef enum harness_disk_fault {
    HARNESS_DISK_EIO,    /* the call fails and does nothing */
    HARNESS_DISK_ENOSPC, /* a write does half of its work first, the one after it fails */
    HARNESS_DISK_KILL,   /* a write does half of its work; the process is killed before others */
} harness_disk_fault;

/* Lets the n-th call from now on fail, counted from 0. */
void harness_disk_fail(size_t n, harness_disk_fault fault);

/* No more failures. Tells whether one was met. */
bool harness_disk_heal(void);

/*
 * A letter for each call since harness_disk_begin: w write, s fsync, d fdatasync, r rename,
 * t truncate, u unlink; reads are left out. A failed one is upper case. harness_disk_mark adds one
 * of the test's own.
 */
void harness_disk_begin(void);
void harness_disk_mark(char mark);
const char *harness_disk_calls(void);

/* From now on counts the writes in which needle stands; borrowed. NULL: none. */
void harness_disk_watch(const char *needle);
size_t harness_disk_found(void);

/* Makes a folder of this test, private, with a name that is removed with all in it at the end. */
const char *harness_folder(void);

/* The path of a name in a folder; the text is good until the 8th call after it. */
const char *harness_path(const char *folder, const char *name);

/* Removes a folder with all that is in it. */
void harness_remove(const char *folder);

#endif
