/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does each CRL and OCSP response count for what it speaks of, and is one that cannot be used never
 * taken for silence?
 */
#include "harness/chain.h"
#include "harness/harness.h"
#include "ocsp/ocsp.h"

#include <auth/ocsp.h>
#include <string.h>

#define LEAF_SERIAL BYTES("\x33")
#define CA_SERIAL BYTES("\x22")
#define OTHER_SERIAL BYTES("\x44")
#define SHARD "http://crl.example/1.crl"
#define OTHER_SHARD "http://crl.example/2.crl"

static const auth_key_type key_types[] = {
    AUTH_KEY_TYPE_P256,    AUTH_KEY_TYPE_P384, AUTH_KEY_TYPE_RSA,
    AUTH_KEY_TYPE_ED25519, AUTH_KEY_TYPE_SM2,
};
#define KEY_TYPE_COUNT (sizeof key_types / sizeof key_types[0])

#define CRLS_MAX 8

typedef struct world {
    auth_key_type type;
    chain c;
    auth_validation options;
    size_t crl_count;
    auth_buf *crls[CRLS_MAX];
    size_t ocsp_count;
    auth_bytes ocsp[CRLS_MAX];
} world;

static world world_new(auth_key_type type, chain_change *change)
{
    return (world){
        .type = type,
        .c = chain_make(type, CHAIN_LEAF, change),
        .options = {.now = CHAIN_NOW,
                    .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
                    .requires_revocation = true},
    };
}

static void world_end(world *w)
{
    for (size_t i = 0; i < w->crl_count; i++)
        auth_buf_free(w->crls[i]);
}

static auth_buf *give(world *w, chain_role role, chain_crl crl)
{
    w->crls[w->crl_count] = chain_crl_make(w->type, role, &crl);
    return w->crls[w->crl_count++];
}

static auth_verdict ask(const world *w)
{
    auth_error err;
    auth_verdict verdict;
    auth_bytes crls[CRLS_MAX];
    AUTH_AUTO(auth_trust) *trust = NULL;
    auth_bytes anchor = RAW(w->c.certs[CHAIN_ROOT]);
    auth_bytes authority = RAW(w->c.certs[CHAIN_CA]);
    for (size_t i = 0; i < w->crl_count; i++)
        crls[i] = auth_buf_bytes(w->crls[i]);
    auth_evidence evidence = {
        .intermediates = &authority,
        .intermediate_count = 1,
        .crls = crls,
        .crl_count = w->crl_count,
        .ocsp = w->ocsp,
        .ocsp_count = w->ocsp_count,
    };
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_validate(trust, &w->options, RAW(w->c.certs[CHAIN_LEAF]), &evidence, &verdict,
                            &err),
              &err);
    return verdict;
}

#define assert_asked(world, wanted)                                                                \
    do {                                                                                           \
        auth_verdict verdict_ = ask(world);                                                        \
        ck_assert_msg(verdict_.reason == (wanted), "%s at %u instead of %s: %s",                   \
                      auth_verdict_reason_name(verdict_.reason), verdict_.depth,                   \
                      auth_verdict_reason_name(wanted), verdict_.detail);                          \
    } while (0)

#define HAS(name) AUTH_VERDICT_REASON_##name

START_TEST(a_certificate_that_no_crl_lists_is_valid)
{
    world w = world_new(key_types[_i], NULL);
    assert_asked(&w, HAS(REVOCATION_UNKNOWN));
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1, .serial = OTHER_SERIAL});
    assert_asked(&w, HAS(REVOCATION_UNKNOWN));
    give(&w, CHAIN_CA, (chain_crl){.number = 1, .serial = OTHER_SERIAL});
    auth_verdict verdict = ask(&w);
    ck_assert_msg(verdict.reason == HAS(OK), "%s", verdict.detail);
    ck_assert_int_eq((int)verdict.source, AUTH_REVOCATION_SOURCE_CRL);
    ck_assert_int_eq(verdict.status_from, CHAIN_NOW - 3600);
    ck_assert_int_eq(verdict.status_until, CHAIN_NOW + CHAIN_DAY);
    ck_assert_uint_eq(verdict.unchecked_count, 0);
    world_end(&w);
}
END_TEST

