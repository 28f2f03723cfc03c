/* SPDX-License-Identifier: Apache-2.0 */
/* The documents of one folder, ordered by id. */
#ifndef LRA_SPOOL_LIST_H
#define LRA_SPOOL_LIST_H

#include "spool_name.h"

typedef struct spool_row {
    uint8_t id[LRA_SPOOL_ID_SIZE];
    uint8_t hash[DISK_HASH_SIZE];
    uint64_t size;
    uint64_t owner;       /* 0: nobody in particular */
    auth_time not_before; /* deferred until then */
} spool_row;

typedef struct spool_list {
    spool_row *rows;
    size_t count;
    size_t room;
} spool_list;

void spool_list_clear(spool_list *list);

/* Makes room for one more, so that spool_list_add cannot fail. Errors: AUTH_STATUS_MEMORY. */
auth_status spool_list_reserve(spool_list *list, auth_error *err) AUTH_MUST_CHECK;

/* NULL when there is none. */
spool_row *spool_list_find(const spool_list *list, const uint8_t id[LRA_SPOOL_ID_SIZE]);

/* Adds a row whose id is not in the list. */
void spool_list_add(spool_list *list, const spool_row *row);

void spool_list_remove(spool_list *list, spool_row *row);

#endif
