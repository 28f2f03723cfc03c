/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file of what is known:
 *
 *   auth-lra known 1
 *   realm shaanxi
 *   office xian /centre/xian/ 7 1 1767225600
 *   officer <SHA-256 of the certificate> <serial> wang clerk 1767225600 good
 *   end <SHA-256 of all before, its line feed included>
 */
#include "known.h"

#include <auth/codec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEX_MAX (2 * REGISTRY_HASH_SIZE + 1)
#define LINE_MAX_LEN (LRA_KNOWN_PATH_SIZE + 256)

static void put_hex(const uint8_t *octets, size_t len, char out[HEX_MAX])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        *out++ = digits[octets[i] >> 4];
        *out++ = digits[octets[i] & 15];
    }
    *out = '\0';
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool get_hex(const char *text, uint8_t *out, size_t max, size_t *len)
{
    *len = 0;
    for (; text[0] != '\0'; text += 2) {
        int high = digit_of(text[0]);
        int low = high < 0 ? -1 : digit_of(text[1]);
        if (low < 0 || *len == max)
            return false;
        out[(*len)++] = (uint8_t)(high << 4 | low);
    }
    return *len > 0;
}

static auth_status write_seal(auth_buf *out, auth_error *err)
{
    uint8_t hash[REGISTRY_HASH_SIZE];
    char hex[HEX_MAX];
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    auth_bytes text = auth_buf_bytes(out);
    auth_status status = registry_crypto_new(&crypto, err);
    if (status == AUTH_STATUS_OK)
        status = registry_sha256(crypto, &text, 1, hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    put_hex(hash, sizeof hash, hex);
    return auth_buf_printf(out, err, "end %s\n", hex);
}

auth_status lra_known_text_write(const lra_known_table *table, const char *realm,
                                 const char *office, auth_buf *out, auth_error *err)
{
    char certificate[HEX_MAX];
    char serial[HEX_MAX];
    auth_status status =
        auth_buf_printf(out, err, "auth-lra known 1\nrealm %s\noffice %s %s %lld %u %lld\n", realm,
                        office, table->office.path, (long long)table->office.number,
                        (unsigned)table->office.generation, (long long)table->office.at);
    for (size_t i = 0; i < table->count && status == AUTH_STATUS_OK; i++) {
        const lra_known_officer *row = &table->officers[i];
        put_hex(row->certificate, sizeof row->certificate, certificate);
        put_hex(row->serial, row->serial_len, serial);
        status = auth_buf_printf(out, err, "officer %s %s %s %s %lld %s\n", certificate, serial,
                                 row->officer, auth_officer_role_name(row->role),
                                 (long long)row->at, row->is_good ? "good" : "bad");
    }
    return status == AUTH_STATUS_OK ? write_seal(out, err) : status;
}

/* Takes the next word of a line; NULL when there is none or it is empty. */
static char *next_word(char **rest)
{
    char *word = *rest;
    if (word == NULL || word[0] == '\0' || word[0] == ' ')
        return NULL;
    char *end = strchr(word, ' ');
    *rest = end == NULL ? NULL : end + 1;
    if (end != NULL)
        *end = '\0';
    return word;
}

static bool get_number(const char *word, int64_t max, int64_t *out)
{
    char again[32];
    char *end = NULL;
    if (word == NULL)
        return false;
    *out = strtoll(word, &end, 10);
    (void)snprintf(again, sizeof again, "%lld", (long long)*out);
    return strcmp(again, word) == 0 && *out >= 0 && *out <= max;
}

static bool is_path(const char *path)
{
    size_t len = strlen(path);
    return len > 2 && len < LRA_KNOWN_PATH_SIZE && path[0] == '/' && path[len - 1] == '/' &&
           strstr(path, "//") == NULL &&
           strspn(path, "/abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static bool read_office(char *line, const char *office, lra_known_table *out)
{
    int64_t generation = 0;
    char *tag = next_word(&line);
    char *name = next_word(&line);
    char *path = next_word(&line);
    if (tag == NULL || strcmp(tag, "office") != 0 || name == NULL || strcmp(name, office) != 0 ||
        path == NULL || !is_path(path) ||
        !get_number(next_word(&line), INT32_MAX, &out->office.number) ||
        !get_number(next_word(&line), INT32_MAX, &generation) || generation == 0 ||
        !get_number(next_word(&line), AUTH_TIME_MAX, &out->office.at) || line != NULL)
        return false;
    out->office.generation = (uint32_t)generation;
    (void)snprintf(out->office.path, sizeof out->office.path, "%s", path);
    return true;
}

static bool is_identifier(const char *text)
{
    size_t len = strlen(text);
    return len < AUTH_IDENTIFIER_SIZE &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == len;
}

static bool read_officer(char *line, lra_known_table *out)
{
    lra_known_officer row = {.is_good = false};
    size_t len = 0;
    char *tag = next_word(&line);
    char *certificate = next_word(&line);
    char *serial = next_word(&line);
    char *officer = next_word(&line);
    char *role = next_word(&line);
    bool is_read = get_number(next_word(&line), AUTH_TIME_MAX, &row.at);
    char *state = next_word(&line);
    if (!is_read || state == NULL || line != NULL || strcmp(tag, "officer") != 0 ||
        out->count == LRA_KNOWN_MAX ||
        !get_hex(certificate, row.certificate, sizeof row.certificate, &len) ||
        len != sizeof row.certificate ||
        !get_hex(serial, row.serial, sizeof row.serial, &row.serial_len) ||
        !is_identifier(officer) || auth_officer_role_find(role, &row.role, NULL) != AUTH_STATUS_OK)
        return false;
    row.is_good = strcmp(state, "good") == 0;
    (void)snprintf(row.officer, sizeof row.officer, "%s", officer);
    out->officers[out->count++] = row;
    return row.is_good || strcmp(state, "bad") == 0;
}

static bool has_seal(auth_bytes before, const char *line)
{
    uint8_t hash[REGISTRY_HASH_SIZE];
    char hex[HEX_MAX];
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    if (strncmp(line, "end ", 4) != 0 || registry_crypto_new(&crypto, NULL) != AUTH_STATUS_OK ||
        registry_sha256(crypto, &before, 1, hash, NULL) != AUTH_STATUS_OK)
        return false;
    put_hex(hash, sizeof hash, hex);
    return strcmp(line + 4, hex) == 0;
}

/* Copies the next line, without its line feed. False: there is none, or it is no text of ours. */
static bool next_line(auth_bytes *rest, char out[LINE_MAX_LEN])
{
    const uint8_t *end = rest->len == 0 ? NULL : memchr(rest->data, '\n', rest->len);
    size_t len = end == NULL ? 0 : (size_t)(end - rest->data);
    if (end == NULL || len >= LINE_MAX_LEN || memchr(rest->data, '\0', len) != NULL)
        return false;
    memcpy(out, rest->data, len);
    out[len] = '\0';
    rest->data += len + 1;
    rest->len -= len + 1;
    return true;
}

bool lra_known_text_read(auth_bytes text, const char *realm, const char *office,
                         lra_known_table *out)
{
    char line[LINE_MAX_LEN];
    auth_bytes rest = text;
    *out = (lra_known_table){.count = 0};
    if (!next_line(&rest, line) || strcmp(line, "auth-lra known 1") != 0 ||
        !next_line(&rest, line) || strncmp(line, "realm ", 6) != 0 || strcmp(line + 6, realm) != 0)
        return false;
    if (!next_line(&rest, line) || !read_office(line, office, out))
        return false;
    for (;;) {
        auth_bytes before = {text.data, text.len - rest.len};
        if (!next_line(&rest, line))
            return false;
        if (strncmp(line, "end ", 4) == 0)
            return rest.len == 0 && has_seal(before, line);
        if (!read_officer(line, out))
            return false;
    }
}
