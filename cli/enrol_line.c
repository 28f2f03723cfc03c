/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol_line.h"

#include "command.h"
#include "evidence.h"
#include "holder.h"
#include "person.h"

#include <stdlib.h>
#include <string.h>

#define WORD_SIZE 4096
#define PAYLOAD_MAX ((size_t)128 << 10)

static const struct {
    const char *name;
    bool is_needed;
} columns[] = {
#define CLI_ENROL_COLUMN_ROW(id, name, is_needed) {name, is_needed},
#include "enrol_column.def"
};

static bool is(auth_bytes field, const char *text)
{
    return auth_bytes_equal(field, auth_bytes_from_text(text));
}

static auth_status place(const cli_csv_row *row, size_t index, cli_enrol_form *form,
                         auth_error *err)
{
    for (size_t i = 0; i < CLI_ENROL_COLUMNS; i++) {
        if (!is(row->fields[index], columns[i].name))
            continue;
        if (form->places[i] != 0)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  _("line %zu, column %zu: '%s' is there twice; remove one"),
                                  row->line, index + 1, columns[i].name);
        form->places[i] = index + 1;
        return AUTH_STATUS_OK;
    }
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          _("line %zu, column %zu: there is no such column; the first line names "
                            "some of: type, number, name, csr, evidence-method, evidence-file, "
                            "evidence-digest"),
                          row->line, index + 1);
}

auth_status cli_enrol_form_read(const cli_csv_row *row, const char *path, auth_time now,
                                cli_enrol_form *out, auth_error *err)
{
    const char *slash = strrchr(path, '/');
    auth_status status = AUTH_STATUS_OK;
    *out = (cli_enrol_form){.count = row->count, .now = now};
    size_t len = slash == NULL ? 0 : (size_t)(slash - path) + 1;
    if (len >= sizeof out->folder)
        return auth_error_set(err, AUTH_STATUS_LIMIT, _("the table's path is too long"));
    memcpy(out->folder, path, len);
    for (size_t i = 0; i < row->count && status == AUTH_STATUS_OK; i++)
        status = place(row, i, out, err);
    for (size_t i = 0; i < CLI_ENROL_COLUMNS && status == AUTH_STATUS_OK; i++) {
        if (columns[i].is_needed && out->places[i] == 0)
            status = auth_error_set(err, AUTH_STATUS_INVALID,
                                    _("line %zu: there is no column '%s'; add it"), row->line,
                                    columns[i].name);
    }
    if (status == AUTH_STATUS_OK &&
        (out->places[CLI_ENROL_FILE] == 0) == (out->places[CLI_ENROL_DIGEST] == 0))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                _("line %zu: one of the columns evidence-file and evidence-digest "
                                  "is needed, and only one"),
                                row->line);
    return status;
}

/* The field of a column; empty when there is none. */
static auth_bytes field_of(const cli_enrol_form *form, const cli_csv_row *row,
                           cli_enrol_column column)
{
    size_t at = form->places[column];
    return at == 0 ? (auth_bytes){NULL, 0} : row->fields[at - 1];
}

static auth_status field_text(const cli_enrol_form *form, const cli_csv_row *row,
                              cli_enrol_column column, char out[WORD_SIZE], auth_error *err)
{
    auth_bytes field = field_of(form, row, column);
    if (field.len < WORD_SIZE && (field.len == 0 || memchr(field.data, '\0', field.len) == NULL)) {
        (void)snprintf(out, WORD_SIZE, "%.*s", (int)field.len,
                       field.len == 0 ? "" : (const char *)field.data);
        return AUTH_STATUS_OK;
    }
    return auth_error_set(err, AUTH_STATUS_LIMIT, _("is too long; shorten it"));
}

