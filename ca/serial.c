/* SPDX-License-Identifier: Apache-2.0 */
#include "serial.h"

uint16_t ca_serial_epoch(auth_time now)
{
    auth_date day = auth_date_from_time(now, 0);
    return (uint16_t)(0x0100 + (day.year - 1970) * 4 + (day.month - 1) / 3);
}

uint32_t ca_serial_shard(const uint8_t serial[AUTH_SERIAL_SIZE], uint32_t shards)
{
    uint32_t random = (uint32_t)serial[2] << 8 | serial[3];
    return shards == 0 ? 0 : random % shards;
}
