/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_record.h"

#include <endian.h>
#include <string.h>

#define VERSION 1
#define MAGIC "auth-jnl"

enum {
    AT_LENGTH = 0,
    AT_TYPE = 2,
    AT_KIND = 3,
    AT_AUTHORITY = 4,
    AT_SEGMENT = 4,
    AT_ITEM = 6,
    AT_SEQUENCE = 8,
    AT_TIME = 16,
    AT_BATCH = 24,
    AT_NUMBER = 32,
    AT_ID = 40,
    AT_SERIAL_LEN = 56,
    AT_TREE_SIZE = 56,
    AT_SERIAL = 57,
    AT_OPEN = 64,
    AT_MAGIC = 72,
    AT_PLACE = 77,
    AT_HASH = 80,
};

typedef struct kind_row {
    ca_journal_kind kind;
    const char *name;
    const char *needs;
    const char *may;
} kind_row;

static const kind_row kinds[] = {
#define CA_JOURNAL_KIND(id, number, name, needs, may) {CA_JOURNAL_KIND_##id, name, needs, may},
#include "journal_kind.def"
};

static const kind_row *find_kind(ca_journal_kind kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].kind == kind)
            return &kinds[i];
    }
    return NULL;
}

const char *ca_journal_kind_name(ca_journal_kind kind)
{
    const kind_row *row = find_kind(kind);
    return row == NULL ? NULL : row->name;
}

bool journal_kind_is_certificate(ca_journal_kind kind)
{
    return kind == CA_JOURNAL_KIND_CERTIFICATE || kind == CA_JOURNAL_KIND_OCSP_RESPONDER;
}

bool journal_is_zero(const uint8_t *octets, size_t len)
{
    /* Octet for octet the same as what follows it, and the first is zero. */
    return len == 0 || (octets[0] == 0 && memcmp(octets, octets + 1, len - 1) == 0);
}

static void put_16(uint8_t *at, uint16_t value)
{
    value = htobe16(value);
    memcpy(at, &value, sizeof value);
}

static void put_32(uint8_t *at, uint32_t value)
{
    value = htobe32(value);
    memcpy(at, &value, sizeof value);
}

static void put_64(uint8_t *at, uint64_t value)
{
    value = htobe64(value);
    memcpy(at, &value, sizeof value);
}

static uint16_t get_16(const uint8_t *at)
{
    uint16_t value = 0;
    memcpy(&value, at, sizeof value);
    return be16toh(value);
}

static uint32_t get_32(const uint8_t *at)
{
    uint32_t value = 0;
    memcpy(&value, at, sizeof value);
    return be32toh(value);
}

static uint64_t get_64(const uint8_t *at)
{
    uint64_t value = 0;
    memcpy(&value, at, sizeof value);
    return be64toh(value);
}

/* What is there of an entry: S serial, H hash, R request, N number. */
static bool has_member(const ca_journal_entry *entry, char member)
{
    switch (member) {
    case 'S':
        return entry->serial_len > 0;
    case 'H':
        return !journal_is_zero(entry->hash, sizeof entry->hash);
    case 'R':
        return !journal_is_zero(entry->request, sizeof entry->request);
    default:
        return entry->number > 0;
    }
}

/* The first member that is there and must not, or the other way round; 0: none. */
static char wrong_member(const kind_row *row, const ca_journal_entry *entry)
{
    static const char members[] = "SHRN";
    for (const char *member = members; *member != '\0'; member++) {
        bool is_needed = strchr(row->needs, *member) != NULL;
        bool is_allowed = is_needed || strchr(row->may, *member) != NULL;
        bool is_there = has_member(entry, *member);
        if (is_there ? !is_allowed : is_needed)
            return *member;
    }
    return '\0';
}

static const char *member_name(char member)
{
    switch (member) {
    case 'S':
        return "serial number";
    case 'H':
        return "hash of the to-be-signed octets";
    case 'R':
        return "request";
    default:
        return "number";
    }
}

static bool is_serial_good(const ca_journal_entry *entry)
{
    return entry->serial_len <= CA_JOURNAL_SERIAL_MAX &&
           journal_is_zero(entry->serial + entry->serial_len,
                           (size_t)CA_JOURNAL_SERIAL_MAX - entry->serial_len);
}

auth_status journal_entry_check(const ca_journal_entry *entry, auth_error *err)
{
    const kind_row *row = find_kind(entry->kind);
    if (row == NULL)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "journal entry: kind %d is unknown; give one of journal_kind.def",
                              (int)entry->kind);
    if (!is_serial_good(entry))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "journal entry: the serial number is longer than its length says or "
                              "than 20 octets (RFC 5280 4.1.2.2); give it whole, zeros behind it");
    if (entry->time < AUTH_TIME_MIN || entry->time > AUTH_TIME_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "journal entry: the time is outside 1950 to 9999; give the time");
    char wrong = wrong_member(row, entry);
    if (wrong != '\0')
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "journal entry: a %s %s %s; give what this kind has", row->name,
                              has_member(entry, wrong) ? "has no" : "needs a", member_name(wrong));
    return AUTH_STATUS_OK;
}

