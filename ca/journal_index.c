/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_index.h"

#include <stdlib.h>

#define FIRST_ROOM 1024

void journal_index_clear(journal_index *index)
{
    free(index->slots);
    *index = (journal_index){0};
}

/* FNV-1a with a last mixing; serial numbers are random already (RFC 5280 does not say so, we do).
 */
uint64_t journal_index_key(uint16_t authority, auth_bytes serial)
{
    uint64_t key = 0xcbf29ce484222325U ^ authority;
    for (size_t i = 0; i < serial.len; i++)
        key = (key ^ serial.data[i]) * 0x100000001b3U;
    key ^= key >> 29;
    return key * 0x9e3779b97f4a7c15U;
}

static void put(journal_slot *slots, size_t room, journal_slot slot)
{
    size_t at = slot.tag & (room - 1);
    while (slots[at].place != 0)
        at = (at + 1) & (room - 1);
    slots[at] = slot;
}

static uint32_t tag_of(uint64_t key) { return (uint32_t)(key >> 32); }

auth_status journal_index_reserve(journal_index *index, auth_error *err)
{
    if (index->count < index->room / 4 * 3)
        return AUTH_STATUS_OK;
    size_t room = index->room == 0 ? FIRST_ROOM : 2 * index->room;
    if (room > JOURNAL_INDEX_SLOTS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "journal: more than %zu serial numbers; keep older segments "
                              "elsewhere and name the first one that is here",
                              index->count);
    journal_slot *slots = calloc(room, sizeof *slots);
    if (slots == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < index->room; i++) {
        if (index->slots[i].place != 0)
            put(slots, room, index->slots[i]);
    }
    free(index->slots);
    index->slots = slots;
    index->room = room;
    return AUTH_STATUS_OK;
}

void journal_index_add(journal_index *index, uint64_t key, uint32_t place)
{
    put(index->slots, index->room, (journal_slot){tag_of(key), place});
    index->count++;
}

uint32_t journal_index_next(const journal_index *index, uint64_t key, size_t *slot)
{
    uint32_t tag = tag_of(key);
    while (*slot < index->room) {
        const journal_slot *row = &index->slots[(tag + *slot) & (index->room - 1)];
        if (row->place == 0)
            return 0;
        (*slot)++;
        if (row->tag == tag)
            return row->place;
    }
    return 0;
}
