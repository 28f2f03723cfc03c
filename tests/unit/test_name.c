/* SPDX-License-Identifier: Apache-2.0 */
/* Are names written as RFC 5280 says, refused when they deceive, compared by meaning and shown
 * without a person number? */
#include "harness/harness.h"
#include "x509/name.h"

#include <stdio.h>
#include <string.h>

#define ANNEX "11010519491231002X"

typedef struct attribute_case {
    oid type;
    const char *value;
    const char *hex; /* the RDN */
} attribute_case;

static const attribute_case attribute_cases[] = {
    {OID_COUNTRY, "CN", "310b300906035504061302434e"},
    {OID_SERIAL_NUMBER, "PNOCN-" ANNEX,
     "3121301f06035504051318504e4f434e2d313130313035313934393132333130303258"},
    {OID_DN_QUALIFIER, "1", "310a3008060355042e130131"},
    {OID_COMMON_NAME, "A", "310a300806035504030c0141"},
    {OID_COMMON_NAME, "王", "310c300a06035504030c03e78e8b"},
    {OID_DOMAIN_COMPONENT, "cn", "31123010060a0992268993f22c6401191602636e"},
    {OID_EMAIL_ADDRESS, "a@b", "3112301006092a864886f70d0109011603614062"},
};

START_TEST(an_attribute_is_written_in_its_string_type)
{
    const attribute_case *row = &attribute_cases[_i];
    uint8_t room[128];
    uint8_t expected[128];
    der_writer writer = der_writer_on(room, sizeof room);
    x509_put_attribute(&writer, row->type, auth_bytes_from_text(row->value));
    assert_bytes(der_written(&writer), harness_hex(row->hex, expected, sizeof expected));
}

/* Texts that must not stand in a name, for every type of attribute. */
typedef struct text_case {
    const char *why;
    auth_bytes text;
    size_t position; /* of the character that decides */
} text_case;

#define LITERAL(text)                                                                              \
    {                                                                                              \
        (const uint8_t *)(text), sizeof(text) - 1                                                  \
    }

static const text_case refused_texts[] = {
    {"NUL", LITERAL("good.cn\0.evil.cn"), 8},
    {"NUL alone", LITERAL("\0"), 1},
    {"line feed", LITERAL("a\nb"), 2},
    {"escape", LITERAL("\033[31m"), 1},
    {"DEL", LITERAL("ab\177"), 3},
    {"C1 control", LITERAL("a\xc2\x85"), 2},
    {"right-to-left override", LITERAL("a\xe2\x80\xae!"), 2},
    {"left-to-right mark", LITERAL("\xe2\x80\x8e"), 1},
    {"isolate", LITERAL("a\xe2\x81\xa6"), 2},
    {"Arabic letter mark", LITERAL("\xd8\x9c"), 1},
    {"zero-width space", LITERAL("a\xe2\x80\x8b"), 2},
    {"zero-width joiner", LITERAL("a\xe2\x80\x8d"), 2},
    {"byte order mark", LITERAL("\xef\xbb\xbf"), 1},
    {"soft hyphen", LITERAL("a\xc2\xad"), 2},
    {"line separator", LITERAL("a\xe2\x80\xa8"), 2},
    {"tag character", LITERAL("a\xf3\xa0\x81\x81"), 2},
    {"noncharacter U+FFFE", LITERAL("a\xef\xbf\xbe"), 2},
    {"noncharacter U+FDD0", LITERAL("\xef\xb7\x90"), 1},
    {"noncharacter U+10FFFF", LITERAL("\xf4\x8f\xbf\xbf"), 1},
    {"overlong NUL", LITERAL("a\xc0\x80"), 2},
    {"overlong slash of two", LITERAL("\xc0\xaf"), 1},
    {"overlong slash of three", LITERAL("\xe0\x80\xaf"), 1},
    {"overlong slash of four", LITERAL("\xf0\x80\x80\xaf"), 1},
    {"high surrogate", LITERAL("\xed\xa0\x80"), 1},
    {"low surrogate", LITERAL("\xed\xbf\xbf"), 1},
    {"above U+10FFFF", LITERAL("\xf4\x90\x80\x80"), 1},
    {"lead octet 0xf5", LITERAL("\xf5\x80\x80\x80"), 1},
    {"continuation alone", LITERAL("a\x80"), 2},
    {"cut character", LITERAL("a\xe7\x8e"), 2},
    {"character cut by another", LITERAL("\xe7\x8e\x41"), 1},
    {"Latin-1", LITERAL("M\xfcller"), 2},
};

