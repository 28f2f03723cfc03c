/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The body of a ledger entry: what is hashed into the tree. It is one line of JSON with its members
 * in one order and one spelling, so that whoever keeps a body can compute its hash again. It names
 * requests, certificates, offices and signers, and no person.
 *
 *   {"event":"issued","at":"2026-01-31T23:59:59Z","realm":"shaanxi",
 *    "request":"0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e6f","item":0,"serial":"01e0...","office":"xian",
 *    "actor":["01e0...","01e0..."],"document":"<SHA-256>","certificate":"<SHA-256>",
 *    "detail":"..."}
 *
 * event, at and realm are always there; the others where they mean something. Pure.
 */
#ifndef REGISTRY_LEDGER_BODY_H
#define REGISTRY_LEDGER_BODY_H

#include <auth/bytes.h>
#include <auth/time.h>
#include <stdbool.h>

typedef enum registry_ledger_event {
#define REGISTRY_LEDGER_EVENT_ROW(id, number, name, text) REGISTRY_LEDGER_EVENT_##id = (number),
#include "ledger_event.def"
} registry_ledger_event;

/* Events below are those that offices may write. */
#define REGISTRY_LEDGER_AUTHORITY_EVENTS 32

/* The name of an event, "issued"; NULL when there is no such number. */
const char *registry_ledger_event_name(int64_t number);

#define REGISTRY_LEDGER_BODY_MAX 4096
#define REGISTRY_LEDGER_ACTORS_MAX 8
#define REGISTRY_LEDGER_NAME_SIZE 65
#define REGISTRY_LEDGER_DETAIL_SIZE 257
#define REGISTRY_LEDGER_UUID_SIZE 16
#define REGISTRY_LEDGER_NO_ITEM (-1)

/* A serial number; len 0: none. */
typedef struct registry_ledger_serial {
    size_t len; /* 1 to 20 */
    uint8_t octets[20];
} registry_ledger_serial;

typedef struct registry_ledger_body {
    registry_ledger_event event;
    auth_time at;
    char realm[REGISTRY_LEDGER_NAME_SIZE];
    bool has_request;
    uint8_t request[REGISTRY_LEDGER_UUID_SIZE];
    int item; /* 0 to 999, or REGISTRY_LEDGER_NO_ITEM */
    registry_ledger_serial serial;
    char office[REGISTRY_LEDGER_NAME_SIZE]; /* its identifier; "": none */
    size_t actor_count;
    registry_ledger_serial actors[REGISTRY_LEDGER_ACTORS_MAX]; /* certificates that signed */
    bool has_document;
    uint8_t document[32]; /* SHA-256 of a request's payload, or of a CRL */
    bool has_certificate;
    uint8_t certificate[32];                  /* SHA-256 of its DER */
    char detail[REGISTRY_LEDGER_DETAIL_SIZE]; /* printable ASCII without " and \; "": none */
} registry_ledger_body;

/*
 * Appends the text of a body. On failure out is as it was.
 *
 * Errors: AUTH_STATUS_INVALID when a member is not of its form, or the detail holds 15 digits in a
 * row, as numbers of persons do; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status registry_ledger_body_write(const registry_ledger_body *body, auth_buf *out,
                                       auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads a body: exactly what registry_ledger_body_write writes, and nothing else.
 *
 * Errors: AUTH_STATUS_MALFORMED naming the member.
 */
auth_status registry_ledger_body_read(auth_bytes text, registry_ledger_body *out,
                                      auth_error *err) AUTH_MUST_CHECK;

/* Room for the text of a uuid, "0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e6f", with its NUL. */
#define REGISTRY_UUID_TEXT_SIZE 37

void registry_uuid_format(const uint8_t uuid[REGISTRY_LEDGER_UUID_SIZE],
                          char out[REGISTRY_UUID_TEXT_SIZE]);

/* Reads a uuid in lower-case hex. False when it is none. */
bool registry_uuid_parse(auth_bytes text, uint8_t out[REGISTRY_LEDGER_UUID_SIZE]);

#endif
