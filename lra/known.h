/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the registry last said of this office and its officers, for the time in which it is away:
 * where the office lies in the tree, under which key generation it seals, and who of the officers
 * was good or not, each with the time when the registry said so. Its one invariant: nothing gets
 * older by being kept; a time is only ever that of an answer of the registry.
 *
 * It is kept in a file of the spool's folder, so that a counter goes on after auth-lra was started
 * anew without the registry. Officers stand there by their identifiers and the SHA-256 of their
 * certificates; nothing names a person. A file that is damaged counts as none. Any thread.
 */
#ifndef LRA_KNOWN_H
#define LRA_KNOWN_H

#include "registry/crypto.h"

#include <auth/request.h>
#include <auth/time.h>

/* The most officers that are remembered; who was heard of longest ago gives way. */
#define LRA_KNOWN_MAX 1024
/* "/centre/province/city/", as long as registry paths may be. */
#define LRA_KNOWN_PATH_SIZE 1024
#define LRA_KNOWN_SERIAL_MAX 20

typedef struct lra_known_officer {
    uint8_t certificate[REGISTRY_HASH_SIZE]; /* SHA-256 of its DER */
    uint8_t serial[LRA_KNOWN_SERIAL_MAX];
    size_t serial_len;
    char officer[AUTH_IDENTIFIER_SIZE];
    auth_officer_role role;
    bool is_good;
    auth_time at; /* when the registry said so */
} lra_known_officer;

typedef struct lra_known_office {
    char path[LRA_KNOWN_PATH_SIZE]; /* "": nothing is known yet */
    int64_t number;                 /* by which the registry knows it */
    uint32_t generation;            /* of the key that seals */
    auth_time at;
} lra_known_office;

typedef struct lra_known lra_known;

/*
 * Begins with what the file in a folder holds about this realm and office; with nothing when there
 * is none. *is_damaged tells that there was one that cannot be read.
 *
 * Ownership: gives *out, to be freed with lra_known_free.
 * Errors: AUTH_STATUS_NOT_FOUND and AUTH_STATUS_DENIED for the folder; AUTH_STATUS_IO;
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status lra_known_open(const char *folder, const char *realm, const char *office,
                           lra_known **out, bool *is_damaged, auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void lra_known_free(lra_known *known);

/* Notes where the office lies. A path that does not fit is not noted. */
void lra_known_note_office(lra_known *known, const char *path, int64_t number, uint32_t generation,
                           auth_time at);

/* Notes what the registry said of an officer's certificate, unless it said something later. */
void lra_known_note(lra_known *known, const lra_known_officer *officer);

lra_known_office lra_known_where(lra_known *known);

/* False when the registry was never asked about this certificate. */
bool lra_known_find(lra_known *known, const uint8_t certificate[REGISTRY_HASH_SIZE],
                    lra_known_officer *out);

/* Copies the officers, up to max; returns how many. */
size_t lra_known_list(lra_known *known, lra_known_officer *out, size_t max);

/* How long a mere "still so" may wait to be written. */
#define LRA_KNOWN_SAVE_S 30

/*
 * Writes the file, durably, when something is other than it says; when the registry only said the
 * same again, not before LRA_KNOWN_SAVE_S have passed since the last time.
 *
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO.
 */
auth_status lra_known_save(lra_known *known, auth_time now, auth_error *err) AUTH_MUST_CHECK;

/*
 * known_text.c: the text of the file. Reading is strict: false for anything but what is written
 * here for the same realm and office, to the last octet.
 */
typedef struct lra_known_table {
    lra_known_office office;
    size_t count;
    lra_known_officer officers[LRA_KNOWN_MAX];
} lra_known_table;

#define LRA_KNOWN_TEXT_MAX ((size_t)512 << 10)

auth_status lra_known_text_write(const lra_known_table *table, const char *realm,
                                 const char *office, auth_buf *out,
                                 auth_error *err) AUTH_MUST_CHECK;
bool lra_known_text_read(auth_bytes text, const char *realm, const char *office,
                         lra_known_table *out);

AUTH_DEFINE_CLEANUP(lra_known)

#endif
