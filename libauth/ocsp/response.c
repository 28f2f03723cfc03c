/* SPDX-License-Identifier: Apache-2.0 */
/* Takes answers apart (RFC 6960 section 4.2.1). Nothing in them is believed here. */
#include "ocsp/ocsp.h"

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_MALFORMED, "OCSP answer: %s (RFC 6960 4.2.1)", what);
}

static bool take_generalized_time(auth_bytes *cursor, auth_time *out)
{
    return der_peek(*cursor, AUTH_ASN1_GENERALIZED_TIME) && der_take_time(cursor, out, NULL);
}

static bool read_generalized_time(auth_bytes der, auth_time *out)
{
    return take_generalized_time(&der, out) && der.len == 0;
}

/* [n] EXPLICIT Extensions OPTIONAL. */
static auth_status take_extensions(auth_bytes *cursor, unsigned number, x509_extensions *out,
                                   auth_error *err)
{
    auth_bytes tagged;
    auth_bytes content;
    out->count = 0;
    if (!der_take_optional(cursor, DER_CONTEXT_CONSTRUCTED(number), &tagged))
        return refuse(err, "extensions are not DER");
    if (tagged.data == NULL)
        return AUTH_STATUS_OK;
    if (!der_only(tagged, DER_SEQUENCE, &content))
        return refuse(err, "extensions are not one SEQUENCE");
    auth_status status = x509_extensions_parse(content, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "OCSP answer");
    return status;
}

/* What a responder that could not answer says, as a status of ours. */
static auth_status report_error(uint8_t number, auth_error *err)
{
    auth_ocsp_response_status status = (auth_ocsp_response_status)number;
    const char *name = auth_ocsp_response_status_name(status);
    if (name[0] == '\0')
        return refuse(err, "there is no such response status");
    auth_status outcome = AUTH_STATUS_UNAVAILABLE;
    if (status == AUTH_OCSP_MALFORMED_REQUEST)
        outcome = AUTH_STATUS_UNSUPPORTED;
    if (status == AUTH_OCSP_SIG_REQUIRED || status == AUTH_OCSP_UNAUTHORIZED)
        outcome = AUTH_STATUS_DENIED;
    return auth_error_set(err, outcome, "OCSP answer: the responder says %s (RFC 6960 4.2.1)",
                          name);
}

/* Gives the content of BasicOCSPResponse. */
static auth_status take_basic(auth_bytes der, auth_bytes *out, auth_error *err)
{
    auth_bytes content;
    auth_bytes tagged;
    auth_bytes bytes;
    auth_bytes type;
    auth_bytes octets;
    uint8_t number = 0;
    if (!der_only(der, DER_SEQUENCE, &content) || !der_take_enumerated(&content, &number))
        return refuse(err, "it is not one OCSPResponse in DER, or octets follow it");
    if (number != AUTH_OCSP_SUCCESSFUL)
        return content.len == 0 ? report_error(number, err)
                                : refuse(err, "an error carries responseBytes");
    if (!der_only(content, DER_CONTEXT_CONSTRUCTED(0), &tagged) ||
        !der_only(tagged, DER_SEQUENCE, &bytes) || !der_take_oid(&bytes, &type) ||
        !der_only(bytes, DER_OCTET_STRING, &octets))
        return refuse(err, "responseBytes is not of its form");
    if (oid_find(type) != OID_OCSP_BASIC)
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "OCSP answer: its type is not id-pkix-ocsp-basic (RFC 6960 4.2.1)");
    if (!der_only(octets, DER_SEQUENCE, out))
        return refuse(err, "BasicOCSPResponse is not one SEQUENCE");
    return AUTH_STATUS_OK;
}

/* ResponderID: byName [1] Name, byKey [2] OCTET STRING. */
static bool take_responder(auth_bytes *tbs, ocsp_response *out)
{
    auth_bytes tagged;
    if (der_peek(*tbs, DER_CONTEXT_CONSTRUCTED(2)))
        return der_take(tbs, DER_CONTEXT_CONSTRUCTED(2), &tagged) &&
               der_only(tagged, DER_OCTET_STRING, &out->responder_key) &&
               out->responder_key.len == digest_len(DIGEST_SHA1);
    auth_bytes rdns;
    bool is_name =
        der_take(tbs, DER_CONTEXT_CONSTRUCTED(1), &tagged) && der_only(tagged, DER_SEQUENCE, &rdns);
    if (is_name)
        out->responder_name = tagged;
    return is_name;
}

