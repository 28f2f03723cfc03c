/* SPDX-License-Identifier: Apache-2.0 */
#include "fsck_answers.h"
#include "fsck_answers_part.h"
#include "statement.h"
#include "transaction.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 1000
#define ROW_SIZE 512

typedef struct examiner {
    registry_connection *connection;
    registry_reporter *reporter;
    const char *path;
    FILE *file;
    uint64_t number;
    answers_told told;
    answer_line page[PAGE];
    size_t page_count;
} examiner;

static void examiner_free(examiner *it)
{
    if (it == NULL)
        return;
    if (it->file != NULL)
        (void)fclose(it->file);
    free(it->told.rows);
    free(it);
}

AUTH_DEFINE_CLEANUP(examiner)

static auth_status open_file(const char *path, FILE **out, auth_error *err)
{
    *out = fopen(path, "re");
    if (*out != NULL)
        return AUTH_STATUS_OK;
    auth_status status = errno == ENOENT                     ? AUTH_STATUS_NOT_FOUND
                         : errno == EACCES || errno == EPERM ? AUTH_STATUS_DENIED
                                                             : AUTH_STATUS_IO;
    return auth_error_set(err, status, "%s: the file of answers cannot be read: %s", path,
                          strerror(errno));
}

/* Reads the next line; *is_end when there is none. */
static auth_status next_line(examiner *it, answer_line *out, bool *is_end, auth_error *err)
{
    char text[ANSWER_LINE_SIZE];
    *is_end = fgets(text, sizeof text, it->file) == NULL;
    if (*is_end && ferror(it->file) != 0)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: the file of answers cannot be read: %s",
                              it->path, strerror(errno));
    if (*is_end)
        return AUTH_STATUS_OK;
    it->number++;
    size_t len = strlen(text);
    if (len == 0 || text[len - 1] != '\n' ||
        !answer_line_read((auth_bytes){(const uint8_t *)text, len - 1}, out))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%s: line %" PRIu64 ": this is no line of a file of answers; it has "
                              "'told SERIAL WORD TIME' or 'seen SERIAL WORD ASKED ANSWERED "
                              "THIS-UPDATE'",
                              it->path, it->number);
    out->number = it->number;
    return AUTH_STATUS_OK;
}

/* What was told */

static int compare_told(const void *a, const void *b)
{
    const answer_line *left = a;
    const answer_line *right = b;
    int order = auth_bytes_compare(answer_line_serial(left), answer_line_serial(right));
    return order != 0 ? order : (left->at_us > right->at_us) - (left->at_us < right->at_us);
}

static auth_status keep_told(examiner *it, const answer_line *line, auth_error *err)
{
    if (it->told.count == REGISTRY_ANSWERS_TOLD_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s: line %" PRIu64 ": there are more than %d lines of what was "
                              "told; divide the file by serial numbers",
                              it->path, line->number, REGISTRY_ANSWERS_TOLD_MAX);
    if (it->told.count == it->told.room) {
        size_t room = it->told.room == 0 ? 1024 : 2 * it->told.room;
        answer_line *told = realloc(it->told.rows, room * sizeof *told);
        if (told == NULL)
            return auth_error_memory(err);
        it->told.rows = told;
        it->told.room = room;
    }
    it->told.rows[it->told.count++] = *line;
    return AUTH_STATUS_OK;
}

static auth_status read_told(examiner *it, auth_error *err)
{
    bool is_end = false;
    answer_line line;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && !is_end) {
        status = next_line(it, &line, &is_end, err);
        if (status == AUTH_STATUS_OK && !is_end && line.is_told)
            status = keep_told(it, &line, err);
    }
    if (it->told.count > 0)
        qsort(it->told.rows, it->told.count, sizeof *it->told.rows, compare_told);
    return status;
}

/* Asks the registry about the certificates of lines. */
static auth_status ask(examiner *it, const answer_line *lines, size_t count, registry_result **out,
                       auth_error *err)
{
    auth_bytes serials[PAGE];
    for (size_t i = 0; i < count; i++)
        serials[i] = answer_line_serial(&lines[i]);
    return registry_run(it->connection, REGISTRY_STATEMENT_FSCK_ANSWERS,
                        REGISTRY_VALUES(registry_bytes_array(serials, count)), out, err);
}

static void report(const examiner *it, const answer_line *line, const char *text)
{
    char row[ROW_SIZE];
    (void)snprintf(row, sizeof row, "%s:%" PRIu64, it->path, line->number);
    registry_report(it->reporter, "answer", row, "%s", text);
}

static auth_status judge_page(examiner *it, const answer_line *lines, size_t count, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status = ask(it, lines, count, &rows, err);
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++) {
        const char *fault = answers_judge(&it->told, rows, &lines[i]);
        if (fault != NULL)
            report(it, &lines[i], fault);
    }
    return status == AUTH_STATUS_OK ? registry_result_check(rows, err) : status;
}

static auth_status judge_all_told(examiner *it, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t at = 0; at < it->told.count && status == AUTH_STATUS_OK; at += PAGE) {
        size_t left = it->told.count - at;
        registry_report_progress(it->reporter, "what was told", at, it->told.count);
        status = judge_page(it, it->told.rows + at, left < PAGE ? left : PAGE, err);
    }
    return status;
}

static auth_status judge_all_seen(examiner *it, registry_answers_summary *out, auth_error *err)
{
    bool is_end = false;
    auth_status status = AUTH_STATUS_OK;
    rewind(it->file);
    it->number = 0;
    while (status == AUTH_STATUS_OK && !is_end) {
        answer_line *line = &it->page[it->page_count];
        status = next_line(it, line, &is_end, err);
        if (status == AUTH_STATUS_OK && !is_end && !line->is_told)
            it->page_count++;
        if (status != AUTH_STATUS_OK || it->page_count == 0 || (!is_end && it->page_count < PAGE))
            continue;
        registry_report_progress(it->reporter, "answers", out->seen, 0);
        status = judge_page(it, it->page, it->page_count, err);
        out->seen += it->page_count;
        it->page_count = 0;
    }
    return status;
}

auth_status registry_fsck_answers(registry_connection *connection, const char *path,
                                  registry_reporter *reporter, registry_answers_summary *out,
                                  auth_error *err)
{
    registry_answers_summary found = *out;
    AUTH_AUTO(examiner) *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    it->connection = connection;
    it->reporter = reporter;
    it->path = path;
    auth_status status = open_file(path, &it->file, err);
    if (status == AUTH_STATUS_OK)
        status = read_told(it, err);
    if (status == AUTH_STATUS_OK)
        status = registry_begin(connection, REGISTRY_SNAPSHOT, err);
    if (status == AUTH_STATUS_OK)
        status = judge_all_told(it, err);
    found.told += it->told.count;
    if (status == AUTH_STATUS_OK)
        status = judge_all_seen(it, &found, err);
    if (registry_connection_is_in_transaction(connection))
        registry_rollback(connection);
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}
