/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include "remember.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 4
/* Under which name of an office the key of bindings is derived: the root of no tree. */
#define BINDING_PATH "/auth-binding/"

const daemon_option ca_service_options[] = {
    {.name = "realm", .type = DAEMON_PATH, .fallback = NULL, .help = N_("folder of the realm")},
    {.name = "journal",
     .type = DAEMON_PATH,
     .fallback = "",
     .help = N_("folder of the signing journal, one for each process; none: that of the realm")},
    {.name = "anchor",
     .type = DAEMON_PATH,
     .fallback = "",
     .help = N_("file of signed ledger heads; none: ledger.heads beside the journal's files")},
    {.name = "passphrase-file",
     .type = DAEMON_PATH,
     .fallback = "",
     .help = N_("file with the passphrase or PIN of the authorities' keys")},
    {.name = "crl-every",
     .type = DAEMON_DURATION,
     .fallback = "6h",
     .min = 60000,
     .max = (int64_t)30 * 86400000,
     .help = N_("how often a full revocation list is made; it is good for twice as long")},
    {.name = "crl-delta-every",
     .type = DAEMON_DURATION,
     .fallback = "1h",
     .min = 60000,
     .max = (int64_t)30 * 86400000,
     .help = N_("how often a delta list is made when nothing was revoked")},
    DAEMON_OPTION_END,
};

static auth_status ask(void *context, const char *what, auth_secret **out, auth_error *err)
{
    const char *path = context;
    if (path[0] == '\0')
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "%s: it is encrypted; name its passphrase with passphrase-file",
                              what);
    return auth_passphrase_read(path, -1, out, err);
}

static auth_status open_realm(ca_service *it, const daemon_options *options, auth_error *err)
{
    /* auth_passphrase_ask takes a context that it could change; this one is a text. */
    char *passphrase = strdup(daemon_options_text(options, "passphrase-file"));
    if (passphrase == NULL)
        return auth_error_memory(err);
    realm_opening opening = {.parts = REALM_AUTHORITIES | REALM_PROFILES | REALM_POLICY |
                                      REALM_MASTER_KEY | REALM_SIGNERS,
                             .ask = ask,
                             .context = passphrase};
    auth_status status =
        realm_open(daemon_options_text(options, "realm"), &opening, &it->realm, err);
    free(passphrase);
    return status;
}

static auth_status open_registry(ca_service *it, auth_error *err)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo,
                                  .program = "auth-ca",
                                  .roles = REGISTRY_ROLE_CA};
    auth_status status = realm_conninfo(it->realm, REGISTRY_ROLE_CA, conninfo, err);
    return status == AUTH_STATUS_OK ? registry_pool_new(&settings, CONNECTIONS, &it->pool, err)
                                    : status;
}

static void add_authority(ca_service *it, realm_authority id)
{
    ca_setting *setting = &it->setting;
    it->authorities[setting->authority_count++] = (ca_authority){
        .name = realm_authority_name(id),
        .id = id,
        .certificate = auth_cert_der(realm_authority_cert(it->realm, id)),
        .signer = realm_authority_signer(it->realm, id),
        /* The certificates of staff are too few to be shared out (realm_shard). */
        .shards = id == REALM_AUTHORITY_CITIZENS
                      ? (uint32_t)daemon_options_number(realm_options(it->realm), "shards")
                      : 1,
    };
}

/* Those that requests may name. */
static auth_status add_profiles(ca_service *it, auth_error *err)
{
    const auth_policy_profile *row = NULL;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; status == AUTH_STATUS_OK &&
                       (row = auth_policy_profile_at(realm_policy(it->realm), i)) != NULL;
         i++) {
        if (i == CA_PROFILES_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT, "policy: it names more than %d profiles",
                                  CA_PROFILES_MAX);
        status = realm_profile_find(it->realm, row->name, &it->profiles[i], err);
        it->setting.profile_count = i + 1;
    }
    return status;
}

