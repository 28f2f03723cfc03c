/* SPDX-License-Identifier: Apache-2.0 */
/* Are tree heads written in one way, and is a head believed of nobody but a signer of an authority
 * that is trusted? */
#include "harness/chain.h"
#include "harness/harness.h"
#include "registry/ledger_head.h"

#include <string.h>

/* By a holder of a chain: purpose does not matter to a head, and this one signs. */
static auth_buf *sign(const registry_ledger_head *head, const chain *from)
{
    auth_error err;
    auth_buf *out = NULL;
    const auth_bytes certs[] = {RAW(from->certs[CHAIN_LEAF]), RAW(from->certs[CHAIN_CA])};
    registry_ledger_signing signing = {chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF), certs, 2};
    assert_ok(auth_buf_new(REGISTRY_LEDGER_HEAD_MAX, &out, &err), &err);
    assert_ok(registry_ledger_head_sign(head, &signing, out, &err), &err);
    return out;
}

static const registry_ledger_head some_head = {.tree_size = 4711,
                                               .root = {{0xab, 1}},
                                               .at = CHAIN_NOW,
                                               .realm = "shaanxi"};

START_TEST(a_head_comes_back)
{
    auth_error err;
    registry_ledger_head back;
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_buf *text = sign(&some_head, &made);
    assert_ok(registry_ledger_head_read(auth_buf_bytes(text), NULL, &back, &err), &err);
    ck_assert_uint_eq(back.tree_size, 4711);
    ck_assert(merkle_hash_equal(&back.root, &some_head.root));
    ck_assert_int_eq(back.at, CHAIN_NOW);
    ck_assert_str_eq(back.realm, "shaanxi");
    auth_buf_free(text);
}

START_TEST(the_payload_has_one_spelling)
{
    auth_error err;
    auth_jws *jws = NULL;
    const auth_jws_rules rules = {.type = "auth-ledger-head+jws"};
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_buf *text = sign(&some_head, &made);
    assert_ok(auth_jws_parse(auth_buf_bytes(text), &rules, &jws, &err), &err);
    ck_assert(auth_jws_is_compact(jws));
    assert_bytes(auth_jws_payload(jws),
                 BYTES("{\"version\":1,\"realm\":\"shaanxi\",\"tree_size\":4711,\"root_hash\":\""
                       "ab01000000000000000000000000000000000000000000000000000000000000\","
                       "\"at\":\"2026-01-01T00:00:00Z\"}"));
    auth_jws_free(jws);
    auth_buf_free(text);
}

