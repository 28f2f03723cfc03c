/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every entry of an accepted CRL found by its serial number and no other, does a CRL that is
 * built of the same entries list the same, and do two CRLs join or follow each other by their
 * numbers only? The first two octets tell how long the first CRL is; the rest is the second.
 */
#include "fuzz/fuzz.h"
#include "harness/raw_cert.h"
#include "x509/name.h"

#include <auth/crl.h>

static const auth_signer *the_signer(void)
{
    static auth_signer *signer;
    if (signer == NULL)
        signer = raw_signer_load("ed25519");
    return signer;
}

static auth_crl *parse(auth_bytes der)
{
    auth_crl *crl = NULL;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_crl_parse(der, &crl, &err);
    FUZZ_CHECK(status == err.status && (crl != NULL) == (status == AUTH_STATUS_OK));
    FUZZ_CHECK((err.text[0] == '\0') == (status == AUTH_STATUS_OK));
    return crl;
}

static void check_entries(const auth_crl *crl)
{
    auth_crl_scope scope = auth_crl_scope_of(crl);
    auth_crl_entry entry;
    auth_crl_entry found;
    size_t i = 0;
    for (; auth_crl_entry_at(crl, i, &entry); i++) {
        FUZZ_CHECK(entry.serial.len > 0);
        FUZZ_CHECK(auth_revocation_reason_exists((unsigned)entry.reason));
        if (scope.is_indirect)
            continue;
        FUZZ_CHECK(auth_crl_find(crl, (auth_bytes){NULL, 0}, entry.serial, &found, NULL) ==
                   AUTH_STATUS_OK);
        FUZZ_CHECK(found.serial.data == entry.serial.data && found.revoked == entry.revoked);
    }
    FUZZ_CHECK(i == auth_crl_count(crl));
}

static bool add_all(const auth_crl *crl, auth_crl_builder *builder)
{
    auth_crl_entry entry;
    for (size_t i = 0; auth_crl_entry_at(crl, i, &entry); i++) {
        /* The only entries that a builder does not take are those of other people's serials. */
        if (auth_crl_builder_add(builder, &entry, NULL) != AUTH_STATUS_OK) {
            FUZZ_CHECK(entry.serial.len > AUTH_SERIAL_MAX || entry.serial.data[0] >= 0x80 ||
                       (entry.serial.len == 1 && entry.serial.data[0] == 0));
            return false;
        }
    }
    return true;
}

static void check_built(const auth_crl *crl, const auth_crl_builder *builder, const auth_buf *der)
{
    auth_crl *again = parse(auth_buf_bytes(der));
    FUZZ_CHECK(again != NULL && auth_crl_count(again) == auth_crl_builder_count(builder));
    FUZZ_CHECK(auth_crl_check_signature(again, auth_signer_public_key(the_signer()), NULL) ==
               AUTH_STATUS_OK);
    auth_crl_entry entry;
    auth_crl_entry built;
    for (size_t i = 0; auth_crl_entry_at(crl, i, &entry); i++) {
        FUZZ_CHECK(auth_crl_entry_at(again, i, &built));
        FUZZ_CHECK(auth_bytes_equal(entry.serial, built.serial));
        FUZZ_CHECK(entry.revoked == built.revoked && entry.reason == built.reason);
        FUZZ_CHECK(entry.has_invalidity_date == built.has_invalidity_date);
        FUZZ_CHECK(entry.invalidity_date == built.invalidity_date);
    }
    auth_crl_free(again);
}

static void rebuild(const auth_crl *crl)
{
    auth_crl_settings settings = {
        .issuer = auth_crl_issuer(crl),
        .key_id = BYTES("k"),
        .this_update = 0,
        .next_update = 1,
        .number = BYTES("\x02"),
        .base_number = {(const uint8_t *)"\x01", auth_crl_base_number(crl).len > 0 ? 1 : 0},
    };
    auth_crl_builder *builder = NULL;
    if (auth_crl_scope_of(crl).is_indirect ||
        auth_crl_builder_new(&settings, &builder, NULL) != AUTH_STATUS_OK)
        return;
    auth_buf *der = NULL;
    FUZZ_CHECK(auth_buf_new(AUTH_CRL_MAX, &der, NULL) == AUTH_STATUS_OK);
    if (add_all(crl, builder)) {
        FUZZ_CHECK(auth_crl_builder_finish(builder, the_signer(), der, NULL) == AUTH_STATUS_OK);
        check_built(crl, builder, der);
    }
    auth_buf_free(der);
    auth_crl_builder_free(builder);
}

static void check_two(const auth_crl *a, const auth_crl *b)
{
    auth_error err;
    auth_crl_entry entry;
    auth_bytes none = {NULL, 0};
    if (auth_crl_check_successor(a, b, 0, &err) == AUTH_STATUS_OK)
        FUZZ_CHECK(auth_crl_compare_numbers(auth_crl_number(a), auth_crl_number(b)) <= 0);
    if (auth_crl_check_pair(a, b, &err) != AUTH_STATUS_OK)
        return;
    FUZZ_CHECK(auth_crl_base_number(a).len == 0 && auth_crl_base_number(b).len > 0);
    FUZZ_CHECK(auth_crl_compare_numbers(auth_crl_number(a), auth_crl_base_number(b)) >= 0);
    FUZZ_CHECK(x509_name_equal(auth_crl_issuer(a), auth_crl_issuer(b)));
    for (size_t i = 0; auth_crl_entry_at(a, i, &entry); i++) {
        auth_status status = auth_crl_find_in_pair(a, b, none, entry.serial, &entry, &err);
        FUZZ_CHECK(status == AUTH_STATUS_OK || status == AUTH_STATUS_NOT_FOUND);
        FUZZ_CHECK(status != AUTH_STATUS_OK ||
                   entry.reason != AUTH_REVOCATION_REASON_REMOVE_FROM_CRL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    size_t len = (size_t)data[0] << 8 | data[1];
    if (len > size - 2)
        len = size - 2;
    auth_crl *first = parse((auth_bytes){data + 2, len});
    auth_crl *second = parse((auth_bytes){data + 2 + len, size - 2 - len});
    if (first != NULL) {
        check_entries(first);
        rebuild(first);
    }
    if (first != NULL && second != NULL) {
        check_two(first, second);
        check_two(second, first);
    }
    auth_crl_free(second);
    auth_crl_free(first);
    return 0;
}
