/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "registry/crypto.h"

#define TYPE "application/ocsp-response"
/* Two numbers in hex, between quotes. */
#define TAG_SIZE (2 + 2 * 16 + 1)

auth_status ocsp_tags_begin(ocsp_tags *out, auth_error *err)
{
    out->last = 0;
    return registry_random((uint8_t *)&out->own, sizeof out->own, err);
}

static char *write_hex(char *at, uint64_t number)
{
    for (int shift = 60; shift >= 0; shift -= 4)
        *at++ = "0123456789abcdef"[number >> shift & 0xf];
    return at;
}

static void write_tag(ocsp_tags *tags, char out[TAG_SIZE])
{
    char *at = out;
    *at++ = '"';
    at = write_hex(at, tags->own);
    at = write_hex(at, ++tags->last);
    *at++ = '"';
    *at = '\0';
}

auth_status ocsp_answer_new(auth_bytes der, const ocsp_term *term, uint32_t keep_s, ocsp_tags *tags,
                            daemon_response **out, auth_error *err)
{
    static const daemon_header alone = {"Cache-Control", "no-store"};
    char tag[TAG_SIZE];
    char modified[DAEMON_HTTP_DATE_SIZE];
    char expires[DAEMON_HTTP_DATE_SIZE];
    if (term == NULL)
        return daemon_response_new(200, TYPE, der, &alone, 1, out, err);
    write_tag(tags, tag);
    daemon_http_date(term->this_update, modified);
    daemon_http_date(term->next_update, expires);
    const daemon_header headers[] = {{"Last-Modified", modified},
                                     {"Expires", expires},
                                     {"ETag", tag}};
    auth_status status = daemon_response_new(200, TYPE, der, headers, 3, out, err);
    if (status == AUTH_STATUS_OK)
        daemon_response_let_keep(*out, term->next_update, keep_s);
    return status;
}

auth_status ocsp_answer_error(auth_ocsp_response_status error, daemon_response **out,
                              auth_error *err)
{
    return ocsp_answer_new(auth_ocsp_error_response(error), NULL, 0, NULL, out, err);
}
