/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `auth realm init` has to know, from a file of answers, the command line and a terminal, the
 * later the stronger; the terminal is asked for what neither of the others has.
 */
#ifndef CLI_REALM_ANSWERS_H
#define CLI_REALM_ANSWERS_H

#include "command.h"
#include "realm/make.h"

typedef struct realm_answers {
    daemon_options *options;
    realm_founder founders[REALM_FOUNDERS_MAX];
    auth_secret *root_passphrase;
    auth_secret *key_passphrase;
    bool is_passphrase_made; /* it must be shown once: nobody else knows it */
    realm_plan plan;         /* borrows from all of the above */
} realm_answers;

/*
 * Collects the answers and makes a plan of them, for the folder dir.
 *
 * Ownership: realm_answers_clear wipes and frees what *out holds, also after a failure.
 * Errors: AUTH_STATUS_INVALID naming the answer, where it may be given, and its rule; those of
 * reading files; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status realm_answers_collect(const cli_call *call, const char *dir, realm_answers *out,
                                  auth_error *err) AUTH_MUST_CHECK;
void realm_answers_clear(realm_answers *of);

#endif
