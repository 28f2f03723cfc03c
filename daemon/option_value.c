/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/option_value.h"
#include "daemon/text.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <string.h>

typedef struct unit_row {
    const char *name;
    int64_t factor;
} unit_row;

/* clang-format off */
static const unit_row duration_units[] = {
    {"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0},
};
static const unit_row size_units[] = {
    {"", 1}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {NULL, 0},
};
static const unit_row number_units[] = {{"", 1}, {NULL, 0}};
/* clang-format on */

static const char *how_to_write(daemon_option_type type)
{
    if (type == DAEMON_DURATION)
        return "a number and ms, s, min, h or d, as in 10s";
    if (type == DAEMON_SIZE)
        return "a number of octets, or one with KiB, MiB or GiB, as in 64KiB";
    return "a number in decimal digits";
}

static auth_status refuse_bounds(const daemon_option *row, auth_error *err)
{
    const char *unit = row->type == DAEMON_DURATION ? "ms" : "";
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "%s must lie from %" PRId64 "%s to %" PRId64 "%s; choose a value there",
                          row->name, row->min, unit, row->max, unit);
}

static auth_status read_number(const daemon_option *row, const unit_row *units, auth_bytes text,
                               int64_t *out, auth_error *err)
{
    size_t digits = 0;
    while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
        digits++;
    auth_bytes suffix = {text.data + digits, text.len - digits};
    const unit_row *found = units;
    while (found->name != NULL && !daemon_is(suffix, found->name))
        found++;
    if (found->name == NULL || digits == 0)
        return auth_error_set(err, AUTH_STATUS_INVALID, "%s has no value of its kind; write %s",
                              row->name, how_to_write(row->type));
    uint64_t number = 0;
    auth_bytes decimal = {text.data, digits};
    if (!daemon_read_decimal(decimal, (uint64_t)(INT64_MAX / found->factor), &number))
        return auth_error_set(err, AUTH_STATUS_INVALID, "%s is too large a number; write less",
                              row->name);
    int64_t value = (int64_t)number * found->factor;
    bool is_bounded = row->min != 0 || row->max != 0;
    if (is_bounded && (value < row->min || value > row->max))
        return refuse_bounds(row, err);
    *out = value;
    return AUTH_STATUS_OK;
}

static bool read_port(auth_bytes text, uint16_t *out)
{
    uint64_t port = 0;
    if (!daemon_read_decimal(text, UINT16_MAX, &port))
        return false;
    *out = (uint16_t)port;
    return true;
}

static bool read_ip(auth_bytes host, daemon_address *out)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (host.len == 0 || host.len >= sizeof text)
        return false;
    memcpy(text, host.data, host.len);
    if (strcmp(text, "*") == 0) {
        out->is_any = true;
        out->kind = DAEMON_ADDRESS_INET6;
        return true;
    }
    bool is_v6 = text[0] == '[';
    if (is_v6) {
        if (text[host.len - 1] != ']')
            return false;
        text[host.len - 1] = '\0';
    }
    out->kind = is_v6 ? DAEMON_ADDRESS_INET6 : DAEMON_ADDRESS_INET;
    return inet_pton(is_v6 ? AF_INET6 : AF_INET, text + (is_v6 ? 1 : 0), out->ip) == 1;
}

static bool read_address(auth_bytes text, daemon_address *out)
{
    static const char unix_prefix[] = "unix:";
    const size_t prefix = sizeof unix_prefix - 1;
    *out = (daemon_address){.kind = DAEMON_ADDRESS_UNIX};
    if (text.len > prefix && memcmp(text.data, unix_prefix, prefix) == 0) {
        size_t len = text.len - prefix;
        if (len >= sizeof out->path || text.data[prefix] != '/')
            return false;
        memcpy(out->path, text.data + prefix, len);
        return true;
    }
    size_t colon = text.len;
    while (colon > 0 && text.data[colon - 1] != ':')
        colon--;
    if (colon == 0)
        return false;
    auth_bytes port = {text.data + colon, text.len - colon};
    auth_bytes host = {text.data, colon - 1};
    return read_port(port, &out->port) && read_ip(host, out);
}