START_TEST(a_certificate_that_a_crl_lists_is_revoked)
{
    world w = world_new(key_types[_i], NULL);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give(&w, CHAIN_CA,
         (chain_crl){.number = 1,
                     .serial = LEAF_SERIAL,
                     .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE});
    auth_verdict verdict = ask(&w);
    ck_assert_msg(verdict.reason == HAS(REVOKED), "%s", verdict.detail);
    ck_assert_int_eq(verdict.revoked_at, CHAIN_NOW - 7200);
    ck_assert_int_eq((int)verdict.revocation_reason, AUTH_REVOCATION_REASON_KEY_COMPROMISE);
    ck_assert_uint_eq(verdict.depth, 0);
    w.options.requires_revocation = false;
    assert_asked(&w, HAS(REVOKED));
    world_end(&w);
}
END_TEST

START_TEST(an_authority_that_is_revoked_takes_its_certificates_along)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    give(&w, CHAIN_ROOT,
         (chain_crl){.number = 1,
                     .serial = CA_SERIAL,
                     .reason = AUTH_REVOCATION_REASON_CA_COMPROMISE});
    give(&w, CHAIN_CA, (chain_crl){.number = 1});
    auth_verdict verdict = ask(&w);
    ck_assert_int_eq((int)verdict.reason, HAS(REVOKED));
    ck_assert_uint_eq(verdict.depth, 1);
    ck_assert_str_eq(verdict.subject, "CN=Chain authority");
    world_end(&w);
}
END_TEST

START_TEST(a_suspended_certificate_is_told_apart)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give(&w, CHAIN_CA,
         (chain_crl){.number = 1,
                     .serial = LEAF_SERIAL,
                     .reason = AUTH_REVOCATION_REASON_CERTIFICATE_HOLD});
    assert_asked(&w, HAS(ON_HOLD));
    world_end(&w);
}
END_TEST

/* Each of these CRLs of the authority is of no use; none may be taken for silence. */
static const struct useless_row {
    chain_crl crl;
    auth_verdict_reason wanted;
} useless_rows[] = {
    {{.number = 1, .next_update = CHAIN_NOW - 1}, HAS(CRL_EXPIRED)},
    {{.number = 1, .this_update = CHAIN_NOW + 1}, HAS(CRL_NOT_YET_VALID)},
    {{.number = 1, .uri = SHARD}, HAS(CRL_SCOPE)},
    {{.number = 1, .only_ca_certs = true}, HAS(CRL_SCOPE)},
    {{.number = 2, .base_number = 1}, HAS(CRL_DELTA_GAP)},
};

START_TEST(a_crl_that_cannot_be_used_is_not_silence)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    give(&w, CHAIN_CA, useless_rows[_i].crl);
    w.options.requires_revocation = false;
    assert_asked(&w, useless_rows[_i].wanted);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    w.options.requires_revocation = true;
    assert_asked(&w, useless_rows[_i].wanted);
    /* Beside one that can be used it does no harm. */
    give(&w, CHAIN_CA, (chain_crl){.number = 3});
    assert_asked(&w, HAS(OK));
    world_end(&w);
}
END_TEST

START_TEST(a_crl_holds_in_the_second_of_its_next_update)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1, .next_update = CHAIN_NOW});
    give(&w, CHAIN_CA, (chain_crl){.number = 1, .this_update = CHAIN_NOW});
    assert_asked(&w, HAS(OK));
    world_end(&w);
}
END_TEST

