/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/content.h"

#include "daemon/text.h"

#include <stdio.h>
#include <string.h>

/* What goes from the whole into an answer about it (RFC 9110 15.4.5, 15.3.7). */
static const char *const kept[] = {"ETag", "Last-Modified", "Expires", "Vary"};
#define KEPT (sizeof kept / sizeof kept[0])
#define VALUE_SIZE 128

typedef struct header_set {
    char values[KEPT][VALUE_SIZE];
    daemon_header headers[KEPT + 1];
    size_t count;
} header_set;

static void collect(const daemon_response *whole, header_set *out)
{
    out->count = 0;
    for (size_t i = 0; i < KEPT; i++) {
        auth_bytes value = daemon_response_header(whole, kept[i]);
        if (value.data == NULL || value.len >= VALUE_SIZE)
            continue;
        char *room = out->values[out->count];
        memcpy(room, value.data, value.len);
        room[value.len] = '\0';
        out->headers[out->count++] = (daemon_header){kept[i], room};
    }
}

/* The element of a list that comes next; false after the last one (RFC 9110 5.6.1). */
static bool next_element(auth_bytes *list, auth_bytes *out)
{
    if (list->len == 0)
        return false;
    const uint8_t *comma = memchr(list->data, ',', list->len);
    size_t len = comma == NULL ? list->len : (size_t)(comma - list->data);
    size_t step = comma == NULL ? len : len + 1;
    *out = daemon_trim((auth_bytes){list->data, len});
    list->data += step;
    list->len -= step;
    return true;
}

/* By the weak comparison (RFC 9110 13.1.2). */
static bool names_tag(auth_bytes list, auth_bytes tag)
{
    auth_bytes element;
    while (next_element(&list, &element)) {
        if (element.len >= 2 && memcmp(element.data, "W/", 2) == 0)
            element = (auth_bytes){element.data + 2, element.len - 2};
        if (daemon_is(element, "*") || auth_bytes_equal(element, tag))
            return true;
    }
    return false;
}

/* A date is held against that of the version as it was sent: no date in between exists. */
static bool has_it_already(const daemon_request *request, const daemon_response *whole)
{
    auth_bytes tags = daemon_request_header(request, "If-None-Match");
    auth_bytes since = daemon_request_header(request, "If-Modified-Since");
    auth_bytes tag = daemon_response_header(whole, "ETag");
    auth_bytes modified = daemon_response_header(whole, "Last-Modified");
    if (tags.data != NULL)
        return tag.data != NULL && names_tag(tags, tag);
    return since.data != NULL && modified.data != NULL && auth_bytes_equal(since, modified);
}

