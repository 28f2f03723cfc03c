/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_bytes
 * @brief byte strings: borrowed views and growing buffers with a maximum
 *
 * auth_bytes is a borrowed {pointer, length}; it owns nothing and may hold NUL octets. auth_buf
 * owns its octets, grows as needed and never beyond the maximum it was made with, so that no input
 * can make a process take memory without bound. What a buffer held is wiped when it is freed or
 * grows.
 */
#ifndef AUTH_BYTES_H
#define AUTH_BYTES_H

#include <auth/error.h>
#include <stddef.h>
#include <stdint.h>

AUTH_BEGIN_DECLS

typedef struct auth_bytes {
    const uint8_t *data;
    size_t len;
} auth_bytes;

/**
 * View the octets of a C string, without its NUL. NULL gives the empty view.
 *
 * Ownership: borrows text.
 */
AUTH_API auth_bytes auth_bytes_from_text(const char *text);

/**
 * Tell whether two byte strings are the same. Not for secrets: see auth_secret_equal.
 */
AUTH_API bool auth_bytes_equal(auth_bytes a, auth_bytes b);

/**
 * Order two byte strings: negative, zero or positive as by memcmp, a prefix first.
 */
AUTH_API int auth_bytes_compare(auth_bytes a, auth_bytes b);

typedef struct auth_buf auth_buf;

/**
 * Make an empty buffer that may hold up to max octets.
 *
 * Ownership: gives *out, to be freed with auth_buf_free.
 * Errors: AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_buf_new(size_t max, auth_buf **out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Wipe and free a buffer. NULL is fine.
 */
AUTH_API void auth_buf_free(auth_buf *buf);

/**
 * Append octets. On failure the buffer is as it was.
 *
 * bytes may be a view of the same buffer.
 *
 * Errors: AUTH_STATUS_LIMIT when the maximum would be passed; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_buf_append(auth_buf *buf, auth_bytes bytes,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Append formatted text, without its NUL. On failure the buffer is as it was.
 *
 * Errors: AUTH_STATUS_LIMIT when the maximum would be passed; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_buf_printf(auth_buf *buf, auth_error *err, const char *format, ...)
    AUTH_PRINTF(3, 4) AUTH_MUST_CHECK;

/**
 * Append len octets for the caller to fill and give their place in *out.
 *
 * The octets are zero until filled. *out is valid until the buffer changes next.
 *
 * Errors: AUTH_STATUS_LIMIT when the maximum would be passed; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_buf_extend(auth_buf *buf, size_t len, uint8_t **out,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Cut a buffer to its first len octets and wipe the rest. A len past its end changes nothing.
 */
AUTH_API void auth_buf_truncate(auth_buf *buf, size_t len);

/**
 * View what a buffer holds.
 *
 * Ownership: borrows; valid until the buffer changes or is freed.
 */
AUTH_API auth_bytes auth_buf_bytes(const auth_buf *buf);

AUTH_DEFINE_CLEANUP(auth_buf)

AUTH_END_DECLS

#endif
