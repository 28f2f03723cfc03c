/* SPDX-License-Identifier: Apache-2.0 */
#include "key_text.h"

#include <auth/codec.h>
#include <stdio.h>
#include <string.h>

#define IDENTIFIER_MAX 64
#define PATH_DEPTH_MAX 8
#define CHECK_SIZE 8

static const char *const headers[] = {"auth-master-key 1", "auth-office-key 1"};

bool key_is_identifier(auth_bytes text)
{
    if (text.len == 0 || text.len > IDENTIFIER_MAX || text.data[0] == '-' ||
        text.data[text.len - 1] == '-')
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return false;
    }
    return true;
}

bool key_is_office_path(auth_bytes text)
{
    size_t depth = 0;
    if (text.len < 3 || text.data[0] != '/')
        return false;
    for (size_t at = 1; at < text.len; depth++) {
        const uint8_t *slash = memchr(text.data + at, '/', text.len - at);
        if (slash == NULL)
            return false;
        size_t len = (size_t)(slash - text.data) - at;
        if (!key_is_identifier((auth_bytes){text.data + at, len}))
            return false;
        at += len + 1;
    }
    return depth <= PATH_DEPTH_MAX;
}

/* Reading */

typedef struct line_reader {
    auth_bytes text;
    size_t at;
    unsigned line; /* from 1; of what was read last */
} line_reader;

static auth_status refuse(const line_reader *reader, const char *rule, auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          "key file: line %u: %s; take the file as auth wrote it, or its back-up",
                          reader->line, rule);
}

/* Reads the next line, without its LF. False at the end, or when the LF is missing. */
static bool next_line(line_reader *reader, auth_bytes *out)
{
    const uint8_t *start = reader->text.data + reader->at;
    size_t left = reader->text.len - reader->at;
    const uint8_t *end = left == 0 ? NULL : memchr(start, '\n', left);
    reader->line++;
    if (end == NULL)
        return false;
    *out = (auth_bytes){start, (size_t)(end - start)};
    reader->at += out->len + 1;
    return true;
}

static bool begins_with(auth_bytes text, const char *word)
{
    size_t len = strlen(word);
    return text.len >= len && memcmp(text.data, word, len) == 0;
}

/* Reads the line "word value". */
static auth_status next_value(line_reader *reader, const char *word, auth_bytes *out,
                              auth_error *err)
{
    auth_bytes line;
    char rule[64];
    size_t len = strlen(word);
    if (next_line(reader, &line) && begins_with(line, word) && line.len > len &&
        line.data[len] == ' ') {
        *out = (auth_bytes){line.data + len + 1, line.len - len - 1};
        return AUTH_STATUS_OK;
    }
    (void)snprintf(rule, sizeof rule, "\"%s\" and its value stand here", word);
    return refuse(reader, rule, err);
}

static auth_status read_header(line_reader *reader, bool *is_office, auth_error *err)
{
    auth_bytes line;
    if (!next_line(reader, &line))
        return refuse(reader, "a key file begins with auth-master-key or auth-office-key", err);
    for (size_t i = 0; i < 2; i++) {
        if (auth_bytes_equal(line, auth_bytes_from_text(headers[i]))) {
            *is_office = i == 1;
            return AUTH_STATUS_OK;
        }
    }
    if (begins_with(line, "auth-master-key ") || begins_with(line, "auth-office-key ")) {
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "key file: line 1: another version than 1; use the auth that wrote "
                              "it, or a newer one");
    }
    return refuse(reader, "a key file begins with auth-master-key or auth-office-key", err);
}

