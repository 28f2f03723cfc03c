/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/problem.h"
#include "daemon/json.h"
#include "daemon/text.h"

#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOCUMENT_MAX ((size_t)16384)

static const problem rows[] = {
#define PROBLEM_ROW(code, name, title)                                                             \
    {code, name, title, "", "", (code) == 503 || (code) == 408, NULL, false, 0},
#include "daemon/problem.def"
};
#define ROWS (sizeof rows / sizeof rows[0])

static const auth_status statuses[] = {
#define AUTH_STATUS_ROW(id, number, name, http, retryable, text) AUTH_STATUS_##id,
#include <auth/status.def>
};
#define STATUSES (sizeof statuses / sizeof statuses[0])

typedef struct pair {
    const char *english;
    char *chinese;
} pair;

struct problem_titles {
    pair pairs[ROWS + STATUSES];
};

/*
 * gettext chooses by the environment of the process, and a daemon answers each client in the
 * client's language: so the catalogue is asked once for everything, while there is one thread.
 */
static auth_status translate(problem_titles *titles, auth_error *err)
{
    for (size_t i = 0; i < ROWS + STATUSES; i++) {
        const char *english = i < ROWS ? rows[i].title : auth_status_text(statuses[i - ROWS]);
        titles->pairs[i].english = english;
        titles->pairs[i].chinese = strdup(gettext(english));
        if (titles->pairs[i].chinese == NULL)
            return auth_error_memory(err);
    }
    return AUTH_STATUS_OK;
}

auth_status problem_titles_new(problem_titles **out, auth_error *err)
{
    AUTH_AUTO(problem_titles) *titles = calloc(1, sizeof *titles);
    const char *language = getenv("LANGUAGE");
    char *kept = language == NULL ? NULL : strdup(language);
    if (titles == NULL || (kept == NULL && language != NULL)) {
        free(kept);
        return auth_error_memory(err);
    }
    /* LANGUAGE counts only in a locale that is not "C" (gettext(3)). */
    (void)setlocale(LC_ALL, "C.UTF-8");
    (void)setenv("LANGUAGE", "zh_CN", 1);
    auth_status status = translate(titles, err);
    if (kept == NULL)
        (void)unsetenv("LANGUAGE");
    else
        (void)setenv("LANGUAGE", kept, 1);
    free(kept);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(titles);
    return status;
}

void problem_titles_free(problem_titles *titles)
{
    if (titles == NULL)
        return;
    for (size_t i = 0; i < ROWS + STATUSES; i++)
        free(titles->pairs[i].chinese);
    free(titles);
}

problem problem_of_status(auth_status status, const char *detail, const char *id)
{
    return (problem){auth_status_http(status),
                     auth_status_name(status),
                     auth_status_text(status),
                     detail,
                     id,
                     auth_status_is_retryable(status),
                     NULL,
                     false,
                     0};
}

problem problem_of_code(int code, const char *detail, const char *id)
{
    problem found = problem_of_status(AUTH_STATUS_INTERNAL, detail, id);
    for (size_t i = 0; i < ROWS; i++) {
        if (rows[i].code == code)
            found = rows[i];
    }
    found.detail = detail;
    found.id = id;
    return found;
}

/* The weight of a language range, "zh;q=0.5", in thousandths (RFC 9110 12.4.2). */
static unsigned weight_of(auth_bytes range)
{
    const uint8_t *at = memmem(range.data, range.len, "q=", 2);
    if (at == NULL)
        return 1000;
    unsigned weight = 0;
    unsigned factor = 1000;
    for (at += 2; at < range.data + range.len; at++) {
        if (*at >= '0' && *at <= '9') {
            weight += (unsigned)(*at - '0') * factor;
            factor /= 10;
        } else if (*at != '.') {
            break;
        }
    }
    return weight > 1000 ? 1000 : weight;
}

static bool has_prefix(auth_bytes range, const char *tag)
{
    size_t len = strlen(tag);
    return range.len >= len && daemon_is_caseless((auth_bytes){range.data, len}, tag) &&
           (range.len == len || range.data[len] == '-' || range.data[len] == ';' ||
            range.data[len] == ' ');
}

/* Chinese when the client likes it better than English and than whatever comes. */
bool problem_wants_chinese(auth_bytes accept)
{
    unsigned chinese = 0;
    unsigned other = 0;
    while (accept.len > 0) {
        const uint8_t *comma = memchr(accept.data, ',', accept.len);
        size_t len = comma == NULL ? accept.len : (size_t)(comma - accept.data);
        auth_bytes range = daemon_trim((auth_bytes){accept.data, len});
        unsigned weight = weight_of(range);
        if (has_prefix(range, "zh"))
            chinese = weight > chinese ? weight : chinese;
        else if (has_prefix(range, "en"))
            other = weight > other ? weight : other;
        size_t step = comma == NULL ? len : len + 1;
        accept.data += step;
        accept.len -= step;
    }
    return chinese > other;
}

static const char *title_of(const problem_titles *titles, const char *english, bool is_chinese)
{
    for (size_t i = 0; is_chinese && titles != NULL && i < ROWS + STATUSES; i++) {
        if (strcmp(titles->pairs[i].english, english) == 0)
            return titles->pairs[i].chinese;
    }
    return english;
}

static auth_status write_document(auth_buf *out, const problem *it, const char *title,
                                  auth_error *err)
{
    char type[96];
    char instance[96];
    (void)snprintf(type, sizeof type, "urn:auth:problem:%s", it->type);
    (void)snprintf(instance, sizeof instance, "urn:auth:request:%s", it->id);
    daemon_json json = daemon_json_on(out);
    daemon_json_open(&json, NULL, '{');
    daemon_json_text(&json, "type", auth_bytes_from_text(type));
    daemon_json_text(&json, "title", auth_bytes_from_text(title));
    daemon_json_number(&json, "status", it->code);
    if (it->detail[0] != '\0')
        daemon_json_text(&json, "detail", auth_bytes_from_text(it->detail));
    if (it->reason != NULL)
        daemon_json_text(&json, "reason", auth_bytes_from_text(it->reason));
    if (it->has_item)
        daemon_json_number(&json, "item", it->item);
    daemon_json_text(&json, "instance", auth_bytes_from_text(instance));
    daemon_json_bool(&json, "retryable", it->is_retryable);
    daemon_json_close(&json, '}');
    return daemon_json_end(&json, err);
}

auth_status problem_response(const problem_titles *titles, const problem *it,
                             auth_bytes accept_language, const daemon_header *headers,
                             size_t header_count, daemon_response **out, auth_error *err)
{
    daemon_header all[4] = {{"Cache-Control", "no-store"},
                            {"Content-Language",
                             problem_wants_chinese(accept_language) ? "zh" : "en"}};
    size_t count = 2;
    if (it->code == 503 && count < 4)
        all[count++] = (daemon_header){"Retry-After", "1"};
    for (size_t i = 0; i < header_count && count < 4; i++)
        all[count++] = headers[i];
    AUTH_AUTO(auth_buf) *document = NULL;
    auth_status status = auth_buf_new(DOCUMENT_MAX, &document, err);
    if (status == AUTH_STATUS_OK)
        status = write_document(document, it,
                                title_of(titles, it->title, problem_wants_chinese(accept_language)),
                                err);
    if (status == AUTH_STATUS_OK)
        status = daemon_response_new(it->code, "application/problem+json", auth_buf_bytes(document),
                                     all, count, out, err);
    return status;
}