START_TEST(who_is_believed)
{
    auth_error err;
    registry_ledger_head back = {.tree_size = 0};
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_buf *text = sign(&some_head, &made);
    for (int role = 0; role < CHAIN_ROLES; role++) {
        auth_bytes cert = RAW(made.certs[role]);
        registry_ledger_trust trust = {&cert, 1};
        auth_status status = registry_ledger_head_read(auth_buf_bytes(text), &trust, &back, &err);
        /* The holder itself, or its authority; not who stands above that. */
        ck_assert_int_eq((int)status,
                         (int)(role == CHAIN_ROOT ? AUTH_STATUS_UNTRUSTED : AUTH_STATUS_OK));
    }
    registry_ledger_trust nobody = {NULL, 0};
    assert_fails(registry_ledger_head_read(auth_buf_bytes(text), &nobody, &back, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    auth_buf_free(text);
}

START_TEST(a_signer_is_believed_while_the_certificate_is_valid)
{
    auth_error err;
    registry_ledger_head back;
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_bytes cert = RAW(made.certs[CHAIN_CA]);
    registry_ledger_trust trust = {&cert, 1};
    registry_ledger_head late = some_head;
    late.at = CHAIN_NOW + (auth_time)100 * 366 * CHAIN_DAY;
    auth_buf *text = sign(&late, &made);
    assert_fails(registry_ledger_head_read(auth_buf_bytes(text), &trust, &back, &err),
                 AUTH_STATUS_UNTRUSTED, &err);
    auth_buf_free(text);
}

START_TEST(no_octet_of_a_head_can_be_changed)
{
    auth_error err;
    registry_ledger_head back;
    static uint8_t copy[REGISTRY_LEDGER_HEAD_MAX];
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_bytes cert = RAW(made.certs[CHAIN_CA]);
    registry_ledger_trust trust = {&cert, 1};
    auth_buf *text = sign(&some_head, &made);
    auth_bytes octets = auth_buf_bytes(text);
    for (size_t at = 0; at < octets.len; at++) {
        memcpy(copy, octets.data, octets.len);
        copy[at] = copy[at] == 'A' ? 'B' : 'A';
        auth_status status =
            registry_ledger_head_read((auth_bytes){copy, octets.len}, &trust, &back, &err);
        assert_each(status != AUTH_STATUS_OK, "octet %zu", at);
    }
    auth_buf_free(text);
}

/* Payloads that somebody signed who may, in another spelling. */
static const char *const bad_payloads[] = {
    "{\"version\":2,\"realm\":\"r\",\"tree_size\":1,\"root_hash\":\"%s\",\"at\":\"2026-01-01T00:00:"
    "00Z\"}",
    "{\"version\":1,\"realm\":\"R\",\"tree_size\":1,\"root_hash\":\"%s\",\"at\":\"2026-01-01T00:00:"
    "00Z\"}",
    "{\"version\":1,\"realm\":\"r\",\"tree_size\":0,\"root_hash\":\"%s\",\"at\":\"2026-01-01T00:00:"
    "00Z\"}",
    "{\"version\":1,\"realm\":\"r\",\"tree_size\":01,\"root_hash\":\"%s\",\"at\":\"2026-01-01T00:"
    "00:00Z\"}",
    "{\"version\":1,\"realm\":\"r\",\"tree_size\":99999999999999999999,\"root_hash\":\"%s\",\"at\":"
    "\"2026-01-01T00:00:00Z\"}",
    "{\"version\":1,\"realm\":\"r\",\"tree_size\":1,\"root_hash\":\"%s0\",\"at\":\"2026-01-01T00:"
    "00:00Z\"}",
    "{\"version\":1,\"realm\":\"r\",\"tree_size\":1,\"root_hash\":\"%s\",\"at\":\"2026-01-01\"}",
    "{\"version\":1,\"realm\":\"r\",\"tree_size\":1,\"root_hash\":\"%s\",\"at\":\"2026-01-01T00:00:"
    "00Z\"} ",
    "{\"version\":1,\"realm\":\"r\",\"tree_size\":1,\"root_hash\":\"%s\",\"at\":\"2026-01-01T00:00:"
    "00Z\",\"x\":1}",
};

#define BAD_PAYLOADS (sizeof bad_payloads / sizeof bad_payloads[0])

START_TEST(a_payload_of_another_form_is_no_head)
{
    auth_error err;
    registry_ledger_head back;
    auth_buf *payload = NULL;
    auth_buf *text = NULL;
    char root[65];
    memset(root, 'a', 64);
    root[64] = '\0';
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_bytes cert = RAW(made.certs[CHAIN_LEAF]);
    auth_jws_signing signing = {REGISTRY_LEDGER_HEAD_TYPE,
                                chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF), &cert, 1, CHAIN_NOW};
    assert_ok(auth_buf_new(1000, &payload, &err), &err);
    assert_ok(auth_buf_new(REGISTRY_LEDGER_HEAD_MAX, &text, &err), &err);
    const char *form = bad_payloads[_i];
    const char *hole = strstr(form, "%s");
    assert_ok(auth_buf_printf(payload, &err, "%.*s%s%s", (int)(hole - form), form, root, hole + 2),
              &err);
    assert_ok(auth_jws_sign_compact(auth_buf_bytes(payload), &signing, text, &err), &err);
    assert_fails(registry_ledger_head_read(auth_buf_bytes(text), NULL, &back, &err),
                 AUTH_STATUS_MALFORMED, &err);
    auth_buf_free(text);
    auth_buf_free(payload);
}

START_TEST(what_is_no_head_is_not_signed)
{
    auth_error err;
    auth_buf *out = NULL;
    chain made = chain_make(AUTH_KEY_TYPE_P256, CHAIN_LEAF, NULL);
    auth_bytes cert = RAW(made.certs[CHAIN_LEAF]);
    registry_ledger_signing signing = {chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF), &cert, 1};
    assert_ok(auth_buf_new(REGISTRY_LEDGER_HEAD_MAX, &out, &err), &err);
    registry_ledger_head bad[4] = {some_head, some_head, some_head, some_head};
    bad[0].tree_size = 0;
    bad[1].tree_size = MERKLE_SIZE_MAX + 1;
    bad[2].realm[0] = '\0';
    bad[3].at = AUTH_TIME_MAX + 1;
    for (size_t i = 0; i < 4; i++)
        assert_fails(registry_ledger_head_sign(&bad[i], &signing, out, &err), AUTH_STATUS_INVALID,
                     &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    auth_buf_free(out);
}

SUITE("ledger_head", TEST(a_head_comes_back), TEST(the_payload_has_one_spelling),
      TEST(who_is_believed), TEST(a_signer_is_believed_while_the_certificate_is_valid),
      TEST(no_octet_of_a_head_can_be_changed),
      TEST_EACH(a_payload_of_another_form_is_no_head, BAD_PAYLOADS),
      TEST(what_is_no_head_is_not_signed))
