/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is an address in a certificate read in one way only, does it match the hosts that are allowed and
 * no others, and is what is not public told from what is?
 */
#include "fetch/address.h"
#include "harness/harness.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

typedef struct uri_row {
    const char *uri;
    const char *name; /* NULL: refused */
    uint16_t port;
    bool is_tls;
} uri_row;

static const uri_row uris[] = {
    {"http://ocsp.example.cn", "ocsp.example.cn", 80, false},
    {"http://ocsp.example.cn/", "ocsp.example.cn", 80, false},
    {"HTTP://OCSP.Example.CN:8080/a/b?c=d&e=%2F", "ocsp.example.cn", 8080, false},
    {"https://a", "a", 443, true},
    {"https://a:80/", "a", 80, true},
    {"http://192.0.2.1:1/", "192.0.2.1", 1, false},
    {"http://[2001:DB8:0:0::1]:65535/x", "2001:db8::1", 65535, false},
    {"http://a/@b", "a", 80, false},
    {"http://a//b//", "a", 80, false},
    {"", NULL, 0, false},
    {"http://", NULL, 0, false},
    {"http:///a", NULL, 0, false},
    {"http:/a", NULL, 0, false},
    {"ftp://a/", NULL, 0, false},
    {"file:///etc/passwd", NULL, 0, false},
    {"gopher://a/", NULL, 0, false},
    {" http://a/", NULL, 0, false},
    {"http://a b/", NULL, 0, false},
    {"http://a/b c", NULL, 0, false},
    {"http://a\t/", NULL, 0, false},
    {"http://a/\r\nHost: b", NULL, 0, false},
    {"http://user@a/", NULL, 0, false},
    {"http://user:word@a/", NULL, 0, false},
    {"http://a?b", NULL, 0, false},
    {"http://a#b", NULL, 0, false},
    {"http://a/#b", NULL, 0, false},
    {"http://a\\b/", NULL, 0, false},
    {"http://a/b\\c", NULL, 0, false},
    {"http://a:/", NULL, 0, false},
    {"http://a:0/", NULL, 0, false},
    {"http://a:65536/", NULL, 0, false},
    {"http://a:123456/", NULL, 0, false},
    {"http://a:-1/", NULL, 0, false},
    {"http://a:80a/", NULL, 0, false},
    {"http://a%2eb/", NULL, 0, false},
    {"http://a_b/", NULL, 0, false},
    {"http://\xe4\xbd\xa0/", NULL, 0, false},
    {"http://a/\xe4\xbd\xa0", NULL, 0, false},
    {"http://[::1", NULL, 0, false},
    {"http://[]/", NULL, 0, false},
    {"http://[::1%25lo]/", NULL, 0, false},
    {"http://[1.2.3.4]/", NULL, 0, false},
    {"http://[v1.a]/", NULL, 0, false},
    {"http://::1/", NULL, 0, false},
};

START_TEST(a_uri_is_read_in_one_way)
{
    const uri_row *row = &uris[_i];
    fetch_address address = {.port = 7};
    bool is_read = address_parse(auth_bytes_from_text(row->uri), &address);
    ck_assert_msg(is_read == (row->name != NULL), "%s", row->uri);
    if (row->name == NULL)
        return;
    ck_assert_str_eq(address.name, row->name);
    ck_assert_uint_eq(address.port, row->port);
    ck_assert(address.is_tls == row->is_tls);
}
END_TEST

START_TEST(octets_that_end_a_text_do_not_end_a_uri)
{
    fetch_address address;
    ck_assert(!address_parse(BYTES("http://a/\0b"), &address));
    ck_assert(!address_parse(BYTES("http://a\0.evil.example/"), &address));
}
END_TEST

START_TEST(names_and_uris_have_bounds)
{
    char uri[AUTH_FETCH_URI_MAX + 2] = "http://";
    fetch_address address;
    memset(uri + 7, 'a', AUTH_FETCH_HOST_NAME_MAX);
    ck_assert(address_parse(auth_bytes_from_text(uri), &address));
    uri[7 + AUTH_FETCH_HOST_NAME_MAX] = 'a';
    ck_assert(!address_parse(auth_bytes_from_text(uri), &address));
    memset(uri + 8, 'a', sizeof uri - 9);
    uri[8] = '/';
    ck_assert(!address_parse(auth_bytes_from_text(uri), &address));
    uri[AUTH_FETCH_URI_MAX] = '\0';
    ck_assert(address_parse(auth_bytes_from_text(uri), &address));
}
END_TEST

typedef struct match_row {
    const char *host;
    const char *uri;
    bool is_allowed;
} match_row;