static auth_status read_addresses(const daemon_option *row, auth_bytes text, option_value *out,
                                  auth_error *err)
{
    while (text.len > 0) {
        size_t len = 0;
        while (len < text.len && text.data[len] != ' ' && text.data[len] != '\t')
            len++;
        auth_bytes word = {text.data, len};
        if (out->address_count == DAEMON_ADDRESSES_MAX)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "%s has more than %d addresses; leave some out", row->name,
                                  DAEMON_ADDRESSES_MAX);
        if (!read_address(word, &out->addresses[out->address_count]))
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "%s: address %zu cannot be read; write 192.0.2.1:80, "
                                  "[2001:db8::1]:80, *:80 or unix:/path (no host names)",
                                  row->name, out->address_count + 1);
        out->address_count++;
        text = daemon_trim((auth_bytes){text.data + len, text.len - len});
    }
    return AUTH_STATUS_OK;
}

static auth_status read_choice(const daemon_option *row, auth_bytes text, auth_error *err)
{
    char all[256] = "";
    for (const char *const *choice = row->choices; *choice != NULL; choice++) {
        if (daemon_is(text, *choice))
            return AUTH_STATUS_OK;
        (void)snprintf(all + strlen(all), sizeof all - strlen(all), " %s", *choice);
    }
    return auth_error_set(err, AUTH_STATUS_INVALID, "%s takes one of:%s", row->name, all);
}

static auth_status read_boolean(const daemon_option *row, auth_bytes text, int64_t *out,
                                auth_error *err)
{
    if (!daemon_is(text, "yes") && !daemon_is(text, "no"))
        return auth_error_set(err, AUTH_STATUS_INVALID, "%s takes yes or no", row->name);
    *out = daemon_is(text, "yes");
    return AUTH_STATUS_OK;
}

static auth_status check_path(const daemon_option *row, auth_bytes text, auth_error *err)
{
    if (text.data[0] != '/' || text.len >= 4096)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s must be an absolute path; write it from / on", row->name);
    return AUTH_STATUS_OK;
}

auth_status option_value_read(const daemon_option *row, auth_bytes text, option_value *out,
                              auth_error *err)
{
    option_value value = {.number = 0};
    auth_status status = AUTH_STATUS_OK;
    if (!daemon_is_text(text))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s has control characters or is not UTF-8; write plain text",
                              row->name);
    if (text.len == 0) {
        if (row->fallback == NULL || row->fallback[0] != '\0')
            return auth_error_set(err, AUTH_STATUS_INVALID, "%s needs a value; see --help",
                                  row->name);
        *out = value;
        return AUTH_STATUS_OK;
    }
    switch (row->type) {
    case DAEMON_TEXT:
        break;
    case DAEMON_PATH:
        status = check_path(row, text, err);
        break;
    case DAEMON_NUMBER:
        status = read_number(row, number_units, text, &value.number, err);
        break;
    case DAEMON_DURATION:
        status = read_number(row, duration_units, text, &value.number, err);
        break;
    case DAEMON_SIZE:
        status = read_number(row, size_units, text, &value.number, err);
        break;
    case DAEMON_ADDRESSES:
        status = read_addresses(row, text, &value, err);
        break;
    case DAEMON_BOOLEAN:
        status = read_boolean(row, text, &value.number, err);
        break;
    case DAEMON_CHOICE:
        status = read_choice(row, text, err);
        break;
    }
    if (status == AUTH_STATUS_OK)
        *out = value;
    return status;
}

void daemon_address_format(const daemon_address *address, char out[DAEMON_ADDRESS_SIZE])
{
    char ip[INET6_ADDRSTRLEN] = "*";
    bool is_v6 = address->kind == DAEMON_ADDRESS_INET6;
    if (address->kind == DAEMON_ADDRESS_UNIX) {
        (void)snprintf(out, DAEMON_ADDRESS_SIZE, "unix:%s", address->path);
        return;
    }
    if (!address->is_any)
        (void)inet_ntop(is_v6 ? AF_INET6 : AF_INET, address->ip, ip, sizeof ip);
    bool has_brackets = is_v6 && !address->is_any;
    (void)snprintf(out, DAEMON_ADDRESS_SIZE, "%s%s%s:%u", has_brackets ? "[" : "", ip,
                   has_brackets ? "]" : "", (unsigned)address->port);
}
