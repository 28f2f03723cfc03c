/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON that clients send, apart from documents. Internal to office/. */
#ifndef OFFICE_BODY_H
#define OFFICE_BODY_H

#include <auth/bytes.h>
#include <stdbool.h>

/*
 * Puts the signatures of a document behind those of another with the same payload, both General
 * JSON (RFC 7515 7.2.1); those that are there already are left out. Nothing is verified; the
 * outcome is to be read as any document that came in.
 *
 * Ownership: gives *out, to be freed with auth_buf_free; *added tells how many were added.
 * Errors: AUTH_STATUS_MALFORMED; AUTH_STATUS_CONFLICT when the payloads differ; AUTH_STATUS_LIMIT;
 * AUTH_STATUS_MEMORY.
 */
auth_status office_body_merge(auth_bytes stored, auth_bytes sent, auth_buf **out, size_t *added,
                              auth_error *err) AUTH_MUST_CHECK;

#endif
