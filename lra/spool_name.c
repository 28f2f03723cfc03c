/* SPDX-License-Identifier: Apache-2.0 */
#include "spool_name.h"

#include <string.h>

#define UUID_LEN 36
#define NAME_LEN (SPOOL_NAME_SIZE - 1)

static bool has_dash_before(size_t octet)
{
    return octet == 4 || octet == 6 || octet == 8 || octet == 10;
}

bool spool_id_is_good(const uint8_t id[LRA_SPOOL_ID_SIZE])
{
    return id[6] >> 4 == 7 && id[8] >> 6 == 2; /* RFC 9562 4.1, 4.2 */
}

static char *put_hex(char *at, uint8_t octet)
{
    static const char digits[] = "0123456789abcdef";
    *at++ = digits[octet >> 4];
    *at++ = digits[octet & 15];
    return at;
}

void spool_name_write(const uint8_t id[LRA_SPOOL_ID_SIZE], const uint8_t hash[DISK_HASH_SIZE],
                      char out[SPOOL_NAME_SIZE])
{
    for (size_t i = 0; i < LRA_SPOOL_ID_SIZE; i++) {
        if (has_dash_before(i))
            *out++ = '-';
        out = put_hex(out, id[i]);
    }
    *out++ = '.';
    for (size_t i = 0; i < DISK_HASH_SIZE; i++)
        out = put_hex(out, hash[i]);
    *out = '\0';
}

static uint8_t digit(char character)
{
    if (character >= '0' && character <= '9')
        return (uint8_t)(character - '0');
    if (character >= 'a' && character <= 'f')
        return (uint8_t)(character - 'a' + 10);
    return 0; /* writing it again tells */
}

static const char *get_hex(const char *at, uint8_t *octet)
{
    *octet = (uint8_t)(digit(at[0]) << 4 | digit(at[1]));
    return at + 2;
}

bool spool_name_read(const char *name, uint8_t id[LRA_SPOOL_ID_SIZE], uint8_t hash[DISK_HASH_SIZE])
{
    char again[SPOOL_NAME_SIZE];
    const char *at = name;
    if (strlen(name) != NAME_LEN)
        return false;
    for (size_t i = 0; i < LRA_SPOOL_ID_SIZE; i++)
        at = get_hex(at + (has_dash_before(i) ? 1 : 0), &id[i]);
    at = name + UUID_LEN + 1;
    for (size_t i = 0; i < DISK_HASH_SIZE; i++)
        at = get_hex(at, &hash[i]);
    spool_name_write(id, hash, again);
    return strcmp(name, again) == 0 && spool_id_is_good(id);
}
