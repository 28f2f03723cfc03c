/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is there a verdict for every chain, however it was put together, and does a known issuer never
 * accept what the whole engine refuses?
 *
 * The input is an octet of options and then rows: an octet that says what to do, a length of two
 * octets, and that many octets. Rows make certificates to be signed, signed by the test's own keys,
 * so that what lies behind the signature is reached, or hand octets in as they are.
 */
#include "fuzz/fuzz.h"
#include "harness/chain.h"

#include <string.h>

#define ROWS_MAX 8

typedef enum row_kind {
    ROW_HOLDER,         /* to-be-signed octets of the certificate asked about */
    ROW_AUTHORITY,      /* the same of its authority, whose key is put in */
    ROW_HOLDER_EDIT,    /* triples of offset and octet: changes to a good one, signed again */
    ROW_AUTHORITY_EDIT, /* likewise */
    ROW_RAW_HOLDER,     /* a certificate as it is */
    ROW_RAW_OTHER,
    ROW_CRL,      /* to-be-signed octets of a CRL of the authority */
    ROW_CRL_EDIT, /* as above */
    ROW_RAW_CRL,
    ROW_RAW_OCSP,
    ROW_KINDS,
} row_kind;

typedef struct input {
    raw_bytes holder;
    raw_bytes authority;
    auth_bytes others[ROWS_MAX + 1];
    size_t other_count;
    raw_bytes made_crls[ROWS_MAX];
    auth_bytes crls[ROWS_MAX];
    size_t crl_count;
    auth_bytes ocsp[ROWS_MAX];
    size_t ocsp_count;
} input;

static chain good;
static auth_buf *good_crl;

static bool take(auth_bytes *data, size_t len, auth_bytes *out)
{
    if (data->len < len)
        return false;
    *out = (auth_bytes){data->data, len};
    data->data += len;
    data->len -= len;
    return true;
}

/* The to-be-signed octets of something signed. */
static auth_bytes tbs_of(auth_bytes der)
{
    auth_bytes content;
    der_item tbs;
    if (!der_only(der, DER_SEQUENCE, &content) || !der_next(&content, &tbs))
        abort();
    return tbs.whole;
}

/* Signs what fits into a test object; false when it does not. */
static bool sign(auth_bytes tbs, chain_role by, raw_bytes *out)
{
    der_writer writer = der_writer_on(out->octets, sizeof out->octets);
    raw_put_signed(&writer, tbs, chain_signer(AUTH_KEY_TYPE_P256, by));
    out->len = writer.len;
    return !writer.has_failed;
}

static bool sign_edited(auth_bytes tbs, auth_bytes edits, chain_role by, raw_bytes *out)
{
    uint8_t octets[RAW_CERT_MAX];
    if (tbs.len > sizeof octets)
        return false;
    memcpy(octets, tbs.data, tbs.len);
    for (size_t i = 0; i + 2 < edits.len; i += 3) {
        size_t at = (size_t)edits.data[i] << 8 | edits.data[i + 1];
        octets[at % tbs.len] = edits.data[i + 2];
    }
    return sign((auth_bytes){octets, tbs.len}, by, out);
}

static void use_crl(input *in, bool is_made, raw_bytes *crl)
{
    if (is_made && in->crl_count < ROWS_MAX)
        in->crls[in->crl_count++] = RAW(*crl);
}

static void use_row(input *in, row_kind kind, auth_bytes row)
{
    raw_bytes made;
    raw_bytes *crl = &in->made_crls[in->crl_count % ROWS_MAX];
    switch (kind) {
    case ROW_HOLDER:
        if (sign(row, CHAIN_CA, &made))
            in->holder = made;
        break;
    case ROW_AUTHORITY:
        if (sign(row, CHAIN_ROOT, &made))
            in->authority = made;
        break;
    case ROW_HOLDER_EDIT:
        if (sign_edited(tbs_of(RAW(good.certs[CHAIN_LEAF])), row, CHAIN_CA, &made))
            in->holder = made;
        break;
    case ROW_AUTHORITY_EDIT:
        if (sign_edited(tbs_of(RAW(good.certs[CHAIN_CA])), row, CHAIN_ROOT, &made))
            in->authority = made;
        break;
    case ROW_RAW_HOLDER:
        if (row.len > 0 && row.len <= RAW_CERT_MAX) {
            memcpy(in->holder.octets, row.data, row.len);
            in->holder.len = row.len;
        }
        break;
    case ROW_RAW_OTHER:
        if (in->other_count < ROWS_MAX)
            in->others[in->other_count++] = row;
        break;
    case ROW_CRL:
        use_crl(in, sign(row, CHAIN_CA, crl), crl);
        break;
    case ROW_CRL_EDIT:
        use_crl(in, sign_edited(tbs_of(auth_buf_bytes(good_crl)), row, CHAIN_CA, crl), crl);
        break;
    case ROW_RAW_CRL:
        if (in->crl_count < ROWS_MAX)
            in->crls[in->crl_count++] = row;
        break;
    case ROW_RAW_OCSP:
        if (in->ocsp_count < ROWS_MAX)
            in->ocsp[in->ocsp_count++] = row;
        break;
    case ROW_KINDS:
    default:
        break;
    }
}

