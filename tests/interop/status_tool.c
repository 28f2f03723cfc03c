/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRLs and OCSP messages of libauth as files, for tests against other people's programs. Uses the
 * public interface only. Exit code 0: done; 1: refused, with the reason on standard error.
 *
 *     status_tool crl-make KEY ISSUER-CERT NOW NUMBER BASE|- OUT [SERIAL=REASON]...
 *     status_tool crl-find CRL ISSUER-CERT SERIAL
 *     status_tool ocsp-ask ISSUER-CERT SERIAL sha1|sha256|sm3 NONCE|- OUT
 *     status_tool ocsp-answer KEY RESPONDER-CERT ISSUER-CERT REQUEST NOW STATUS OUT
 *     status_tool ocsp-read REQUEST
 *     status_tool ocsp-check ANSWER ISSUER-CERT SERIAL NOW NONCE|-
 *
 * Certificates are DER, keys PEM; numbers, serials and nonces are hex; NOW is seconds since 1970; a
 * STATUS is good, unknown, never or the reason of a revocation an hour ago.
 */
#include "interop/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR 3600
/* "-" is no octets. */
static auth_status read_hex(const char *hex, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *buf = NULL;
    CHECK(auth_buf_new(4096, &buf, err));
    if (strcmp(hex, "-") != 0)
        CHECK(auth_codec_decode(AUTH_CODEC_HEX, auth_bytes_from_text(hex), buf, err));
    *out = AUTH_TAKE(buf);
    return AUTH_STATUS_OK;
}

static auth_status load_issuer(const char *path, auth_ocsp_issuer **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    CHECK(read_file(path, &der, err));
    return auth_ocsp_issuer_new(auth_buf_bytes(der), out, err);
}

/* CRLs */

/* SERIAL=REASON */
static auth_status add(auth_crl_builder *builder, char *row, auth_time revoked, auth_error *err)
{
    AUTH_AUTO(auth_buf) *serial = NULL;
    char *reason = strchr(row, '=');
    if (reason == NULL)
        return auth_error_set(err, AUTH_STATUS_MALFORMED, "%s is not SERIAL=REASON", row);
    *reason++ = '\0';
    auth_crl_entry entry = {.revoked = revoked};
    CHECK(read_hex(row, &serial, err));
    CHECK(auth_revocation_reason_find(reason, &entry.reason, err));
    entry.serial = auth_buf_bytes(serial);
    return auth_crl_builder_add(builder, &entry, err);
}

static auth_status crl_make(char **words, auth_error *err)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_buf) *certificate = NULL;
    AUTH_AUTO(auth_cert) *issuer = NULL;
    AUTH_AUTO(auth_buf) *number = NULL;
    AUTH_AUTO(auth_buf) *base = NULL;
    AUTH_AUTO(auth_buf) *out = NULL;
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    uint8_t key_id[AUTH_KEY_ID_SIZE];
    auth_time now = strtoll(words[2], NULL, 10);
    CHECK(load_signer(words[0], &signer, err));
    CHECK(read_file(words[1], &certificate, err));
    CHECK(auth_cert_parse(auth_buf_bytes(certificate), &issuer, err));
    CHECK(read_hex(words[3], &number, err));
    CHECK(read_hex(words[4], &base, err));
    auth_public_key_id(auth_signer_public_key(signer), key_id);
    auth_crl_settings settings = {
        .issuer = auth_cert_subject(issuer),
        .key_id = {key_id, sizeof key_id},
        .this_update = now,
        .next_update = now + 24 * HOUR,
        .number = auth_buf_bytes(number),
        .base_number = auth_buf_bytes(base),
    };
    CHECK(auth_crl_builder_new(&settings, &builder, err));
    for (char **row = words + 6; *row != NULL; row++)
        CHECK(add(builder, *row, now - HOUR, err));
    CHECK(auth_buf_new(AUTH_CRL_MAX, &out, err));
    CHECK(auth_crl_builder_finish(builder, signer, out, err));
    return write_file(words[5], auth_buf_bytes(out), err);
}

static auth_status crl_find(char **words, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_crl) *crl = NULL;
    AUTH_AUTO(auth_buf) *certificate = NULL;
    AUTH_AUTO(auth_cert) *issuer = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    AUTH_AUTO(auth_buf) *serial = NULL;
    auth_crl_entry entry;
    CHECK(read_file(words[0], &der, err));
    CHECK(auth_crl_parse(auth_buf_bytes(der), &crl, err));
    CHECK(read_file(words[1], &certificate, err));
    CHECK(auth_cert_parse(auth_buf_bytes(certificate), &issuer, err));
    CHECK(auth_public_key_parse(auth_cert_spki(issuer), &key, err));
    CHECK(auth_crl_check_signature(crl, key, err));
    CHECK(read_hex(words[2], &serial, err));
    auth_status status =
        auth_crl_find(crl, auth_cert_subject(issuer), auth_buf_bytes(serial), &entry, err);
    if (status == AUTH_STATUS_NOT_FOUND) {
        puts("not revoked");
        return AUTH_STATUS_OK;
    }
    CHECK(status);
    puts(auth_revocation_reason_name(entry.reason));
    return AUTH_STATUS_OK;
}

/* OCSP */

static auth_ocsp_hash hash_named(const char *name)
{
    if (strcmp(name, "sha1") == 0)
        return AUTH_OCSP_HASH_SHA1;
    if (strcmp(name, "sha256") == 0)
        return AUTH_OCSP_HASH_SHA256;
    return strcmp(name, "sm3") == 0 ? AUTH_OCSP_HASH_SM3 : AUTH_OCSP_HASH_OTHER;
}

