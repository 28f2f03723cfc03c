/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files and folders of one owner that survive a loss of power. Every name is looked up in an open
 * folder and never through a symbolic link, so that nobody can turn a path elsewhere between a
 * check and its use.
 *
 * Nothing here tries an fsync again: after one that failed the kernel may have dropped what it
 * could not write and report success the next time, so the caller must stop and read the file anew.
 *
 * Errors name what the caller calls `what`, and the remedy; errno is as the failed call left it.
 */
#ifndef DISK_FILE_H
#define DISK_FILE_H

#include <auth/bytes.h>
#include <sys/types.h>

/* A descriptor that AUTH_AUTO(disk_fd) closes. -1: none. */
typedef int disk_fd;

void disk_fd_cleanup(const disk_fd *descriptor);

/* Reports that a call on a file failed, with what errno says. Full disks have their own remedy. */
auth_status disk_failed(auth_error *err, const char *what, const char *verb);

/*
 * Opens a folder that must belong to this process's user and be closed to everybody else. A path
 * that ends in a symbolic link is refused.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_DENIED for another owner, open permissions or what is
 * no folder; AUTH_STATUS_IO.
 */
auth_status disk_folder_open(int parent, const char *path, const char *what, disk_fd *out,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * The same, and makes the folder when it is not there, and its name durable.
 *
 * Errors: as disk_folder_open; AUTH_STATUS_IO.
 */
auth_status disk_folder_make(int parent, const char *name, const char *what, disk_fd *out,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Takes the lock of an open file or folder, for as long as the descriptor is open.
 *
 * Errors: AUTH_STATUS_CONFLICT when another process has it; AUTH_STATUS_IO.
 */
auth_status disk_lock(int descriptor, const char *what, auth_error *err) AUTH_MUST_CHECK;

/*
 * Opens a regular file of this process's user with one name and no access for others. flags are
 * those of open(2). *size is its length.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_DENIED for any other kind of file, owner, permissions
 * or a second name; AUTH_STATUS_IO.
 */
auth_status disk_file_open(int folder, const char *name, int flags, const char *what, disk_fd *out,
                           uint64_t *size, auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes a file that was not there, for its owner only, writes it and syncs it. A failure leaves
 * none. Its name is not durable before its folder is synced.
 *
 * Errors: AUTH_STATUS_CONFLICT when there is something of this name; AUTH_STATUS_IO.
 */
auth_status disk_file_create(int folder, const char *name, auth_bytes octets, const char *what,
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes all octets at the place where the descriptor stands. When it fails, some may be written.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status disk_write(int descriptor, auth_bytes octets, const char *what,
                       auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads up to len octets at an offset; *got is less only where the file ends.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status disk_read(int descriptor, uint64_t offset, uint8_t *out, size_t len, const char *what,
                      size_t *got, auth_error *err) AUTH_MUST_CHECK;

/* Syncs a folder, so that names made or moved in it are durable. Errors: AUTH_STATUS_IO. */
auth_status disk_folder_sync(int folder, const char *what, auth_error *err) AUTH_MUST_CHECK;

#endif
