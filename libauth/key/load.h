/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes OpenSSL keys of fields that are read and bounded. OpenSSL's decoders take 20 times as long,
 * so an EC key is a copy of an empty one with its point set. Internal to key/.
 */
#ifndef KEY_LOAD_H
#define KEY_LOAD_H

#include "key/spki.h"

#include <openssl/evp.h>

/* The longest uncompressed point: P-384. */
#define POINT_MAX 97

/*
 * Makes a public key. A compressed point is written uncompressed into point, and fields->point
 * becomes a view of it.
 *
 * Errors: AUTH_STATUS_INVALID for a point that is not on its curve or of small order;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status load_public(spki_fields *fields, uint8_t point[POINT_MAX], EVP_PKEY **out,
                        auth_error *err) AUTH_MUST_CHECK;

#endif