static const oid checked_types[] = {OID_COMMON_NAME, OID_SERIAL_NUMBER, OID_EMAIL_ADDRESS,
                                    OID_UNKNOWN, OID_SIM};

START_TEST(a_text_that_deceives_is_refused_in_every_attribute)
{
    const text_case *row = &refused_texts[_i];
    for (size_t i = 0; i < sizeof checked_types / sizeof checked_types[0]; i++) {
        auth_error err;
        assert_fails(x509_check_text(checked_types[i], row->text, 0, 1000, &err),
                     AUTH_STATUS_INVALID, &err);
        char position[32];
        (void)snprintf(position, sizeof position, "character %zu ", row->position);
        ck_assert_msg(strstr(err.text, position) != NULL, "%s: %s", row->why, err.text);
    }
}

typedef struct bound_case {
    oid type;
    const char *text;
    size_t min;
    size_t max;
    bool is_accepted;
} bound_case;

static const bound_case bound_cases[] = {
    {OID_COMMON_NAME, "", 0, 64, true},
    {OID_COMMON_NAME, "", 1, 64, false},
    {OID_COMMON_NAME, "王小明", 3, 3, true},
    {OID_COMMON_NAME, "王小明", 4, 64, false},
    {OID_COMMON_NAME, "王小明", 1, 2, false},
    {OID_COMMON_NAME, ",CN=x", 1, 64, true},
    {OID_COMMON_NAME, "/CN=x+\"\\", 1, 64, true},
    {OID_COMMON_NAME, "\xf0\xa0\xae\xb7", 1, 1, true},
    {OID_SERIAL_NUMBER, "PNOCN-1", 1, 64, true},
    {OID_SERIAL_NUMBER, "a'()+,-./:=? Z", 1, 64, true},
    {OID_SERIAL_NUMBER, "a@b", 1, 64, false},
    {OID_SERIAL_NUMBER, "a*", 1, 64, false},
    {OID_SERIAL_NUMBER, "a_b", 1, 64, false},
    {OID_SERIAL_NUMBER, "王", 1, 64, false},
    {OID_DN_QUALIFIER, "a;b", 1, 64, false},
    {OID_COUNTRY, "CN", 2, 2, true},
    {OID_COUNTRY, "cn", 2, 2, false},
    {OID_COUNTRY, "C1", 2, 2, false},
    {OID_COUNTRY, "CHN", 2, 2, false},
    {OID_COUNTRY, "C", 2, 2, false},
    {OID_EMAIL_ADDRESS, "a_b*c@d.cn", 1, 255, true},
    {OID_EMAIL_ADDRESS, "王@d.cn", 1, 255, false},
    {OID_DOMAIN_COMPONENT, "中国", 1, 63, false},
};

START_TEST(characters_are_counted_and_held_to_the_alphabet)
{
    const bound_case *row = &bound_cases[_i];
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status =
        x509_check_text(row->type, auth_bytes_from_text(row->text), row->min, row->max, &err);
    ck_assert_msg((status == AUTH_STATUS_OK) == row->is_accepted, "%s: %s", row->text, err.text);
}

START_TEST(a_refusal_does_not_repeat_the_text)
{
    auth_error err;
    assert_fails(x509_check_text(OID_COMMON_NAME, BYTES(ANNEX "\n"), 1, 64, &err),
                 AUTH_STATUS_INVALID, &err);
    ck_assert_ptr_null(strstr(err.text, "110105"));
    assert_fails(x509_check_text(OID_COMMON_NAME, BYTES(ANNEX), 1, 17, &err), AUTH_STATUS_INVALID,
                 &err);
    ck_assert_ptr_null(strstr(err.text, "110105"));
}

