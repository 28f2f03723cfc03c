/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_scan.h"
#include "disk/file.h"
#include "journal_torn.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Read at a time: 7281 records, 1 MiB. */
#define CHUNK ((size_t)7281 * JOURNAL_RECORD_SIZE)

/* Where a record stands, for errors. */
typedef struct place {
    uint32_t segment;
    uint64_t offset;
} place;

auth_status journal_scan_init(journal_scan *scan, disk_hash *hash,
                              const ca_journal_options *options, ca_journal_visit visit,
                              void *context, auth_error *err)
{
    *scan = (journal_scan){.hash = hash, .options = options, .visit = visit, .context = context};
    scan->room = malloc(CHUNK);
    return scan->room == NULL ? auth_error_memory(err) : AUTH_STATUS_OK;
}

void journal_scan_clear(journal_scan *scan)
{
    free(scan->room);
    scan->room = NULL;
    journal_batches_clear(&scan->batches);
}

auth_status journal_chain_hash(disk_hash *hash, const uint8_t before[CA_JOURNAL_HASH_SIZE],
                               const uint8_t *body, uint8_t out[CA_JOURNAL_HASH_SIZE],
                               auth_error *err)
{
    return disk_hash_two(hash, (auth_bytes){before, CA_JOURNAL_HASH_SIZE},
                         (auth_bytes){body, JOURNAL_BODY_SIZE}, out, err);
}

static auth_status refuse(auth_error *err, place at, const char *why)
{
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "journal segment %" PRIu32 ": octet %" PRIu64
                          ": %s; keep this file for the auditors, put an intact copy in its place "
                          "and look at the disk",
                          at.segment, at.offset, why);
}

/* The head of the first segment that is read says what went before; it is believed. */
static auth_status begin_chain(journal_scan *scan, const ca_journal_record *head, place at,
                               auth_error *err)
{
    const ca_journal_segment *segment = &head->segment;
    if (memcmp(segment->id, scan->options->id, sizeof segment->id) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "journal: belongs to another auth-ca or other authorities; name the "
                              "folder of this one");
    if (segment->number == 1 &&
        (head->sequence != 1 || head->batch != 1 || segment->open_batches != 0 ||
         segment->committed.revision != 0 || segment->committed.tree_size != 0))
        return refuse(err, at, "the first segment carries something over");
    if (segment->open_batches != 0)
        return refuse(err, at,
                      "batches of the segments before it wait for their outcome, so those "
                      "are needed here");
    memcpy(scan->chain.head.hash, segment->carried, sizeof segment->carried);
    memcpy(scan->chain.id, segment->id, sizeof segment->id);
    scan->chain.head.sequence = head->sequence - 1;
    scan->chain.batch = head->batch;
    scan->batches.committed = segment->committed;
    return AUTH_STATUS_OK;
}

static bool continues(const journal_scan *scan, const ca_journal_segment *segment)
{
    const ca_journal_marks *marks = &scan->batches.committed;
    return memcmp(segment->carried, scan->chain.head.hash, sizeof segment->carried) == 0 &&
           memcmp(segment->id, scan->chain.id, sizeof segment->id) == 0 &&
           segment->committed.revision == marks->revision &&
           segment->committed.tree_size == marks->tree_size &&
           segment->open_batches == scan->batches.count;
}

static auth_status check_head(journal_scan *scan, const ca_journal_record *record, place at,
                              auth_error *err)
{
    if ((record->type == CA_JOURNAL_SEGMENT) != (at.offset == 0))
        return refuse(err, at,
                      at.offset == 0 ? "it does not begin with the head of a segment"
                                     : "a second head");
    if (at.offset != 0)
        return AUTH_STATUS_OK;
    if (record->segment.number != at.segment)
        return refuse(err, at, "the head is of a segment with another number");
    if (scan->chain.head.sequence == 0)
        return begin_chain(scan, record, at, err);
    return continues(scan, &record->segment)
               ? AUTH_STATUS_OK
               : refuse(err, at, "the head does not continue the segment before it");
}

static auth_status check_remembered(journal_scan *scan, auth_error *err)
{
    const ca_journal_head *remembered = &scan->options->remembered;
    if (remembered->sequence != scan->chain.head.sequence)
        return AUTH_STATUS_OK;
    if (memcmp(remembered->hash, scan->chain.head.hash, sizeof remembered->hash) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "journal: record %" PRIu64 " is not the one whose hash was "
                              "remembered; put the true journal in its place",
                              remembered->sequence);
    scan->knows_remembered = true;
    return AUTH_STATUS_OK;
}

static auth_status take(journal_scan *scan, const ca_journal_record *record, place at,
                        auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (record->type == CA_JOURNAL_ENTRY)
        status = journal_batches_reserve(&scan->batches, record->batch, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!journal_batches_take(&scan->batches, record))
        return refuse(err, at, "the note is of a batch that does not wait for one");
    scan->records++;
    status = check_remembered(scan, err);
    if (status != AUTH_STATUS_OK || scan->visit == NULL)
        return status;
    return scan->visit(scan->context, record, err);
}