static auth_status read_word(line_reader *reader, const char *word, bool (*fits)(auth_bytes),
                             char *out, size_t size, auth_error *err)
{
    auth_bytes value;
    auth_status status = next_value(reader, word, &value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (value.len >= size || !fits(value))
        return refuse(reader, "the value is not of its form", err);
    memcpy(out, value.data, value.len);
    out[value.len] = '\0';
    return AUTH_STATUS_OK;
}

static auth_status read_generation(line_reader *reader, uint32_t *out, auth_error *err)
{
    auth_bytes value;
    auth_status status = next_value(reader, "generation", &value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    uint64_t number = 0;
    bool fits = value.len > 0 && value.len <= 10 && value.data[0] != '0';
    for (size_t i = 0; i < value.len && fits; i++) {
        fits = value.data[i] >= '0' && value.data[i] <= '9';
        number = number * 10 + (uint64_t)(value.data[i] - '0');
    }
    if (!fits || number == 0 || number > KEY_GENERATION_MAX)
        return refuse(reader, "a generation is a number from 1 to 2147483647", err);
    *out = (uint32_t)number;
    return AUTH_STATUS_OK;
}

/* Decodes base64 of exactly len octets. */
static auth_status read_octets(line_reader *reader, auth_bytes value, uint8_t *out, size_t len,
                               auth_error *err)
{
    AUTH_AUTO(auth_buf) *octets = NULL;
    auth_status status = auth_buf_new(len + 3, &octets, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = auth_codec_decode(AUTH_CODEC_BASE64, value, octets, NULL);
    if (status == AUTH_STATUS_MEMORY)
        return auth_error_memory(err);
    if (status != AUTH_STATUS_OK || auth_buf_bytes(octets).len != len)
        return refuse(reader, "the value is not the base64 of a key (RFC 4648 section 4)", err);
    memcpy(out, auth_buf_bytes(octets).data, len);
    return AUTH_STATUS_OK;
}

static auth_status read_keys(line_reader *reader, key_text *out, auth_error *err)
{
    auth_bytes value;
    auth_status status = AUTH_STATUS_OK;
    if (out->is_office) {
        status = next_value(reader, "index", &value, err);
        if (status == AUTH_STATUS_OK)
            status = read_octets(reader, value, out->index, sizeof out->index, err);
    }
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes rest = {reader->text.data + reader->at, reader->text.len - reader->at};
    out->is_wrapped = !out->is_office && begins_with(rest, "token ");
    status = next_value(reader, out->is_wrapped ? "token" : "key", &value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return out->is_wrapped ? read_octets(reader, value, out->wrapped, sizeof out->wrapped, err)
                           : read_octets(reader, value, out->key, sizeof out->key, err);
}

/* Appends the line that ends a file with these lines. */
static auth_status append_check(registry_crypto *crypto, auth_bytes lines, auth_buf *out,
                                auth_error *err)
{
    uint8_t hash[REGISTRY_HASH_SIZE];
    auth_status status = registry_sha256(crypto, &lines, 1, hash, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_bytes_from_text("check "), err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_HEX, (auth_bytes){hash, CHECK_SIZE}, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_bytes_from_text("\n"), err);
    return status;
}

static auth_status read_check(registry_crypto *crypto, line_reader *reader, auth_error *err)
{
    AUTH_AUTO(auth_buf) *expected = NULL;
    auth_bytes lines = {reader->text.data, reader->at};
    auth_bytes rest = {reader->text.data + reader->at, reader->text.len - reader->at};
    auth_status status = auth_buf_new(64, &expected, err);
    if (status == AUTH_STATUS_OK)
        status = append_check(crypto, lines, expected, err);
    reader->line++;
    if (status == AUTH_STATUS_OK && !auth_bytes_equal(auth_buf_bytes(expected), rest))
        status = refuse(reader, "the check does not fit the lines before it", err);
    return status;
}

auth_status key_text_parse(registry_crypto *crypto, auth_bytes text, key_text *out, auth_error *err)
{
    line_reader reader = {.text = text};
    key_text found = {.path = "/"};
    auth_status status = read_header(&reader, &found.is_office, err);
    if (status == AUTH_STATUS_OK)
        status =
            read_word(&reader, "realm", key_is_identifier, found.realm, sizeof found.realm, err);
    if (status == AUTH_STATUS_OK)
        status = read_generation(&reader, &found.generation, err);
    if (status == AUTH_STATUS_OK && found.is_office)
        status = read_word(&reader, "path", key_is_office_path, found.path, sizeof found.path, err);
    if (status == AUTH_STATUS_OK)
        status = read_keys(&reader, &found, err);
    if (status == AUTH_STATUS_OK)
        status = read_check(crypto, &reader, err);
    if (status == AUTH_STATUS_OK)
        *out = found;
    auth_secret_wipe(&found, sizeof found);
    return status;
}

/* Writing */

static auth_status write_octets(auth_buf *out, const char *word, auth_bytes octets, auth_error *err)
{
    auth_status status = auth_buf_printf(out, err, "%s ", word);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_BASE64, octets, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(out, auth_bytes_from_text("\n"), err);
    return status;
}

static auth_status write_keys(const key_text *key, auth_buf *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (key->is_office) {
        status = auth_buf_printf(out, err, "path %s\n", key->path);
        if (status == AUTH_STATUS_OK)
            status = write_octets(out, "index", (auth_bytes){key->index, sizeof key->index}, err);
    }
    if (status != AUTH_STATUS_OK)
        return status;
    return key->is_wrapped
               ? write_octets(out, "token", (auth_bytes){key->wrapped, sizeof key->wrapped}, err)
               : write_octets(out, "key", (auth_bytes){key->key, sizeof key->key}, err);
}

auth_status key_text_write(registry_crypto *crypto, const key_text *key, auth_buf *out,
                           auth_error *err)
{
    size_t before = auth_buf_bytes(out).len;
    auth_status status =
        auth_buf_printf(out, err, "%s\nrealm %s\ngeneration %u\n", headers[key->is_office ? 1 : 0],
                        key->realm, key->generation);
    if (status == AUTH_STATUS_OK)
        status = write_keys(key, out, err);
    if (status == AUTH_STATUS_OK) {
        auth_bytes lines = auth_buf_bytes(out);
        lines = (auth_bytes){lines.data + before, lines.len - before};
        status = append_check(crypto, lines, out, err);
    }
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, before);
    return status;
}