START_TEST(a_forged_crl_is_refused)
{
    world w = world_new(key_types[_i], NULL);
    auth_bytes crl = auth_buf_bytes(give(&w, CHAIN_CA, (chain_crl){.number = 1}));
    uint8_t octets[4096];
    ck_assert_uint_lt(crl.len, sizeof octets);
    memcpy(octets, crl.data, crl.len);
    octets[crl.len - 1] ^= 0x01;
    auth_buf_truncate(w.crls[0], 0);
    auth_error err;
    assert_ok(auth_buf_append(w.crls[0], (auth_bytes){octets, crl.len}, &err), &err);
    w.options.requires_revocation = false;
    assert_asked(&w, HAS(CRL_SIGNATURE));
    auth_buf_truncate(w.crls[0], crl.len - 1);
    assert_asked(&w, HAS(CRL_MALFORMED));
    world_end(&w);
}
END_TEST

/* A CRL under the authority's name that the holder's key signed. */
START_TEST(a_crl_of_another_key_is_refused)
{
    auth_error err;
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    auth_crl_builder *builder = NULL;
    raw_bytes name = raw_name("Chain authority");
    auth_crl_settings settings = {
        .issuer = RAW(name),
        .key_id = BYTES("\x01\x02"),
        .this_update = CHAIN_NOW - 10,
        .next_update = CHAIN_NOW + 10,
        .number = BYTES("\x01"),
    };
    assert_ok(auth_crl_builder_new(&settings, &builder, &err), &err);
    assert_ok(auth_buf_new(4096, &w.crls[0], &err), &err);
    w.crl_count = 1;
    assert_ok(auth_crl_builder_finish(builder, chain_signer(w.type, CHAIN_LEAF), w.crls[0], &err),
              &err);
    auth_crl_builder_free(builder);
    w.options.requires_revocation = false;
    assert_asked(&w, HAS(CRL_ISSUER));
    world_end(&w);
}
END_TEST

static void have_point(chain_cert *cert)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t points = der_open(&writer, DER_SEQUENCE);
    size_t point = der_open(&writer, DER_SEQUENCE);
    size_t name = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
    size_t full = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put_item(&writer, DER_CONTEXT(6), auth_bytes_from_text(SHARD));
    der_close(&writer, full);
    der_close(&writer, name);
    der_close(&writer, point);
    der_close(&writer, points);
    chain_set(cert, OID_CRL_DISTRIBUTION_POINTS, false, der_written(&writer));
}

START_TEST(a_shard_counts_for_the_certificates_that_name_it)
{
    world w = world_new(key_types[_i], have_point);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1, .only_ca_certs = true});
    give(&w, CHAIN_CA, (chain_crl){.number = 1, .uri = OTHER_SHARD});
    assert_asked(&w, HAS(CRL_SCOPE));
    give(&w, CHAIN_CA, (chain_crl){.number = 1, .uri = SHARD, .only_user_certs = true});
    assert_asked(&w, HAS(OK));
    give(&w, CHAIN_CA,
         (chain_crl){.number = 2,
                     .uri = SHARD,
                     .only_user_certs = true,
                     .serial = LEAF_SERIAL,
                     .this_update = CHAIN_NOW - 1});
    assert_asked(&w, HAS(REVOKED)); /* the newer of two decides */
    world_end(&w);
}
END_TEST

static void set_authority_key(chain_cert *cert, const auth_signer *signer)
{
    uint8_t id[AUTH_KEY_ID_SIZE];
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    auth_public_key_id(auth_signer_public_key(signer), id);
    size_t sequence = der_open(&writer, DER_SEQUENCE);
    der_put_item(&writer, DER_CONTEXT(0), (auth_bytes){id, sizeof id});
    der_close(&writer, sequence);
    chain_set(cert, OID_AUTHORITY_KEY_IDENTIFIER, false, der_written(&writer));
}

static void set_subject_key(chain_cert *cert, const auth_signer *signer)
{
    uint8_t id[AUTH_KEY_ID_SIZE];
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    auth_public_key_id(auth_signer_public_key(signer), id);
    der_put_item(&writer, DER_OCTET_STRING, (auth_bytes){id, sizeof id});
    chain_set(cert, OID_SUBJECT_KEY_IDENTIFIER, false, der_written(&writer));
}

