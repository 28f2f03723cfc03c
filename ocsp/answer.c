/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <stdio.h>

#define TYPE "application/ocsp-response"
/* Of the hash of an answer, so many octets tell it from all others. */
#define TAG_OCTETS 12
#define TAG_SIZE (2 * TAG_OCTETS + 3)

static auth_status write_tag(registry_crypto *crypto, auth_bytes der, char out[TAG_SIZE],
                             auth_error *err)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t hash[REGISTRY_HASH_SIZE];
    auth_status status = registry_sha256(crypto, &der, 1, hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    char *at = out;
    *at++ = '"';
    for (size_t i = 0; i < TAG_OCTETS; i++) {
        *at++ = digits[hash[i] >> 4];
        *at++ = digits[hash[i] & 0xf];
    }
    *at++ = '"';
    *at = '\0';
    return AUTH_STATUS_OK;
}

auth_status ocsp_answer_new(auth_bytes der, const ocsp_term *term, uint32_t keep_s,
                            registry_crypto *crypto, daemon_response **out, auth_error *err)
{
    static const daemon_header alone = {"Cache-Control", "no-store"};
    char tag[TAG_SIZE];
    char modified[DAEMON_HTTP_DATE_SIZE];
    char expires[DAEMON_HTTP_DATE_SIZE];
    if (term == NULL)
        return daemon_response_new(200, TYPE, der, &alone, 1, out, err);
    auth_status status = write_tag(crypto, der, tag, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_http_date(term->this_update, modified);
    daemon_http_date(term->next_update, expires);
    const daemon_header headers[] = {{"Last-Modified", modified},
                                     {"Expires", expires},
                                     {"ETag", tag}};
    status = daemon_response_new(200, TYPE, der, headers, 3, out, err);
    if (status == AUTH_STATUS_OK)
        daemon_response_let_keep(*out, term->next_update, keep_s);
    return status;
}

auth_status ocsp_answer_error(auth_ocsp_response_status error, daemon_response **out,
                              auth_error *err)
{
    return ocsp_answer_new(auth_ocsp_error_response(error), NULL, 0, NULL, out, err);
}
