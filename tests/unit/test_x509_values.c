/* SPDX-License-Identifier: Apache-2.0 */
/* Do extension values say what they say, and is one that is not of its form told apart, never half
 * read? */
#include "harness/harness.h"
#include "unit/der_notation.h"
#include "x509/view.h"

#include <stdio.h>
#include <string.h>

/* Reads a value and writes what it says into out; false when it is not of its form. */
typedef bool reader(auth_bytes value, char *out, size_t size);

static bool read_constraints(auth_bytes value, char *out, size_t size)
{
    x509_basic_constraints found = {0};
    if (!x509_read_basic_constraints(value, &found))
        return false;
    (void)snprintf(out, size, "%s %s %llu", found.is_ca ? "ca" : "leaf",
                   found.has_path_len ? "length" : "-", (unsigned long long)found.path_len);
    return true;
}

static bool read_usage(auth_bytes value, char *out, size_t size)
{
    uint32_t bits = 0;
    bool is_read = x509_read_key_usage(value, &bits);
    (void)snprintf(out, size, "%x", bits);
    return is_read;
}

typedef struct purposes {
    char *out;
    size_t size;
    int left; /* how many are visited before it stops */
} purposes;

static bool note_purpose(void *context, auth_bytes type)
{
    purposes *to = context;
    size_t len = strlen(to->out);
    (void)snprintf(to->out + len, to->size - len, "%s;", oid_name(oid_find(type)));
    return --to->left > 0;
}

static bool read_purposes(auth_bytes value, char *out, size_t size)
{
    purposes to = {out, size, 100};
    return x509_read_extended_key_usage(value, note_purpose, &to);
}

static bool read_first_purpose(auth_bytes value, char *out, size_t size)
{
    purposes to = {out, size, 1};
    return x509_read_extended_key_usage(value, note_purpose, &to);
}

static bool has_client(auth_bytes value, char *out, size_t size)
{
    bool has = false;
    bool is_read = x509_has_extended_key_usage(value, OID_CLIENT_AUTH, &has);
    (void)snprintf(out, size, "%d", has);
    return is_read;
}

static bool say_octets(auth_bytes octets, char *out, size_t size)
{
    size_t len = 0;
    if (octets.data == NULL) {
        (void)snprintf(out, size, "-");
        return true;
    }
    out[0] = '\0';
    for (size_t i = 0; i < octets.len; i++)
        len += (size_t)snprintf(out + len, size - len, "%02x", octets.data[i]);
    return true;
}

static bool say_text(auth_bytes text, char *out, size_t size)
{
    (void)snprintf(out, size, "%.*s", text.data == NULL ? 1 : (int)text.len,
                   text.data == NULL ? "-" : (const char *)text.data);
    return true;
}

static bool read_key_id(auth_bytes value, char *out, size_t size)
{
    auth_bytes id;
    return x509_read_key_identifier(value, &id) && say_octets(id, out, size);
}

static bool read_authority_id(auth_bytes value, char *out, size_t size)
{
    auth_bytes id;
    return x509_read_authority_key_identifier(value, &id) && say_octets(id, out, size);
}

static bool read_authority_serial(auth_bytes value, char *out, size_t size)
{
    x509_authority_key key;
    return x509_read_authority_key(value, &key) && say_octets(key.serial, out, size);
}

static bool read_crl_uri(auth_bytes value, char *out, size_t size)
{
    auth_bytes uri;
    return x509_read_distribution_uri(value, &uri) && say_text(uri, out, size);
}

static bool read_ocsp_uri(auth_bytes value, char *out, size_t size)
{
    auth_bytes uri;
    return x509_read_access_uri(value, OID_AD_OCSP, &uri) && say_text(uri, out, size);
}

/* GeneralNames: the tags, in their order. */
static bool read_names(auth_bytes value, char *out, size_t size)
{
    auth_bytes names;
    der_item name;
    size_t len = 0;
    if (!der_only(value, DER_SEQUENCE, &names))
        return false;
    while (x509_next_general_name(&names, &name))
        len += (size_t)snprintf(out + len, size - len, "%02x;", name.tag);
    return names.len == 0;
}

typedef struct value_case {
    reader *read;
    const char *value; /* in the notation of der_notation.h */
    const char *says;  /* NULL: not of its form */
} value_case;

#define CLIENT "06{2b06010505070302}"
#define SERVER "06{2b06010505070301}"
#define HTTP_A "86{687474703a2f2f61}"    /* http://a */
#define HTTPS_B "86{48747470533a2f2f62}" /* HttpS://b */
#define LDAP "86{6c6461703a2f2f61}"
#define OCSP "06{2b06010505073001}"
#define ISSUERS "06{2b06010505073002}"
#define NAME "30{31{30{06{550403}0c{41}}}}"