/* A Name under construction. */
typedef struct name_maker {
    uint8_t room[4096];
    der_writer writer;
    size_t name;
    size_t rdn;
} name_maker;

static void begin_name(name_maker *maker)
{
    maker->writer = der_writer_on(maker->room, sizeof maker->room);
    maker->name = der_open(&maker->writer, DER_SEQUENCE);
}

static void put_typed(name_maker *maker, oid type, uint8_t tag, auth_bytes value)
{
    size_t attribute = der_open(&maker->writer, DER_SEQUENCE);
    der_put_oid(&maker->writer, oid_bytes(type));
    der_put_item(&maker->writer, tag, value);
    der_close(&maker->writer, attribute);
}

static void put_rdn(name_maker *maker, oid type, uint8_t tag, auth_bytes value)
{
    size_t rdn = der_open(&maker->writer, DER_SET);
    put_typed(maker, type, tag, value);
    der_close(&maker->writer, rdn);
}

static auth_bytes end_name(name_maker *maker)
{
    der_close(&maker->writer, maker->name);
    auth_bytes name = der_written(&maker->writer);
    ck_assert_ptr_nonnull(name.data);
    return name;
}

static auth_bytes one_rdn(name_maker *maker, oid type, uint8_t tag, auth_bytes value)
{
    begin_name(maker);
    put_rdn(maker, type, tag, value);
    return end_name(maker);
}

typedef struct equal_case {
    uint8_t left_tag;
    auth_bytes left;
    uint8_t right_tag;
    auth_bytes right;
    bool is_same;
} equal_case;

#define PRINTABLE DER_PRINTABLE_STRING
#define UTF8 DER_UTF8_STRING

static const equal_case equal_cases[] = {
    {PRINTABLE, LITERAL("Root CA"), PRINTABLE, LITERAL("Root CA"), true},
    {PRINTABLE, LITERAL("Root CA"), UTF8, LITERAL("Root CA"), true},
    {PRINTABLE, LITERAL("Root CA"), UTF8, LITERAL("rOOT ca"), true},
    {PRINTABLE, LITERAL("Root CA"), PRINTABLE, LITERAL("  Root   CA "), true},
    {PRINTABLE, LITERAL("Root CA"), PRINTABLE, LITERAL("RootCA"), false},
    {PRINTABLE, LITERAL("Root CA"), PRINTABLE, LITERAL("Root CB"), false},
    {PRINTABLE, LITERAL("Root CA"), PRINTABLE, LITERAL("Root"), false},
    {PRINTABLE, LITERAL("Root"), PRINTABLE, LITERAL("Root C"), false},
    {PRINTABLE, LITERAL(""), PRINTABLE, LITERAL("   "), true},
    {PRINTABLE, LITERAL(""), PRINTABLE, LITERAL("a"), false},
    {UTF8, LITERAL("王小明"), DER_BMP_STRING, LITERAL("\x73\x8b\x5c\x0f\x66\x0e"), true},
    {UTF8, LITERAL("王小明"), DER_BMP_STRING, LITERAL("\x73\x8b\x5c\x0f\x66\x0f"), false},
    {UTF8, LITERAL("Ab"), DER_UNIVERSAL_STRING, LITERAL("\0\0\0a\0\0\0B"), true},
    {UTF8, LITERAL("M\xc3\xbcller"), DER_TELETEX_STRING, LITERAL("m\xfcLLER"), true},
    {DER_IA5_STRING, LITERAL("CN"), DER_IA5_STRING, LITERAL("cn"), true},
    /* Unicode case is not folded, so nothing is taken for the same that is not. */
    {UTF8, LITERAL("\xc3\x9c"), UTF8, LITERAL("\xc3\xbc"), false},
    /* What is no text is compared octet by octet: a NUL must not end a comparison. */
    {UTF8, LITERAL("a\0b"), UTF8, LITERAL("a\0c"), false},
    {UTF8, LITERAL("a\0b"), PRINTABLE, LITERAL("a"), false},
    {UTF8, LITERAL("\xff"), UTF8, LITERAL("\xfe"), false},
    {DER_OCTET_STRING, LITERAL("a"), DER_OCTET_STRING, LITERAL("A"), false},
};

