/* SPDX-License-Identifier: Apache-2.0 */
/* Is DER read in its one spelling only, and is what we write read again as the same? */
#include "base/der.h"
#include "harness/harness.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 64

/* A second reader of tag and length, written from X.690 8.1 and 10.1 by cases instead of a loop. */
static bool is_der_item(auth_bytes text, size_t *len)
{
    if (text.len < 2 || (text.data[0] & 31) == 31)
        return false;
    size_t content = 0;
    size_t header = 0;
    if (text.data[1] <= 0x7f) {
        header = 2;
        content = text.data[1];
    } else if (text.data[1] == 0x81 && text.len >= 3 && text.data[2] >= 0x80) {
        header = 3;
        content = text.data[2];
    } else if (text.data[1] == 0x82 && text.len >= 4 && text.data[2] != 0) {
        header = 4;
        content = text.data[2] * 256U + text.data[3];
    } else {
        return false; /* longer lengths do not fit into what is tested with this */
    }
    *len = header + content;
    return *len <= text.len;
}

static void check_item(auth_bytes text)
{
    auth_bytes cursor = text;
    der_item item;
    size_t len = 0;
    bool is_item = is_der_item(text, &len);
    if (der_next(&cursor, &item) != is_item)
        ck_abort_msg("%02x %02x %02x of %zu octets", text.data[0], text.data[1], text.data[2],
                     text.len);
    if (!is_item) {
        ck_assert(cursor.data == text.data && cursor.len == text.len);
        return;
    }
    if (item.whole.data != text.data || item.whole.len != len || item.tag != text.data[0] ||
        item.content.data + item.content.len != text.data + len || cursor.data != text.data + len ||
        cursor.len != text.len - len)
        ck_abort_msg("%02x %02x %02x", text.data[0], text.data[1], text.data[2]);
}

START_TEST(every_input_of_up_to_three_octets_is_judged)
{
    uint8_t text[3] = {0};
    for (size_t len = 0; len <= 3; len++) {
        for (uint32_t value = 0; value < 1U << (8 * len); value++) {
            for (size_t i = 0; i < len; i++)
                text[i] = (uint8_t)(value >> (8 * i));
            check_item((auth_bytes){text, len});
        }
    }
}

START_TEST(every_length_of_two_octets_is_judged)
{
    size_t room = 4 + 65535;
    uint8_t *text = calloc(1, room);
    ck_assert_ptr_nonnull(text);
    text[0] = DER_OCTET_STRING;
    text[1] = 0x82;
    for (unsigned len = 0; len <= 0xffff; len++) {
        text[2] = (uint8_t)(len >> 8);
        text[3] = (uint8_t)len;
        check_item((auth_bytes){text, 4 + (size_t)len});
        if (len > 0)
            check_item((auth_bytes){text, 3 + (size_t)len});
    }
    free(text);
}

typedef struct header_case {
    const char *hex;
    bool is_accepted; /* when as many octets follow as it says */
    size_t len;
} header_case;

static const header_case header_cases[] = {
    {"04830000ff", false, 0xff},        /* three octets where one suffices */
    {"0483010000", true, 0x10000},      /* the least that takes three */
    {"048400ffffff", false, 0xffffff},  /* four octets where three suffice */
    {"048401000000", true, 0x1000000},  /* the least that takes four */
    {"04850000000001", false, 1},       /* five octets */
    {"048501000000ff", false, 0x10000}, /* five octets, and more than memory */
    {"0480", false, 0},                 /* indefinite */
    {"04ff", false, 127},               /* reserved */
    {"1f0100", false, 0},               /* tag of several octets */
};

START_TEST(lengths_have_one_spelling)
{
    const header_case *row = &header_cases[_i];
    uint8_t header[ROOM];
    auth_bytes start = harness_hex(row->hex, header, sizeof header);
    uint8_t *text = calloc(1, start.len + row->len);
    ck_assert_ptr_nonnull(text);
    memcpy(text, start.data, start.len);
    auth_bytes cursor = {text, start.len + row->len};
    der_item item;
    ck_assert_int_eq(der_next(&cursor, &item), row->is_accepted);
    if (row->is_accepted)
        ck_assert_uint_eq(item.content.len, row->len);
    free(text);
}

