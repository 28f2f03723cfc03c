/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "enrol_state_parts.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* A fact without a document, and what stands around a document. */
#define FACT_MAX ((size_t)64 << 10)
#define NUMBER_SIZE 24

auth_status cli_enrol_state_failed(const cli_enrol_state *state, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_IO,
                          _("%s: cannot be written: %s; look at its disk and owner, then call this "
                            "again: it goes on"),
                          state->path, strerror(errno));
}

static auth_status write_all(const cli_enrol_state *state, auth_bytes octets, auth_error *err)
{
    while (octets.len > 0) {
        ssize_t wrote = write(state->file, octets.data, octets.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return cli_enrol_state_failed(state, err);
        octets.data += wrote;
        octets.len -= (size_t)wrote;
    }
    return AUTH_STATUS_OK;
}

static auth_status begin(cli_enrol_state *state, const char *head, auth_error *err)
{
    AUTH_AUTO(auth_buf) *line = NULL;
    auth_status status = auth_buf_new(FACT_MAX, &line, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(line, err, CLI_ENROL_STATE_HEAD "%s\n", head);
    if (status == AUTH_STATUS_OK)
        status = write_all(state, auth_buf_bytes(line), err);
    if (status == AUTH_STATUS_OK && fsync(state->file) != 0)
        status = cli_enrol_state_failed(state, err);
    return status;
}

static auth_status load(cli_enrol_state *state, const char *head, auth_error *err)
{
    AUTH_AUTO(auth_buf) *octets = NULL;
    auth_status status = cli_file_read(state->path, &octets, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes text = auth_buf_bytes(octets);
    char *copy = malloc(text.len + 1);
    if (copy == NULL)
        return auth_error_memory(err);
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    copy[text.len] = '\0';
    status = cli_enrol_state_read(state, copy, text.len, head, err);
    bool is_new = text.len == 0 || memchr(text.data, '\n', text.len) == NULL;
    auth_secret_wipe(copy, text.len);
    free(copy);
    return status == AUTH_STATUS_OK && is_new ? begin(state, head, err) : status;
}

auth_status cli_enrol_state_open(const char *path, const char *head, cli_enrol_state **out,
                                 auth_error *err)
{
    AUTH_AUTO(cli_enrol_state) *state = calloc(1, sizeof *state);
    if (state == NULL)
        return auth_error_memory(err);
    state->file = -1;
    state->path = strdup(path);
    if (state->path == NULL)
        return auth_error_memory(err);
    state->file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (state->file < 0)
        return cli_enrol_state_failed(state, err);
    if (flock(state->file, LOCK_EX | LOCK_NB) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("%s: another call works on this table; wait for its end"), path);
    auth_status status = load(state, head, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(state);
    return status;
}

/* A text of one line: errors have no others, and this is not to depend on it. */
static void flatten(const char *text, char out[AUTH_ERROR_TEXT_SIZE])
{
    size_t i = 0;
    for (; text[i] != '\0' && i + 1 < AUTH_ERROR_TEXT_SIZE; i++)
        out[i] = text[i] == '\n' || text[i] == '\r' ? ' ' : text[i];
    out[i] = '\0';
}

auth_status cli_enrol_state_refuse(cli_enrol_state *state, size_t line, size_t column,
                                   const char *text, auth_error *err)
{
    AUTH_AUTO(auth_buf) *fact = NULL;
    char flat[AUTH_ERROR_TEXT_SIZE];
    flatten(text, flat);
    auth_status status = auth_buf_new(FACT_MAX, &fact, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(fact, err, "refused %zu %zu %s\n", line, column, flat);
    if (status == AUTH_STATUS_OK)
        status = write_all(state, auth_buf_bytes(fact), err);
    return status == AUTH_STATUS_OK ? cli_enrol_state_keep_refusal(state, line, column, flat, err)
                                    : status;
}

auth_status cli_enrol_state_codes(cli_enrol_state *state, const cli_line_codes *codes,
                                  auth_error *err)
{
    AUTH_AUTO(auth_buf) *fact = NULL;
    auth_status status = auth_buf_new(FACT_MAX, &fact, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(fact, err, "codes %s %zu %s %s\n", codes->id, codes->line,
                                 codes->codes.first, codes->codes.second);
    if (status == AUTH_STATUS_OK)
        status = write_all(state, auth_buf_bytes(fact), err);
    return status == AUTH_STATUS_OK ? cli_enrol_state_keep_codes(state, codes, err) : status;
}

auth_status cli_enrol_state_batch(cli_enrol_state *state, const char *id, const size_t *lines,
                                  size_t count, auth_bytes document, auth_error *err)
{
    AUTH_AUTO(auth_buf) *fact = NULL;
    auth_status status = auth_buf_new(document.len + FACT_MAX, &fact, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(fact, err, "batch %s ", id);
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++)
        status = auth_buf_printf(fact, err, "%s%zu", i > 0 ? "," : "", lines[i]);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(fact, err, " ");
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(fact, document, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(fact, err, "\n");
    if (status == AUTH_STATUS_OK)
        status = write_all(state, auth_buf_bytes(fact), err);
    if (status == AUTH_STATUS_OK && fsync(state->file) != 0)
        status = cli_enrol_state_failed(state, err);
    return status == AUTH_STATUS_OK
               ? cli_enrol_state_keep_batch(state, id, lines, count, document, err)
               : status;
}

static auth_status note(const cli_enrol_state *state, const char *kind, const char *id,
                        const char *text, auth_error *err)
{
    AUTH_AUTO(auth_buf) *fact = NULL;
    auth_status status = auth_buf_new(FACT_MAX, &fact, err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_buf_printf(fact, err, "%s %s%s%s\n", kind, id, text[0] == '\0' ? "" : " ", text);
    return status == AUTH_STATUS_OK ? write_all(state, auth_buf_bytes(fact), err) : status;
}

auth_status cli_enrol_state_taken(cli_enrol_state *state, cli_batch *batch, auth_error *err)
{
    auth_status status = note(state, "taken", batch->id, "", err);
    if (status == AUTH_STATUS_OK)
        batch->state = CLI_BATCH_TAKEN;
    return status;
}

auth_status cli_enrol_state_denied(cli_enrol_state *state, cli_batch *batch, const char *text,
                                   auth_error *err)
{
    char flat[AUTH_ERROR_TEXT_SIZE];
    flatten(text, flat);
    auth_status status = note(state, "denied", batch->id, flat, err);
    return status == AUTH_STATUS_OK ? cli_enrol_state_keep_denial(batch, flat, err) : status;
}

auth_status cli_enrol_state_split(cli_enrol_state *state, cli_batch *batch, size_t item,
                                  const char *text, auth_error *err)
{
    char fact[AUTH_ERROR_TEXT_SIZE + NUMBER_SIZE];
    char flat[AUTH_ERROR_TEXT_SIZE];
    size_t line = batch->lines[item];
    flatten(text, flat);
    (void)snprintf(fact, sizeof fact, "%zu %s", line, flat);
    auth_status status = note(state, "split", batch->id, fact, err);
    if (status == AUTH_STATUS_OK && !cli_enrol_state_keep_split(state, batch, line))
        status = auth_error_set(err, AUTH_STATUS_INTERNAL, _("%s: a document is split twice"),
                                state->path);
    return status == AUTH_STATUS_OK ? cli_enrol_state_keep_refusal(state, line, 0, flat, err)
                                    : status;
}
