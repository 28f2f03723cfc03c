/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Builds CRLs of millions of entries. Their length is summed up while they are added, so the
 * encoding is written front to back into its final place, and the signer reads it there.
 */
#include "revoke/crl_build.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 256
/* Version, algorithm, two times, headers and signature: what comes on top. */
#define FRAME_ROOM 2048

/* Seconds since AUTH_TIME_MIN fit 40 bits. */
#define PACKED_TIME 5

/* 32 octets a revoked certificate. */
typedef struct packed_entry {
    uint8_t serial[AUTH_SERIAL_MAX];      /* big-endian, filled up with zeros in front */
    uint8_t revoked[PACKED_TIME];         /* seconds since AUTH_TIME_MIN */
    uint8_t invalidity_date[PACKED_TIME]; /* the same plus 1; 0: none */
    uint8_t reason;
    uint8_t filler;
} packed_entry;

_Static_assert(sizeof(packed_entry) == 32, "an entry takes 32 octets");

struct auth_crl_builder {
    bool is_delta;
    auth_bytes issuer; /* owned */
    auth_time this_update;
    auth_time next_update;
    auth_bytes extensions; /* owned: [0] EXPLICIT Extensions, whole */
    packed_entry *entries;
    size_t count;
    size_t capacity;
    size_t encoded_len; /* of all entries */
};

static void pack_time(auth_time time, uint64_t plus, uint8_t out[PACKED_TIME])
{
    uint64_t value = (uint64_t)(time - AUTH_TIME_MIN) + plus;
    for (size_t i = 0; i < PACKED_TIME; i++)
        out[i] = (uint8_t)(value >> (8 * (PACKED_TIME - 1 - i)));
}

static uint64_t unpack(const uint8_t packed[PACKED_TIME])
{
    uint64_t value = 0;
    for (size_t i = 0; i < PACKED_TIME; i++)
        value = value << 8 | packed[i];
    return value;
}

static auth_time unpack_time(const uint8_t packed[PACKED_TIME], uint64_t minus)
{
    return (auth_time)(unpack(packed) - minus) + AUTH_TIME_MIN;
}

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "CRL: %s", what);
}

/* Builder */

/* Copies octets to the heap. Errors: AUTH_STATUS_MEMORY. */
static auth_status keep(auth_bytes octets, auth_bytes *out, auth_error *err)
{
    uint8_t *copy = malloc(octets.len);
    if (copy == NULL)
        return auth_error_memory(err);
    memcpy(copy, octets.data, octets.len);
    out->data = copy;
    out->len = octets.len;
    return AUTH_STATUS_OK;
}

auth_status auth_crl_builder_new(const auth_crl_settings *settings, auth_crl_builder **out,
                                 auth_error *err)
{
    auth_status status = crl_check_settings(settings, err);
    if (status != AUTH_STATUS_OK)
        return status;
    uint8_t room[CRL_EXTENSIONS_ROOM];
    der_writer writer = der_writer_on(room, sizeof room);
    auth_bytes extensions = crl_put_extensions(&writer, settings);
    if (extensions.len == 0)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "CRL: the extensions passed their room");

    AUTH_AUTO(auth_crl_builder) *builder = calloc(1, sizeof *builder);
    if (builder == NULL)
        return auth_error_memory(err);
    builder->is_delta = settings->base_number.len > 0;
    builder->this_update = settings->this_update;
    builder->next_update = settings->next_update;
    status = keep(settings->issuer, &builder->issuer, err);
    if (status == AUTH_STATUS_OK)
        status = keep(extensions, &builder->extensions, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(builder);
    return status;
}

/* What keep made is const to everybody but its owner. */
static void release(auth_bytes octets) { free((void *)(uintptr_t)octets.data); }

void auth_crl_builder_free(auth_crl_builder *builder)
{
    if (builder == NULL)
        return;
    release(builder->issuer);
    release(builder->extensions);
    free(builder->entries);
    free(builder);
}

size_t auth_crl_builder_count(const auth_crl_builder *builder) { return builder->count; }

/* Entries */

static auth_bytes serial_of(const packed_entry *entry)
{
    size_t zeros = 0;
    while (zeros < AUTH_SERIAL_MAX - 1 && entry->serial[zeros] == 0)
        zeros++;
    return (auth_bytes){entry->serial + zeros, AUTH_SERIAL_MAX - zeros};
}

/* The octets of an INTEGER that holds a positive number: a sign octet in front where needed. */
static size_t integer_len(auth_bytes number)
{
    return number.len + (number.data[0] >= 0x80 ? 1 : 0);
}

/* UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5), with tag and length. */
static size_t time_len(auth_time time)
{
    const auth_time year_2050 = 2524608000;
    return time < year_2050 ? 15 : 17;
}

