/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signing journal of one auth-ca process: what it signed and which revocations it made, in a
 * hash chain outside the registry.
 *
 * Its one invariant: what ca_journal_sync has accepted is on the disk, in the order in which it was
 * appended, and no change of it goes unseen at the next opening. So the registry can be held
 * against it: a certificate without a row, a row without a signature, a back-up restored from
 * before some revocations.
 *
 * A batch is what is appended between two syncs. The caller journals a batch, lets it be signed and
 * committed only after the sync, and notes what became of it. A batch without a note, or noted as
 * unknown, is what recovery has to look up in the registry after a crash.
 *
 * After a write or sync that failed a journal takes nothing more: the kernel may have dropped what
 * it could not write. It must be freed and opened again, which reads from the disk.
 *
 * It holds no data of persons, decides nothing and reads no clock. While it is opened, looked
 * through and closed it belongs to one thread; then any thread may append, sync and note, in turns:
 * what one thread does between ca_journal_take and ca_journal_give is not mixed with what others
 * do.
 */
#ifndef CA_JOURNAL_H
#define CA_JOURNAL_H

#include <auth/time.h>

#define CA_JOURNAL_SERIAL_MAX 20 /* RFC 5280 4.1.2.2 */
#define CA_JOURNAL_HASH_SIZE 32
#define CA_JOURNAL_ID_SIZE 16

/* The most records of one sync, and the most batches that may wait for their outcome. */
#define CA_JOURNAL_BATCH_MAX 4096
#define CA_JOURNAL_OPEN_MAX 1024

/* Octets after which a new segment is begun when the options name none. */
#define CA_JOURNAL_SEGMENT_SIZE ((uint64_t)64 << 20)

typedef enum ca_journal_kind {
#define CA_JOURNAL_KIND(id, number, name, needs, may) CA_JOURNAL_KIND_##id = (number),
#include "journal_kind.def"
} ca_journal_kind;

/* The name of a kind, as in reports: "ocsp-responder". A number without a row gives NULL. */
const char *ca_journal_kind_name(ca_journal_kind kind);

typedef struct ca_journal_entry {
    ca_journal_kind kind;
    auth_time time;
    uint16_t authority; /* its number in the registry */
    uint16_t item;      /* of the request */
    uint64_t number;    /* of a CRL; revision of a revocation; tree size of a ledger head; else 0 */
    uint8_t request[CA_JOURNAL_ID_SIZE]; /* zeros: none */
    uint8_t serial_len;                  /* 0: none */
    uint8_t serial[CA_JOURNAL_SERIAL_MAX];
    uint8_t hash[CA_JOURNAL_HASH_SIZE]; /* SHA-256 of the to-be-signed octets; zeros: none */
} ca_journal_entry;

/* Numbers are written into files. */
typedef enum ca_journal_outcome {
    CA_JOURNAL_COMMITTED = 1,
    CA_JOURNAL_ABORTED = 2,
    CA_JOURNAL_UNKNOWN = 3,
} ca_journal_outcome;

/* How far the registry must have come. 0: nothing seen. */
typedef struct ca_journal_marks {
    uint64_t revision;  /* highest of a revocation */
    uint64_t tree_size; /* highest of a ledger head */
} ca_journal_marks;

/* A place in the chain, to be remembered elsewhere. */
typedef struct ca_journal_head {
    uint64_t sequence; /* 0: no place */
    uint8_t hash[CA_JOURNAL_HASH_SIZE];
} ca_journal_head;

/* The head of a segment carries over what went before it. */
typedef struct ca_journal_segment {
    uint32_t number; /* from 1 */
    ca_journal_marks committed;
    uint64_t open_batches;
    uint8_t id[CA_JOURNAL_ID_SIZE];
    uint8_t carried[CA_JOURNAL_HASH_SIZE];
} ca_journal_segment;

typedef enum ca_journal_type {
    CA_JOURNAL_SEGMENT = 1,
    CA_JOURNAL_ENTRY = 2,
    CA_JOURNAL_NOTE = 3,
} ca_journal_type;

/* A record as it is read. Sequence numbers count all records of a journal, from 1. */
typedef struct ca_journal_record {
    ca_journal_type type;
    uint64_t sequence;
    uint64_t batch; /* with which it was written */
    uint16_t place; /* in what was written at once, from 0 */
    auth_time time;
    ca_journal_entry entry;     /* CA_JOURNAL_ENTRY */
    uint64_t noted;             /* CA_JOURNAL_NOTE: the batch */
    ca_journal_outcome outcome; /* CA_JOURNAL_NOTE */
    ca_journal_segment segment; /* CA_JOURNAL_SEGMENT */
} ca_journal_record;

/* A batch whose outcome is not known. */
typedef struct ca_journal_batch {
    uint64_t batch;
    uint64_t first; /* sequence numbers of its entries */
    uint64_t last;
    bool is_noted_unknown;
    ca_journal_marks marks; /* that count when it turns out to be committed */
} ca_journal_batch;

typedef struct ca_journal_options {
    auth_time now;                  /* stands in the head of a new journal */
    uint8_t id[CA_JOURNAL_ID_SIZE]; /* of the process and its authorities; another's is refused */
    bool may_create;                /* when the folder holds none */
    uint8_t birth[CA_JOURNAL_HASH_SIZE]; /* random, for a new one: no two journals are alike */
    uint64_t segment_size;               /* 0: CA_JOURNAL_SEGMENT_SIZE */
    uint32_t first_segment;              /* those before it are kept elsewhere; 0: 1 */
    ca_journal_head remembered;          /* a head known from elsewhere; sequence 0: none */
} ca_journal_options;

