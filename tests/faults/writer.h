/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that submits requests and issues certificates as fast as it can, and writes down, in a
 * file outside of the database, what it was about to do and what was acknowledged. It goes on
 * whatever happens to the server, until it is killed.
 *
 * Lines of the file, each written by one call, so that those of several writers do not mix:
 *   S first count          requests first .. first + count - 1 are about to be submitted
 *   E first count          and they were acknowledged
 *   C number serial        a certificate was acknowledged
 */
#ifndef FAULTS_WRITER_H
#define FAULTS_WRITER_H

#include <stdint.h>
#include <sys/types.h>

/* What a writer works with. Borrowed. */
typedef struct writer_place {
    const char *ra_conninfo;
    const char *ca_conninfo;
    const char *acks; /* path of the file */
} writer_place;

/* Starts a writer whose requests are numbered from first; its process is a child of this one. */
pid_t writer_start(const writer_place *place, uint64_t first, unsigned seed);

/* Submits and issues batches in this process until one is acknowledged, up to a minute. */
void writer_run_once(const writer_place *place, uint64_t first, unsigned seed);

/* How many numbers a writer has before the next one's begin. */
#define WRITER_NUMBERS ((uint64_t)1000000)

#endif
