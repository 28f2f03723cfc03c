/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/state.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MASTER_KEY "master"
#define MASTER_KEY_ENDING ".key"
/* The octets of a serial number before its random part. */
#define EPOCH_SIZE 2

static auth_status load_conf(realm *of, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = realm_path_join(of->dir, NULL, REALM_CONF_FILE, "", path, err);
    if (status == AUTH_STATUS_OK)
        status = realm_file_read(path, &text, err);
    return status == AUTH_STATUS_OK
               ? realm_conf_parse(path, auth_buf_bytes(text), &of->options, err)
               : status;
}

/* "master.key" and, of later generations, "master-2.key" and so on. */
static int is_master_key(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    size_t begin = sizeof MASTER_KEY - 1;
    size_t end = sizeof MASTER_KEY_ENDING - 1;
    return len >= begin + end && strncmp(entry->d_name, MASTER_KEY, begin) == 0 &&
           (entry->d_name[begin] == '-' || len == begin + end) &&
           strcmp(entry->d_name + len - end, MASTER_KEY_ENDING) == 0;
}

static auth_status load_generation(registry_keyring *ring, registry_crypto *crypto,
                                   const char *folder, const char *name, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_status status = realm_path_join(folder, NULL, name, "", path, err);
    return status == AUTH_STATUS_OK ? registry_keyring_load(ring, crypto, path, NULL, err) : status;
}

static auth_status load_generations(realm *of, registry_keyring *ring, registry_crypto *crypto,
                                    auth_error *err)
{
    char folder[REALM_PATH_SIZE];
    struct dirent **entries = NULL;
    auth_status status = realm_path_join(of->dir, NULL, REALM_KEYS_FOLDER, "", folder, err);
    if (status != AUTH_STATUS_OK)
        return status;
    int count = scandir(folder, &entries, is_master_key, alphasort);
    if (count < 0)
        return auth_error_set(err, errno == ENOENT ? AUTH_STATUS_NOT_FOUND : AUTH_STATUS_IO,
                              "%s: cannot be read: %s; look at its owner, or restore it", folder,
                              strerror(errno));
    for (int i = 0; i < count; i++) {
        if (status == AUTH_STATUS_OK)
            status = load_generation(ring, crypto, folder, entries[i]->d_name, err);
        free(entries[i]);
    }
    free(entries);
    if (status == AUTH_STATUS_OK && count == 0)
        status = auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                                "%s/" REALM_MASTER_KEY_FILE ": is not there; restore it from the "
                                "safe",
                                of->dir);
    return status;
}

static auth_status load_master_key(realm *of, auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(registry_keyring) *ring = NULL;
    auth_status status = registry_crypto_new(&crypto, err);
    if (status == AUTH_STATUS_OK)
        status = registry_keyring_new(realm_name(of), &ring, err);
    if (status == AUTH_STATUS_OK)
        status = load_generations(of, ring, crypto, err);
    if (status == AUTH_STATUS_OK)
        of->keyring = AUTH_TAKE(ring);
    return status;
}

static auth_status load_parts(realm *of, const realm_opening *opening, auth_error *err)
{
    unsigned parts = opening->parts;
    auth_status status = load_conf(of, err);
    if (status == AUTH_STATUS_OK && (parts & (REALM_AUTHORITIES | REALM_SIGNERS)) != 0)
        status = realm_authorities_load(of, err);
    if (status == AUTH_STATUS_OK && (parts & (REALM_PROFILES | REALM_POLICY)) != 0)
        status = realm_profiles_load(of, err);
    if (status == AUTH_STATUS_OK && (parts & REALM_POLICY) != 0)
        status = realm_policy_load(of, err);
    if (status == AUTH_STATUS_OK && (parts & REALM_MASTER_KEY) != 0)
        status = load_master_key(of, err);
    if (status == AUTH_STATUS_OK && (parts & REALM_SIGNERS) != 0)
        status = realm_signers_load(of, opening, err);
    return status;
}

