/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol_csv.h"

#include "enrol_line.h"
#include "file.h"
#include "output.h"
#include "registry/crypto.h"

#include <auth/csr.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BATCH 100U
#define PATH_SIZE 4096
#define HEAD_SIZE 512
#define BAR_CELLS 30U
/* How often lines are asked for anew since another one of their document was refused. */
#define PASSES_MAX 32U

/* Digests of persons and keys that are in the table already. */
typedef struct seen {
    uint8_t (*rows)[AUTH_REQUEST_HASH_SIZE];
    size_t capacity; /* a power of two, more than twice as many as there can be */
} seen;

/* A table on its way. */
typedef struct table {
    const cli_call *call;
    cli_officer *officer;
    cli_csv *csv;
    cli_enrol_form form;
    cli_enrol_state *state;
    registry_crypto *crypto;
    seen seen;
    const char *profile;
    size_t batch;
    cli_enrol_line *lines; /* room for a batch */
    size_t numbers[AUTH_REQUEST_ITEMS_MAX];
    size_t count;    /* of lines that wait for their batch to be full */
    unsigned passes; /* through the table */
    bool has_split;  /* lines of a document became free in this pass */
} table;

static bool read_batch(const cli_call *call, size_t *out)
{
    const char *text = cli_value(call, "batch");
    char *end = NULL;
    *out = BATCH;
    if (text == NULL)
        return true;
    errno = 0;
    *out = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0 && *out >= 1 &&
           *out <= AUTH_REQUEST_ITEMS_MAX;
}

cli_exit cli_enrol_csv_check(const cli_call *call)
{
    static const char *const others[] = {"name", "number-file", "type",      "evidence",
                                         "csr",  "key-out",     "activation"};
    auth_error err;
    size_t batch = 0;
    unsigned wait_s = 0;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (cli_has(call, others[i]))
            return cli_usage(call->command, _("--%s is for one person; with --csv it is a column"),
                             others[i]);
    }
    if (strcmp(cli_value(call, "csv"), "-") == 0)
        return cli_usage(call->command, _("--csv: name a file, since its state is kept beside it"));
    if (!read_batch(call, &batch))
        return cli_usage(call->command, _("--batch: must be a number from 1 to %d"),
                         AUTH_REQUEST_ITEMS_MAX);
    if (cli_wait_read(call, 0, &wait_s, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    return CLI_YES;
}

/* Notes a digest; true when it was there. */
static bool is_twice(seen *of, const uint8_t digest[AUTH_REQUEST_HASH_SIZE])
{
    static const uint8_t nothing[AUTH_REQUEST_HASH_SIZE];
    size_t at = 0;
    memcpy(&at, digest, sizeof at);
    for (at &= of->capacity - 1;; at = (at + 1) & (of->capacity - 1)) {
        if (memcmp(of->rows[at], digest, AUTH_REQUEST_HASH_SIZE) == 0)
            return true;
        if (memcmp(of->rows[at], nothing, sizeof nothing) != 0)
            continue;
        memcpy(of->rows[at], digest, AUTH_REQUEST_HASH_SIZE);
        return false;
    }
}

static auth_status hash_person(const table *of, const auth_person_number *number,
                               uint8_t out[AUTH_REQUEST_HASH_SIZE], auth_error *err)
{
    auth_bytes parts[] = {auth_bytes_from_text(auth_person_type_name(number->type)),
                          auth_person_number_reveal(number)};
    return registry_sha256(of->crypto, parts, 2, out, err);
}

static auth_status hash_key(const cli_enrol_line *line, uint8_t out[AUTH_KEY_HASH_SIZE],
                            auth_error *err)
{
    AUTH_AUTO(auth_csr) *csr = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = auth_csr_parse(auth_buf_bytes(line->csr), &csr, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_public_key(csr, &key, err);
    if (status == AUTH_STATUS_OK)
        auth_public_key_hash(key, out);
    return status;
}

/* No document may speak twice of one person or key; nor would two documents of one table fare
 * better.
 */
static auth_status check_once(table *of, cli_enrol_line *line, auth_error *err)
{
    uint8_t digest[AUTH_REQUEST_HASH_SIZE];
    auth_status status = hash_person(of, &line->item.person, digest, err);
    if (status != AUTH_STATUS_OK)
        return status;
    line->column = of->form.places[CLI_ENROL_NUMBER];
    if (is_twice(&of->seen, digest))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("the person is in the table before; remove one of the lines"));
    if (line->csr == NULL)
        return AUTH_STATUS_OK;
    status = hash_key(line, digest, err);
    if (status != AUTH_STATUS_OK)
        return status;
    line->column = of->form.places[CLI_ENROL_CSR];
    if (is_twice(&of->seen, digest))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("the key is in the table before; each person has one of her own"));
    return AUTH_STATUS_OK;
}

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
    long long item = cli_officer_refused_item(of->officer);
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
        cli_document_send(of->officer, auth_bytes_from_text(batch->document), &answer, err);
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
                     .profile = of->profile,
                     .items = items,
                     .item_count = of->count};
    auth_status status = cli_document_make(of->officer, &wish, id, &document, err);
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
    uint8_t digest[AUTH_REQUEST_HASH_SIZE];
    if (cli_enrol_state_has_refused(of->state, row->line))
        return AUTH_STATUS_OK;
    auth_status status = cli_enrol_line_read(&of->form, row, &line, &why);
    if (line.item.person.len > 0) {
        status = hash_person(of, &line.item.person, digest, err);
        if (status == AUTH_STATUS_OK)
            (void)is_twice(&of->seen, digest);
    }
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
        status = check_once(of, line, err);
    if (status == AUTH_STATUS_OK) {
        of->numbers[of->count++] = row->line;
        return of->count == of->batch ? flush(of, err) : AUTH_STATUS_OK;
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

/* What the officer may not ask for is told before anything is written. */
static auth_status check_role(table *of, const cli_realm_facts *facts, auth_error *err)
{
    const auth_policy_quorum *quorum = NULL;
    auth_officer_role role = AUTH_OFFICER_ROLE_NONE;
    if (facts->policy == NULL)
        return AUTH_STATUS_OK;
    auth_status status =
        auth_policy_quorum_find(facts->policy, AUTH_REQUEST_KIND_ENROL, of->profile, &quorum, err);
    if (status == AUTH_STATUS_OK)
        status = auth_officer_role_find(facts->role, &role, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < quorum->place_count; i++) {
        if ((quorum->places[i].roles >> (unsigned)role & 1U) != 0)
            return AUTH_STATUS_OK;
    }
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          _("the policy gives no place to the signature of a %s for this; have an "
                            "officer call this whose role has one"),
                          facts->role);
}

