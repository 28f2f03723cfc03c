/* SPDX-License-Identifier: Apache-2.0 */
/* Making and freeing a fetcher. */
#include "fetch/fetcher.h"

#include "fetch/driver.h"
#include "fetch/list_files.h"
#include "fetch/loop.h"
#include "fetch/search.h"
#include "fetch/snapshot.h"
#include "fetch/status_cache.h"
#include "fetch/verified.h"

#include <stdlib.h>
#include <string.h>

#define CONNECT_TIMEOUT_MS 2000
#define TIMEOUT_MS 5000
#define CONCURRENCY 16
#define HOST_CONCURRENCY 8
#define RETRY_MS 1000
#define RETRY_MAX_MS 60000
#define MEMORY_ENTRIES 4096
#define CRL_OCTETS ((uint32_t)16 << 20)
#define CACHE_ENTRIES 4096
/* Of what lies in the shared cache, more is known than is kept whole in memory. */
#define VERIFIED_FACTOR 4

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;
static CURLcode curl_code;

static void start_curl(void) { curl_code = curl_global_init(CURL_GLOBAL_DEFAULT); }

static void set_default(uint32_t *value, uint32_t number)
{
    if (*value == 0)
        *value = number;
}

static auth_status check_bounds(const auth_fetch_options *options, auth_error *err)
{
    if (options->connect_timeout_ms > AUTH_FETCH_TIMEOUT_MAX_MS ||
        options->timeout_ms > AUTH_FETCH_TIMEOUT_MAX_MS)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "fetch options: a timeout is above %d ms; nobody waits longer for a "
                              "login",
                              AUTH_FETCH_TIMEOUT_MAX_MS);
    if (options->concurrency > AUTH_FETCH_CONCURRENCY_MAX ||
        options->host_concurrency > AUTH_FETCH_CONCURRENCY_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "fetch options: more than %d connections at once; set fewer",
                              AUTH_FETCH_CONCURRENCY_MAX);
    if (options->ocsp_max > AUTH_OCSP_RESPONSE_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "fetch options: ocsp_max is above %d octets, and no longer answer is "
                              "read; set less",
                              AUTH_OCSP_RESPONSE_MAX);
    if (options->crl_max > AUTH_CRL_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "fetch options: crl_max is above %zu octets, and no longer list is "
                              "read; set less",
                              AUTH_CRL_MAX);
    if (options->memory_entries > AUTH_FETCH_MEMORY_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "fetch options: memory_entries is above %zu; set fewer",
                              AUTH_FETCH_MEMORY_MAX);
    if (options->cache_entries > AUTH_FETCH_MEMORY_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "fetch options: cache_entries is above %zu; set fewer",
                              AUTH_FETCH_MEMORY_MAX);
    if (options->host_count > AUTH_FETCH_HOSTS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "fetch options: %zu hosts are allowed and %d may be; name fewer",
                              options->host_count, AUTH_FETCH_HOSTS_MAX);
    return AUTH_STATUS_OK;
}

static auth_status take_hosts(auth_fetcher *fetcher, const auth_fetch_options *options,
                              auth_error *err)
{
    if (options->host_count == 0)
        return AUTH_STATUS_OK;
    fetcher->hosts = calloc(options->host_count, sizeof *fetcher->hosts);
    if (fetcher->hosts == NULL)
        return auth_error_memory(err);
    fetcher->host_count = options->host_count;
    for (size_t i = 0; i < options->host_count; i++) {
        auth_status status = address_read_host(&options->hosts[i], &fetcher->hosts[i], err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "fetch options: host %zu", i + 1);
            return status;
        }
    }
    return AUTH_STATUS_OK;
}

