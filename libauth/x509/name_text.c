/* SPDX-License-Identifier: Apache-2.0 */
/* Names as RFC 4514 text, in clear or with person numbers masked. */
#include "x509/mask.h"
#include "x509/name.h"
#include "x509/text.h"
#include "x509/view.h"

#include <auth/codec.h>
#include <string.h>

static auth_status append_octets(auth_buf *out, const uint8_t *octets, size_t len, auth_error *err)
{
    return auth_buf_append(out, (auth_bytes){octets, len}, err);
}

static auth_status append_text(auth_buf *out, const char *text, auth_error *err)
{
    return auth_buf_append(out, auth_bytes_from_text(text), err);
}

/* RFC 4514 2.4: what must be escaped, at the start, at the end and everywhere. */
static bool needs_backslash(uint32_t code, bool is_first, bool is_last)
{
    if (code == ' ')
        return is_first || is_last;
    if (code == '#')
        return is_first;
    return code != 0 && code < 0x80 && strchr("\"+,;<>\\", (int)code) != NULL;
}

static auth_status append_character(auth_buf *out, uint32_t code, bool is_first, bool is_last,
                                    auth_error *err)
{
    uint8_t octets[4];
    size_t len = x509_put_utf8(code, octets);
    auth_status status = AUTH_STATUS_OK;
    if (x509_is_unseen(code)) {
        for (size_t i = 0; i < len && status == AUTH_STATUS_OK; i++)
            status = auth_buf_printf(out, err, "\\%02X", octets[i]);
        return status;
    }
    if (needs_backslash(code, is_first, is_last))
        status = append_text(out, "\\", err);
    return status == AUTH_STATUS_OK ? append_octets(out, octets, len, err) : status;
}

static auth_status append_value(uint8_t tag, auth_bytes value, auth_buf *out, auth_error *err)
{
    bool is_first = true;
    uint32_t code = 0;
    while (x509_next_character(tag, &value, &code)) {
        auth_status status = append_character(out, code, is_first, value.len == 0, err);
        if (status != AUTH_STATUS_OK)
            return status;
        is_first = false;
    }
    return AUTH_STATUS_OK;
}

/* Values are masked as text first: what is escaped afterwards is what a person sees. */
static auth_status append_masked_value(const x509_attribute *attribute, auth_buf *out,
                                       auth_error *err)
{
    AUTH_AUTO(auth_buf) *plain = NULL;
    auth_status status = auth_buf_new(4 * attribute->value.len, &plain, err);
    if (status == AUTH_STATUS_OK)
        status = x509_mask_text(attribute->tag, attribute->value,
                                attribute->id == OID_SERIAL_NUMBER, plain, err);
    if (status == AUTH_STATUS_OK)
        status = append_value(DER_UTF8_STRING, auth_buf_bytes(plain), out, err);
    return status;
}

static bool is_text(const x509_attribute *attribute)
{
    auth_bytes rest = attribute->value;
    uint32_t code = 0;
    while (x509_next_character(attribute->tag, &rest, &code)) {
    }
    return rest.len == 0 && x509_is_text(attribute->tag);
}

/* RFC 4514 2.4: what is not shown as text is shown as '#' and the hex of its encoding. */
static auth_status append_hex_value(const x509_attribute *attribute, bool is_masked, auth_buf *out,
                                    auth_error *err)
{
    auth_status status = append_text(out, "#", err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!is_masked)
        return auth_codec_encode(AUTH_CODEC_HEX, attribute->whole, out, err);
    return append_text(out, "****", err);
}

static auth_status append_attribute(const x509_attribute *attribute, bool is_masked, auth_buf *out,
                                    auth_error *err)
{
    bool is_known = x509_is_attribute(attribute->id);
    char dotted[X509_OID_TEXT_SIZE];
    x509_oid_text(attribute->type, dotted);
    auth_status status =
        auth_buf_printf(out, err, "%s=", is_known ? oid_name(attribute->id) : dotted);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!is_known || !is_text(attribute))
        return append_hex_value(attribute, is_masked, out, err);
    if (is_masked)
        return append_masked_value(attribute, out, err);
    return append_value(attribute->tag, attribute->value, out, err);
}

static auth_status append_rdn(auth_bytes rdn, bool is_masked, auth_buf *out, auth_error *err)
{
    x509_name_cursor cursor = {.rdns = rdn};
    x509_attribute attribute;
    while (x509_name_next(&cursor, &attribute)) {
        auth_status status = AUTH_STATUS_OK;
        if (!attribute.starts_rdn)
            status = append_text(out, "+", err);
        if (status == AUTH_STATUS_OK)
            status = append_attribute(&attribute, is_masked, out, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

/* Finds the RDNs, each whole. Text shows the newest first, so all are found before one is shown. */
static auth_status find_rdns(auth_bytes name, auth_bytes rdns[X509_NAME_RDNS_MAX], size_t *count,
                             auth_error *err)
{
    x509_name_cursor cursor = x509_name_start(name);
    x509_attribute attribute;
    auth_bytes start = cursor.rdns;
    *count = 0;
    while (x509_name_next(&cursor, &attribute)) {
        if (cursor.set.len > 0)
            continue;
        if (*count == X509_NAME_RDNS_MAX)
            return auth_error_set(err, AUTH_STATUS_UNSUPPORTED, "name: more than %d RDNs",
                                  X509_NAME_RDNS_MAX);
        rdns[(*count)++] = (auth_bytes){start.data, start.len - cursor.rdns.len};
        start = cursor.rdns;
    }
    if (cursor.is_malformed)
        return auth_error_set(err, AUTH_STATUS_MALFORMED, "name: not a Name (RFC 5280 4.1.2.4)");
    return AUTH_STATUS_OK;
}

static auth_status write_text(auth_bytes name, bool is_masked, auth_buf *out, auth_error *err)
{
    auth_bytes rdns[X509_NAME_RDNS_MAX];
    size_t count = 0;
    size_t len_before = auth_buf_bytes(out).len;
    auth_status status = find_rdns(name, rdns, &count, err);
    for (size_t i = count; i > 0 && status == AUTH_STATUS_OK; i--) {
        if (i < count)
            status = append_text(out, ",", err);
        if (status == AUTH_STATUS_OK)
            status = append_rdn(rdns[i - 1], is_masked, out, err);
    }
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, len_before);
    return status;
}

auth_status x509_name_text(auth_bytes name, auth_buf *out, auth_error *err)
{
    return write_text(name, false, out, err);
}

auth_status x509_name_text_masked(auth_bytes name, auth_buf *out, auth_error *err)
{
    return write_text(name, true, out, err);
}
