/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of names and URIs, for profiles, requests and lint alike. */
#include "profile/profile.h"

#include <string.h>

static const struct {
    const char *text;
    uint8_t tag;
} kinds[PROFILE_NAMES_MAX] = {
    [PROFILE_NAME_DNS] = {"dns", DER_CONTEXT(2)},
    [PROFILE_NAME_EMAIL] = {"email", DER_CONTEXT(1)},
    [PROFILE_NAME_URI] = {"uri", DER_CONTEXT(6)},
    [PROFILE_NAME_IP] = {"ip", DER_CONTEXT(7)},
};

uint8_t profile_name_tag(profile_name_kind kind) { return kinds[kind].tag; }

const char *profile_name_kind_text(profile_name_kind kind) { return kinds[kind].text; }

bool profile_name_of_tag(uint8_t tag, profile_name_kind *out)
{
    for (size_t i = 0; i < PROFILE_NAMES_MAX; i++) {
        if (kinds[i].tag == tag) {
            *out = (profile_name_kind)i;
            return true;
        }
    }
    return false;
}

static bool is_alphanumeric(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* Letters, digits and inner hyphens, 1 to 63 octets (RFC 1034 3.5, RFC 1123 2.1). */
static bool is_label(auth_bytes label)
{
    if (label.len == 0 || label.len > 63 || label.data[0] == '-' ||
        label.data[label.len - 1] == '-')
        return false;
    for (size_t i = 0; i < label.len; i++) {
        if (!is_alphanumeric(label.data[i]) && label.data[i] != '-')
            return false;
    }
    return true;
}

/* A leading "*." is taken as RFC 6125 6.4.3 reads it: one label, never a whole domain. */
static bool is_dns_name(auth_bytes name)
{
    bool is_wild = name.len > 2 && name.data[0] == '*' && name.data[1] == '.';
    if (is_wild)
        name = (auth_bytes){name.data + 2, name.len - 2};
    if (name.len == 0 || name.len > 253)
        return false;
    size_t labels = 0;
    size_t start = 0;
    bool is_all_digits = true; /* of the last label: then it is an address */
    for (size_t i = 0; i <= name.len; i++) {
        if (i < name.len && name.data[i] != '.')
            continue;
        if (!is_label((auth_bytes){name.data + start, i - start}))
            return false;
        is_all_digits = true;
        for (size_t k = start; k < i; k++)
            is_all_digits = is_all_digits && name.data[k] >= '0' && name.data[k] <= '9';
        labels++;
        start = i + 1;
    }
    return !is_all_digits && (!is_wild || labels >= 2);
}

/* Local-part "@" domain in ASCII; quoted local parts are refused (RFC 5280 4.2.1.6). */
static bool is_email(auth_bytes text)
{
    static const char specials[] = "!#$%&'*+-/=?^_`{|}~.";
    const uint8_t *at = text.len == 0 ? NULL : memchr(text.data, '@', text.len);
    if (at == NULL)
        return false;
    auth_bytes local = {text.data, (size_t)(at - text.data)};
    auth_bytes domain = {at + 1, text.len - local.len - 1};
    if (local.len == 0 || local.len > 64 || local.data[0] == '.' ||
        local.data[local.len - 1] == '.' || domain.len == 0 || domain.data[0] == '*')
        return false;
    for (size_t i = 0; i < local.len; i++) {
        uint8_t c = local.data[i];
        if (!is_alphanumeric(c) && (c == 0 || strchr(specials, c) == NULL))
            return false;
        if (c == '.' && local.data[i + 1] == '.')
            return false;
    }
    return is_dns_name(domain);
}

static bool starts_with(auth_bytes text, const char *prefix)
{
    size_t len = strlen(prefix);
    return text.len > len && memcmp(text.data, prefix, len) == 0;
}

static size_t scheme_len(auth_bytes text)
{
    size_t len = 0;
    while (len < text.len &&
           (is_alphanumeric(text.data[len]) || (len > 0 && text.data[len] == '-')))
        len++;
    return len > 0 && len + 1 < text.len && text.data[len] == ':' ? len : 0;
}

/* RFC 3986 section 2: neither space nor control nor a character that must be escaped. */
static bool has_uri_characters(auth_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}", c) != NULL)
            return false;
    }
    return true;
}

bool profile_is_uri(auth_bytes text, bool takes_https)
{
    size_t host = starts_with(text, "http://")                   ? 7
                  : takes_https && starts_with(text, "https://") ? 8
                                                                 : 0;
    return host > 0 && text.len < PROFILE_URI_SIZE && has_uri_characters(text) &&
           (is_alphanumeric(text.data[host]) || text.data[host] == '[');
}

