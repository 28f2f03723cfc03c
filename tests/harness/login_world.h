/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An application with a verifier, a citizen with a key and a certificate, and a source of statuses
 * that says what a test wants. Functions die when a call fails.
 */
#ifndef HARNESS_LOGIN_WORLD_H
#define HARNESS_LOGIN_WORLD_H

#include "harness/chain.h"

#include <auth/login.h>
#include <auth/ocsp.h>
#include <stdatomic.h>

#define LOGIN_AUDIENCE "https://tax.example.cn"
#define LOGIN_KEY "0123456789abcdef0123456789abcdef"
#define LOGIN_LIFETIME 120

typedef struct login_world {
    auth_key_type type;
    auth_login_policy policy;
    auth_purpose purpose;
    raw_bytes root;
    raw_bytes authority;
    raw_bytes staff; /* another authority under the same root, with the key of CHAIN_LEAF */
    raw_bytes holder;
    bool has_no_source;
    auth_status_knowledge about_holder;    /* what the source says */
    auth_status_knowledge about_authority; /* likewise */
    atomic_uint asked;                     /* questions so far */
    auth_verifier *verifier;
} login_world;

/* A world in which everything is good; the verifier is made by login_world_start. */
login_world *login_world_new(auth_key_type type);
void login_world_start(login_world *world);
void login_world_free(login_world *world);

/* The holder's certificate with one change, by the authority or by staff. */
void login_world_certify(login_world *world, chain_change *change);
void login_world_certify_staff(login_world *world);

/* A challenge, made at a time. */
void login_world_challenge(auth_time now, char out[AUTH_CHALLENGE_SIZE]);

/* The response of the holder to a challenge; the caller frees it. */
typedef struct login_response_options {
    const char *challenge;
    const char *audience; /* NULL: LOGIN_AUDIENCE */
    auth_time now;        /* 0: CHAIN_NOW */
    auth_bytes staple;
    chain_role signer; /* whose key signs; CHAIN_ROOT: the holder's own */
    bool is_short;     /* without the certificate of staff, which tells nothing about the holder */
} login_response_options;
auth_buf *login_world_respond(const login_world *world, const login_response_options *options);

/* What the application says with a login at CHAIN_NOW. */
auth_login_input login_world_input(void);

/* An OCSP answer about a serial number, signed by a role's key in the authority's name. */
typedef struct login_staple {
    auth_bytes serial; /* empty: the holder's */
    auth_ocsp_status status;
    auth_revocation_reason reason;
    auth_time this_update; /* 0: a minute ago */
    auth_time next_update; /* 0: tomorrow */
    bool is_by_other;      /* signed by an authority of the same name with another key */
    bool is_by_root;       /* about the authority, unless serial says otherwise */
} login_staple;
raw_bytes login_world_staple(const login_world *world, const login_staple *staple);

#endif
