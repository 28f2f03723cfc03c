/* SPDX-License-Identifier: Apache-2.0 */
/* Enrolling everybody in a table, in documents of some persons each; a call that was broken off
 * goes on where it was. */
#ifndef CLI_ENROL_CSV_H
#define CLI_ENROL_CSV_H

#include "document.h"
#include "enrol_state.h"

/* Checks the options of a call with --csv; CLI_USAGE and a message when they do not fit. */
cli_exit cli_enrol_csv_check(const cli_call *call);

/* Does the work of a call with --csv. */
cli_exit cli_enrol_csv(const cli_call *call, cli_officer *officer);

/* What became of a table. */
typedef struct cli_enrol_sum {
    size_t lines;
    size_t refused;                         /* here, by the daemon or by the authority */
    size_t done;                            /* with a certificate */
    size_t waiting;                         /* for the person to use her activation codes */
    size_t open;                            /* in requests that are not decided */
    size_t kept;                            /* of these, with a daemon whose registry is away */
    size_t codes;                           /* in TABLE.codes.csv */
    size_t unsigned_count;                  /* documents that lack a signature */
    char unsigned_id[AUTH_REQUEST_ID_SIZE]; /* the first of them */
    size_t split;                           /* documents whose other lines are free again */
    size_t lost;                            /* documents that were taken and that nobody knows */
} cli_enrol_sum;

/*
 * enrol_report.c: asks what became of the documents, for up to wait_s seconds, and writes
 * TABLE.report.csv with the lines that were refused and TABLE.codes.csv with activation codes;
 * those of documents that are kept come when they are in the registry, which may refuse them.
 *
 * A document that was kept, and refused later because of one of its lines, is split when that is
 * allowed: the caller has the others asked for anew, and calls this again. So it does when one is
 * lost, which a spool that was damaged may do, after it was sent again.
 *
 * Errors: those of cli_outcome_wait and cli_file_write.
 */
auth_status cli_enrol_report(cli_officer *officer, const char *table, cli_enrol_state *state,
                             unsigned wait_s, bool may_split, cli_enrol_sum *out,
                             auth_error *err) AUTH_MUST_CHECK;

#endif
