/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules of lint share. Internal to issue. */
#ifndef ISSUE_LINT_H
#define ISSUE_LINT_H

#include "issue/issue.h"

typedef enum lint_rule {
#define LINT_ROW(id, name, clause, text) LINT_##id,
#include "issue/lint.def"
    LINT_RULE_COUNT,
} lint_rule;

/* One run over one certificate. */
typedef struct lint {
    const x509_cert_view *view;
    const auth_profile *profile; /* NULL: none */
    auth_public_key *key;        /* NULL when it cannot be read */
    bool is_ca;
    bool is_self_issued;
    uint32_t key_usage; /* 0 when missing or malformed */
    auth_lint_visit *visit;
    void *context;
    size_t count;
    auth_error *err;
    auth_status fault; /* of the machine */
} lint;

/* Reports a broken rule. where names the field. */
void lint_report(lint *run, lint_rule rule, const char *where);

/* Each looks at one part. */
void lint_fields(lint *run);
void lint_names(lint *run);
void lint_extensions(lint *run);
void lint_usage(lint *run);
void lint_addresses(lint *run);
void lint_profile(lint *run);

/* Lints a view. key is that of the view when the caller has read it already, else NULL. */
auth_status lint_view(const x509_cert_view *view, const auth_profile *profile, auth_public_key *key,
                      auth_lint_visit *visit, void *context, auth_error *err) AUTH_MUST_CHECK;

#endif
