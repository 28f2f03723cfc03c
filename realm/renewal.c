/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/renewal.h"

#include "disk/file.h"
#include "realm/path.h"
#include "registry/certificate.h"

#include <auth/cert.h>
#include <auth/pem.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The newest are looked at; more than one can only be others' work. */
#define CANDIDATES 8
#define CHAIN_MAX ((size_t)65536)
#define NAME_SIZE 256

/* The certificate in use, and whoever signed it. */
typedef struct holder {
    auth_cert *cert;
    auth_cert *issuer;
    auth_public_key *issuer_key;
    uint8_t key_hash[AUTH_KEY_HASH_SIZE];
} holder;

static void clear(holder *it)
{
    auth_cert_free(it->cert);
    auth_cert_free(it->issuer);
    auth_public_key_free(it->issuer_key);
}

static auth_status read_holder(auth_bytes current, auth_bytes issuer, holder *out, auth_error *err)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = auth_cert_parse(current, &out->cert, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(out->cert, &key, err);
    if (status == AUTH_STATUS_OK)
        auth_public_key_hash(key, out->key_hash);
    else
        auth_error_context(err, "certificate in use");
    if (status == AUTH_STATUS_OK)
        status = auth_cert_parse(issuer, &out->issuer, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_public_key(out->issuer, &out->issuer_key, err);
    return status;
}

static bool is_better(const holder *it, auth_bytes der, auth_time now)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    if (auth_cert_parse(der, &cert, NULL) != AUTH_STATUS_OK)
        return false;
    return auth_cert_not_before(cert) <= now && auth_cert_not_after(cert) >= now &&
           auth_cert_not_after(cert) > auth_cert_not_after(it->cert) &&
           auth_bytes_equal(auth_cert_spki(cert), auth_cert_spki(it->cert)) &&
           auth_bytes_equal(auth_cert_subject(cert), auth_cert_subject(it->cert)) &&
           auth_bytes_equal(auth_cert_issuer(cert), auth_cert_subject(it->issuer)) &&
           auth_cert_check_signature(cert, it->issuer_key, NULL) == AUTH_STATUS_OK;
}

static auth_status choose(registry_connection *connection, const holder *it, auth_time now,
                          auth_buf **out, auth_error *err)
{
    AUTH_AUTO(registry_result) *rows = NULL;
    AUTH_AUTO(auth_buf) *found = NULL;
    auth_bytes key_hash = {it->key_hash, sizeof it->key_hash};
    auth_status status =
        registry_certificate_list_daemon(connection, key_hash, CANDIDATES, &rows, err);
    size_t count = status == AUTH_STATUS_OK ? registry_result_rows(rows) : 0;
    for (size_t i = 0; status == AUTH_STATUS_OK && found == NULL && i < count; i++) {
        registry_daemon_certificate one;
        status = registry_daemon_certificate_read(rows, i, &one, err);
        if (status != AUTH_STATUS_OK || !is_better(it, one.der, now))
            continue;
        status = auth_buf_new(AUTH_CERT_MAX, &found, err);
        if (status == AUTH_STATUS_OK)
            status = auth_buf_append(found, one.der, err);
    }
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(found);
    return status;
}

auth_status realm_renewal_find(registry_connection *connection, auth_bytes current,
                               auth_bytes issuer, auth_time now, auth_buf **out, auth_error *err)
{
    holder it = {.cert = NULL};
    auth_buf *found = NULL;
    auth_status status = read_holder(current, issuer, &it, err);
    if (status == AUTH_STATUS_OK)
        status = choose(connection, &it, now, &found, err);
    clear(&it);
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}

