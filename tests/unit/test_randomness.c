/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does everything stop when the machine has no random octets to give, instead of going on with
 * those that happen to lie in memory? (CVE-2008-0166 issued keys for two years.)
 */
#include "golden/realm.h"
#include "harness/harness.h"

#include <auth/auth.h>
#include <openssl/rand.h>
#include <string.h>

static bool is_dry;

/* Stands in for that of libcrypto, which this program and the library under test link before. */
int RAND_priv_bytes_ex(OSSL_LIB_CTX *ctx, unsigned char *buf, size_t num, unsigned int strength)
{
    return is_dry ? 0 : RAND_bytes_ex(ctx, buf, num, strength);
}

static const uint8_t untouched[AUTH_SERIAL_SIZE] = "eighteen octets!!";

START_TEST(no_serial_number_is_made)
{
    auth_error err;
    uint8_t serial[AUTH_SERIAL_SIZE];
    memcpy(serial, untouched, sizeof serial);
    is_dry = true;
    assert_fails(auth_issue_serial(0x0101, serial, &err), AUTH_STATUS_CRYPTO, &err);
    ck_assert_mem_eq(serial, untouched, sizeof serial);
    is_dry = false;
    assert_ok(auth_issue_serial(0x0101, serial, &err), &err);
    ck_assert_mem_ne(serial, untouched, sizeof serial);
}
END_TEST

START_TEST(no_secret_of_a_binding_is_made)
{
    static const auth_identity_binding bindings[] = {AUTH_IDENTITY_BINDING_SIM,
                                                     AUTH_IDENTITY_BINDING_VID};
    auth_error err;
    auth_secret *secret = NULL;
    is_dry = true;
    assert_fails(auth_identity_secret_new(bindings[_i], &secret, &err), AUTH_STATUS_CRYPTO, &err);
    ck_assert_ptr_null(secret);
    is_dry = false;
    assert_ok(auth_identity_secret_new(bindings[_i], &secret, &err), &err);
    auth_secret_free(secret);
}
END_TEST

/* The binding sim takes a random of its own when none is handed in; ECDSA takes one to sign. */
START_TEST(no_certificate_is_issued)
{
    auth_error err;
    auth_tbs *tbs = NULL;
    realm_request ask;
    realm *it = realm_new("p256", REALM_NOW);
    AUTH_AUTO(auth_profile) *profile = realm_profile("citizen-authentication");
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_buf_new(8192, &out, &err), &err);
    realm_ask(it, profile, &ask);
    ask.request.identity.sim_random = (auth_bytes){NULL, 0};
    is_dry = true;
    assert_fails(auth_issue_prepare(profile, it->authority_issuer, &ask.request, &tbs, &err),
                 AUTH_STATUS_CRYPTO, &err);
    ck_assert_ptr_null(tbs);
    ask.request.identity.sim_random = BYTES("0123456789abcdef0123456789abcdef");
    assert_fails(auth_issue(profile, it->authority_issuer, it->authority, &ask.request, out, &err),
                 AUTH_STATUS_CRYPTO, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    is_dry = false;
    assert_ok(auth_issue(profile, it->authority_issuer, it->authority, &ask.request, out, &err),
              &err);
    realm_free(it);
}
END_TEST

START_TEST(no_key_is_encrypted)
{
    auth_error err;
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_secret) *passphrase = NULL;
    AUTH_AUTO(auth_buf) *out = NULL;
    assert_ok(auth_signer_generate(AUTH_KEY_TYPE_P256, 0, &signer, &err), &err);
    assert_ok(auth_secret_from_bytes(BYTES("a passphrase"), &passphrase, &err), &err);
    assert_ok(auth_buf_new(4096, &out, &err), &err);
    is_dry = true;
    assert_fails(auth_signer_export(signer, passphrase, out, &err), AUTH_STATUS_CRYPTO, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    is_dry = false;
}
END_TEST

SUITE("randomness", TEST(no_serial_number_is_made), TEST_EACH(no_secret_of_a_binding_is_made, 2),
      TEST(no_certificate_is_issued), TEST(no_key_is_encrypted))
