/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"

#include "daemon/text.h"
#include "registry/crl.h"
#include "registry/pool.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define CONNECTIONS 2
#define WAIT_MS 2000
#define SHARDS_MAX 32768
/* More lists than this are not kept, however small they are. */
#define LISTS_MAX 4096
#define TYPE "application/pkix-crl"

typedef struct list {
    ocsp_list_name name;
    int64_t number;
    uint64_t used; /* the greater, the later */
    daemon_response *response;
} list;

struct ocsp_lists {
    registry_pool *pool;
    size_t octets_max;
    uint32_t keep_s;
    pthread_mutex_t loading; /* who takes a list from the registry, one at a time */
    pthread_mutex_t lock;    /* of what follows; never held while the registry is asked */
    list *rows;
    size_t count;
    size_t octets;
    uint64_t uses;
    registry_crl_scope *scopes; /* sorted; NULL: it is not known yet which there are */
    size_t scope_count;
};

auth_status ocsp_lists_new(const registry_settings *settings, size_t octets, uint32_t keep_s,
                           ocsp_lists **out, auth_error *err)
{
    AUTH_AUTO(ocsp_lists) *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    it->octets_max = octets;
    it->keep_s = keep_s;
    (void)pthread_mutex_init(&it->loading, NULL);
    (void)pthread_mutex_init(&it->lock, NULL);
    it->rows = calloc(LISTS_MAX, sizeof it->rows[0]);
    if (it->rows == NULL)
        return auth_error_memory(err);
    auth_status status = registry_pool_new(settings, CONNECTIONS, &it->pool, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(it);
    return status;
}

void ocsp_lists_free(ocsp_lists *lists)
{
    if (lists == NULL)
        return;
    for (size_t i = 0; i < lists->count; i++)
        daemon_response_free(lists->rows[i].response);
    free(lists->rows);
    free(lists->scopes);
    registry_pool_free(lists->pool);
    (void)pthread_mutex_destroy(&lists->loading);
    (void)pthread_mutex_destroy(&lists->lock);
    free(lists);
}

bool ocsp_list_name_read(auth_bytes segment, ocsp_list_name *out)
{
    static const char *const endings[] = {".crl", "-delta.crl"};
    for (size_t i = 0; i < 2; i++) {
        auth_bytes ending = auth_bytes_from_text(endings[i]);
        uint64_t shard = 0;
        if (segment.len <= ending.len)
            continue;
        auth_bytes digits = {segment.data, segment.len - ending.len};
        auth_bytes rest = {segment.data + digits.len, ending.len};
        /* One address a list: no zeros in front. */
        if (auth_bytes_equal(rest, ending) && daemon_read_decimal(digits, SHARDS_MAX - 1, &shard) &&
            (digits.len == 1 || digits.data[0] != '0')) {
            out->shard = (int64_t)shard;
            out->is_delta = i == 1;
            return true;
        }
    }
    return false;
}

static bool is_named(const list *row, const ocsp_list_name *name)
{
    return row->name.authority == name->authority && row->name.shard == name->shard &&
           row->name.is_delta == name->is_delta;
}

/* Under the lock. */
static list *find_row(ocsp_lists *lists, const ocsp_list_name *name)
{
    for (size_t i = 0; i < lists->count; i++) {
        if (is_named(&lists->rows[i], name))
            return &lists->rows[i];
    }
    return NULL;
}

static daemon_response *find_ready(ocsp_lists *lists, const ocsp_list_name *name)
{
    daemon_response *found = NULL;
    (void)pthread_mutex_lock(&lists->lock);
    list *row = find_row(lists, name);
    if (row != NULL) {
        row->used = ++lists->uses;
        found = daemon_response_ref(row->response);
    }
    (void)pthread_mutex_unlock(&lists->lock);
    return found;
}

static void drop(ocsp_lists *lists, list *row)
{
    lists->octets -= daemon_response_size(row->response);
    daemon_response_free(row->response);
    *row = lists->rows[--lists->count];
}

static void make_room(ocsp_lists *lists, size_t size)
{
    while (lists->count > 0 &&
           (lists->octets + size > lists->octets_max || lists->count == LISTS_MAX)) {
        list *oldest = &lists->rows[0];
        for (size_t i = 1; i < lists->count; i++)
            oldest = lists->rows[i].used < oldest->used ? &lists->rows[i] : oldest;
        drop(lists, oldest);
    }
}

/* A registry that was set back may give an older list; the newer one is still true. */
static void keep(ocsp_lists *lists, const ocsp_list_name *name, int64_t number,
                 daemon_response *response)
{
    size_t size = daemon_response_size(response);
    (void)pthread_mutex_lock(&lists->lock);
    list *row = find_row(lists, name);
    uint64_t used = row != NULL ? row->used : ++lists->uses;
    bool is_newer = row == NULL || row->number < number;
    if (row != NULL && is_newer)
        drop(lists, row);
    if (is_newer)
        make_room(lists, size);
    if (is_newer && lists->octets + size <= lists->octets_max) {
        lists->rows[lists->count++] = (list){*name, number, used, daemon_response_ref(response)};
        lists->octets += size;
    }
    (void)pthread_mutex_unlock(&lists->lock);
}

static auth_status make_response(const ocsp_lists *lists, const registry_crl *crl,
                                 daemon_response **out, auth_error *err)
{
    char tag[64];
    char modified[DAEMON_HTTP_DATE_SIZE];
    char expires[DAEMON_HTTP_DATE_SIZE];
    (void)snprintf(tag, sizeof tag, "\"%lld-%llx\"", (long long)crl->number,
                   (unsigned long long)crl->this_update);
    daemon_http_date(crl->this_update, modified);
    daemon_http_date(crl->next_update, expires);
    const daemon_header headers[] = {{"Last-Modified", modified},
                                     {"Expires", expires},
                                     {"ETag", tag},
                                     {"Accept-Ranges", "bytes"}};
    auth_status status = daemon_response_new(200, TYPE, crl->der, headers, 4, out, err);
    if (status == AUTH_STATUS_OK)
        daemon_response_let_keep(*out, crl->next_update, lists->keep_s);
    return status;
}

static auth_status load_from(ocsp_lists *lists, registry_connection *line,
                             const ocsp_list_name *name, daemon_response **out, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    AUTH_AUTO(daemon_response) *response = NULL;
    registry_crl crl = {.number = 0};
    auth_status status =
        registry_crl_find(line, name->authority, name->shard, name->is_delta, &result, err);
    if (status == AUTH_STATUS_OK)
        status = registry_crl_read(result, 0, &crl, err);
    if (status == AUTH_STATUS_OK)
        status = make_response(lists, &crl, &response, err);
    if (status != AUTH_STATUS_OK)
        return status;
    keep(lists, name, crl.number, response);
    *out = AUTH_TAKE(response);
    return AUTH_STATUS_OK;
}

static auth_status load(ocsp_lists *lists, const ocsp_list_name *name, daemon_response **out,
                        auth_error *err)
{
    registry_connection *line = NULL;
    auth_status status = registry_pool_take(lists->pool, WAIT_MS, &line, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = load_from(lists, line, name, out, err);
    registry_pool_give(lists->pool, line);
    return status;
}

static int compare_scopes(const void *left, const void *right)
{
    const registry_crl_scope *a = left;
    const registry_crl_scope *b = right;
    if (a->authority != b->authority)
        return a->authority < b->authority ? -1 : 1;
    return (a->shard > b->shard) - (a->shard < b->shard);
}

/* Under the lock. */
static const registry_crl_scope *find_scope(const ocsp_lists *lists, const ocsp_list_name *name)
{
    const registry_crl_scope wanted = {.authority = name->authority, .shard = name->shard};
    return lists->scope_count == 0 ? NULL
                                   : bsearch(&wanted, lists->scopes, lists->scope_count,
                                             sizeof lists->scopes[0], compare_scopes);
}

/* What no scope has is not looked for: those who guess addresses cost nothing. */
static bool may_exist(ocsp_lists *lists, const ocsp_list_name *name)
{
    (void)pthread_mutex_lock(&lists->lock);
    bool may = lists->scopes == NULL || find_scope(lists, name) != NULL;
    (void)pthread_mutex_unlock(&lists->lock);
    return may;
}

/* Who waits for another one to load the same list finds it then. */
auth_status ocsp_lists_find(ocsp_lists *lists, const ocsp_list_name *name, daemon_response **out,
                            auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    daemon_response *found = find_ready(lists, name);
    if (found == NULL && !may_exist(lists, name))
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "CRL: there is none of this shard; take the address from a "
                              "certificate");
    if (found == NULL) {
        (void)pthread_mutex_lock(&lists->loading);
        found = find_ready(lists, name);
        if (found == NULL)
            status = load(lists, name, &found, err);
        (void)pthread_mutex_unlock(&lists->loading);
    }
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}

/* The registry lists scopes in the order of compare_scopes. */
static auth_status take_scopes(ocsp_lists *lists, registry_connection *line, auth_error *err)
{
    AUTH_AUTO(registry_result) *result = NULL;
    auth_status status = registry_crl_list_scopes(line, &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t count = registry_result_rows(result);
    registry_crl_scope *scopes = calloc(count + 1, sizeof scopes[0]);
    if (scopes == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < count && status == AUTH_STATUS_OK; i++)
        status = registry_crl_scope_read(result, i, &scopes[i], err);
    if (status == AUTH_STATUS_OK) {
        (void)pthread_mutex_lock(&lists->lock);
        registry_crl_scope *old = lists->scopes;
        lists->scopes = scopes;
        lists->scope_count = count;
        (void)pthread_mutex_unlock(&lists->lock);
        scopes = old;
    }
    free(scopes);
    return status;
}

/* Finds the first list here, from a place on, that its scope has a newer one of. */
static bool next_outdated(ocsp_lists *lists, size_t *place, ocsp_list_name *out)
{
    bool is_found = false;
    (void)pthread_mutex_lock(&lists->lock);
    while (!is_found && *place < lists->count) {
        const list *row = &lists->rows[(*place)++];
        const registry_crl_scope *scope = find_scope(lists, &row->name);
        is_found = scope != NULL && row->number < scope->last_number;
        *out = row->name;
    }
    (void)pthread_mutex_unlock(&lists->lock);
    return is_found;
}

/* A list whose place moves meanwhile is looked at the next time. */
static auth_status renew(ocsp_lists *lists, registry_connection *line, auth_error *err)
{
    size_t place = 0;
    ocsp_list_name name;
    auth_status status = take_scopes(lists, line, err);
    while (status == AUTH_STATUS_OK && next_outdated(lists, &place, &name)) {
        AUTH_AUTO(daemon_response) *response = NULL;
        status = load_from(lists, line, &name, &response, err);
    }
    return status;
}

auth_status ocsp_lists_renew(ocsp_lists *lists, auth_error *err)
{
    registry_connection *line = NULL;
    auth_status status = registry_pool_take(lists->pool, WAIT_MS, &line, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = renew(lists, line, err);
    registry_pool_give(lists->pool, line);
    return status;
}
