/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/server_name.h"
#include "x509/name.h"

#include <stdio.h>
#include <string.h>

#define DNS_NAME DER_CONTEXT(2)
#define IP_ADDRESS DER_CONTEXT(7)

static bool has_host(auth_bytes names)
{
    der_item name;
    while (x509_next_general_name(&names, &name)) {
        if (name.tag == DNS_NAME || name.tag == IP_ADDRESS)
            return true;
    }
    return false;
}

/* Letters, digits, hyphens, underscores and asterisks with a dot between: a host or an address. */
static bool looks_like_host(auth_bytes text)
{
    bool has_dot = false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        bool is_word = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!is_word && c != '-' && c != '_' && c != '*' && c != '.')
            return false;
        has_dot = has_dot || (c == '.' && i > 0 && i + 1 < text.len);
    }
    return has_dot;
}

static bool is_address(auth_bytes octets, auth_bytes text)
{
    char dotted[sizeof "255.255.255.255"];
    if (octets.len != 4)
        return false;
    (void)snprintf(dotted, sizeof dotted, "%d.%d.%d.%d", octets.data[0], octets.data[1],
                   octets.data[2], octets.data[3]);
    return auth_bytes_equal(text, auth_bytes_from_text(dotted));
}

static bool is_listed(auth_bytes names, auth_bytes text)
{
    der_item name;
    while (x509_next_general_name(&names, &name)) {
        if ((name.tag == DNS_NAME && auth_bytes_equal(name.content, text)) ||
            (name.tag == IP_ADDRESS && is_address(name.content, text)))
            return true;
    }
    return false;
}

bool server_name_check(const x509_cert_view *view, const cert_facts *facts, finding *found)
{
    auth_bytes names = {NULL, 0};
    x509_attribute attribute;
    x509_name_cursor cursor = x509_name_start(view->subject);
    if (facts->subject_alt_name == NULL ||
        !der_only(facts->subject_alt_name->value, DER_SEQUENCE, &names) || !has_host(names))
        return finding_set(found, AUTH_VERDICT_REASON_SUBJECT_ALT_NAME,
                           "a server's certificate has no dNSName and no iPAddress "
                           "(RFC 9525 4.1)");
    while (x509_name_next(&cursor, &attribute)) {
        if (attribute.id == OID_COMMON_NAME && looks_like_host(attribute.value) &&
            !is_listed(names, attribute.value))
            return finding_set(found, AUTH_VERDICT_REASON_SUBJECT_ALT_NAME,
                               "a server's common name is a host that subjectAltName does not "
                               "hold (CA/B BR 7.1.4.3)");
    }
    return true;
}