static void check_verdict(const auth_verdict *verdict)
{
    FUZZ_CHECK(verdict->reason != AUTH_VERDICT_REASON_FAULT);
    FUZZ_CHECK(verdict->chain_len <= AUTH_CHAIN_MAX);
    FUZZ_CHECK(verdict->reason != AUTH_VERDICT_REASON_OK || verdict->chain_len > 0);
    FUZZ_CHECK((verdict->reason == AUTH_VERDICT_REASON_OK) == (verdict->detail[0] == '\0'));
    FUZZ_CHECK(memchr(verdict->subject, '\0', sizeof verdict->subject) != NULL);
    FUZZ_CHECK(memchr(verdict->serial, '\0', sizeof verdict->serial) != NULL);
}

static void check(const input *in, uint8_t choice)
{
    auth_error err;
    auth_verdict whole;
    auth_verdict known;
    AUTH_AUTO(auth_trust) *trust = NULL;
    AUTH_AUTO(auth_known_issuer) *issuer = NULL;
    auth_bytes anchor = RAW(good.certs[CHAIN_ROOT]);
    auth_evidence evidence = {
        .intermediates = in->others,
        .intermediate_count = in->other_count,
        .crls = in->crls,
        .crl_count = in->crl_count,
        .ocsp = in->ocsp,
        .ocsp_count = in->ocsp_count,
    };
    auth_validation options = {
        .now = CHAIN_NOW,
        .purpose = (choice & 1U) != 0 ? AUTH_PURPOSE_CITIZEN_LOGIN : AUTH_PURPOSE_ANY,
        .is_strict = (choice & 2U) != 0,
        .requires_revocation = (choice & 4U) != 0,
        .requires_explicit_policy = (choice & 8U) != 0,
        .inhibits_any_policy = (choice & 16U) != 0,
        .inhibits_policy_mapping = (choice & 32U) != 0,
        .accepts_intermediate_anchor = (choice & 64U) != 0,
    };
    FUZZ_CHECK(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_validate(trust, &options, RAW(in->holder), &evidence, &whole, &err) ==
               AUTH_STATUS_OK);
    check_verdict(&whole);
    FUZZ_CHECK(auth_known_issuer_new(trust, &options, RAW(in->authority), NULL, &issuer, &known,
                                     &err) == AUTH_STATUS_OK);
    check_verdict(&known);
    if (issuer == NULL)
        return;
    FUZZ_CHECK(auth_known_issuer_validate(issuer, &options, RAW(in->holder), &evidence, &known,
                                          &err) == AUTH_STATUS_OK);
    check_verdict(&known);
    FUZZ_CHECK(known.reason != AUTH_VERDICT_REASON_OK || whole.reason == AUTH_VERDICT_REASON_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static input in;
    auth_bytes rest = {data, size};
    auth_bytes head;
    auth_bytes row;
    if (good_crl == NULL) {
        good = chain_make(AUTH_KEY_TYPE_P256, CHAIN_ROOT, NULL);
        good_crl = chain_crl_make(AUTH_KEY_TYPE_P256, CHAIN_CA,
                                  &(chain_crl){.number = 1, .serial = BYTES("\x44")});
    }
    if (!take(&rest, 1, &head))
        return 0;
    uint8_t choice = head.data[0];
    in.holder = good.certs[CHAIN_LEAF];
    in.authority = good.certs[CHAIN_CA];
    in.other_count = 0;
    in.crl_count = 0;
    in.ocsp_count = 0;
    for (int i = 0; i < ROWS_MAX && take(&rest, 3, &head); i++) {
        size_t len = (size_t)head.data[1] << 8 | head.data[2];
        if (!take(&rest, len < rest.len ? len : rest.len, &row))
            break;
        use_row(&in, (row_kind)(head.data[0] % ROW_KINDS), row);
    }
    in.others[in.other_count++] = RAW(in.authority);
    check(&in, choice);
    return 0;
}
