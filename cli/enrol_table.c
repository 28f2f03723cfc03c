/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol_table.h"

#include "command.h"
#include "enrol_seen.h"
#include "file.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define HEAD_SIZE 512
#define BAR_CELLS 30U
/* How often lines are asked for anew since another one of their document was refused. */
#define PASSES_MAX 32U

/* A table on its way. */
typedef struct table {
    const cli_enrol_order *order;
    cli_csv *csv;
    cli_enrol_form form;
    cli_enrol_state *state;
    cli_enrol_seen seen;
    cli_enrol_line *lines; /* room for a batch */
    size_t numbers[AUTH_REQUEST_ITEMS_MAX];
    size_t count;    /* of lines that wait for their batch to be full */
    unsigned passes; /* through the table */
    bool has_split;  /* lines of a document became free in this pass */
} table;

static void show_progress(const table *of, size_t done)
{
    size_t total = cli_csv_count(of->csv) - 1;
    if (isatty(STDERR_FILENO) != 1 || total == 0)
        return;
    size_t cells = done * BAR_CELLS / total;
    (void)fputs("\r[", stderr);
    for (size_t i = 0; i < BAR_CELLS; i++)
        (void)fputc(i < cells ? '#' : '.', stderr);
    (void)fprintf(stderr, "] %zu/%zu", done, total);
    if (done == total)
        (void)fputc('\n', stderr);
    (void)fflush(stderr);
}

/*
 * What the daemon refuses is noted, and the next document goes. When it is the matter of one item,
 * the others go on without it: the daemon has taken nothing, since it judges before it takes, and
 * what it took it takes again. Only so often, so that a daemon which finds fault with everything
 * ends this, too.
 */
static auth_status note_refusal(table *of, cli_batch *batch, const char *text, auth_error *err)
{
    long long item = cli_officer_refused_item(of->order->officer);
    if (item < 0 || (size_t)item >= batch->count || batch->count == 1 || of->passes >= PASSES_MAX)
        return cli_enrol_state_denied(of->state, batch, text, err);
    of->has_split = true;
    return cli_enrol_state_split(of->state, batch, (size_t)item, text, err);
}

/* Sends a document that is in the state. */
static auth_status send_batch(table *of, cli_batch *batch, auth_error *err)
{
    AUTH_AUTO(cli_answer) *answer = NULL;
    auth_status status =
        cli_document_send(of->order->officer, auth_bytes_from_text(batch->document), &answer, err);
    if (status == AUTH_STATUS_OK)
        return cli_enrol_state_taken(of->state, batch, err);
    if (status != AUTH_STATUS_INVALID && status != AUTH_STATUS_CONFLICT &&
        status != AUTH_STATUS_UNSUPPORTED && status != AUTH_STATUS_LIMIT)
        return status;
    char text[AUTH_ERROR_TEXT_SIZE];
    memcpy(text, err->text, sizeof text);
    return note_refusal(of, batch, text, err);
}

static void clear_lines(table *of)
{
    for (size_t i = 0; i < of->count; i++)
        cli_enrol_line_clear(&of->lines[i]);
    of->count = 0;
}

static auth_status note_codes(const table *of, const char *id, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < of->count && status == AUTH_STATUS_OK; i++) {
        cli_line_codes codes = {.line = of->numbers[i], .codes = of->lines[i].codes};
        (void)snprintf(codes.id, sizeof codes.id, "%s", id);
        if (of->lines[i].has_codes)
            status = cli_enrol_state_codes(of->state, &codes, err);
        auth_secret_wipe(&codes, sizeof codes);
    }
    return status;
}

