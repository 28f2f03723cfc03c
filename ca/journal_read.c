/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_state.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

auth_status journal_places_add(journal_places *places, uint64_t first, auth_error *err)
{
    if (places->count == places->room) {
        size_t room = places->room == 0 ? FIRST_ROOM : 2 * places->room;
        uint64_t *firsts = realloc(places->firsts, room * sizeof *firsts);
        if (firsts == NULL)
            return auth_error_memory(err);
        places->firsts = firsts;
        places->room = room;
    }
    places->firsts[places->count++] = first;
    return AUTH_STATUS_OK;
}

/* The last segment that begins at or before a record. */
static size_t find_segment(const journal_places *places, uint64_t sequence)
{
    size_t low = 0;
    size_t high = places->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (places->firsts[middle] <= sequence)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* A record with the chain hash before it in front, as far as it stands in the same segment. */
typedef struct window {
    uint8_t before[CA_JOURNAL_HASH_SIZE];
    uint8_t octets[JOURNAL_RECORD_SIZE];
} window;

static auth_status read_at(int descriptor, uint64_t offset, window *out, auth_error *err)
{
    uint8_t *into = offset == 0 ? out->octets : out->before;
    size_t len = offset == 0 ? sizeof out->octets : sizeof *out;
    uint64_t from = offset == 0 ? 0 : offset - sizeof out->before;
    size_t got = 0;
    auth_status status = disk_read(descriptor, from, into, len, "journal", &got, err);
    if (status == AUTH_STATUS_OK && got < len)
        memset(out, 0, sizeof *out);
    return status;
}

static auth_status read_window(const ca_journal *journal, uint64_t sequence, window *out,
                               auth_error *err)
{
    const journal_places *places = &journal->places;
    size_t at = find_segment(places, sequence);
    uint64_t offset = (sequence - places->firsts[at]) * JOURNAL_RECORD_SIZE;
    if (places->number + (uint32_t)at == journal->file_number)
        return read_at(journal->file, offset, out, err);
    AUTH_AUTO(disk_fd) file = -1;
    uint64_t size = 0;
    auth_status status = journal_segment_open(journal->folder, places->number + (uint32_t)at,
                                              O_RDONLY, &file, &size, err);
    return status == AUTH_STATUS_OK ? read_at(file, offset, out, err) : status;
}

static auth_status check_window(const ca_journal *journal, uint64_t sequence, const window *it,
                                ca_journal_record *out, auth_error *err)
{
    uint8_t chained[CA_JOURNAL_HASH_SIZE] = {0};
    ca_journal_record found;
    bool is_good = journal_record_decode(it->octets, &found) && found.sequence == sequence;
    const uint8_t *before = found.type == CA_JOURNAL_SEGMENT ? found.segment.carried : it->before;
    auth_status status = AUTH_STATUS_OK;
    if (is_good)
        status = journal_chain_hash(journal->hash, before, it->octets, chained, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!is_good || memcmp(chained, it->octets + JOURNAL_BODY_SIZE, sizeof chained) != 0)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "journal: record %" PRIu64 " was changed since the journal was "
                              "opened; stop, and verify the whole of it",
                              sequence);
    *out = found;
    return AUTH_STATUS_OK;
}

static auth_status read_checked(const ca_journal *journal, uint64_t sequence, window *it,
                                ca_journal_record *out, auth_error *err)
{
    memset(it, 0, sizeof *it);
    if (sequence < journal->places.firsts[0] || sequence > journal->synced.sequence)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "journal: record %" PRIu64 " is not here; ask for one from %" PRIu64
                              " to %" PRIu64,
                              sequence, journal->places.firsts[0], journal->synced.sequence);
    auth_status status = read_window(journal, sequence, it, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return check_window(journal, sequence, it, out, err);
}

auth_status ca_journal_read(const ca_journal *journal, uint64_t sequence, ca_journal_record *out,
                            auth_error *err)
{
    window it;
    return read_checked(journal, sequence, &it, out, err);
}

