/* SPDX-License-Identifier: Apache-2.0 */
#include "question.h"

#include <auth/codec.h>

/* The octets of a serial number: an issue epoch and 128 random bits. */
#define EPOCH_SIZE 2
#define SERIAL_SIZE (EPOCH_SIZE + 16)
/* Bit of a key's form: NULL is written behind the hash algorithm. */
#define FORM_HAS_NULL 0x10
/* base64 of the longest request, with padding. */
#define BASE64_MAX (((size_t)AUTH_OCSP_REQUEST_MAX + 2) / 3 * 4)

bool ocsp_serial_is_possible(const ocsp_authorities *of, size_t issuer, auth_bytes serial,
                             uint16_t epoch)
{
    if (serial.len != SERIAL_SIZE)
        return false;
    uint16_t named = (uint16_t)(serial.data[0] << 8 | serial.data[1]);
    /* A clock that is a little behind must not deny what the authority issued a moment ago. */
    return named >= of->first_epochs[issuer] && named <= epoch + 1;
}

/* The content of an AlgorithmIdentifier that the parser has let through: an OID, and NULL or not.
 */
static bool has_null(auth_bytes cert_id)
{
    size_t head = cert_id.data[1] < 0x80 ? 2 : 2 + (size_t)(cert_id.data[1] & 0x7f);
    if (cert_id.len < head + 4)
        return false;
    uint8_t algorithm_len = cert_id.data[head + 1];
    uint8_t oid_len = cert_id.data[head + 3];
    return algorithm_len > 2 + oid_len;
}

bool ocsp_key_write(const auth_ocsp_cert_id *id, size_t issuer, ocsp_key *out)
{
    *out = (ocsp_key){.issuer = (uint8_t)issuer, .form = (uint8_t)id->hash};
    if (id->serial.len > sizeof out->serial)
        return false;
    if (has_null(id->der))
        out->form |= FORM_HAS_NULL;
    out->serial_len = (uint8_t)id->serial.len;
    memcpy(out->serial, id->serial.data, id->serial.len);
    return true;
}

static auth_status classify(const ocsp_authorities *of, uint16_t epoch, ocsp_question *question,
                            auth_error *err)
{
    size_t count = auth_ocsp_request_count(question->request);
    bool is_ours = false;
    bool has_key = false;
    for (size_t i = 0; i < count; i++) {
        const auth_ocsp_cert_id *id = auth_ocsp_request_cert_id(question->request, i);
        size_t issuer = 0;
        if (!auth_ocsp_issuers_find(of->table, id, &issuer) || !of->are_answered[issuer])
            continue;
        if (!is_ours) {
            is_ours = true;
            question->issuer = issuer;
            has_key = ocsp_key_write(id, issuer, &question->key);
        }
        if (issuer == question->issuer && ocsp_serial_is_possible(of, issuer, id->serial, epoch))
            question->is_possible = true;
    }
    question->has_nonce = auth_ocsp_request_nonce(question->request).len > 0;
    question->is_single = count == 1 && has_key;
    return is_ours ? AUTH_STATUS_OK
                   : auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                                    "OCSP request: no certificate in it is of an authority that is "
                                    "answered for here (RFC 6960 2.3); ask the responder that the "
                                    "certificate names");
}

auth_status ocsp_question_read(auth_bytes der, const ocsp_authorities *of, uint16_t epoch,
                               ocsp_question *out, auth_error *err)
{
    ocsp_question question = {.request = NULL};
    auth_status status = auth_ocsp_request_parse(der, &question.request, err);
    if (status == AUTH_STATUS_OK)
        status = classify(of, epoch, &question, err);
    if (status != AUTH_STATUS_OK) {
        auth_ocsp_request_free(question.request);
        return status;
    }
    *out = question;
    return AUTH_STATUS_OK;
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes percent-encoding, once (RFC 3986 2.1). */
static auth_status undo_percent(auth_bytes path, uint8_t base64[BASE64_MAX], size_t *len,
                                auth_error *err)
{
    *len = 0;
    for (size_t i = 0; i < path.len; i++) {
        int c = path.data[i];
        if (*len == BASE64_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  "path: it is longer than any OCSP request of %d octets; send the "
                                  "request by POST",
                                  AUTH_OCSP_REQUEST_MAX);
        if (c == '%' && path.len - i < 3)
            c = -1;
        else if (c == '%') {
            int high = hex_digit(path.data[i + 1]);
            int low = hex_digit(path.data[i + 2]);
            c = high < 0 || low < 0 ? -1 : high * 16 + low;
            i += 2;
        }
        if (c < 0)
            return auth_error_set(err, AUTH_STATUS_MALFORMED,
                                  "path: '%%' stands without two hex digits (RFC 3986 2.1); encode "
                                  "it as %%25");
        base64[(*len)++] = (uint8_t)c;
    }
    return AUTH_STATUS_OK;
}

/*
 * A responder's address may end in "/" and get another one. No request begins with it: the base64
 * of a SEQUENCE begins with M.
 */
auth_status ocsp_path_decode(auth_bytes path, auth_buf *out, auth_error *err)
{
    uint8_t base64[BASE64_MAX];
    size_t len = 0;
    while (path.len > 0 && path.data[0] == '/') {
        path.data++;
        path.len--;
    }
    auth_status status = undo_percent(path, base64, &len, err);
    if (status != AUTH_STATUS_OK)
        return status;
    while (len % 4 != 0 && len < BASE64_MAX)
        base64[len++] = '=';
    status = len == 0 ? auth_error_set(err, AUTH_STATUS_MALFORMED, "there is no request in it")
                      : auth_codec_decode(AUTH_CODEC_BASE64, (auth_bytes){base64, len}, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "path: it is not base64 (RFC 6960 A.1)");
    return status;
}
