/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol_state.h"

#include "command.h"
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define HEAD "auth-enrol 1 "
/* A fact without a document, and what stands around a document. */
#define FACT_MAX ((size_t)64 << 10)
#define LINES_MAX ((size_t)100000000)
#define NUMBER_SIZE 24

/* A bit a line. */
typedef struct line_set {
    uint8_t *bits;
    size_t size;
} line_set;

struct cli_enrol_state {
    char *path;
    int file;
    cli_batch *batches;
    size_t batch_count;
    cli_refusal *refusals;
    size_t refusal_count;
    cli_line_codes *codes;
    size_t code_count;
    line_set handled; /* refused, or in a document */
    line_set refused;
};

static auth_status failed(const cli_enrol_state *state, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_IO,
                          _("%s: cannot be written: %s; look at its disk and owner, then call this "
                            "again: it goes on"),
                          state->path, strerror(errno));
}

/* Room for one more element of an array of count elements: doubled at powers of two. */
static void *grow(void *array, size_t count, size_t size)
{
    if (count > 0 && (count & (count - 1)) != 0)
        return array;
    return realloc(array, (count == 0 ? 1 : count * 2) * size);
}

static auth_status add_line(const cli_enrol_state *state, line_set *to, size_t line,
                            auth_error *err)
{
    size_t place = line / 8;
    if (line == 0 || line > LINES_MAX)
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

static void remove_line(line_set *from, size_t line)
{
    size_t place = line / 8;
    if (place < from->size)
        from->bits[place] = (uint8_t)(from->bits[place] & ~(1U << line % 8));
}

static bool has_line(const line_set *set, size_t line)
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

static auth_status keep_refusal(cli_enrol_state *state, size_t line, size_t column,
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

static auth_status keep_codes(cli_enrol_state *state, const cli_line_codes *codes, auth_error *err)
{
    cli_line_codes *rows = grow(state->codes, state->code_count, sizeof *rows);
    if (rows == NULL)
        return auth_error_memory(err);
    state->codes = rows;
    rows[state->code_count++] = *codes;
    return AUTH_STATUS_OK;
}

static auth_status keep_batch(cli_enrol_state *state, const char *id, const size_t *lines,
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

static cli_batch *find(cli_enrol_state *state, const char *id)
{
    for (size_t i = state->batch_count; i > 0; i--) {
        if (strcmp(state->batches[i - 1].id, id) == 0)
            return &state->batches[i - 1];
    }
    return NULL;
}

/* Its other lines are free again; false: the line is none of the document. */
static bool split(cli_enrol_state *state, cli_batch *batch, size_t line)
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

/* The next word of a line; NULL when there is none. */
static char *word(char **rest) { return strsep(rest, " "); }

static bool read_number(const char *text, size_t *out)
{
    char *end = NULL;
    if (text == NULL || text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *out = strtoul(text, &end, 10);
    return *end == '\0' && errno == 0 && *out <= LINES_MAX;
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
    return *is_good ? keep_batch(state, id, lines, count, auth_bytes_from_text(rest), err)
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
    return keep_codes(state, &codes, err);
}

static auth_status read_refusal(cli_enrol_state *state, const char *first, char *rest,
                                bool *is_good, auth_error *err)
{
    size_t number = 0;
    size_t column = 0;
    *is_good = read_number(first, &number) && read_number(word(&rest), &column);
    if (!*is_good)
        return AUTH_STATUS_OK;
    return keep_refusal(state, number, column, rest == NULL ? "" : rest, err);
}

static auth_status read_denial(cli_batch *batch, const char *rest, auth_error *err)
{
    batch->state = CLI_BATCH_DENIED;
    free(batch->text);
    batch->text = strdup(rest == NULL ? "" : rest);
    return batch->text == NULL ? auth_error_memory(err) : AUTH_STATUS_OK;
}

static auth_status read_split(cli_enrol_state *state, cli_batch *batch, char *rest, bool *is_good,
                              auth_error *err)
{
    size_t number = 0;
    *is_good = read_number(word(&rest), &number) && split(state, batch, number);
    if (!*is_good)
        return AUTH_STATUS_OK;
    return keep_refusal(state, number, 0, rest == NULL ? "" : rest, err);
}

/* What became of a document that is known. */
static auth_status read_end(cli_enrol_state *state, cli_batch *batch, const char *kind, char *rest,
                            bool *is_good, auth_error *err)
{
    if (strcmp(kind, "denied") == 0)
        return read_denial(batch, rest, err);
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
    cli_batch *batch = first == NULL ? NULL : find(state, first);
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
    if (strncmp(line, HEAD, sizeof HEAD - 1) != 0)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              _("%s: is no file of this program; move it away"), state->path);
    if (strcmp(line + sizeof HEAD - 1, head) == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          _("%s: was begun with another table, profile or office; finish with "
                            "that one, or name the new table otherwise"),
                          state->path);
}

/* Reads the facts; what follows the last end of a line was cut by a crash and is removed. */
static auth_status read_facts(cli_enrol_state *state, char *text, size_t len, const char *head,
                              auth_error *err)
{
    char *last = len == 0 ? NULL : memrchr(text, '\n', len);
    size_t whole = last == NULL ? 0 : (size_t)(last - text) + 1;
    if (ftruncate(state->file, (off_t)whole) != 0 || lseek(state->file, 0, SEEK_END) < 0)
        return failed(state, err);
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

static auth_status write_all(const cli_enrol_state *state, auth_bytes octets, auth_error *err)
{
    while (octets.len > 0) {
        ssize_t wrote = write(state->file, octets.data, octets.len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return failed(state, err);
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
        status = auth_buf_printf(line, err, HEAD "%s\n", head);
    if (status == AUTH_STATUS_OK)
        status = write_all(state, auth_buf_bytes(line), err);
    if (status == AUTH_STATUS_OK && fsync(state->file) != 0)
        status = failed(state, err);
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
    status = read_facts(state, copy, text.len, head, err);
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
        return failed(state, err);
    if (flock(state->file, LOCK_EX | LOCK_NB) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("%s: another call works on this table; wait for its end"), path);
    auth_status status = load(state, head, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(state);
    return status;
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
    return status == AUTH_STATUS_OK ? keep_refusal(state, line, column, flat, err) : status;
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
    return status == AUTH_STATUS_OK ? keep_codes(state, codes, err) : status;
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
        status = failed(state, err);
    return status == AUTH_STATUS_OK ? keep_batch(state, id, lines, count, document, err) : status;
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
    if (status != AUTH_STATUS_OK)
        return status;
    free(batch->text);
    batch->text = strdup(flat);
    if (batch->text == NULL)
        return auth_error_memory(err);
    batch->state = CLI_BATCH_DENIED;
    return AUTH_STATUS_OK;
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
    if (status == AUTH_STATUS_OK && !split(state, batch, line))
        status = auth_error_set(err, AUTH_STATUS_INTERNAL, _("%s: a document is split twice"),
                                state->path);
    return status == AUTH_STATUS_OK ? keep_refusal(state, line, 0, flat, err) : status;
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