auth_status ca_journal_head_at(const ca_journal *journal, uint64_t sequence, ca_journal_head *out,
                               auth_error *err)
{
    window it;
    ca_journal_record record;
    auth_status status = read_checked(journal, sequence, &it, &record, err);
    if (status != AUTH_STATUS_OK)
        return status;
    out->sequence = sequence;
    memcpy(out->hash, it.octets + JOURNAL_BODY_SIZE, sizeof out->hash);
    return AUTH_STATUS_OK;
}

static auth_status read_any(const ca_journal *journal, uint64_t sequence, ca_journal_record *out,
                            auth_error *err)
{
    if (sequence <= journal->synced.sequence)
        return ca_journal_read(journal, sequence, out, err);
    size_t at = (size_t)(sequence - journal->synced.sequence - 1);
    if (journal_record_decode(journal->pending + at * JOURNAL_RECORD_SIZE, out))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INTERNAL,
                          "journal: a pending record cannot be read; report this");
}

static bool is_same_serial(const ca_journal_entry *entry, uint16_t authority, auth_bytes serial)
{
    return entry->authority == authority &&
           auth_bytes_equal((auth_bytes){entry->serial, entry->serial_len}, serial);
}

auth_status journal_find_serial(const ca_journal *journal, uint16_t authority, auth_bytes serial,
                                ca_journal_record *out, auth_error *err)
{
    uint64_t key = journal_index_key(authority, serial);
    size_t slot = 0;
    uint32_t place = 0;
    ca_journal_record found;
    while ((place = journal_index_next(&journal->index, key, &slot)) != 0) {
        auth_status status = read_any(journal, journal->places.firsts[0] + place - 1, &found, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (is_same_serial(&found.entry, authority, serial)) {
            *out = found;
            return AUTH_STATUS_OK;
        }
    }
    return AUTH_STATUS_NOT_FOUND;
}

auth_status ca_journal_find(const ca_journal *journal, uint16_t authority, auth_bytes serial,
                            ca_journal_record *out, auth_error *err)
{
    ca_journal_record found;
    auth_status status = journal_find_serial(journal, authority, serial, &found, err);
    if (status == AUTH_STATUS_NOT_FOUND ||
        (status == AUTH_STATUS_OK && found.sequence > journal->synced.sequence))
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "journal: no certificate with this serial number was signed by "
                              "authority %u; look in the segments that are kept elsewhere",
                              authority);
    if (status == AUTH_STATUS_OK)
        *out = found;
    return status;
}

auth_status journal_check_serial(ca_journal *journal, const ca_journal_entry *entry, bool *is_new,
                                 auth_error *err)
{
    ca_journal_record found;
    *is_new = false;
    if (!journal_kind_is_certificate(entry->kind))
        return AUTH_STATUS_OK;
    if (journal->synced.sequence - journal->places.firsts[0] >= UINT32_MAX - CA_JOURNAL_BATCH_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "journal: too many records; keep older segments elsewhere and name "
                              "the first one that is here");
    auth_bytes serial = {entry->serial, entry->serial_len};
    auth_status status = journal_find_serial(journal, entry->authority, serial, &found, err);
    if (status == AUTH_STATUS_OK && memcmp(found.entry.hash, entry->hash, sizeof entry->hash) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "journal: the serial number was signed for another certificate in "
                              "record %" PRIu64 " (RFC 5280 4.1.2.2: unique); take a new one",
                              found.sequence);
    if (status != AUTH_STATUS_NOT_FOUND)
        return status;
    *is_new = true;
    return journal_index_reserve(&journal->index, err);
}

void journal_index_entry(ca_journal *journal, const ca_journal_entry *entry, uint64_t sequence)
{
    auth_bytes serial = {entry->serial, entry->serial_len};
    journal_index_add(&journal->index, journal_index_key(entry->authority, serial),
                      (uint32_t)(sequence - journal->places.firsts[0] + 1));
}
