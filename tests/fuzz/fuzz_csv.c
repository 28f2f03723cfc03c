/* SPDX-License-Identifier: Apache-2.0 */
/* Is everything either refused with its line, or a table that says the same when it is written
 * anew? */
#include "cli/csv.h"
#include "fuzz/fuzz.h"

#include <string.h>

/* Each field with quotes around it, those inside doubled (RFC 4180 2.7). */
static void write_row(const cli_csv_row *row, auth_buf *out)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < row->count && status == AUTH_STATUS_OK; i++) {
        status = auth_buf_printf(out, NULL, i == 0 ? "\"" : ",\"");
        for (size_t j = 0; j < row->fields[i].len && status == AUTH_STATUS_OK; j++) {
            auth_bytes one = {row->fields[i].data + j, 1};
            if (*one.data == '"')
                status = auth_buf_append(out, one, NULL);
            if (status == AUTH_STATUS_OK)
                status = auth_buf_append(out, one, NULL);
        }
        if (status == AUTH_STATUS_OK)
            status = auth_buf_printf(out, NULL, "\"");
    }
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(out, NULL, "\r\n");
    FUZZ_CHECK(status == AUTH_STATUS_OK);
}

static void check_same(const cli_csv *a, const cli_csv *b)
{
    cli_csv_row first;
    cli_csv_row second;
    FUZZ_CHECK(cli_csv_count(a) == cli_csv_count(b));
    for (size_t i = 0; cli_csv_at(a, i, &first); i++) {
        FUZZ_CHECK(cli_csv_at(b, i, &second) && first.count == second.count);
        for (size_t j = 0; j < first.count; j++)
            FUZZ_CHECK(auth_bytes_equal(first.fields[j], second.fields[j]));
    }
}

static void check_table(const cli_csv *csv, size_t size)
{
    cli_csv_row row;
    size_t line = 0;
    AUTH_AUTO(auth_buf) *text = NULL;
    AUTH_AUTO(cli_csv) *again = NULL;
    FUZZ_CHECK(auth_buf_new(4 * size + 64, &text, NULL) == AUTH_STATUS_OK);
    for (size_t i = 0; cli_csv_at(csv, i, &row); i++) {
        FUZZ_CHECK(row.line > line && row.count >= 1 && row.count <= CLI_CSV_FIELDS_MAX);
        line = row.line;
        write_row(&row, text);
    }
    FUZZ_CHECK(cli_csv_new(auth_buf_bytes(text), &again, NULL) == AUTH_STATUS_OK);
    check_same(csv, again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    AUTH_AUTO(cli_csv) *csv = NULL;
    auth_status status = cli_csv_new((auth_bytes){data, size}, &csv, &err);
    if (status == AUTH_STATUS_OK)
        check_table(csv, size);
    else
        FUZZ_CHECK((status == AUTH_STATUS_MALFORMED || status == AUTH_STATUS_LIMIT) &&
                   strncmp(err.text, "line ", 5) == 0);
    return 0;
}
