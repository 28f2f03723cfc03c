/* SPDX-License-Identifier: Apache-2.0 */
/* The protected header: four members, read and written. Internal to jws/. */
#ifndef JWS_HEADER_H
#define JWS_HEADER_H

#include "jws/jws.h"

#include <auth/codec.h>

/*
 * Reads signature->header_text into the other fields of *signature, but for those of the signature
 * itself. Certificates go into decoded.
 *
 * Errors: those of auth_jws_parse about a protected header.
 */
auth_status jws_header_read(const auth_jws_rules *rules, auth_buf *decoded,
                            jws_signature *signature, auth_error *err) AUTH_MUST_CHECK;

/*
 * Checks what is to be signed with, and appends its header as base64url.
 *
 * Errors: those of auth_jws_sign_compact about a header; on failure out is as it was.
 */
auth_status jws_header_write(const auth_jws_signing *signing, auth_jws_algorithm algorithm,
                             auth_buf *out, auth_error *err) AUTH_MUST_CHECK;

/* Decodes text to the end of decoded. Errors: as auth_codec_decode. */
auth_status jws_decode(auth_codec codec, auth_bytes text, auth_buf *decoded, jws_span *out,
                       auth_error *err) AUTH_MUST_CHECK;

#endif