static auth_status take_options(auth_fetcher *fetcher, const auth_fetch_options *options,
                                auth_error *err)
{
    auth_status status = check_bounds(options, err);
    if (status == AUTH_STATUS_OK)
        status = take_hosts(fetcher, options, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (options->tls_ca_file != NULL) {
        fetcher->tls_ca_file = strdup(options->tls_ca_file);
        if (fetcher->tls_ca_file == NULL)
            return auth_error_memory(err);
    }
    auth_fetch_options *own = &fetcher->options;
    *own = *options;
    own->hosts = NULL;
    own->tls_ca_file = NULL;
    own->cache_folder = NULL;
    own->snapshot = NULL;
    set_default(&own->connect_timeout_ms, CONNECT_TIMEOUT_MS);
    set_default(&own->timeout_ms, TIMEOUT_MS);
    set_default(&own->concurrency, CONCURRENCY);
    set_default(&own->host_concurrency, HOST_CONCURRENCY);
    set_default(&own->ocsp_max, AUTH_OCSP_RESPONSE_MAX);
    set_default(&own->crl_max, CRL_OCTETS);
    set_default(&own->retry_ms, RETRY_MS);
    set_default(&own->retry_max_ms, RETRY_MAX_MS);
    if (own->memory_entries == 0)
        own->memory_entries = MEMORY_ENTRIES;
    if (own->cache_entries == 0)
        own->cache_entries = CACHE_ENTRIES;
    if (own->ocsp_hash == AUTH_OCSP_HASH_OTHER)
        own->ocsp_hash = AUTH_OCSP_HASH_SHA256;
    return AUTH_STATUS_OK;
}

static auth_status open_shared(auth_fetcher *fetcher, const auth_fetch_options *options,
                               auth_error *err)
{
    const auth_fetch_options *own = &fetcher->options;
    size_t more =
        own->memory_entries > own->cache_entries ? own->memory_entries : own->cache_entries;
    if (options->cache_folder == NULL)
        return AUTH_STATUS_OK;
    auth_status status = verified_new(more * VERIFIED_FACTOR, &fetcher->verified, err);
    if (status == AUTH_STATUS_OK)
        status = status_cache_open(options->cache_folder, options->cache_is_group,
                                   own->cache_entries, &fetcher->shared, err);
    if (status == AUTH_STATUS_OK)
        status = list_files_open(options->cache_folder, options->cache_is_group, own->crl_max,
                                 FETCH_LISTS_FACTOR * (size_t)own->crl_max, &fetcher->files, err);
    return status;
}

static auth_status open_fetcher(auth_fetcher *fetcher, const auth_fetch_options *options,
                                auth_error *err)
{
    auth_status status = take_options(fetcher, options, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (pthread_once(&curl_once, start_curl) != 0 || curl_code != CURLE_OK)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "libcurl: it does not start: %s",
                              curl_easy_strerror(curl_code));
    status = issuers_new(&fetcher->issuers, err);
    if (status == AUTH_STATUS_OK)
        status = memory_new(fetcher->options.memory_entries, &fetcher->memory, err);
    if (status == AUTH_STATUS_OK)
        status = open_shared(fetcher, options, err);
    if (status == AUTH_STATUS_OK && options->snapshot != NULL)
        status =
            snapshot_new(options->snapshot, FETCH_LISTS_FACTOR * (size_t)fetcher->options.crl_max,
                         &fetcher->snapshot, err);
    if (status == AUTH_STATUS_OK)
        status = loop_open(fetcher, err);
    return status;
}

auth_status auth_fetcher_new(const auth_fetch_options *options, auth_fetcher **out, auth_error *err)
{
    AUTH_AUTO(auth_fetcher) *fetcher = calloc(1, sizeof *fetcher);
    if (fetcher == NULL)
        return auth_error_memory(err);
    fetcher->owner = getpid();
    fetcher->network = -1;
    fetcher->outer = -1;
    fetcher->timer = -1;
    fetcher->bell = -1;
    (void)pthread_mutex_init(&fetcher->lock, NULL);
    (void)pthread_cond_init(&fetcher->changed, NULL);
    auth_status status = open_fetcher(fetcher, options, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(fetcher);
    return status;
}

static void free_searches(auth_fetch *search)
{
    while (search != NULL) {
        auth_fetch *next = search->next;
        auth_fetched_free(search->result.fetched);
        search_free(search);
        search = next;
    }
}

void auth_fetcher_free(auth_fetcher *fetcher)
{
    if (fetcher == NULL)
        return;
    driver_end(fetcher);
    while (fetcher->transfers != NULL) {
        fetch_transfer *transfer = fetcher->transfers;
        fetcher->transfers = transfer->next;
        loop_remove(fetcher, transfer);
        transfer_free(transfer);
    }
    free_searches(fetcher->searches);
    free_searches(fetcher->ended);
    loop_close(fetcher);
    lists_clear(&fetcher->lists);
    snapshot_free(fetcher->snapshot);
    list_files_free(fetcher->files);
    status_cache_free(fetcher->shared);
    verified_free(fetcher->verified);
    memory_free(fetcher->memory);
    issuers_free(fetcher->issuers);
    (void)pthread_cond_destroy(&fetcher->changed);
    (void)pthread_mutex_destroy(&fetcher->lock);
    free(fetcher->hosts);
    free(fetcher->tls_ca_file);
    free(fetcher);
}