/* Two ways to compare must agree. */
static bool is_same(auth_bytes a, auth_bytes b)
{
    auth_error err;
    x509_digest_of_name left;
    x509_digest_of_name right;
    assert_ok(x509_name_digest(a, &left, &err), &err);
    assert_ok(x509_name_digest(b, &right, &err), &err);
    ck_assert_int_eq(x509_name_digest_equal(&left, &right), x509_name_equal(a, b));
    return x509_name_equal(a, b);
}

START_TEST(names_are_compared_by_meaning)
{
    const equal_case *row = &equal_cases[_i];
    name_maker left;
    name_maker right;
    auth_bytes a = one_rdn(&left, OID_ORGANIZATION, row->left_tag, row->left);
    auth_bytes b = one_rdn(&right, OID_ORGANIZATION, row->right_tag, row->right);
    ck_assert_int_eq(is_same(a, b), row->is_same);
    ck_assert_int_eq(is_same(b, a), row->is_same);
    ck_assert(is_same(a, a) && is_same(b, b));
}

START_TEST(the_order_of_rdns_counts_and_that_within_one_does_not)
{
    name_maker makers[4];
    begin_name(&makers[0]);
    put_rdn(&makers[0], OID_COUNTRY, PRINTABLE, BYTES("CN"));
    put_rdn(&makers[0], OID_ORGANIZATION, UTF8, BYTES("A"));
    begin_name(&makers[1]);
    put_rdn(&makers[1], OID_ORGANIZATION, UTF8, BYTES("A"));
    put_rdn(&makers[1], OID_COUNTRY, PRINTABLE, BYTES("CN"));
    for (size_t i = 2; i < 4; i++) {
        begin_name(&makers[i]);
        size_t rdn = der_open(&makers[i].writer, DER_SET);
        put_typed(&makers[i], i == 2 ? OID_COUNTRY : OID_ORGANIZATION, UTF8,
                  i == 2 ? BYTES("CN") : BYTES("a"));
        put_typed(&makers[i], i == 2 ? OID_ORGANIZATION : OID_COUNTRY, UTF8,
                  i == 2 ? BYTES("A") : BYTES("CN"));
        der_close(&makers[i].writer, rdn);
    }
    auth_bytes names[4];
    for (size_t i = 0; i < 4; i++)
        names[i] = end_name(&makers[i]);
    ck_assert(!is_same(names[0], names[1]));
    ck_assert(!is_same(names[0], names[2]));
    ck_assert(is_same(names[2], names[3]));
    static const uint8_t empty[] = {0x30, 0x00};
    ck_assert(!is_same(names[0], (auth_bytes){empty, sizeof empty}));
    ck_assert(is_same((auth_bytes){empty, sizeof empty}, (auth_bytes){empty, sizeof empty}));
}

START_TEST(each_attribute_of_an_rdn_needs_a_partner_of_its_own)
{
    name_maker makers[2];
    static const char *const values[2][3] = {{"a", "a", "b"}, {"A", "b", "B"}};
    auth_bytes names[2];
    for (size_t i = 0; i < 2; i++) {
        begin_name(&makers[i]);
        size_t rdn = der_open(&makers[i].writer, DER_SET);
        for (size_t j = 0; j < 3; j++)
            put_typed(&makers[i], OID_COMMON_NAME, UTF8, auth_bytes_from_text(values[i][j]));
        der_close(&makers[i].writer, rdn);
        names[i] = end_name(&makers[i]);
    }
    ck_assert(!is_same(names[0], names[1]));
    ck_assert(!is_same(names[1], names[0]));
}