static const value_case value_cases[] = {
    {read_constraints, "3000", "leaf - 0"},
    {read_constraints, "30{0101ff}", "ca - 0"},
    {read_constraints, "30{010100}", "leaf - 0"}, /* the default, written, as in the field */
    {read_constraints, "30{0101ff020100}", "ca length 0"},
    {read_constraints, "30{0101ff02{0080}}", "ca length 128"},
    {read_constraints, "30{020105}", "leaf length 5"},
    {read_constraints, "30{0101ff02{00ffffffffffffffff}}", "ca length 18446744073709551615"},
    {read_constraints, "30{0101ff02{010000000000000000}}", NULL},
    {read_constraints, "30{0101ff0201ff}", NULL},
    {read_constraints, "30{010101}", NULL},
    {read_constraints, "30{0201000101ff}", NULL},
    {read_constraints, "30{0101ff0201000500}", NULL},
    {read_constraints, "30000500", NULL},
    {read_constraints, "3100", NULL},
    {read_constraints, "", NULL},

    {read_usage, "03{0780}", "1"},
    {read_usage, "03{05a0}", "5"},
    {read_usage, "03{0106}", "60"},
    {read_usage, "03{070080}", "100"},
    {read_usage, "03{0080}", "1"}, /* spare zero bits, as in the field */
    {read_usage, "03{00}", "0"},
    {read_usage, "03{0000000001}", "80000000"},
    {read_usage, "03{000000000001}", NULL},
    {read_usage, "03{0781}", NULL},
    {read_usage, "03{07}", NULL},
    {read_usage, "04{0780}", NULL},
    {read_usage, "03{0780}0500", NULL},

    {read_purposes, "30{" CLIENT SERVER "}", "clientAuth;serverAuth;"},
    {read_purposes, "3000", NULL},
    {read_purposes, "30{" CLIENT "0500}", NULL},
    {read_purposes, "30{0600}", NULL},
    {read_purposes, "30{" CLIENT "}0500", NULL},
    {read_purposes, "31{" CLIENT "}", NULL},
    {read_first_purpose, "30{" CLIENT SERVER "}", "clientAuth;"},
    {has_client, "30{" SERVER CLIENT "}", "1"},
    {has_client, "30{" SERVER "}", "0"},
    {has_client, "30{" CLIENT "0500}", NULL},
    {has_client, "30{06{2b0601050507030200}}", "0"},

    {read_key_id, "04{0102}", "0102"},
    {read_key_id, "0400", ""},
    {read_key_id, "04{0102}00", NULL},
    {read_key_id, "80{0102}", NULL},

    {read_authority_id, "30{80{0102}}", "0102"},
    {read_authority_id, "3000", "-"},
    {read_authority_id, "30{a1{a4{" NAME "}}82{05}}", "-"},
    {read_authority_serial, "30{80{01}a1{a4{" NAME "}}82{05}}", "05"},
    {read_authority_id, "30{80{01}a1{a4{" NAME "}}}", NULL}, /* issuer without serial */
    {read_authority_id, "30{80{01}82{05}}", NULL},
    {read_authority_id, "30{80{01}a1{}82{05}}", NULL},
    {read_authority_id, "30{80{01}a1{0500}82{05}}", NULL},
    {read_authority_id, "30{80{01}a1{a4{" NAME "}}82{0005}}", NULL},
    {read_authority_id, "30{80{01}a1{a4{" NAME "}}82{}}", NULL},
    {read_authority_id, "30{82{05}80{01}}", NULL},
    {read_authority_id, "30{80{01}80{01}}", NULL},
    {read_authority_id, "30{a0{01}}", NULL},
    {read_authority_id, "30{80{01}}0500", NULL},

    {read_crl_uri, "30{30{a0{a0{" HTTP_A "}}}}", "http://a"},
    {read_crl_uri, "30{30{a0{a0{" LDAP HTTPS_B "}}}}", "HttpS://b"},
    {read_crl_uri, "30{30{a0{a0{" LDAP "}}}}", "-"},
    {read_crl_uri, "30{30{a0{a0{" LDAP "}}}30{a0{a0{" HTTP_A "}}}}", "http://a"},
    {read_crl_uri, "30{30{a0{a0{" HTTP_A "}}}30{a0{a0{" HTTPS_B "}}}}", "http://a"},
    {read_crl_uri, "30{30{a0{a0{86{687474703a2f2f}}}}}", "-"}, /* no host */
    {read_crl_uri, "30{30{a0{a1{30{06{550403}0c{41}}}}}}", "-"},
    {read_crl_uri, "30{30{81{0140}a2{a4{" NAME "}}}}", "-"},
    {read_crl_uri, "30{3000}", "-"},
    {read_crl_uri, "3000", NULL},
    {read_crl_uri, "30{30{a0{}}}", NULL},
    {read_crl_uri, "30{30{a0{a0{}}}}", NULL},
    {read_crl_uri, "30{30{a0{a0{" HTTP_A "}a1{}}}}", NULL},
    {read_crl_uri, "30{30{a0{a0{" HTTP_A "}}}0500}", NULL},
    {read_crl_uri, "30{30{a0{a0{" HTTP_A "}}0500}}", NULL},
    {read_crl_uri, "30{30{a2{}}}", NULL},
    {read_crl_uri, "30{30{a0{a0{89{61}}}}}", NULL},

    {read_ocsp_uri, "30{30{" OCSP HTTP_A "}}", "http://a"},
    {read_ocsp_uri, "30{30{" ISSUERS HTTP_A "}30{" OCSP HTTPS_B "}}", "HttpS://b"},
    {read_ocsp_uri, "30{30{" ISSUERS HTTP_A "}}", "-"},
    {read_ocsp_uri, "30{30{" OCSP LDAP "}30{" OCSP HTTP_A "}}", "http://a"},
    {read_ocsp_uri, "3000", NULL},
    {read_ocsp_uri, "30{30{" OCSP "}}", NULL},
    {read_ocsp_uri, "30{30{" OCSP HTTP_A HTTP_A "}}", NULL},
    {read_ocsp_uri, "30{30{" OCSP HTTP_A "}0500}", NULL},

    {read_names, "30{a0{06{2a}a0{0500}}81{61}82{61}a300a4{" NAME "}a50086{61}87{7f000001}88{2a}}",
     "a0;81;82;a3;a4;a5;86;87;88;"},
    {read_names, "30{8100}", "81;"},
    {read_names, "30{89{61}}", NULL},
    {read_names, "30{80{61}}", NULL},
    {read_names, "30{81{80}}", NULL}, /* beyond IA5String */
    {read_names, "30{82{c3bc}}", NULL},
    {read_names, "30{86{ff}}", NULL},
    {read_names, "30{a0{06{2a}}}", NULL},
    {read_names, "30{a0{06{2a}a0{}}}", NULL},
    {read_names, "30{a0{06{2a}a0{05000500}}}", NULL},
    {read_names, "30{a0{06{2a}a0{0500}0500}}", NULL},
    {read_names, "30{a0{0600a0{0500}}}", NULL},
    {read_names, "30{a4{3000}}", "a4;"},
    {read_names, "30{a4{30{3100}}}", NULL},
    {read_names, "30{a4{" NAME "0500}}", NULL},
    {read_names, "30{8800}", NULL},
    {read_names, "30{88{80}}", NULL},
};