/* The authority's certificate for its next key, by its first one, with a CRL of its own. */
static raw_bytes new_with_old(auth_key_type type)
{
    chain_cert cert = chain_plan(type, CHAIN_CA);
    cert.serial = BYTES("\x23");
    cert.issuer = cert.subject;
    set_authority_key(&cert, chain_signer(type, CHAIN_CA));
    set_subject_key(&cert, chain_signer(type, CHAIN_LEAF));
    have_point(&cert);
    return chain_sign(&cert, type, CHAIN_LEAF, CHAIN_CA);
}

/* A CRL in the authority's name by its next key. */
static auth_buf *crl_by_next_key(auth_key_type type, auth_time this_update)
{
    auth_error err;
    auth_buf *out = NULL;
    auth_crl_builder *builder = NULL;
    uint8_t id[AUTH_KEY_ID_SIZE];
    raw_bytes name = raw_name("Chain authority");
    auth_public_key_id(auth_signer_public_key(chain_signer(type, CHAIN_LEAF)), id);
    auth_crl_settings settings = {
        .issuer = RAW(name),
        .key_id = {id, sizeof id},
        .this_update = this_update,
        .next_update = CHAIN_NOW + CHAIN_DAY,
        .number = BYTES("\x01"),
    };
    assert_ok(auth_crl_builder_new(&settings, &builder, &err), &err);
    assert_ok(auth_buf_new(4096, &out, &err), &err);
    assert_ok(auth_crl_builder_finish(builder, chain_signer(type, CHAIN_LEAF), out, &err), &err);
    auth_crl_builder_free(builder);
    return out;
}

/*
 * A CRL by the next key tells of the holder, and not of the certificate that gives the authority
 * that key; which of the two CRLs comes first does not matter (PKITS 4.5.3).
 */
START_TEST(a_key_that_an_authority_gave_itself_speaks_for_those_below_it)
{
    auth_error err;
    auth_verdict verdict;
    bool is_newer = _i == 1;
    AUTH_AUTO(auth_trust) *trust = NULL;
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    chain_cert holder = chain_plan(w.type, CHAIN_LEAF);
    set_authority_key(&holder, chain_signer(w.type, CHAIN_LEAF));
    raw_bytes leaf = chain_sign(&holder, w.type, CHAIN_ROOT, CHAIN_LEAF);
    raw_bytes next = new_with_old(w.type);
    auth_bytes anchor = RAW(w.c.certs[CHAIN_ROOT]);
    auth_bytes authorities[] = {RAW(w.c.certs[CHAIN_CA]), RAW(next)};
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    auth_buf *own = crl_by_next_key(w.type, CHAIN_NOW - (is_newer ? 60 : 7200));
    auth_buf *shard = give(&w, CHAIN_CA, (chain_crl){.number = 1, .uri = SHARD});
    auth_bytes crls[] = {auth_buf_bytes(w.crls[0]), auth_buf_bytes(own), auth_buf_bytes(shard)};
    auth_evidence evidence = {.intermediates = authorities,
                              .intermediate_count = 2,
                              .crls = crls,
                              .crl_count = 3};
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_ok(auth_validate(trust, &w.options, RAW(leaf), &evidence, &verdict, &err), &err);
    ck_assert_msg(verdict.reason == HAS(OK), "%s at %u: %s",
                  auth_verdict_reason_name(verdict.reason), verdict.depth, verdict.detail);
    ck_assert_uint_eq(verdict.chain_len, 4);
    /* Without the shard nothing but the next key itself would speak for the next key. */
    evidence.crl_count = 2;
    assert_ok(auth_validate(trust, &w.options, RAW(leaf), &evidence, &verdict, &err), &err);
    ck_assert_msg(verdict.reason == HAS(CRL_ISSUER), "%s",
                  auth_verdict_reason_name(verdict.reason));
    ck_assert_uint_eq(verdict.depth, 1);
    auth_buf_free(own);
    world_end(&w);
}
END_TEST

