/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are the CRLs and OCSP answers that we sign still what they were? One dump a kind and algorithm,
 * made with fixed keys, serial numbers and times, is compared with the file kept beside this one.
 *
 *     golden_status DIR            compare
 *     golden_status --update DIR   write the files anew; read the difference before it is committed
 */
#include "golden/dump.h"
#include "golden/kept.h"
#include "harness/status_pki.h"
#include "ocsp/ocsp.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DUMP_MAX ((size_t)1 << 20)

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static auth_buf *new_buf(size_t max)
{
    auth_error err;
    auth_buf *buf = NULL;
    must(auth_buf_new(max, &buf, &err), &err);
    return buf;
}

typedef struct entry_row {
    const char *serial;
    auth_revocation_reason reason;
    bool has_invalidity_date;
} entry_row;

static const entry_row full_entries[] = {
    {"\x01\x05", AUTH_REVOCATION_REASON_UNSPECIFIED, false},
    {"\x04", AUTH_REVOCATION_REASON_KEY_COMPROMISE, true},
    {"\x03", AUTH_REVOCATION_REASON_CERTIFICATE_HOLD, false},
};
static const entry_row delta_entries[] = {
    {"\x03", AUTH_REVOCATION_REASON_REMOVE_FROM_CRL, false},
    {"\x06", AUTH_REVOCATION_REASON_SUPERSEDED, false},
};

static void add(auth_crl_builder *builder, const entry_row *rows, size_t count)
{
    auth_error err;
    for (size_t i = 0; i < count; i++) {
        auth_crl_entry entry = {
            .serial = auth_bytes_from_text(rows[i].serial),
            .revoked = STATUS_NOW - STATUS_DAY,
            .reason = rows[i].reason,
            .has_invalidity_date = rows[i].has_invalidity_date,
            .invalidity_date = STATUS_NOW - 2 * STATUS_DAY,
        };
        must(auth_crl_builder_add(builder, &entry, &err), &err);
    }
}

static void dump_crl(const auth_crl_builder *builder, const auth_buf *der, auth_buf *text)
{
    auth_error err;
    x509_crl_view view;
    must(x509_crl_view_parse(auth_buf_bytes(der), &view, &err), &err);
    if (auth_crl_builder_count(builder) == 0)
        harness_die("the CRL is empty");
    golden_dump(view.tbs, text);
    golden_dump(view.algorithm, text);
}

static void crl(const status_pki *pki, bool is_delta, auth_buf *text)
{
    auth_error err;
    uint8_t key_id[AUTH_KEY_ID_SIZE];
    raw_bytes issuer = raw_name("A");
    auth_public_key_id(auth_signer_public_key(pki->authority), key_id);
    auth_crl_settings settings = {
        .issuer = RAW(issuer),
        .key_id = {key_id, sizeof key_id},
        .this_update = STATUS_NOW,
        .next_update = STATUS_NOW + STATUS_DAY,
        .number = BYTES("\x01\x80"),
        .base_number = is_delta ? BYTES("\x01\x7f") : (auth_bytes){NULL, 0},
        .distribution_point = "http://crl.example/7.crl",
        .only_user_certs = true,
        .freshest_crl = is_delta ? NULL : "http://crl.example/7-delta.crl",
    };
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    AUTH_AUTO(auth_buf) *der = new_buf(65536);
    must(auth_crl_builder_new(&settings, &builder, &err), &err);
    if (is_delta)
        add(builder, delta_entries, sizeof delta_entries / sizeof delta_entries[0]);
    else
        add(builder, full_entries, sizeof full_entries / sizeof full_entries[0]);
    must(auth_crl_builder_finish(builder, pki->authority, der, &err), &err);
    dump_crl(builder, der, text);
}

static void full_crl(const status_pki *pki, auth_buf *text) { crl(pki, false, text); }

static void delta_crl(const status_pki *pki, auth_buf *text) { crl(pki, true, text); }

static const auth_ocsp_statement statements[] = {
    {.status = AUTH_OCSP_GOOD, .this_update = STATUS_NOW - 60, .next_update = STATUS_NOW + 60},
    {.status = AUTH_OCSP_REVOKED,
     .revoked = STATUS_NOW - STATUS_DAY,
     .reason = AUTH_REVOCATION_REASON_KEY_COMPROMISE,
     .this_update = STATUS_NOW - 60,
     .next_update = STATUS_NOW + 60,
     .has_archive_cutoff = true,
     .archive_cutoff = STATUS_NOW - 365 * STATUS_DAY},
    {.status = AUTH_OCSP_NEVER_ISSUED,
     .this_update = STATUS_NOW - 60,
     .next_update = STATUS_NOW + 60},
};

static void answers(const status_pki *pki, auth_buf *text)
{
    auth_error err;
    AUTH_AUTO(auth_ocsp_responder) *responder = NULL;
    AUTH_AUTO(auth_buf) *question = new_buf(AUTH_OCSP_REQUEST_MAX);
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    AUTH_AUTO(auth_buf) *der = new_buf(AUTH_OCSP_RESPONSE_MAX);
    auth_ocsp_answer_options options = {.produced_at = STATUS_NOW, .revokes_never_issued = true};
    must(auth_ocsp_responder_new(RAW(pki->authority_der), pki->issuer, pki->authority, &responder,
                                 &err),
         &err);
    must(auth_ocsp_request_encode(pki->issuer, BYTES("\x01\x05"), AUTH_OCSP_HASH_SHA256,
                                  BYTES("0123456789abcdef"), question, &err),
         &err);
    must(auth_ocsp_request_parse(auth_buf_bytes(question), &request, &err), &err);
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        ocsp_response parts;
        auth_buf_truncate(der, 0);
        must(auth_ocsp_respond(responder, request, &statements[i], &options, der, &err), &err);
        must(ocsp_response_parse(auth_buf_bytes(der), &parts, &err), &err);
        golden_dump(parts.tbs, text);
    }
    golden_dump(auth_signer_algorithm(pki->authority), text);
}

static const struct {
    const char *name;
    void (*dump)(const status_pki *pki, auth_buf *text);
} kinds[] = {{"crl-full", full_crl}, {"crl-delta", delta_crl}, {"ocsp-answers", answers}};

static const char *const algorithms[] = {"p256", "p384", "rsa", "ed25519", "sm2"};

static bool run(const char *directory, bool updates)
{
    bool same = true;
    for (size_t a = 0; a < sizeof algorithms / sizeof algorithms[0]; a++) {
        status_pki pki = status_pki_new(algorithms[a]);
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            char path[PATH_MAX];
            AUTH_AUTO(auth_buf) *text = new_buf(DUMP_MAX);
            kinds[k].dump(&pki, text);
            (void)snprintf(path, sizeof path, "%s/%s-%s.txt", directory, kinds[k].name,
                           algorithms[a]);
            if (updates)
                kept_write(path, auth_buf_bytes(text));
            else
                same = kept_is_same(path, auth_buf_bytes(text)) && same;
        }
        status_pki_free(&pki);
    }
    return same;
}

int main(int argc, char **argv)
{
    bool updates = argc == 3 && strcmp(argv[1], "--update") == 0;
    if (argc != 2 && !updates) {
        (void)fprintf(stderr, "usage: golden_status [--update] DIR\n");
        return 2;
    }
    return run(argv[argc - 1], updates) ? EXIT_SUCCESS : EXIT_FAILURE;
}
