/* SPDX-License-Identifier: Apache-2.0 */
#include "json/scan.h"

#include <string.h>

/* Gives the place after the quote that ends a string beginning at start, or the end of the text. */
static size_t skip_string(auth_bytes text, size_t start)
{
    for (size_t i = start; i < text.len;) {
        const uint8_t *quote = memchr(text.data + i, '"', text.len - i);
        if (quote == NULL)
            break;
        size_t at = (size_t)(quote - text.data);
        size_t escapes = 0;
        while (at - escapes > start && text.data[at - escapes - 1] == '\\')
            escapes++;
        if (escapes % 2 == 0)
            return at + 1;
        i = at + 1;
    }
    return text.len;
}

typedef struct counts {
    size_t depth;
    size_t values;
} counts;

/* Brackets and commas: each begins a value at the most, or closes one. */
static void count_octet(uint8_t octet, counts *seen)
{
    switch (octet) {
    case '{':
    case '[':
        seen->depth++;
        seen->values++;
        break;
    case '}':
    case ']':
        if (seen->depth > 0)
            seen->depth--;
        break;
    case ',':
        seen->values++;
        break;
    default:
        break;
    }
}

/* jansson 2.14 passes over a NUL behind a number or a word. */
static auth_status refuse_nul(auth_bytes before, const json_rules *rules, auth_error *err)
{
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < before.len; i++) {
        bool is_end = before.data[i] == '\n';
        line += is_end ? 1 : 0;
        column = is_end ? 1 : column + 1;
    }
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          "%s: line %zu, column %zu: a NUL octet, which JSON does not have "
                          "(RFC 8259 2); mend it there",
                          rules->subject, line, column);
}

auth_status json_scan(auth_bytes text, const json_rules *rules, auth_error *err)
{
    const uint8_t *nul = text.len > 0 ? memchr(text.data, 0, text.len) : NULL;
    if (nul != NULL)
        return refuse_nul((auth_bytes){text.data, (size_t)(nul - text.data)}, rules, err);
    counts seen = {0, 0};
    bool is_within = text.len <= rules->size_max;
    for (size_t i = 0; is_within && i < text.len;) {
        if (text.data[i] == '"') {
            i = skip_string(text, i + 1);
            continue;
        }
        count_octet(text.data[i], &seen);
        is_within = seen.depth <= rules->depth_max && seen.values <= rules->value_max;
        i++;
    }
    if (is_within)
        return AUTH_STATUS_OK;
    return auth_error_set(
        err, AUTH_STATUS_LIMIT,
        "%s: above %zu octets, nested deeper than %zu or of more than %zu values; "
        "none needs that, make it smaller (%s)",
        rules->subject, rules->size_max, rules->depth_max, rules->value_max, rules->guide);
}
