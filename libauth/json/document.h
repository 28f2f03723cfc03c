/* SPDX-License-Identifier: Apache-2.0 */
/* What a document consists of, for document.c and decode.c. */
#ifndef JSON_DOCUMENT_H
#define JSON_DOCUMENT_H

#include "json/json.h"

#include <jansson.h>

struct json_document {
    const json_rules *rules;
    json_t *root;
    struct json_block *blocks; /* what json_allocate gave */
};

/* Gives count zeroed rows that live as long as the document; NULL when memory runs out. */
void *json_allocate(json_document *document, size_t count, size_t size);

#endif
