/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The officer who calls: what officer.conf and the options say of her, her certificate and key, and
 * the line to the daemon of her office. What she signs is signed here, in this process or in her
 * token: no daemon ever has her key.
 *
 * officer.conf has "name = value" a line, by cli/officer.def. It is the file of --as, or of
 * $AUTH_OFFICER, or ~/.config/auth/officer.conf; an option counts more.
 */
#ifndef CLI_OFFICER_H
#define CLI_OFFICER_H

#include "answer.h"
#include "client.h"
#include "command.h"

#include <auth/key.h>
#include <auth/policy.h>

/* The first rows of the options of a subcommand for officers: #include "officer.def" follows. */
#define CLI_OPTION_AS                                                                              \
    {                                                                                              \
        "as", "FILE", N_("who asks, and where: instead of ~/.config/auth/officer.conf"), NULL      \
    }
#define CLI_OFFICER_ROW(name, argument, is_path, help) {(name), (argument), (help), NULL},

typedef struct cli_officer cli_officer;

/*
 * Reads officer.conf and the options. Nothing is opened yet.
 *
 * Ownership: gives *out, to be freed with cli_officer_free; borrows call.
 * Errors: AUTH_STATUS_NOT_FOUND when a file that was named is not there; AUTH_STATUS_INVALID with
 * the line; AUTH_STATUS_IO; AUTH_STATUS_MEMORY.
 */
auth_status cli_officer_new(const cli_call *call, cli_officer **out,
                            auth_error *err) AUTH_MUST_CHECK;

void cli_officer_free(cli_officer *officer);

/* A value of officer.def by its name; NULL when nobody told it. Borrowed. */
const char *cli_officer_value(const cli_officer *officer, const char *name);

/*
 * Opens certificate and key, once. A passphrase comes from its file, or is asked for on a terminal.
 *
 * Errors: AUTH_STATUS_INVALID when they were not told; those of auth_signer_load,
 * auth_signer_open_token and cli_input_read.
 */
auth_status cli_officer_open_key(cli_officer *officer, auth_error *err) AUTH_MUST_CHECK;

/* The key, and the certificates to show with it: NULL and 0 before it was opened. Borrowed. */
const auth_signer *cli_officer_signer(const cli_officer *officer);
size_t cli_officer_chain(const cli_officer *officer, auth_bytes *out, size_t max);

/*
 * Asks the daemon as the officer: opens key and line the first time.
 *
 * Errors: those of cli_officer_open_key and cli_client_ask.
 */
auth_status cli_officer_ask(cli_officer *officer, const cli_ask_http *ask, long *code,
                            auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

/* The item that alone is the matter of what was refused last; CLI_NO_ITEM. */
long long cli_officer_refused_item(const cli_officer *officer);

/* The same without a certificate, for what is public. */
auth_status cli_officer_ask_publicly(cli_officer *officer, const cli_ask_http *ask, long *code,
                                     auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Asks for JSON.
 *
 * Ownership: gives *out, to be freed with cli_answer_free.
 * Errors: those of cli_officer_ask; AUTH_STATUS_MALFORMED.
 */
auth_status cli_officer_ask_json(cli_officer *officer, const cli_ask_http *ask, cli_answer **out,
                                 auth_error *err) AUTH_MUST_CHECK;

/* What the daemon says of its realm; asked for once. */
typedef struct cli_realm_facts {
    const char *realm;
    const char *office;        /* the officer's, unless --office says another */
    const char *role;          /* NULL: the daemon does not know at the moment */
    const auth_policy *policy; /* NULL: likewise */
} cli_realm_facts;

/*
 * Learns the realm, its policy, and who the officer is to it. Borrowed by *out. From a daemon whose
 * registry is away, which takes documents all the same, realm and office are those of officer.conf,
 * and nothing else is known.
 *
 * Errors: those of cli_officer_ask_json; AUTH_STATUS_CONFLICT when the daemon is of another realm
 * than --realm; AUTH_STATUS_MALFORMED and AUTH_STATUS_INVALID for what cannot be read.
 */
auth_status cli_officer_know(cli_officer *officer, cli_realm_facts *out,
                             auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(cli_officer)

#endif
