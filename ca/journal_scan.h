/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the segments of a journal from end to end and verifies the chain. The same walk serves
 * opening, auth fsck and fuzzing. It changes nothing: a torn end is told, not cut.
 */
#ifndef CA_JOURNAL_SCAN_H
#define CA_JOURNAL_SCAN_H

#include "disk/hash.h"
#include "journal_batches.h"

/* Where the next record is chained on. */
typedef struct journal_chain {
    ca_journal_head head; /* of the last record */
    uint64_t batch;       /* of the last record */
    uint16_t place;       /* of the last record */
    uint8_t id[CA_JOURNAL_ID_SIZE];
} journal_chain;

typedef struct journal_scan {
    disk_hash *hash;
    const ca_journal_options *options;
    ca_journal_visit visit;
    void *context;
    uint8_t *room; /* for what is read at a time */
    journal_chain chain;
    journal_batches batches;
    uint64_t records;
    bool knows_remembered; /* the remembered head was passed */
    uint64_t good_size;    /* of the segment read last */
    uint64_t torn_octets;
} journal_scan;

/*
 * Prepares a walk. options, hash and context are borrowed.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status journal_scan_init(journal_scan *scan, disk_hash *hash,
                              const ca_journal_options *options, ca_journal_visit visit,
                              void *context, auth_error *err) AUTH_MUST_CHECK;

void journal_scan_clear(journal_scan *scan);

/*
 * Reads one segment. Only in the last one of a journal may the end be torn.
 *
 * Errors: AUTH_STATUS_INVALID with place and reason; AUTH_STATUS_CONFLICT when it is of another
 * journal or contradicts the remembered head; AUTH_STATUS_IO; AUTH_STATUS_CRYPTO;
 * AUTH_STATUS_MEMORY; what visit returns.
 */
auth_status journal_scan_segment(journal_scan *scan, int descriptor, uint64_t size, uint32_t number,
                                 bool is_last, auth_error *err) AUTH_MUST_CHECK;

/*
 * Ends a walk over all segments.
 *
 * Errors: AUTH_STATUS_CONFLICT when the remembered head was not met.
 */
auth_status journal_scan_finish(const journal_scan *scan, auth_error *err) AUTH_MUST_CHECK;

/* Computes the chain hash of a body. Errors: AUTH_STATUS_CRYPTO. */
auth_status journal_chain_hash(disk_hash *hash, const uint8_t before[CA_JOURNAL_HASH_SIZE],
                               const uint8_t *body, uint8_t out[CA_JOURNAL_HASH_SIZE],
                               auth_error *err) AUTH_MUST_CHECK;

#endif
