/* SPDX-License-Identifier: Apache-2.0 */
/* What became of a table: asked for at the end, and written so that a spreadsheet can read it. */
#include "enrol_csv.h"

#include "file.h"

#include <string.h>
#include <time.h>

#define REPORT_MAX CLI_FILE_MAX
#define PATH_SIZE 4096

typedef struct report {
    auth_buf *text;
    cli_enrol_state *state;
    cli_enrol_sum *sum;
    bool may_split;
} report;

/* A field with quotes around it, doubled inside (RFC 4180 2.7). What a spreadsheet would take for a
 * formula gets an apostrophe in front. */
static auth_status add_field(auth_buf *out, const char *text, const char *end, auth_error *err)
{
    bool is_formula = text[0] != '\0' && strchr("=+-@", text[0]) != NULL;
    auth_status status = auth_buf_printf(out, err, is_formula ? "\"'" : "\"");
    for (const char *at = text; *at != '\0' && status == AUTH_STATUS_OK; at++)
        status = auth_buf_printf(out, err, *at == '"' ? "\"\"" : "%c", *at);
    return status == AUTH_STATUS_OK ? auth_buf_printf(out, err, "\"%s", end) : status;
}

static auth_status add_row(report *of, size_t line, size_t column, const char *reason,
                           const char *detail, const char *id, auth_error *err)
{
    auth_status status = auth_buf_printf(of->text, err, "%zu,", line);
    if (status == AUTH_STATUS_OK)
        status = column == 0 ? auth_buf_printf(of->text, err, ",")
                             : auth_buf_printf(of->text, err, "%zu,", column);
    if (status == AUTH_STATUS_OK)
        status = add_field(of->text, reason, ",", err);
    if (status == AUTH_STATUS_OK)
        status = add_field(of->text, detail, ",", err);
    if (status == AUTH_STATUS_OK)
        status = add_field(of->text, id, "\r\n", err);
    of->sum->refused++;
    return status;
}

static const char *text_or(const cli_answer *answer, const char *member, const char *otherwise)
{
    const char *text = cli_answer_text(answer, member);
    return text == NULL || text[0] == '\0' ? otherwise : text;
}

static auth_status add_outcome(report *of, const cli_batch *batch, const cli_answer *answer,
                               auth_error *err)
{
    char shown[AUTH_ERROR_TEXT_SIZE];
    auth_status status = AUTH_STATUS_OK;
    const char *state = text_or(answer, "state", "");
    bool is_decided = cli_outcome_is_decided(answer);
    bool is_done = strcmp(state, "done") == 0;
    for (size_t i = 0; i < batch->count && status == AUTH_STATUS_OK; i++) {
        const cli_answer *item = cli_answer_at(answer, "items", i);
        if (cli_answer_text(item, "certificate") != NULL) {
            of->sum->done++;
            continue;
        }
        if (!is_decided && cli_answer_text(item, "status") == NULL) {
            *(cli_outcome_is_settled(answer) ? &of->sum->waiting : &of->sum->open) += 1;
            continue;
        }
        const cli_answer *said = is_done || !is_decided ? item : answer;
        (void)snprintf(shown, sizeof shown, "%s",
                       text_or(said, "detail", text_or(item, "detail", "")));
        status =
            add_row(of, batch->lines[i], 0, text_or(said, "reason", text_or(item, "reason", state)),
                    shown, batch->id, err);
    }
    return status;
}

/* Whether the answer tells of a refusal that is the matter of one line among others. */
static bool is_one_of_others(const cli_batch *batch, const cli_answer *answer)
{
    long long item = cli_answer_number(answer, "item", -1);
    return batch->count > 1 && item >= 0 && (size_t)item < batch->count &&
           strcmp(text_or(answer, "state", ""), "refused") == 0;
}

static auth_status split_batch(report *of, cli_batch *batch, const cli_answer *answer,
                               auth_error *err)
{
    char text[AUTH_ERROR_TEXT_SIZE];
    size_t item = (size_t)cli_answer_number(answer, "item", 0);
    const char *reason = text_or(answer, "reason", "refused");
    const char *detail = text_or(answer, "detail", "");
    bool is_told = strncmp(detail, reason, strlen(reason)) == 0;
    (void)snprintf(text, sizeof text, "%s%s%s", is_told ? "" : reason, is_told ? "" : ": ", detail);
    of->sum->split++;
    return cli_enrol_state_split(of->state, batch, item, text, err);
}