static auth_status ocsp_ask(char **words, auth_error *err)
{
    AUTH_AUTO(auth_ocsp_issuer) *issuer = NULL;
    AUTH_AUTO(auth_buf) *serial = NULL;
    AUTH_AUTO(auth_buf) *nonce = NULL;
    AUTH_AUTO(auth_buf) *out = NULL;
    CHECK(load_issuer(words[0], &issuer, err));
    CHECK(read_hex(words[1], &serial, err));
    CHECK(read_hex(words[3], &nonce, err));
    CHECK(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &out, err));
    CHECK(auth_ocsp_request_encode(issuer, auth_buf_bytes(serial), hash_named(words[2]),
                                   auth_buf_bytes(nonce), out, err));
    return write_file(words[4], auth_buf_bytes(out), err);
}

static auth_status read_status(const char *word, auth_time now, auth_ocsp_statement *out,
                               auth_error *err)
{
    *out = (auth_ocsp_statement){.this_update = now - 60, .next_update = now + HOUR};
    if (strcmp(word, "good") == 0)
        return AUTH_STATUS_OK;
    if (strcmp(word, "unknown") == 0 || strcmp(word, "never") == 0) {
        out->status = word[0] == 'u' ? AUTH_OCSP_UNKNOWN : AUTH_OCSP_NEVER_ISSUED;
        return AUTH_STATUS_OK;
    }
    out->status = AUTH_OCSP_REVOKED;
    out->revoked = now - HOUR;
    return auth_revocation_reason_find(word, &out->reason, err);
}

static auth_status ocsp_answer(char **words, auth_error *err)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_buf) *certificate = NULL;
    AUTH_AUTO(auth_ocsp_issuer) *issuer = NULL;
    AUTH_AUTO(auth_ocsp_responder) *responder = NULL;
    AUTH_AUTO(auth_buf) *request_der = NULL;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_time now = strtoll(words[4], NULL, 10);
    auth_ocsp_statement statements[AUTH_OCSP_CERT_IDS_MAX];
    auth_ocsp_answer_options options = {.produced_at = now, .revokes_never_issued = true};
    CHECK(load_signer(words[0], &signer, err));
    CHECK(read_file(words[1], &certificate, err));
    CHECK(load_issuer(words[2], &issuer, err));
    CHECK(auth_ocsp_responder_new(auth_buf_bytes(certificate), issuer, signer, &responder, err));
    CHECK(read_file(words[3], &request_der, err));
    CHECK(auth_ocsp_request_parse(auth_buf_bytes(request_der), &request, err));
    for (size_t i = 0; i < AUTH_OCSP_CERT_IDS_MAX; i++)
        CHECK(read_status(words[5], now, &statements[i], err));
    CHECK(auth_buf_new(AUTH_OCSP_RESPONSE_MAX, &out, err));
    CHECK(auth_ocsp_respond(responder, request, statements, &options, out, err));
    return write_file(words[6], auth_buf_bytes(out), err);
}

static auth_status say_hex(auth_bytes octets, auth_error *err)
{
    AUTH_AUTO(auth_buf) *hex = NULL;
    CHECK(auth_buf_new(4 * AUTH_OCSP_REQUEST_MAX, &hex, err));
    CHECK(auth_codec_encode(AUTH_CODEC_HEX, octets, hex, err));
    auth_bytes text = auth_buf_bytes(hex);
    printf("%.*s\n", (int)text.len, (const char *)text.data);
    return AUTH_STATUS_OK;
}

/* The serial numbers asked about, then the nonce. */
static auth_status ocsp_read(char **words, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    CHECK(read_file(words[0], &der, err));
    CHECK(auth_ocsp_request_parse(auth_buf_bytes(der), &request, err));
    for (size_t i = 0; i < auth_ocsp_request_count(request); i++)
        CHECK(say_hex(auth_ocsp_request_cert_id(request, i)->serial, err));
    return say_hex(auth_ocsp_request_nonce(request), err);
}

static auth_status ocsp_check(char **words, auth_error *err)
{
    static const char *const names[] = {"good", "revoked", "unknown", "never"};
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_ocsp_issuer) *issuer = NULL;
    AUTH_AUTO(auth_buf) *serial = NULL;
    AUTH_AUTO(auth_buf) *nonce = NULL;
    auth_ocsp_answer answer;
    CHECK(read_file(words[0], &der, err));
    CHECK(load_issuer(words[1], &issuer, err));
    CHECK(read_hex(words[2], &serial, err));
    CHECK(read_hex(words[4], &nonce, err));
    auth_ocsp_expectation expected = {.serial = auth_buf_bytes(serial),
                                      .now = strtoll(words[3], NULL, 10),
                                      .skew_seconds = 300,
                                      .max_age_seconds = HOUR,
                                      .nonce = auth_buf_bytes(nonce)};
    CHECK(auth_ocsp_check(auth_buf_bytes(der), issuer, &expected, &answer, err));
    printf("%s", names[answer.status]);
    if (answer.status == AUTH_OCSP_REVOKED)
        printf(" %s", auth_revocation_reason_name(answer.reason));
    puts("");
    return AUTH_STATUS_OK;
}

int main(int argc, char **argv)
{
    static const tool_command commands[] = {
        {"crl-make", 6, true, crl_make},    {"crl-find", 3, false, crl_find},
        {"ocsp-ask", 5, false, ocsp_ask},   {"ocsp-answer", 7, false, ocsp_answer},
        {"ocsp-read", 1, false, ocsp_read}, {"ocsp-check", 5, false, ocsp_check},
    };
    return run_command(commands, sizeof commands / sizeof commands[0], argc, argv);
}