static auth_bytes crowded(name_maker *maker, size_t count, const char *value)
{
    begin_name(maker);
    size_t rdn = der_open(&maker->writer, DER_SET);
    for (size_t i = 0; i < count; i++)
        put_typed(maker, OID_COMMON_NAME, UTF8, auth_bytes_from_text(value));
    der_close(&maker->writer, rdn);
    return end_name(maker);
}

START_TEST(a_crowded_rdn_is_compared_octet_by_octet)
{
    name_maker a;
    name_maker b;
    ck_assert(is_same(crowded(&a, 16, "x"), crowded(&b, 16, "X")));
    ck_assert(!is_same(crowded(&a, 17, "x"), crowded(&b, 17, "X")));
    ck_assert(is_same(crowded(&a, 17, "x"), crowded(&b, 17, "x")));
}

/* Latin-1 takes twice the room in UTF-8, and all three headers around it grow. */
START_TEST(a_digest_has_room_for_the_longest_spelling)
{
    for (size_t len = 50; len < 300; len++) {
        name_maker maker;
        name_maker other;
        uint8_t latin[300];
        uint8_t utf8[600];
        memset(latin, 0xfc, sizeof latin);
        for (size_t i = 0; i < 2 * len; i++)
            utf8[i] = i % 2 == 0 ? 0xc3 : 0xbc;
        auth_bytes a =
            one_rdn(&maker, OID_ORGANIZATION, DER_TELETEX_STRING, (auth_bytes){latin, len});
        auth_bytes b = one_rdn(&other, OID_ORGANIZATION, UTF8, (auth_bytes){utf8, 2 * len});
        ck_assert(is_same(a, b));
        utf8[2 * len - 1] = 0xbd;
        ck_assert(
            !is_same(a, one_rdn(&other, OID_ORGANIZATION, UTF8, (auth_bytes){utf8, 2 * len})));
    }
}

static void assert_text(auth_bytes name, bool is_masked, const char *expected)
{
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_error err;
    assert_ok(auth_buf_new(8192, &out, &err), &err);
    assert_ok(is_masked ? x509_name_text_masked(name, out, &err) : x509_name_text(name, out, &err),
              &err);
    auth_bytes text = auth_buf_bytes(out);
    ck_assert_msg(auth_bytes_equal(text, auth_bytes_from_text(expected)), "%.*s", (int)text.len,
                  (const char *)text.data);
}

typedef struct shown_case {
    oid type;
    uint8_t tag;
    auth_bytes value;
    const char *text;
    const char *masked;
} shown_case;

#define CN OID_COMMON_NAME
#define SERIAL OID_SERIAL_NUMBER

