/* SPDX-License-Identifier: Apache-2.0 */
/* What revoking, suspending and resuming have in common: a document about certificates that are. */
#ifndef CLI_CERT_ACT_H
#define CLI_CERT_ACT_H

#include "document.h"

#define CLI_OPTION_COMMENT                                                                         \
    {                                                                                              \
        "comment", "TEXT", N_("why, for the ledger; no person number"), NULL                       \
    }
#define CLI_OPTION_SINCE                                                                           \
    {                                                                                              \
        "since", "TIME", N_("since when the key was in doubt: 2026-01-31T12:00:00Z"), NULL         \
    }

/*
 * Asks for the kind of act on each certificate whose serial number is an argument, with --reason,
 * --since and --comment where the kind has them.
 */
cli_exit cli_cert_act(const cli_call *call, auth_request_kind kind);

#endif