/* SEQUENCE { OID, OCTET STRING { ENUMERATED } } and SEQUENCE { OID, OCTET STRING { time } } */
#define REASON_LEN 12
#define INVALIDITY_DATE_LEN 26

static size_t extensions_len(const packed_entry *entry)
{
    size_t len = entry->reason == AUTH_REVOCATION_REASON_UNSPECIFIED ? 0 : REASON_LEN;
    return len + (unpack(entry->invalidity_date) == 0 ? 0 : INVALIDITY_DATE_LEN);
}

/* Every length in an entry is below 128, so every header has two octets. */
static size_t content_len(const packed_entry *entry)
{
    size_t extensions = extensions_len(entry);
    return 2 + integer_len(serial_of(entry)) + time_len(unpack_time(entry->revoked, 0)) +
           (extensions == 0 ? 0 : 2 + extensions);
}

static auth_status check_entry(const auth_crl_builder *builder, const auth_crl_entry *entry,
                               auth_error *err)
{
    auth_bytes serial = entry->serial;
    bool has_spare_zero = serial.len > 1 && serial.data[0] == 0 && serial.data[1] < 0x80;
    if (serial.len == 0 || serial.len > AUTH_SERIAL_MAX || has_spare_zero ||
        serial.data[0] >= 0x80 || (serial.len == 1 && serial.data[0] == 0))
        return refuse(err, "a serial number is positive and has 1 to 20 octets without spare "
                           "zeros (RFC 5280 4.1.2.2)");
    if (!auth_revocation_reason_exists((unsigned)entry->reason))
        return refuse(err, "there is no such reason; take one of auth/revocation_reason.def "
                           "(RFC 5280 5.3.1)");
    if (entry->reason == AUTH_REVOCATION_REASON_REMOVE_FROM_CRL && !builder->is_delta)
        return refuse(err, "removeFromCRL can stand in a delta CRL only; leave the certificate out "
                           "of a full CRL (RFC 5280 5.3.1)");
    if (!crl_is_time(entry->revoked) ||
        (entry->has_invalidity_date && !crl_is_time(entry->invalidity_date)))
        return refuse(err, "a revocation or invalidity date is outside 1950 to 9999 "
                           "(RFC 5280 4.1.2.5)");
    return AUTH_STATUS_OK;
}

static packed_entry pack(const auth_crl_entry *entry)
{
    packed_entry packed = {.reason = (uint8_t)entry->reason};
    memcpy(packed.serial + AUTH_SERIAL_MAX - entry->serial.len, entry->serial.data,
           entry->serial.len);
    pack_time(entry->revoked, 0, packed.revoked);
    if (entry->has_invalidity_date)
        pack_time(entry->invalidity_date, 1, packed.invalidity_date);
    return packed;
}

/* realloc moves large blocks by page tables, so growing does not need both places at once. */
static auth_status make_room(auth_crl_builder *builder, auth_error *err)
{
    if (builder->count < builder->capacity)
        return AUTH_STATUS_OK;
    size_t capacity = builder->capacity == 0 ? FIRST_CAPACITY : builder->capacity * 2;
    packed_entry *entries = realloc(builder->entries, capacity * sizeof *entries);
    if (entries == NULL)
        return auth_error_memory(err);
    builder->entries = entries;
    builder->capacity = capacity;
    return AUTH_STATUS_OK;
}

auth_status auth_crl_builder_add(auth_crl_builder *builder, const auth_crl_entry *entry,
                                 auth_error *err)
{
    auth_status status = check_entry(builder, entry, err);
    if (status != AUTH_STATUS_OK)
        return status;
    packed_entry packed = pack(entry);
    size_t len = 2 + content_len(&packed);
    size_t frame = builder->issuer.len + builder->extensions.len + FRAME_ROOM;
    if (builder->encoded_len + len > AUTH_CRL_MAX - frame)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "CRL: %zu entries are as many as fit into %zu octets; split it by "
                              "distribution points (RFC 5280 5.2.5)",
                              builder->count, AUTH_CRL_MAX);
    status = make_room(builder, err);
    if (status != AUTH_STATUS_OK)
        return status;
    builder->entries[builder->count++] = packed;
    builder->encoded_len += len;
    return AUTH_STATUS_OK;
}

static int compare_entries(const void *a, const void *b)
{
    return memcmp(((const packed_entry *)a)->serial, ((const packed_entry *)b)->serial,
                  AUTH_SERIAL_MAX);
}

static auth_status sort(auth_crl_builder *builder, auth_error *err)
{
    if (builder->count == 0)
        return AUTH_STATUS_OK;
    qsort(builder->entries, builder->count, sizeof *builder->entries, compare_entries);
    for (size_t i = 1; i < builder->count; i++) {
        if (compare_entries(&builder->entries[i - 1], &builder->entries[i]) != 0)
            continue;
        char hex[CRL_HEX_SIZE];
        crl_hex(serial_of(&builder->entries[i]), hex);
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "CRL: serial %s was added twice; a certificate has one revocation "
                              "(RFC 5280 5.1.2.6)",
                              hex);
    }
    return AUTH_STATUS_OK;
}

