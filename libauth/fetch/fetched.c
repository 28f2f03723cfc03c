/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/fetcher.h"
#include "fetch/lists.h"

#include <stdlib.h>
#include <string.h>

/* NULL without memory. */
static auth_fetched *make(const uint8_t key[FETCH_KEY_SIZE], const fetch_knowledge *known,
                          size_t room)
{
    auth_fetched *fetched = malloc(sizeof *fetched + room);
    if (fetched == NULL)
        return NULL;
    *fetched = (auth_fetched){.known = *known, .der_len = room};
    atomic_init(&fetched->references, 1);
    atomic_init(&fetched->used, 0);
    atomic_init(&fetched->asked_ms, fetch_clock_ms());
    memcpy(fetched->key, key, FETCH_KEY_SIZE);
    return fetched;
}

auth_status fetched_new(const uint8_t key[FETCH_KEY_SIZE], const fetch_knowledge *known,
                        auth_bytes answer, auth_fetched **out, auth_error *err)
{
    auth_fetched *fetched = make(key, known, answer.len);
    if (fetched == NULL)
        return auth_error_memory(err);
    memcpy(fetched->der, answer.data, answer.len);
    fetched->items[0] = (auth_bytes){fetched->der, answer.len};
    fetched->evidence = (auth_evidence){.ocsp = fetched->items, .ocsp_count = 1};
    *out = fetched;
    return AUTH_STATUS_OK;
}

auth_status fetched_new_lists(const uint8_t key[FETCH_KEY_SIZE], const fetch_knowledge *known,
                              fetch_list *full, fetch_list *delta, auth_fetched **out,
                              auth_error *err)
{
    auth_fetched *fetched = make(key, known, 0);
    if (fetched == NULL)
        return auth_error_memory(err);
    fetched->lists[0] = list_share(full);
    fetched->items[0] = auth_crl_der(full->crl);
    if (delta != NULL) {
        fetched->lists[1] = list_share(delta);
        fetched->items[1] = auth_crl_der(delta->crl);
    }
    fetched->evidence = (auth_evidence){.crls = fetched->items, .crl_count = delta == NULL ? 1 : 2};
    *out = fetched;
    return AUTH_STATUS_OK;
}

auth_fetched *fetched_share(auth_fetched *fetched)
{
    atomic_fetch_add_explicit(&fetched->references, 1, memory_order_relaxed);
    return fetched;
}

void fetched_confirm(auth_fetched *fetched)
{
    atomic_store_explicit(&fetched->asked_ms, fetch_clock_ms(), memory_order_relaxed);
}

bool fetched_is_makeshift(const auth_fetched *fetched, unsigned sources, uint32_t retry_max_ms)
{
    return fetched->known.kind == AUTH_REVOCATION_SOURCE_CRL &&
           fetched->known.status == AUTH_OCSP_GOOD &&
           (sources == 0 || (sources & AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_OCSP)) != 0) &&
           fetch_clock_ms() - atomic_load_explicit(&fetched->asked_ms, memory_order_relaxed) >=
               (int64_t)retry_max_ms;
}

void auth_fetched_free(auth_fetched *fetched)
{
    if (fetched == NULL ||
        atomic_fetch_sub_explicit(&fetched->references, 1, memory_order_acq_rel) > 1)
        return;
    list_free(fetched->lists[0]);
    list_free(fetched->lists[1]);
    free(fetched);
}

const auth_evidence *auth_fetched_evidence(const auth_fetched *fetched)
{
    return &fetched->evidence;
}

bool knowledge_is_final(const fetch_knowledge *known)
{
    return known->status == AUTH_OCSP_NEVER_ISSUED ||
           (known->status == AUTH_OCSP_REVOKED &&
            !auth_revocation_reason_is_reversible(known->reason));
}

static bool refuse(const char **why, const char *text)
{
    if (why != NULL)
        *why = text;
    return false;
}

bool knowledge_is_fresh(const fetch_knowledge *known, auth_time now, uint32_t max_age_seconds,
                        const char **why)
{
    /* auth_validate allows no slack for CRLs. */
    auth_time skew = known->kind == AUTH_REVOCATION_SOURCE_OCSP ? FETCH_SKEW_SECONDS : 0;
    if (known->this_update > now + skew)
        return refuse(why, "it is of the future; check the clocks");
    if (known->status == AUTH_OCSP_REVOKED && knowledge_is_final(known))
        return true;
    if (known->next_update == 0 && max_age_seconds == 0)
        return refuse(why, "it has no nextUpdate, and no age limit is set");
    if (known->next_update != 0 && known->next_update < now - skew)
        return refuse(why, "its nextUpdate has passed");
    if (known->until < now - skew)
        return refuse(why, "the certificate that signed it has expired");
    if (max_age_seconds > 0 && known->this_update < now - (auth_time)max_age_seconds)
        return refuse(why, "it is older than allowed");
    return true;
}

bool knowledge_is_better(const fetch_knowledge *before, const fetch_knowledge *next)
{
    bool was_final = before->status == AUTH_OCSP_REVOKED && knowledge_is_final(before);
    bool is_final = next->status == AUTH_OCSP_REVOKED && knowledge_is_final(next);
    if (was_final != is_final)
        return is_final;
    if (next->this_update != before->this_update)
        return next->this_update > before->this_update;
    return next->status != AUTH_OCSP_GOOD;
}