/* Splits a path into its folder and the name in it. */
static auth_status split(const char *path, char folder[REALM_PATH_SIZE], char name[NAME_SIZE],
                         auth_error *err)
{
    const char *slash = strrchr(path, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - path);
    const char *last = slash == NULL ? path : slash + 1;
    if (len >= REALM_PATH_SIZE || strlen(last) + sizeof ".new" > NAME_SIZE || last[0] == '\0')
        return auth_error_set(err, AUTH_STATUS_LIMIT, "path: too long; name a shorter one");
    (void)snprintf(folder, REALM_PATH_SIZE, "%.*s", slash == NULL ? 1 : (int)(len == 0 ? 1 : len),
                   slash == NULL ? "." : path);
    (void)snprintf(name, NAME_SIZE, "%s", last);
    return AUTH_STATUS_OK;
}

auth_status realm_renewal_write(const char *path, auth_bytes octets, auth_error *err)
{
    char folder[REALM_PATH_SIZE];
    char name[NAME_SIZE];
    char fresh[NAME_SIZE];
    AUTH_AUTO(disk_fd) at = -1;
    auth_status status = split(path, folder, name, err);
    if (status == AUTH_STATUS_OK)
        status = disk_folder_open(AT_FDCWD, folder, folder, &at, err);
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(fresh, sizeof fresh, "%.*s.new", (int)(NAME_SIZE - sizeof ".new"), name);
    /* What a crash left. */
    if (unlinkat(at, fresh, 0) != 0 && errno != ENOENT)
        return disk_failed(err, path, "make it anew");
    status = disk_file_create(at, fresh, octets, path, err);
    if (status == AUTH_STATUS_OK && renameat(at, fresh, at, name) != 0)
        status = disk_failed(err, path, "put it in its place");
    return status == AUTH_STATUS_OK ? disk_folder_sync(at, folder, err) : status;
}

/* The octets of the first two certificates of a chain; what is behind the first one as PEM. */
static auth_status read_chain(auth_bytes pem, auth_buf *first, auth_buf *second, auth_bytes *rest,
                              auth_error *err)
{
    char label[AUTH_PEM_LABEL_SIZE];
    auth_status status = auth_pem_next(&pem, label, first, err);
    auth_bytes behind = pem;
    if (status == AUTH_STATUS_OK)
        status = auth_pem_next(&pem, label, second, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "TLS: the certificate is shown without its issuer's, so that no new "
                              "one can be known; add the issuer's behind it in tls-certificate");
    if (status == AUTH_STATUS_OK)
        *rest = behind;
    return status;
}

static auth_status replace(daemon_self *self, const char *path, auth_bytes der, auth_bytes rest,
                           auth_error *err)
{
    AUTH_AUTO(auth_buf) *chain = NULL;
    auth_status status = auth_buf_new(CHAIN_MAX, &chain, err);
    if (status == AUTH_STATUS_OK)
        status = auth_pem_encode("CERTIFICATE", der, chain, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(chain, rest, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_tls_replace(self, auth_buf_bytes(chain), err);
    if (status == AUTH_STATUS_OK)
        (void)!realm_renewal_write(path, auth_buf_bytes(chain), NULL);
    return status;
}

auth_status realm_renewal_tls(daemon_self *self, registry_connection *connection, const char *path,
                              auth_time now, bool *is_replaced, auth_error *err)
{
    AUTH_AUTO(auth_buf) *chain = NULL;
    AUTH_AUTO(auth_buf) *first = NULL;
    AUTH_AUTO(auth_buf) *second = NULL;
    AUTH_AUTO(auth_buf) *found = NULL;
    auth_bytes rest = {NULL, 0};
    auth_status status = auth_buf_new(CHAIN_MAX, &chain, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_CERT_MAX, &first, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_CERT_MAX, &second, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_tls_chain(self, chain, err);
    if (status == AUTH_STATUS_OK)
        status = read_chain(auth_buf_bytes(chain), first, second, &rest, err);
    if (status == AUTH_STATUS_OK)
        status = realm_renewal_find(connection, auth_buf_bytes(first), auth_buf_bytes(second), now,
                                    &found, err);
    if (status == AUTH_STATUS_OK && found != NULL)
        status = replace(self, path, auth_buf_bytes(found), rest, err);
    if (status == AUTH_STATUS_OK)
        *is_replaced = found != NULL;
    return status;
}