/* Encoding */

static void put_reason(der_writer *writer, uint8_t reason)
{
    size_t value = 0;
    size_t extension = crl_open_extension(writer, OID_CRL_REASON, false, &value);
    der_put_enumerated(writer, reason);
    crl_close_extension(writer, extension, value);
}

static void put_invalidity_date(der_writer *writer, auth_time date)
{
    size_t value = 0;
    size_t extension = crl_open_extension(writer, OID_INVALIDITY_DATE, false, &value);
    der_put_generalized_time(writer, date);
    crl_close_extension(writer, extension, value);
}

static void put_entry(der_writer *writer, const packed_entry *entry)
{
    der_put_header(writer, DER_SEQUENCE, content_len(entry));
    der_put_unsigned(writer, serial_of(entry));
    der_put_time(writer, unpack_time(entry->revoked, 0));
    size_t extensions = extensions_len(entry);
    if (extensions == 0)
        return;
    der_put_header(writer, DER_SEQUENCE, extensions);
    if (entry->reason != AUTH_REVOCATION_REASON_UNSPECIFIED)
        put_reason(writer, entry->reason);
    if (unpack(entry->invalidity_date) != 0)
        put_invalidity_date(writer, unpack_time(entry->invalidity_date, 1));
}

static size_t entries_len(const auth_crl_builder *builder)
{
    /* An empty list is left out (RFC 5280 5.1.2.6). */
    if (builder->count == 0)
        return 0;
    return der_header_len(builder->encoded_len) + builder->encoded_len;
}

static size_t tbs_content_len(const auth_crl_builder *builder, auth_bytes algorithm)
{
    const size_t version_len = 3;
    return version_len + algorithm.len + builder->issuer.len + time_len(builder->this_update) +
           time_len(builder->next_update) + entries_len(builder) + builder->extensions.len;
}

static void put_tbs(der_writer *writer, const auth_crl_builder *builder, auth_bytes algorithm)
{
    der_put_header(writer, DER_SEQUENCE, tbs_content_len(builder, algorithm));
    der_put_uint(writer, 1); /* v2 */
    der_put(writer, algorithm);
    der_put(writer, builder->issuer);
    der_put_time(writer, builder->this_update);
    der_put_time(writer, builder->next_update);
    if (builder->count > 0)
        der_put_header(writer, DER_SEQUENCE, builder->encoded_len);
    for (size_t i = 0; i < builder->count; i++)
        put_entry(writer, &builder->entries[i]);
    der_put(writer, builder->extensions);
}

/*
 * Writes the CRL into room. The outer length depends on the signature's, which is known last: room
 * is left for the header of the longest one, and only when the real header is shorter, which takes
 * a CRL at the border of a length octet, what was written moves down by an octet.
 */
static auth_status write_signed(const auth_crl_builder *builder, const auth_signer *signer,
                                uint8_t *room, size_t size, size_t *len, auth_error *err)
{
    auth_bytes algorithm = auth_signer_algorithm(signer);
    size_t content = tbs_content_len(builder, algorithm);
    size_t tbs_len = der_header_len(content) + content;
    size_t reserved = der_header_len(tbs_len + algorithm.len + AUTH_SIGNATURE_MAX + 5);

    der_writer writer = der_writer_on(room + reserved, size - reserved);
    put_tbs(&writer, builder, algorithm);
    if (der_written(&writer).len != tbs_len)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "CRL: its length was not foreseen");
    auth_signature signature;
    auth_status status = auth_signer_sign(signer, der_written(&writer), &signature, err);
    if (status != AUTH_STATUS_OK)
        return status;
    der_put(&writer, algorithm);
    der_put_bit_octets(&writer, (auth_bytes){signature.octets, signature.len});
    size_t body_len = der_written(&writer).len;

    der_writer header = der_writer_on(room, reserved);
    der_put_header(&header, DER_SEQUENCE, body_len);
    if (header.has_failed || body_len == 0)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "CRL: its signature passed its room");
    if (header.len < reserved)
        memmove(room + header.len, room + reserved, body_len);
    *len = header.len + body_len;
    return AUTH_STATUS_OK;
}

auth_status auth_crl_builder_finish(auth_crl_builder *builder, const auth_signer *signer,
                                    auth_buf *out, auth_error *err)
{
    auth_status status = sort(builder, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t before = auth_buf_bytes(out).len;
    size_t size = entries_len(builder) + builder->issuer.len + builder->extensions.len + FRAME_ROOM;
    uint8_t *room = NULL;
    status = auth_buf_extend(out, size, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t len = 0;
    status = write_signed(builder, signer, room, size, &len, err);
    auth_buf_truncate(out, before + len);
    return status;
}
