/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does an OCSP answer pass only when its times, nonce and certificate are those expected, and does
 * OpenSSL read the same status from it? An input that begins with "T" goes on with the content of a
 * ResponseData, which is signed here with the authority's key: mutations would not get past the
 * signature otherwise. One that begins with "C" goes on with certs, in an answer of a delegate. Any
 * other is an answer as it stands.
 */
#include "fuzz/fuzz.h"
#include "harness/status_pki.h"

#include <openssl/ocsp.h>
#include <string.h>

#define SERIAL BYTES("\x05")
#define SKEW 60
#define ROOM 70000

static status_pki *the_pki(void)
{
    static status_pki pki;
    if (pki.authority == NULL)
        pki = status_pki_new("ed25519");
    return &pki;
}

/* OpenSSL knows more hashes than we match. */
static bool is_matched(const EVP_MD *digest)
{
    int type = digest == NULL ? NID_undef : EVP_MD_get_type(digest);
    return type == NID_sha1 || type == NID_sha256 || type == NID_sm3;
}

static void compare(auth_bytes der, const auth_ocsp_issuer *issuer, const auth_ocsp_answer *ours)
{
    const uint8_t *at = der.data;
    OCSP_RESPONSE *response = d2i_OCSP_RESPONSE(NULL, &at, (long)der.len);
    OCSP_BASICRESP *basic = response == NULL ? NULL : OCSP_response_get1_basic(response);
    auth_bytes certificate = auth_ocsp_issuer_certificate(issuer);
    const uint8_t *certificate_at = certificate.data;
    X509 *x509 = d2i_X509(NULL, &certificate_at, (long)certificate.len);
    ASN1_INTEGER *serial = ASN1_INTEGER_new();
    FUZZ_CHECK(x509 != NULL && serial != NULL && ASN1_INTEGER_set(serial, 5) == 1);
    for (int i = 0; basic != NULL && i < OCSP_resp_count(basic); i++) {
        OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);
        ASN1_OBJECT *hash = NULL;
        OCSP_id_get0_info(NULL, &hash, NULL, NULL,
                          (OCSP_CERTID *)(uintptr_t)OCSP_SINGLERESP_get0_id(single));
        const EVP_MD *digest = EVP_get_digestbyobj(hash);
        OCSP_CERTID *id = !is_matched(digest)
                              ? NULL
                              : OCSP_cert_id_new(digest, X509_get_subject_name(x509),
                                                 X509_get0_pubkey_bitstr(x509), serial);
        if (id != NULL && OCSP_id_cmp(id, OCSP_SINGLERESP_get0_id(single)) == 0) {
            int reason = -1;
            int status = OCSP_single_get0_status(single, &reason, NULL, NULL, NULL);
            int expected = ours->status == AUTH_OCSP_NEVER_ISSUED ? 1 : (int)ours->status;
            FUZZ_CHECK(status == expected);
            FUZZ_CHECK(status != 1 || (reason < 0 ? 0 : reason) == (int)ours->reason);
        }
        OCSP_CERTID_free(id);
    }
    ASN1_INTEGER_free(serial);
    X509_free(x509);
    OCSP_BASICRESP_free(basic);
    OCSP_RESPONSE_free(response);
}

static bool check(auth_bytes der, const status_pki *pki, auth_bytes nonce, bool may_lack_nonce)
{
    auth_ocsp_expectation expected = {.serial = SERIAL,
                                      .now = STATUS_NOW,
                                      .skew_seconds = SKEW,
                                      .nonce = nonce,
                                      .may_lack_nonce = may_lack_nonce};
    auth_ocsp_answer answer;
    memset(&answer, 0x5a, sizeof answer);
    auth_ocsp_answer untouched = answer;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_ocsp_check(der, pki->issuer, &expected, &answer, &err);
    FUZZ_CHECK(status == err.status && (err.text[0] == '\0') == (status == AUTH_STATUS_OK));
    if (status != AUTH_STATUS_OK) {
        FUZZ_CHECK(memcmp(&answer, &untouched, sizeof answer) == 0);
        return false;
    }
    FUZZ_CHECK(answer.status <= AUTH_OCSP_NEVER_ISSUED);
    FUZZ_CHECK(answer.this_update <= STATUS_NOW + SKEW && answer.produced_at <= STATUS_NOW + SKEW);
    FUZZ_CHECK(!answer.has_next_update || answer.next_update >= STATUS_NOW - SKEW);
    FUZZ_CHECK(answer.has_next_update || answer.has_nonce);
    FUZZ_CHECK(nonce.len == 0 || may_lack_nonce || answer.has_nonce);
    compare(der, pki->issuer, &answer);
    return true;
}

static void put_head(der_writer *writer, size_t marks[4])
{
    marks[0] = der_open(writer, DER_SEQUENCE);
    der_put_enumerated(writer, 0);
    marks[1] = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    marks[2] = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_OCSP_BASIC));
    marks[3] = der_open(writer, DER_OCTET_STRING);
}

static auth_bytes sign(auth_bytes content, const auth_signer *signer, uint8_t *room, size_t size)
{
    static uint8_t tbs_room[ROOM];
    size_t marks[4];
    der_writer tbs = der_writer_on(tbs_room, sizeof tbs_room);
    der_put_item(&tbs, DER_SEQUENCE, content);
    der_writer writer = der_writer_on(room, size);
    put_head(&writer, marks);
    raw_put_signed(&writer, der_written(&tbs), signer);
    for (size_t i = 4; i > 0; i--)
        der_close(&writer, marks[i - 1]);
    return der_written(&writer);
}

/* Whatever certificates go along: the delegate is believed only when its own is among them. */
static void check_certificates(auth_bytes certificates, const status_pki *pki)
{
    if (certificates.len > RAW_CERT_MAX / 2)
        return;
    raw_bytes singles;
    der_writer writer = der_writer_on(singles.octets, sizeof singles.octets);
    status_single single = {.issuer = pki->issuer,
                            .serial = SERIAL,
                            .status = BYTES("\x80\x00"),
                            .this_update = STATUS_NOW - 1,
                            .next_update = STATUS_NOW + 1};
    status_put_single(&writer, &single);
    status_answer answer = {.produced_at = STATUS_NOW,
                            .singles = der_written(&writer),
                            .signer = pki->delegate,
                            .certificates = certificates};
    raw_bytes der = status_answer_make(&answer);
    if (check(RAW(der), pki, (auth_bytes){NULL, 0}, false))
        FUZZ_CHECK(memmem(certificates.data, certificates.len, pki->delegate_der.octets,
                          pki->delegate_der.len) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t room[ROOM];
    const status_pki *pki = the_pki();
    auth_bytes none = {NULL, 0};
    if (size == 0 || size > ROOM - 1000)
        return 0;
    auth_bytes rest = {data + 1, size - 1};
    if (data[0] == 'C') {
        check_certificates(rest, pki);
        return 0;
    }
    auth_bytes der = {data, size};
    if (data[0] == 'T')
        der = sign(rest, pki->authority, room, sizeof room);
    FUZZ_CHECK(der.len > 0);
    (void)check(der, pki, none, false);
    (void)check(der, pki, BYTES("abc"), false);
    (void)check(der, pki, BYTES("abc"), true);
    return 0;
}