static const shown_case shown_cases[] = {
    {CN, UTF8, LITERAL("Li Lei"), "CN=Li Lei", "CN=Li Lei"},
    {CN, UTF8, LITERAL("王小明"), "CN=王小明", "CN=王小明"},
    {CN, DER_BMP_STRING, LITERAL("\x73\x8b"), "CN=王", "CN=王"},
    {CN, UTF8, LITERAL("a,CN=b"), "CN=a\\,CN=b", "CN=a\\,CN=b"},
    {CN, UTF8, LITERAL(" #a \"+;<>\\ "), "CN=\\ #a \\\"\\+\\;\\<\\>\\\\\\ ",
     "CN=\\ #a \\\"\\+\\;\\<\\>\\\\\\ "},
    {CN, UTF8, LITERAL("#a"), "CN=\\#a", "CN=\\#a"},
    {CN, UTF8, LITERAL(" "), "CN=\\ ", "CN=\\ "},
    {CN, UTF8, LITERAL("a\0b"), "CN=a\\00b", "CN=a\\00b"},
    {CN, UTF8,
     LITERAL("a\xe2\x80\xae"
             "b"),
     "CN=a\\E2\\80\\AEb", "CN=a\\E2\\80\\AEb"},
    {CN, UTF8, LITERAL(""), "CN=", "CN="},
    {CN, UTF8, LITERAL("\xff"), "CN=#0c01ff", "CN=#****"},
    {CN, DER_INTEGER, LITERAL("\x01"), "CN=#020101", "CN=#****"},
    {OID_IDENTIFY_CODE, PRINTABLE, LITERAL("a"), "1.2.156.10260.4.1.1=#130161",
     "1.2.156.10260.4.1.1=#****"},
    {CN, UTF8, LITERAL("Li Lei " ANNEX), "CN=Li Lei " ANNEX, "CN=Li Lei ******************"},
    {CN, UTF8, LITERAL("李雷" ANNEX "!"), "CN=李雷" ANNEX "!", "CN=李雷******************!"},
    {CN, UTF8, LITERAL("440524188001010"), "CN=440524188001010", "CN=***************"},
    {CN, UTF8, LITERAL("440524 1880-0101 0014"), "CN=440524 1880-0101 0014",
     "CN=****** ****-**** ****"},
    {CN, UTF8, LITERAL("KAZ110090123105"), "CN=KAZ110090123105", "CN=***************"},
    {CN, UTF8,
     LITERAL("\xef\xbc\x91\xef\xbc\x91\xef\xbc\x90\xef\xbc\x91\xef\xbc\x90\xef\xbc\x95"
             "194912310021"),
     "CN=\xef\xbc\x91\xef\xbc\x91\xef\xbc\x90\xef\xbc\x91\xef\xbc\x90\xef\xbc\x95"
     "194912310021",
     "CN=******************"},
    {CN, UTF8, LITERAL("issuer 2026-01-31"), "CN=issuer 2026-01-31", "CN=issuer 2026-01-31"},
    {SERIAL, PRINTABLE, LITERAL("PNOCN-" ANNEX), "serialNumber=PNOCN-" ANNEX,
     "serialNumber=PNOCN-******************"},
    {SERIAL, PRINTABLE, LITERAL("PASCN-E12345678"), "serialNumber=PASCN-E12345678",
     "serialNumber=PASCN-*********"},
    {SERIAL, PRINTABLE, LITERAL("EI:SE-12345678"), "serialNumber=EI:SE-12345678",
     "serialNumber=EI:SE-********"},
    {SERIAL, PRINTABLE, LITERAL("E12345678"), "serialNumber=E12345678", "serialNumber=*********"},
    {SERIAL, PRINTABLE, LITERAL("node-17"), "serialNumber=node-17", "serialNumber=node-17"},
};

START_TEST(a_name_is_shown_as_rfc_4514_says_and_masked)
{
    const shown_case *row = &shown_cases[_i];
    name_maker maker;
    auth_bytes name = one_rdn(&maker, row->type, row->tag, row->value);
    assert_text(name, false, row->text);
    assert_text(name, true, row->masked);
}

START_TEST(the_newest_rdn_is_shown_first)
{
    name_maker maker;
    begin_name(&maker);
    put_rdn(&maker, OID_COUNTRY, PRINTABLE, BYTES("CN"));
    size_t rdn = der_open(&maker.writer, DER_SET);
    put_typed(&maker, OID_GIVEN_NAME, UTF8, BYTES("Lei"));
    put_typed(&maker, OID_SURNAME, UTF8, BYTES("Li"));
    der_close(&maker.writer, rdn);
    put_rdn(&maker, OID_COMMON_NAME, UTF8, BYTES("Li Lei"));
    assert_text(end_name(&maker), false, "CN=Li Lei,GN=Lei+SN=Li,C=CN");
    static const uint8_t empty[] = {0x30, 0x00};
    assert_text((auth_bytes){empty, sizeof empty}, false, "");
}

