/* SPDX-License-Identifier: Apache-2.0 */
/* What `cert show` and `csr show` have in common. */
#ifndef CLI_SHOW_H
#define CLI_SHOW_H

#include "command.h"
#include "input.h"
#include "output.h"

#include <auth/csr.h>

#define CLI_OPTION_REVEAL                                                                          \
    {                                                                                              \
        "reveal", NULL, N_("show person numbers, and what may hold one, in clear"), NULL           \
    }

/* One thing that is shown, as rows of text or as a JSON object, with the first failure. */
typedef struct cli_view {
    cli_json *json; /* NULL: text */
    auth_reveal reveal;
    auth_status status; /* a fault; AUTH_STATUS_OK otherwise */
    auth_error err;
} cli_view;

/* A row of text, or a member; label is what a row of text begins with. */
void cli_show_text(cli_view *view, const char *member, const char *label, const char *text);
void cli_show_hex(cli_view *view, const char *member, const char *label, auth_bytes octets);
void cli_show_name(cli_view *view, const char *member, const char *label, auth_bytes name);

/* Type and size of the key in a SubjectPublicKeyInfo, or why it cannot be used. */
void cli_show_key(cli_view *view, auth_bytes spki);

/* Gives the extension at an index; false past the end. */
typedef bool cli_extension_at(const void *object, size_t index, auth_extension *out);
void cli_show_extensions(cli_view *view, cli_extension_at *at, const void *object);

/* Prints the JSON object; returns CLI_FAULT, with a message, when something failed. */
cli_exit cli_show_end(cli_view *view);

/*
 * Shows each object of a kind in the one file that the call names, with an empty line between two
 * in text. Returns the worst of what show returned; it gives the status of a parse and *err when
 * the object cannot be read, which is told with the object's number.
 */
typedef auth_status cli_show_one(const cli_call *call, auth_bytes der, cli_exit *code,
                                 auth_error *err);
cli_exit cli_show_each(const cli_call *call, cli_kind kind, cli_show_one *show);

#endif
