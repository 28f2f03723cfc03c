/* SPDX-License-Identifier: Apache-2.0 */
#include "json/token.h"

#include <string.h>

/* Gives the next octet that is no white space (RFC 8259 section 2), or 0 at the end. */
static uint8_t peek(json_reader *reader)
{
    while (reader->at < reader->len) {
        uint8_t c = reader->text[reader->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
            return c;
        reader->at++;
    }
    return 0;
}

static bool take(json_reader *reader, char octet)
{
    if (peek(reader) != (uint8_t)octet)
        return false;
    reader->at++;
    return true;
}

/* Gives the number of a new token. False when there are more than were counted. */
static bool add_token(json_reader *reader, json_token_type type, size_t *out)
{
    if (reader->count == reader->room)
        return json_fail(reader,
                         "more values than brackets and commas allow; mend what stands before");
    reader->tokens[reader->count] = (json_token){.type = type, .next = reader->count + 1};
    *out = reader->count++;
    return true;
}

static bool read_text(json_reader *reader)
{
    size_t token = 0;
    reader->at++; /* the quote */
    return add_token(reader, JSON_TOKEN_STRING, &token) &&
           json_read_string(reader, &reader->tokens[token].text);
}

static size_t skip_digits(json_reader *reader)
{
    size_t start = reader->at;
    while (reader->at < reader->len && reader->text[reader->at] >= '0' &&
           reader->text[reader->at] <= '9')
        reader->at++;
    return reader->at - start;
}

static bool skip_one_of(json_reader *reader, const char *octets)
{
    bool is_there = reader->at < reader->len && reader->text[reader->at] != '\0' &&
                    strchr(octets, reader->text[reader->at]) != NULL;
    reader->at += is_there ? 1 : 0;
    return is_there;
}

/* RFC 8259 section 6: no plus, no zero in front, a digit on each side of the point. */
static bool read_number(json_reader *reader)
{
    static const char fault[] = "not a number as JSON has it (RFC 8259 6); mend it";
    size_t start = reader->at;
    size_t token = 0;
    (void)skip_one_of(reader, "-");
    if (!skip_one_of(reader, "0") && skip_digits(reader) == 0)
        return json_fail(reader, fault);
    if (skip_one_of(reader, ".") && skip_digits(reader) == 0)
        return json_fail(reader, fault);
    if (skip_one_of(reader, "eE")) {
        (void)skip_one_of(reader, "+-");
        if (skip_digits(reader) == 0)
            return json_fail(reader, fault);
    }
    if (!add_token(reader, JSON_TOKEN_NUMBER, &token))
        return false;
    reader->tokens[token].text = (auth_bytes){reader->text + start, reader->at - start};
    return true;
}

static bool read_word(json_reader *reader)
{
    static const struct {
        const char *word;
        json_token_type type;
    } words[] = {{"true", JSON_TOKEN_TRUE}, {"false", JSON_TOKEN_FALSE}, {"null", JSON_TOKEN_NULL}};
    size_t token = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t len = strlen(words[i].word);
        if (len <= reader->len - reader->at &&
            memcmp(reader->text + reader->at, words[i].word, len) == 0) {
            reader->at += len;
            return add_token(reader, words[i].type, &token);
        }
    }
    return json_fail(reader,
                     "no value; write a string, number, object, array, true, false or null");
}

static bool read_value(json_reader *reader);

static bool read_member(json_reader *reader)
{
    if (peek(reader) != '"')
        return json_fail(reader, "no name of a member; write it in quotes");
    if (!read_text(reader))
        return false;
    return take(reader, ':') ? read_value(reader)
                             : json_fail(reader, "no colon behind the name of a member; write it");
}

/* Reads what stands between two brackets, the first of which is next. */
static bool read_list(json_reader *reader, json_token_type type, char end,
                      bool (*read)(json_reader *))
{
    size_t token = 0;
    if (reader->depth == 0)
        return json_fail(reader, "nested deeper than was counted; mend what stands before");
    if (!add_token(reader, type, &token))
        return false;
    reader->at++;
    reader->depth--;
    bool is_empty = take(reader, end);
    for (size_t n = 1; !is_empty; n++) {
        if (!read(reader))
            return false;
        reader->tokens[token].count = n;
        if (take(reader, end))
            break;
        if (!take(reader, ','))
            return json_fail(reader, "neither a comma nor the closing bracket; write one of them");
    }
    reader->depth++;
    reader->tokens[token].next = reader->count;
    return true;
}

/* Recurses as deep as the rules let it. */
static bool read_value(json_reader *reader)
{
    uint8_t c = peek(reader);
    if (c == '{')
        return read_list(reader, JSON_TOKEN_OBJECT, '}', read_member);
    if (c == '[')
        return read_list(reader, JSON_TOKEN_ARRAY, ']', read_value);
    if (c == '"')
        return read_text(reader);
    return c == '-' || (c >= '0' && c <= '9') ? read_number(reader) : read_word(reader);
}

bool json_read(json_reader *reader)
{
    uint8_t first = peek(reader);
    if (first != '{' && first != '[')
        return json_fail(reader, "neither an object nor an array; write { ... }");
    if (!read_value(reader))
        return false;
    return peek(reader) == 0 && reader->at == reader->len
               ? true
               : json_fail(reader, "something behind the end; remove it");
}
