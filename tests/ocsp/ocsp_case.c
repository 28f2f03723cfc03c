/* SPDX-License-Identifier: Apache-2.0 */
#include "ocsp_case.h"

#include <string.h>

ocsp_case ocsp_case_new(void)
{
    auth_error err;
    ocsp_case made = {.pki = status_pki_new("p256"), .other = status_pki_new("p384")};
    made.authorities.count = 2;
    made.authorities.issuers[0] = made.other.issuer;
    made.authorities.issuers[1] = made.pki.issuer;
    for (int i = 0; i < 2; i++) {
        made.authorities.numbers[i] = i + 1;
        made.authorities.first_epochs[i] = CASE_EPOCH - 4;
    }
    made.authorities.are_answered[1] = true;
    const auth_ocsp_issuer *issuers[] = {made.other.issuer, made.pki.issuer};
    assert_ok(auth_ocsp_issuers_new(issuers, 2, &made.authorities.table, &err), &err);
    return made;
}

void ocsp_case_free(ocsp_case *of)
{
    auth_ocsp_issuers_free(of->authorities.table);
    status_pki_free(&of->pki);
    status_pki_free(&of->other);
}

auth_bytes ocsp_case_serial(uint8_t room[CASE_SERIAL_SIZE], uint16_t epoch, uint32_t number)
{
    memset(room, 0x5a, CASE_SERIAL_SIZE);
    room[0] = (uint8_t)(epoch >> 8);
    room[1] = (uint8_t)epoch;
    memcpy(room + 2, &number, sizeof number);
    return (auth_bytes){room, CASE_SERIAL_SIZE};
}

void ocsp_case_write(const auth_ocsp_issuer *issuer, auth_bytes serial, auth_ocsp_hash hash,
                     auth_bytes nonce, auth_buf *out)
{
    auth_error err;
    assert_ok(auth_ocsp_request_encode(issuer, serial, hash, nonce, out, &err), &err);
}

ocsp_question ocsp_case_ask(const ocsp_case *of, uint32_t number, bool has_nonce)
{
    static const uint8_t nonce[32] = {1};
    auth_error err;
    uint8_t room[CASE_SERIAL_SIZE];
    ocsp_question question;
    AUTH_AUTO(auth_buf) *der = NULL;
    assert_ok(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &der, &err), &err);
    ocsp_case_write(of->pki.issuer, ocsp_case_serial(room, CASE_EPOCH, number),
                    AUTH_OCSP_HASH_SHA256, (auth_bytes){nonce, has_nonce ? sizeof nonce : 0}, der);
    assert_ok(ocsp_question_read(auth_buf_bytes(der), &of->authorities, CASE_EPOCH, &question,
                                 &err),
              &err);
    return question;
}
