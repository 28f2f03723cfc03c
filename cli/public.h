/* SPDX-License-Identifier: Apache-2.0 */
/* What holders do themselves, without an officer: her key, or her codes, are all that counts. */
#ifndef CLI_PUBLIC_H
#define CLI_PUBLIC_H

#include "document.h"
#include "holder.h"

/*
 * Posts a body to a public address.
 *
 * Ownership: gives *out, to be freed with cli_answer_free.
 * Errors: those of cli_officer_ask_publicly; AUTH_STATUS_MALFORMED.
 */
auth_status cli_public_post(cli_officer *officer, const char *path, const char *type,
                            auth_bytes body, cli_answer **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Waits for the outcome, writes the certificate to --out, beside --key-out or to standard output,
 * and shows the outcome.
 */
cli_exit cli_public_finish(const cli_call *call, cli_officer *officer, const char *id, size_t item);

#endif