static auth_status add_batch(report *of, cli_officer *officer, cli_batch *batch, unsigned wait_s,
                             auth_error *err)
{
    AUTH_AUTO(cli_answer) *answer = NULL;
    auth_status status = AUTH_STATUS_OK;
    if (batch->state == CLI_BATCH_DENIED) {
        for (size_t i = 0; i < batch->count && status == AUTH_STATUS_OK; i++)
            status = add_row(of, batch->lines[i], 0, "document", batch->text, batch->id, err);
        return status;
    }
    status = cli_outcome_wait(officer, batch->id, wait_s, &answer, err);
    batch->is_lost = status == AUTH_STATUS_NOT_FOUND && !batch->is_resent;
    of->sum->lost += batch->is_lost;
    if (batch->is_lost)
        return AUTH_STATUS_OK;
    if (status != AUTH_STATUS_OK)
        return status;
    if (is_one_of_others(batch, answer) && of->may_split)
        return split_batch(of, batch, answer, err);
    if (is_one_of_others(batch, answer)) {
        /* The next call divides it: nobody is to write its lines into another table. */
        batch->is_over = true;
        of->sum->open += batch->count;
        return AUTH_STATUS_OK;
    }
    batch->is_over =
        cli_outcome_is_decided(answer) && strcmp(text_or(answer, "state", ""), "done") != 0;
    batch->is_kept = cli_answer_is_true(answer, "kept");
    of->sum->kept += batch->is_kept ? batch->count : 0;
    if (strcmp(text_or(answer, "state", ""), "submitted") == 0 && of->sum->unsigned_count++ == 0)
        (void)snprintf(of->sum->unsigned_id, sizeof of->sum->unsigned_id, "%s", batch->id);
    return add_outcome(of, batch, answer, err);
}

/*
 * Lines of documents that were not taken have codes that open nothing; those of a document that is
 * kept may come to that, and nobody is to carry them home.
 */
static bool has_no_effect(const cli_batch *batch)
{
    return batch->state == CLI_BATCH_DENIED || batch->state == CLI_BATCH_SPLIT || batch->is_kept ||
           batch->is_over;
}

static auth_status write_codes(const char *table, report *of, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    cli_enrol_state *state = of->state;
    char path[PATH_SIZE];
    const cli_line_codes *codes = NULL;
    const cli_batch *batch = NULL;
    auth_status status = auth_buf_new(REPORT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(text, err, "line,request,item,first,second\r\n");
    for (size_t i = 0; (batch = cli_enrol_state_batch_at(state, i)) != NULL; i++) {
        for (size_t j = 0;
             status == AUTH_STATUS_OK && (codes = cli_enrol_state_codes_at(state, j)) != NULL;
             j++) {
            size_t item = 0;
            if (has_no_effect(batch) || strcmp(codes->id, batch->id) != 0)
                continue;
            while (item < batch->count && batch->lines[item] != codes->line)
                item++;
            status = auth_buf_printf(text, err, "%zu,%s,%zu,%s,%s\r\n", codes->line, codes->id,
                                     item, codes->codes.first, codes->codes.second);
            of->sum->codes++;
        }
    }
    (void)snprintf(path, sizeof path, "%s.codes.csv", table);
    return status == AUTH_STATUS_OK && of->sum->codes > 0
               ? cli_file_write(path, auth_buf_bytes(text), true, err)
               : status;
}

static time_t now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

static auth_status gather(report *of, cli_officer *officer, unsigned wait_s, auth_error *err)
{
    cli_enrol_state *state = of->state;
    const cli_refusal *refusal = NULL;
    cli_batch *batch = NULL;
    time_t end = now_s() + (time_t)wait_s;
    auth_status status = auth_buf_printf(of->text, err, "line,column,reason,detail,request\r\n");
    for (size_t i = 0;
         status == AUTH_STATUS_OK && (refusal = cli_enrol_state_refusal_at(state, i)) != NULL;
         i++) {
        of->sum->lines++;
        status = add_row(of, refusal->line, refusal->column, "line", refusal->text, "", err);
    }
    for (size_t i = 0;
         status == AUTH_STATUS_OK && (batch = cli_enrol_state_batch_at(state, i)) != NULL; i++) {
        time_t now = now_s();
        if (batch->state == CLI_BATCH_SPLIT)
            continue;
        of->sum->lines += batch->count;
        status = add_batch(of, officer, batch, now < end ? (unsigned)(end - now) : 0, err);
    }
    return status;
}

auth_status cli_enrol_report(cli_officer *officer, const char *table, cli_enrol_state *state,
                             unsigned wait_s, bool may_split, cli_enrol_sum *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    char path[PATH_SIZE];
    *out = (cli_enrol_sum){.lines = 0};
    auth_status status = auth_buf_new(REPORT_MAX, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    report of = {.text = text, .state = state, .sum = out, .may_split = may_split};
    status = gather(&of, officer, wait_s, err);
    if (status == AUTH_STATUS_OK && (out->split > 0 || out->lost > 0))
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = write_codes(table, &of, err);
    (void)snprintf(path, sizeof path, "%s.report.csv", table);
    if (status == AUTH_STATUS_OK && out->refused > 0)
        status = cli_file_write(path, auth_buf_bytes(text), true, err);
    return status;
}
