/* SPDX-License-Identifier: Apache-2.0 */
#include "validate/names.h"
#include "x509/view.h"

#include <string.h>

#define RFC822_NAME DER_CONTEXT(1)
#define DNS_NAME DER_CONTEXT(2)
#define X400_ADDRESS DER_CONTEXT_CONSTRUCTED(3)
#define EDI_PARTY_NAME DER_CONTEXT_CONSTRUCTED(5)
#define URI DER_CONTEXT(6)
#define IP_ADDRESS DER_CONTEXT(7)

static bool is_unsafe(const der_item *name)
{
    return name->tag == X400_ADDRESS || name->tag == EDI_PARTY_NAME;
}

static bool refuse_unsafe(const char *extension, finding *found)
{
    return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                       "%s holds an x400Address or ediPartyName, which is not accepted "
                       "(CVE-2023-0286)",
                       extension);
}

bool names_are_safe(auth_bytes names, const char *extension, finding *found)
{
    der_item name;
    while (x509_next_general_name(&names, &name)) {
        if (is_unsafe(&name))
            return refuse_unsafe(extension, found);
    }
    if (names.len > 0)
        return finding_set(found, AUTH_VERDICT_REASON_EXTENSION_FORM,
                           "%s holds what is no GeneralName (RFC 5280 4.2.1.6)", extension);
    return true;
}

static auth_bytes rest_from(auth_bytes text, size_t at)
{
    return (auth_bytes){text.data + at, text.len - at};
}

static bool is_label_character(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
}

/* Labels of 1 to 63 characters with a dot between them (RFC 1034 3.5, underscores as met). */
static bool is_host(auth_bytes text)
{
    size_t label = 0;
    if (text.len == 0 || text.len > 253)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if (!is_label_character(text.data[i]) || ++label > 63) {
            return false;
        }
    }
    return label > 0;
}

/* RFC 6125 6.4.3: a wildcard is the whole left-most label. */
static bool is_wildcard(auth_bytes text)
{
    return text.len > 2 && text.data[0] == '*' && text.data[1] == '.';
}

/* A mailbox without comment or display name: one '@', something before it, a host behind it. */
static bool is_mailbox(auth_bytes text)
{
    const uint8_t *at = text.len == 0 ? NULL : memchr(text.data, '@', text.len);
    if (at == NULL || at == text.data)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f)
            return false;
    }
    return is_host(rest_from(text, (size_t)(at - text.data) + 1));
}

/* scheme ":" something (RFC 3986 3), no space or control character. */
static bool is_uri(auth_bytes text)
{
    const uint8_t *colon = text.len == 0 ? NULL : memchr(text.data, ':', text.len);
    if (colon == NULL || colon == text.data || colon == text.data + text.len - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] >= 0x7f)
            return false;
    }
    return true;
}

static bool check_alt_name(const der_item *name, finding *found)
{
    auth_bytes text = name->content;
    const char *what = NULL;
    if (name->tag == DNS_NAME && !is_host(is_wildcard(text) ? rest_from(text, 2) : text))
        what = "a dNSName is no host name (RFC 5280 4.2.1.6)";
    else if (name->tag == RFC822_NAME && !is_mailbox(text))
        what = "an rfc822Name is no mailbox (RFC 5280 4.2.1.6)";
    else if (name->tag == URI && !is_uri(text))
        what = "a uniformResourceIdentifier is no absolute URI (RFC 5280 4.2.1.6)";
    else if (name->tag == IP_ADDRESS && text.len != 4 && text.len != 16)
        what = "an iPAddress has neither 4 nor 16 octets (RFC 5280 4.2.1.6)";
    return what == NULL || finding_set(found, AUTH_VERDICT_REASON_SUBJECT_ALT_NAME, "%s", what);
}

bool names_check_subject_alt(auth_bytes value, finding *found)
{
    auth_bytes names;
    der_item name;
    if (!der_only(value, DER_SEQUENCE, &names) || names.len == 0)
        return finding_set(found, AUTH_VERDICT_REASON_SUBJECT_ALT_NAME,
                           "it is not a SEQUENCE of one name or more (RFC 5280 4.2.1.6)");
    for (size_t count = 0; x509_next_general_name(&names, &name); count++) {
        if (count == NAMES_MAX)
            return finding_set(found, AUTH_VERDICT_REASON_LIMIT,
                               "subjectAltName: more than %d names", NAMES_MAX);
        if (is_unsafe(&name))
            return refuse_unsafe("subjectAltName", found);
        if (!check_alt_name(&name, found))
            return false;
    }
    if (names.len > 0)
        return finding_set(found, AUTH_VERDICT_REASON_SUBJECT_ALT_NAME,
                           "it holds what is no GeneralName (RFC 5280 4.2.1.6)");
    return true;
}

