/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

#include "answer.h"

#include "registry/record.h"

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_MS 2000
#define CALL_MS 1500
#define RENEW_MS 2000
#define LISTS_MS 1000
#define SIGNERS_MAX 12
/* By how much the heap grows, and what it may have free before it shrinks. */
#define HEAP_STEP (1 << 20)
#define HEAP_FREE_MAX (16 << 20)

static auth_status open_realm(ocsp_service *it, const daemon_options *options, auth_error *err)
{
    realm_opening opening = {.parts = REALM_AUTHORITIES};
    return realm_open(daemon_options_text(options, "realm"), &opening, &it->realm, err);
}

/* A replica is named here; without it, the registry is that of the realm. */
static auth_status find_registry(ocsp_service *it, const daemon_options *options, auth_error *err)
{
    const char *own = daemon_options_text(options, "registry");
    if (own[0] == '\0')
        return realm_conninfo(it->realm, REGISTRY_ROLE_OCSP, it->conninfo, err);
    int len = snprintf(it->conninfo, sizeof it->conninfo, "%s user=%s", own,
                       registry_role_name(REGISTRY_ROLE_OCSP));
    if (strcmp(own, REALM_REGISTRY_EMBEDDED) == 0)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "registry: 'embedded' is what it is without this option; leave it "
                              "out, or name a host");
    if (len < 0 || (size_t)len >= sizeof it->conninfo)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "registry: the connection string is too long; use a short name for "
                              "the host");
    return realm_registry_check(own, err);
}

registry_settings ocsp_registry_settings(const ocsp_service *it)
{
    return (registry_settings){
        .conninfo = it->conninfo,
        .program = "auth-ocsp",
        .roles = REGISTRY_ROLE_OCSP,
        .connect_timeout_ms = CONNECT_MS,
        .call_timeout_ms = CALL_MS,
        .statement_timeout_ms = CALL_MS,
    };
}

static auth_status ask_passphrase(void *context, const char *what, auth_secret **out,
                                  auth_error *err)
{
    const char *path = context;
    if (path[0] == '\0')
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "%s: it is encrypted; name its passphrase with passphrase-file",
                              what);
    return auth_passphrase_read(path, -1, out, err);
}

static auth_status open_keys(ocsp_service *it, const daemon_options *options, auth_error *err)
{
    /* auth_passphrase_ask takes a context that it could change; this one is a text. */
    char *passphrase = strdup(daemon_options_text(options, "passphrase-file"));
    if (passphrase == NULL)
        return auth_error_memory(err);
    auth_status status = ocsp_keys_open(it->realm, ask_passphrase, passphrase, &it->keys, err);
    free(passphrase);
    if (status == AUTH_STATUS_OK)
        it->authorities = ocsp_keys_authorities(it->keys);
    return status;
}

static ocsp_nonces nonces_of(const char *text)
{
    if (strcmp(text, "refuse") == 0)
        return OCSP_NONCES_REFUSE;
    return strcmp(text, "ignore") == 0 ? OCSP_NONCES_IGNORE : OCSP_NONCES_ANSWER;
}

static void read_setting(ocsp_service *it, const daemon_options *options)
{
    int64_t signers = daemon_options_number(options, "signers");
    if (signers == 0)
        signers = sysconf(_SC_NPROCESSORS_ONLN);
    it->setting = (ocsp_setting){
        .nonces = nonces_of(daemon_options_text(options, "nonce")),
        .nonce_rate = (uint32_t)daemon_options_number(options, "nonce-rate"),
        .revokes_never_issued =
            strcmp(daemon_options_text(options, "never-issued"), "revoked") == 0,
        .life_s = daemon_options_number(options, "answer-life") / 1000,
        .keep_s = (uint32_t)(daemon_options_number(options, "http-cache") / 1000),
        .lag_max_s = daemon_options_number(options, "max-lag") / 1000,
        .lists_octets = (size_t)daemon_options_number(options, "list-memory"),
        .signers = signers < 1             ? 1
                   : signers > SIGNERS_MAX ? SIGNERS_MAX
                                           : (size_t)signers,
    };
}

static auth_status make_refusals(ocsp_service *it, auth_error *err)
{
    static const auth_ocsp_response_status errors[OCSP_REFUSALS] = {
        [OCSP_REFUSAL_MALFORMED] = AUTH_OCSP_MALFORMED_REQUEST,
        [OCSP_REFUSAL_INTERNAL] = AUTH_OCSP_INTERNAL_ERROR,
        [OCSP_REFUSAL_TRY_LATER] = AUTH_OCSP_TRY_LATER,
        [OCSP_REFUSAL_UNAUTHORIZED] = AUTH_OCSP_UNAUTHORIZED,
    };
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < OCSP_REFUSALS && status == AUTH_STATUS_OK; i++)
        status = ocsp_answer_error(errors[i], &it->refusals[i], err);
    return status;
}

