/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define PORT_HTTP 80
#define PORT_HTTPS 443

static bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

static bool is_letter(uint8_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c; }

/* What a path and a query may hold (RFC 3986 3.3, 3.4). */
static bool is_path_character(uint8_t c)
{
    return is_letter(c) || is_digit(c) || (c != '\0' && strchr("-._~!$&'()*+,;=:@/?%", c) != NULL);
}

static bool take_prefix(auth_bytes *text, const char *prefix)
{
    size_t len = strlen(prefix);
    if (text->len < len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (lower(text->data[i]) != (uint8_t)prefix[i])
            return false;
    }
    *text = (auth_bytes){text->data + len, text->len - len};
    return true;
}

/* Copies the first len octets of text into a name, in lower case. */
static bool take_name(auth_bytes *text, size_t len, char name[AUTH_FETCH_HOST_NAME_MAX + 1])
{
    if (len == 0 || len > AUTH_FETCH_HOST_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        name[i] = (char)lower(text->data[i]);
    name[len] = '\0';
    *text = (auth_bytes){text->data + len, text->len - len};
    return true;
}

static bool take_ipv6(auth_bytes *text, char name[AUTH_FETCH_HOST_NAME_MAX + 1])
{
    struct in6_addr parsed;
    const uint8_t *end = memchr(text->data, ']', text->len);
    if (end == NULL)
        return false;
    *text = (auth_bytes){text->data + 1, text->len - 1};
    if (!take_name(text, (size_t)(end - text->data), name) ||
        inet_pton(AF_INET6, name, &parsed) != 1)
        return false;
    *text = (auth_bytes){text->data + 1, text->len - 1};
    /* One spelling for each address. */
    return inet_ntop(AF_INET6, &parsed, name, AUTH_FETCH_HOST_NAME_MAX + 1) != NULL;
}

static bool take_host(auth_bytes *text, char name[AUTH_FETCH_HOST_NAME_MAX + 1])
{
    size_t len = 0;
    if (text->len > 0 && text->data[0] == '[')
        return take_ipv6(text, name);
    while (len < text->len && (is_letter(text->data[len]) || is_digit(text->data[len]) ||
                               text->data[len] == '-' || text->data[len] == '.'))
        len++;
    return take_name(text, len, name);
}

/* Takes ":port", if it is there. */
static bool take_port(auth_bytes *text, uint16_t *port)
{
    unsigned value = 0;
    size_t len = 1;
    if (text->len == 0 || text->data[0] != ':')
        return true;
    while (len < text->len && is_digit(text->data[len]) && len <= 5)
        value = value * 10 + (unsigned)(text->data[len++] - '0');
    if (value == 0 || value > UINT16_MAX)
        return false;
    *port = (uint16_t)value;
    *text = (auth_bytes){text->data + len, text->len - len};
    return true;
}

bool address_parse(auth_bytes uri, fetch_address *out)
{
    fetch_address found = {.port = PORT_HTTP};
    if (uri.len > AUTH_FETCH_URI_MAX)
        return false;
    if (!take_prefix(&uri, "http://")) {
        if (!take_prefix(&uri, "https://"))
            return false;
        found.is_tls = true;
        found.port = PORT_HTTPS;
    }
    if (!take_host(&uri, found.name) || !take_port(&uri, &found.port))
        return false;
    if (uri.len > 0 && uri.data[0] != '/')
        return false;
    for (size_t i = 0; i < uri.len; i++) {
        if (!is_path_character(uri.data[i]))
            return false;
    }
    *out = found;
    return true;
}

auth_status address_read_host(const auth_fetch_host *host, fetch_host *out, auth_error *err)
{
    fetch_host found = {.may_be_private = host->may_be_private};
    auth_bytes text = auth_bytes_from_text(host->name);
    if (!take_host(&text, found.name) || !take_port(&text, &found.port) || text.len > 0)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "allowed host: it is not a name or an address, with or without a "
                              "port; write it like ocsp.example.cn, ocsp.example.cn:8080 or "
                              "[2001:db8::1]:80");
    *out = found;
    return AUTH_STATUS_OK;
}

fetch_host *address_find_host(fetch_host *hosts, size_t count, const fetch_address *address)
{
    uint16_t own = address->is_tls ? PORT_HTTPS : PORT_HTTP;
    for (size_t i = 0; i < count; i++) {
        uint16_t port = hosts[i].port == 0 ? own : hosts[i].port;
        if (port == address->port && strcmp(hosts[i].name, address->name) == 0)
            return &hosts[i];
    }
    return NULL;
}

typedef struct ipv4_block {
    uint32_t first;
    unsigned bits;
} ipv4_block;

static bool is_public_ipv4(uint32_t address)
{
    static const ipv4_block blocks[] = {
        {0x00000000, 8},  /* this network */
        {0x0a000000, 8},  /* private */
        {0x64400000, 10}, /* shared, RFC 6598 */
        {0x7f000000, 8},  /* loopback */
        {0xa9fe0000, 16}, /* link-local */
        {0xac100000, 12}, /* private */
        {0xc0000000, 24}, /* protocol assignments */
        {0xc0000200, 24}, /* documentation */
        {0xc0586300, 24}, /* 6to4 relays */
        {0xc0a80000, 16}, /* private */
        {0xc6120000, 15}, /* benchmarks */
        {0xc6336400, 24}, /* documentation */
        {0xcb007100, 24}, /* documentation */
        {0xe0000000, 3},  /* multicast, reserved, broadcast */
    };
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) {
        if ((address ^ blocks[i].first) >> (32 - blocks[i].bits) == 0)
            return false;
    }
    return true;
}

static uint32_t read_ipv4(const uint8_t *octets)
{
    return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 |
           octets[3];
}

/* Of IPv6 only 2000::/3 is given out, and in it some parts mean something else. */
static bool is_public_ipv6(const uint8_t octets[16])
{
    static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    static const uint8_t translated[12] = {0, 0x64, 0xff, 0x9b};
    if (memcmp(octets, mapped, sizeof mapped) == 0 ||
        memcmp(octets, translated, sizeof translated) == 0)
        return is_public_ipv4(read_ipv4(octets + 12));
    uint32_t head = read_ipv4(octets);
    if (head >> 29 != 1)
        return false;
    bool is_protocol = head >> 9 == 0x20010000 >> 9; /* Teredo, ORCHID and others, 2001::/23 */
    bool is_example = head == 0x20010db8 || head >> 12 == 0x3fff0000 >> 12;
    bool is_6to4 = head >> 16 == 0x2002;
    return !is_protocol && !is_example && !is_6to4;
}

bool address_is_public(const struct sockaddr *address, socklen_t len)
{
    if (address->sa_family == AF_INET && len >= sizeof(struct sockaddr_in)) {
        struct sockaddr_in ipv4;
        memcpy(&ipv4, address, sizeof ipv4);
        return is_public_ipv4(ntohl(ipv4.sin_addr.s_addr));
    }
    if (address->sa_family == AF_INET6 && len >= sizeof(struct sockaddr_in6)) {
        struct sockaddr_in6 ipv6;
        memcpy(&ipv6, address, sizeof ipv6);
        return is_public_ipv6(ipv6.sin6_addr.s6_addr);
    }
    return false;
}