static auth_status answer_unchanged(daemon_request *request, const daemon_response *whole,
                                    auth_error *err)
{
    AUTH_AUTO(daemon_response) *response = NULL;
    header_set kept_headers;
    collect(whole, &kept_headers);
    auth_status status = daemon_response_new(304, NULL, (auth_bytes){NULL, 0}, kept_headers.headers,
                                             kept_headers.count, &response, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_response_keep_like(response, whole);
    daemon_answer(request, response);
    return AUTH_STATUS_OK;
}

typedef struct octet_range {
    size_t from;
    size_t len;
} octet_range;

typedef enum range_kind {
    RANGE_NONE, /* none, or one that may be passed over */
    RANGE_PART,
    RANGE_OUTSIDE,
} range_kind;

/* "bytes=0-499", "bytes=500-", "bytes=-500" (RFC 9110 14.1.2). */
static range_kind read_range(auth_bytes text, size_t whole, octet_range *out)
{
    static const char unit[] = "bytes=";
    const size_t unit_len = sizeof unit - 1;
    if (text.len <= unit_len || memcmp(text.data, unit, unit_len) != 0 ||
        memchr(text.data, ',', text.len) != NULL)
        return RANGE_NONE;
    auth_bytes range = {text.data + unit_len, text.len - unit_len};
    const uint8_t *dash = memchr(range.data, '-', range.len);
    if (dash == NULL)
        return RANGE_NONE;
    auth_bytes left = {range.data, (size_t)(dash - range.data)};
    auth_bytes right = {dash + 1, range.len - left.len - 1};
    uint64_t first = 0;
    uint64_t last = INT64_MAX;
    if ((left.len > 0 && !daemon_read_decimal(left, INT64_MAX, &first)) ||
        (right.len > 0 && !daemon_read_decimal(right, INT64_MAX, &last)) ||
        (left.len == 0 && right.len == 0) || (left.len > 0 && last < first))
        return RANGE_NONE;
    if (left.len == 0) {
        first = last < whole ? whole - last : 0;
        last = last == 0 ? 0 : INT64_MAX;
        if (last == 0)
            return RANGE_OUTSIDE;
    }
    if (first >= whole)
        return RANGE_OUTSIDE;
    last = last < whole - 1 ? last : whole - 1;
    *out = (octet_range){(size_t)first, (size_t)(last - first + 1)};
    return RANGE_PART;
}

/* Whether a range may be of this version: If-Range names it, or is not there (RFC 9110 13.1.5). */
static bool is_of_version(const daemon_request *request, const daemon_response *whole)
{
    auth_bytes wanted = daemon_request_header(request, "If-Range");
    return wanted.data == NULL || auth_bytes_equal(wanted, daemon_response_header(whole, "ETag")) ||
           auth_bytes_equal(wanted, daemon_response_header(whole, "Last-Modified"));
}

static auth_status answer_part(daemon_request *request, daemon_response *whole, octet_range range,
                               auth_error *err)
{
    AUTH_AUTO(daemon_response) *response = NULL;
    char text[96];
    char type[VALUE_SIZE];
    header_set set;
    auth_bytes media = daemon_response_header(whole, "Content-Type");
    collect(whole, &set);
    (void)snprintf(type, sizeof type, "%.*s", (int)media.len, (const char *)media.data);
    (void)snprintf(text, sizeof text, "bytes %zu-%zu/%zu", range.from, range.from + range.len - 1,
                   daemon_response_body(whole).len);
    set.headers[set.count++] = (daemon_header){"Content-Range", text};
    auth_status status = daemon_response_part(206, type, whole, range.from, range.len, set.headers,
                                              set.count, &response, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_response_keep_like(response, whole);
    daemon_answer(request, response);
    return AUTH_STATUS_OK;
}

static auth_status answer_outside(daemon_request *request, size_t whole, auth_error *err)
{
    AUTH_AUTO(daemon_response) *response = NULL;
    char text[64];
    (void)snprintf(text, sizeof text, "bytes */%zu", whole);
    const daemon_header header = {"Content-Range", text};
    auth_status status =
        daemon_response_new(416, NULL, (auth_bytes){NULL, 0}, &header, 1, &response, err);
    if (status == AUTH_STATUS_OK)
        daemon_answer(request, response);
    return status;
}

auth_status daemon_answer_content(daemon_request *request, daemon_response *whole, auth_error *err)
{
    octet_range range = {0, 0};
    range_kind kind = RANGE_NONE;
    size_t len = daemon_response_body(whole).len;
    if (has_it_already(request, whole))
        return answer_unchanged(request, whole, err);
    auth_bytes wanted = daemon_request_header(request, "Range");
    /* A range means something for GET alone (RFC 9110 14.2). */
    if (wanted.data != NULL && daemon_request_method(request) == HTTP_GET &&
        is_of_version(request, whole))
        kind = read_range(wanted, len, &range);
    if (kind == RANGE_PART)
        return answer_part(request, whole, range, err);
    if (kind == RANGE_OUTSIDE)
        return answer_outside(request, len, err);
    daemon_answer(request, whole);
    return AUTH_STATUS_OK;
}
