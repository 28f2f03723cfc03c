/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of auth-ocsp share: an authority that is answered for, and questions about it. */
#ifndef TESTS_OCSP_CASE_H
#define TESTS_OCSP_CASE_H

#include "harness/harness.h"
#include "harness/status_pki.h"

#include "ocsp/question.h"

/* The quarter of STATUS_NOW, as serial numbers name it. */
#define CASE_EPOCH 480
#define CASE_SERIAL_SIZE 18

typedef struct ocsp_case {
    status_pki pki;   /* answered for */
    status_pki other; /* of the realm, and answered for elsewhere */
    ocsp_authorities authorities;
} ocsp_case;

ocsp_case ocsp_case_new(void);
void ocsp_case_free(ocsp_case *of);

/* Writes a serial number of an epoch; number makes it differ from others. */
auth_bytes ocsp_case_serial(uint8_t room[CASE_SERIAL_SIZE], uint16_t epoch, uint32_t number);

/* Appends the DER of a request to out. */
void ocsp_case_write(const auth_ocsp_issuer *issuer, auth_bytes serial, auth_ocsp_hash hash,
                     auth_bytes nonce, auth_buf *out);

/* A question as a handler has it. */
ocsp_question ocsp_case_ask(const ocsp_case *of, uint32_t number, bool has_nonce);

#endif
