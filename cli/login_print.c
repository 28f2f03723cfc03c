/* SPDX-License-Identifier: Apache-2.0 */
#include "login_print.h"
#include "command.h"
#include "output.h"

static const char *text_or_null(const char *text) { return text[0] == '\0' ? NULL : text; }

static void add_time(cli_json *json, const char *name, auth_time time, bool is_known)
{
    char text[AUTH_TIME_TEXT_SIZE];
    auth_time_format(time, text);
    cli_json_text(json, name, is_known ? text : NULL);
}

static cli_json *status_json(const auth_login_verdict *verdict)
{
    bool is_known = verdict->source != AUTH_LOGIN_SOURCE_NONE;
    bool is_revoked = verdict->reason == AUTH_LOGIN_REASON_REVOKED ||
                      verdict->reason == AUTH_LOGIN_REASON_SUSPENDED;
    cli_json *json = cli_json_new();
    cli_json_text(json, "source", auth_login_source_name(verdict->source));
    cli_json_text(json, "evidence", auth_revocation_source_name(verdict->evidence));
    add_time(json, "known_from", verdict->status_from, is_known);
    add_time(json, "known_until", verdict->status_until, is_known && verdict->status_until != 0);
    cli_json_number(json, "age_s", verdict->status_age_s);
    add_time(json, "revoked_at", verdict->revoked_at, is_revoked);
    cli_json_text(json, "reason",
                  is_revoked ? auth_revocation_reason_name(verdict->revocation_reason) : NULL);
    return json;
}

static cli_json *policy_json(const auth_login_verdict *verdict)
{
    cli_json *json = cli_json_new();
    cli_json_text(json, "name", text_or_null(verdict->policy));
    cli_json_text(json, "mode", auth_login_mode_name(verdict->mode));
    cli_json_number(json, "max_age_s", verdict->max_age_s);
    cli_json_bool(json, "soft", verdict->is_soft);
    return json;
}

static bool print_json(const auth_login_verdict *verdict)
{
    cli_json *json = cli_json_new();
    cli_json_bool(json, "accepted", verdict->is_accepted);
    cli_json_text(json, "outcome", auth_login_outcome_name(verdict->outcome));
    cli_json_text(json, "reason", auth_login_reason_name(verdict->reason));
    cli_json_text(json, "sentence", verdict->sentence);
    cli_json_text(json, "meaning", auth_login_reason_meaning(verdict->reason));
    cli_json_text(json, "detail", text_or_null(verdict->detail));
    cli_json_text(json, "name", text_or_null(verdict->display_name));
    cli_json_text(json, "binding",
                  verdict->is_accepted ? auth_identity_binding_name(verdict->binding) : NULL);
    cli_json_text(json, "pseudonym", text_or_null(verdict->pseudonym));
    cli_json_bool(json, "pseudonym_lasts", verdict->is_pseudonym_lasting);
    cli_json_text(json, "assurance", auth_assurance_name(verdict->assurance));
    cli_json_text(json, "authority", text_or_null(verdict->authority));
    cli_json_text(json, "serial", text_or_null(verdict->serial));
    add_time(json, "certificate_until", verdict->certificate_until, verdict->serial[0] != '\0');
    cli_json_object(json, "status", status_json(verdict));
    cli_json_object(json, "policy", policy_json(verdict));
    return cli_json_print(json, stdout);
}

static void print_row(const char *title, const char *text)
{
    char plain[AUTH_ERROR_TEXT_SIZE];
    if (text[0] == '\0')
        return;
    printf("  ");
    cli_print_padded(stdout, CLI_STYLE_PLAIN, title, 12);
    printf(" %s\n", cli_plain(text, plain));
}

static void print_status(const auth_login_verdict *verdict)
{
    char from[AUTH_TIME_TEXT_SIZE];
    if (verdict->source == AUTH_LOGIN_SOURCE_NONE)
        return;
    auth_time_format(verdict->status_from, from);
    print_row(_("status"), auth_login_source_name(verdict->source));
    print_row(_("known from"), from);
}

static void print_text(const auth_login_verdict *verdict)
{
    cli_style style = verdict->is_accepted ? CLI_STYLE_GOOD : CLI_STYLE_BAD;
    cli_print_styled(stdout, style, auth_login_reason_name(verdict->reason));
    printf(": %s\n", verdict->sentence);
    print_row(_("name"), verdict->display_name);
    print_row(_("pseudonym"), verdict->pseudonym);
    print_row(_("authority"), verdict->authority);
    print_row(_("serial"), verdict->serial);
    print_status(verdict);
    print_row(_("policy"), verdict->policy);
    print_row(_("detail"), verdict->detail);
}

bool cli_login_print(const auth_login_verdict *verdict, bool is_json)
{
    if (is_json)
        return print_json(verdict);
    print_text(verdict);
    return true;
}
