/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of reading and writing a request. Internal to libauth. */
#ifndef REQUEST_REQUEST_H
#define REQUEST_REQUEST_H

#include "json/json.h"

#include <auth/request.h>

#define REQUEST_VERSION 1

/* Octets of a payload: what is left of a JWS for it, in base64url. */
#define REQUEST_PAYLOAD_MAX ((size_t)3 << 20)

/* A certification request for RSA of 4096 bits has 1,700. */
#define REQUEST_CSR_MAX ((size_t)8192)

#define REQUEST_NAME_CHARACTERS 64
#define REQUEST_COMMENT_CHARACTERS 200
#define REQUEST_SERIAL_MIN 16
#define REQUEST_SERIAL_MAX 20

typedef struct raw_person {
    json_object_head head;
    auth_bytes type;
    auth_bytes number;
    auth_bytes name;
} raw_person;

typedef struct raw_evidence {
    json_object_head head;
    auth_bytes method;
    auth_bytes digest;
} raw_evidence;

typedef struct raw_opened {
    json_object_head head;
    auth_bytes office;
    auth_bytes region;
    auth_bytes name;
} raw_opened;

typedef struct raw_item {
    json_object_head head;
    raw_person person;
    auth_bytes csr;
    auth_bytes activation;
    json_array_head evidence_list;
    raw_evidence evidence[AUTH_REQUEST_EVIDENCE_MAX];
    auth_bytes serial;
    auth_bytes reason;
    auth_bytes invalidity;
    auth_bytes comment;
    auth_bytes officer;
    auth_bytes role;
    raw_opened opened;
    auth_bytes closed;
} raw_item;

/* A payload as it is written: the JSON types are right, nothing else was checked. */
typedef struct raw_request {
    json_object_head head;
    json_number version;
    auth_bytes id;
    auth_bytes realm;
    auth_bytes kind;
    auth_bytes office;
    auth_bytes profile;
    auth_bytes created;
    auth_bytes expires;
    json_rows items; /* of raw_item */
} raw_request;

/* Errors: as json_open and json_decode. The caller closes *document, whatever comes out. */
auth_status request_read_raw(auth_bytes payload, json_document **document, raw_request *out,
                             auth_error *err) AUTH_MUST_CHECK;

/* A payload that was read and checked. */
typedef struct request_payload {
    char id[AUTH_REQUEST_ID_SIZE];
    char realm[AUTH_IDENTIFIER_SIZE];
    char office[AUTH_IDENTIFIER_SIZE];
    char profile[AUTH_IDENTIFIER_SIZE];
    auth_request_kind kind;
    auth_time created;
    auth_time expires;
    size_t item_count;
    auth_request_item *items;
    auth_buf *texts; /* what the items view */
} request_payload;

/* Reads and checks a payload. Errors: as auth_request_parse. *out is to be released either way. */
auth_status request_read_payload(auth_bytes payload, const auth_request_rules *rules,
                                 request_payload *out, auth_error *err) AUTH_MUST_CHECK;
void request_release_payload(request_payload *payload);

/* Where an item stands, what kind it is of, and what its values are checked against. */
typedef struct request_place {
    auth_request_kind kind;
    size_t index;
    auth_time created;
    auth_date today;
    auth_buf *texts;
} request_place;

/* Reads and checks one item. */
auth_status request_read_item(const request_place *place, const raw_item *raw,
                              auth_request_item *out, auth_error *err) AUTH_MUST_CHECK;

/* Refuses a payload without the profile that its kind needs, or with one that it cannot have. */
auth_status request_check_profile(auth_request_kind kind, bool is_there,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Refuses an item with members that its kind does not have, or without those that it needs. */
auth_status request_check_members(const request_place *place, const raw_item *raw,
                                  auth_error *err) AUTH_MUST_CHECK;

/* Refuses two items about the same person, certificate, key, officer or office. */
auth_status request_check_duplicates(const request_payload *payload,
                                     auth_error *err) AUTH_MUST_CHECK;

/* Refusals that begin with the JSON path: "request: $.realm: ...", "request: $.items[3].csr: ...".
 */
auth_status request_refuse(auth_error *err, const char *path, const char *what) AUTH_MUST_CHECK;
auth_status request_refuse_item(auth_error *err, size_t index, const char *path,
                                const char *what) AUTH_MUST_CHECK;

struct auth_request {
    request_payload payload;
    uint8_t hash[AUTH_REQUEST_HASH_SIZE];
    auth_jws *jws;
};

#endif
