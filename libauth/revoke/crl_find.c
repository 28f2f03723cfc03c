/* SPDX-License-Identifier: Apache-2.0 */
/* Sorts the places of a CRL by serial number and finds a certificate among them. */
#include "revoke/crl.h"

#include "x509/name.h"

#include <stdlib.h>
#include <string.h>

/* Certificates of different issuers that share a serial number, in an indirect CRL. */
#define SAME_SERIAL_MAX 64

int crl_compare_serials(auth_bytes a, auth_bytes b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.data, b.data, a.len);
}

void crl_hex(auth_bytes octets, char out[CRL_HEX_SIZE])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t i = 0; i < octets.len && at + 3 <= CRL_HEX_SIZE; i++) {
        out[at++] = digits[octets.data[i] >> 4];
        out[at++] = digits[octets.data[i] & 0x0fU];
    }
    out[at] = '\0';
}

/* auth_crl_parse has walked over every entry, so these takes succeed. */
static auth_bytes serial_at(const auth_crl *crl, const crl_place *place)
{
    auth_bytes cursor = {crl->view.entries.data + place->entry,
                         crl->view.entries.len - place->entry};
    auth_bytes entry = {NULL, 0};
    auth_bytes serial = {NULL, 0};
    if (der_take(&cursor, DER_SEQUENCE, &entry))
        (void)der_take_integer(&entry, &serial);
    return serial;
}

static auth_bytes issuer_at(const auth_crl *crl, const crl_place *place)
{
    if (place->issuer == 0)
        return crl->view.issuer;
    auth_bytes cursor = {crl->view.der.data + place->issuer, crl->view.der.len - place->issuer};
    der_item name = {0};
    (void)der_take_item(&cursor, DER_SEQUENCE, &name);
    return name.whole;
}

static int compare_places(const void *a, const void *b, void *context)
{
    const auth_crl *crl = context;
    return crl_compare_serials(serial_at(crl, a), serial_at(crl, b));
}

static bool is_sorted(const auth_crl *crl)
{
    auth_bytes before = {NULL, 0};
    for (size_t i = 0; i < crl->count; i++) {
        auth_bytes serial = serial_at(crl, &crl->places[i]);
        if (i > 0 && crl_compare_serials(before, serial) > 0)
            return false;
        before = serial;
    }
    return true;
}

/* Looks from place i backwards over its own serial number for another entry of its issuer. */
static auth_status check_twice(const auth_crl *crl, size_t i, auth_error *err)
{
    auth_bytes serial = serial_at(crl, &crl->places[i]);
    auth_bytes issuer = issuer_at(crl, &crl->places[i]);
    char hex[CRL_HEX_SIZE];
    crl_hex(serial, hex);
    for (size_t back = 1; back <= i; back++) {
        const crl_place *other = &crl->places[i - back];
        if (crl_compare_serials(serial_at(crl, other), serial) != 0)
            break;
        if (crl->places[i].issuer == other->issuer ||
            x509_name_equal(issuer_at(crl, other), issuer))
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "CRL: serial %s stands there twice, and the two could contradict "
                                  "each other",
                                  hex);
        if (back == SAME_SERIAL_MAX)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "CRL: serial %s stands there for more than %d issuers", hex,
                                  SAME_SERIAL_MAX);
    }
    return AUTH_STATUS_OK;
}

auth_status crl_sort(auth_crl *crl, auth_error *err)
{
    if (!is_sorted(crl))
        qsort_r(crl->places, crl->count, sizeof *crl->places, compare_places, crl);
    for (size_t i = 1; i < crl->count; i++) {
        auth_status status = check_twice(crl, i, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

static auth_crl_entry read_at(const auth_crl *crl, const crl_place *place)
{
    auth_bytes cursor = {crl->view.entries.data + place->entry,
                         crl->view.entries.len - place->entry};
    x509_crl_entry entry = {0};
    auth_status status = AUTH_STATUS_OK;
    (void)x509_crl_next(&cursor, &entry, &status, NULL);
    return (auth_crl_entry){
        .serial = entry.serial,
        .revoked = entry.revoked,
        .reason = (auth_revocation_reason)entry.reason,
        .has_invalidity_date = entry.has_invalidity_date,
        .invalidity_date = entry.invalidity_date,
    };
}

/* The first place whose serial number is not before the one sought; count when there is none. */
static size_t lower_bound(const auth_crl *crl, auth_bytes serial)
{
    size_t low = 0;
    size_t high = crl->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (crl_compare_serials(serial_at(crl, &crl->places[middle]), serial) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

auth_status auth_crl_find(const auth_crl *crl, auth_bytes issuer, auth_bytes serial,
                          auth_crl_entry *out, auth_error *err)
{
    if (issuer.len == 0)
        issuer = crl->view.issuer;
    for (size_t i = lower_bound(crl, serial); i < crl->count; i++) {
        const crl_place *place = &crl->places[i];
        if (crl_compare_serials(serial_at(crl, place), serial) != 0)
            break;
        if (x509_name_equal(issuer_at(crl, place), issuer)) {
            *out = read_at(crl, place);
            return AUTH_STATUS_OK;
        }
    }
    char hex[CRL_HEX_SIZE];
    crl_hex(serial, hex);
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "CRL: serial %s is not listed", hex);
}

bool auth_crl_entry_at(const auth_crl *crl, size_t index, auth_crl_entry *out)
{
    if (index >= crl->count)
        return false;
    *out = read_at(crl, &crl->places[index]);
    return true;
}