/* A mask is ones, then zeros (RFC 4632 3.1). */
static bool is_mask(const uint8_t *mask, size_t len)
{
    bool has_ended = false;
    for (size_t bit = 0; bit < len * 8; bit++) {
        bool is_set = ((unsigned)mask[bit / 8] >> (7U - bit % 8U) & 1U) != 0;
        if (is_set && has_ended)
            return false;
        has_ended = has_ended || !is_set;
    }
    return true;
}

static bool is_address_range(auth_bytes octets)
{
    return (octets.len == 8 || octets.len == 32) &&
           is_mask(octets.data + octets.len / 2, octets.len / 2);
}

/* ".example.com" for the hosts below a domain: for mailboxes and URIs, not for dNSName. */
static bool is_domain(auth_bytes text)
{
    return is_host(text.len > 1 && text.data[0] == '.' ? rest_from(text, 1) : text);
}

static bool check_subtree_base(const der_item *base, finding *found)
{
    auth_bytes text = base->content;
    const char *what = NULL;
    if (is_unsafe(base))
        return refuse_unsafe("nameConstraints", found);
    /* The empty name stands for all of its kind. */
    if (base->tag == DNS_NAME && text.len > 0 && !is_host(text))
        what = "a dNSName is no host name: no dot in front, no wildcard";
    else if (base->tag == RFC822_NAME && text.len > 0 && !is_domain(text) && !is_mailbox(text))
        what = "an rfc822Name is neither a mailbox nor a host nor a domain";
    else if (base->tag == URI && text.len > 0 && !is_domain(text))
        what = "a uniformResourceIdentifier is neither a host nor a domain";
    else if (base->tag == IP_ADDRESS && !is_address_range(text))
        what = "an iPAddress is no address with a mask";
    return what == NULL || finding_set(found, AUTH_VERDICT_REASON_NAME_CONSTRAINTS_FORM,
                                       "%s (RFC 5280 4.2.1.10)", what);
}

/* Takes one GeneralSubtree: minimum is 0, so absent in DER, and maximum is absent. */
static bool take_subtree(auth_bytes *subtrees, der_item *base)
{
    auth_bytes subtree;
    return der_take(subtrees, DER_SEQUENCE, &subtree) && x509_next_general_name(&subtree, base) &&
           subtree.len == 0;
}

static bool check_subtrees(auth_bytes subtrees, finding *found)
{
    for (size_t count = 0; subtrees.len > 0; count++) {
        der_item base;
        if (count == NAMES_MAX)
            return finding_set(found, AUTH_VERDICT_REASON_LIMIT,
                               "nameConstraints: more than %d subtrees", NAMES_MAX);
        if (!take_subtree(&subtrees, &base))
            return finding_set(found, AUTH_VERDICT_REASON_NAME_CONSTRAINTS_FORM,
                               "a subtree is not of its form, or has a minimum or maximum "
                               "(RFC 5280 4.2.1.10)");
        if (!check_subtree_base(&base, found))
            return false;
    }
    return true;
}

static bool take_lists(auth_bytes value, auth_bytes *permitted, auth_bytes *excluded)
{
    auth_bytes content;
    return der_only(value, DER_SEQUENCE, &content) &&
           der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(0), permitted) &&
           der_take_optional(&content, DER_CONTEXT_CONSTRUCTED(1), excluded) && content.len == 0;
}

bool names_check_constraints(auth_bytes value, finding *found)
{
    auth_bytes permitted;
    auth_bytes excluded;
    if (!take_lists(value, &permitted, &excluded))
        return finding_set(found, AUTH_VERDICT_REASON_NAME_CONSTRAINTS_FORM,
                           "it is not SEQUENCE { permitted, excluded } (RFC 5280 4.2.1.10)");
    if (permitted.len == 0 && excluded.len == 0)
        return finding_set(found, AUTH_VERDICT_REASON_NAME_CONSTRAINTS_FORM,
                           "both lists are empty (RFC 5280 4.2.1.10)");
    return check_subtrees(permitted, found) && check_subtrees(excluded, found);
}

static bool ends_with(auth_bytes text, auth_bytes end)
{
    if (text.len < end.len)
        return false;
    for (size_t i = 0; i < end.len; i++) {
        uint8_t a = text.data[text.len - end.len + i];
        uint8_t b = end.data[i];
        if (a >= 'A' && a <= 'Z')
            a = (uint8_t)(a + 32);
        if (b >= 'A' && b <= 'Z')
            b = (uint8_t)(b + 32);
        if (a != b)
            return false;
    }
    return true;
}