static auth_status make_parts(ocsp_service *it, const daemon_options *options, auth_error *err)
{
    auth_status status = make_refusals(it, err);
    if (status == AUTH_STATUS_OK)
        status = ocsp_acts_new(&it->acts, err);
    if (status == AUTH_STATUS_OK)
        status =
            ocsp_cache_new((size_t)daemon_options_number(options, "cache-size"), &it->cache, err);
    if (status == AUTH_STATUS_OK)
        status =
            ocsp_room_new((size_t)daemon_options_number(options, "waiting-room"), &it->room, err);
    if (status == AUTH_STATUS_OK)
        status = ocsp_shelf_new(it->realm, &it->shelf, err);
    it->lists_settings = ocsp_registry_settings(it);
    if (status == AUTH_STATUS_OK)
        status = ocsp_lists_new(&it->lists_settings, it->setting.lists_octets, it->setting.keep_s,
                                &it->lists, err);
    return status;
}

static auth_status begin(ocsp_service *it, const daemon_options *options, auth_error *err)
{
    read_setting(it, options);
    auth_status status = open_realm(it, options, err);
    if (status == AUTH_STATUS_OK)
        status = find_registry(it, options, err);
    if (status == AUTH_STATUS_OK)
        status = open_keys(it, options, err);
    if (status == AUTH_STATUS_OK)
        status = make_parts(it, options, err);
    return status;
}

/* From here on threads use what was made, and the process ends when one of them cannot begin. */
static auth_status start_threads(ocsp_service *it, auth_error *err)
{
    auth_status status = daemon_worker_start(it->self, "follow", ocsp_follow, it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_worker_start(it->self, "listen", ocsp_listen, it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_every(it->self, "renew", RENEW_MS, ocsp_renew, it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_every(it->self, "lists", LISTS_MS, ocsp_renew_lists, it, err);
    for (size_t i = 0; i < it->setting.signers && status == AUTH_STATUS_OK; i++)
        status = daemon_worker_start(it->self, "sign", ocsp_sign, it, err);
    return status;
}

/*
 * Answers are made by one thread, sent by another and kept. The heap that a thread has of its own
 * grows by a page, with a call of the system for each; that of the process grows by as much as is
 * said here.
 */
static void bound_memory(void)
{
    (void)mallopt(M_ARENA_MAX, 1);
    (void)mallopt(M_TOP_PAD, HEAP_STEP);
    (void)mallopt(M_TRIM_THRESHOLD, HEAP_FREE_MAX);
}

auth_status ocsp_service_start(daemon_self *self, void **context, auth_error *err)
{
    ocsp_service *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    bound_memory();
    it->self = self;
    it->log = daemon_self_log(self);
    it->metrics = daemon_self_metrics(self);
    it->state =
        (auth_error){AUTH_STATUS_UNAVAILABLE, "registry: it was not reached yet; wait a moment"};
    (void)pthread_mutex_init(&it->lock, NULL);
    auth_status status = begin(it, daemon_self_options(self), err);
    if (status != AUTH_STATUS_OK) {
        ocsp_service_stop(it);
        return status;
    }
    *context = it;
    return start_threads(it, err);
}

static auth_status check_lag(const ocsp_service *it, auth_time now, auth_error *err)
{
    auth_time as_of = atomic_load(&it->knowledge.as_of);
    if (!atomic_load(&it->knowledge.is_standby))
        return AUTH_STATUS_OK;
    if (as_of == REGISTRY_NO_TIME)
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "registry: the standby has replayed nothing since it was started, so "
                              "nobody can tell what it knows; look at its replication");
    if (now - as_of <= it->setting.lag_max_s)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                          "registry: the standby was in step with its primary %lld s ago "
                          "(max-lag); look at its replication, or at wal_receiver_timeout when "
                          "nothing is written",
                          (long long)(now - as_of));
}

auth_status ocsp_service_ready(void *context, auth_error *err)
{
    ocsp_service *it = context;
    auth_time now = (auth_time)time(NULL);
    (void)pthread_mutex_lock(&it->lock);
    auth_error state = it->state;
    (void)pthread_mutex_unlock(&it->lock);
    if (state.status != AUTH_STATUS_OK)
        return auth_error_set(err, state.status, "%s", state.text);
    AUTH_AUTO(ocsp_identity) *identity = ocsp_keys_identity(it->keys);
    if (ocsp_identity_not_after(identity) <= now)
        return auth_error_set(err, AUTH_STATUS_EXPIRED,
                              "responder: a certificate in responders/ has expired; renew it");
    return check_lag(it, now, err);
}

void ocsp_service_stop(void *context)
{
    ocsp_service *it = context;
    if (it == NULL)
        return;
    ocsp_lists_free(it->lists);
    ocsp_shelf_free(it->shelf);
    ocsp_room_free(it->room);
    ocsp_cache_free(it->cache);
    ocsp_acts_free(it->acts);
    for (size_t i = 0; i < OCSP_REFUSALS; i++)
        daemon_response_free(it->refusals[i]);
    ocsp_keys_free(it->keys);
    realm_free(it->realm);
    (void)pthread_mutex_destroy(&it->lock);
    free(it);
}