static auth_status open_state(table *of, auth_bytes text, const cli_realm_facts *facts,
                              auth_error *err)
{
    char path[PATH_SIZE];
    char head[HEAD_SIZE];
    uint8_t digest[AUTH_REQUEST_HASH_SIZE];
    char hex[2 * AUTH_REQUEST_HASH_SIZE + 1];
    auth_status status = registry_sha256(of->crypto, &text, 1, digest, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < sizeof digest; i++)
        (void)snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    (void)snprintf(head, sizeof head, "%s %s %s %s", hex, of->profile, facts->realm, facts->office);
    int len = snprintf(path, sizeof path, "%s.state", cli_value(of->call, "csv"));
    if (len < 0 || (size_t)len >= sizeof path)
        return auth_error_set(err, AUTH_STATUS_LIMIT, _("the table's path is too long"));
    return cli_enrol_state_open(path, head, &of->state, err);
}

static auth_status make_room(table *of, auth_error *err)
{
    size_t capacity = 64;
    while (capacity < 5 * cli_csv_count(of->csv))
        capacity *= 2;
    of->seen.capacity = capacity;
    of->seen.rows = calloc(capacity, sizeof *of->seen.rows);
    of->lines = calloc(of->batch, sizeof *of->lines);
    return of->seen.rows == NULL || of->lines == NULL ? auth_error_memory(err) : AUTH_STATUS_OK;
}

static auth_status open_table(table *of, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    cli_csv_row first;
    cli_realm_facts facts;
    const char *path = cli_value(of->call, "csv");
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
        status = registry_crypto_new(&of->crypto, err);
    if (status == AUTH_STATUS_OK)
        status = cli_officer_know(of->officer, &facts, err);
    if (status == AUTH_STATUS_OK)
        status = check_role(of, &facts, err);
    return status == AUTH_STATUS_OK ? open_state(of, auth_buf_bytes(text), &facts, err) : status;
}

