/* SPDX-License-Identifier: Apache-2.0 */
/* What the maker of a document needs besides: a new id, and the hash of activation codes. */
#include "key/digest.h"
#include "request/request.h"

#include <string.h>

#define UUID_OCTETS 16
#define TIME_OCTETS 6

#define CODE_MIN 8
#define CODE_MAX 64
/* Of both: what is stored of an activation has room for them and a NUL between them. */
#define CODES_MAX 63
#define ACTIVATION_LABEL "auth-activation"

/* Octets before which the text of a UUID has a hyphen (RFC 9562 section 4). */
static bool has_hyphen_before(size_t octet)
{
    return octet == 4 || octet == 6 || octet == 8 || octet == 10;
}

static void write_uuid(const uint8_t uuid[UUID_OCTETS], char out[AUTH_REQUEST_ID_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t len = 0;
    for (size_t i = 0; i < UUID_OCTETS; i++) {
        if (has_hyphen_before(i))
            out[len++] = '-';
        out[len++] = digits[uuid[i] >> 4];
        out[len++] = digits[uuid[i] & 15U];
    }
    out[len] = '\0';
}

auth_status auth_request_id_new(int64_t now_ms, char out[AUTH_REQUEST_ID_SIZE], auth_error *err)
{
    uint8_t uuid[UUID_OCTETS];
    if (now_ms < 0 || now_ms >> (8 * TIME_OCTETS) != 0) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "request id: the time does not fit 48 bits of milliseconds (RFC 9562 "
                              "5.7); set the clock");
    }
    for (size_t i = 0; i < TIME_OCTETS; i++)
        uuid[i] = (uint8_t)((uint64_t)now_ms >> (8 * (TIME_OCTETS - 1 - i)));
    auth_status status = digest_random(uuid + TIME_OCTETS, sizeof uuid - TIME_OCTETS, err);
    if (status != AUTH_STATUS_OK)
        return status;
    uuid[6] = (uint8_t)(0x70U | (uuid[6] & 0x0fU));
    uuid[8] = (uint8_t)(0x80U | (uuid[8] & 0x3fU));
    write_uuid(uuid, out);
    return AUTH_STATUS_OK;
}

static bool is_code(auth_bytes code)
{
    if (code.len < CODE_MIN || code.len > CODE_MAX)
        return false;
    for (size_t i = 0; i < code.len; i++) {
        if (code.data[i] <= 0x20 || code.data[i] >= 0x7f)
            return false;
    }
    return true;
}

auth_status auth_request_activation_hash(auth_bytes first, auth_bytes second,
                                         uint8_t out[AUTH_REQUEST_HASH_SIZE], auth_error *err)
{
    uint8_t text[sizeof ACTIVATION_LABEL + CODE_MAX + 1 + CODE_MAX];
    if (!is_code(first) || !is_code(second) || first.len + second.len > CODES_MAX) {
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "activation code: not 8 printable ASCII characters or more, and 63 "
                              "of both together at the most; type it as it is printed");
    }
    size_t len = sizeof ACTIVATION_LABEL; /* its NUL included */
    memcpy(text, ACTIVATION_LABEL, len);
    memcpy(text + len, first.data, first.len);
    len += first.len;
    text[len++] = 0;
    memcpy(text + len, second.data, second.len);
    len += second.len;
    auth_status status = digest(DIGEST_SHA256, (auth_bytes){text, len}, out, err);
    auth_secret_wipe(text, sizeof text);
    return status;
}
