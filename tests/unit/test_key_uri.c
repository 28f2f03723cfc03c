/* SPDX-License-Identifier: Apache-2.0 */
/* Is every PKCS#11 URI read as RFC 7512 means it, and every one that is not whole refused? */
#include "harness/harness.h"
#include "key/uri.h"

#include <stdlib.h>
#include <string.h>

#define MODULE "?module-path=/lib/m.so"

START_TEST(a_whole_uri_is_read)
{
    auth_error err;
    token_uri uri;
    assert_ok(token_uri_parse("pkcs11:token=My%20token;manufacturer=M;model=x;serial=0123%2f;"
                              "object=k%c3%a9y;id=%00%01%fF;slot-id=18446744;type=private"
                              "?module-name=softhsm2&pin-source=file:///etc/pin",
                              &uri, &err),
              &err);
    ck_assert_str_eq(uri.token, "My token");
    ck_assert_str_eq(uri.manufacturer, "M");
    ck_assert_str_eq(uri.model, "x");
    ck_assert_str_eq(uri.serial, "0123/");
    ck_assert_str_eq(uri.object, "k\xc3\xa9y");
    assert_bytes(((auth_bytes){uri.id, uri.id_len}), BYTES("\x00\x01\xff"));
    ck_assert(uri.has_slot_id);
    ck_assert_uint_eq(uri.slot_id, 18446744);
    ck_assert_str_eq(uri.module_name, "softhsm2");
    ck_assert_str_eq(uri.module_path, "");
    ck_assert_str_eq(uri.pin_source, "/etc/pin");
}
END_TEST

START_TEST(what_is_not_given_is_empty)
{
    auth_error err;
    token_uri uri;
    assert_ok(token_uri_parse("pkcs11:slot-id=0;id=%20" MODULE, &uri, &err), &err);
    ck_assert_str_eq(uri.token, "");
    ck_assert_str_eq(uri.serial, "");
    ck_assert_str_eq(uri.object, "");
    ck_assert_str_eq(uri.pin_source, "");
    ck_assert_str_eq(uri.module_path, "/lib/m.so");
    ck_assert(uri.has_slot_id);
    ck_assert_uint_eq(uri.slot_id, 0);
}
END_TEST

typedef struct uri_row {
    const char *text;
    auth_status status;
    const char *says;
} uri_row;

static const uri_row good[] = {
    {"pkcs11:serial=1;object=k" MODULE, AUTH_STATUS_OK, ""},
    {"pkcs11:object=k;token=t" MODULE, AUTH_STATUS_OK, ""},
    {"pkcs11:object=a:[]@!$'()*+,=&b;token=-._~" MODULE, AUTH_STATUS_OK, ""},
    {"pkcs11:token=t;object=k" MODULE "&pin-source=/etc/pin", AUTH_STATUS_OK, ""},
    {"pkcs11:token=t;object=k" MODULE "&pin-source=file:/etc/pin", AUTH_STATUS_OK, ""},
    {"pkcs11:token=12345678901234567890123456789012;object=k" MODULE, AUTH_STATUS_OK, ""},
};

