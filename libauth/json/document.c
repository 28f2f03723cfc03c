/* SPDX-License-Identifier: Apache-2.0 */
#include "json/document.h"
#include "json/scan.h"

#include <auth/secret.h>
#include <stdlib.h>
#include <string.h>

struct json_block {
    struct json_block *next;
    max_align_t room[];
};

void *json_allocate(json_document *document, size_t count, size_t size)
{
    size_t len = 0;
    if (__builtin_mul_overflow(count, size, &len) ||
        __builtin_add_overflow(len, sizeof(struct json_block), &len))
        return NULL;
    struct json_block *block = calloc(1, len);
    if (block == NULL)
        return NULL;
    block->next = document->blocks;
    document->blocks = block;
    return block->room;
}

static auth_status refuse_text(const json_reader *reader, const json_rules *rules, auth_error *err)
{
    size_t line = 1;
    size_t column = 1;
    for (size_t i = 0; i < reader->at && i < reader->len; i++) {
        bool is_end = reader->text[i] == '\n';
        line += is_end ? 1 : 0;
        column = is_end ? 1 : column + 1;
    }
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "%s: line %zu, column %zu: %s",
                          rules->subject, line, column, reader->fault);
}

/* Each value takes a token, and each of the members of an object another for its name. */
static auth_status read_tokens(json_document *document, size_t values, auth_error *err)
{
    json_reader reader = {.text = document->text,
                          .len = document->len,
                          .room = 2 * values,
                          .depth = document->rules->depth_max};
    reader.tokens = calloc(reader.room, sizeof *reader.tokens);
    if (reader.tokens == NULL)
        return auth_error_memory(err);
    document->tokens = reader.tokens;
    return json_read(&reader) ? AUTH_STATUS_OK : refuse_text(&reader, document->rules, err);
}

auth_status json_open(auth_bytes text, const json_rules *rules, json_document **out,
                      auth_error *err)
{
    size_t values = 0;
    auth_status status = json_scan(text, rules, &values, err);
    if (status != AUTH_STATUS_OK)
        return status;
    json_document *document = calloc(1, sizeof *document);
    uint8_t *copy = malloc(text.len + 1);
    if (document == NULL || copy == NULL) {
        free(document);
        free(copy);
        return auth_error_memory(err);
    }
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    document->rules = rules;
    document->text = copy;
    document->len = text.len;
    status = read_tokens(document, values, err);
    if (status == AUTH_STATUS_OK)
        *out = document;
    else
        json_close(document);
    return status;
}

void json_close(json_document *document)
{
    if (document == NULL)
        return;
    while (document->blocks != NULL) {
        struct json_block *block = document->blocks;
        document->blocks = block->next;
        free(block);
    }
    free(document->tokens);
    auth_secret_wipe(document->text, document->len);
    free(document->text);
    free(document);
}
