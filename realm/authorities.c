/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *name;
    realm_authority issuer;
} rows[REALM_AUTHORITY_END] = {
#define REALM_AUTHORITY_ROW(id, number, name, profile, issuer, title)                              \
    [number] = {name, REALM_AUTHORITY_##issuer},
#include "authority.def"
};

const char *realm_authority_name(realm_authority authority)
{
    return authority < REALM_AUTHORITY_END ? rows[authority].name : NULL;
}

static auth_status certificate_path(const realm *of, realm_authority authority,
                                    char out[REALM_PATH_SIZE], auth_error *err)
{
    return realm_path_join(of->dir, REALM_AUTHORITIES_FOLDER, rows[authority].name, ".cer", out,
                           err);
}

static auth_status check_cert(const realm *of, const char *path, realm_authority authority,
                              const auth_cert *cert, auth_error *err)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    realm_authority issuer = rows[authority].issuer;
    const auth_cert *above = issuer == authority ? cert : of->authorities[issuer].cert;
    if (!auth_cert_is_ca(cert))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s: is no authority's certificate (RFC 5280 4.2.1.9); restore the "
                              "one of this realm",
                              path);
    auth_status status = auth_cert_public_key(above, &key, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_check_signature(cert, key, err);
    if (status == AUTH_STATUS_OK &&
        !auth_bytes_equal(auth_cert_issuer(cert), auth_cert_subject(above)))
        status = auth_error_set(err, AUTH_STATUS_UNTRUSTED,
                                "it names another issuer (RFC 5280 "
                                "6.1.3)");
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s: not issued by '%s'; restore the certificates of this realm",
                           path, rows[issuer].name);
    return status;
}

static auth_status load_cert(realm *of, realm_authority authority, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(auth_buf) *der = NULL;
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_status status = certificate_path(of, authority, path, err);
    if (status == AUTH_STATUS_OK)
        status = realm_file_read(path, &der, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = auth_cert_parse(auth_buf_bytes(der), &cert, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "%s", path);
        return status;
    }
    status = check_cert(of, path, authority, cert, err);
    if (status == AUTH_STATUS_OK)
        of->authorities[authority].cert = AUTH_TAKE(cert);
    return status;
}

auth_status realm_authorities_load(realm *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (realm_authority i = REALM_AUTHORITY_ROOT; i < REALM_AUTHORITY_END; i++) {
        if (status == AUTH_STATUS_OK)
            status = load_cert(of, i, err);
    }
    return status;
}

/* The text of a .uri file: one line. */
static auth_status open_token(const char *path, auth_passphrase_ask *ask, void *context,
                              auth_signer **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = realm_file_read(path, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes line = auth_buf_bytes(text);
    while (line.len > 0 && (line.data[line.len - 1] == '\n' || line.data[line.len - 1] == '\r'))
        line.len--;
    char uri[REALM_PATH_SIZE];
    if (line.len == 0 || line.len >= sizeof uri || memchr(line.data, '\0', line.len) != NULL)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%s: must hold one line, a PKCS#11 URI (RFC 7512); write it anew",
                              path);
    memcpy(uri, line.data, line.len);
    uri[line.len] = '\0';
    status = auth_signer_open_token(uri, ask, context, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s", path);
    return status;
}

auth_status realm_key_open(const char *dir, const char *folder, const char *name,
                           auth_passphrase_ask *ask, void *context, auth_signer **out,
                           auth_error *err)
{
    char uri[REALM_PATH_SIZE];
    char file[REALM_PATH_SIZE];
    auth_status status = realm_path_join(dir, folder, name, ".uri", uri, err);
    if (status == AUTH_STATUS_OK)
        status = realm_path_join(dir, folder, name, ".pem", file, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return access(uri, F_OK) == 0 ? open_token(uri, ask, context, out, err)
                                  : auth_signer_load(file, ask, context, out, err);
}

static bool is_key_of(const auth_signer *signer, const auth_cert *cert, auth_error *err,
                      auth_status *status)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    *status = auth_cert_public_key(cert, &key, err);
    return *status == AUTH_STATUS_OK &&
           auth_bytes_equal(auth_public_key_spki(key),
                            auth_public_key_spki(auth_signer_public_key(signer)));
}

static auth_status load_signer(realm *of, realm_authority authority, const realm_opening *opening,
                               auth_error *err)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_issuer) *issuer = NULL;
    const char *name = rows[authority].name;
    const auth_cert *cert = of->authorities[authority].cert;
    auth_status status = realm_key_open(of->dir, REALM_KEYS_FOLDER, name, opening->ask,
                                        opening->context, &signer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!is_key_of(signer, cert, err, &status))
        return status != AUTH_STATUS_OK
                   ? status
                   : auth_error_set(err, AUTH_STATUS_CONFLICT,
                                    "%s: the key keys/%s is not the one of authorities/%s.cer; "
                                    "restore both from one back-up",
                                    of->dir, name, name);
    status = auth_issuer_new(auth_cert_der(cert), auth_signer_algorithm(signer), &issuer, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "%s: authorities/%s.cer", of->dir, name);
        return status;
    }
    of->authorities[authority].signer = AUTH_TAKE(signer);
    of->authorities[authority].issuer = AUTH_TAKE(issuer);
    return AUTH_STATUS_OK;
}

/* The root's key is not asked for: it belongs into a safe. */
auth_status realm_signers_load(realm *of, const realm_opening *opening, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (realm_authority i = REALM_AUTHORITY_ROOT; i < REALM_AUTHORITY_END; i++) {
        if (status == AUTH_STATUS_OK && rows[i].issuer != i)
            status = load_signer(of, i, opening, err);
    }
    return status;
}