/* All lines that are in no document. Who was seen in an earlier pass comes for the first time. */
static auth_status pass(table *of, auth_error *err)
{
    cli_csv_row row;
    auth_status status = AUTH_STATUS_OK;
    of->has_split = false;
    of->passes++;
    memset(of->seen.rows, 0, of->seen.capacity * sizeof *of->seen.rows);
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

/*
 * What the report finds refused because of one line frees the others, which are asked for once
 * more, as often as with refusals that are told at once.
 */
static auth_status work(table *of, unsigned wait_s, cli_enrol_sum *sum, auth_error *err)
{
    time_t end = now_s() + (time_t)wait_s;
    auth_status status = open_table(of, err);
    cli_batch *batch = NULL;
    for (size_t i = 0;
         status == AUTH_STATUS_OK && (batch = cli_enrol_state_batch_at(of->state, i)) != NULL;
         i++) {
        if (batch->state == CLI_BATCH_WRITTEN)
            status = send_batch(of, batch, err);
    }
    do {
        if (status == AUTH_STATUS_OK)
            status = pass_all(of, err);
        time_t now = now_s();
        if (status == AUTH_STATUS_OK)
            status = cli_enrol_report(of->officer, cli_value(of->call, "csv"), of->state,
                                      now < end ? (unsigned)(end - now) : 0,
                                      of->passes < PASSES_MAX, sum, err);
    } while (status == AUTH_STATUS_OK && sum->split > 0);
    return status;
}

static void clear(table *of)
{
    clear_lines(of);
    free(of->lines);
    free(of->seen.rows);
    registry_crypto_free(of->crypto);
    cli_enrol_state_free(of->state);
    cli_csv_free(of->csv);
}

static cli_exit show(const cli_call *call, const cli_enrol_sum *sum)
{
    const char *path = cli_value(call, "csv");
    if (cli_has(call, "json")) {
        cli_json *json = cli_json_new();
        cli_json_number(json, "lines", (long long)sum->lines);
        cli_json_number(json, "refused", (long long)sum->refused);
        cli_json_number(json, "done", (long long)sum->done);
        cli_json_number(json, "waiting", (long long)sum->waiting);
        cli_json_number(json, "open", (long long)sum->open);
        cli_json_number(json, "kept", (long long)sum->kept);
        cli_json_bool(json, "has_report", sum->refused > 0);
        cli_json_bool(json, "has_codes", sum->codes > 0);
        if (!cli_json_print(json, stdout))
            return cli_fault(_("out of memory"));
    } else {
        (void)printf(_("%s: %zu lines: %zu with a certificate, %zu waiting for activation, %zu not "
                       "decided yet, %zu refused\n"),
                     path, sum->lines, sum->done, sum->waiting, sum->open, sum->refused);
        if (sum->kept > 0)
            (void)printf(_("%zu of them are kept at the counter and not in the registry yet: call "
                           "this again when it is back; what became of them is told then, and "
                           "whose document was refused because of somebody else is entered anew\n"),
                         sum->kept);
        if (sum->refused > 0)
            (void)printf(_("what was refused, and why: %s.report.csv\n"), path);
        if (sum->codes > 0)
            (void)printf(_("activation codes: %s.codes.csv; hand each over and remove the file\n"),
                         path);
    }
    if (sum->refused > 0)
        return CLI_NO;
    if (cli_has(call, "wait") && sum->open > 0)
        return cli_fault(
            _("not decided within the time of --wait; call this again, nothing is sent twice"));
    return CLI_YES;
}

cli_exit cli_enrol_csv(const cli_call *call, cli_officer *officer)
{
    auth_error err;
    cli_enrol_sum sum = {.lines = 0};
    unsigned wait_s = 0;
    table of = {.call = call, .officer = officer};
    of.profile = cli_has(call, "profile") ? cli_value(call, "profile") : CLI_PROFILE;
    (void)read_batch(call, &of.batch);
    auth_status status = cli_wait_read(call, 0, &wait_s, &err);
    if (status == AUTH_STATUS_OK)
        status = work(&of, wait_s, &sum, &err);
    cli_exit code = CLI_YES;
    if (status != AUTH_STATUS_OK)
        code = cli_error(call->command, &err);
    else
        code = show(call, &sum);
    clear(&of);
    return code;
}