static auth_status flush(table *of, auth_error *err)
{
    AUTH_AUTO(auth_buf) *document = NULL;
    char id[AUTH_REQUEST_ID_SIZE];
    size_t last = 0;
    if (of->count == 0)
        return AUTH_STATUS_OK;
    auth_request_item *items = calloc(of->count, sizeof *items);
    if (items == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < of->count; i++)
        items[i] = of->lines[i].item;
    cli_wish wish = {.kind = AUTH_REQUEST_KIND_ENROL,
                     .profile = of->order->profile,
                     .items = items,
                     .item_count = of->count};
    auth_status status = cli_document_make(of->order->officer, &wish, id, &document, err);
    auth_secret_wipe(items, of->count * sizeof *items);
    free(items);
    if (status == AUTH_STATUS_OK)
        status = note_codes(of, id, err);
    if (status == AUTH_STATUS_OK)
        status = cli_enrol_state_batch(of->state, id, of->numbers, of->count,
                                       auth_buf_bytes(document), err);
    if (status != AUTH_STATUS_OK)
        return status;
    clear_lines(of);
    while (cli_enrol_state_batch_at(of->state, last + 1) != NULL)
        last++;
    return send_batch(of, cli_enrol_state_batch_at(of->state, last), err);
}

/*
 * A line that was looked at before: of one in a document the person counts, who may not come again.
 * Of one that was refused nothing does, as if this call were the first one.
 */
static auth_status pass_over(table *of, const cli_csv_row *row, auth_error *err)
{
    cli_enrol_line line;
    auth_error why;
    if (cli_enrol_state_has_refused(of->state, row->line))
        return AUTH_STATUS_OK;
    auth_status status = cli_enrol_line_read(&of->form, row, &line, &why);
    if (line.item.person.len > 0)
        status = cli_enrol_seen_note(&of->seen, &line.item.person, err);
    cli_enrol_line_clear(&line);
    return auth_status_is_fault(status) ? status : AUTH_STATUS_OK;
}

static auth_status add_line(table *of, const cli_csv_row *row, auth_error *err)
{
    cli_enrol_line *line = &of->lines[of->count];
    if (cli_enrol_state_has(of->state, row->line))
        return pass_over(of, row, err);
    auth_status status = cli_enrol_line_read(&of->form, row, line, err);
    if (status == AUTH_STATUS_OK)
        status = cli_enrol_seen_check(&of->seen, &of->form, line, err);
    if (status == AUTH_STATUS_OK) {
        of->numbers[of->count++] = row->line;
        return of->count == of->order->batch ? flush(of, err) : AUTH_STATUS_OK;
    }
    size_t column = line->column;
    cli_enrol_line_clear(line);
    /* A file that is not there is this line's matter, a disk that fails is not. */
    if (auth_status_is_fault(status) && status != AUTH_STATUS_IO)
        return status;
    char text[AUTH_ERROR_TEXT_SIZE];
    memcpy(text, err->text, sizeof text);
    return cli_enrol_state_refuse(of->state, row->line, column, text, err);
}