START_TEST(a_delta_adds_to_its_full_crl)
{
    world w = world_new(key_types[_i], NULL);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give(&w, CHAIN_CA, (chain_crl){.number = 5});
    give(&w, CHAIN_CA, (chain_crl){.number = 6, .base_number = 5});
    assert_asked(&w, HAS(OK));
    give(&w, CHAIN_CA,
         (chain_crl){.number = 7,
                     .base_number = 4,
                     .serial = LEAF_SERIAL,
                     .reason = AUTH_REVOCATION_REASON_SUPERSEDED});
    assert_asked(&w, HAS(REVOKED));
    world_end(&w);
}
END_TEST

START_TEST(a_delta_ends_a_suspension)
{
    world w = world_new(AUTH_KEY_TYPE_SM2, NULL);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give(&w, CHAIN_CA,
         (chain_crl){.number = 5,
                     .serial = LEAF_SERIAL,
                     .reason = AUTH_REVOCATION_REASON_CERTIFICATE_HOLD});
    assert_asked(&w, HAS(ON_HOLD));
    give(&w, CHAIN_CA,
         (chain_crl){.number = 6,
                     .base_number = 5,
                     .serial = LEAF_SERIAL,
                     .reason = AUTH_REVOCATION_REASON_REMOVE_FROM_CRL});
    assert_asked(&w, HAS(OK));
    world_end(&w);
}
END_TEST

START_TEST(a_gap_between_full_and_delta_is_an_error)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give(&w, CHAIN_CA, (chain_crl){.number = 5});
    give(&w, CHAIN_CA, (chain_crl){.number = 8, .base_number = 6});
    assert_asked(&w, HAS(CRL_DELTA_GAP));
    give(&w, CHAIN_CA, (chain_crl){.number = 6});
    assert_asked(&w, HAS(OK));
    world_end(&w);
}
END_TEST

/* OCSP */

static auth_buf *respond_by(const world *w, auth_bytes certificate, chain_role role,
                            auth_ocsp_status status, auth_time this_update,
                            auth_revocation_reason reason)
{
    auth_error err;
    auth_buf *out = NULL;
    AUTH_AUTO(auth_buf) *request_der = NULL;
    AUTH_AUTO(auth_ocsp_issuer) *issuer = NULL;
    AUTH_AUTO(auth_ocsp_responder) *responder = NULL;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    auth_bytes authority = RAW(w->c.certs[CHAIN_CA]);
    auth_ocsp_statement statement = {
        .status = status,
        .revoked = CHAIN_NOW - 7200,
        .reason = reason,
        .this_update = this_update,
        .next_update = this_update + 7200,
    };
    auth_ocsp_answer_options options = {.produced_at = this_update};
    assert_ok(auth_ocsp_issuer_new(authority, &issuer, &err), &err);
    assert_ok(auth_ocsp_responder_new(certificate, issuer, chain_signer(w->type, role), &responder,
                                      &err),
              &err);
    assert_ok(auth_buf_new(4096, &request_der, &err), &err);
    assert_ok(auth_ocsp_request_encode(issuer, LEAF_SERIAL, AUTH_OCSP_HASH_SHA1,
                                       (auth_bytes){NULL, 0}, request_der, &err),
              &err);
    assert_ok(auth_ocsp_request_parse(auth_buf_bytes(request_der), &request, &err), &err);
    assert_ok(auth_buf_new(65536, &out, &err), &err);
    assert_ok(auth_ocsp_respond(responder, request, &statement, &options, out, &err), &err);
    return out;
}

static auth_buf *respond(const world *w, auth_ocsp_status status, auth_time this_update,
                         auth_revocation_reason reason)
{
    return respond_by(w, RAW(w->c.certs[CHAIN_CA]), CHAIN_CA, status, this_update, reason);
}

static void give_response(world *w, const auth_buf *response)
{
    w->ocsp[w->ocsp_count++] = auth_buf_bytes(response);
}

