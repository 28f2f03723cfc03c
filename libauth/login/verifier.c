/* SPDX-License-Identifier: Apache-2.0 */
#include "login/verifier.h"

#include <auth/cert.h>
#include <stdlib.h>
#include <string.h>

#define HOLDERS_DEFAULT 4096
#define CHALLENGES_DEFAULT 65536

static auth_status check_options(const auth_verifier_options *options, auth_error *err)
{
    if (options->purpose != AUTH_PURPOSE_CITIZEN_LOGIN &&
        options->purpose != AUTH_PURPOSE_OFFICER && options->purpose != AUTH_PURPOSE_DAEMON)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "verifier: purpose: not citizen-login, officer or daemon, which log "
                              "in; choose one");
    if (options->anchor_count == 0)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "verifier: anchors: none; give the certificate of the realm's root");
    if (options->authority_count > LOGIN_ISSUERS_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "verifier: authorities: more than %d; make a verifier for each realm",
                              LOGIN_ISSUERS_MAX);
    if (options->holders_max > LOGIN_HOLDERS_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "verifier: holders_max: more than %zu; give less", LOGIN_HOLDERS_MAX);
    if (options->challenges_max > LOGIN_CHALLENGES_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "verifier: challenges_max: more than %zu; give less",
                              LOGIN_CHALLENGES_MAX);
    return AUTH_STATUS_OK;
}

static auth_status copy_authorities(const auth_verifier_options *options, auth_verifier *out,
                                    auth_error *err)
{
    size_t total = 0;
    for (size_t i = 0; i < options->authority_count; i++)
        total += options->authorities[i].len;
    out->octets = malloc(total + 1);
    out->authorities = calloc(options->authority_count + 1, sizeof *out->authorities);
    if (out->octets == NULL || out->authorities == NULL)
        return auth_error_memory(err);
    uint8_t *room = out->octets;
    for (size_t i = 0; i < options->authority_count; i++) {
        auth_bytes row = options->authorities[i];
        if (row.len > 0)
            memcpy(room, row.data, row.len);
        out->authorities[i] = (auth_bytes){room, row.len};
        room += row.len;
    }
    out->authority_count = options->authority_count;
    return AUTH_STATUS_OK;
}

/* An authority that nobody could be certified by is a mistake, and not one that refuses all. */
static auth_status check_authorities(const auth_verifier *verifier, auth_error *err)
{
    for (size_t i = 0; i < verifier->authority_count; i++) {
        AUTH_AUTO(auth_cert) *cert = NULL;
        auth_status status = auth_cert_parse(verifier->authorities[i], &cert, err);
        if (status == AUTH_STATUS_OK && !auth_cert_is_ca(cert))
            status = auth_error_set(err, AUTH_STATUS_INVALID,
                                    "not an authority's certificate (RFC 5280 4.2.1.9); give that "
                                    "of the authority which issues");
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "verifier: authority %zu", i + 1);
            return status;
        }
    }
    return AUTH_STATUS_OK;
}

static auth_status fill(const auth_verifier_options *options, auth_verifier *out, auth_error *err)
{
    out->policy = options->policy != NULL ? *options->policy : auth_login_policy_default();
    out->purpose = options->purpose;
    out->ask = options->ask;
    out->ask_context = options->ask_context;
    out->remember = options->remember;
    out->remember_context = options->remember_context;
    auth_status status = login_policy_check(&out->policy, err);
    if (status == AUTH_STATUS_OK)
        status = copy_authorities(options, out, err);
    if (status == AUTH_STATUS_OK)
        status = check_authorities(out, err);
    if (status == AUTH_STATUS_OK)
        status = auth_trust_new(options->anchors, options->anchor_count, out->authorities,
                                out->authority_count, &out->trust, err);
    if (status == AUTH_STATUS_OK)
        status =
            login_holders_new(options->holders_max == 0 ? HOLDERS_DEFAULT : options->holders_max,
                              &out->holders, err);
    if (status == AUTH_STATUS_OK && out->remember == NULL)
        status = login_memory_new(options->challenges_max == 0 ? CHALLENGES_DEFAULT
                                                               : options->challenges_max,
                                  &out->memory, err);
    return status;
}

auth_status auth_verifier_new(const auth_verifier_options *options, auth_verifier **out,
                              auth_error *err)
{
    auth_status status = check_options(options, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(auth_verifier) *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL)
        return auth_error_memory(err);
    (void)pthread_mutex_init(&verifier->issuers.lock, NULL);
    status = fill(options, verifier, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(verifier);
    return status;
}

void auth_verifier_free(auth_verifier *verifier)
{
    if (verifier == NULL)
        return;
    login_holders_free(verifier->holders);
    login_issuers_clear(&verifier->issuers);
    (void)pthread_mutex_destroy(&verifier->issuers.lock);
    login_memory_free(verifier->memory);
    auth_trust_free(verifier->trust);
    free(verifier->authorities);
    free(verifier->octets);
    free(verifier);
}

const auth_login_policy *auth_verifier_policy(const auth_verifier *verifier)
{
    return &verifier->policy;
}
