/* SPDX-License-Identifier: Apache-2.0 */
#include "json/document.h"
#include "json/plain.h"
#include "json/scan.h"

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

/* jansson leaves the text empty when memory ran out below its lexer. */
static bool is_out_of_memory(const json_error_t *where)
{
    return where->text[0] == '\0' || json_error_code(where) == json_error_out_of_memory;
}

/* What jansson says ends in "near '...'" with what stands there, which is not to be shown. */
static auth_status refuse_text(json_error_t *where, const json_rules *rules, auth_error *err)
{
    char *content = strstr(where->text, " near ");
    if (content != NULL)
        *content = '\0';
    return auth_error_set(err, AUTH_STATUS_MALFORMED,
                          "%s: line %d, column %d: %s (RFC 8259); mend it there", rules->subject,
                          where->line, where->column, where->text);
}

static auth_status read_text(auth_bytes text, const json_rules *rules, json_t **out,
                             auth_error *err)
{
    json_error_t where;
    json_plain answer = json_plain_read(text, out);
    if (answer == JSON_PLAIN_READ)
        return AUTH_STATUS_OK;
    if (answer == JSON_PLAIN_MEMORY)
        return auth_error_memory(err);
    /* jansson asks for a buffer also where there is nothing to read. */
    const char *octets = text.len > 0 ? (const char *)text.data : "";
    *out = json_loadb(octets, text.len, JSON_REJECT_DUPLICATES, &where);
    if (*out != NULL)
        return AUTH_STATUS_OK;
    return is_out_of_memory(&where) ? auth_error_memory(err) : refuse_text(&where, rules, err);
}

auth_status json_open(auth_bytes text, const json_rules *rules, json_document **out,
                      auth_error *err)
{
    auth_status status = json_scan(text, rules, err);
    if (status != AUTH_STATUS_OK)
        return status;
    json_document *document = calloc(1, sizeof *document);
    if (document == NULL)
        return auth_error_memory(err);
    document->rules = rules;
    status = read_text(text, rules, &document->root, err);
    if (status != AUTH_STATUS_OK) {
        free(document);
        return status;
    }
    *out = document;
    return AUTH_STATUS_OK;
}

void json_close(json_document *document)
{
    if (document == NULL)
        return;
    json_decref(document->root);
    while (document->blocks != NULL) {
        struct json_block *block = document->blocks;
        document->blocks = block->next;
        free(block);
    }
    free(document);
}
