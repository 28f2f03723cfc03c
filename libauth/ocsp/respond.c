/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes answers. What changes from answer to answer is written into one place on the stack and
 * signed there; what is always the same comes ready from the responder. Without the signature this
 * costs a few microseconds.
 */
#include "ocsp/responder.h"

/* The CertIDs of a whole request come back, each with at most 128 octets around it. */
#define SINGLE_ROOM 128
#define TBS_ROOM (AUTH_OCSP_REQUEST_MAX + AUTH_OCSP_CERT_IDS_MAX * SINGLE_ROOM + 512)

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "OCSP answer: %s", what);
}

/* Statements */

static bool is_time(auth_time time) { return time >= AUTH_TIME_MIN && time <= AUTH_TIME_MAX; }

static auth_status check_status(const auth_ocsp_statement *statement, auth_error *err)
{
    if (statement->status > AUTH_OCSP_NEVER_ISSUED)
        return refuse(err, "there is no such status");
    if (statement->status != AUTH_OCSP_REVOKED)
        return AUTH_STATUS_OK;
    if (!is_time(statement->revoked) ||
        !auth_revocation_reason_exists((unsigned)statement->reason) ||
        statement->reason == AUTH_REVOCATION_REASON_REMOVE_FROM_CRL)
        return refuse(err,
                      "the time or reason of the revocation cannot be written (RFC 5280 5.3.1)");
    return AUTH_STATUS_OK;
}

static auth_status check_statement(const auth_ocsp_responder *responder,
                                   const auth_ocsp_cert_id *id,
                                   const auth_ocsp_statement *statement, auth_time produced_at,
                                   auth_error *err)
{
    auth_status status = check_status(statement, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (statement->status != AUTH_OCSP_UNKNOWN && !auth_ocsp_issuer_matches(responder->issuer, id))
        return refuse(err, "the certificate is of another issuer, whose statuses this responder "
                           "must not sign; say unknown (RFC 6960 4.2.2.2)");
    if (!is_time(statement->this_update) || !is_time(statement->next_update) ||
        statement->this_update > produced_at || statement->next_update <= produced_at)
        return refuse(err, "thisUpdate is after producedAt, or nextUpdate is not "
                           "(RFC 6960 4.2.2.1)");
    if (statement->has_archive_cutoff && !is_time(statement->archive_cutoff))
        return refuse(err, "the archive cutoff is outside 1950 to 9999 (RFC 5280 4.1.2.5)");
    return AUTH_STATUS_OK;
}

static auth_status check_statements(const auth_ocsp_responder *responder,
                                    const auth_ocsp_request *request,
                                    const auth_ocsp_statement *statements, auth_time produced_at,
                                    auth_error *err)
{
    if (produced_at < responder->not_before || produced_at >= responder->not_after)
        return auth_error_set(
            err, AUTH_STATUS_EXPIRED,
            "OCSP answer: the responder's certificate is not valid now; renew it");
    for (size_t i = 0; i < auth_ocsp_request_count(request); i++) {
        auth_status status = check_statement(responder, auth_ocsp_request_cert_id(request, i),
                                             &statements[i], produced_at, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "certificate %zu", i + 1);
            return status;
        }
    }
    return AUTH_STATUS_OK;
}

/* ResponseData */

static void put_revoked(der_writer *writer, auth_time revoked, auth_revocation_reason reason)
{
    size_t info = der_open(writer, DER_CONTEXT_CONSTRUCTED(1));
    der_put_generalized_time(writer, revoked);
    if (reason != AUTH_REVOCATION_REASON_UNSPECIFIED) {
        size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
        der_put_enumerated(writer, (uint8_t)reason);
        der_close(writer, tagged);
    }
    der_close(writer, info);
}

static void put_status(der_writer *writer, const auth_ocsp_statement *statement,
                       bool revokes_never_issued)
{
    if (statement->status == AUTH_OCSP_GOOD)
        der_put_header(writer, DER_CONTEXT(0), 0);
    else if (statement->status == AUTH_OCSP_REVOKED)
        put_revoked(writer, statement->revoked, statement->reason);
    else if (statement->status == AUTH_OCSP_NEVER_ISSUED && revokes_never_issued)
        put_revoked(writer, 0, AUTH_REVOCATION_REASON_CERTIFICATE_HOLD);
    else
        der_put_header(writer, DER_CONTEXT(2), 0);
}

static void put_archive_cutoff(der_writer *writer, auth_time cutoff)
{
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(1));
    size_t extensions = der_open(writer, DER_SEQUENCE);
    size_t extension = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_OCSP_ARCHIVE_CUTOFF));
    size_t value = der_open(writer, DER_OCTET_STRING);
    der_put_generalized_time(writer, cutoff);
    der_close(writer, value);
    der_close(writer, extension);
    der_close(writer, extensions);
    der_close(writer, tagged);
}

static void put_single(der_writer *writer, const auth_ocsp_responder *responder,
                       const auth_ocsp_cert_id *id, const auth_ocsp_statement *statement,
                       bool revokes_never_issued)
{
    /* An answer is not believed longer than the one who signed it: clients check both. */
    auth_time next_update = statement->next_update < responder->not_after ? statement->next_update
                                                                          : responder->not_after;
    size_t single = der_open(writer, DER_SEQUENCE);
    der_put(writer, id->der);
    put_status(writer, statement, revokes_never_issued);
    der_put_generalized_time(writer, statement->this_update);
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put_generalized_time(writer, next_update);
    der_close(writer, tagged);
    if (statement->has_archive_cutoff)
        put_archive_cutoff(writer, statement->archive_cutoff);
    der_close(writer, single);
}