auth_status profile_check_name(profile_name_kind kind, auth_bytes value, auth_error *err)
{
    switch (kind) {
    case PROFILE_NAME_DNS:
        if (is_dns_name(value))
            return AUTH_STATUS_OK;
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "subjectAltName: not a DNS name (RFC 5280 4.2.1.6, RFC 1123 2.1); "
                              "write it in ASCII, international names as xn--");
    case PROFILE_NAME_EMAIL:
        if (value.len <= 254 && is_email(value))
            return AUTH_STATUS_OK;
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "subjectAltName: not an e-mail address in ASCII (RFC 5280 4.2.1.6); "
                              "write local@domain");
    case PROFILE_NAME_URI:
        if (value.len <= 2048 && scheme_len(value) > 0 && has_uri_characters(value))
            return AUTH_STATUS_OK;
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "subjectAltName: not an absolute URI in ASCII (RFC 5280 4.2.1.6); "
                              "write scheme:...");
    case PROFILE_NAME_IP:
        break;
    }
    if (value.len == 4 || value.len == 16)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "subjectAltName: an address has 4 or 16 octets (RFC 5280 4.2.1.6), not "
                          "%zu; give it in network order",
                          value.len);
}

/* Appends octets and keeps the text below its size; false when it does not fit. */
static bool append(char out[PROFILE_URI_SIZE], size_t *len, const char *text, size_t more)
{
    if (more >= PROFILE_URI_SIZE - *len)
        return false;
    memcpy(out + *len, text, more);
    *len += more;
    return true;
}

static void write_issuer(auth_bytes key_id, char out[PROFILE_ISSUER_TEXT_LEN], size_t *len)
{
    static const char digits[] = "0123456789abcdef";
    *len = 0;
    for (size_t i = 0; i < key_id.len && i < AUTH_KEY_ID_SIZE; i++) {
        out[(*len)++] = digits[key_id.data[i] >> 4];
        out[(*len)++] = digits[key_id.data[i] & 15U];
    }
}

static void write_shard(uint32_t shard, char out[10], size_t *len)
{
    char reversed[10];
    size_t count = 0;
    do {
        reversed[count++] = (char)('0' + shard % 10);
        shard /= 10;
    } while (shard > 0);
    for (*len = 0; *len < count; (*len)++)
        out[*len] = reversed[count - 1 - *len];
}

#define ISSUER_PLACE "{issuer}"
#define SHARD_PLACE "{shard}"

static bool is_place(const char *at, const char *place)
{
    return strncmp(at, place, strlen(place)) == 0;
}

bool profile_expand_uri(const char *uri, auth_bytes issuer_key_id, uint32_t shard,
                        char out[PROFILE_URI_SIZE], size_t *len)
{
    char issuer_text[PROFILE_ISSUER_TEXT_LEN];
    char shard_text[10];
    size_t issuer_len = 0;
    size_t shard_len = 0;
    write_issuer(issuer_key_id, issuer_text, &issuer_len);
    write_shard(shard, shard_text, &shard_len);
    *len = 0;
    while (*uri != '\0') {
        bool fits = true;
        if (is_place(uri, ISSUER_PLACE)) {
            fits = append(out, len, issuer_text, issuer_len);
            uri += sizeof ISSUER_PLACE - 1;
        } else if (is_place(uri, SHARD_PLACE)) {
            fits = append(out, len, shard_text, shard_len);
            uri += sizeof SHARD_PLACE - 1;
        } else {
            fits = append(out, len, uri++, 1);
        }
        if (!fits)
            return false;
    }
    return true;
}

/* Reads a shard's digits at the start of text, as write_shard writes them. */
static bool read_shard(auth_bytes text, uint32_t *out)
{
    uint64_t value = 0;
    size_t i = 0;
    for (; i < text.len && i < 10 && text.data[i] >= '0' && text.data[i] <= '9'; i++)
        value = value * 10 + (uint64_t)(text.data[i] - '0');
    *out = (uint32_t)value;
    return i > 0 && value <= UINT32_MAX;
}

bool profile_uri_fits(const char *uri, auth_bytes issuer_key_id, auth_bytes text)
{
    char expected[PROFILE_URI_SIZE];
    size_t len = 0;
    uint32_t shard = 0;
    /* The shard stands behind what is known, so its place in text follows from the part before. */
    const char *place = strstr(uri, SHARD_PLACE);
    if (place != NULL) {
        char before[PROFILE_URI_SIZE];
        size_t before_len = (size_t)(place - uri);
        if (before_len >= sizeof before)
            return false;
        memcpy(before, uri, before_len);
        before[before_len] = '\0';
        if (!profile_expand_uri(before, issuer_key_id, 0, expected, &len) || text.len < len ||
            !read_shard((auth_bytes){text.data + len, text.len - len}, &shard))
            return false;
    }
    return profile_expand_uri(uri, issuer_key_id, shard, expected, &len) &&
           auth_bytes_equal((auth_bytes){(const uint8_t *)expected, len}, text);
}
