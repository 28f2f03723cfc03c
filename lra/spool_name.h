/* SPDX-License-Identifier: Apache-2.0 */
/* Names of spool files: a UUID of version 7 as RFC 9562 4 writes it, a dot, 64 digits of hex. */
#ifndef LRA_SPOOL_NAME_H
#define LRA_SPOOL_NAME_H

#include "disk/hash.h"
#include "spool.h"

#define SPOOL_NAME_SIZE 102 /* with its NUL */

/* Tells whether an id is a UUID of version 7. */
bool spool_id_is_good(const uint8_t id[LRA_SPOOL_ID_SIZE]);

void spool_name_write(const uint8_t id[LRA_SPOOL_ID_SIZE], const uint8_t hash[DISK_HASH_SIZE],
                      char out[SPOOL_NAME_SIZE]);

/* False when it is another name, or ours spelled otherwise. */
bool spool_name_read(const char *name, uint8_t id[LRA_SPOOL_ID_SIZE], uint8_t hash[DISK_HASH_SIZE]);

#endif