START_TEST(a_response_tells_the_status)
{
    world w = world_new(key_types[_i], NULL);
    AUTH_AUTO(auth_buf) *good = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW - 60, 0);
    AUTH_AUTO(auth_buf) *bad =
        respond(&w, AUTH_OCSP_REVOKED, CHAIN_NOW - 120, AUTH_REVOCATION_REASON_SUPERSEDED);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give_response(&w, good);
    auth_verdict verdict = ask(&w);
    ck_assert_msg(verdict.reason == HAS(OK), "%s", verdict.detail);
    ck_assert_int_eq((int)verdict.source, AUTH_REVOCATION_SOURCE_OCSP);
    ck_assert_int_eq(verdict.status_from, CHAIN_NOW - 60);
    give_response(&w, bad);
    assert_asked(&w, HAS(REVOKED));
    world_end(&w);
}
END_TEST

START_TEST(a_response_that_cannot_be_used_is_not_silence)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    AUTH_AUTO(auth_buf) *old = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW - 9000, 0);
    AUTH_AUTO(auth_buf) *future = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW + 9000, 0);
    AUTH_AUTO(auth_buf) *unknown = respond(&w, AUTH_OCSP_UNKNOWN, CHAIN_NOW - 60, 0);
    AUTH_AUTO(auth_buf) *good = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW - 60, 0);
    uint8_t octets[4096];
    w.options.requires_revocation = false;
    w.ocsp_count = 1;
    w.ocsp[0] = auth_buf_bytes(old);
    assert_asked(&w, HAS(OCSP_EXPIRED));
    w.ocsp[0] = auth_buf_bytes(future);
    assert_asked(&w, HAS(OCSP_EXPIRED));
    w.ocsp[0] = auth_buf_bytes(unknown);
    assert_asked(&w, HAS(OCSP_UNKNOWN));
    w.ocsp[0] = auth_ocsp_error_response(AUTH_OCSP_TRY_LATER);
    assert_asked(&w, HAS(OCSP_MALFORMED));
    auth_bytes response = auth_buf_bytes(good);
    memcpy(octets, response.data, response.len);
    /* The signature is the last thing in a response of the issuer itself. */
    octets[response.len - 1] ^= 0x01;
    w.ocsp[0] = (auth_bytes){octets, response.len};
    assert_asked(&w, HAS(OCSP_UNTRUSTED));
    w.ocsp[0] = (auth_bytes){octets, response.len - 1};
    assert_asked(&w, HAS(OCSP_MALFORMED));
    w.ocsp[0] = response;
    assert_asked(&w, HAS(OK));
}
END_TEST

START_TEST(of_crl_and_response_the_worse_counts)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    AUTH_AUTO(auth_buf) *good = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW - 60, 0);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give(&w, CHAIN_CA,
         (chain_crl){.number = 1,
                     .serial = LEAF_SERIAL,
                     .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE});
    give_response(&w, good);
    assert_asked(&w, HAS(REVOKED));
    world_end(&w);
}
END_TEST

START_TEST(a_newer_response_ends_a_suspension_and_an_older_does_not)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    AUTH_AUTO(auth_buf) *newer = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW - 60, 0);
    AUTH_AUTO(auth_buf) *older = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW - 7000, 0);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give(&w, CHAIN_CA,
         (chain_crl){.number = 1,
                     .serial = LEAF_SERIAL,
                     .reason = AUTH_REVOCATION_REASON_CERTIFICATE_HOLD});
    give_response(&w, older);
    assert_asked(&w, HAS(ON_HOLD));
    w.ocsp[0] = auth_buf_bytes(newer);
    assert_asked(&w, HAS(OK));
    world_end(&w);
}
END_TEST

START_TEST(of_two_responses_as_new_the_one_that_suspends_counts)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    AUTH_AUTO(auth_buf) *good = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW - 60, 0);
    AUTH_AUTO(auth_buf) *held =
        respond(&w, AUTH_OCSP_REVOKED, CHAIN_NOW - 60, AUTH_REVOCATION_REASON_CERTIFICATE_HOLD);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give_response(&w, _i == 0 ? good : held);
    give_response(&w, _i == 0 ? held : good);
    assert_asked(&w, HAS(ON_HOLD));
    world_end(&w);
}
END_TEST

