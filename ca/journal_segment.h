/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a journal: NNNNNNNN.journal, numbered from 1 without a gap. */
#ifndef CA_JOURNAL_SEGMENT_H
#define CA_JOURNAL_SEGMENT_H

#include "disk/file.h"
#include "journal_record.h"

#define JOURNAL_NAME_SIZE 32

/* Writes what errors call a segment: "journal segment 7". */
void journal_segment_what(uint32_t number, char out[JOURNAL_NAME_SIZE]);

/*
 * Lists the segments from number first on. *last is 0 when there is none at all.
 *
 * Errors: AUTH_STATUS_INVALID when one is missing; AUTH_STATUS_IO.
 */
auth_status journal_segment_list(int folder, uint32_t first, uint32_t *last,
                                 auth_error *err) AUTH_MUST_CHECK;

/*
 * Opens a segment.
 *
 * Errors: as disk_file_open.
 */
auth_status journal_segment_open(int folder, uint32_t number, int flags, disk_fd *out,
                                 uint64_t *size, auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes a segment that holds its head only. It appears whole and durable, or not at all.
 *
 * Errors: AUTH_STATUS_CONFLICT; AUTH_STATUS_IO.
 */
auth_status journal_segment_create(int folder, uint32_t number,
                                   const uint8_t head[JOURNAL_RECORD_SIZE],
                                   auth_error *err) AUTH_MUST_CHECK;

/*
 * Removes what a crash left of the segment that was about to be made.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status journal_segment_sweep(int folder, uint32_t number, auth_error *err) AUTH_MUST_CHECK;

#endif