static const uri_row bad[] = {
    {"", AUTH_STATUS_MALFORMED, "pkcs11:"},
    {"/etc/key.pem", AUTH_STATUS_MALFORMED, "pkcs11:"},
    {"PKCS11:token=t;object=k" MODULE, AUTH_STATUS_MALFORMED, "pkcs11:"},
    {"pkcs11:", AUTH_STATUS_MALFORMED, "module"},
    {"pkcs11:token=t;object=k", AUTH_STATUS_MALFORMED, "module"},
    {"pkcs11:token=t;object=k" MODULE "&module-name=x", AUTH_STATUS_MALFORMED, "module"},
    {"pkcs11:token=t;object=k?module-path=m.so", AUTH_STATUS_MALFORMED, "absolute"},
    {"pkcs11:token=t;object=k?module-name=../m", AUTH_STATUS_MALFORMED, "module-name"},
    {"pkcs11:token=t;object=k?module-name=a%2Fb", AUTH_STATUS_MALFORMED, "module-name"},
    {"pkcs11:object=k" MODULE, AUTH_STATUS_MALFORMED, "slot-id"},
    {"pkcs11:token=t" MODULE, AUTH_STATUS_MALFORMED, "object or id"},
    {"pkcs11:token=t;token=u;object=k" MODULE, AUTH_STATUS_MALFORMED, "twice"},
    {"pkcs11:token=t;object=k;id=%01;id=%02" MODULE, AUTH_STATUS_MALFORMED, "twice"},
    {"pkcs11:slot-id=1;slot-id=1;object=k" MODULE, AUTH_STATUS_MALFORMED, "twice"},
    {"pkcs11:token=t;object=k" MODULE "&module-path=/lib/m.so", AUTH_STATUS_MALFORMED, "twice"},
    {"pkcs11:token=;object=k" MODULE, AUTH_STATUS_MALFORMED, "empty"},
    {"pkcs11:token;object=k" MODULE, AUTH_STATUS_MALFORMED, "without '='"},
    {"pkcs11:;object=k" MODULE, AUTH_STATUS_MALFORMED, "without '='"},
    {"pkcs11:token=t;object=k;id=" MODULE, AUTH_STATUS_MALFORMED, "empty"},
    {"pkcs11:token=a%0;object=k" MODULE, AUTH_STATUS_MALFORMED, "percent"},
    {"pkcs11:token=a%;object=k" MODULE, AUTH_STATUS_MALFORMED, "percent"},
    {"pkcs11:token=a%0g;object=k" MODULE, AUTH_STATUS_MALFORMED, "percent"},
    {"pkcs11:token=a%00b;object=k" MODULE, AUTH_STATUS_MALFORMED, "NUL"},
    {"pkcs11:token=a b;object=k" MODULE, AUTH_STATUS_MALFORMED, "percent"},
    {"pkcs11:token=a\xc3\xa9;object=k" MODULE, AUTH_STATUS_MALFORMED, "percent"},
    {"pkcs11:token=a#b;object=k" MODULE, AUTH_STATUS_MALFORMED, "percent"},
    {"pkcs11:token=a/b;object=k" MODULE, AUTH_STATUS_MALFORMED, "percent"},
    {"pkcs11:token=123456789012345678901234567890123;object=k" MODULE, AUTH_STATUS_MALFORMED,
     "room"},
    {"pkcs11:serial=12345678901234567;object=k" MODULE, AUTH_STATUS_MALFORMED, "room"},
    {"pkcs11:slot-id=x;object=k" MODULE, AUTH_STATUS_MALFORMED, "decimal"},
    {"pkcs11:slot-id=-1;object=k" MODULE, AUTH_STATUS_MALFORMED, "decimal"},
    {"pkcs11:slot-id=;object=k" MODULE, AUTH_STATUS_MALFORMED, "decimal"},
    {"pkcs11:slot-id=1234567890123456789;object=k" MODULE, AUTH_STATUS_MALFORMED, "decimal"},
    {"pkcs11:token=t;object=k" MODULE "&pin-source=pin", AUTH_STATUS_MALFORMED, "absolute"},
    {"pkcs11:token=t;object=k" MODULE "&pin-source=|/bin/sh", AUTH_STATUS_MALFORMED, "absolute"},
    {"pkcs11:token=t;object=k" MODULE "&pin-source=http://a/b", AUTH_STATUS_MALFORMED, "absolute"},
    {"pkcs11:token=t;object=k" MODULE "&pin-value=1234", AUTH_STATUS_UNSUPPORTED, "pin-source"},
    {"pkcs11:token=t;object=k;type=public" MODULE, AUTH_STATUS_UNSUPPORTED, "private"},
    {"pkcs11:token=t;object=k;library-version=1" MODULE, AUTH_STATUS_UNSUPPORTED, "library"},
    {"pkcs11:token=t;object=k;module-path=m" MODULE, AUTH_STATUS_UNSUPPORTED, "this part"},
    {"pkcs11:object=k" MODULE "&token=t", AUTH_STATUS_UNSUPPORTED, "this part"},
};

START_TEST(a_uri_is_taken)
{
    auth_error err;
    token_uri uri;
    assert_ok(token_uri_parse(good[_i].text, &uri, &err), &err);
}
END_TEST

START_TEST(a_uri_is_refused)
{
    auth_error err;
    token_uri uri;
    memset(&uri, 0x5a, sizeof uri);
    token_uri before = uri;
    assert_fails(token_uri_parse(bad[_i].text, &uri, &err), bad[_i].status, &err);
    ck_assert_msg(strstr(err.text, bad[_i].says) != NULL, "'%s' does not hold '%s'", err.text,
                  bad[_i].says);
    ck_assert_mem_eq(&uri, &before, sizeof uri);
    /* A PIN that was in it by mistake is not repeated. */
    ck_assert_ptr_null(strstr(err.text, "1234"));
}
END_TEST

START_TEST(an_id_has_at_most_64_octets)
{
    auth_error err;
    token_uri uri;
    for (size_t len = 64; len <= 65; len++) {
        char text[400] = "pkcs11:token=t;id=";
        for (size_t i = 0; i < len; i++)
            strcat(text, "%ab");
        strcat(text, MODULE);
        if (len == 64)
            assert_ok(token_uri_parse(text, &uri, &err), &err);
        else
            assert_fails(token_uri_parse(text, &uri, &err), AUTH_STATUS_MALFORMED, &err);
    }
    ck_assert_uint_eq(uri.id_len, 64);
}
END_TEST

#define COUNT(rows) (sizeof(rows) / sizeof(rows)[0])

SUITE("key_uri", TEST(a_whole_uri_is_read), TEST(what_is_not_given_is_empty),
      TEST_EACH(a_uri_is_taken, COUNT(good)), TEST_EACH(a_uri_is_refused, COUNT(bad)),
      TEST(an_id_has_at_most_64_octets))
