/* SPDX-License-Identifier: Apache-2.0 */
/* The values of one item. */
#include "key/spki.h"
#include "request/request.h"
#include "request/text.h"
#include "x509/view.h"

#include <auth/codec.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 48

/* Puts the place in front of what a callee said, and lets faults of the machine alone. */
static auth_status place_error(auth_status status, const request_place *place, const char *path,
                               auth_error *err)
{
    if (status != AUTH_STATUS_OK && !auth_status_is_fault(status))
        auth_error_context(err, "request: $.items[%zu].%s", place->index, path);
    return status;
}

static auth_status refuse(const request_place *place, const char *path, const char *what,
                          auth_error *err)
{
    return request_refuse_item(err, place->index, path, what);
}

/* texts has room for the whole payload from the start (payload.c), so what it holds stays. */
static auth_status keep(const request_place *place, auth_bytes text, auth_bytes *out,
                        auth_error *err)
{
    uint8_t *room = NULL;
    auth_status status = auth_buf_extend(place->texts, text.len, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(room, text.data, text.len);
    *out = (auth_bytes){room, text.len};
    return AUTH_STATUS_OK;
}

static auth_status keep_decoded(const request_place *place, const char *path, auth_codec codec,
                                auth_bytes text, auth_bytes *out, auth_error *err)
{
    size_t start = auth_buf_bytes(place->texts).len;
    auth_status status = auth_codec_decode(codec, text, place->texts, err);
    if (status != AUTH_STATUS_OK)
        return place_error(status, place, path, err);
    auth_bytes all = auth_buf_bytes(place->texts);
    *out = (auth_bytes){all.data + start, all.len - start};
    return AUTH_STATUS_OK;
}

/* A SHA-256, base64url. */
static auth_status keep_hash(const request_place *place, const char *path, auth_bytes text,
                             auth_bytes *out, auth_error *err)
{
    auth_bytes hash;
    auth_status status = keep_decoded(place, path, AUTH_CODEC_BASE64URL, text, &hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (hash.len != AUTH_REQUEST_HASH_SIZE)
        return refuse(place, path, "not the 32 octets of a SHA-256; write 43 characters", err);
    *out = hash;
    return AUTH_STATUS_OK;
}

static auth_status keep_text(const request_place *place, const char *path, size_t max,
                             auth_bytes text, auth_bytes *out, auth_error *err)
{
    auth_status status = request_check_text(text, max, err);
    if (status != AUTH_STATUS_OK)
        return place_error(status, place, path, err);
    return keep(place, text, out, err);
}

static auth_status keep_identifier(const request_place *place, const char *path, auth_bytes text,
                                   auth_bytes *out, auth_error *err)
{
    if (!request_is_identifier(text))
        return refuse(place, path, REQUEST_IDENTIFIER_RULE "; choose one", err);
    return keep(place, text, out, err);
}

/* Two spellings of a number would be two identities: only the canonical one passes. */
static auth_status read_number(const request_place *place, const raw_person *raw,
                               auth_request_item *out, auth_error *err)
{
    auth_person_rules rules = {.today = place->today};
    auth_status status = auth_person_type_find((const char *)raw->type.data, &rules.type, NULL);
    if (status != AUTH_STATUS_OK || rules.type == AUTH_PERSON_TYPE_ANY)
        return refuse(place, "person.type",
                      "no type of person number (auth/person_type.def); name one, as citizen or "
                      "passport",
                      err);
    status = auth_person_number_parse(raw->number, &rules, &out->person, err);
    if (status != AUTH_STATUS_OK)
        return place_error(status, place, "person.number", err);
    if (!auth_bytes_equal(auth_person_number_reveal(&out->person), raw->number))
        return refuse(place, "person.number",
                      "not in its canonical form, in which letters are capitals; write that", err);
    return AUTH_STATUS_OK;
}

static auth_status read_person(const request_place *place, const raw_person *raw,
                               auth_request_item *out, auth_error *err)
{
    if (!raw->head.is_set)
        return AUTH_STATUS_OK;
    auth_status status = read_number(place, raw, out, err);
    if (status == AUTH_STATUS_OK)
        status =
            keep_text(place, "person.name", REQUEST_NAME_CHARACTERS, raw->name, &out->name, err);
    return status;
}

/* The form only; the signature in it is looked at on demand. */
static auth_status read_csr(const request_place *place, auth_bytes text, auth_bytes *out,
                            auth_error *err)
{
    auth_bytes der;
    x509_csr_view view;
    spki_fields fields;
    auth_status status = keep_decoded(place, "csr", AUTH_CODEC_BASE64URL, text, &der, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = x509_csr_view_parse(der, &view, err);
    if (status == AUTH_STATUS_OK)
        status = spki_read(view.spki, &fields, err);
    if (status != AUTH_STATUS_OK)
        return place_error(status, place, "csr", err);
    *out = der;
    return AUTH_STATUS_OK;
}

static auth_status read_key(const request_place *place, const raw_item *raw, auth_request_item *out,
                            auth_error *err)
{
    bool may_choose =
        place->kind == AUTH_REQUEST_KIND_ENROL || place->kind == AUTH_REQUEST_KIND_REKEY;
    if (may_choose && (raw->csr.data == NULL) == (raw->activation.data == NULL))
        return refuse(place, "csr",
                      "either csr or activation stands there, not both and not neither; leave one",
                      err);
    if (raw->csr.data != NULL)
        return read_csr(place, raw->csr, &out->csr, err);
    if (raw->activation.data != NULL)
        return keep_hash(place, "activation", raw->activation, &out->activation, err);
    return AUTH_STATUS_OK;
}

static auth_status read_evidence(const request_place *place, const raw_item *raw,
                                 auth_request_item *out, auth_error *err)
{
    char path[PATH_SIZE];
    for (size_t i = 0; i < raw->evidence_list.count; i++) {
        const raw_evidence *row = &raw->evidence[i];
        auth_request_evidence *evidence = &out->evidence[i];
        (void)snprintf(path, sizeof path, "evidence[%zu].method", i);
        auth_status status =
            auth_evidence_method_find((const char *)row->method.data, &evidence->method, NULL);
        if (status != AUTH_STATUS_OK)
            return refuse(place, path, "no method of evidence (auth/evidence_method.def)", err);
        (void)snprintf(path, sizeof path, "evidence[%zu].digest", i);
        status = keep_hash(place, path, row->digest, &evidence->digest, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    out->evidence_count = raw->evidence_list.count;
    return AUTH_STATUS_OK;
}

/* Hexadecimal is read in both cases; here there is one. */
static bool has_capitals(auth_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] >= 'A' && text.data[i] <= 'Z')
            return true;
    }
    return false;
}

/* RFC 5280 section 4.1.2.2: a positive INTEGER of 20 octets at the most, in its shortest form. */
static auth_status read_serial(const request_place *place, auth_bytes text, auth_bytes *out,
                               auth_error *err)
{
    auth_bytes serial = {NULL, 0};
    if (text.data == NULL)
        return AUTH_STATUS_OK;
    auth_status status = keep_decoded(place, "serial", AUTH_CODEC_HEX, text, &serial, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (has_capitals(text) || serial.len < REQUEST_SERIAL_MIN || serial.len > REQUEST_SERIAL_MAX ||
        serial.data[0] == 0 || serial.data[0] > 0x7f)
        return refuse(place, "serial",
                      "not a serial number of this realm: 16 to 20 octets, the first 01 to 7f (RFC "
                      "5280 4.1.2.2), in lower-case hexadecimal; copy it from the certificate",
                      err);
    *out = serial;
    return AUTH_STATUS_OK;
}

static auth_status read_reason(const request_place *place, const raw_item *raw,
                               auth_request_item *out, auth_error *err)
{
    if (raw->reason.data == NULL)
        return AUTH_STATUS_OK;
    auth_status status =
        auth_revocation_reason_find((const char *)raw->reason.data, &out->reason, NULL);
    if (status != AUTH_STATUS_OK || !auth_revocation_reason_is_given(out->reason) ||
        auth_revocation_reason_is_reversible(out->reason))
        return refuse(place, "reason",
                      "no reason that a person gives for an end (RFC 5280 5.3.1): unspecified, "
                      "keyCompromise, affiliationChanged, superseded, cessationOfOperation or "
                      "privilegeWithdrawn; a hold is a request to suspend",
                      err);
    out->has_reason = true;
    return AUTH_STATUS_OK;
}

static auth_status read_invalidity(const request_place *place, const raw_item *raw,
                                   auth_request_item *out, auth_error *err)
{
    if (raw->invalidity.data == NULL)
        return AUTH_STATUS_OK;
    auth_status status = auth_time_parse(raw->invalidity, &out->invalidity, err);
    if (status != AUTH_STATUS_OK)
        return place_error(status, place, "invalidity", err);
    if (out->invalidity > place->created)
        return refuse(place, "invalidity",
                      "after the request was made; it is a time from which on the key was in doubt "
                      "(RFC 5280 5.3.2)",
                      err);
    out->has_invalidity = true;
    return AUTH_STATUS_OK;
}

static auth_status read_officer(const request_place *place, const raw_item *raw,
                                auth_request_item *out, auth_error *err)
{
    if (raw->officer.data == NULL)
        return AUTH_STATUS_OK;
    if (raw->role.data != NULL &&
        auth_officer_role_find((const char *)raw->role.data, &out->role, NULL) != AUTH_STATUS_OK)
        return refuse(place, "role", "neither clerk, approver, admin nor auditor", err);
    return keep_identifier(place, "officer", raw->officer, &out->officer, err);
}

static auth_status read_opened(const request_place *place, const raw_opened *raw,
                               auth_request_item *out, auth_error *err)
{
    if (!raw->head.is_set)
        return AUTH_STATUS_OK;
    if (!request_are_digits(raw->region, 6))
        return refuse(place, "opened.region",
                      "not the six digits of a region (GB/T 2260); write 000000 for the country",
                      err);
    auth_status status =
        keep_identifier(place, "opened.office", raw->office, &out->opened_office, err);
    if (status == AUTH_STATUS_OK)
        status = keep(place, raw->region, &out->opened_region, err);
    if (status == AUTH_STATUS_OK)
        status = keep_text(place, "opened.name", REQUEST_NAME_CHARACTERS, raw->name,
                           &out->opened_name, err);
    return status;
}

auth_status request_read_item(const request_place *place, const raw_item *raw,
                              auth_request_item *out, auth_error *err)
{
    auth_status status = request_check_members(place, raw, err);
    if (status == AUTH_STATUS_OK)
        status = read_person(place, &raw->person, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_key(place, raw, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_evidence(place, raw, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_serial(place, raw->serial, &out->serial, err);
    if (status == AUTH_STATUS_OK)
        status = read_reason(place, raw, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_invalidity(place, raw, out, err);
    if (status == AUTH_STATUS_OK && raw->comment.data != NULL)
        status = keep_text(place, "comment", REQUEST_COMMENT_CHARACTERS, raw->comment,
                           &out->comment, err);
    if (status == AUTH_STATUS_OK)
        status = read_officer(place, raw, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_opened(place, &raw->opened, out, err);
    if (status == AUTH_STATUS_OK && raw->closed.data != NULL)
        status = keep_identifier(place, "closed", raw->closed, &out->closed_office, err);
    return status;
}