typedef struct ca_journal_report {
    uint64_t records; /* of the segments that were read */
    uint32_t segments;
    ca_journal_head head;
    ca_journal_marks committed;
    uint64_t torn_octets; /* at the end, of a write that a crash cut short */
    uint64_t torn_offset; /* where they begin in the last segment */
} ca_journal_report;

typedef struct ca_journal ca_journal;

/*
 * Opens the journal in a folder and takes its lock. Reads and verifies every record from the disk;
 * cuts a torn end and tells so in *report, which may be NULL. The folder must be this user's own
 * and closed to others.
 *
 * Ownership: gives *out, to be freed with ca_journal_free.
 * Errors: AUTH_STATUS_NOT_FOUND when there is none and may_create is false; AUTH_STATUS_CONFLICT
 * when another process has it, it is another process's, or it is older than the remembered head;
 * AUTH_STATUS_INVALID naming segment and octet when it was changed; AUTH_STATUS_DENIED for
 * permissions; AUTH_STATUS_LIMIT when its serial numbers need too much memory; AUTH_STATUS_IO;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status ca_journal_open(const char *folder, const ca_journal_options *options, ca_journal **out,
                            ca_journal_report *report, auth_error *err) AUTH_MUST_CHECK;

/* Closes a journal. What was appended or noted and not synced is lost. NULL is fine. */
void ca_journal_free(ca_journal *journal);

/*
 * Takes and gives back the turn of this thread, in which a batch is appended and synced. It may
 * be taken again within itself. Who has it waits for nobody who wants it: for no lock of the
 * registry but that of the row of ca_remember, whose holder only commits.
 */
void ca_journal_take(ca_journal *journal);
void ca_journal_give(ca_journal *journal);

/*
 * Appends an entry to the batch that the next ca_journal_sync writes. In a turn.
 *
 * A serial number of a certificate may be appended again with the same hash (a repeated attempt).
 *
 * Errors: AUTH_STATUS_CONFLICT when its serial number is journalled with another hash;
 * AUTH_STATUS_INVALID when a member is missing or too many; AUTH_STATUS_LIMIT when the batch is
 * full, too many batches wait for their outcome, or the index is full; AUTH_STATUS_IO;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status ca_journal_append(ca_journal *journal, const ca_journal_entry *entry,
                              auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes all that was appended and noted with one write and one fdatasync. Only then may the batch
 * be committed. *batch names it: 0 when there was no entry. With nothing to write nothing is done.
 *
 * Errors: AUTH_STATUS_IO, after which the journal takes nothing more.
 */
auth_status ca_journal_sync(ca_journal *journal, uint64_t *batch, auth_error *err) AUTH_MUST_CHECK;

/*
 * Notes what became of a batch. The note is written by the next ca_journal_sync; a crash before it
 * leaves the batch for recovery to look up. CA_JOURNAL_UNKNOWN may be followed by one of the
 * others.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when no such batch was synced or its outcome is noted already;
 * AUTH_STATUS_LIMIT when the batch is full; AUTH_STATUS_IO; AUTH_STATUS_CRYPTO.
 */
auth_status ca_journal_commit_note(ca_journal *journal, uint64_t batch, ca_journal_outcome outcome,
                                   auth_time now, auth_error *err) AUTH_MUST_CHECK;

/* Tells whether a write or sync failed, so that the journal takes nothing more. */
bool ca_journal_is_dead(const ca_journal *journal);

/* The batches whose outcome is not known, oldest first; valid until the journal changes. */
const ca_journal_batch *ca_journal_batches(const ca_journal *journal, size_t *count);

/* The last record that is on the disk, and how far its committed batches went. */
ca_journal_head ca_journal_synced_head(const ca_journal *journal);
ca_journal_marks ca_journal_committed(const ca_journal *journal);

/*
 * Holds the registry against the journal, after the open batches were looked up and noted.
 *
 * Errors: AUTH_STATUS_CONFLICT when a batch is still open or the registry knows less than was
 * committed: it was restored from an older back-up, and auth-ca must not start.
 */
auth_status ca_journal_check_registry(const ca_journal *journal, const ca_journal_marks *registry,
                                      auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads one record by its sequence number.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when it is not synced or in a segment that is kept elsewhere;
 * AUTH_STATUS_INVALID when the file was changed meanwhile; AUTH_STATUS_IO.
 */
auth_status ca_journal_read(const ca_journal *journal, uint64_t sequence, ca_journal_record *out,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * Tells the place in the chain at which a record stands, to be held against a remembered one.
 *
 * Errors: as ca_journal_read.
 */
auth_status ca_journal_head_at(const ca_journal *journal, uint64_t sequence, ca_journal_head *out,
                               auth_error *err) AUTH_MUST_CHECK;

/*
 * Finds the first entry of a certificate by authority and serial number.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; otherwise as ca_journal_read.
 */
auth_status ca_journal_find(const ca_journal *journal, uint16_t authority, auth_bytes serial,
                            ca_journal_record *out, auth_error *err) AUTH_MUST_CHECK;

/* Looks at a record. Another status than AUTH_STATUS_OK ends the walk and is what it returns. */
typedef auth_status (*ca_journal_visit)(void *context, const ca_journal_record *record,
                                        auth_error *err);

/*
 * Verifies a journal from its files without opening it for writing, as auth fsck does, while an
 * auth-ca may be at work on it; visits every record, visit may be NULL. Changes nothing: a torn end
 * is told in *report. Serial numbers are not compared; the visitor sees them.
 *
 * Errors: as ca_journal_open, and what visit returns.
 */
auth_status ca_journal_verify(const char *folder, const ca_journal_options *options,
                              ca_journal_visit visit, void *context, ca_journal_report *report,
                              auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(ca_journal)

#endif
