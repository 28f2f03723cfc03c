/* SPDX-License-Identifier: Apache-2.0 */
/* What an office holds, and what a handler works with. Internal to office/. */
#ifndef OFFICE_STATE_H
#define OFFICE_STATE_H

#include "office.h"
#include "queue.h"

#include "realm/realm.h"
#include "registry/facts.h"
#include "registry/peer.h"
#include "registry/request.h"
#include "registry/transaction.h"

#include <pthread.h>

/* Room for the path of an office, "/centre/province/city/", of up to 8 steps. */
#define OFFICE_PATH_SIZE 544
/* Room for the serial number of a certificate, and of its text. */
#define OFFICE_SERIAL_SIZE 20
#define OFFICE_SERIAL_TEXT_SIZE (2 * OFFICE_SERIAL_SIZE + 1)
/* Threads that work with the registry at the same time; each takes one connection at a time. */
#define OFFICE_DESKS 16
#define OFFICE_TAKE_MS 5000

/* An officer, as certificate and registry have him. */
typedef struct office_officer {
    uint8_t serial[OFFICE_SERIAL_SIZE];
    size_t serial_len;
    uint8_t hash[REGISTRY_HASH_SIZE]; /* of the certificate */
    char id[AUTH_IDENTIFIER_SIZE];
    auth_officer_role role;
    int64_t office;
    char office_id[AUTH_IDENTIFIER_SIZE];
    char path[OFFICE_PATH_SIZE];
} office_officer;

/* An officer who is connected. */
typedef struct office_guest {
    office_officer officer;
    office *office;
    struct office_guest *next;
    struct office_guest **link;
} office_guest;

/* An office of the tree: its number, identifier, path and parent never change. */
typedef struct office_place {
    int64_t number;
    char id[AUTH_IDENTIFIER_SIZE];
    char path[OFFICE_PATH_SIZE];
    struct office_place *next;
} office_place;

/* What a thread needs of its own to judge documents. */
typedef struct office_desk {
    bool is_taken;
    registry_crypto *crypto;
    registry_facts *facts;
    registry_facts_view view;
} office_desk;

/* A request that somebody waits for. */
typedef struct office_wait {
    uint8_t id[REGISTRY_ID_SIZE];
    int64_t until_ms; /* past it the row is free */
    bool is_public;   /* no officer waits for it */
} office_wait;

#define OFFICE_WAITS 2048
/* Of these, for requests that no officer waits for. */
#define OFFICE_WAITS_PUBLIC 512

/* As many wrong pairs of codes an hour, for an item. */
#define OFFICE_WRONG_CODES 5

/* An item that somebody tried to activate. */
typedef struct office_try {
    uint8_t id[REGISTRY_ID_SIZE];
    int64_t item;
    auth_time since;
    unsigned count;
    uint64_t origins[OFFICE_WRONG_CODES]; /* of each */
} office_try;

#define OFFICE_TRIES 4096
/* Refused documents of nobody that the ledger is told of in a minute. */
#define OFFICE_DENIALS_A_MINUTE 60

/* Searches by name at the same time: each opens one document after the other. */
#define OFFICE_NAME_SEARCHES 2

struct office {
    daemon_self *self;
    daemon_log *log;
    daemon_metrics *metrics;
    const daemon_metric *rows; /* the daemon's table of them */
    const char *program;
    registry_role role;
    realm *realm;
    char tls_certificate[REALM_PATH_SIZE];
    registry_pool *pool;
    auth_trust *trust;
    auth_known_issuer *staff;
    auth_known_issuer *citizens;
    registry_facts_setting facts;

    pthread_mutex_t lock;   /* of all that follows */
    pthread_cond_t changed; /* a desk is free */
    office_desk desks[OFFICE_DESKS];
    office_place *places;
    bool has_scope;
    int64_t scope;
    char scope_id[AUTH_IDENTIFIER_SIZE];
    char scope_path[OFFICE_PATH_SIZE];
    office_guest *guests;
    office_wait waits[OFFICE_WAITS];
    office_try tries[OFFICE_TRIES];
    unsigned name_searches;
    auth_time minute; /* of denials */
    unsigned denials;

    office_queue queue; /* of documents that come in */
};

/* A request to a handler, with what it works with. officer.role is NONE on public routes. */
typedef struct office_visit {
    office *office;
    daemon_request *request;
    registry_connection *connection;
    office_desk *desk;
    office_officer officer;
    auth_time now;
} office_visit;

/* visit.c: runs a handler's work for an officer whom the registry was asked about again. */
typedef auth_status office_work(office_visit *visit, auth_error *err);
auth_status office_run(office *it, daemon_request *request, office_work *work,
                       auth_error *err) AUTH_MUST_CHECK;

/* The same for anybody. */
auth_status office_run_public(office *it, daemon_request *request, office_work *work,
                              auth_error *err) AUTH_MUST_CHECK;

/* Gives the connection back before a transaction takes one: no thread has two. */
void office_visit_release(office_visit *visit);

auth_status office_desk_take(office *it, office_desk **out, auth_error *err) AUTH_MUST_CHECK;
void office_desk_give(office *it, office_desk *desk);

/*
 * peer.c: holds an officer against what the registry has of his certificate now; peer NULL: none.
 *
 * Errors: AUTH_STATUS_DENIED, AUTH_STATUS_REVOKED, AUTH_STATUS_EXPIRED, with a text for him.
 */
auth_status office_officer_check(const office *it, const office_officer *officer,
                                 const registry_peer *peer, auth_time now,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Whether an office lies in the subtree of another, itself included. */
bool office_is_within(const char *path, const char *subtree);

/* guest.c: who is connected. */
auth_status office_guest_new(office *it, const office_officer *officer, office_guest **out,
                             auth_error *err) AUTH_MUST_CHECK;
void office_guest_free(void *guest);

/* place.c: finds an office by its number; what is given stays. */
auth_status office_place_find(office *it, registry_connection *connection, int64_t number,
                              const office_place **out, auth_error *err) AUTH_MUST_CHECK;

/*
 * watch.c: notes that somebody waits for a request, which is there, for so long; false: there is no
 * room. And the key of its events.
 */
bool office_wait_note(office *it, const uint8_t id[REGISTRY_ID_SIZE], bool is_public,
                      int64_t wait_s);
uint64_t office_wait_key(const uint8_t id[REGISTRY_ID_SIZE]);

/*
 * Whether there is nothing to wait for any more: it is decided; or it waits for activation codes,
 * which may take days, and an officer asks. A holder who asks has used hers.
 */
bool office_is_settled(registry_request_state state, bool is_public);

#endif