typedef struct step {
    ca_journal_record record;
    uint8_t hash[CA_JOURNAL_HASH_SIZE];
    const char *why; /* NULL: good */
} step;

static bool is_next(const journal_chain *chain, const ca_journal_record *record)
{
    bool is_same_write = record->batch == chain->batch && record->place == chain->place + 1;
    bool is_next_write = record->batch == chain->batch + 1 && record->place == 0;
    return record->sequence == chain->head.sequence + 1 && (is_same_write || is_next_write);
}

/* What a crash may have damaged: shape, sequence and hash. */
static auth_status check_octets(const journal_scan *scan, const uint8_t *octets, place at,
                                step *out, auth_error *err)
{
    const uint8_t *before = scan->chain.head.hash;
    out->why = "no record of a journal";
    if (!journal_record_decode(octets, &out->record))
        return AUTH_STATUS_OK;
    bool is_first = scan->chain.head.sequence == 0 && at.offset == 0;
    if (is_first)
        before = out->record.segment.carried;
    out->why = "a record is missing, twice there or in another's place";
    if (!is_first && !is_next(&scan->chain, &out->record))
        return AUTH_STATUS_OK;
    auth_status status = journal_chain_hash(scan->hash, before, octets, out->hash, err);
    out->why = "the chain hash does not fit the record and what stands before it";
    if (status == AUTH_STATUS_OK &&
        memcmp(out->hash, octets + JOURNAL_BODY_SIZE, sizeof out->hash) == 0)
        out->why = NULL;
    return status;
}

/* Reads the record at octets; *why tells what a crash may have done to it, NULL: nothing. */
static auth_status read_record(journal_scan *scan, const uint8_t *octets, place at,
                               const char **why, auth_error *err)
{
    step it;
    auth_status status = check_octets(scan, octets, at, &it, err);
    *why = it.why;
    if (status != AUTH_STATUS_OK || it.why != NULL)
        return status;
    status = check_head(scan, &it.record, at, err);
    if (status != AUTH_STATUS_OK)
        return status;
    scan->chain.head.sequence = it.record.sequence;
    scan->chain.batch = it.record.batch;
    scan->chain.place = it.record.place;
    memcpy(scan->chain.head.hash, it.hash, sizeof it.hash);
    return take(scan, &it.record, at, err);
}

/* Reads the whole records of a chunk; *why tells what is wrong with the one at *at. */
static auth_status read_chunk(journal_scan *scan, size_t len, place *at, const char **why,
                              auth_error *err)
{
    for (size_t done = 0; done + JOURNAL_RECORD_SIZE <= len; done += JOURNAL_RECORD_SIZE) {
        auth_status status = read_record(scan, scan->room + done, *at, why, err);
        if (status != AUTH_STATUS_OK || *why != NULL)
            return status;
        at->offset += JOURNAL_RECORD_SIZE;
    }
    return AUTH_STATUS_OK;
}

static auth_status read_all(journal_scan *scan, int descriptor, uint64_t size, place *at,
                            const char **why, auth_error *err)
{
    *why = NULL;
    while (at->offset < size && *why == NULL) {
        size_t got = 0;
        uint64_t rest = size - at->offset;
        size_t len = rest < CHUNK ? (size_t)rest : CHUNK;
        auth_status status =
            disk_read(descriptor, at->offset, scan->room, len, "journal", &got, err);
        if (status != AUTH_STATUS_OK)
            return status;
        if (got < JOURNAL_RECORD_SIZE)
            *why = "it ends in the middle of a record";
        status = *why == NULL ? read_chunk(scan, got, at, why, err) : AUTH_STATUS_OK;
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

auth_status journal_scan_segment(journal_scan *scan, int descriptor, uint64_t size, uint32_t number,
                                 bool is_last, auth_error *err)
{
    place at = {number, 0};
    const char *why = NULL;
    bool is_torn = false;
    auth_status status = read_all(scan, descriptor, size, &at, &why, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (size == 0)
        why = "it is empty";
    /* The head was durable before the segment had its name. */
    if (why != NULL && is_last && at.offset > 0)
        status = journal_is_torn(descriptor, size, at.offset, scan->chain.head.sequence + 1,
                                 &is_torn, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (why != NULL && !is_torn)
        return refuse(err, at, why);
    scan->good_size = at.offset;
    scan->torn_octets = is_torn ? size - at.offset : 0;
    return AUTH_STATUS_OK;
}

auth_status journal_scan_finish(const journal_scan *scan, auth_error *err)
{
    uint64_t remembered = scan->options->remembered.sequence;
    if (remembered == 0 || scan->knows_remembered)
        return AUTH_STATUS_OK;
    if (remembered > scan->chain.head.sequence)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "journal: ends with record %" PRIu64 " and record %" PRIu64
                              " is known to have been there; it is an older copy or was cut, so "
                              "put the newest in its place",
                              scan->chain.head.sequence, remembered);
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          "journal: the remembered record %" PRIu64
                          " is in a segment that is kept elsewhere; remember a newer head or put "
                          "the segment back",
                          remembered);
}
