/* SPDX-License-Identifier: Apache-2.0 */
/* Is what an officer's certificate says of him read as it stands there, and nothing taken for it?
 */
#include "harness/harness.h"

#include "registry/subject.h"

#include <auth/name.h>

/* Two characters of three octets: twelve times that is longer than an identifier. */
#define LETTER "\xe7\x9c\x81\xe7\x9c\x81"

typedef struct attribute {
    const char *type;
    const char *value;
} attribute;

static auth_name *name_of(const attribute *attributes, size_t count)
{
    auth_error err;
    auth_name *name = NULL;
    assert_ok(auth_name_new(&name, &err), &err);
    for (size_t i = 0; i < count; i++)
        assert_ok(auth_name_add(name, attributes[i].type, auth_bytes_from_text(attributes[i].value),
                                &err),
                  &err);
    return name;
}

#define NAME_OF(...)                                                                               \
    name_of((const attribute[]){__VA_ARGS__},                                                      \
            sizeof((const attribute[]){__VA_ARGS__}) / sizeof(attribute))

START_TEST(the_four_attributes_are_read)
{
    auth_error err;
    registry_subject subject;
    AUTH_AUTO(auth_name) *name =
        NAME_OF({"C", "CN"}, {"O", "shaanxi"}, {"OU", "xian"}, {"title", "clerk"},
                {"UID", "clerk-7"}, {"CN", "Zhang San"});
    assert_ok(registry_subject_read(auth_name_der(name), &subject, &err), &err);
    ck_assert_str_eq(subject.realm, "shaanxi");
    ck_assert_str_eq(subject.office, "xian");
    ck_assert_str_eq(subject.role, "clerk");
    ck_assert_str_eq(subject.officer, "clerk-7");
}
END_TEST

/* A person may be called what she likes: separators in a value are escaped in the text. */
START_TEST(a_value_is_no_attribute)
{
    auth_error err;
    registry_subject subject;
    AUTH_AUTO(auth_name) *name =
        NAME_OF({"UID", "clerk-7"}, {"CN", "x,title=admin+OU=centre\\,UID=root"});
    assert_ok(registry_subject_read(auth_name_der(name), &subject, &err), &err);
    ck_assert_str_eq(subject.officer, "clerk-7");
    ck_assert_str_eq(subject.role, "");
    ck_assert_str_eq(subject.office, "");
}
END_TEST

START_TEST(an_attribute_stands_there_once)
{
    auth_error err;
    registry_subject subject = {.officer = "before"};
    AUTH_AUTO(auth_name) *name = NAME_OF({"title", "clerk"}, {"title", "admin"});
    assert_fails(registry_subject_read(auth_name_der(name), &subject, &err), AUTH_STATUS_CONFLICT,
                 &err);
    ck_assert_str_eq(subject.officer, "before");
}
END_TEST

START_TEST(what_is_too_long_is_none)
{
    auth_error err;
    registry_subject subject;
    AUTH_AUTO(auth_name) *name = NAME_OF(
        {"O", LETTER LETTER LETTER LETTER LETTER LETTER LETTER LETTER LETTER LETTER LETTER LETTER});
    assert_ok(registry_subject_read(auth_name_der(name), &subject, &err), &err);
    ck_assert_str_eq(subject.realm, "");
}
END_TEST

SUITE("registry_subject", TEST(the_four_attributes_are_read), TEST(a_value_is_no_attribute),
      TEST(an_attribute_stands_there_once), TEST(what_is_too_long_is_none))