/* Those of realm/credential.def; one that is missing is told when it is needed. */
static void add_daemon_profiles(ca_service *it)
{
    static const char *const names[] = {
#define REALM_CREDENTIAL_ROW(id, name, profile, issuer, is_tls) profile,
#include "realm/credential.def"
    };
    const auth_profile *found = NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if ((i == 0 || strcmp(names[i], names[i - 1]) != 0) &&
            realm_profile_find(it->realm, names[i], &found, NULL) == AUTH_STATUS_OK)
            it->daemon_profiles[it->setting.daemon_profile_count++] = found;
    }
}

/* Kept through generations of the master key as long as the first one is there. */
static auth_status derive_binding_key(ca_service *it, auth_error *err)
{
    const registry_keyring *ring = realm_keyring(it->realm);
    uint32_t generation = registry_keyring_has(ring, 1) ? 1 : registry_keyring_newest(ring);
    return registry_keyring_office_key(ring, it->crypto, generation, BINDING_PATH, it->binding_key,
                                       err);
}

static unsigned count_threads(const ca_service *it)
{
    int64_t wanted = daemon_options_number(realm_options(it->realm), "ca-workers");
    if (wanted == 0)
        wanted = sysconf(_SC_NPROCESSORS_ONLN);
    return wanted < 1 ? 1 : wanted > CA_THREADS_MAX ? CA_THREADS_MAX : (unsigned)wanted;
}

static auth_status fill_setting(ca_service *it, auth_error *err)
{
    it->setting = (ca_setting){
        .realm = realm_name(it->realm),
        .policy = realm_policy(it->realm),
        .profiles = it->profiles,
        .daemon_profiles = it->daemon_profiles,
        .root = auth_cert_der(realm_authority_cert(it->realm, REALM_AUTHORITY_ROOT)),
        .authorities = it->authorities,
        .base = realm_base(it->realm),
        .anchor = it->anchor,
        .ring = realm_keyring(it->realm),
        .binding_key = {it->binding_key, sizeof it->binding_key},
        .pool = it->pool,
        .threads = count_threads(it),
        .claimed = ca_service_claimed,
        .context = it,
    };
    add_authority(it, REALM_AUTHORITY_STAFF);
    add_authority(it, REALM_AUTHORITY_CITIZENS);
    add_daemon_profiles(it);
    auth_status status = add_profiles(it, err);
    return status == AUTH_STATUS_OK ? derive_binding_key(it, err) : status;
}