START_TEST(an_item_of_more_than_256_mib_is_refused_however_long_the_input)
{
    /* The reader looks at the header alone, so the octets that it promises need not be there. */
    static const uint8_t largest[] = {0x04, 0x84, 0x10, 0x00, 0x00, 0x00};
    static const uint8_t larger[] = {0x04, 0x84, 0x10, 0x00, 0x00, 0x01};
    auth_bytes cursor = {largest, ((size_t)1 << 28) + sizeof largest};
    der_item item;
    ck_assert(der_next(&cursor, &item));
    cursor = (auth_bytes){larger, ((size_t)1 << 28) + sizeof larger + 1};
    ck_assert(!der_next(&cursor, &item));
}

/* A way to take something, called on hex; what it gave in the places that it uses. */
typedef struct taken {
    auth_bytes octets;
    uint64_t number;
    bool truth;
} taken;

typedef bool taker(auth_bytes *cursor, taken *out);

static bool take_integer(auth_bytes *cursor, taken *out)
{
    return der_take_integer(cursor, &out->octets);
}

static bool take_uint(auth_bytes *cursor, taken *out)
{
    return der_take_uint(cursor, UINT64_MAX, &out->number);
}

static bool take_small(auth_bytes *cursor, taken *out)
{
    return der_take_uint(cursor, 5, &out->number);
}

static bool take_bool(auth_bytes *cursor, taken *out) { return der_take_bool(cursor, &out->truth); }

static bool take_enumerated(auth_bytes *cursor, taken *out)
{
    uint8_t number = 0;
    bool is_taken = der_take_enumerated(cursor, &number);
    out->number = number;
    return is_taken;
}

static bool take_oid(auth_bytes *cursor, taken *out) { return der_take_oid(cursor, &out->octets); }

static bool take_bits(auth_bytes *cursor, taken *out)
{
    uint8_t unused = 0;
    bool is_taken = der_take_bits(cursor, &out->octets, &unused);
    out->number = unused;
    return is_taken;
}

static bool take_bit_octets(auth_bytes *cursor, taken *out)
{
    return der_take_bit_octets(cursor, &out->octets);
}

static bool take_null(auth_bytes *cursor, taken *out)
{
    return der_take(cursor, DER_NULL, &out->octets);
}

static bool take_optional_null(auth_bytes *cursor, taken *out)
{
    return der_take_optional(cursor, DER_NULL, &out->octets);
}

typedef struct take_case {
    taker *take;
    const char *hex;
    bool is_taken;
    uint64_t number; /* what comes of it, where the taker gives one */
} take_case;

static const take_case take_cases[] = {
    {take_integer, "020100", true, 0},
    {take_integer, "02017f", true, 0},
    {take_integer, "020180", true, 0},
    {take_integer, "02020080", true, 0},
    {take_integer, "0202ff7f", true, 0},
    {take_integer, "0200", false, 0},
    {take_integer, "02020000", false, 0},
    {take_integer, "0202007f", false, 0},
    {take_integer, "0202ff80", false, 0},
    {take_integer, "0202ffff", false, 0},
    {take_integer, "030100", false, 0},
    {take_integer, "", false, 0},
    {take_integer, "0202", false, 0},
    {take_uint, "020100", true, 0},
    {take_uint, "020900ffffffffffffffff", true, UINT64_MAX},
    {take_uint, "02087fffffffffffffff", true, UINT64_MAX / 2},
    {take_uint, "0209010000000000000000", false, 0},
    {take_uint, "020a00ffffffffffffffffff", false, 0},
    {take_uint, "0201ff", false, 0},
    {take_uint, "02088000000000000000", false, 0},
    {take_small, "020105", true, 5},
    {take_small, "020106", false, 0},
    {take_bool, "0101ff", true, 1},
    {take_bool, "010100", true, 0},
    {take_bool, "010101", false, 0},
    {take_bool, "0101fe", false, 0},
    {take_bool, "0100", false, 0},
    {take_bool, "0102ffff", false, 0},
    {take_bool, "0201ff", false, 0},
    {take_enumerated, "0a0100", true, 0},
    {take_enumerated, "0a017f", true, 127},
    {take_enumerated, "0a0180", false, 0},
    {take_enumerated, "0a020001", false, 0},
    {take_enumerated, "0a00", false, 0},
    {take_oid, "060100", true, 0},
    {take_oid, "06028100", true, 0},
    {take_oid, "0600", false, 0},
    {take_oid, "060181", false, 0},
    {take_oid, "06028001", false, 0},
    {take_oid, "0603550480", false, 0},
    {take_oid, "060455800103", false, 0},
    {take_bits, "030100", true, 0},
    {take_bits,
     "030207"
     "80",
     true, 7},
    {take_bits, "03020080", true, 0},
    {take_bits, "03020680", true, 6},
    {take_bits, "030206a0", false, 0},
    {take_bits, "03020881", false, 0},
    {take_bits, "030107", false, 0},
    {take_bits, "0300", false, 0},
    {take_bits, "23020080", false, 0},
    {take_bit_octets, "03020081", true, 0},
    {take_bit_octets, "030100", true, 0},
    {take_bit_octets, "03020180", false, 0},
    {take_null, "0500", true, 0},
    {take_null, "0401", false, 0},
    {take_optional_null, "0500", true, 0},
    {take_optional_null, "0400", true, 0},
    {take_optional_null, "", true, 0},
    {take_optional_null, "0501", false, 0},
    {take_optional_null, "05", false, 0},
};