static auth_status open_state(table *of, auth_bytes text, const cli_realm_facts *facts,
                              auth_error *err)
{
    char path[PATH_SIZE];
    char head[HEAD_SIZE];
    uint8_t digest[AUTH_REQUEST_HASH_SIZE];
    char hex[2 * AUTH_REQUEST_HASH_SIZE + 1];
    auth_status status = registry_sha256(of->seen.crypto, &text, 1, digest, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < sizeof digest; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    (void)snprintf(head, sizeof head, "%s %s %s %s", hex, of->order->profile, facts->realm,
                   facts->office);
    int len = snprintf(path, sizeof path, "%s.state", of->order->path);
    if (len < 0 || (size_t)len >= sizeof path)
        return auth_error_set(err, AUTH_STATUS_LIMIT, _("the table's path is too long"));
    return cli_enrol_state_open(path, head, &of->state, err);
}

static auth_status make_room(table *of, auth_error *err)
{
    of->lines = calloc(of->order->batch, sizeof *of->lines);
    return of->lines == NULL ? auth_error_memory(err)
                             : cli_enrol_seen_begin(&of->seen, cli_csv_count(of->csv), err);
}

static auth_status open_table(table *of, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    cli_csv_row first;
    cli_realm_facts facts;
    const char *path = of->order->path;
    auth_status status = cli_file_read(path, &text, err);
    if (status == AUTH_STATUS_OK)
        status = cli_csv_new(auth_buf_bytes(text), &of->csv, err);
    if (status == AUTH_STATUS_OK && !cli_csv_at(of->csv, 0, &first))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                _("the table is empty; its first line names the columns"));
    if (status == AUTH_STATUS_OK)
        status = cli_enrol_form_read(&first, path, time(NULL), &of->form, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "%s", path);
        return status;
    }
    status = make_room(of, err);
    if (status == AUTH_STATUS_OK)
        status = cli_officer_know(of->order->officer, &facts, err);
    if (status == AUTH_STATUS_OK)
        status = cli_document_check_role(&facts, AUTH_REQUEST_KIND_ENROL, of->order->profile, err);
    return status == AUTH_STATUS_OK ? open_state(of, auth_buf_bytes(text), &facts, err) : status;
}

/* All lines that are in no document. Who was seen in an earlier pass comes for the first time. */
static auth_status pass(table *of, auth_error *err)
{
    cli_csv_row row;
    auth_status status = AUTH_STATUS_OK;
    of->has_split = false;
    of->passes++;
    cli_enrol_seen_clear(&of->seen);
    for (size_t i = 1; status == AUTH_STATUS_OK && cli_csv_at(of->csv, i, &row); i++) {
        status = add_line(of, &row, err);
        if (status == AUTH_STATUS_OK && of->passes == 1)
            show_progress(of, i);
    }
    return status == AUTH_STATUS_OK ? flush(of, err) : status;
}

/* All lines that are not asked for yet, until no document was split. */
static auth_status pass_all(table *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    do
        status = pass(of, err);
    while (status == AUTH_STATUS_OK && of->has_split);
    return status;
}

static time_t now_s(void)
{
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* What may not have come to the daemon, and what it lost: to send it again has no second effect. */
static auth_status send_written(table *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    cli_batch *batch = NULL;
    for (size_t i = 0;
         status == AUTH_STATUS_OK && (batch = cli_enrol_state_batch_at(of->state, i)) != NULL;
         i++) {
        if (batch->state != CLI_BATCH_WRITTEN && !batch->is_lost)
            continue;
        batch->is_resent = batch->is_lost;
        batch->is_lost = false;
        status = send_batch(of, batch, err);
    }
    return status;
}

/*
 * What the report finds refused because of one line frees the others, which are asked for once
 * more, as often as with refusals that are told at once.
 */
static auth_status work(table *of, cli_enrol_sum *sum, auth_error *err)
{
    time_t end = now_s() + (time_t)of->order->wait_s;
    auth_status status = open_table(of, err);
    do {
        if (status == AUTH_STATUS_OK)
            status = send_written(of, err);
        if (status == AUTH_STATUS_OK)
            status = pass_all(of, err);
        time_t now = now_s();
        if (status == AUTH_STATUS_OK)
            status = cli_enrol_report(of->order->officer, of->order->path, of->state,
                                      now < end ? (unsigned)(end - now) : 0,
                                      of->passes < PASSES_MAX, sum, err);
    } while (status == AUTH_STATUS_OK && (sum->split > 0 || sum->lost > 0));
    return status;
}

static void clear(table *of)
{
    clear_lines(of);
    free(of->lines);
    cli_enrol_seen_end(&of->seen);
    cli_enrol_state_free(of->state);
    cli_csv_free(of->csv);
}

auth_status cli_enrol_table_run(const cli_enrol_order *order, cli_enrol_sum *out, auth_error *err)
{
    table of = {.order = order};
    auth_status status = work(&of, out, err);
    clear(&of);
    return status;
}
