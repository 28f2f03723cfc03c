/* SPDX-License-Identifier: Apache-2.0 */
#include "fsck_part.h"
#include "result.h"
#include "statement.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 200
#define KEY_SIZE 48

/* Columns of REGISTRY_STATEMENT_FSCK_CERTIFICATE_DER. */
enum { KEY, SERIAL, AUTHORITY, KEY_HASH, NOT_BEFORE, NOT_AFTER, DER, MANDATE };

static bool is_fault(auth_status status) { return status >= AUTH_STATUS_MEMORY; }

/* Authorities */

static auth_status read_authority(registry_result *rows, size_t row, registry_reporter *reporter,
                                  fsck_authority *out, auth_error *err)
{
    char id[KEY_SIZE];
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    auth_error why;
    out->id = registry_value_int64(rows, row, 0);
    (void)snprintf(id, sizeof id, "%" PRId64, out->id);
    auth_status status = auth_cert_parse(registry_value_bytes(rows, row, 1), &out->cert, &why);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(out->cert, &out->key, &why);
    if (is_fault(status))
        return auth_error_set(err, status, "authority %s: %s", id, why.text);
    if (status != AUTH_STATUS_OK) {
        registry_report(reporter, "authority", id, "its certificate cannot be read: %s", why.text);
        return AUTH_STATUS_OK;
    }
    auth_public_key_hash(out->key, hash);
    if (!auth_bytes_equal(registry_value_bytes(rows, row, 2), (auth_bytes){hash, sizeof hash}))
        registry_report(reporter, "authority", id, "key_hash is not that of its certificate's key");
    return AUTH_STATUS_OK;
}

auth_status fsck_authorities_read(registry_connection *connection, registry_reporter *reporter,
                                  fsck_authorities *out, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    auth_status status = registry_run(connection, REGISTRY_STATEMENT_FSCK_AUTHORITIES,
                                      REGISTRY_NO_VALUES, &rows, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t count = registry_result_rows(rows);
    out->rows = calloc(count + 1, sizeof *out->rows);
    if (out->rows == NULL)
        return auth_error_memory(err);
    out->count = count;
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++)
        status = read_authority(rows, i, reporter, &out->rows[i], err);
    return status == AUTH_STATUS_OK ? registry_result_check(rows, err) : status;
}

void fsck_authorities_clear(fsck_authorities *of)
{
    for (size_t i = 0; i < of->count; i++) {
        auth_cert_free(of->rows[i].cert);
        auth_public_key_free(of->rows[i].key);
    }
    free(of->rows);
    *of = (fsck_authorities){.count = 0};
}

const fsck_authority *fsck_authority_find(const fsck_authorities *in, int64_t id)
{
    for (size_t i = 0; i < in->count; i++) {
        if (in->rows[i].id == id)
            return &in->rows[i];
    }
    return NULL;
}

/* Certificates */

/* The first column that does not say what the DER says; NULL: all do. */
static const char *find_difference(registry_result *page, size_t row, const auth_cert *cert,
                                   const auth_public_key *key)
{
    uint8_t hash[AUTH_KEY_HASH_SIZE];
    auth_public_key_hash(key, hash);
    if (!auth_bytes_equal(registry_value_bytes(page, row, SERIAL), auth_cert_serial(cert)))
        return "serial";
    if (!auth_bytes_equal(registry_value_bytes(page, row, KEY_HASH),
                          (auth_bytes){hash, sizeof hash}))
        return "key_hash";
    if (registry_value_time(page, row, NOT_BEFORE) != auth_cert_not_before(cert))
        return "not_before";
    if (registry_value_time(page, row, NOT_AFTER) != auth_cert_not_after(cert))
        return "not_after";
    return NULL;
}

static auth_status check_signature(const fsck_authority *authority, const auth_cert *cert,
                                   const char *serial, registry_reporter *reporter, auth_error *err)
{
    auth_error why = {AUTH_STATUS_OK, ""};
    if (authority == NULL || authority->key == NULL) {
        registry_report(reporter, "certificate", serial,
                        "its authority is not there, or unreadable");
        return AUTH_STATUS_OK;
    }
    if (!auth_bytes_equal(auth_cert_issuer(cert), auth_cert_subject(authority->cert)))
        registry_report(reporter, "certificate", serial,
                        "it names another issuer than its authority (RFC 5280 4.1.2.4)");
    auth_status status = auth_cert_check_signature(cert, authority->key, &why);
    if (is_fault(status))
        return auth_error_set(err, status, "certificate %s: %s", serial, why.text);
    if (status != AUTH_STATUS_OK)
        registry_report(reporter, "certificate", serial,
                        "authority %" PRId64 " did not sign its DER (RFC 5280 4.1.1.3)",
                        authority->id);
    return AUTH_STATUS_OK;
}