START_TEST(each_type_is_taken_in_one_spelling)
{
    const take_case *row = &take_cases[_i];
    uint8_t room[ROOM];
    auth_bytes text = harness_hex(row->hex, room, sizeof room);
    auth_bytes cursor = text;
    taken before = {{room, 1}, 77, true};
    taken out = before;
    ck_assert_msg(row->take(&cursor, &out) == row->is_taken, "%s", row->hex);
    if (!row->is_taken) {
        ck_assert(cursor.data == text.data && cursor.len == text.len);
        ck_assert(out.octets.data == before.octets.data && out.octets.len == before.octets.len);
        return;
    }
    if (row->take == take_bool)
        ck_assert_int_eq(out.truth, row->number != 0);
    else if (out.number != before.number)
        ck_assert_uint_eq(out.number, row->number);
}

START_TEST(an_optional_item_that_is_absent_takes_nothing)
{
    uint8_t room[ROOM];
    auth_bytes cursor = harness_hex("0400", room, sizeof room);
    auth_bytes content = {room, 1};
    ck_assert(der_take_optional(&cursor, DER_NULL, &content));
    ck_assert_ptr_null(content.data);
    ck_assert_uint_eq(cursor.len, 2);
    ck_assert(der_take_optional(&cursor, DER_OCTET_STRING, &content));
    ck_assert_ptr_nonnull(content.data);
    ck_assert_uint_eq(content.len + cursor.len, 0);
}

typedef struct only_case {
    const char *hex;
    bool is_accepted;
} only_case;

static const only_case only_cases[] = {
    {"3000", true}, {"30020500", true}, {"300000", false}, {"3100", false},
    {"", false},    {"3001", false},    {"3081", false},
};

START_TEST(one_item_must_fill_its_room)
{
    uint8_t room[ROOM];
    auth_bytes content = {NULL, 0};
    ck_assert_int_eq(der_only(harness_hex(only_cases[_i].hex, room, sizeof room), DER_SEQUENCE,
                              &content),
                     only_cases[_i].is_accepted);
    ck_assert_int_eq(content.data != NULL, only_cases[_i].is_accepted);
}

typedef struct time_case {
    const char *hex;
    auth_status status;
    auth_time time;
} time_case;

static const time_case time_cases[] = {
    {"170d3730303130313030303030305a", AUTH_STATUS_OK, 0},
    {"180f31393730303130313030303030315a", AUTH_STATUS_OK, 1},
    {"170b373030313031303030305a", AUTH_STATUS_MALFORMED, 0},             /* without seconds */
    {"17113730303130313030303030302b30303030", AUTH_STATUS_MALFORMED, 0}, /* with an offset */
    {"170d3730313330313030303030305a", AUTH_STATUS_INVALID, 0},           /* month 13 */
    {"130d3730303130313030303030305a", AUTH_STATUS_MALFORMED, 0},         /* PrintableString */
    {"170d37303031303130303030", AUTH_STATUS_MALFORMED, 0},               /* cut */
    {"", AUTH_STATUS_MALFORMED, 0},
};