static void encode_entry(const ca_journal_entry *entry, uint8_t *out)
{
    out[AT_KIND] = (uint8_t)entry->kind;
    put_16(out + AT_AUTHORITY, entry->authority);
    put_16(out + AT_ITEM, entry->item);
    put_64(out + AT_NUMBER, entry->number);
    memcpy(out + AT_ID, entry->request, sizeof entry->request);
    out[AT_SERIAL_LEN] = entry->serial_len;
    memcpy(out + AT_SERIAL, entry->serial, sizeof entry->serial);
    memcpy(out + AT_HASH, entry->hash, sizeof entry->hash);
}

static void encode_segment(const ca_journal_segment *segment, uint8_t *out)
{
    out[AT_KIND] = VERSION;
    put_32(out + AT_SEGMENT, segment->number);
    put_64(out + AT_NUMBER, segment->committed.revision);
    put_64(out + AT_TREE_SIZE, segment->committed.tree_size);
    put_64(out + AT_OPEN, segment->open_batches);
    memcpy(out + AT_ID, segment->id, sizeof segment->id);
    memcpy(out + AT_MAGIC, MAGIC, sizeof MAGIC - 1);
    memcpy(out + AT_HASH, segment->carried, sizeof segment->carried);
}

void journal_record_encode(const ca_journal_record *record, uint8_t out[JOURNAL_BODY_SIZE])
{
    memset(out, 0, JOURNAL_BODY_SIZE);
    put_16(out + AT_LENGTH, JOURNAL_RECORD_SIZE);
    out[AT_TYPE] = (uint8_t)record->type;
    put_64(out + AT_SEQUENCE, record->sequence);
    put_64(out + AT_TIME, (uint64_t)record->time);
    put_64(out + AT_BATCH, record->batch);
    if (record->type != CA_JOURNAL_SEGMENT)
        put_16(out + AT_PLACE, record->place);
    switch (record->type) {
    case CA_JOURNAL_SEGMENT:
        encode_segment(&record->segment, out);
        break;
    case CA_JOURNAL_ENTRY:
        encode_entry(&record->entry, out);
        break;
    case CA_JOURNAL_NOTE:
        out[AT_KIND] = (uint8_t)record->outcome;
        put_64(out + AT_NUMBER, record->noted);
        break;
    }
}

static void decode_entry(const uint8_t *body, ca_journal_entry *out)
{
    out->kind = (ca_journal_kind)body[AT_KIND];
    out->authority = get_16(body + AT_AUTHORITY);
    out->item = get_16(body + AT_ITEM);
    out->number = get_64(body + AT_NUMBER);
    memcpy(out->request, body + AT_ID, sizeof out->request);
    out->serial_len = body[AT_SERIAL_LEN];
    memcpy(out->serial, body + AT_SERIAL, sizeof out->serial);
    memcpy(out->hash, body + AT_HASH, sizeof out->hash);
}

static void decode_segment(const uint8_t *body, ca_journal_segment *out)
{
    out->number = get_32(body + AT_SEGMENT);
    out->committed.revision = get_64(body + AT_NUMBER);
    out->committed.tree_size = get_64(body + AT_TREE_SIZE);
    out->open_batches = get_64(body + AT_OPEN);
    memcpy(out->id, body + AT_ID, sizeof out->id);
    memcpy(out->carried, body + AT_HASH, sizeof out->carried);
}

static bool decode_content(const uint8_t *body, ca_journal_record *out)
{
    switch (out->type) {
    case CA_JOURNAL_SEGMENT:
        decode_segment(body, &out->segment);
        return body[AT_KIND] == VERSION && out->segment.number > 0;
    case CA_JOURNAL_ENTRY:
        decode_entry(body, &out->entry);
        out->entry.time = out->time;
        return journal_entry_check(&out->entry, NULL) == AUTH_STATUS_OK;
    case CA_JOURNAL_NOTE:
        out->outcome = (ca_journal_outcome)body[AT_KIND];
        out->noted = get_64(body + AT_NUMBER);
        return out->outcome >= CA_JOURNAL_COMMITTED && out->outcome <= CA_JOURNAL_UNKNOWN;
    }
    return false;
}

bool journal_record_decode(const uint8_t body[JOURNAL_BODY_SIZE], ca_journal_record *out)
{
    uint8_t again[JOURNAL_BODY_SIZE];
    uint64_t time = get_64(body + AT_TIME);
    memset(out, 0, sizeof *out);
    out->type = (ca_journal_type)body[AT_TYPE];
    out->sequence = get_64(body + AT_SEQUENCE);
    out->batch = get_64(body + AT_BATCH);
    memcpy(&out->time, &time, sizeof out->time);
    if (out->type != CA_JOURNAL_SEGMENT)
        out->place = get_16(body + AT_PLACE);
    if (get_16(body + AT_LENGTH) != JOURNAL_RECORD_SIZE || out->sequence == 0 ||
        !decode_content(body, out))
        return false;
    /* Whatever else stands in it has no meaning, and so must not be there. */
    journal_record_encode(out, again);
    return memcmp(again, body, sizeof again) == 0;
}
