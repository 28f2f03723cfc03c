/* SPDX-License-Identifier: Apache-2.0 */
#include "state.h"

#include <stdlib.h>

auth_status office_guest_new(office *it, const office_officer *officer, office_guest **out,
                             auth_error *err)
{
    office_guest *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->officer = *officer;
    made->office = it;
    (void)pthread_mutex_lock(&it->lock);
    made->next = it->guests;
    made->link = &it->guests;
    if (made->next != NULL)
        made->next->link = &made->next;
    it->guests = made;
    (void)pthread_mutex_unlock(&it->lock);
    *out = made;
    return AUTH_STATUS_OK;
}

void office_guest_free(void *guest)
{
    office_guest *it = guest;
    if (it == NULL)
        return;
    (void)pthread_mutex_lock(&it->office->lock);
    *it->link = it->next;
    if (it->next != NULL)
        it->next->link = it->link;
    (void)pthread_mutex_unlock(&it->office->lock);
    free(it);
}