START_TEST(a_time_is_taken_as_rfc_5280_restricts_it)
{
    const time_case *row = &time_cases[_i];
    uint8_t room[ROOM];
    auth_bytes text = harness_hex(row->hex, room, sizeof room);
    auth_bytes cursor = text;
    auth_time time = 77;
    auth_error err = {AUTH_STATUS_OK, ""};
    bool is_taken = der_take_time(&cursor, &time, &err);
    ck_assert_str_eq(auth_status_name(err.status), auth_status_name(row->status));
    ck_assert_int_eq(is_taken, row->status == AUTH_STATUS_OK);
    ck_assert_int_eq(time, is_taken ? row->time : 77);
    ck_assert_uint_eq(cursor.len, is_taken ? 0 : text.len);
}

typedef struct oid_case {
    const char *dotted;
    const char *hex; /* content octets */
} oid_case;

static const oid_case oid_cases[] = {
    {"0.0", "00"},
    {"0.39", "27"},
    {"1.0", "28"},
    {"1.39", "4f"},
    {"2.0", "50"},
    {"2.39", "77"},
    {"2.40", "78"},
    {"2.47", "7f"},
    {"2.48", "8100"},
    {"2.999", "8837"},
    {"2.5.29.15", "551d0f"},
    {"1.2.840.113549.1.1.11", "2a864886f70d01010b"},
    {"1.2.3.127.128.16383.16384", "2a037f8100ff7f818000"},
    {"2.5.9223372036854775808", "5581808080808080808000"},
    {"2.5.18446744073709551615", "5581ffffffffffffffff7f"},
    {"2.18446744073709551535", "81ffffffffffffffff7f"},
};

START_TEST(an_oid_is_the_same_dotted_and_in_octets)
{
    const oid_case *row = &oid_cases[_i];
    uint8_t room[ROOM];
    uint8_t octets[ROOM];
    size_t len = 0;
    char text[ROOM];
    auth_bytes expected = harness_hex(row->hex, room, sizeof room);
    ck_assert(der_oid_parse(row->dotted, octets, sizeof octets, &len));
    assert_bytes(((auth_bytes){octets, len}), expected);
    ck_assert(der_oid_text(expected, text, sizeof text));
    ck_assert_str_eq(text, row->dotted);
    ck_assert(der_oid_text(expected, text, strlen(row->dotted) + 1));
    for (size_t size = 0; size <= strlen(row->dotted); size++)
        ck_assert(!der_oid_text(expected, text, size));
    for (size_t size = 0; size < expected.len; size++)
        ck_assert(!der_oid_parse(row->dotted, octets, size, &len));
}

static const char *const no_oids[] = {
    "",
    "1",
    "1.",
    "3.1",
    "1.40",
    "0.40",
    ".1",
    "1..2",
    "1.2.",
    "01.2",
    "1.02",
    "1.2 ",
    " 1.2",
    "1.2.x",
    "-1.2",
    "1.2.-3",
    "1.2.+3",
    "2.18446744073709551536",
    "2.5.18446744073709551616",
    "2.5.99999999999999999999",
    "1.2.3\n",
    "1,2",
};

START_TEST(what_is_no_oid_is_refused)
{
    uint8_t octets[ROOM];
    size_t len = 77;
    ck_assert_msg(!der_oid_parse(no_oids[_i], octets, sizeof octets, &len), "%s", no_oids[_i]);
    ck_assert_uint_eq(len, 77);
}

static const char *const no_oid_octets[] = {
    "", "80", "8001", "2a80", "2a8001", "ff", "5583808080808080808000"};

START_TEST(octets_that_are_no_oid_have_no_text)
{
    uint8_t room[ROOM];
    char text[ROOM];
    ck_assert(!der_oid_text(harness_hex(no_oid_octets[_i], room, sizeof room), text, sizeof text));
}

