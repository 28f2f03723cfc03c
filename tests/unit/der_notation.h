/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DER for tests, in hex with braces: "30{0500}" is a tag with the length of what stands in the
 * braces, so that a case is wrong in the one place that it is about and nowhere else.
 */
#ifndef UNIT_DER_NOTATION_H
#define UNIT_DER_NOTATION_H

#include "base/der.h"
#include "harness/data.h"

#include <stdio.h>

#define DER_NOTATION_MAX 4096

/* Writes the notation up to its end, or to the brace that closes; gives where it stopped. */
static inline const char *der_notation_part(der_writer *writer, const char *text)
{
    while (*text != '\0' && *text != '}') {
        unsigned octet = 0;
        if (sscanf(text, "%2x", &octet) != 1)
            harness_die("no hex: %s", text);
        text += 2;
        if (*text == '{') {
            size_t mark = der_open(writer, (uint8_t)octet);
            text = der_notation_part(writer, text + 1);
            if (*text++ != '}')
                harness_die("a brace is missing");
            der_close(writer, mark);
        } else {
            uint8_t plain = (uint8_t)octet;
            der_put(writer, (auth_bytes){&plain, 1});
        }
    }
    return text;
}

/* Writes what text stands for; NULL is nothing. */
static inline void der_notation_put(der_writer *writer, const char *text)
{
    if (text != NULL && *der_notation_part(writer, text) != '\0')
        harness_die("a brace too many: %s", text);
}

/* Writes it into room and views it. */
static inline auth_bytes der_notation(const char *text, uint8_t room[DER_NOTATION_MAX])
{
    der_writer writer = der_writer_on(room, DER_NOTATION_MAX);
    der_notation_put(&writer, text);
    if (writer.has_failed)
        harness_die("too long: %s", text);
    return (auth_bytes){room, writer.len};
}

#endif
