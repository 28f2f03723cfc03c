/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_error
 * @brief what went wrong, where, by which rule, and what to do
 *
 * An auth_error is a fixed-size value that the caller owns, usually on the stack. The function that
 * detects a failure writes it once; callers on the way up may prepend context. Nothing is written
 * on success, so an error has a meaning only after a status other than AUTH_STATUS_OK.
 *
 * The text names the object, the rule and the remedy. It never holds a person number, a secret or a
 * control character: C0 and C1 controls, DEL, line separators (U+2028, U+2029), bidirectional
 * controls (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069) and octets that are not
 * UTF-8 are shown as '?'. It is always terminated and, when it had to be cut, cut between two
 * characters.
 */
#ifndef AUTH_ERROR_H
#define AUTH_ERROR_H

#include <auth/status.h>
#include <stddef.h>

AUTH_BEGIN_DECLS

#define AUTH_ERROR_TEXT_SIZE 508

typedef struct auth_error {
    auth_status status;
    char text[AUTH_ERROR_TEXT_SIZE];
} auth_error;

/**
 * Write an error and return its status, so that a failing function can say
 * `return auth_error_set(err, AUTH_STATUS_INVALID, "RFC 5280 4.1.2.2: ...")`.
 *
 * err may be NULL. status must not be AUTH_STATUS_OK: that is turned into AUTH_STATUS_INTERNAL.
 */
AUTH_API auth_status auth_error_set(auth_error *err, auth_status status, const char *format, ...)
    AUTH_PRINTF(3, 4);

/**
 * Put context in front of an error's text: "line 7: " and the like, with the ": " added.
 *
 * err may be NULL. When both do not fit, the end of the old text is cut, never the context.
 */
AUTH_API void auth_error_context(auth_error *err, const char *format, ...) AUTH_PRINTF(2, 3);

/**
 * Report that memory ran out; returns AUTH_STATUS_MEMORY. err may be NULL.
 */
AUTH_API auth_status auth_error_memory(auth_error *err);

#ifdef __clang_analyzer__
/* clang's analyser sees one file at a time: this tells it that an error is never AUTH_STATUS_OK. */
#define auth_error_set(err, status, ...)                                                           \
    ((void)auth_error_set((err), (status), __VA_ARGS__), (status))
#define auth_error_memory(err) ((void)auth_error_memory(err), AUTH_STATUS_MEMORY)
#endif

AUTH_END_DECLS

#endif
