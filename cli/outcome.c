/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of a document: waiting for it, and saying it. */
#include "document.h"
#include "output.h"

#include <string.h>
#include <time.h>

/* The longest that a daemon holds one question back. */
#define POLL_S 30U
#define NOTE_SIZE AUTH_ERROR_TEXT_SIZE

bool cli_outcome_is_decided(const cli_answer *answer)
{
    static const char *const states[] = {"done", "refused", "rejected", "expired"};
    const char *state = cli_answer_text(answer, "state");
    for (size_t i = 0; state != NULL && i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(state, states[i]) == 0)
            return true;
    }
    return false;
}

bool cli_outcome_is_settled(const cli_answer *answer)
{
    const char *state = cli_answer_text(answer, "state");
    return cli_outcome_is_decided(answer) || (state != NULL && strcmp(state, "waiting") == 0);
}

static time_t now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* Who asks for what. */
typedef struct question {
    cli_officer *officer;
    const char *id;
    bool is_public;
    size_t item; /* of whose certificate the public answer is */
} question;

static auth_status ask(const question *of, unsigned wait_s, cli_answer **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *body = NULL;
    char path[CLI_PATH_SIZE];
    cli_ask_http http = {.method = "GET", .path = path, .wait_s = wait_s, .is_repeatable = true};
    int len = snprintf(path, sizeof path, "/%s/%s/outcome?wait=%u",
                       of->is_public ? "renewals" : "requests", of->id, wait_s);
    if (of->item > 0)
        (void)snprintf(path + len, sizeof path - (size_t)len, "&item=%zu", of->item);
    if (!of->is_public)
        return cli_officer_ask_json(of->officer, &http, out, err);
    auth_status status = cli_officer_ask_publicly(of->officer, &http, NULL, &body, err);
    return status == AUTH_STATUS_OK ? cli_answer_parse(auth_buf_bytes(body), out, err) : status;
}

static auth_status wait_for(const question *of, unsigned wait_s, cli_answer **out, auth_error *err)
{
    time_t end = now_s() + (time_t)wait_s;
    for (;;) {
        AUTH_AUTO(cli_answer) *answer = NULL;
        time_t before = now_s();
        unsigned left = end > before ? (unsigned)(end - before) : 0;
        auth_status status = ask(of, left < POLL_S ? left : POLL_S, &answer, err);
        if (status != AUTH_STATUS_OK)
            return status;
        time_t after = now_s();
        /* What a holder has activated waits no more for her, if the answer is of before. */
        bool is_end =
            of->is_public ? cli_outcome_is_decided(answer) : cli_outcome_is_settled(answer);
        if (is_end || cli_answer_text(answer, "certificate") != NULL || after >= end) {
            *out = AUTH_TAKE(answer);
            return AUTH_STATUS_OK;
        }
        /* A daemon that is full answers at once with what there is. */
        if (after - before < 1) {
            struct timespec second = {1, 0};
            (void)nanosleep(&second, NULL);
        }
    }
}

auth_status cli_outcome_wait(cli_officer *officer, const char *id, unsigned wait_s,
                             cli_answer **out, auth_error *err)
{
    question of = {.officer = officer, .id = id};
    return wait_for(&of, wait_s, out, err);
}

auth_status cli_outcome_wait_publicly(cli_officer *officer, const char *id, size_t item,
                                      unsigned wait_s, cli_answer **out, auth_error *err)
{
    question of = {.officer = officer, .id = id, .is_public = true, .item = item};
    return wait_for(&of, wait_s, out, err);
}

/* "1 more admin, 1 more clerk or approver". */
static void name_needs(const cli_answer *answer, char *out, size_t size)
{
    size_t used = 0;
    size_t count = cli_answer_count(answer, "needs");
    out[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++) {
        const cli_answer *need = cli_answer_at(answer, "needs", i);
        int len = snprintf(out + used, size - used, _("%s%lld more "), i > 0 ? ", " : "",
                           cli_answer_number(need, "count", 1));
        used += len > 0 ? (size_t)len : 0;
        for (size_t j = 0; j < cli_answer_count(need, "roles") && used < size; j++) {
            const char *role = cli_answer_element_text(cli_answer_at(need, "roles", j));
            len = snprintf(out + used, size - used, "%s%s", j > 0 ? _(" or ") : "",
                           role == NULL ? "?" : role);
            used += len > 0 ? (size_t)len : 0;
        }
    }
}