/* What a renewal must say as the certificate of the ceremony does; NULL: it does. */
static const char *find_change(const auth_cert *cert, const auth_cert *mandate)
{
    static const char *const extensions[] = {"subjectAltName", "keyUsage", "extKeyUsage",
                                             "basicConstraints"};
    if (!auth_bytes_equal(auth_cert_subject(cert), auth_cert_subject(mandate)))
        return "subject";
    if (!auth_bytes_equal(auth_cert_spki(cert), auth_cert_spki(mandate)))
        return "key";
    for (size_t i = 0; i < sizeof extensions / sizeof extensions[0]; i++) {
        auth_extension now = {.value = {NULL, 0}};
        auth_extension then = {.value = {NULL, 0}};
        if (auth_cert_extension_find(cert, extensions[i], &now) !=
                auth_cert_extension_find(mandate, extensions[i], &then) ||
            !auth_bytes_equal(now.value, then.value))
            return extensions[i];
    }
    return NULL;
}

static auth_status check_renewal(registry_result *page, size_t row, const auth_cert *cert,
                                 const char *serial, registry_reporter *reporter, auth_error *err)
{
    AUTH_AUTO(auth_cert) *mandate = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    if (registry_value_is_null(page, row, MANDATE))
        return AUTH_STATUS_OK;
    auth_status status = auth_cert_parse(registry_value_bytes(page, row, MANDATE), &mandate, &why);
    if (is_fault(status))
        return auth_error_set(err, status, "certificate %s: %s", serial, why.text);
    const char *change = status == AUTH_STATUS_OK ? find_change(cert, mandate) : "everything";
    if (change != NULL)
        registry_report(reporter, "certificate", serial,
                        "it renews a certificate of a ceremony, and its %s is another", change);
    return AUTH_STATUS_OK;
}

static auth_status check_certificate(registry_result *page, size_t row,
                                     const fsck_authorities *authorities,
                                     registry_reporter *reporter, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_error why = {AUTH_STATUS_OK, ""};
    const char *serial = registry_value_text(page, row, KEY);
    auth_status status = auth_cert_parse(registry_value_bytes(page, row, DER), &cert, &why);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(cert, &key, &why);
    if (is_fault(status))
        return auth_error_set(err, status, "certificate %s: %s", serial, why.text);
    if (status != AUTH_STATUS_OK) {
        registry_report(reporter, "certificate", serial, "its DER cannot be read: %s", why.text);
        return AUTH_STATUS_OK;
    }
    const char *column = find_difference(page, row, cert, key);
    if (column != NULL)
        registry_report(reporter, "certificate", serial, "%s says something else than its DER",
                        column);
    status = check_renewal(page, row, cert, serial, reporter, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return check_signature(fsck_authority_find(authorities,
                                               registry_value_int64(page, row, AUTHORITY)),
                           cert, serial, reporter, err);
}

auth_status fsck_certificates(registry_connection *connection, const fsck_authorities *authorities,
                              registry_reporter *reporter, uint64_t *count, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    char key[KEY_SIZE] = "";
    size_t rows = PAGE;
    while (status == AUTH_STATUS_OK && rows == PAGE) {
        AUTH_AUTO(registry_result) *page = NULL;
        registry_report_progress(reporter, "certificates' DER", *count, 0);
        status =
            registry_run(connection, REGISTRY_STATEMENT_FSCK_CERTIFICATE_DER,
                         REGISTRY_VALUES(registry_text(key), registry_int64(PAGE)), &page, err);
        if (status != AUTH_STATUS_OK)
            break;
        rows = registry_result_rows(page);
        for (size_t i = 0; i < rows && status == AUTH_STATUS_OK; i++)
            status = check_certificate(page, i, authorities, reporter, err);
        if (rows > 0)
            (void)snprintf(key, sizeof key, "%s", registry_value_text(page, rows - 1, KEY));
        *count += rows;
        if (status == AUTH_STATUS_OK)
            status = registry_result_check(page, err);
    }
    return status;
}
