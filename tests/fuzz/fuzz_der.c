/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what the DER reader accepts the one spelling that the writer writes? Every item is written
 * again from what was read of it and must be the same octets.
 */
#include "fuzz/fuzz.h"

#include "base/der.h"
#include <string.h>

#define DEPTH_MAX 16

/* Writes the item again by its type; an item without a writer of its own is written as octets. */
static void write_again(der_writer *writer, const der_item *item)
{
    auth_bytes cursor = item->whole;
    auth_bytes octets;
    uint64_t number = 0;
    uint8_t small = 0;
    bool truth = false;
    auth_error err;
    auth_time time = 0;
    if (der_take_uint(&cursor, UINT64_MAX, &number))
        der_put_uint(writer, number);
    else if (der_take_integer(&cursor, &octets) && octets.data[0] < 0x80)
        der_put_unsigned(writer, octets);
    else if (der_take_bool(&cursor, &truth))
        der_put_bool(writer, truth);
    else if (der_take_enumerated(&cursor, &small))
        der_put_enumerated(writer, small);
    else if (der_take_oid(&cursor, &octets))
        der_put_oid(writer, octets);
    else if (der_take_bit_octets(&cursor, &octets))
        der_put_bit_octets(writer, octets);
    else if (item->tag == AUTH_ASN1_GENERALIZED_TIME && der_take_time(&cursor, &time, &err))
        der_put_generalized_time(writer, time);
    else if (der_take_time(&cursor, &time, &err))
        der_put_time(writer, time);
    else
        der_put_item(writer, item->tag, item->content);
}

static void check_oid(auth_bytes content)
{
    char text[256];
    uint8_t again[256];
    size_t len = 0;
    if (!der_oid_text(content, text, sizeof text))
        return;
    FUZZ_CHECK(der_oid_parse(text, again, sizeof again, &len));
    FUZZ_CHECK(auth_bytes_equal((auth_bytes){again, len}, content));
}

static void walk(auth_bytes cursor, int depth)
{
    der_item item;
    auth_bytes before = cursor;
    while (der_next(&cursor, &item)) {
        FUZZ_CHECK(item.whole.data == before.data && item.whole.len + cursor.len == before.len);
        uint8_t *room = malloc(item.whole.len + 2);
        FUZZ_CHECK(room != NULL);
        der_writer writer = der_writer_on(room, item.whole.len + 2);
        write_again(&writer, &item);
        FUZZ_CHECK(auth_bytes_equal(der_written(&writer), item.whole));
        free(room);
        check_oid(item.content);
        if ((item.tag & 0x20U) != 0 && depth < DEPTH_MAX)
            walk(item.content, depth + 1);
        before = cursor;
    }
    FUZZ_CHECK(cursor.data == before.data && cursor.len == before.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk((auth_bytes){data, size}, 0);
    check_oid((auth_bytes){data, size});
    char text[128];
    uint8_t octets[128];
    size_t len = 0;
    if (size < sizeof text && (size == 0 || memchr(data, 0, size) == NULL)) {
        if (size > 0)
            memcpy(text, data, size);
        text[size] = '\0';
        char again[256];
        if (der_oid_parse(text, octets, sizeof octets, &len))
            FUZZ_CHECK(der_oid_text((auth_bytes){octets, len}, again, sizeof again) &&
                       strcmp(text, again) == 0);
    }
    return 0;
}