static const match_row matches[] = {
    {"ocsp.example.cn", "http://ocsp.example.cn/", true},
    {"OCSP.example.CN", "http://ocsp.EXAMPLE.cn/", true},
    {"ocsp.example.cn", "https://ocsp.example.cn/", true},
    {"ocsp.example.cn", "http://ocsp.example.cn:80/", true},
    {"ocsp.example.cn", "http://ocsp.example.cn:443/", false},
    {"ocsp.example.cn", "https://ocsp.example.cn:80/", false},
    {"ocsp.example.cn:8080", "http://ocsp.example.cn:8080/", true},
    {"ocsp.example.cn:8080", "https://ocsp.example.cn:8080/", true},
    {"ocsp.example.cn:8080", "http://ocsp.example.cn/", false},
    {"ocsp.example.cn", "http://ocsp.example.cn.evil.example/", false},
    {"ocsp.example.cn", "http://evil.ocsp.example.cn/", false},
    {"ocsp.example.cn", "http://ocsp.example.cn./", false},
    {"[2001:db8::1]", "http://[2001:DB8:0::0:1]/", true},
    {"[2001:db8::1]:81", "http://[2001:db8::1]/", false},
    {"192.0.2.1", "http://192.0.2.1/", true},
    {"192.0.2.1", "http://192.0.2.01/", false},
    {"192.0.2.1", "http://3221225985/", false},
};

START_TEST(a_host_allows_itself_and_no_other)
{
    const match_row *row = &matches[_i];
    auth_error err;
    fetch_host host;
    fetch_address address;
    const auth_fetch_host named = {.name = row->host};
    assert_ok(address_read_host(&named, &host, &err), &err);
    ck_assert(address_parse(auth_bytes_from_text(row->uri), &address));
    ck_assert_msg((address_find_host(&host, 1, &address) != NULL) == row->is_allowed, "%s %s",
                  row->host, row->uri);
}
END_TEST

typedef struct ip_row {
    const char *text;
    bool is_public;
} ip_row;

static const ip_row addresses[] = {
    {"8.8.8.8", true},
    {"1.1.1.1", true},
    {"223.255.255.255", true},
    {"0.0.0.0", false},
    {"0.255.255.255", false},
    {"10.0.0.0", false},
    {"10.255.255.255", false},
    {"9.255.255.255", true},
    {"11.0.0.0", true},
    {"100.63.255.255", true},
    {"100.64.0.0", false},
    {"100.127.255.255", false},
    {"100.128.0.0", true},
    {"127.0.0.1", false},
    {"127.255.255.254", false},
    {"128.0.0.1", true},
    {"169.253.255.255", true},
    {"169.254.169.254", false},
    {"172.15.255.255", true},
    {"172.16.0.0", false},
    {"172.31.255.255", false},
    {"172.32.0.0", true},
    {"192.0.0.1", false},
    {"192.0.1.0", true},
    {"192.0.2.1", false},
    {"192.88.99.1", false},
    {"192.167.255.255", true},
    {"192.168.0.1", false},
    {"192.169.0.0", true},
    {"198.17.255.255", true},
    {"198.18.0.0", false},
    {"198.19.255.255", false},
    {"198.20.0.0", true},
    {"198.51.100.1", false},
    {"203.0.113.1", false},
    {"224.0.0.1", false},
    {"239.255.255.255", false},
    {"240.0.0.1", false},
    {"255.255.255.255", false},
    {"2606:4700::1111", true},
    {"2400:3200::1", true},
    {"::", false},
    {"::1", false},
    {"::8.8.8.8", false},
    {"::ffff:8.8.8.8", true},
    {"::ffff:127.0.0.1", false},
    {"::ffff:10.1.2.3", false},
    {"64:ff9b::8.8.8.8", true},
    {"64:ff9b::10.0.0.1", false},
    {"64:ff9b:1::1", false},
    {"100::1", false},
    {"2001::1", false},
    {"2001:1ff::1", false},
    {"2001:200::1", true},
    {"2001:db8::1", false},
    {"2002:0a00:0001::1", false},
    {"3fff::1", false},
    {"fc00::1", false},
    {"fd12:3456::1", false},
    {"fe80::1", false},
    {"fec0::1", false},
    {"ff02::1", false},
};

START_TEST(what_is_not_public_is_told)
{
    const ip_row *row = &addresses[_i];
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    bool is_public = false;
    if (inet_pton(AF_INET, row->text, &ipv4.sin_addr) == 1) {
        is_public = address_is_public((const struct sockaddr *)&ipv4, sizeof ipv4);
    } else {
        ck_assert_int_eq(inet_pton(AF_INET6, row->text, &ipv6.sin6_addr), 1);
        is_public = address_is_public((const struct sockaddr *)&ipv6, sizeof ipv6);
    }
    ck_assert_msg(is_public == row->is_public, "%s", row->text);
}
END_TEST

START_TEST(an_address_of_another_kind_is_not_public)
{
    struct sockaddr_in ipv4 = {.sin_family = AF_INET, .sin_addr = {htonl(0x08080808)}};
    struct sockaddr other = {.sa_family = AF_UNIX};
    ck_assert(!address_is_public(&other, sizeof other));
    ck_assert(!address_is_public((const struct sockaddr *)&ipv4, 4));
}
END_TEST

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

SUITE("fetch_address", TEST_EACH(a_uri_is_read_in_one_way, COUNT(uris)),
      TEST(octets_that_end_a_text_do_not_end_a_uri), TEST(names_and_uris_have_bounds),
      TEST_EACH(a_host_allows_itself_and_no_other, COUNT(matches)),
      TEST_EACH(what_is_not_public_is_told, COUNT(addresses)),
      TEST(an_address_of_another_kind_is_not_public))
