/* SPDX-License-Identifier: Apache-2.0 */
#include "identity.h"

#include "realm/renewal.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* One a row of realm/credential.def that is no TLS server's. */
typedef struct credential {
    const char *name;
    realm_authority issuer;
} credential;

static const credential credentials[] = {
#define REALM_CREDENTIAL_ROW(id, name, profile, issuer, is_tls)                                    \
    {(is_tls) ? NULL : (name), REALM_AUTHORITY_##issuer},
#include "realm/credential.def"
};
#define CREDENTIALS (sizeof credentials / sizeof credentials[0])

struct ocsp_identity {
    atomic_uint references;
    auth_ocsp_responder *responders[OCSP_AUTHORITIES_MAX];
};

struct ocsp_keys {
    const realm *of;
    ocsp_authorities authorities;
    auth_signer *signers[OCSP_AUTHORITIES_MAX];
    const char *names[OCSP_AUTHORITIES_MAX]; /* of the credentials; NULL: none */
    pthread_mutex_t lock;                    /* of what follows */
    ocsp_identity *identity;
    auth_buf *certificates[OCSP_AUTHORITIES_MAX]; /* of the responders in force */
};

/* Authorities */

static auth_status add_authority(ocsp_keys *keys, realm_authority authority, auth_error *err)
{
    ocsp_authorities *to = &keys->authorities;
    const auth_cert *cert = realm_authority_cert(keys->of, authority);
    if (to->count == OCSP_AUTHORITIES_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "realm: it has more than %d authorities",
                              OCSP_AUTHORITIES_MAX);
    auth_status status = auth_ocsp_issuer_new(auth_cert_der(cert), &to->issuers[to->count], err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "%s: authorities/%s.cer", realm_dir(keys->of),
                           realm_authority_name(authority));
        return status;
    }
    to->numbers[to->count] = authority;
    to->first_epochs[to->count] = realm_epoch(auth_cert_not_before(cert));
    to->count++;
    return AUTH_STATUS_OK;
}

static auth_status add_authorities(ocsp_keys *keys, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (realm_authority i = REALM_AUTHORITY_ROOT;
         status == AUTH_STATUS_OK && i < REALM_AUTHORITY_END; i++)
        status = add_authority(keys, i, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ocsp_authorities *to = &keys->authorities;
    return auth_ocsp_issuers_new((const auth_ocsp_issuer *const *)to->issuers, to->count,
                                 &to->table, err);
}

static size_t place_of(const ocsp_keys *keys, realm_authority authority)
{
    size_t i = 0;
    while (i < keys->authorities.count && keys->authorities.numbers[i] != (int64_t)authority)
        i++;
    return i;
}

/* Responders */

static auth_status open_signers(ocsp_keys *keys, auth_passphrase_ask *ask, void *context,
                                auth_error *err)
{
    size_t opened = 0;
    for (size_t i = 0; i < CREDENTIALS; i++) {
        if (credentials[i].name == NULL)
            continue;
        size_t place = place_of(keys, credentials[i].issuer);
        auth_status status =
            realm_key_open(realm_dir(keys->of), REALM_KEYS_FOLDER, credentials[i].name, ask,
                           context, &keys->signers[place], err);
        /* Authorities may be answered for elsewhere: then their responders' keys are not here. */
        if (status == AUTH_STATUS_NOT_FOUND)
            continue;
        if (status != AUTH_STATUS_OK)
            return status;
        keys->names[place] = credentials[i].name;
        keys->authorities.are_answered[place] = true;
        opened++;
    }
    return opened > 0 ? AUTH_STATUS_OK
                      : auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                                       "%s: there is no responder's key in keys/; restore one of "
                                       "them",
                                       realm_dir(keys->of));
}

static auth_status path_of(const ocsp_keys *keys, size_t place, char out[REALM_PATH_SIZE],
                           auth_error *err)
{
    return realm_path_join(realm_dir(keys->of), REALM_RESPONDERS_FOLDER, keys->names[place], ".cer",
                           out, err);
}

static auth_status read_certificate(const ocsp_keys *keys, size_t place, auth_buf **out,
                                    auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_status status = path_of(keys, place, path, err);
    return status == AUTH_STATUS_OK ? realm_file_read(path, out, err) : status;
}

