/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Request documents on the officer's side: made, signed and handed in, and what becomes of them. A
 * document has its id before it is sent, so that sending it again has no second effect.
 */
#ifndef CLI_DOCUMENT_H
#define CLI_DOCUMENT_H

#include "officer.h"

#include <auth/request.h>

/* The most of a document with its signatures: what a daemon takes. */
#define CLI_DOCUMENT_MAX ((size_t)4 << 20)

/* Room for a path of an address: "/requests/ID/outcome?wait=30". */
#define CLI_PATH_SIZE 512

#define CLI_OPTION_WAIT                                                                            \
    {                                                                                              \
        "wait", "SECONDS", N_("wait so long for the outcome, up to 86400"), NULL                   \
    }

/* What is asked for. Borrowed. */
typedef struct cli_wish {
    auth_request_kind kind;
    const char *profile; /* NULL for kinds that have none */
    const auth_request_item *items;
    size_t item_count;
} cli_wish;

/*
 * Makes a document and signs it with the officer's key. realm and office come from the daemon or
 * the officer's options, its time to live from the realm's policy: a week, or less.
 *
 * Ownership: gives *out, to be freed with auth_buf_free.
 * Errors: those of cli_officer_know, auth_request_write and auth_request_sign.
 */
auth_status cli_document_make(cli_officer *officer, const cli_wish *wish,
                              char id[AUTH_REQUEST_ID_SIZE], auth_buf **out,
                              auth_error *err) AUTH_MUST_CHECK;

/* A document that its signer, who is no officer, makes: realm and office are told. */
auth_status cli_document_make_as(const cli_officer *officer, const cli_wish *wish,
                                 const char *realm, const char *office, int64_t lifetime_s,
                                 char id[AUTH_REQUEST_ID_SIZE], auth_buf **out,
                                 auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks that the officer may ask for this, before anything is written: that the policy gives a
 * place to a signature of the role. profile is NULL for kinds that have none.
 *
 * Errors: AUTH_STATUS_DENIED; those of auth_policy_quorum_find.
 */
auth_status cli_document_check_role(const cli_realm_facts *facts, auth_request_kind kind,
                                    const char *profile, auth_error *err) AUTH_MUST_CHECK;

/*
 * Hands a document in.
 *
 * Ownership: gives *out, to be freed with cli_answer_free.
 * Errors: those of cli_officer_ask_json.
 */
auth_status cli_document_send(cli_officer *officer, auth_bytes document, cli_answer **out,
                              auth_error *err) AUTH_MUST_CHECK;

/* Reads --wait: 0 when it was not given. Errors: AUTH_STATUS_INVALID. */
auth_status cli_wait_read(const cli_call *call, unsigned otherwise_s, unsigned *out,
                          auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks that a text is the id of a request before it becomes part of an address.
 *
 * Errors: AUTH_STATUS_INVALID.
 */
auth_status cli_request_id_check(const char *text, auth_error *err) AUTH_MUST_CHECK;

/* The same for the serial number of a certificate; *out becomes lower case. */
#define CLI_SERIAL_SIZE 41
auth_status cli_serial_check(const char *text, char out[CLI_SERIAL_SIZE],
                             auth_error *err) AUTH_MUST_CHECK;

/*
 * Tells whether an answer is about a request that is decided; settled: or that waits for a person
 * to use her activation codes, which may take days.
 */
bool cli_outcome_is_decided(const cli_answer *answer);
bool cli_outcome_is_settled(const cli_answer *answer);

/*
 * Waits until a request is settled or wait_s seconds are over.
 *
 * Ownership: gives *out, the last answer, to be freed with cli_answer_free.
 * Errors: those of cli_officer_ask_json.
 */
auth_status cli_outcome_wait(cli_officer *officer, const char *id, unsigned wait_s,
                             cli_answer **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * The same, asked by the holder, who is no officer: the answer has the certificate of an item of a
 * renewal or an activated enrolment, whose id is a secret between her and the office.
 */
auth_status cli_outcome_wait_publicly(cli_officer *officer, const char *id, size_t item,
                                      unsigned wait_s, cli_answer **out,
                                      auth_error *err) AUTH_MUST_CHECK;

/*
 * Shows where a request stands, as text or JSON: what it needs, or what became of each item.
 * was_waited_for: one that is not settled is then a fault, since the caller goes on with it.
 */
cli_exit cli_outcome_show(const cli_call *call, const cli_answer *answer, bool was_waited_for);

/*
 * The whole way of a subcommand that asks for one thing: makes the document, hands it in, waits as
 * --wait says, or otherwise_s seconds when nothing more is needed, and shows. *out, if it is not
 * NULL, becomes the last answer, to be freed with cli_answer_free, NULL after a failure.
 */
cli_exit cli_document_submit(const cli_call *call, cli_officer *officer, const cli_wish *wish,
                             cli_answer **out);

#endif