/* A journal belongs to the authorities that sign into it. */
static auth_status open_journal(ca_service *it, const daemon_options *options, auth_time now,
                                auth_error *err)
{
    uint8_t hash[REGISTRY_HASH_SIZE];
    char path[REALM_PATH_SIZE];
    auth_bytes parts[2] = {it->authorities[0].certificate, it->authorities[1].certificate};
    ca_journal_options opening = {.now = now, .may_create = true};
    const char *folder = daemon_options_text(options, "journal");
    const char *anchor = daemon_options_text(options, "anchor");
    auth_status status =
        realm_path_join(realm_dir(it->realm), NULL, REALM_JOURNAL_FOLDER, "", path, err);
    if (folder[0] == '\0')
        folder = path;
    if (status == AUTH_STATUS_OK && anchor[0] != '\0')
        (void)strncpy(it->anchor, anchor, sizeof it->anchor - 1);
    else if (status == AUTH_STATUS_OK)
        status = realm_path_join(folder, NULL, "ledger", ".heads", it->anchor, err);
    if (status == AUTH_STATUS_OK)
        status = realm_path_join(folder, NULL, CA_CLOCK_FILE, "", it->clock_file, err);
    if (status == AUTH_STATUS_OK)
        status = realm_path_join(folder, NULL, CA_NEW_JOURNAL_FILE, "", it->new_journal_file, err);
    if (status == AUTH_STATUS_OK)
        status = registry_sha256(it->crypto, parts, 2, hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(opening.id, hash, sizeof opening.id);
    memcpy(it->journal_id, hash, sizeof it->journal_id);
    status = registry_random(opening.birth, sizeof opening.birth, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return ca_journal_open(folder, &opening, &it->setting.journal, NULL, err);
}

/*
 * The file is taken away when the registry has the new journal, and when none was begun: what was
 * said of this start says nothing of the next one.
 */
static auth_status find_journal(ca_service *it, auth_time now, auth_error *err)
{
    bool began = false;
    ca_remember_wish wish = {now, access(it->new_journal_file, F_OK) == 0};
    auth_status status =
        ca_remember_find(&it->setting, it->journal_id, &wish, &it->setting.journal_no, &began, err);
    if (status == AUTH_STATUS_OK && wish.may_begin && unlink(it->new_journal_file) != 0)
        return auth_error_set(err, AUTH_STATUS_IO,
                              "%s: cannot be taken away after it was used; remove it",
                              it->new_journal_file);
    if (status == AUTH_STATUS_OK && began)
        ca_service_report_journal(it);
    return status;
}

static auth_status begin(ca_service *it, const daemon_options *options, auth_error *err)
{
    ca_recovery recovery = {0};
    auth_time now = (auth_time)time(NULL);
    auth_status status = registry_crypto_new(&it->crypto, err);
    if (status == AUTH_STATUS_OK)
        status = open_realm(it, options, err);
    if (status == AUTH_STATUS_OK)
        status = open_registry(it, err);
    if (status == AUTH_STATUS_OK)
        status = fill_setting(it, err);
    if (status == AUTH_STATUS_OK)
        status = open_journal(it, options, now, err);
    if (status == AUTH_STATUS_OK)
        status = find_journal(it, now, err);
    if (status == AUTH_STATUS_OK)
        status = ca_recover(&it->setting, now, &recovery, err);
    if (status == AUTH_STATUS_OK)
        ca_service_report_recovery(it, &recovery);
    if (status == AUTH_STATUS_OK)
        status = ca_worker_new(&it->setting, now, recovery.latest, &it->worker, err);
    if (status == AUTH_STATUS_OK)
        status = ca_worker_beside(it->worker, now, &it->helper, err);
    if (status == AUTH_STATUS_OK)
        status = ca_prepare_epochs(&it->setting, err);
    if (status == AUTH_STATUS_OK)
        status = ca_service_tell(it, true, now, err);
    return status;
}

auth_status ca_service_start(daemon_self *self, void **context, auth_error *err)
{
    const daemon_options *options = daemon_self_options(self);
    ca_service *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    it->self = self;
    it->log = daemon_self_log(self);
    it->metrics = daemon_self_metrics(self);
    it->plan = (ca_crl_plan){daemon_options_number(options, "crl-every") / 1000,
                             daemon_options_number(options, "crl-delta-every") / 1000};
    (void)pthread_mutex_init(&it->lock, NULL);
    auth_status status = begin(it, options, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_worker_start(self, CA_HELPER, ca_service_help, it, err);
    if (status != AUTH_STATUS_OK) {
        ca_service_stop(it);
        return status;
    }
    /* Without the first thread the daemon ends, and joins the second one: what that uses stays. */
    status = daemon_worker_start(self, "authority", ca_service_work, it, err);
    *context = it;
    return status;
}

auth_status ca_service_ready(void *context, auth_error *err)
{
    ca_service *it = context;
    (void)pthread_mutex_lock(&it->lock);
    auth_error state = it->state;
    (void)pthread_mutex_unlock(&it->lock);
    return state.status == AUTH_STATUS_OK ? AUTH_STATUS_OK
                                          : auth_error_set(err, state.status, "%s", state.text);
}

void ca_service_stop(void *context)
{
    ca_service *it = context;
    if (it == NULL)
        return;
    uint64_t ignored = 0;
    auth_error err;
    if (it->worker != NULL)
        (void)!ca_service_tell(it, false, (auth_time)time(NULL), &err);
    if (it->setting.journal != NULL)
        (void)!ca_journal_sync(it->setting.journal, &ignored, &err);
    ca_worker_free(it->helper);
    ca_worker_free(it->worker);
    ca_journal_free(it->setting.journal);
    registry_connection_free(it->listener);
    registry_pool_free(it->pool);
    realm_free(it->realm);
    registry_crypto_free(it->crypto);
    explicit_bzero(it->binding_key, sizeof it->binding_key);
    (void)pthread_mutex_destroy(&it->lock);
    free(it);
}
