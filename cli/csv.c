/* SPDX-License-Identifier: Apache-2.0 */
#include "csv.h"

#include "command.h"

#include <auth/secret.h>
#include <stdlib.h>
#include <string.h>

/* Where a record stands: its fields lie one after the other in the text, each with its length. */
typedef struct record {
    size_t line;
    size_t count;
    size_t starts[CLI_CSV_FIELDS_MAX];
    size_t lens[CLI_CSV_FIELDS_MAX];
} record;

struct cli_csv {
    char *text; /* fields are freed of their quotes where they stand */
    size_t len;
    record *records;
    size_t count;
    size_t capacity;
};

/* Where the reader is. */
typedef struct reader {
    cli_csv *csv;
    size_t at;
    size_t line;
    size_t begin; /* of the line, for columns */
} reader;

static auth_status malformed(const reader *in, size_t at, const char *why, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, _("line %zu, character %zu: %s"), in->line,
                          at - in->begin + 1, why);
}

static bool is_end(const reader *in) { return in->at == in->csv->len; }

static bool is_break(char c) { return c == '\n' || c == '\r'; }

/* The field at a quote; what was doubled becomes single. */
static auth_status read_quoted(reader *in, record *into, auth_error *err)
{
    char *text = in->csv->text;
    const reader opened = *in;
    size_t out = ++in->at;
    into->starts[into->count] = out;
    for (; !is_end(in); in->at++) {
        if (text[in->at] == '"' && (in->at + 1 == in->csv->len || text[in->at + 1] != '"'))
            break;
        if (text[in->at] == '"')
            in->at++;
        if (text[in->at] == '\n') {
            in->line++;
            in->begin = in->at + 1;
        }
        text[out++] = text[in->at];
    }
    if (is_end(in))
        return malformed(&opened, opened.at, _("a quote is not closed (RFC 4180 2.5); close it"),
                         err);
    in->at++;
    into->lens[into->count] = out - into->starts[into->count];
    into->count++;
    if (is_end(in) || text[in->at] == ',' || is_break(text[in->at]))
        return AUTH_STATUS_OK;
    return malformed(
        in, in->at, _("behind a closing quote comes a comma or the end of the line (RFC 4180 2.5)"),
        err);
}

static auth_status read_plain(reader *in, record *into, auth_error *err)
{
    const char *text = in->csv->text;
    into->starts[into->count] = in->at;
    for (; !is_end(in) && text[in->at] != ',' && !is_break(text[in->at]); in->at++) {
        if (text[in->at] == '"')
            return malformed(in, in->at,
                             _("a quote stands only around a whole field (RFC 4180 2.5)"), err);
        if (text[in->at] == '\0')
            return malformed(in, in->at, _("a NUL is no text; write the table as UTF-8"), err);
    }
    into->lens[into->count] = in->at - into->starts[into->count];
    into->count++;
    return AUTH_STATUS_OK;
}

static auth_status end_line(reader *in, auth_error *err)
{
    const char *text = in->csv->text;
    if (!is_end(in) && text[in->at] == '\r') {
        in->at++;
        if (is_end(in) || text[in->at] != '\n')
            return malformed(in, in->at - 1,
                             _("a line ends in CR LF or LF (RFC 4180 2.1); convert the table"),
                             err);
    }
    if (!is_end(in))
        in->at++;
    in->line++;
    in->begin = in->at;
    return AUTH_STATUS_OK;
}

static auth_status read_record(reader *in, record *into, auth_error *err)
{
    const char *text = in->csv->text;
    auth_status status = AUTH_STATUS_OK;
    *into = (record){.line = in->line};
    for (;;) {
        if (into->count == CLI_CSV_FIELDS_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT, _("line %zu: more than %d fields"),
                                  in->line, CLI_CSV_FIELDS_MAX);
        status = !is_end(in) && text[in->at] == '"' ? read_quoted(in, into, err)
                                                    : read_plain(in, into, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (is_end(in) || text[in->at] != ',')
            break;
        in->at++;
    }
    return end_line(in, err);
}

static auth_status keep(cli_csv *csv, const record *row, auth_error *err)
{
    if (csv->count == csv->capacity) {
        size_t capacity = csv->capacity == 0 ? 64 : csv->capacity * 2;
        record *records = realloc(csv->records, capacity * sizeof *records);
        if (records == NULL)
            return auth_error_memory(err);
        csv->records = records;
        csv->capacity = capacity;
    }
    csv->records[csv->count++] = *row;
    return AUTH_STATUS_OK;
}

static auth_status read_all(cli_csv *csv, auth_error *err)
{
    static const char mark[] = "\xef\xbb\xbf";
    reader in = {.csv = csv, .line = 1};
    if (csv->len >= sizeof mark - 1 && memcmp(csv->text, mark, sizeof mark - 1) == 0)
        in.at = in.begin = sizeof mark - 1;
    while (!is_end(&in)) {
        record row;
        auth_status status = read_record(&in, &row, err);
        bool is_empty = row.count == 1 && row.lens[0] == 0;
        if (status == AUTH_STATUS_OK && !is_empty)
            status = keep(csv, &row, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

auth_status cli_csv_new(auth_bytes text, cli_csv **out, auth_error *err)
{
    AUTH_AUTO(cli_csv) *csv = calloc(1, sizeof *csv);
    if (csv == NULL)
        return auth_error_memory(err);
    csv->text = malloc(text.len + 1);
    if (csv->text == NULL)
        return auth_error_memory(err);
    if (text.len > 0)
        memcpy(csv->text, text.data, text.len);
    csv->len = text.len;
    auth_status status = read_all(csv, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(csv);
    return status;
}

void cli_csv_free(cli_csv *csv)
{
    if (csv == NULL)
        return;
    if (csv->text != NULL)
        auth_secret_wipe(csv->text, csv->len);
    free(csv->text);
    free(csv->records);
    free(csv);
}

size_t cli_csv_count(const cli_csv *csv) { return csv->count; }

bool cli_csv_at(const cli_csv *csv, size_t index, cli_csv_row *out)
{
    if (index >= csv->count)
        return false;
    const record *row = &csv->records[index];
    out->line = row->line;
    out->count = row->count;
    for (size_t i = 0; i < row->count; i++)
        out->fields[i] = (auth_bytes){(const uint8_t *)csv->text + row->starts[i], row->lens[i]};
    return true;
}
