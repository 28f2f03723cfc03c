/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chains of a root, an authority and a holder for tests, good until one certificate is changed on
 * purpose. Functions die when a call fails.
 */
#ifndef HARNESS_CHAIN_H
#define HARNESS_CHAIN_H

#include "harness/raw_cert.h"

#include <auth/crl.h>
#include <auth/validate.h>

#define CHAIN_NOW ((auth_time)1767225600) /* 2026-01-01T00:00:00Z */
#define CHAIN_DAY 86400

typedef enum chain_role {
    CHAIN_ROOT,
    CHAIN_CA,
    CHAIN_LEAF,
    CHAIN_ROLES,
} chain_role;

#define CHAIN_EXTENSIONS_MAX 40
#define CHAIN_VALUE_MAX 640

typedef struct chain_extension {
    auth_bytes type; /* content octets of the OID */
    bool is_critical;
    size_t len;
    uint8_t value[CHAIN_VALUE_MAX];
} chain_extension;

/* A certificate before it is signed: whatever a test wants to be wrong with it. */
typedef struct chain_cert {
    unsigned version;
    auth_bytes serial; /* content octets */
    raw_bytes issuer;
    raw_bytes subject;
    auth_time not_before;
    auth_time not_after;
    bool has_generalized_times;
    auth_bytes inner_algorithm; /* empty: the signer's */
    auth_bytes outer_algorithm;
    auth_bytes spki; /* empty: the role's key */
    bool has_broken_signature;
    size_t extension_count;
    chain_extension extensions[CHAIN_EXTENSIONS_MAX];
} chain_cert;

/* Changes a certificate of a chain; NULL changes nothing. */
typedef void chain_change(chain_cert *cert);

typedef struct chain {
    raw_bytes certs[CHAIN_ROLES];
} chain;

/* The key of a role: made once a type. Not to be freed. */
const auth_signer *chain_signer(auth_key_type type, chain_role role);

/* Makes a good chain for the purpose citizen-login, with one certificate changed. */
chain chain_make(auth_key_type type, chain_role changed, chain_change *change);

/* One certificate of a chain, before it is signed, and signed by the key of a role. */
chain_cert chain_plan(auth_key_type type, chain_role role);
raw_bytes chain_sign(const chain_cert *cert, auth_key_type type, chain_role key, chain_role signer);

/* Sets or replaces an extension, by its identifier or the content octets of its OID; drops one. */
void chain_set(chain_cert *cert, oid id, bool is_critical, auth_bytes value);
void chain_set_type(chain_cert *cert, auth_bytes type, bool is_critical, auth_bytes value);
void chain_drop(chain_cert *cert, oid id);
void chain_set_critical(chain_cert *cert, oid id, bool is_critical);

/* Values of extensions. */
raw_bytes chain_key_usage(uint32_t bits);
raw_bytes chain_basic_constraints(bool is_ca, int path_len);
raw_bytes chain_purposes(oid first, oid second);
/* GeneralNames of one name, and nameConstraints of one subtree in each list; tag 0: none. */
raw_bytes chain_names(uint8_t tag, const char *text);
raw_bytes chain_constraints(uint8_t permitted_tag, auth_bytes permitted, uint8_t excluded_tag,
                            auth_bytes excluded);
/* certificatePolicies of one policy. */
raw_bytes chain_policy(auth_bytes policy);

/* A CRL of the authority or the root, numbered, from an hour ago until tomorrow. */
typedef struct chain_crl {
    auth_bytes serial; /* revoked; empty: none */
    auth_revocation_reason reason;
    uint8_t number;
    uint8_t base_number; /* 0: a full CRL */
    const char *uri;     /* distribution point, or NULL */
    bool only_user_certs;
    bool only_ca_certs;
    auth_time this_update; /* 0: an hour ago */
    auth_time next_update; /* 0: tomorrow */
} chain_crl;

/* Signs it with the key of a role under that role's name; the caller frees it. */
auth_buf *chain_crl_make(auth_key_type type, chain_role role, const chain_crl *crl);

#endif
