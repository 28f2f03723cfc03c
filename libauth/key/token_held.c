/* SPDX-License-Identifier: Apache-2.0 */
/* What is opened anew takes the place of what failed; whoever still uses that one keeps it. */
#include "key/token.h"

#include <stdlib.h>

auth_status held_token_new(const token_uri *uri, token *opened, held_token **out, auth_error *err)
{
    held_token *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->uri = *uri;
    made->now = opened;
    (void)pthread_mutex_init(&made->lock, NULL);
    *out = made;
    return AUTH_STATUS_OK;
}

void held_token_free(held_token *old)
{
    if (old == NULL)
        return;
    token_free(old->now);
    (void)pthread_mutex_destroy(&old->lock);
    free(old);
}

token *held_token_take(held_token *from)
{
    (void)pthread_mutex_lock(&from->lock);
    token *taken = from->now;
    taken->users++;
    (void)pthread_mutex_unlock(&from->lock);
    return taken;
}

void held_token_give_back(held_token *to, token *taken)
{
    (void)pthread_mutex_lock(&to->lock);
    bool is_last = --taken->users == 0 && taken != to->now;
    (void)pthread_mutex_unlock(&to->lock);
    if (is_last)
        token_free(taken);
}

static auth_status open_again(held_token *of, held_token_find *find, void *context, auth_error *err)
{
    AUTH_AUTO(token) *fresh = NULL;
    if (of->is_refused)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "token: its PIN was refused when it came back, and is not tried "
                              "again; look at the token, and start anew");
    auth_status status = token_open(&of->uri, false, NULL, NULL, &fresh, err);
    of->is_refused = status == AUTH_STATUS_DENIED;
    if (status == AUTH_STATUS_OK)
        status = find(fresh, &of->uri, context, err);
    if (status != AUTH_STATUS_OK)
        return status;
    /* Whoever failed with the old one still has it. */
    of->now = AUTH_TAKE(fresh);
    return AUTH_STATUS_OK;
}

auth_status held_token_renew(held_token *of, const token *failed, held_token_find *find,
                             void *context, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    (void)pthread_mutex_lock(&of->lock);
    if (of->now == failed)
        status = open_again(of, find, context, err);
    (void)pthread_mutex_unlock(&of->lock);
    return status;
}
