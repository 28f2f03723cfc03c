/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_codec
 * @brief hex, base64 and base64url, one spelling for each byte string
 *
 * Decoding accepts exactly what encoding writes: no white space, no line breaks, padding where and
 * only where the codec has it, and unused trailing bits that are zero. So two different texts never
 * mean the same octets, and a signature over a text cannot be moved to a variant of it.
 */
#ifndef AUTH_CODEC_H
#define AUTH_CODEC_H

#include <auth/bytes.h>

AUTH_BEGIN_DECLS

typedef enum auth_codec {
    AUTH_CODEC_HEX,       /* lower case written, both cases read (RFC 4648 section 8) */
    AUTH_CODEC_BASE64,    /* with padding (RFC 4648 section 4) */
    AUTH_CODEC_BASE64URL, /* without padding (RFC 4648 section 5, RFC 7515 section 2) */
} auth_codec;

/**
 * Append the text of bytes to out. On failure out is as it was. bytes must not be a view of out.
 *
 * Errors: AUTH_STATUS_LIMIT when out would pass its maximum; AUTH_STATUS_MEMORY.
 * Source: RFC 4648.
 */
AUTH_API auth_status auth_codec_encode(auth_codec codec, auth_bytes bytes, auth_buf *out,
                                       auth_error *err) AUTH_MUST_CHECK;

/**
 * Append the octets that text stands for to out. On failure out is as it was. text must not be a
 * view of out.
 *
 * Errors: AUTH_STATUS_MALFORMED with the position of the first character that cannot stand there;
 * AUTH_STATUS_LIMIT when out would pass its maximum; AUTH_STATUS_MEMORY.
 * Source: RFC 4648 sections 3.3 and 3.5.
 */
AUTH_API auth_status auth_codec_decode(auth_codec codec, auth_bytes text, auth_buf *out,
                                       auth_error *err) AUTH_MUST_CHECK;

AUTH_END_DECLS

#endif
