/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A batch is one write, and nothing is written before the sync of the batch before it has ended.
 * So what a crash can leave is: the beginning of the last write, cut anywhere, or, where the file
 * system had made the file longer before it had all of the octets, zeros in place of whole sectors
 * with the rest of the same write behind them. Anything else was changed later.
 */
#include "journal_torn.h"
#include "disk/file.h"

#include <stdlib.h>

/* The smallest unit that a file system leaves unwritten. */
#define SECTOR ((uint64_t)512)

static bool is_hole(const uint8_t *rest, uint64_t bad, uint64_t len, uint64_t from)
{
    uint64_t to = (from / SECTOR + 1) * SECTOR - bad;
    from -= bad;
    to = to < len ? to : len;
    return from < to && journal_is_zero(rest + from, (size_t)(to - from));
}

/* The bad record's part of its first sector is missing, or all of a sector that it reaches into. */
static bool begins_with_hole(const uint8_t *rest, uint64_t bad, uint64_t len)
{
    uint64_t second = (bad / SECTOR + 1) * SECTOR;
    return is_hole(rest, bad, len, bad) ||
           (second < bad + JOURNAL_RECORD_SIZE && is_hole(rest, bad, len, second));
}

/* No record that can be read behind it is of a write that began later: that one waited for a sync.
 */
static bool is_last_write(const uint8_t *rest, uint64_t len, uint64_t sequence)
{
    ca_journal_record record;
    for (uint64_t at = JOURNAL_RECORD_SIZE; at + JOURNAL_RECORD_SIZE <= len;
         at += JOURNAL_RECORD_SIZE) {
        if (journal_record_decode(rest + at, &record) && record.sequence - record.place > sequence)
            return false;
    }
    return true;
}

auth_status journal_is_torn(int descriptor, uint64_t size, uint64_t bad, uint64_t sequence,
                            bool *out, auth_error *err)
{
    uint64_t len = size - bad;
    if (len < JOURNAL_RECORD_SIZE) {
        *out = true;
        return AUTH_STATUS_OK;
    }
    if (len > (uint64_t)CA_JOURNAL_BATCH_MAX * JOURNAL_RECORD_SIZE) {
        *out = false;
        return AUTH_STATUS_OK;
    }
    size_t got = 0;
    uint8_t *rest = malloc((size_t)len);
    if (rest == NULL)
        return auth_error_memory(err);
    auth_status status = disk_read(descriptor, bad, rest, (size_t)len, "journal", &got, err);
    if (status == AUTH_STATUS_OK)
        *out = begins_with_hole(rest, bad, got) && is_last_write(rest, got, sequence);
    free(rest);
    return status;
}