/* A responder of the authority with the holder's key, and one extension of its own. */
static raw_bytes make_responder(auth_key_type type, oid id, auth_bytes value)
{
    chain_cert cert = chain_plan(type, CHAIN_LEAF);
    raw_bytes purposes = chain_purposes(OID_OCSP_SIGNING, OID_UNKNOWN);
    cert.serial = BYTES("\x44");
    cert.subject = raw_name("Chain responder");
    chain_set(&cert, OID_EXTENDED_KEY_USAGE, false, RAW(purposes));
    chain_set(&cert, id, false, value);
    return chain_sign(&cert, type, CHAIN_LEAF, CHAIN_CA);
}

/* The same answer, along with another certificate for the key that signed it. */
static raw_bytes with_certificate(const auth_buf *answer, auth_bytes certificate)
{
    auth_error err;
    ocsp_response read;
    raw_bytes out = {0};
    der_writer writer = der_writer_on(out.octets, sizeof out.octets);
    assert_ok(ocsp_response_parse(auth_buf_bytes(answer), &read, &err), &err);
    size_t response = der_open(&writer, DER_SEQUENCE);
    der_put_enumerated(&writer, 0);
    size_t tagged = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
    size_t typed = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, BYTES("\x2b\x06\x01\x05\x05\x07\x30\x01\x01")); /* id-pkix-ocsp-basic */
    size_t string = der_open(&writer, DER_OCTET_STRING);
    size_t basic = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, read.tbs);
    der_put(&writer, read.algorithm);
    der_put_bit_octets(&writer, read.signature);
    size_t certs = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put_item(&writer, DER_SEQUENCE, certificate);
    der_close(&writer, certs);
    der_close(&writer, basic);
    der_close(&writer, string);
    der_close(&writer, typed);
    der_close(&writer, tagged);
    der_close(&writer, response);
    out.len = writer.len;
    return out;
}

START_TEST(a_responder_that_cannot_be_looked_up_has_no_say)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    raw_bytes exempt = make_responder(w.type, OID_OCSP_NO_CHECK, BYTES("\x05\x00"));
    raw_bytes plain = make_responder(w.type, OID_ISSUER_ALT_NAME, BYTES("\x30\x03\x82\x01\x61"));
    raw_bytes broken = make_responder(w.type, OID_CRL_DISTRIBUTION_POINTS, BYTES("\x30\x00"));
    AUTH_AUTO(auth_buf) *good =
        respond_by(&w, RAW(exempt), CHAIN_LEAF, AUTH_OCSP_GOOD, CHAIN_NOW - 60, 0);
    raw_bytes by_plain = with_certificate(good, RAW(plain));
    raw_bytes by_broken = with_certificate(good, RAW(broken));
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give_response(&w, good);
    assert_asked(&w, HAS(OK));
    w.ocsp[0] = RAW(by_plain);
    assert_asked(&w, HAS(OK));
    w.ocsp[0] = RAW(by_broken);
    assert_asked(&w, HAS(OCSP_UNTRUSTED));
    world_end(&w);
}
END_TEST

START_TEST(a_statement_that_is_malformed_is_not_silence)
{
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    AUTH_AUTO(auth_buf) *good = respond(&w, AUTH_OCSP_GOOD, CHAIN_NOW - 60, 0);
    uint8_t octets[4096];
    auth_bytes response = auth_buf_bytes(good);
    memcpy(octets, response.data, response.len);
    /* certStatus [0] behind the serial number becomes [3], which there is not. */
    uint8_t *status = memmem(octets, response.len, "\x02\x01\x33\x80\x00", 5);
    ck_assert_ptr_nonnull(status);
    status[3] = 0x83;
    w.options.requires_revocation = false;
    w.ocsp[0] = (auth_bytes){octets, response.len};
    w.ocsp_count = 1;
    assert_asked(&w, HAS(OCSP_MALFORMED));
    world_end(&w);
}
END_TEST

