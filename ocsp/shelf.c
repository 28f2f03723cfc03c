/* SPDX-License-Identifier: Apache-2.0 */
#include "shelf.h"

#include <auth/codec.h>
#include <stdio.h>
#include <stdlib.h>

#define PAGE_MAX ((size_t)64 << 10)
/* For how long caches may keep a certificate. */
#define CERTIFICATE_KEPT_S 86400
#define TAG_OCTETS 12

static auth_status write_hex(auth_bytes octets, char *out, size_t size, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(size - 1, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_HEX, octets, text, err);
    if (status == AUTH_STATUS_OK)
        (void)snprintf(out, size, "%.*s", (int)auth_buf_bytes(text).len,
                       (const char *)auth_buf_bytes(text).data);
    return status;
}

static auth_status add_certificate(ocsp_shelf_authority *to, const auth_cert *cert, auth_error *err)
{
    uint8_t hash[AUTH_FINGERPRINT_SIZE];
    char hex[2 * TAG_OCTETS + 1];
    char tag[sizeof hex + 2];
    char modified[DAEMON_HTTP_DATE_SIZE];
    auth_status status = auth_cert_fingerprint_sha256(cert, hash, err);
    if (status == AUTH_STATUS_OK)
        status = write_hex((auth_bytes){hash, TAG_OCTETS}, hex, sizeof hex, err);
    if (status == AUTH_STATUS_OK)
        status = write_hex(auth_cert_subject_key_id(cert), to->key_id, sizeof to->key_id, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(tag, sizeof tag, "\"%s\"", hex);
    daemon_http_date(auth_cert_not_before(cert), modified);
    const daemon_header headers[] = {{"Last-Modified", modified},
                                     {"ETag", tag},
                                     {"Accept-Ranges", "bytes"}};
    status = daemon_response_new(200, "application/pkix-cert", auth_cert_der(cert), headers, 3,
                                 &to->certificate, err);
    if (status == AUTH_STATUS_OK)
        daemon_response_let_keep(to->certificate, auth_cert_not_after(cert), CERTIFICATE_KEPT_S);
    return status;
}

static auth_status add_page(const realm *of, ocsp_shelf *shelf, bool is_chinese, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    const daemon_header headers[] = {
        {"Content-Language", is_chinese ? "zh" : "en"},
        {"Vary", "Accept-Language"},
        {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"},
        {"X-Content-Type-Options", "nosniff"},
        {"Cache-Control", "max-age=3600"},
    };
    auth_status status = auth_buf_new(PAGE_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = ocsp_page_write(of, shelf, is_chinese, text, err);
    return status == AUTH_STATUS_OK
               ? daemon_response_new(200, "text/html; charset=utf-8", auth_buf_bytes(text), headers,
                                     sizeof headers / sizeof headers[0],
                                     &shelf->pages[is_chinese ? 1 : 0], err)
               : status;
}

auth_status ocsp_shelf_new(const realm *of, ocsp_shelf **out, auth_error *err)
{
    AUTH_AUTO(ocsp_shelf) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    auth_status status = AUTH_STATUS_OK;
    for (realm_authority i = REALM_AUTHORITY_ROOT;
         i < REALM_AUTHORITY_END && status == AUTH_STATUS_OK; i++) {
        ocsp_shelf_authority *to = &made->authorities[made->count++];
        to->authority = i;
        status = add_certificate(to, realm_authority_cert(of, i), err);
    }
    for (int i = 0; i < 2 && status == AUTH_STATUS_OK; i++)
        status = add_page(of, made, i == 1, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

void ocsp_shelf_free(ocsp_shelf *shelf)
{
    if (shelf == NULL)
        return;
    for (size_t i = 0; i < shelf->count; i++)
        daemon_response_free(shelf->authorities[i].certificate);
    daemon_response_free(shelf->pages[0]);
    daemon_response_free(shelf->pages[1]);
    free(shelf);
}

const ocsp_shelf_authority *ocsp_shelf_find(const ocsp_shelf *shelf, auth_bytes key_id)
{
    for (size_t i = 0; i < shelf->count; i++) {
        if (auth_bytes_equal(auth_bytes_from_text(shelf->authorities[i].key_id), key_id))
            return &shelf->authorities[i];
    }
    return NULL;
}
