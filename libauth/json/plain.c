/* SPDX-License-Identifier: Apache-2.0 */
#include "json/plain.h"

#include <string.h>

/* So many digits fit into 64 bits whatever they are. */
#define DIGITS_MAX 18

typedef struct reader {
    const uint8_t *at;
    const uint8_t *end;
    unsigned depth;
} reader;

static json_plain read_value(reader *from, json_t **out);

/* RFC 8259 section 2. */
static void skip_space(reader *from)
{
    while (from->at < from->end &&
           (*from->at == ' ' || *from->at == '\t' || *from->at == '\n' || *from->at == '\r'))
        from->at++;
}

/* Takes one octet when it stands next, behind white space. */
static bool take(reader *from, uint8_t octet)
{
    skip_space(from);
    if (from->at == from->end || *from->at != octet)
        return false;
    from->at++;
    return true;
}

/* Takes a string without escapes, from its quote on; *is_ascii: there is nothing above 0x7f. */
static bool take_string(reader *from, auth_bytes *out, bool *is_ascii)
{
    if (!take(from, '"'))
        return false;
    uint8_t all = 0;
    const uint8_t *at = from->at;
    while (at < from->end && *at != '"' && *at != '\\' && *at >= 0x20)
        all |= *at++;
    if (at == from->end || *at != '"')
        return false;
    *out = (auth_bytes){from->at, (size_t)(at - from->at)};
    *is_ascii = all < 0x80;
    from->at = at + 1;
    return true;
}

static json_plain given(json_t *made, json_t **out)
{
    *out = made;
    return made == NULL ? JSON_PLAIN_MEMORY : JSON_PLAIN_READ;
}

static json_plain read_string(reader *from, json_t **out)
{
    auth_bytes text;
    bool is_ascii = false;
    if (!take_string(from, &text, &is_ascii))
        return JSON_PLAIN_UNUSUAL;
    if (is_ascii)
        return given(json_stringn_nocheck((const char *)text.data, text.len), out);
    /* NULL for what is no UTF-8, and for want of memory: jansson tells which. */
    *out = json_stringn((const char *)text.data, text.len);
    return *out == NULL ? JSON_PLAIN_UNUSUAL : JSON_PLAIN_READ;
}

/* A whole number from 0, as long as nothing of another form follows: what does, ends no value. */
static json_plain read_number(reader *from, json_t **out)
{
    json_int_t number = 0;
    const uint8_t *first = from->at;
    while (from->at < from->end && *from->at >= '0' && *from->at <= '9' &&
           from->at - first < DIGITS_MAX)
        number = number * 10 + (*from->at++ - '0');
    bool is_plain = from->at > first && (*first != '0' || from->at - first == 1);
    return is_plain ? given(json_integer(number), out) : JSON_PLAIN_UNUSUAL;
}

static bool take_word(reader *from, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(from->end - from->at) < len || memcmp(from->at, word, len) != 0)
        return false;
    from->at += len;
    return true;
}

static json_plain read_word(reader *from, json_t **out)
{
    if (take_word(from, "true"))
        return given(json_true(), out);
    if (take_word(from, "false"))
        return given(json_false(), out);
    if (take_word(from, "null"))
        return given(json_null(), out);
    return JSON_PLAIN_UNUSUAL;
}

/* Puts a member in, and takes the value also when it fails. */
static json_plain put_member(json_t *object, auth_bytes name, json_t *value)
{
    size_t before = json_object_size(object);
    if (json_object_setn_new_nocheck(object, (const char *)name.data, name.len, value) != 0)
        return JSON_PLAIN_MEMORY;
    return json_object_size(object) > before ? JSON_PLAIN_READ : JSON_PLAIN_UNUSUAL;
}

static json_plain read_member(reader *from, json_t *object)
{
    auth_bytes name;
    bool is_ascii = false;
    json_t *value = NULL;
    if (!take_string(from, &name, &is_ascii) || !is_ascii || !take(from, ':'))
        return JSON_PLAIN_UNUSUAL;
    json_plain answer = read_value(from, &value);
    return answer == JSON_PLAIN_READ ? put_member(object, name, value) : answer;
}

static json_plain read_element(reader *from, json_t *array)
{
    json_t *value = NULL;
    json_plain answer = read_value(from, &value);
    if (answer != JSON_PLAIN_READ)
        return answer;
    return json_array_append_new(array, value) == 0 ? JSON_PLAIN_READ : JSON_PLAIN_MEMORY;
}

/* From behind the bracket that opens to behind the one that closes. */
static json_plain fill(reader *from, json_t *whole)
{
    bool is_object = json_is_object(whole);
    uint8_t close = is_object ? '}' : ']';
    if (take(from, close))
        return JSON_PLAIN_READ;
    json_plain answer = JSON_PLAIN_READ;
    do
        answer = is_object ? read_member(from, whole) : read_element(from, whole);
    while (answer == JSON_PLAIN_READ && take(from, ','));
    if (answer == JSON_PLAIN_READ && !take(from, close))
        return JSON_PLAIN_UNUSUAL;
    return answer;
}

static json_plain read_whole(reader *from, json_t **out)
{
    bool is_object = *from->at++ == '{';
    json_t *whole = is_object ? json_object() : json_array();
    if (whole == NULL)
        return JSON_PLAIN_MEMORY;
    from->depth++;
    json_plain answer = from->depth > JSON_PLAIN_DEPTH_MAX ? JSON_PLAIN_UNUSUAL : fill(from, whole);
    from->depth--;
    if (answer == JSON_PLAIN_READ)
        *out = whole;
    else
        json_decref(whole);
    return answer;
}

/* JSON_PLAIN_DEPTH_MAX bounds how deep it calls itself. */
static json_plain read_value(reader *from, json_t **out)
{
    skip_space(from);
    if (from->at == from->end)
        return JSON_PLAIN_UNUSUAL;
    switch (*from->at) {
    case '{':
    case '[':
        return read_whole(from, out);
    case '"':
        return read_string(from, out);
    case 't':
    case 'f':
    case 'n':
        return read_word(from, out);
    default:
        return read_number(from, out);
    }
}

json_plain json_plain_read(auth_bytes text, json_t **out)
{
    if (text.len == 0)
        return JSON_PLAIN_UNUSUAL;
    reader from = {.at = text.data, .end = text.data + text.len};
    skip_space(&from);
    if (from.at == from.end || (*from.at != '{' && *from.at != '['))
        return JSON_PLAIN_UNUSUAL;
    json_t *whole = NULL;
    json_plain answer = read_whole(&from, &whole);
    skip_space(&from);
    if (answer == JSON_PLAIN_READ && from.at != from.end) {
        json_decref(whole);
        return JSON_PLAIN_UNUSUAL;
    }
    if (answer == JSON_PLAIN_READ)
        *out = whole;
    return answer;
}
