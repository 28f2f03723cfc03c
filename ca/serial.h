/* SPDX-License-Identifier: Apache-2.0 */
/* What a serial number says: when it was made, and on which CRL it will be. Internal to ca/. */
#ifndef CA_SERIAL_H
#define CA_SERIAL_H

#include <auth/issue.h>
#include <auth/time.h>

/* A quarter of a year, as epoch_of in schemas/registry/0002-rules.sql. */
uint16_t ca_serial_epoch(auth_time now);

/* Of shards CRLs, 0 counts as 1. */
uint32_t ca_serial_shard(const uint8_t serial[AUTH_SERIAL_SIZE], uint32_t shards);

#endif
