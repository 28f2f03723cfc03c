/* SPDX-License-Identifier: Apache-2.0 */
/* What an auth-ca works with: keys, profiles, policy, registry, journal. All is borrowed. */
#ifndef CA_SETTING_H
#define CA_SETTING_H

#include "journal.h"
#include "registry/keyring.h"
#include "registry/queue.h"

#include <auth/issue.h>
#include <auth/policy.h>

/* The names of the authorities whose certificates are officers' and citizens'. */
#define CA_STAFF "staff"
#define CA_CITIZENS "citizens"

#define CA_AUTHORITIES_MAX 16
#define CA_PROFILES_MAX 64
#define CA_THREADS_MAX 64
#define CA_SHARDS_MAX 32767

typedef struct ca_authority {
    const char *name; /* as policies name it */
    int64_t id;       /* in the registry */
    auth_bytes certificate;
    const auth_signer *signer; /* NULL: known here, but issues elsewhere */
    uint32_t shards;           /* of its CRL; 0 counts as 1 */
} ca_authority;

/* The steps of a batch, from step.def. */
typedef enum ca_step {
#define CA_STEP_ROW(id) CA_STEP_##id,
#include "step.def"
    CA_STEPS,
} ca_step;

typedef struct ca_setting {
    const char *realm;
    const auth_policy *policy;
    const auth_profile *const *profiles;
    size_t profile_count;
    /* Those by which a ceremony certified daemons and responders; only renewals use them. */
    const auth_profile *const *daemon_profiles;
    size_t daemon_profile_count;
    auth_bytes root; /* the certificate that the authorities' come from */
    const ca_authority *authorities;
    size_t authority_count;
    const char *base;   /* the realm's public address, as profiles have it */
    const char *anchor; /* path of the file of ledger heads; NULL: none */
    const registry_keyring *ring;
    auth_bytes binding_key; /* of the realm, 32 octets or more: pseudonyms and secrets of SIM */
    registry_pool *pool;
    ca_journal *journal;
    int64_t journal_no; /* of its row in the registry (remember.h); 0: it is not remembered */
    unsigned threads;   /* 0: 1 */
    registry_queue_limits limits;
    void (*reached)(ca_step step, void *context); /* for tests; NULL: nobody is told */
    void (*claimed)(size_t items, void *context); /* of the documents of a batch; or NULL */
    void *context;
} ca_setting;

static inline void ca_reach(const ca_setting *setting, ca_step step)
{
    if (setting->reached != NULL)
        setting->reached(step, setting->context);
}

#endif