auth_status realm_open(const char *dir, const realm_opening *opening, realm **out, auth_error *err)
{
    AUTH_AUTO(realm) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    if (dir[0] == '\0' || strlen(dir) >= sizeof made->dir)
        return auth_error_set(
            err, AUTH_STATUS_LIMIT,
            "realm: the path of its folder is empty or too long; name its folder");
    (void)snprintf(made->dir, sizeof made->dir, "%s", dir);
    auth_status status = load_parts(made, opening, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

void realm_free(realm *of)
{
    if (of == NULL)
        return;
    for (size_t i = 0; i < REALM_AUTHORITY_END; i++) {
        auth_issuer_free(of->authorities[i].issuer);
        auth_signer_free(of->authorities[i].signer);
        auth_cert_free(of->authorities[i].cert);
    }
    for (size_t i = 0; i < of->profile_count; i++)
        auth_profile_free(of->profiles[i]);
    auth_policy_free(of->policy);
    auth_buf_free(of->policy_text);
    registry_keyring_free(of->keyring);
    daemon_options_free(of->options);
    free(of);
}

const char *realm_dir(const realm *of) { return of->dir; }

const char *realm_name(const realm *of) { return daemon_options_text(of->options, "realm"); }

const char *realm_base(const realm *of) { return daemon_options_text(of->options, "base"); }

const daemon_options *realm_options(const realm *of) { return of->options; }

const auth_cert *realm_authority_cert(const realm *of, realm_authority authority)
{
    return of->authorities[authority].cert;
}

const auth_signer *realm_authority_signer(const realm *of, realm_authority authority)
{
    return of->authorities[authority].signer;
}

const auth_issuer *realm_authority_issuer(const realm *of, realm_authority authority)
{
    return of->authorities[authority].issuer;
}

const auth_policy *realm_policy(const realm *of) { return of->policy; }

const registry_keyring *realm_keyring(const realm *of) { return of->keyring; }

const char *realm_login(const realm *of, registry_role role)
{
    const char *login = role == REGISTRY_ROLE_RA    ? daemon_options_text(of->options, "ra-login")
                        : role == REGISTRY_ROLE_LRA ? daemon_options_text(of->options, "lra-login")
                                                    : "";
    return login[0] != '\0' ? login : registry_role_name(role);
}

auth_bytes realm_policy_text(const realm *of)
{
    return of->policy_text == NULL ? (auth_bytes){NULL, 0} : auth_buf_bytes(of->policy_text);
}

auth_status realm_conninfo(const realm *of, registry_role role, char out[REGISTRY_CONNINFO_SIZE],
                           auth_error *err)
{
    char path[REALM_PATH_SIZE];
    const char *registry = daemon_options_text(of->options, "registry");
    if (strcmp(registry, REALM_REGISTRY_EMBEDDED) == 0) {
        auth_status status = realm_path_join(of->dir, NULL, REALM_REGISTRY_FOLDER, "", path, err);
        return status == AUTH_STATUS_OK ? registry_embed_conninfo(path, registry_role_name(role),
                                                                  REGISTRY_DATABASE, out, err)
                                        : status;
    }
    char made[REGISTRY_CONNINFO_SIZE];
    int len = snprintf(made, sizeof made, "%s user=%s", registry, realm_login(of, role));
    if (len < 0 || (size_t)len >= sizeof made)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s/%s: the connection string of the registry is too long; use a "
                              "service's short name for the host",
                              of->dir, REALM_CONF_FILE);
    memcpy(out, made, sizeof made);
    return AUTH_STATUS_OK;
}

auth_status realm_conninfo_ahead(const realm *of, registry_role role,
                                 char out[REGISTRY_CONNINFO_SIZE], auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_status status = realm_conninfo(of, role, out, err);
    if (status != AUTH_STATUS_NOT_FOUND)
        return status;
    status = realm_path_join(of->dir, NULL, REALM_REGISTRY_FOLDER, "", path, err);
    return status == AUTH_STATUS_OK ? registry_embed_conninfo_ahead(path, registry_role_name(role),
                                                                    REGISTRY_DATABASE, out, err)
                                    : status;
}

uint32_t realm_shard(const realm *of, realm_authority authority, auth_bytes serial)
{
    if (authority != REALM_AUTHORITY_CITIZENS || serial.len < EPOCH_SIZE + 2)
        return 0;
    uint32_t value = ((uint32_t)serial.data[EPOCH_SIZE] << 8) | serial.data[EPOCH_SIZE + 1];
    return value % (uint32_t)daemon_options_number(of->options, "shards");
}

uint16_t realm_epoch(auth_time now)
{
    auth_date date = auth_date_from_time(now, 0);
    return (uint16_t)(256 + (date.year - 1970) * 4 + (date.month - 1) / 3);
}
