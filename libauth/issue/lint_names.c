/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of names: string types, bounds, characters, repetition, placeholders. */
#include "issue/lint.h"
#include "x509/name.h"
#include "x509/text.h"

#include <stdio.h>
#include <string.h>

#define WHERE_SIZE 64

typedef struct name_facts {
    const char *field; /* "subject" */
    size_t attributes;
    oid seen[64];
    size_t seen_count;
} name_facts;

static void write_where(const name_facts *facts, const x509_attribute *attribute,
                        char out[WHERE_SIZE])
{
    const char *name = attribute->id == OID_UNKNOWN ? "attribute" : oid_name(attribute->id);
    (void)snprintf(out, WHERE_SIZE, "%s: %s", facts->field, name);
}

/* DirectoryString may be Printable or UTF8 (RFC 5280 4.1.2.4); others have one type. */
static bool has_right_string(const x509_attribute *attribute)
{
    uint8_t tag = x509_attribute_tag(attribute->id);
    if (!x509_is_attribute(attribute->id))
        return attribute->tag == DER_UTF8_STRING || attribute->tag == DER_PRINTABLE_STRING;
    return attribute->tag == tag ||
           (tag == DER_UTF8_STRING && attribute->tag == DER_PRINTABLE_STRING);
}

/* Counts characters; false when one is malformed, unseen or outside the alphabet. */
static bool check_characters(const x509_attribute *attribute, size_t *count)
{
    auth_bytes rest = attribute->value;
    uint32_t code = 0;
    *count = 0;
    while (x509_next_character(attribute->tag, &rest, &code)) {
        (*count)++;
        bool is_foreign = attribute->tag == DER_PRINTABLE_STRING && !x509_is_printable(code);
        if (is_foreign || x509_is_unseen(code))
            return false;
    }
    return rest.len == 0;
}

static bool is_word(auth_bytes value, const char *word)
{
    if (value.len != strlen(word))
        return false;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        if ((c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c) != word[i])
            return false;
    }
    return true;
}

/* The two Korean and American cases were "1" and "test"; ASCII without a letter or digit says
 * nothing. */
static bool is_placeholder(const x509_attribute *attribute)
{
    static const char *const words[] = {"test", "null", "none", "unknown", "n/a",
                                        "na",   "todo", "tbd",  "default", "undefined"};
    auth_bytes value = attribute->value;
    bool has_content = false;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        has_content |=
            c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    }
    bool is_place = attribute->id == OID_LOCALITY || attribute->id == OID_STATE ||
                    attribute->id == OID_ORGANIZATION;
    if (!has_content || (is_place && value.len == 1))
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (is_word(value, words[i]))
            return true;
    }
    return false;
}

static bool may_repeat(oid id)
{
    return id == OID_UNKNOWN || id == OID_ORGANIZATIONAL_UNIT || id == OID_DOMAIN_COMPONENT;
}

static bool is_seen(name_facts *facts, oid id)
{
    for (size_t i = 0; i < facts->seen_count; i++) {
        if (facts->seen[i] == id)
            return true;
    }
    if (facts->seen_count < sizeof facts->seen / sizeof facts->seen[0])
        facts->seen[facts->seen_count++] = id;
    return false;
}

static void check_attribute(lint *run, name_facts *facts, const x509_attribute *attribute)
{
    char where[WHERE_SIZE];
    size_t characters = 0;
    write_where(facts, attribute, where);
    if (!has_right_string(attribute))
        lint_report(run, LINT_NAME_STRING, where);
    if (!check_characters(attribute, &characters))
        lint_report(run, LINT_NAME_CHARACTER, where);
    if (characters == 0 || characters > x509_attribute_max(attribute->id))
        lint_report(run, LINT_NAME_BOUND, where);
    if (attribute->value.len > 0 && is_placeholder(attribute))
        lint_report(run, LINT_NAME_PLACEHOLDER, where);
    if (!may_repeat(attribute->id) && is_seen(facts, attribute->id))
        lint_report(run, LINT_NAME_TWICE, where);
}

static size_t check_name(lint *run, const char *field, auth_bytes name)
{
    name_facts facts = {.field = field};
    x509_name_cursor cursor = x509_name_start(name);
    x509_attribute attribute;
    for (; x509_name_next(&cursor, &attribute); facts.attributes++)
        check_attribute(run, &facts, &attribute);
    return facts.attributes;
}

void lint_names(lint *run)
{
    const x509_extension *names = x509_find(&run->view->extensions, OID_SUBJECT_ALT_NAME);
    if (check_name(run, "issuer", run->view->issuer) == 0)
        lint_report(run, LINT_ISSUER_EMPTY, "issuer");
    bool is_empty = check_name(run, "subject", run->view->subject) == 0;
    bool names_stand_in = names != NULL && names->is_critical && !run->is_ca;
    if (is_empty && !names_stand_in)
        lint_report(run, LINT_SUBJECT_EMPTY, "subject");
    if (!is_empty && names != NULL && names->is_critical)
        lint_report(run, LINT_ALT_CRITICAL, "subjectAltName");
    if (run->is_self_issued && !run->is_ca)
        lint_report(run, LINT_SELF_ISSUED, "subject");
}