START_TEST(a_value_says_what_it_says_or_is_not_of_its_form)
{
    const value_case *row = &value_cases[_i];
    uint8_t room[DER_NOTATION_MAX];
    char out[256] = "";
    bool is_read = row->read(der_notation(row->value, room), out, sizeof out);
    ck_assert_msg(is_read == (row->says != NULL), "%s", row->value);
    if (is_read)
        ck_assert_str_eq(out, row->says);
}

START_TEST(a_value_that_is_refused_changes_nothing)
{
    x509_basic_constraints constraints = {true, true, 7};
    uint32_t bits = 7;
    bool has = true;
    auth_bytes before = BYTES("x");
    auth_bytes octets = before;
    auth_bytes bad = BYTES("\x30\x01");
    ck_assert(!x509_read_basic_constraints(bad, &constraints));
    ck_assert(!x509_read_key_usage(bad, &bits));
    ck_assert(!x509_has_extended_key_usage(bad, OID_CLIENT_AUTH, &has));
    ck_assert(!x509_read_key_identifier(bad, &octets));
    ck_assert(!x509_read_authority_key_identifier(bad, &octets));
    ck_assert(!x509_read_distribution_uri(bad, &octets));
    ck_assert(!x509_read_access_uri(bad, OID_AD_OCSP, &octets));
    ck_assert(constraints.is_ca && constraints.path_len == 7 && bits == 7 && has);
    ck_assert_ptr_eq(octets.data, before.data);
}

START_TEST(an_other_name_gives_type_and_value)
{
    uint8_t room[DER_NOTATION_MAX];
    auth_bytes type;
    auth_bytes value;
    ck_assert(x509_read_other_name(der_notation("06{2a03}a0{0c{61}}", room), &type, &value));
    assert_bytes(type, BYTES("\x2a\x03"));
    assert_bytes(value, BYTES("\x0c\x01\x61"));
}

START_TEST(an_oid_too_long_for_its_text_has_another)
{
    uint8_t octets[64];
    memset(octets, 0x7f, sizeof octets);
    char text[X509_OID_TEXT_SIZE];
    x509_oid_text((auth_bytes){octets, sizeof octets}, text);
    ck_assert_str_eq(text, "(long OID)");
    x509_oid_text(BYTES("\x55\x04\x03"), text);
    ck_assert_str_eq(text, "2.5.4.3");
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

SUITE("x509_values", TEST_EACH(a_value_says_what_it_says_or_is_not_of_its_form, COUNT(value_cases)),
      TEST(a_value_that_is_refused_changes_nothing), TEST(an_other_name_gives_type_and_value),
      TEST(an_oid_too_long_for_its_text_has_another))