bool ocsp_take_version(auth_bytes *tbs)
{
    auth_bytes tagged;
    uint64_t version = 0;
    if (!der_take_optional(tbs, DER_CONTEXT_CONSTRUCTED(0), &tagged))
        return false;
    return tagged.data == NULL || (der_take_uint(&tagged, 0, &version) && tagged.len == 0);
}

static auth_status read_tbs(auth_bytes tbs, ocsp_response *out, auth_error *err)
{
    if (!ocsp_take_version(&tbs))
        return refuse(err, "its version is not 1, the only one there is");
    if (!take_responder(&tbs, out))
        return refuse(err, "responderID is neither a Name nor a SHA-1 hash");
    if (!take_generalized_time(&tbs, &out->produced_at))
        return refuse(err, "producedAt is not a GeneralizedTime");
    if (!der_take(&tbs, DER_SEQUENCE, &out->singles))
        return refuse(err, "responses is not a SEQUENCE");
    auth_status status = take_extensions(&tbs, 1, &out->extensions, err);
    if (status == AUTH_STATUS_OK && tbs.len > 0)
        return refuse(err, "what follows responses is not responseExtensions");
    return status;
}

auth_status ocsp_response_parse(auth_bytes der, ocsp_response *out, auth_error *err)
{
    if (der.len > AUTH_OCSP_RESPONSE_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "OCSP answer: %zu octets, at most %d",
                              der.len, AUTH_OCSP_RESPONSE_MAX);
    auth_bytes basic;
    auth_status status = take_basic(der, &basic, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ocsp_response found = {0};
    der_item tbs;
    der_item algorithm;
    auth_bytes tagged;
    if (!der_take_item(&basic, DER_SEQUENCE, &tbs) ||
        !der_take_item(&basic, DER_SEQUENCE, &algorithm) ||
        !der_take_bit_octets(&basic, &found.signature) ||
        !der_take_optional(&basic, DER_CONTEXT_CONSTRUCTED(0), &tagged) || basic.len > 0 ||
        (tagged.data != NULL && !der_only(tagged, DER_SEQUENCE, &found.certificates)))
        return refuse(err, "BasicOCSPResponse is not of its form");
    found.tbs = tbs.whole;
    found.algorithm = algorithm.whole;
    status = read_tbs(tbs.content, &found, err);
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}

/* RevokedInfo ::= SEQUENCE { revocationTime, revocationReason [0] EXPLICIT OPTIONAL } */
static bool read_revoked(auth_bytes info, ocsp_single *out)
{
    auth_bytes tagged;
    uint8_t reason = 0;
    if (!take_generalized_time(&info, &out->revoked) ||
        !der_take_optional(&info, DER_CONTEXT_CONSTRUCTED(0), &tagged) || info.len > 0)
        return false;
    if (tagged.data == NULL)
        return true;
    if (!der_take_enumerated(&tagged, &reason) || tagged.len > 0 ||
        !auth_revocation_reason_exists(reason))
        return false;
    out->reason = (auth_revocation_reason)reason;
    return true;
}

static bool take_status(auth_bytes *cursor, ocsp_single *out)
{
    der_item choice;
    if (!der_next(cursor, &choice))
        return false;
    if (choice.tag == DER_CONTEXT(0) && choice.content.len == 0) {
        out->status = AUTH_OCSP_GOOD;
        return true;
    }
    if (choice.tag == DER_CONTEXT(2) && choice.content.len == 0) {
        out->status = AUTH_OCSP_UNKNOWN;
        return true;
    }
    out->status = AUTH_OCSP_REVOKED;
    return choice.tag == DER_CONTEXT_CONSTRUCTED(1) && read_revoked(choice.content, out);
}

auth_status ocsp_take_single(auth_bytes *singles, ocsp_single *out, auth_error *err)
{
    ocsp_single found = {0};
    auth_bytes single;
    auth_bytes tagged;
    if (!der_take(singles, DER_SEQUENCE, &single) || !ocsp_take_cert_id(&single, &found.id))
        return refuse(err, "certID of a SingleResponse is not of its form");
    if (!take_status(&single, &found))
        return refuse(err, "certStatus is not of its form");
    if (!take_generalized_time(&single, &found.this_update) ||
        !der_take_optional(&single, DER_CONTEXT_CONSTRUCTED(0), &tagged) ||
        (tagged.data != NULL && !read_generalized_time(tagged, &found.next_update)))
        return refuse(err, "thisUpdate or nextUpdate is not a GeneralizedTime");
    found.has_next_update = tagged.data != NULL;
    auth_status status = take_extensions(&single, 1, &found.extensions, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (single.len > 0)
        return refuse(err, "what follows thisUpdate is not of its form");
    *out = found;
    return AUTH_STATUS_OK;
}