static void put_nonce(der_writer *writer, auth_bytes nonce)
{
    size_t extension = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_OCSP_NONCE));
    size_t value = der_open(writer, DER_OCTET_STRING);
    der_put_item(writer, DER_OCTET_STRING, nonce);
    der_close(writer, value);
    der_close(writer, extension);
}

static void put_extended_revoke(der_writer *writer)
{
    size_t extension = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(OID_OCSP_EXTENDED_REVOKE));
    size_t value = der_open(writer, DER_OCTET_STRING);
    der_put_null(writer);
    der_close(writer, value);
    der_close(writer, extension);
}

static void put_extensions(der_writer *writer, auth_bytes nonce, bool has_extended_revoke)
{
    if (nonce.len == 0 && !has_extended_revoke)
        return;
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(1));
    size_t extensions = der_open(writer, DER_SEQUENCE);
    if (nonce.len > 0)
        put_nonce(writer, nonce);
    if (has_extended_revoke)
        put_extended_revoke(writer);
    der_close(writer, extensions);
    der_close(writer, tagged);
}

static void put_tbs(der_writer *writer, const auth_ocsp_responder *responder,
                    const auth_ocsp_request *request, const auth_ocsp_statement *statements,
                    const auth_ocsp_answer_options *options)
{
    bool has_extended_revoke = false;
    size_t tbs = der_open(writer, DER_SEQUENCE);
    der_put(writer, (auth_bytes){responder->id, sizeof responder->id});
    der_put_generalized_time(writer, options->produced_at);
    size_t singles = der_open(writer, DER_SEQUENCE);
    for (size_t i = 0; i < auth_ocsp_request_count(request); i++) {
        put_single(writer, responder, auth_ocsp_request_cert_id(request, i), &statements[i],
                   options->revokes_never_issued);
        if (statements[i].status == AUTH_OCSP_NEVER_ISSUED)
            has_extended_revoke = options->revokes_never_issued;
    }
    der_close(writer, singles);
    auth_bytes nonce =
        options->omits_nonce ? (auth_bytes){NULL, 0} : auth_ocsp_request_nonce(request);
    put_extensions(writer, nonce, has_extended_revoke);
    der_close(writer, tbs);
}

/* The whole */

/* The lengths of what is around ResponseData, from the inside to the outside. */
typedef struct frame {
    size_t basic;    /* content of BasicOCSPResponse */
    size_t octets;   /* content of the OCTET STRING around it */
    size_t bytes;    /* content of ResponseBytes */
    size_t tagged;   /* content of [0] */
    size_t response; /* content of OCSPResponse */
} frame;

static size_t with_header(size_t content) { return der_header_len(content) + content; }

static frame frame_of(size_t tbs_len, size_t algorithm_len, size_t signature_len,
                      size_t certificates_len)
{
    frame lens;
    lens.basic = tbs_len + algorithm_len + with_header(1 + signature_len) + certificates_len;
    lens.octets = with_header(lens.basic);
    lens.bytes = with_header(oid_bytes(OID_OCSP_BASIC).len) + with_header(lens.octets);
    lens.tagged = with_header(lens.bytes);
    lens.response = 3 + with_header(lens.tagged);
    return lens;
}

static auth_status append_answer(const auth_ocsp_responder *responder, auth_bytes tbs,
                                 const auth_signature *signature, auth_buf *out, auth_error *err)
{
    auth_bytes algorithm = auth_signer_algorithm(responder->signer);
    frame lens = frame_of(tbs.len, algorithm.len, signature->len, responder->certificates_len);
    uint8_t *room = NULL;
    size_t size = with_header(lens.response);
    auth_status status = auth_buf_extend(out, size, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    der_writer writer = der_writer_on(room, size);
    der_put_header(&writer, DER_SEQUENCE, lens.response);
    der_put_enumerated(&writer, AUTH_OCSP_SUCCESSFUL);
    der_put_header(&writer, DER_CONTEXT_CONSTRUCTED(0), lens.tagged);
    der_put_header(&writer, DER_SEQUENCE, lens.bytes);
    der_put_oid(&writer, oid_bytes(OID_OCSP_BASIC));
    der_put_header(&writer, DER_OCTET_STRING, lens.octets);
    der_put_header(&writer, DER_SEQUENCE, lens.basic);
    der_put(&writer, tbs);
    der_put(&writer, algorithm);
    der_put_bit_octets(&writer, (auth_bytes){signature->octets, signature->len});
    der_put(&writer, (auth_bytes){responder->certificates, responder->certificates_len});
    if (der_written(&writer).len == size)
        return AUTH_STATUS_OK;
    auth_buf_truncate(out, auth_buf_bytes(out).len - size);
    return auth_error_set(err, AUTH_STATUS_INTERNAL, "OCSP answer: its length was not foreseen");
}

auth_status auth_ocsp_respond(const auth_ocsp_responder *responder,
                              const auth_ocsp_request *request,
                              const auth_ocsp_statement *statements,
                              const auth_ocsp_answer_options *options, auth_buf *out,
                              auth_error *err)
{
    auth_status status =
        check_statements(responder, request, statements, options->produced_at, err);
    if (status != AUTH_STATUS_OK)
        return status;
    uint8_t room[TBS_ROOM];
    der_writer writer = der_writer_on(room, sizeof room);
    put_tbs(&writer, responder, request, statements, options);
    auth_bytes tbs = der_written(&writer);
    if (tbs.len == 0)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "OCSP answer: it passed its room");
    auth_signature signature;
    status = auth_signer_sign(responder->signer, tbs, &signature, err);
    return status == AUTH_STATUS_OK ? append_answer(responder, tbs, &signature, out, err) : status;
}
