/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of revoke share: a CRL that was read, and how its parts are compared. */
#ifndef REVOKE_CRL_H
#define REVOKE_CRL_H

#include "x509/view.h"

#include <auth/crl.h>

/* Where an entry stands; AUTH_CRL_MAX fits 32 bits. */
typedef struct crl_place {
    uint32_t entry;  /* offset of the entry in view.entries */
    uint32_t issuer; /* offset in view.der of its certificate issuer, a Name; 0: the CRL's own */
} crl_place;

struct auth_crl {
    uint8_t *der;
    x509_crl_view view; /* of der */
    auth_bytes key_id;
    auth_bytes number;
    auth_bytes base_number;
    auth_bytes scope_der; /* value of issuingDistributionPoint; empty when absent */
    auth_crl_scope scope;
    crl_place *places; /* sorted by serial number */
    size_t count;
};

/* Reads the value of an issuingDistributionPoint. Errors: as auth_crl_parse. */
auth_status crl_read_scope(auth_bytes value, auth_crl_scope *out, auth_error *err) AUTH_MUST_CHECK;

/* Sorts the places of a CRL. Errors: AUTH_STATUS_INVALID for a serial number that occurs twice. */
auth_status crl_sort(auth_crl *crl, auth_error *err) AUTH_MUST_CHECK;

/* Orders serial numbers as content octets: any total order does, the shorter comes first. */
int crl_compare_serials(auth_bytes a, auth_bytes b);

/* A serial number or CRL number in hex, for error texts; a long one is cut. */
#define CRL_HEX_SIZE 48
void crl_hex(auth_bytes octets, char out[CRL_HEX_SIZE]);

#endif