START_TEST(every_number_is_read_as_written)
{
    uint64_t number = 1;
    for (unsigned i = 0; i < 20000; i++) {
        /* Small ones in turn, then such of all sizes. */
        number = number * 6364136223846793005U + 1442695040888963407U;
        uint64_t tested = i < 10000 ? i : number >> (i % 64);
        uint8_t room[16];
        der_writer writer = der_writer_on(room, sizeof room);
        der_put_uint(&writer, tested);
        auth_bytes written = der_written(&writer);
        uint64_t read = 0;
        ck_assert(der_take_uint(&written, UINT64_MAX, &read) && written.len == 0);
        ck_assert_uint_eq(read, tested);
    }
}

typedef struct unsigned_case {
    const char *big_endian;
    const char *der;
} unsigned_case;

static const unsigned_case unsigned_cases[] = {
    {"", "020100"},       {"00", "020100"},       {"0000", "020100"},
    {"7f", "02017f"},     {"80", "02020080"},     {"0080", "02020080"},
    {"00007f", "02017f"}, {"ff00", "020300ff00"}, {"0100", "02020100"},
};

START_TEST(an_unsigned_number_gets_its_sign_octet)
{
    uint8_t rooms[3][ROOM];
    der_writer writer = der_writer_on(rooms[0], ROOM);
    der_put_unsigned(&writer, harness_hex(unsigned_cases[_i].big_endian, rooms[1], ROOM));
    assert_bytes(der_written(&writer), harness_hex(unsigned_cases[_i].der, rooms[2], ROOM));
}

typedef struct bits_case {
    uint32_t bits;
    const char *hex;
} bits_case;

static const bits_case bits_cases[] = {
    {0, "030100"},
    {1U << 0, "03020780"},
    {3, "030206c0"},
    {1U << 7, "03020001"},
    {1U << 8, "0303070080"},
    {0x60, "03020106"},
    {1U << 31, "0305000000"
               "0001"},
};

START_TEST(named_bits_drop_their_trailing_zeros)
{
    uint8_t rooms[2][ROOM];
    der_writer writer = der_writer_on(rooms[0], ROOM);
    der_put_named_bits(&writer, DER_BIT_STRING, bits_cases[_i].bits);
    assert_bytes(der_written(&writer), harness_hex(bits_cases[_i].hex, rooms[1], ROOM));
}

START_TEST(a_time_is_read_as_written)
{
    static const auth_time times[] = {AUTH_TIME_MIN, -1,         0,          951782400,
                                      2524607999,    2524608000, 4102444800, AUTH_TIME_MAX};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        for (int is_generalized = 0; is_generalized < 2; is_generalized++) {
            uint8_t room[ROOM];
            der_writer writer = der_writer_on(room, sizeof room);
            if (is_generalized)
                der_put_generalized_time(&writer, times[i]);
            else
                der_put_time(&writer, times[i]);
            auth_bytes written = der_written(&writer);
            uint8_t expected = is_generalized || times[i] >= 2524608000 ? AUTH_ASN1_GENERALIZED_TIME
                                                                        : AUTH_ASN1_UTC_TIME;
            ck_assert(der_peek(written, expected));
            auth_time read = 0;
            auth_error err;
            ck_assert(der_take_time(&written, &read, &err) && written.len == 0);
            ck_assert_int_eq(read, times[i]);
        }
    }
}

/* Lengths around every border of the length octets. */
static const size_t border_lengths[] = {0,     1,     126,    127,      128,     129,
                                        254,   255,   256,    257,      65534,   65535,
                                        65536, 65537, 0xffff, 0xfffffe, 0xffffff};

START_TEST(items_are_read_as_written_at_every_border)
{
    size_t len = border_lengths[_i];
    size_t size = len + 8;
    uint8_t *room = malloc(size);
    uint8_t *content = calloc(1, len + 1);
    ck_assert(room != NULL && content != NULL);
    for (int is_opened = 0; is_opened < 2; is_opened++) {
        der_writer writer = der_writer_on(room, size);
        if (is_opened) {
            size_t mark = der_open(&writer, DER_SEQUENCE);
            der_put(&writer, (auth_bytes){content, len});
            der_close(&writer, mark);
        } else {
            der_put_item(&writer, DER_SEQUENCE, (auth_bytes){content, len});
        }
        auth_bytes written = der_written(&writer);
        ck_assert_uint_eq(written.len, der_header_len(len) + len);
        auth_bytes read;
        ck_assert(der_only(written, DER_SEQUENCE, &read));
        ck_assert_uint_eq(read.len, len);
    }
    free(content);
    free(room);
}

