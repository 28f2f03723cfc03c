/* SPDX-License-Identifier: Apache-2.0 */
#include "query.h"

static int digit_of(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool office_serial_parse(auth_bytes text, uint8_t out[OFFICE_SERIAL_SIZE], size_t *len)
{
    if (text.len == 0 || text.len % 2 != 0 || text.len > (size_t)2 * OFFICE_SERIAL_SIZE)
        return false;
    for (size_t i = 0; i < text.len; i += 2) {
        int high = digit_of(text.data[i]);
        int low = digit_of(text.data[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = (uint8_t)(high << 4 | low);
    }
    *len = text.len / 2;
    return true;
}