static auth_status read_number(const cli_enrol_form *form, const cli_csv_row *row,
                               cli_enrol_line *out, auth_error *err)
{
    char type[WORD_SIZE];
    auth_person_rules rules;
    out->column = form->places[CLI_ENROL_TYPE];
    auth_status status = field_text(form, row, CLI_ENROL_TYPE, type, err);
    if (status == AUTH_STATUS_OK)
        status = cli_person_rules(type, form->now, &rules, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->column = form->places[CLI_ENROL_NUMBER];
    return auth_person_number_parse(field_of(form, row, CLI_ENROL_NUMBER), &rules,
                                    &out->item.person, err);
}

/* A file is meant from the folder of the table. */
static auth_status field_path(const cli_enrol_form *form, const cli_csv_row *row,
                              cli_enrol_column column, char out[2 * WORD_SIZE], auth_error *err)
{
    char text[WORD_SIZE];
    auth_status status = field_text(form, row, column, text, err);
    if (status == AUTH_STATUS_OK && (text[0] == '\0' || strcmp(text, "-") == 0))
        return auth_error_set(err, AUTH_STATUS_INVALID, _("is empty; name a file"));
    if (status == AUTH_STATUS_OK)
        (void)snprintf(out, 2 * (size_t)WORD_SIZE, "%s%s", text[0] == '/' ? "" : form->folder,
                       text);
    return status;
}

static auth_status read_key(const cli_enrol_form *form, const cli_csv_row *row, cli_enrol_line *out,
                            auth_error *err)
{
    char path[2 * WORD_SIZE];
    auth_bytes field = field_of(form, row, CLI_ENROL_CSR);
    out->column = form->places[CLI_ENROL_CSR];
    if (field.len == 0) {
        auth_status made = cli_codes_make(&out->codes, out->activation, err);
        out->has_codes = made == AUTH_STATUS_OK;
        out->item.activation = (auth_bytes){out->activation, sizeof out->activation};
        return made;
    }
    auth_status status = field_path(form, row, CLI_ENROL_CSR, path, err);
    if (status == AUTH_STATUS_OK)
        status = cli_holder_read(path, &out->csr, err);
    if (status == AUTH_STATUS_OK)
        out->item.csr = auth_buf_bytes(out->csr);
    return status;
}

static auth_status read_evidence(const cli_enrol_form *form, const cli_csv_row *row,
                                 cli_enrol_line *out, auth_error *err)
{
    char text[2 * WORD_SIZE];
    auth_request_evidence *evidence = &out->item.evidence[0];
    out->column = form->places[CLI_ENROL_METHOD];
    auth_status status = field_text(form, row, CLI_ENROL_METHOD, text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_evidence_method_find(text, &evidence->method, err);
    if (status != AUTH_STATUS_OK)
        return status;
    bool is_file = form->places[CLI_ENROL_FILE] != 0;
    out->column = form->places[is_file ? CLI_ENROL_FILE : CLI_ENROL_DIGEST];
    if (is_file)
        status = field_path(form, row, CLI_ENROL_FILE, text, err);
    if (status == AUTH_STATUS_OK)
        status = is_file
                     ? cli_evidence_hash(text, out->digest, err)
                     : cli_evidence_digest(field_of(form, row, CLI_ENROL_DIGEST), out->digest, err);
    evidence->digest = (auth_bytes){out->digest, sizeof out->digest};
    out->item.evidence_count = 1;
    return status;
}

/* The rules of documents are libauth's: a document of this one item alone is written by them. */
static auth_status check_item(const cli_enrol_form *form, cli_enrol_line *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *payload = NULL;
    char id[AUTH_REQUEST_ID_SIZE];
    out->column = form->places[CLI_ENROL_NAME];
    auth_status status = auth_request_id_new(form->now * 1000, id, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(PAYLOAD_MAX, &payload, err);
    auth_request_draft draft = {.id = id,
                                .realm = "realm",
                                .kind = AUTH_REQUEST_KIND_ENROL,
                                .office = "office",
                                .profile = CLI_PROFILE,
                                .created = form->now,
                                .expires = form->now + 60,
                                .items = &out->item,
                                .item_count = 1};
    return status == AUTH_STATUS_OK ? auth_request_write(&draft, payload, err) : status;
}

auth_status cli_enrol_line_read(const cli_enrol_form *form, const cli_csv_row *row,
                                cli_enrol_line *out, auth_error *err)
{
    *out = (cli_enrol_line){.column = 0};
    if (row->count != form->count)
        return auth_error_set(
            err, AUTH_STATUS_INVALID,
            _("has %zu fields and the first line %zu (RFC 4180 2.4); compare them"), row->count,
            form->count);
    auth_status status = read_number(form, row, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_evidence(form, row, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_key(form, row, out, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->item.name = field_of(form, row, CLI_ENROL_NAME);
    return check_item(form, out, err);
}

void cli_enrol_line_clear(cli_enrol_line *line)
{
    auth_buf_free(line->csr);
    auth_person_number_wipe(&line->item.person);
    auth_secret_wipe(line, sizeof *line);
}
