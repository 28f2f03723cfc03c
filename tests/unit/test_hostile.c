/* SPDX-License-Identifier: Apache-2.0 */
/* Attacks on validation that need several objects at once: evidence that vouches for itself. */
#include "harness/chain.h"
#include "harness/harness.h"

#include <string.h>

#define EVIDENCE_ROOM 8

typedef struct hostile {
    auth_key_type type;
    auth_validation options;
    chain c;
    size_t intermediate_count;
    auth_bytes intermediates[EVIDENCE_ROOM];
    size_t crl_count;
    auth_buf *crls[EVIDENCE_ROOM];
} hostile;

static hostile hostile_new(auth_key_type type)
{
    return (hostile){
        .type = type,
        .c = chain_make(type, CHAIN_LEAF, NULL),
        .options = {.now = CHAIN_NOW,
                    .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
                    .requires_revocation = true},
    };
}

static void hostile_end(hostile *h)
{
    for (size_t i = 0; i < h->crl_count; i++)
        auth_buf_free(h->crls[i]);
}

static auth_verdict ask(const hostile *h)
{
    auth_error err;
    auth_verdict verdict;
    auth_bytes crls[EVIDENCE_ROOM];
    AUTH_AUTO(auth_trust) *trust = NULL;
    auth_bytes anchor = RAW(h->c.certs[CHAIN_ROOT]);
    for (size_t i = 0; i < h->crl_count; i++)
        crls[i] = auth_buf_bytes(h->crls[i]);
    auth_evidence evidence = {
        .intermediates = h->intermediates,
        .intermediate_count = h->intermediate_count,
        .crls = crls,
        .crl_count = h->crl_count,
    };
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_validate(trust, &h->options, RAW(h->c.certs[CHAIN_LEAF]), &evidence, &verdict,
                            &err),
              &err);
    return verdict;
}

#define HAS(name) AUTH_VERDICT_REASON_##name

#define assert_reason(verdict, wanted)                                                             \
    ck_assert_msg((verdict).reason == (wanted), "%s at %u instead of %s: %s",                      \
                  auth_verdict_reason_name((verdict).reason), (verdict).depth,                     \
                  auth_verdict_reason_name(wanted), (verdict).detail)

/* A CRL under the root's name, by the holder's key. */
static auth_buf *crl_in_the_root_s_name(auth_key_type type)
{
    auth_error err;
    auth_buf *out = NULL;
    auth_crl_builder *builder = NULL;
    uint8_t id[AUTH_KEY_ID_SIZE];
    const auth_signer *signer = chain_signer(type, CHAIN_LEAF);
    raw_bytes name = raw_name("Chain root");
    auth_public_key_id(auth_signer_public_key(signer), id);
    auth_crl_settings settings = {
        .issuer = RAW(name),
        .key_id = {id, sizeof id},
        .this_update = CHAIN_NOW - 60,
        .next_update = CHAIN_NOW + CHAIN_DAY,
        .number = BYTES("\x63"),
    };
    assert_ok(auth_crl_builder_new(&settings, &builder, &err), &err);
    assert_ok(auth_buf_new(4096, &out, &err), &err);
    assert_ok(auth_crl_builder_finish(builder, signer, out, &err), &err);
    auth_crl_builder_free(builder);
    return out;
}

/* A certificate in the root's name for the holder's key, which the authority below it signed. */
static raw_bytes crl_signer_in_the_root_s_name(auth_key_type type)
{
    chain_cert cert = chain_plan(type, CHAIN_LEAF);
    raw_bytes usage = chain_key_usage(0x40); /* cRLSign */
    cert.serial = BYTES("\x55");
    cert.subject = raw_name("Chain root");
    chain_set(&cert, OID_KEY_USAGE, true, RAW(usage));
    chain_drop(&cert, OID_EXTENDED_KEY_USAGE);
    return chain_sign(&cert, type, CHAIN_LEAF, CHAIN_CA);
}

START_TEST(an_authority_that_is_revoked_cannot_vouch_for_itself)
{
    hostile h = hostile_new(AUTH_KEY_TYPE_P256);
    raw_bytes signer = crl_signer_in_the_root_s_name(h.type);
    h.intermediates[h.intermediate_count++] = RAW(h.c.certs[CHAIN_CA]);
    h.crls[h.crl_count++] =
        chain_crl_make(h.type, CHAIN_ROOT,
                       &(chain_crl){.number = 1,
                                    .serial = BYTES("\x22"),
                                    .reason = AUTH_REVOCATION_REASON_CA_COMPROMISE});
    h.crls[h.crl_count++] = chain_crl_make(h.type, CHAIN_CA, &(chain_crl){.number = 1});
    assert_reason(ask(&h), HAS(REVOKED));
    h.crls[h.crl_count++] = crl_in_the_root_s_name(h.type);
    h.intermediates[h.intermediate_count++] = RAW(signer);
    assert_reason(ask(&h), HAS(REVOKED));
    hostile_end(&h);
}
END_TEST

SUITE("hostile", TEST(an_authority_that_is_revoked_cannot_vouch_for_itself))
