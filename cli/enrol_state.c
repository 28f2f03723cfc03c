/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol_state_parts.h"

#include "command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Room for one more element of an array of count elements: doubled at powers of two. */
static void *grow(void *array, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return array;
    return realloc(array, (count == 0 ? 1 : count * 2) * size);
}

static auth_status add_line(const cli_enrol_state *state, cli_line_set *to, size_t line,
                            auth_error *err)
{
    size_t place = line / 8;
    if (line == 0 || line > CLI_ENROL_LINES_MAX)
        return auth_error_set(err, AUTH_STATUS_MALFORMED, _("%s: names a line that cannot be"),
                              state->path);
    if (place >= to->size) {
        size_t size = place * 2 + 64;
        uint8_t *bits = realloc(to->bits, size);
        if (bits == NULL)
            return auth_error_memory(err);
        memset(bits + to->size, 0, size - to->size);
        to->bits = bits;
        to->size = size;
    }
    to->bits[place] = (uint8_t)(to->bits[place] | 1U << line % 8);
    return AUTH_STATUS_OK;
}

static void remove_line(cli_line_set *from, size_t line)
{
    size_t place = line / 8;
    if (place < from->size)
        from->bits[place] = (uint8_t)(from->bits[place] & ~(1U << line % 8));
}

static bool has_line(const cli_line_set *set, size_t line)
{
    size_t place = line / 8;
    return place < set->size && (set->bits[place] >> line % 8 & 1U) != 0;
}

bool cli_enrol_state_has(const cli_enrol_state *state, size_t line)
{
    return has_line(&state->handled, line);
}

bool cli_enrol_state_has_refused(const cli_enrol_state *state, size_t line)
{
    return has_line(&state->refused, line);
}

auth_status cli_enrol_state_keep_refusal(cli_enrol_state *state, size_t line, size_t column,
                                         const char *text, auth_error *err)
{
    cli_refusal *rows = grow(state->refusals, state->refusal_count, sizeof *rows);
    if (rows == NULL)
        return auth_error_memory(err);
    state->refusals = rows;
    rows[state->refusal_count] = (cli_refusal){.line = line, .column = column};
    rows[state->refusal_count].text = strdup(text);
    if (rows[state->refusal_count].text == NULL)
        return auth_error_memory(err);
    state->refusal_count++;
    auth_status status = add_line(state, &state->refused, line, err);
    return status == AUTH_STATUS_OK ? add_line(state, &state->handled, line, err) : status;
}

auth_status cli_enrol_state_keep_codes(cli_enrol_state *state, const cli_line_codes *codes,
                                       auth_error *err)
{
    cli_line_codes *rows = grow(state->codes, state->code_count, sizeof *rows);
    if (rows == NULL)
        return auth_error_memory(err);
    state->codes = rows;
    rows[state->code_count++] = *codes;
    return AUTH_STATUS_OK;
}

auth_status cli_enrol_state_keep_batch(cli_enrol_state *state, const char *id, const size_t *lines,
                                       size_t count, auth_bytes document, auth_error *err)
{
    if (count == 0)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, _("%s: a document without lines"),
                              state->path);
    cli_batch *rows = grow(state->batches, state->batch_count, sizeof *rows);
    if (rows == NULL)
        return auth_error_memory(err);
    state->batches = rows;
    cli_batch *batch = &rows[state->batch_count];
    *batch = (cli_batch){.state = CLI_BATCH_WRITTEN, .count = count};
    (void)snprintf(batch->id, sizeof batch->id, "%s", id);
    batch->lines = calloc(count, sizeof *batch->lines);
    batch->document = strndup((const char *)document.data, document.len);
    state->batch_count++;
    if (batch->lines == NULL || batch->document == NULL)
        return auth_error_memory(err);
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        batch->lines[i] = lines[i];
        status = add_line(state, &state->handled, lines[i], err);
    }
    return status;
}

cli_batch *cli_enrol_state_find(cli_enrol_state *state, const char *id)
{
    for (size_t i = state->batch_count; i > 0; i--) {
        if (strcmp(state->batches[i - 1].id, id) == 0)
            return &state->batches[i - 1];
    }
    return NULL;
}

bool cli_enrol_state_keep_split(cli_enrol_state *state, cli_batch *batch, size_t line)
{
    bool is_its = false;
    for (size_t i = 0; i < batch->count; i++)
        is_its = is_its || batch->lines[i] == line;
    if (!is_its || (batch->state != CLI_BATCH_WRITTEN && batch->state != CLI_BATCH_TAKEN))
        return false;
    for (size_t i = 0; i < batch->count; i++)
        remove_line(&state->handled, batch->lines[i]);
    batch->state = CLI_BATCH_SPLIT;
    return true;
}

auth_status cli_enrol_state_keep_denial(cli_batch *batch, const char *text, auth_error *err)
{
    free(batch->text);
    batch->text = strdup(text);
    if (batch->text == NULL)
        return auth_error_memory(err);
    batch->state = CLI_BATCH_DENIED;
    return AUTH_STATUS_OK;
}

void cli_enrol_state_free(cli_enrol_state *state)
{
    if (state == NULL)
        return;
    for (size_t i = 0; i < state->batch_count; i++) {
        cli_batch *batch = &state->batches[i];
        if (batch->document != NULL)
            auth_secret_wipe(batch->document, strlen(batch->document));
        free(batch->document);
        free(batch->lines);
        free(batch->text);
    }
    for (size_t i = 0; i < state->refusal_count; i++)
        free(state->refusals[i].text);
    if (state->codes != NULL)
        auth_secret_wipe(state->codes, state->code_count * sizeof *state->codes);
    if (state->file >= 0)
        (void)close(state->file);
    free(state->batches);
    free(state->refusals);
    free(state->codes);
    free(state->handled.bits);
    free(state->refused.bits);
    free(state->path);
    free(state);
}

cli_batch *cli_enrol_state_batch_at(cli_enrol_state *state, size_t index)
{
    return index < state->batch_count ? &state->batches[index] : NULL;
}

const cli_refusal *cli_enrol_state_refusal_at(const cli_enrol_state *state, size_t index)
{
    return index < state->refusal_count ? &state->refusals[index] : NULL;
}

const cli_line_codes *cli_enrol_state_codes_at(const cli_enrol_state *state, size_t index)
{
    return index < state->code_count ? &state->codes[index] : NULL;
}
