/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/lists.h"

#include "fetch/crl.h"
#include "fetch/fetcher.h"

#include <stdlib.h>
#include <string.h>

auth_status list_new(const uint8_t key[FETCH_KEY_SIZE], auth_crl *crl, fetch_list **out,
                     auth_error *err)
{
    fetch_list *list = calloc(1, sizeof *list);
    if (list == NULL)
        return auth_error_memory(err);
    atomic_init(&list->references, 1);
    memcpy(list->key, key, FETCH_KEY_SIZE);
    list->crl = crl;
    list->fetched_ms = fetch_clock_ms();
    *out = list;
    return AUTH_STATUS_OK;
}

fetch_list *list_share(fetch_list *list)
{
    atomic_fetch_add_explicit(&list->references, 1, memory_order_relaxed);
    return list;
}

void list_free(fetch_list *list)
{
    if (list == NULL || atomic_fetch_sub_explicit(&list->references, 1, memory_order_acq_rel) > 1)
        return;
    auth_crl_free(list->crl);
    free(list);
}

static bool has_same_scope(const auth_crl *a, const auth_crl *b)
{
    auth_crl_scope one = auth_crl_scope_of(a);
    auth_crl_scope other = auth_crl_scope_of(b);
    return auth_bytes_equal(one.distribution_point, other.distribution_point) &&
           one.only_user_certs == other.only_user_certs &&
           one.only_ca_certs == other.only_ca_certs &&
           one.only_attribute_certs == other.only_attribute_certs &&
           one.is_indirect == other.is_indirect && one.reasons == other.reasons;
}

/* Somebody on the way may send what was good once, or the list of another shard. */
bool list_is_older(const fetch_list *list, const fetch_list *there, auth_time now)
{
    auth_time made = auth_crl_this_update(list->crl);
    auth_time there_made = auth_crl_this_update(there->crl);
    bool is_delta = auth_crl_base_number(list->crl).len > 0;
    bool is_there_delta = auth_crl_base_number(there->crl).len > 0;
    if (is_delta != is_there_delta || !has_same_scope(list->crl, there->crl) ||
        crl_is_over(there->crl, now) || there_made > now)
        return false;
    if (made != there_made)
        return made < there_made;
    return auth_crl_compare_numbers(auth_crl_number(list->crl), auth_crl_number(there->crl)) < 0;
}

fetch_list *lists_find(fetch_lists *lists, const uint8_t key[FETCH_KEY_SIZE])
{
    for (size_t i = 0; i < FETCH_LISTS; i++) {
        if (lists->rows[i] == NULL || memcmp(lists->rows[i]->key, key, FETCH_KEY_SIZE) != 0)
            continue;
        lists->used[i] = ++lists->clock;
        return list_share(lists->rows[i]);
    }
    return NULL;
}

static void drop(fetch_lists *lists, size_t index)
{
    if (lists->rows[index] == NULL)
        return;
    lists->octets -= auth_crl_der(lists->rows[index]->crl).len;
    list_free(lists->rows[index]);
    lists->rows[index] = NULL;
}

/* The row of this name, else an empty one, else the one that was not asked for longest. */
static size_t row_for(const fetch_lists *lists, const uint8_t *key)
{
    size_t best = 0;
    uint64_t oldest = UINT64_MAX;
    for (size_t i = 0; i < FETCH_LISTS; i++) {
        if (lists->rows[i] != NULL && memcmp(lists->rows[i]->key, key, FETCH_KEY_SIZE) == 0)
            return i;
        uint64_t used = lists->rows[i] == NULL ? 0 : lists->used[i];
        if (used < oldest) {
            oldest = used;
            best = i;
        }
    }
    return best;
}

/* Of those that are there. */
static size_t oldest_row(const fetch_lists *lists)
{
    size_t best = 0;
    uint64_t oldest = UINT64_MAX;
    for (size_t i = 0; i < FETCH_LISTS; i++) {
        if (lists->rows[i] != NULL && lists->used[i] < oldest) {
            oldest = lists->used[i];
            best = i;
        }
    }
    return best;
}

/* The list of this name that stays when list comes, or NULL. It is as recent as what came. */
static fetch_list *find_newer(fetch_list *there, const fetch_list *list, auth_time now)
{
    if (there == NULL || memcmp(there->key, list->key, FETCH_KEY_SIZE) != 0 ||
        !list_is_older(list, there, now))
        return NULL;
    if (list->fetched_ms > there->fetched_ms)
        there->fetched_ms = list->fetched_ms;
    return list_share(there);
}

fetch_list *lists_store(fetch_lists *lists, fetch_list *list, auth_time now, size_t max)
{
    size_t len = auth_crl_der(list->crl).len;
    size_t row = row_for(lists, list->key);
    fetch_list *newer = find_newer(lists->rows[row], list, now);
    if (newer != NULL) {
        list_free(list);
        return newer;
    }
    drop(lists, row);
    while (lists->octets > 0 && lists->octets + len > max)
        drop(lists, oldest_row(lists));
    lists->rows[row] = list_share(list);
    lists->used[row] = ++lists->clock;
    lists->octets += len;
    return list;
}

void lists_clear(fetch_lists *lists)
{
    for (size_t i = 0; i < FETCH_LISTS; i++)
        drop(lists, i);
}
