/* SPDX-License-Identifier: Apache-2.0 */
/* Trust anchors and intermediates, loaded once. Internal to validate. */
#ifndef VALIDATE_TRUST_H
#define VALIDATE_TRUST_H

#include "validate/candidate.h"

struct auth_trust {
    uint8_t *octets; /* what the candidates view */
    candidate *rows; /* anchors first; all usable and loaded */
    size_t count;
    size_t anchor_count;
    X509_STORE *store; /* with the anchors */
};

#endif
