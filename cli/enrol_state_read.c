/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "enrol_state_parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The next word of a line; NULL when there is none. */
static char *word(char **rest) { return strsep(rest, " "); }

static bool read_number(const char *text, size_t *out)
{
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *out = strtoul(text, &end, 10);
    return *end == '\0' && errno == 0 && *out <= CLI_ENROL_LINES_MAX;
}

static auth_status read_batch(cli_enrol_state *state, const char *id, char *rest, bool *is_good,
                              auth_error *err)
{
    size_t lines[AUTH_REQUEST_ITEMS_MAX];
    size_t count = 0;
    char *list = word(&rest);
    for (char *number = strsep(&list, ","); number != NULL && *is_good;
         number = strsep(&list, ",")) {
        *is_good = count < AUTH_REQUEST_ITEMS_MAX && read_number(number, &lines[count]);
        count++;
    }
    *is_good = *is_good && count > 0 && rest != NULL && strlen(id) < AUTH_REQUEST_ID_SIZE;
    return *is_good ? cli_enrol_state_keep_batch(state, id, lines, count,
                                                 auth_bytes_from_text(rest), err)
                    : AUTH_STATUS_OK;
}

static auth_status read_codes(cli_enrol_state *state, const char *id, char *rest, bool *is_good,
                              auth_error *err)
{
    cli_line_codes codes = {.line = 0};
    bool has_line = read_number(word(&rest), &codes.line);
    const char *first = word(&rest);
    *is_good = has_line && first != NULL && rest != NULL && strlen(first) < CLI_CODE_SIZE &&
               strlen(rest) < CLI_CODE_SIZE && strlen(id) < AUTH_REQUEST_ID_SIZE;
    if (!*is_good)
        return AUTH_STATUS_OK;
    (void)snprintf(codes.id, sizeof codes.id, "%s", id);
    (void)snprintf(codes.codes.first, sizeof codes.codes.first, "%s", first);
    (void)snprintf(codes.codes.second, sizeof codes.codes.second, "%s", rest);
    return cli_enrol_state_keep_codes(state, &codes, err);
}

static auth_status read_refusal(cli_enrol_state *state, const char *first, char *rest,
                                bool *is_good, auth_error *err)
{
    size_t number = 0;
    size_t column = 0;
    *is_good = read_number(first, &number) && read_number(word(&rest), &column);
    if (!*is_good)
        return AUTH_STATUS_OK;
    return cli_enrol_state_keep_refusal(state, number, column, rest == NULL ? "" : rest, err);
}

static auth_status read_split(cli_enrol_state *state, cli_batch *batch, char *rest, bool *is_good,
                              auth_error *err)
{
    size_t number = 0;
    *is_good =
        read_number(word(&rest), &number) && cli_enrol_state_keep_split(state, batch, number);
    if (!*is_good)
        return AUTH_STATUS_OK;
    return cli_enrol_state_keep_refusal(state, number, 0, rest == NULL ? "" : rest, err);
}

/* What became of a document that is known. */
static auth_status read_end(cli_enrol_state *state, cli_batch *batch, const char *kind, char *rest,
                            bool *is_good, auth_error *err)
{
    if (strcmp(kind, "denied") == 0)
        return cli_enrol_state_keep_denial(batch, rest == NULL ? "" : rest, err);
    if (strcmp(kind, "split") == 0)
        return read_split(state, batch, rest, is_good, err);
    *is_good = strcmp(kind, "taken") == 0;
    if (*is_good)
        batch->state = CLI_BATCH_TAKEN;
    return AUTH_STATUS_OK;
}

static auth_status read_fact(cli_enrol_state *state, char *line, auth_error *err)
{
    char *rest = line;
    bool is_good = true;
    auth_status status = AUTH_STATUS_OK;
    const char *kind = word(&rest);
    const char *first = word(&rest);
    cli_batch *batch = first == NULL ? NULL : cli_enrol_state_find(state, first);
    if (first == NULL)
        is_good = false;
    else if (strcmp(kind, "refused") == 0)
        status = read_refusal(state, first, rest, &is_good, err);
    else if (strcmp(kind, "codes") == 0)
        status = read_codes(state, first, rest, &is_good, err);
    else if (batch != NULL)
        status = read_end(state, batch, kind, rest, &is_good, err);
    else if (strcmp(kind, "batch") == 0)
        status = read_batch(state, first, rest, &is_good, err);
    else
        is_good = false;
    if (is_good)
        return status;
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          _("%s: holds a line that this program did not write; restore it, or move "
                            "it away and ask about the requests of today first"),
                          state->path);
}

static auth_status check_head(const cli_enrol_state *state, const char *line, const char *head,
                              auth_error *err)
{
    if (strncmp(line, CLI_ENROL_STATE_HEAD, sizeof CLI_ENROL_STATE_HEAD - 1) != 0)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              _("%s: is no file of this program; move it away"), state->path);
    if (strcmp(line + sizeof CLI_ENROL_STATE_HEAD - 1, head) == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          _("%s: was begun with another table, profile or office; finish with "
                            "that one, or name the new table otherwise"),
                          state->path);
}

auth_status cli_enrol_state_read(cli_enrol_state *state, char *text, size_t len, const char *head,
                                 auth_error *err)
{
    char *last = len == 0 ? NULL : memrchr(text, '\n', len);
    size_t whole = last == NULL ? 0 : (size_t)(last - text) + 1;
    if (ftruncate(state->file, (off_t)whole) != 0 || lseek(state->file, 0, SEEK_END) < 0)
        return cli_enrol_state_failed(state, err);
    bool is_first = true;
    auth_status status = AUTH_STATUS_OK;
    for (char *at = text; at < text + whole && status == AUTH_STATUS_OK;) {
        char *end = memchr(at, '\n', (size_t)(text + whole - at));
        *end = '\0';
        status = is_first ? check_head(state, at, head, err) : read_fact(state, at, err);
        is_first = false;
        at = end + 1;
    }
    return status;
}