static bool is_good(const cli_answer *item)
{
    const char *status = cli_answer_text(item, "status");
    return status != NULL && (strcmp(status, "ok") == 0 || strcmp(status, "done") == 0);
}

static void show_item(const cli_answer *item)
{
    char text[NOTE_SIZE];
    const char *certificate = cli_answer_text(item, "certificate");
    const char *serial = cli_answer_text(item, "serial");
    const char *status = cli_answer_text(item, "status");
    const char *reason = cli_answer_text(item, "reason");
    const char *detail = cli_answer_text(item, "detail");
    (void)printf(_("  item %lld: "), cli_answer_number(item, "item", 0));
    if (status == NULL) {
        (void)printf("%s\n", cli_plain(serial == NULL ? _("not decided") : serial, text));
        return;
    }
    if (!is_good(item)) {
        cli_print_styled(stdout, CLI_STYLE_BAD, cli_plain(reason == NULL ? status : reason, text));
        (void)printf(": %s\n", cli_plain(detail == NULL ? _("no detail was told") : detail, text));
        return;
    }
    cli_print_styled(stdout, CLI_STYLE_GOOD, _("done"));
    if (certificate != NULL)
        (void)printf(_(", certificate %s"), cli_plain(certificate, text));
    else if (serial != NULL)
        (void)printf(", %s", cli_plain(serial, text));
    (void)putchar('\n');
}

static bool is_waiting(const cli_answer *answer)
{
    return cli_outcome_is_settled(answer) && !cli_outcome_is_decided(answer);
}

/* A request that is done, or waits for persons, may have items that were refused. */
static bool is_whole(const cli_answer *answer)
{
    const char *state = cli_answer_text(answer, "state");
    size_t count = cli_answer_count(answer, "items");
    if (state == NULL || (strcmp(state, "done") != 0 && !is_waiting(answer)))
        return false;
    for (size_t i = 0; i < count; i++) {
        const cli_answer *item = cli_answer_at(answer, "items", i);
        bool is_open = is_waiting(answer) && cli_answer_text(item, "status") == NULL;
        if (!is_open && !is_good(item))
            return false;
    }
    return true;
}

static void show_text(const cli_answer *answer)
{
    char shown[NOTE_SIZE];
    char missing[NOTE_SIZE];
    const char *id = cli_answer_text(answer, "id");
    const char *state = cli_answer_text(answer, "state");
    const char *detail = cli_answer_text(answer, "detail");
    const char *said = cli_answer_text(answer, "text");
    (void)printf("%s: ", cli_plain(id == NULL ? "?" : id, shown));
    cli_print_styled(stdout, is_whole(answer) ? CLI_STYLE_GOOD : CLI_STYLE_STRONG,
                     cli_plain(state == NULL ? "?" : state, shown));
    if (cli_answer_is_true(answer, "kept"))
        (void)printf(": %s",
                     cli_plain(said == NULL ? _("kept there, not yet delivered") : said, shown));
    if (is_waiting(answer))
        (void)fputs(_(": for persons to make their keys with their activation codes"), stdout);
    if (cli_outcome_is_decided(answer) && detail != NULL && detail[0] != '\0')
        (void)printf(": %s", cli_plain(detail, shown));
    name_needs(answer, missing, sizeof missing);
    if (missing[0] != '\0' && id != NULL) {
        (void)printf(_("; needs %s: "), cli_plain(missing, shown));
        (void)printf("auth request approve %s", cli_plain(id, shown));
    }
    (void)putchar('\n');
    if (cli_answer_number(answer, "item", -1) >= 0)
        (void)printf(_("  item %lld: it is refused because of this one alone; enter the others in "
                       "a new request\n"),
                     cli_answer_number(answer, "item", -1));
    for (size_t i = 0; i < cli_answer_count(answer, "items"); i++)
        show_item(cli_answer_at(answer, "items", i));
}

cli_exit cli_outcome_show(const cli_call *call, const cli_answer *answer, bool was_waited_for)
{
    if (!cli_has(call, "json"))
        show_text(answer);
    else if (!cli_answer_print(answer, stdout))
        return cli_fault(_("out of memory"));
    if (cli_outcome_is_settled(answer))
        return is_whole(answer) ? CLI_YES : CLI_NO;
    if (!was_waited_for)
        return CLI_YES;
    return cli_fault(
        _("not decided within the time of --wait; ask again with 'auth request show'"));
}
