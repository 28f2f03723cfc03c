/* SPDX-License-Identifier: Apache-2.0 */
/* Every member that a payload may have, once: the tables that json/ reads by. */
#include "request/request.h"

/*
 * An item has at the most 21 values and a depth of 4 in the document, counted by commas and
 * brackets; a thousand of them need no more than this.
 */
static const json_rules rules = {
    .subject = "request",
    .guide = "docs/request.md",
    .size_max = REQUEST_PAYLOAD_MAX,
    .depth_max = 5,
    .value_max = (size_t)32 * AUTH_REQUEST_ITEMS_MAX,
    .text_max = 256,
};

/* Four octets of UTF-8 a character. */
#define NAME_OCTETS ((size_t)4 * REQUEST_NAME_CHARACTERS)
#define COMMENT_OCTETS ((size_t)4 * REQUEST_COMMENT_CHARACTERS)
#define CSR_CHARACTERS ((REQUEST_CSR_MAX * 4 + 2) / 3)

static const json_member person_members[] = {
    JSON_MEMBER_TEXT(raw_person, type, "type", true),
    JSON_MEMBER_LONG_TEXT(raw_person, number, "number", AUTH_PERSON_NUMBER_MAX, true),
    JSON_MEMBER_LONG_TEXT(raw_person, name, "name", NAME_OCTETS, true),
    JSON_MEMBER_END,
};

static const json_member evidence_members[] = {
    JSON_MEMBER_TEXT(raw_evidence, method, "method", true),
    JSON_MEMBER_TEXT(raw_evidence, digest, "digest", true),
    JSON_MEMBER_END,
};

static const json_member opened_members[] = {
    JSON_MEMBER_TEXT(raw_opened, office, "office", true),
    JSON_MEMBER_TEXT(raw_opened, region, "region", true),
    JSON_MEMBER_LONG_TEXT(raw_opened, name, "name", NAME_OCTETS, true),
    JSON_MEMBER_END,
};

static const json_member item_members[] = {
    JSON_MEMBER_OBJECT(raw_item, person, "person", person_members, false),
    JSON_MEMBER_LONG_TEXT(raw_item, csr, "csr", CSR_CHARACTERS, false),
    JSON_MEMBER_TEXT(raw_item, activation, "activation", false),
    JSON_MEMBER_OBJECTS(raw_item, evidence_list, evidence, "evidence", evidence_members, false),
    JSON_MEMBER_TEXT(raw_item, serial, "serial", false),
    JSON_MEMBER_TEXT(raw_item, reason, "reason", false),
    JSON_MEMBER_TEXT(raw_item, invalidity, "invalidity", false),
    JSON_MEMBER_LONG_TEXT(raw_item, comment, "comment", COMMENT_OCTETS, false),
    JSON_MEMBER_TEXT(raw_item, officer, "officer", false),
    JSON_MEMBER_TEXT(raw_item, role, "role", false),
    JSON_MEMBER_OBJECT(raw_item, opened, "opened", opened_members, false),
    JSON_MEMBER_TEXT(raw_item, closed, "closed", false),
    JSON_MEMBER_END,
};

static const json_member request_members[] = {
    JSON_MEMBER_NUMBER(raw_request, version, "version", true),
    JSON_MEMBER_TEXT(raw_request, id, "id", true),
    JSON_MEMBER_TEXT(raw_request, realm, "realm", true),
    JSON_MEMBER_TEXT(raw_request, kind, "kind", true),
    JSON_MEMBER_TEXT(raw_request, office, "office", true),
    JSON_MEMBER_TEXT(raw_request, profile, "profile", false),
    JSON_MEMBER_TEXT(raw_request, created, "created", true),
    JSON_MEMBER_TEXT(raw_request, expires, "expires", true),
    JSON_MEMBER_ROWS(raw_request, items, "items", raw_item, item_members, AUTH_REQUEST_ITEMS_MAX,
                     true),
    JSON_MEMBER_END,
};

auth_status request_read_raw(auth_bytes payload, json_document **document, raw_request *out,
                             auth_error *err)
{
    auth_status status = json_open(payload, &rules, document, err);
    if (status == AUTH_STATUS_OK)
        status = json_decode(*document, request_members, out, err);
    return status;
}
