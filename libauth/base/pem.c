/* SPDX-License-Identifier: Apache-2.0 */
#include "base/der.h"

#include <auth/codec.h>
#include <auth/pem.h>
#include <string.h>

#define LINE_CHARACTERS 64
#define LINE_MAX_CHARACTERS 1024

static const char begin_mark[] = "-----BEGIN ";
static const char end_mark[] = "-----END ";
static const char mark_tail[] = "-----";

typedef struct line_reader {
    auth_bytes rest;
    size_t number; /* of the line taken last, from 1 */
} line_reader;

/* Takes a line without its line feed and without white space at its end. False at the end. */
static bool next_line(line_reader *reader, auth_bytes *line)
{
    if (reader->rest.len == 0)
        return false;
    const uint8_t *feed = memchr(reader->rest.data, '\n', reader->rest.len);
    size_t len = feed == NULL ? reader->rest.len : (size_t)(feed - reader->rest.data);
    *line = (auth_bytes){reader->rest.data, len};
    size_t taken = feed == NULL ? len : len + 1;
    reader->rest.data += taken;
    reader->rest.len -= taken;
    reader->number++;
    while (line->len > 0 && strchr(" \t\r", line->data[line->len - 1]) != NULL &&
           line->data[line->len - 1] != '\0')
        line->len--;
    return true;
}

static bool starts_with(auth_bytes line, const char *mark)
{
    size_t len = strlen(mark);
    return line.len >= len && memcmp(line.data, mark, len) == 0;
}

/* RFC 7468 section 3, labelchar: here only those of labels in use. */
static bool is_label(const char *text, size_t len)
{
    bool is_behind_word = false;
    for (size_t i = 0; i < len; i++) {
        bool is_word = (text[i] >= 'A' && text[i] <= 'Z') || (text[i] >= '0' && text[i] <= '9');
        bool is_gap = text[i] == ' ' || text[i] == '-';
        if (!is_word && !(is_gap && is_behind_word))
            return false;
        is_behind_word = is_word;
    }
    return len < AUTH_PEM_LABEL_SIZE && is_behind_word;
}

/* Reads the label of a BEGIN or END line. */
static bool read_mark(auth_bytes line, const char *mark, char label[AUTH_PEM_LABEL_SIZE])
{
    size_t head = strlen(mark);
    size_t tail = sizeof mark_tail - 1;
    if (line.len < head + tail || memcmp(line.data + line.len - tail, mark_tail, tail) != 0)
        return false;
    const char *text = (const char *)line.data + head;
    size_t len = line.len - head - tail;
    if (!is_label(text, len))
        return false;
    memset(label, 0, AUTH_PEM_LABEL_SIZE);
    memcpy(label, text, len);
    return true;
}

static auth_status refuse(auth_error *err, size_t line, const char *rule)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "PEM: line %zu: %s (RFC 7468)", line, rule);
}

/* Skips what stands before the next object and reads its BEGIN line. */
static auth_status find_begin(line_reader *reader, char label[AUTH_PEM_LABEL_SIZE], auth_error *err)
{
    auth_bytes line;
    while (next_line(reader, &line)) {
        if (starts_with(line, end_mark))
            return refuse(err, reader->number, "END without BEGIN; the file has lost its start");
        if (!starts_with(line, begin_mark))
            continue;
        if (!read_mark(line, begin_mark, label))
            return refuse(err, reader->number, "BEGIN without a label and five hyphens behind it");
        return AUTH_STATUS_OK;
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "PEM: there is no BEGIN line");
}

static auth_status refuse_header(auth_error *err, size_t line)
{
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "PEM: line %zu: headers such as Proc-Type are not read, since they "
                          "encrypt under a key of one MD5; convert with 'openssl pkcs8 -topk8'",
                          line);
}

/* Gathers the characters of the lines up to the END line. */
static auth_status read_body(line_reader *reader, const char *label, auth_buf *characters,
                             auth_error *err)
{
    size_t begin = reader->number;
    auth_bytes line;
    while (next_line(reader, &line)) {
        if (starts_with(line, end_mark)) {
            char end_label[AUTH_PEM_LABEL_SIZE];
            if (!read_mark(line, end_mark, end_label) || strcmp(end_label, label) != 0)
                return refuse(err, reader->number, "the label of END is not that of BEGIN");
            return AUTH_STATUS_OK;
        }
        if (line.len == 0)
            return refuse(err, reader->number, "an empty line between BEGIN and END");
        if (line.len > LINE_MAX_CHARACTERS)
            return refuse(err, reader->number, "more than 1,024 characters in a line");
        if (memchr(line.data, ':', line.len) != NULL)
            return refuse_header(err, reader->number);
        auth_status status = auth_buf_append(characters, line, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return refuse(err, begin, "BEGIN without END; the file has lost its end");
}

auth_status auth_pem_next(auth_bytes *text, char label[AUTH_PEM_LABEL_SIZE], auth_buf *der,
                          auth_error *err)
{
    line_reader reader = {.rest = *text};
    char found[AUTH_PEM_LABEL_SIZE];
    AUTH_AUTO(auth_buf) *characters = NULL;
    auth_status status = find_begin(&reader, found, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t begin = reader.number;
    status = auth_buf_new(reader.rest.len, &characters, err);
    if (status == AUTH_STATUS_OK)
        status = read_body(&reader, found, characters, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = auth_codec_decode(AUTH_CODEC_BASE64, auth_buf_bytes(characters), der, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "PEM: object at line %zu", begin);
        return status;
    }
    memcpy(label, found, sizeof found);
    *text = reader.rest;
    return AUTH_STATUS_OK;
}

static auth_status encode_lines(auth_bytes der, auth_buf *out, auth_error *err)
{
    const size_t line_octets = (size_t)LINE_CHARACTERS / 4 * 3;
    while (der.len > 0) {
        auth_bytes line = {der.data, der.len < line_octets ? der.len : line_octets};
        auth_status status = auth_codec_encode(AUTH_CODEC_BASE64, line, out, err);
        if (status == AUTH_STATUS_OK)
            status = auth_buf_append(out, auth_bytes_from_text("\n"), err);
        if (status != AUTH_STATUS_OK)
            return status;
        der.data += line.len;
        der.len -= line.len;
    }
    return AUTH_STATUS_OK;
}

auth_status auth_pem_encode(const char *label, auth_bytes der, auth_buf *out, auth_error *err)
{
    if (!is_label(label, strlen(label)))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "PEM: a label is of capital letters, digits and single spaces or "
                              "hyphens, %d characters at the most (RFC 7468 section 3)",
                              AUTH_PEM_LABEL_SIZE - 1);
    size_t start = auth_buf_bytes(out).len;
    auth_status status = auth_buf_printf(out, err, "%s%s%s\n", begin_mark, label, mark_tail);
    if (status == AUTH_STATUS_OK)
        status = encode_lines(der, out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(out, err, "%s%s%s\n", end_mark, label, mark_tail);
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, start);
    return status;
}

auth_status auth_der_next(auth_bytes *rest, auth_bytes *object, auth_error *err)
{
    der_item item;
    if (rest->len == 0)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "DER: nothing is left");
    if (!der_take_item(rest, DER_SEQUENCE, &item))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "DER: not a SEQUENCE with a definite, shortest length that ends "
                              "within these %zu octets (X.690 10.1); it was cut or is something "
                              "else, so fetch it again",
                              rest->len);
    *object = item.whole;
    return AUTH_STATUS_OK;
}
