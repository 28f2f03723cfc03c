/* SPDX-License-Identifier: Apache-2.0 */
/* A responder: what of its answers is always the same, prepared once. */
#ifndef OCSP_RESPONDER_H
#define OCSP_RESPONDER_H

#include "ocsp/ocsp.h"

/* [2] EXPLICIT OCTET STRING with a SHA-1 hash. */
#define OCSP_RESPONDER_ID_LEN 24

struct auth_ocsp_responder {
    const auth_ocsp_issuer *issuer;
    const auth_signer *signer;
    auth_time not_before;
    auth_time not_after;
    uint8_t id[OCSP_RESPONDER_ID_LEN]; /* ResponderID byKey, whole */
    size_t certificates_len;
    uint8_t certificates[]; /* certs [0], whole; none when the authority itself signs */
};

#endif
