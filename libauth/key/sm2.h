/* SPDX-License-Identifier: Apache-2.0 */
/* What SM2 hashes before a message (GM/T 0003.2 section 5.5). Internal to key/. */
#ifndef KEY_SM2_H
#define KEY_SM2_H

#include <auth/bytes.h>

#define SM2_POINT_SIZE 64
#define SM2_Z_SIZE 32

/* The one ID of every signature that libauth makes and verifies (GM/T 0009 section 10). */
#define SM2_DEFAULT_ID "1234567812345678"

/*
 * Writes Z = SM3(length of id || id || a || b || G || public point). point: x || y.
 *
 * Errors: AUTH_STATUS_LIMIT for an id of more than 8,191 octets; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO.
 */
auth_status sm2_z(auth_bytes id, const uint8_t point[SM2_POINT_SIZE], uint8_t out[SM2_Z_SIZE],
                  auth_error *err) AUTH_MUST_CHECK;

#endif