static auth_status make_responder(const ocsp_keys *keys, size_t place, auth_bytes certificate,
                                  auth_ocsp_responder **out, auth_error *err)
{
    auth_status status = auth_ocsp_responder_new(certificate, keys->authorities.issuers[place],
                                                 keys->signers[place], out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s: responders/%s.cer", realm_dir(keys->of), keys->names[place]);
    return status;
}

static ocsp_identity *ref(ocsp_identity *identity)
{
    (void)atomic_fetch_add(&identity->references, 1);
    return identity;
}

void ocsp_identity_free(ocsp_identity *identity)
{
    if (identity == NULL || atomic_fetch_sub(&identity->references, 1) != 1)
        return;
    for (size_t i = 0; i < OCSP_AUTHORITIES_MAX; i++)
        auth_ocsp_responder_free(identity->responders[i]);
    free(identity);
}

/* Makes all responders; what could not be made for one place is made of the certificate in force.
 */
static auth_status make_identity(ocsp_keys *keys, auth_buf *certificates[OCSP_AUTHORITIES_MAX],
                                 ocsp_identity **out, auth_error *err)
{
    AUTH_AUTO(ocsp_identity) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    atomic_init(&made->references, 1);
    for (size_t i = 0; i < keys->authorities.count; i++) {
        if (certificates[i] == NULL)
            continue;
        auth_status status =
            make_responder(keys, i, auth_buf_bytes(certificates[i]), &made->responders[i], err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    *out = AUTH_TAKE(made);
    return AUTH_STATUS_OK;
}

auth_status ocsp_keys_open(const realm *of, auth_passphrase_ask *ask, void *context,
                           ocsp_keys **out, auth_error *err)
{
    AUTH_AUTO(ocsp_keys) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->of = of;
    (void)pthread_mutex_init(&made->lock, NULL);
    auth_status status = add_authorities(made, err);
    if (status == AUTH_STATUS_OK)
        status = open_signers(made, ask, context, err);
    for (size_t i = 0; status == AUTH_STATUS_OK && i < made->authorities.count; i++) {
        if (made->names[i] != NULL)
            status = read_certificate(made, i, &made->certificates[i], err);
    }
    if (status == AUTH_STATUS_OK)
        status = make_identity(made, made->certificates, &made->identity, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

void ocsp_keys_free(ocsp_keys *keys)
{
    if (keys == NULL)
        return;
    ocsp_identity_free(keys->identity);
    for (size_t i = 0; i < OCSP_AUTHORITIES_MAX; i++) {
        auth_buf_free(keys->certificates[i]);
        auth_signer_free(keys->signers[i]);
        auth_ocsp_issuer_free(keys->authorities.issuers[i]);
    }
    auth_ocsp_issuers_free(keys->authorities.table);
    (void)pthread_mutex_destroy(&keys->lock);
    free(keys);
}

const ocsp_authorities *ocsp_keys_authorities(const ocsp_keys *keys) { return &keys->authorities; }

/* Renewal */

/* Whether a certificate is valid now and for longer than the one in force. */
static auth_status is_newer(const ocsp_keys *keys, size_t place, auth_bytes der, auth_time now,
                            bool *out, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_time end = auth_ocsp_responder_not_after(keys->identity->responders[place]);
    auth_status status = auth_cert_parse(der, &cert, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = auth_cert_not_before(cert) <= now && auth_cert_not_after(cert) > end;
    return AUTH_STATUS_OK;
}

/* Under the lock. Takes a certificate that is newer than the one in force, if it can be used. */
static auth_status take(ocsp_keys *keys, size_t place, auth_buf **found, auth_time now,
                        bool *changed, auth_error *err)
{
    AUTH_AUTO(auth_ocsp_responder) *probe = NULL;
    bool is_wanted = false;
    auth_bytes der = auth_buf_bytes(*found);
    if (auth_bytes_equal(der, auth_buf_bytes(keys->certificates[place])))
        return AUTH_STATUS_OK;
    auth_status status = is_newer(keys, place, der, now, &is_wanted, err);
    if (status == AUTH_STATUS_OK && is_wanted)
        status = make_responder(keys, place, der, &probe, err);
    if (status != AUTH_STATUS_OK || !is_wanted)
        return status;
    auth_buf_free(keys->certificates[place]);
    keys->certificates[place] = *found;
    *found = NULL;
    *changed = true;
    return AUTH_STATUS_OK;
}

/* Under the lock. Puts what was taken in force. */
static auth_status put_in_force(ocsp_keys *keys, auth_error *err)
{
    ocsp_identity *made = NULL;
    auth_status status = make_identity(keys, keys->certificates, &made, err);
    if (status != AUTH_STATUS_OK)
        return status;
    ocsp_identity *old = keys->identity;
    keys->identity = made;
    ocsp_identity_free(old);
    return AUTH_STATUS_OK;
}

static void keep_first(auth_status status, const auth_error *why, auth_status *first,
                       auth_error *err)
{
    if (status != AUTH_STATUS_OK && *first == AUTH_STATUS_OK)
        *first = auth_error_set(err, status, "%s", why->text);
}

auth_status ocsp_keys_renew(ocsp_keys *keys, auth_time now, bool *changed, auth_error *err)
{
    auth_status first = AUTH_STATUS_OK;
    auth_error why;
    *changed = false;
    (void)pthread_mutex_lock(&keys->lock);
    for (size_t i = 0; i < keys->authorities.count; i++) {
        AUTH_AUTO(auth_buf) *found = NULL;
        if (keys->names[i] == NULL)
            continue;
        auth_status status = read_certificate(keys, i, &found, &why);
        if (status == AUTH_STATUS_OK)
            status = take(keys, i, &found, now, changed, &why);
        keep_first(status, &why, &first, err);
    }
    if (*changed)
        keep_first(put_in_force(keys, &why), &why, &first, err);
    (void)pthread_mutex_unlock(&keys->lock);
    return first;
}

/* The registry is asked without the lock: only this thread changes what it reads. */
static auth_status fetch_one(ocsp_keys *keys, size_t place, registry_connection *line,
                             auth_time now, bool *changed, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(auth_buf) *found = NULL;
    auth_status status =
        realm_renewal_find(line, auth_buf_bytes(keys->certificates[place]),
                           auth_ocsp_issuer_certificate(keys->authorities.issuers[place]), now,
                           &found, err);
    if (status != AUTH_STATUS_OK || found == NULL)
        return status;
    /* So that the next start has it at once; where it may not be written, it is found again. */
    if (path_of(keys, place, path, NULL) == AUTH_STATUS_OK)
        (void)!realm_renewal_write(path, auth_buf_bytes(found), NULL);
    (void)pthread_mutex_lock(&keys->lock);
    status = take(keys, place, &found, now, changed, err);
    (void)pthread_mutex_unlock(&keys->lock);
    return status;
}

auth_status ocsp_keys_fetch(ocsp_keys *keys, registry_connection *line, auth_time now,
                            bool *changed, auth_error *err)
{
    auth_status first = AUTH_STATUS_OK;
    auth_error why;
    *changed = false;
    for (size_t i = 0; i < keys->authorities.count; i++) {
        if (keys->names[i] != NULL)
            keep_first(fetch_one(keys, i, line, now, changed, &why), &why, &first, err);
    }
    if (!*changed)
        return first;
    (void)pthread_mutex_lock(&keys->lock);
    keep_first(put_in_force(keys, &why), &why, &first, err);
    (void)pthread_mutex_unlock(&keys->lock);
    return first;
}

ocsp_identity *ocsp_keys_identity(ocsp_keys *keys)
{
    (void)pthread_mutex_lock(&keys->lock);
    ocsp_identity *identity = ref(keys->identity);
    (void)pthread_mutex_unlock(&keys->lock);
    return identity;
}

const auth_ocsp_responder *ocsp_identity_responder(const ocsp_identity *identity, size_t issuer)
{
    return identity->responders[issuer];
}

auth_time ocsp_identity_not_after(const ocsp_identity *identity)
{
    auth_time earliest = AUTH_TIME_MAX;
    for (size_t i = 0; i < OCSP_AUTHORITIES_MAX; i++) {
        const auth_ocsp_responder *responder = identity->responders[i];
        if (responder != NULL && auth_ocsp_responder_not_after(responder) < earliest)
            earliest = auth_ocsp_responder_not_after(responder);
    }
    return earliest;
}
