/* SPDX-License-Identifier: Apache-2.0 */
/* The check of Ed25519 points, which OpenSSL leaves to each verification. Internal to key/. */
#ifndef KEY_ED25519_H
#define KEY_ED25519_H

#include <auth/error.h>
#include <stdint.h>

#define ED25519_SIZE 32

/*
 * Checks that an encoded point is canonical, on the curve and not of small order: for a key of
 * small order anybody can make signatures.
 *
 * Errors: AUTH_STATUS_INVALID; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 * Source: RFC 8032 section 5.1.3.
 */
auth_status ed25519_check_point(const uint8_t point[ED25519_SIZE], auth_error *err) AUTH_MUST_CHECK;

#endif
