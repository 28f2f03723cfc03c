/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Journal records as octets. All are of one size, numbers are big-endian, and what a record does
 * not use is zero, so that every record has one spelling.
 *
 *        entry                        note                     head of a segment
 *    0   length of the record, 144    =                        =
 *    2   type 2                       3                        1
 *    3   kind                         outcome                  version, 1
 *    4   authority, item (2, 2)       0                        number of the segment (4)
 *    8   sequence number              =                        =
 *   16   time                         =                        =
 *   24   batch                        =                        =
 *   32   number                       batch that it speaks of  committed revision
 *   40   request (16)                 0                        identity of the journal (16)
 *   56   length of the serial (1)     0                        committed tree size (8)
 *   57   serial (20)                  0                        from 64: open batches (8)
 *   77   place in its write (2), 0    =                        from 72: "auth-jnl"
 *   80   hash (32)                    0                        chain hash carried over (32);
 *                                                              of the first: random octets
 *  112   chain hash: SHA-256 of the chain hash before it and octets 0 to 111
 */
#ifndef CA_JOURNAL_RECORD_H
#define CA_JOURNAL_RECORD_H

#include "journal.h"

#define JOURNAL_RECORD_SIZE 144
#define JOURNAL_BODY_SIZE 112

/* Writes the body of a record. */
void journal_record_encode(const ca_journal_record *record, uint8_t out[JOURNAL_BODY_SIZE]);

/* Reads the body of a record; false when it is none. *out is written in part then. */
bool journal_record_decode(const uint8_t body[JOURNAL_BODY_SIZE], ca_journal_record *out);

/*
 * Tells whether an entry has what its kind needs and nothing else.
 *
 * Errors: AUTH_STATUS_INVALID.
 */
auth_status journal_entry_check(const ca_journal_entry *entry, auth_error *err) AUTH_MUST_CHECK;

/* Kinds whose serial number is signed once only: those of certificates. */
bool journal_kind_is_certificate(ca_journal_kind kind);

/* Tells whether all octets are zero. */
bool journal_is_zero(const uint8_t *octets, size_t len);

#endif
