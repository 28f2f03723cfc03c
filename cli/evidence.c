/* SPDX-License-Identifier: Apache-2.0 */
#include "evidence.h"

#include "file.h"
#include "registry/crypto.h"

#include <auth/codec.h>
#include <string.h>

/* "METHOD=FILE" or "METHOD=sha256:DIGEST". */
static auth_status add(const char *text, uint8_t digest[AUTH_REQUEST_HASH_SIZE],
                       auth_request_evidence *out, auth_error *err)
{
    static const char mark[] = "sha256:";
    char method[AUTH_IDENTIFIER_SIZE];
    const char *equals = strchr(text, '=');
    if (equals == NULL || (size_t)(equals - text) >= sizeof method)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("write it as METHOD=FILE: id-card-read=record.xml"));
    (void)snprintf(method, sizeof method, "%.*s", (int)(equals - text), text);
    auth_status status = auth_evidence_method_find(method, &out->method, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *value = equals + 1;
    out->digest = (auth_bytes){digest, AUTH_REQUEST_HASH_SIZE};
    return strncmp(value, mark, sizeof mark - 1) == 0
               ? cli_evidence_digest(auth_bytes_from_text(value + sizeof mark - 1), digest, err)
               : cli_evidence_hash(value, digest, err);
}

auth_status cli_evidence_read(const cli_call *call, cli_evidence *kept, auth_request_item *item,
                              auth_error *err)
{
    size_t at = 0;
    auth_status status = AUTH_STATUS_OK;
    for (const char *text = cli_next_value(call, "evidence", &at);
         text != NULL && status == AUTH_STATUS_OK; text = cli_next_value(call, "evidence", &at)) {
        size_t count = item->evidence_count;
        status =
            count < AUTH_REQUEST_EVIDENCE_MAX
                ? add(text, kept->digests[count], &item->evidence[count], err)
                : auth_error_set(err, AUTH_STATUS_INVALID, _("there are at most %d for one person"),
                                 AUTH_REQUEST_EVIDENCE_MAX);
        item->evidence_count += status == AUTH_STATUS_OK ? 1 : 0;
    }
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "--evidence");
    return status;
}

auth_status cli_evidence_hash(const char *path, uint8_t out[AUTH_REQUEST_HASH_SIZE],
                              auth_error *err)
{
    AUTH_AUTO(auth_buf) *record = NULL;
    registry_crypto *crypto = NULL;
    auth_status status = cli_file_read(path, &record, err);
    if (status == AUTH_STATUS_OK)
        status = registry_crypto_new(&crypto, err);
    if (status == AUTH_STATUS_OK) {
        auth_bytes octets = auth_buf_bytes(record);
        status = registry_sha256(crypto, &octets, 1, out, err);
    }
    registry_crypto_free(crypto);
    return status;
}

auth_status cli_evidence_digest(auth_bytes text, uint8_t out[AUTH_REQUEST_HASH_SIZE],
                                auth_error *err)
{
    AUTH_AUTO(auth_buf) *octets = NULL;
    auth_status status = auth_buf_new(AUTH_REQUEST_HASH_SIZE, &octets, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_decode(AUTH_CODEC_HEX, text, octets, err);
    if (status == AUTH_STATUS_MEMORY)
        return status;
    if (status != AUTH_STATUS_OK || auth_buf_bytes(octets).len != AUTH_REQUEST_HASH_SIZE)
        return auth_error_set(
            err, AUTH_STATUS_MALFORMED,
            _("a digest is the SHA-256 of the record, 64 hexadecimal digits; make "
              "it with sha256sum"));
    memcpy(out, auth_buf_bytes(octets).data, AUTH_REQUEST_HASH_SIZE);
    return AUTH_STATUS_OK;
}
