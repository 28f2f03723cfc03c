/* SPDX-License-Identifier: Apache-2.0 */
#include "input.h"
#include "command.h"
#include "file.h"

#include <auth/pem.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX ((size_t)100000)

typedef struct object_row {
    size_t start; /* in octets */
    size_t len;
    size_t number; /* in the file, from 1, objects of other kinds counted */
} object_row;

struct cli_input {
    const char *path;
    auth_buf *octets; /* the DER of all objects */
    object_row *rows;
    size_t count;
    size_t capacity;
};

/* The labels of each kind: RFC 7468, and what older programs write. */
static const char *const labels[][3] = {
    [CLI_KIND_CERTIFICATE] = {"CERTIFICATE", "X509 CERTIFICATE", NULL},
    [CLI_KIND_CRL] = {"X509 CRL", "CRL", NULL},
    [CLI_KIND_REQUEST] = {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST", NULL},
    [CLI_KIND_OCSP_RESPONSE] = {"OCSP RESPONSE", NULL},
};

static bool is_of_kind(const char *label, cli_kind kind)
{
    for (const char *const *at = labels[kind]; *at != NULL; at++) {
        if (strcmp(*at, label) == 0)
            return true;
    }
    return false;
}

static auth_status add_row(cli_input *input, object_row row, auth_error *err)
{
    if (input->count == OBJECTS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, _("more than %zu objects"), OBJECTS_MAX);
    if (input->count == input->capacity) {
        size_t capacity = input->capacity == 0 ? 8 : input->capacity * 2;
        object_row *rows = realloc(input->rows, capacity * sizeof *rows);
        if (rows == NULL)
            return auth_error_memory(err);
        input->rows = rows;
        input->capacity = capacity;
    }
    input->rows[input->count++] = row;
    return AUTH_STATUS_OK;
}

/* A PEM file has a BEGIN at the start of some line. */
static bool has_begin(auth_bytes text)
{
    static const char mark[] = "-----BEGIN ";
    size_t len = sizeof mark - 1;
    while (text.len >= len) {
        if (memcmp(text.data, mark, len) == 0)
            return true;
        const uint8_t *feed = memchr(text.data, '\n', text.len);
        if (feed == NULL)
            return false;
        text.len -= (size_t)(feed - text.data) + 1;
        text.data = feed + 1;
    }
    return false;
}

/* The identifier octet of a SEQUENCE, as every object here is. */
#define SEQUENCE 0x30

static auth_status read_der(cli_input *input, auth_bytes text, auth_error *err)
{
    object_row row = {0};
    if (text.data[0] != SEQUENCE)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              _("neither PEM, with a BEGIN at the start of a line (RFC 7468), nor "
                                "DER (X.690); name a file that is one of the two, without a byte "
                                "order mark"));
    while (text.len > 0) {
        auth_bytes object;
        row.number++;
        auth_status status = auth_der_next(&text, &object, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, _("object %zu"), row.number);
            return status;
        }
        row.start = auth_buf_bytes(input->octets).len;
        row.len = object.len;
        status = auth_buf_append(input->octets, object, err);
        if (status == AUTH_STATUS_OK)
            status = add_row(input, row, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

/* What is wrong is told by its line, counted from the end of the object before it. */
static void add_place(const object_row *row, auth_bytes before, auth_error *err)
{
    size_t lines = 0;
    for (size_t i = 0; i < before.len; i++)
        lines += before.data[i] == '\n' ? 1 : 0;
    if (lines == 0)
        auth_error_context(err, _("object %zu"), row->number);
    else
        auth_error_context(err, _("object %zu, behind line %zu"), row->number, lines);
}

static auth_status read_pem(cli_input *input, auth_bytes text, cli_kind kind, auth_error *err)
{
    object_row row = {0};
    const uint8_t *start = text.data;
    while (has_begin(text)) {
        char label[AUTH_PEM_LABEL_SIZE];
        row.number++;
        row.start = auth_buf_bytes(input->octets).len;
        auth_status status = auth_pem_next(&text, label, input->octets, err);
        if (status != AUTH_STATUS_OK) {
            add_place(&row, (auth_bytes){start, (size_t)(text.data - start)}, err);
            return status;
        }
        row.len = auth_buf_bytes(input->octets).len - row.start;
        if (is_of_kind(label, kind))
            status = add_row(input, row, err);
        else
            auth_buf_truncate(input->octets, row.start);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    if (input->count == 0)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              _("no object with the label %s (RFC 7468 section 4); name a file "
                                "that holds one"),
                              labels[kind][0]);
    return AUTH_STATUS_OK;
}

static auth_status read_objects(cli_input *input, cli_kind kind, auth_error *err)
{
    AUTH_AUTO(auth_buf) *file = NULL;
    auth_status status = cli_file_read(input->path, &file, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes text = auth_buf_bytes(file);
    status = auth_buf_new(text.len, &input->octets, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (has_begin(text))
        status = read_pem(input, text, kind, err);
    else if (text.len > 0)
        status = read_der(input, text, err);
    else
        status = auth_error_set(err, AUTH_STATUS_MALFORMED,
                                _("the file is empty; name one in PEM or DER"));
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s",
                           strcmp(input->path, "-") == 0 ? _("standard input") : input->path);
    return status;
}

auth_status cli_input_read(const char *path, cli_kind kind, cli_input **out, auth_error *err)
{
    AUTH_AUTO(cli_input) *input = calloc(1, sizeof *input);
    if (input == NULL)
        return auth_error_memory(err);
    input->path = path;
    auth_status status = read_objects(input, kind, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(input);
    return status;
}

void cli_input_free(cli_input *input)
{
    if (input == NULL)
        return;
    auth_buf_free(input->octets);
    free(input->rows);
    free(input);
}

size_t cli_input_count(const cli_input *input) { return input->count; }

auth_bytes cli_input_der(const cli_input *input, size_t index)
{
    const object_row *row = &input->rows[index];
    return (auth_bytes){auth_buf_bytes(input->octets).data + row->start, row->len};
}

void cli_input_context(const cli_input *input, size_t index, auth_error *err)
{
    const char *name = strcmp(input->path, "-") == 0 ? _("standard input") : input->path;
    if (input->count == 1)
        auth_error_context(err, "%s", name);
    else
        auth_error_context(err, _("%s: object %zu"), name, input->rows[index].number);
}