/* domain is what follows the asterisk, with its dot in front. */
static bool is_domain_excluded(auth_bytes excluded, auth_bytes domain)
{
    der_item base;
    while (take_subtree(&excluded, &base)) {
        if (base.tag == DNS_NAME && base.content.len > domain.len &&
            ends_with(base.content, domain) &&
            memchr(base.content.data, '.', base.content.len - domain.len) == NULL)
            return true;
    }
    return false;
}

bool names_wildcard_is_excluded(auth_bytes constraints, auth_bytes subject_alt)
{
    auth_bytes permitted;
    auth_bytes excluded;
    auth_bytes names;
    der_item name;
    if (!take_lists(constraints, &permitted, &excluded) ||
        !der_only(subject_alt, DER_SEQUENCE, &names))
        return true;
    while (x509_next_general_name(&names, &name)) {
        if (name.tag == DNS_NAME && is_wildcard(name.content) &&
            is_domain_excluded(excluded, rest_from(name.content, 1)))
            return true;
    }
    return false;
}

/* Takes ":" and digits, if they are there. */
static void skip_port(auth_bytes *rest)
{
    size_t len = rest->len > 0 && rest->data[0] == ':' ? 1 : 0;
    while (len > 0 && len < rest->len && rest->data[len] >= '0' && rest->data[len] <= '9')
        len++;
    *rest = rest_from(*rest, len);
}

/* RFC 3986 3.2.2: what ends in a label of digits is an IPv4 address. */
static bool is_address(auth_bytes host)
{
    size_t at = host.len;
    while (at > 0 && host.data[at - 1] >= '0' && host.data[at - 1] <= '9')
        at--;
    return at < host.len && (at == 0 || host.data[at - 1] == '.');
}

/*
 * The host of a URI: false unless scheme "://" host [":" port] is all that stands before a path,
 * and the host is a name (RFC 5280 4.2.1.10). Programs disagree about everything else: user names,
 * escapes, a dot at the end.
 */
static bool read_uri_host(auth_bytes uri, auth_bytes *host)
{
    const uint8_t *colon = uri.len == 0 ? NULL : memchr(uri.data, ':', uri.len);
    if (colon == NULL)
        return false;
    auth_bytes rest = rest_from(uri, (size_t)(colon - uri.data) + 1);
    if (rest.len < 2 || memcmp(rest.data, "//", 2) != 0)
        return false;
    rest = rest_from(rest, 2);
    size_t len = 0;
    while (len < rest.len && (is_label_character(rest.data[len]) || rest.data[len] == '.'))
        len++;
    *host = (auth_bytes){rest.data, len};
    rest = rest_from(rest, len);
    skip_port(&rest);
    return is_host(*host) && !is_address(*host) && (rest.len == 0 || rest.data[0] == '/');
}

static bool is_host_within(auth_bytes host, auth_bytes base)
{
    if (base.len == 0)
        return true;
    return base.data[0] == '.' ? host.len > base.len && ends_with(host, base)
                               : host.len == base.len && ends_with(host, base);
}

/* Looks through one list: does it speak of URIs, and does one of its subtrees hold the host? */
static void find_host(auth_bytes subtrees, auth_bytes host, bool *is_constrained, bool *is_found)
{
    der_item base;
    while (take_subtree(&subtrees, &base)) {
        if (base.tag != URI)
            continue;
        *is_constrained = true;
        *is_found = *is_found || is_host_within(host, base.content);
    }
}

static bool is_uri_refused(auth_bytes permitted, auth_bytes excluded, auth_bytes uri)
{
    bool is_permitted = false;
    bool is_excluded = false;
    bool has_permitted = false;
    bool has_excluded = false;
    auth_bytes host = {uri.data, 0};
    bool has_host = read_uri_host(uri, &host);
    find_host(permitted, host, &has_permitted, &is_permitted);
    find_host(excluded, host, &has_excluded, &is_excluded);
    if (!has_permitted && !has_excluded)
        return false;
    return !has_host || is_excluded || (has_permitted && !is_permitted);
}

bool names_uri_is_refused(auth_bytes constraints, auth_bytes subject_alt)
{
    auth_bytes permitted;
    auth_bytes excluded;
    auth_bytes names;
    der_item name;
    if (!take_lists(constraints, &permitted, &excluded) ||
        !der_only(subject_alt, DER_SEQUENCE, &names))
        return true;
    while (x509_next_general_name(&names, &name)) {
        if (name.tag == URI && is_uri_refused(permitted, excluded, name.content))
            return true;
    }
    return false;
}