START_TEST(too_much_evidence_is_an_error)
{
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    world w = world_new(AUTH_KEY_TYPE_P256, NULL);
    auth_bytes anchor = RAW(w.c.certs[CHAIN_ROOT]);
    auth_evidence evidence = {.crls = &anchor, .crl_count = AUTH_EVIDENCE_MAX + 1};
    assert_ok(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err), &err);
    assert_fails(auth_validate(trust, &w.options, anchor, &evidence, &verdict, &err),
                 AUTH_STATUS_INVALID, &err);
}
END_TEST

/* Memory */

static auth_status validate_once(void *context)
{
    const world *w = context;
    auth_error err;
    auth_verdict verdict;
    AUTH_AUTO(auth_trust) *trust = NULL;
    auth_bytes anchor = RAW(w->c.certs[CHAIN_ROOT]);
    auth_bytes authority = RAW(w->c.certs[CHAIN_CA]);
    auth_bytes crls[] = {auth_buf_bytes(w->crls[0]), auth_buf_bytes(w->crls[1])};
    auth_evidence evidence = {.intermediates = &authority,
                              .intermediate_count = 1,
                              .crls = crls,
                              .crl_count = 2};
    auth_status status = auth_trust_new(&anchor, 1, NULL, 0, &trust, &err);
    if (status == AUTH_STATUS_OK)
        status = auth_validate(trust, &w->options, RAW(w->c.certs[CHAIN_LEAF]), &evidence, &verdict,
                               &err);
    if (status == AUTH_STATUS_OK && verdict.reason != AUTH_VERDICT_REASON_OK)
        return AUTH_STATUS_INTERNAL;
    return status;
}

START_TEST(a_lack_of_memory_is_a_fault_and_no_verdict)
{
    world w = world_new(AUTH_KEY_TYPE_SM2, NULL);
    give(&w, CHAIN_ROOT, (chain_crl){.number = 1});
    give(&w, CHAIN_CA, (chain_crl){.number = 1, .serial = OTHER_SERIAL});
    ck_assert_int_eq((int)validate_once(&w), AUTH_STATUS_OK);
    ck_assert_uint_gt(harness_for_each_failure(validate_once, &w), 5);
    world_end(&w);
}
END_TEST

SUITE("validate_revocation", TEST_EACH(a_certificate_that_no_crl_lists_is_valid, KEY_TYPE_COUNT),
      TEST_EACH(a_certificate_that_a_crl_lists_is_revoked, KEY_TYPE_COUNT),
      TEST(an_authority_that_is_revoked_takes_its_certificates_along),
      TEST(a_suspended_certificate_is_told_apart),
      TEST_EACH(a_crl_that_cannot_be_used_is_not_silence,
                sizeof useless_rows / sizeof useless_rows[0]),
      TEST(a_crl_holds_in_the_second_of_its_next_update),
      TEST_EACH(a_forged_crl_is_refused, KEY_TYPE_COUNT), TEST(a_crl_of_another_key_is_refused),
      TEST_EACH(a_shard_counts_for_the_certificates_that_name_it, KEY_TYPE_COUNT),
      TEST_EACH(a_key_that_an_authority_gave_itself_speaks_for_those_below_it, 2),
      TEST_EACH(a_delta_adds_to_its_full_crl, KEY_TYPE_COUNT), TEST(a_delta_ends_a_suspension),
      TEST(a_gap_between_full_and_delta_is_an_error),
      TEST_EACH(a_response_tells_the_status, KEY_TYPE_COUNT),
      TEST(a_response_that_cannot_be_used_is_not_silence),
      TEST(of_crl_and_response_the_worse_counts),
      TEST(a_newer_response_ends_a_suspension_and_an_older_does_not),
      TEST_EACH(of_two_responses_as_new_the_one_that_suspends_counts, 2),
      TEST(a_responder_that_cannot_be_looked_up_has_no_say),
      TEST(a_statement_that_is_malformed_is_not_silence), TEST(too_much_evidence_is_an_error),
      TEST(a_lack_of_memory_is_a_fault_and_no_verdict))
