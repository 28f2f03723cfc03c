/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table on its way: its lines in documents, the documents to the daemon, each line once, and what
 * became of all of them.
 */
#ifndef CLI_ENROL_TABLE_H
#define CLI_ENROL_TABLE_H

#include "enrol_csv.h"

/* What a call asks for. Borrowed. */
typedef struct cli_enrol_order {
    cli_officer *officer;
    const char *path; /* of the table */
    const char *profile;
    size_t batch; /* the most lines of a document */
    unsigned wait_s;
} cli_enrol_order;

/*
 * Does all of it. Lines that are refused are no error: they are counted in *out and in the report.
 *
 * Errors: those of the table's file and first line, of cli_officer_know, cli_enrol_state_open,
 * cli_document_make and cli_enrol_report; AUTH_STATUS_DENIED for an officer whose role has no place
 * in the quorum; what the daemon answers when it is no refusal of a document.
 */
auth_status cli_enrol_table_run(const cli_enrol_order *order, cli_enrol_sum *out,
                                auth_error *err) AUTH_MUST_CHECK;

#endif