START_TEST(a_name_of_too_many_rdns_is_not_shown)
{
    name_maker maker;
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_error err;
    assert_ok(auth_buf_new(8192, &out, &err), &err);
    begin_name(&maker);
    for (int i = 0; i < X509_NAME_RDNS_MAX; i++)
        put_rdn(&maker, OID_COMMON_NAME, UTF8, BYTES("x"));
    name_maker longer = maker;
    longer.writer.room = longer.room;
    assert_ok(x509_name_text(end_name(&maker), out, &err), &err);
    auth_buf_truncate(out, 0);
    put_rdn(&longer, OID_COMMON_NAME, UTF8, BYTES("x"));
    assert_fails(x509_name_text(end_name(&longer), out, &err), AUTH_STATUS_UNSUPPORTED, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
}

static const char *const malformed_names[] = {
    "",                                 /* nothing */
    "30",                               /* no length */
    "3100",                             /* SET outside */
    "30023100",                         /* RDN without attribute */
    "30023000",                         /* SEQUENCE for the RDN */
    "300431023000",                     /* attribute without parts */
    "3009310730050603550403",           /* attribute without value */
    "300e310c300a06035504030c01410500", /* attribute with a third part */
    "300c310a300806035504030c014100",   /* octet behind the Name */
    "300d310a300806035504030c014100",   /* octet behind the RDN */
};

START_TEST(a_malformed_name_is_neither_shown_nor_equal)
{
    uint8_t room[64];
    auth_bytes name = harness_hex(malformed_names[_i], room, sizeof room);
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_error err;
    assert_ok(auth_buf_new(1024, &out, &err), &err);
    assert_fails(x509_name_text(name, out, &err), AUTH_STATUS_MALFORMED, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    x509_name_cursor cursor = x509_name_start(name);
    x509_attribute attribute;
    while (x509_name_next(&cursor, &attribute)) {
    }
    ck_assert(cursor.is_malformed);
    name_maker maker;
    ck_assert(!is_same(name, one_rdn(&maker, CN, UTF8, BYTES("A"))));
}

static auth_status show_masked(void *context)
{
    const auth_bytes *name = context;
    auth_buf *out = NULL;
    auth_status status = auth_buf_new(1024, &out, NULL);
    if (status == AUTH_STATUS_OK)
        status = x509_name_text_masked(*name, out, NULL);
    if (status != AUTH_STATUS_OK && out != NULL && auth_buf_bytes(out).len != 0)
        status = AUTH_STATUS_INTERNAL;
    auth_buf_free(out);
    return status;
}

START_TEST(a_name_survives_failing_memory)
{
    name_maker maker;
    begin_name(&maker);
    put_rdn(&maker, SERIAL, PRINTABLE, BYTES("PNOCN-" ANNEX));
    put_rdn(&maker, CN, UTF8, BYTES("a\nb"));
    auth_bytes name = end_name(&maker);
    ck_assert_uint_gt(harness_for_each_failure(show_masked, &name), 3);
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

SUITE("name", TEST_EACH(an_attribute_is_written_in_its_string_type, COUNT(attribute_cases)),
      TEST_EACH(a_text_that_deceives_is_refused_in_every_attribute, COUNT(refused_texts)),
      TEST_EACH(characters_are_counted_and_held_to_the_alphabet, COUNT(bound_cases)),
      TEST(a_refusal_does_not_repeat_the_text),
      TEST_EACH(names_are_compared_by_meaning, COUNT(equal_cases)),
      TEST(the_order_of_rdns_counts_and_that_within_one_does_not),
      TEST(each_attribute_of_an_rdn_needs_a_partner_of_its_own),
      TEST(a_crowded_rdn_is_compared_octet_by_octet),
      TEST(a_digest_has_room_for_the_longest_spelling),
      TEST_EACH(a_name_is_shown_as_rfc_4514_says_and_masked, COUNT(shown_cases)),
      TEST(the_newest_rdn_is_shown_first), TEST(a_name_of_too_many_rdns_is_not_shown),
      TEST_EACH(a_malformed_name_is_neither_shown_nor_equal, COUNT(malformed_names)),
      TEST(a_name_survives_failing_memory))
