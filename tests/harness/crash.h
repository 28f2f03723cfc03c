/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of files do to processes and disks: kill writers, run on disks that are full. */
#ifndef HARNESS_CRASH_H
#define HARNESS_CRASH_H

#include "harness/disk.h"

/*
 * Runs a writer in a process of its own. It must call ack with what it believes to be durable after
 * each of its steps, as often as it likes; octets are of one size, at most 64.
 */
typedef struct crash_writer {
    void (*run)(const char *folder, unsigned round, int acks, void *context);
    void *context;
    size_t ack_size;
} crash_writer;

/* In the writer: tells what is durable now. */
void crash_ack(int acks, const void *octets, size_t len);

/*
 * Kills the writer at a random moment: some acks after its start and a little later. Calls seen for
 * every ack. Returns how many there were.
 */
size_t crash_round(const crash_writer *writer, const char *folder, unsigned round,
                   void (*seen)(void *context, const void *octets));

/*
 * Runs the writer with the n-th call of its disk failing by HARNESS_DISK_KILL. Returns whether it
 * was killed; false when it ended by itself.
 */
bool crash_at_call(const crash_writer *writer, const char *folder, size_t n,
                   void (*seen)(void *context, const void *octets));

/* Mounts a file system of some KiB at folder; false when this process may not, and says so. */
bool crash_mount(const char *folder, unsigned kib);

/* Takes away what crash_mount made. */
void crash_unmount(const char *folder);

/* Gives the file system that crash_mount made another size. */
void crash_resize(const char *folder, unsigned kib);

#endif
