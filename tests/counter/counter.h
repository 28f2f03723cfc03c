/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The officers of a realm's centre, as a program for tests: what they sign goes into the registry
 * as an office's daemon would put it there, and what the authority made of it is told with the time
 * at which it was acknowledged.
 */
#ifndef COUNTER_COUNTER_H
#define COUNTER_COUNTER_H

#include "realm/realm.h"
#include "registry/certificate.h"
#include "registry/ledger_body.h"
#include "registry/pool.h"
#include "registry/request.h"

#include <auth/crl.h>
#include <auth/csr.h>
#include <auth/request.h>
#include <stdio.h>

typedef enum counter_who {
    COUNTER_ADMIN_1,
    COUNTER_ADMIN_2,
    COUNTER_CLERK,
    COUNTER_APPROVER,
    COUNTER_OFFICERS,
} counter_who;

typedef struct counter_officer {
    auth_signer *signer;
    auth_buf *certificate;
} counter_officer;

typedef struct counter {
    realm *realm;
    const char *officers; /* folder with the keys and certificates of officers */
    registry_crypto *crypto;
    registry_pool *pool;
    FILE *record; /* what was told, for auth fsck --answers; or NULL */
    counter_officer people[COUNTER_OFFICERS];
} counter;

/* The identifier of an officer: "clerk-1". */
const char *counter_officer_id(counter_who who);

void counter_die(const char *format, ...) AUTH_PRINTF(1, 2) __attribute__((noreturn));
void counter_must(auth_status status, const auth_error *err);
auth_buf *counter_buf(size_t max);

/* In microseconds since 1970. */
int64_t counter_now_us(void);

void counter_write_file(const char *path, auth_bytes octets);

/* Reads key and certificate of an officer from the folder, or makes and keeps a key. */
void counter_read_officer(counter *it, counter_who who);
void counter_make_key(counter *it, counter_who who);
void counter_keep_certificate(counter *it, counter_who who, auth_bytes certificate);

/* A request that is being made, and where it stands. */
typedef struct counter_request {
    char id[AUTH_REQUEST_ID_SIZE];
    uint8_t octets[16];
    auth_request_draft draft;
    auth_request_item *items; /* of room AUTH_REQUEST_ITEMS_MAX */
} counter_request;

counter_request *counter_request_new(const counter *it, auth_request_kind kind);
void counter_request_free(counter_request *of);

/* submit.c: signs a request by those who have to, and submits it as approved. */
void counter_submit(counter *it, counter_request *request);

/*
 * Waits until a request is decided. Gives its items in the order of their numbers; *at_us is when
 * that was known here.
 */
registry_result *counter_wait(counter *it, const counter_request *request, int64_t *at_us);

#endif
