/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* An officer acts within a week, or the document is made anew. */
#define LIFETIME_S ((int64_t)7 * 86400)
#define WAIT_MAX_S 86400U
#define MS_PER_S 1000
#define NS_PER_MS 1000000
/* What needs nobody else any more is done within moments. */
#define MOMENT_S 30U

static auth_status new_id(char out[AUTH_REQUEST_ID_SIZE], auth_error *err)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return auth_request_id_new((int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS, out, err);
}

auth_status cli_document_make_as(const cli_officer *officer, const cli_wish *wish,
                                 const char *realm, const char *office, int64_t lifetime_s,
                                 char id[AUTH_REQUEST_ID_SIZE], auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *payload = NULL;
    AUTH_AUTO(auth_buf) *document = NULL;
    auth_bytes chain[AUTH_JWS_CHAIN_MAX];
    auth_time now = time(NULL);
    auth_status status = new_id(id, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(CLI_DOCUMENT_MAX, &payload, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(CLI_DOCUMENT_MAX, &document, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_request_draft draft = {.id = id,
                                .realm = realm,
                                .kind = wish->kind,
                                .office = office,
                                .profile = wish->profile,
                                .created = now,
                                .expires = now + lifetime_s,
                                .items = wish->items,
                                .item_count = wish->item_count};
    auth_request_signing signing = {.signer = cli_officer_signer(officer),
                                    .chain = chain,
                                    .chain_len =
                                        cli_officer_chain(officer, chain, AUTH_JWS_CHAIN_MAX),
                                    .signed_at = now};
    status = auth_request_write(&draft, payload, err);
    if (status == AUTH_STATUS_OK)
        status = auth_request_sign(auth_buf_bytes(payload), realm, &signing, document, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(document);
    return status;
}

auth_status cli_document_make(cli_officer *officer, const cli_wish *wish,
                              char id[AUTH_REQUEST_ID_SIZE], auth_buf **out, auth_error *err)
{
    cli_realm_facts facts;
    auth_status status = cli_officer_open_key(officer, err);
    if (status == AUTH_STATUS_OK)
        status = cli_officer_know(officer, &facts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    int64_t longest =
        facts.policy == NULL ? LIFETIME_S : auth_policy_max_lifetime_s(facts.policy, wish->kind);
    return cli_document_make_as(officer, wish, facts.realm, facts.office,
                                longest < LIFETIME_S ? longest : LIFETIME_S, id, out, err);
}

auth_status cli_document_check_role(const cli_realm_facts *facts, auth_request_kind kind,
                                    const char *profile, auth_error *err)
{
    const auth_policy_quorum *quorum = NULL;
    auth_officer_role role = AUTH_OFFICER_ROLE_NONE;
    if (facts->policy == NULL)
        return AUTH_STATUS_OK;
    auth_status status = auth_policy_quorum_find(facts->policy, kind, profile, &quorum, err);
    if (status == AUTH_STATUS_OK)
        status = auth_officer_role_find(facts->role, &role, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < quorum->place_count; i++) {
        if ((quorum->places[i].roles >> (unsigned)role & 1U) != 0)
            return AUTH_STATUS_OK;
    }
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          _("the policy gives no place to the signature of a %s for this; have an "
                            "officer call this whose role has one"),
                          facts->role);
}

auth_status cli_document_send(cli_officer *officer, auth_bytes document, cli_answer **out,
                              auth_error *err)
{
    cli_ask_http ask = {.method = "POST",
                        .path = "/requests",
                        .type = CLI_TYPE_DOCUMENT,
                        .body = document,
                        .is_repeatable = true};
    return cli_officer_ask_json(officer, &ask, out, err);
}

auth_status cli_wait_read(const cli_call *call, unsigned otherwise_s, unsigned *out,
                          auth_error *err)
{
    const char *text = cli_value(call, "wait");
    char *end = NULL;
    *out = otherwise_s;
    if (text == NULL)
        return AUTH_STATUS_OK;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number > WAIT_MAX_S)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("--wait: must be a number of seconds up to %u; write 60"),
                              WAIT_MAX_S);
    *out = (unsigned)number;
    return AUTH_STATUS_OK;
}

auth_status cli_request_id_check(const char *text, auth_error *err)
{
    static const char form[] = "xxxxxxxx-xxxx-7xxx-xxxx-xxxxxxxxxxxx";
    bool is_one = strlen(text) == sizeof form - 1;
    for (size_t i = 0; is_one && i < sizeof form - 1; i++)
        is_one = form[i] == 'x' ? strchr("0123456789abcdef", text[i]) != NULL : form[i] == text[i];
    if (is_one)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          _("the id of a request is a UUID of version 7 in lower case (RFC 9562 "
                            "5.7); copy it from 'auth request list'"));
}

auth_status cli_serial_check(const char *text, char out[CLI_SERIAL_SIZE], auth_error *err)
{
    size_t len = strlen(text);
    bool is_one = len >= 32 && len < CLI_SERIAL_SIZE && len % 2 == 0;
    for (size_t i = 0; is_one && i < len; i++) {
        char letter = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] - 'A' + 'a') : text[i];
        is_one = strchr("0123456789abcdef", letter) != NULL;
        out[i] = letter;
    }
    if (is_one) {
        out[len] = '\0';
        return AUTH_STATUS_OK;
    }
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          _("a serial number is 32 to 40 hexadecimal digits without anything "
                            "between them (RFC 5280 4.1.2.2); copy it from 'auth cert list'"));
}

cli_exit cli_document_submit(const cli_call *call, cli_officer *officer, const cli_wish *wish,
                             cli_answer **out)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    AUTH_AUTO(cli_answer) *answer = NULL;
    char id[AUTH_REQUEST_ID_SIZE];
    auth_error err;
    unsigned wait_s = 0;
    auth_status status = cli_wait_read(call, 0, &wait_s, &err);
    if (status != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    status = cli_document_make(officer, wish, id, &document, &err);
    if (status == AUTH_STATUS_OK)
        status = cli_document_send(officer, auth_buf_bytes(document), &answer, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    bool is_enough = cli_answer_count(answer, "needs") == 0 && !cli_answer_is_true(answer, "kept");
    if (!cli_has(call, "wait") && is_enough)
        wait_s = MOMENT_S;
    /* A document that was known and decided is answered without its items. */
    if (wait_s > 0) {
        cli_answer *decided = NULL;
        status = cli_outcome_wait(officer, id, wait_s, &decided, &err);
        if (status != AUTH_STATUS_OK) {
            (void)cli_outcome_show(call, answer, false);
            return cli_error(call->command, &err);
        }
        cli_answer_free(answer);
        answer = decided;
    }
    cli_exit code = cli_outcome_show(call, answer, wait_s > 0);
    if (out != NULL)
        *out = AUTH_TAKE(answer);
    return code;
}