/* Writes a tree of items, of every kind the writer has. */
static void write_tree(der_writer *writer)
{
    static const uint8_t octets[130] = {1};
    size_t outer = der_open(writer, DER_SEQUENCE);
    size_t inner = der_open(writer, DER_CONTEXT_CONSTRUCTED(3));
    der_put_bool(writer, true);
    der_put_bit_octets(writer, (auth_bytes){octets, sizeof octets});
    der_close(writer, inner);
    der_put_null(writer);
    der_put_enumerated(writer, 10);
    der_put_oid(writer, BYTES("\x55\x04\x03"));
    size_t set = der_open(writer, DER_SET);
    der_close(writer, set);
    der_close(writer, outer);
}

START_TEST(a_tree_is_read_as_written)
{
    uint8_t room[256];
    der_writer writer = der_writer_on(room, sizeof room);
    write_tree(&writer);
    auth_bytes outer;
    auth_bytes inner;
    auth_bytes octets;
    uint8_t number = 0;
    bool truth = false;
    ck_assert(der_only(der_written(&writer), DER_SEQUENCE, &outer));
    ck_assert(der_take(&outer, DER_CONTEXT_CONSTRUCTED(3), &inner));
    ck_assert(der_take_bool(&inner, &truth) && truth);
    ck_assert(der_take_bit_octets(&inner, &octets) && octets.len == 130 && inner.len == 0);
    ck_assert(der_take(&outer, DER_NULL, &inner) && inner.len == 0);
    ck_assert(der_take_enumerated(&outer, &number) && number == 10);
    ck_assert(der_take_oid(&outer, &octets));
    assert_bytes(octets, BYTES("\x55\x04\x03"));
    ck_assert(der_take(&outer, DER_SET, &inner) && inner.len == 0 && outer.len == 0);
}

START_TEST(a_room_too_small_fails_once_and_for_all)
{
    uint8_t room[256];
    der_writer whole = der_writer_on(room, sizeof room);
    write_tree(&whole);
    for (size_t size = 0; size < whole.len; size++) {
        uint8_t *tight = malloc(size + 1); /* so that the sanitizer sees an octet too many */
        ck_assert_ptr_nonnull(tight);
        tight[size] = 0x5a;
        der_writer writer = der_writer_on(tight, size);
        write_tree(&writer);
        ck_assert(writer.has_failed);
        ck_assert_ptr_null(der_written(&writer).data);
        ck_assert_uint_eq(tight[size], 0x5a);
        der_put_null(&writer);
        ck_assert_ptr_null(der_written(&writer).data);
        free(tight);
    }
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

SUITE("der", TEST(every_input_of_up_to_three_octets_is_judged),
      TEST(every_length_of_two_octets_is_judged),
      TEST_EACH(lengths_have_one_spelling, COUNT(header_cases)),
      TEST(an_item_of_more_than_256_mib_is_refused_however_long_the_input),
      TEST_EACH(each_type_is_taken_in_one_spelling, COUNT(take_cases)),
      TEST(an_optional_item_that_is_absent_takes_nothing),
      TEST_EACH(one_item_must_fill_its_room, COUNT(only_cases)),
      TEST_EACH(a_time_is_taken_as_rfc_5280_restricts_it, COUNT(time_cases)),
      TEST_EACH(an_oid_is_the_same_dotted_and_in_octets, COUNT(oid_cases)),
      TEST_EACH(what_is_no_oid_is_refused, COUNT(no_oids)),
      TEST_EACH(octets_that_are_no_oid_have_no_text, COUNT(no_oid_octets)),
      TEST(every_number_is_read_as_written),
      TEST_EACH(an_unsigned_number_gets_its_sign_octet, COUNT(unsigned_cases)),
      TEST_EACH(named_bits_drop_their_trailing_zeros, COUNT(bits_cases)),
      TEST(a_time_is_read_as_written),
      TEST_EACH(items_are_read_as_written_at_every_border, COUNT(border_lengths)),
      TEST(a_tree_is_read_as_written), TEST(a_room_too_small_fails_once_and_for_all))
