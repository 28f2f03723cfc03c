/* SPDX-License-Identifier: Apache-2.0 */
/* Where an embedded cluster keeps what, and small files that survive a crash. Internal to
 * registry/. */
#ifndef REGISTRY_EMBED_PLACE_H
#define REGISTRY_EMBED_PLACE_H

#include "process.h"

#include <auth/error.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Of a cluster's directory; what lies below it has room for as much again. */
#define PLACE_DIR_MAX 1024
#define PLACE_PATH_SIZE (PLACE_DIR_MAX + 64)

typedef struct embed_place {
    char dir[PLACE_DIR_MAX];
} embed_place;

/* Writes the path of something in the place. */
void place_path(const embed_place *place, const char *name, char out[PLACE_PATH_SIZE]);

/*
 * Finds the place of a cluster that is there.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_INVALID; AUTH_STATUS_IO.
 */
auth_status place_find(const char *dir, embed_place *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes the directory where there is none and marks it as a cluster's. as is who must get there.
 *
 * Errors: AUTH_STATUS_INVALID, AUTH_STATUS_CONFLICT, AUTH_STATUS_DENIED, AUTH_STATUS_IO.
 */
auth_status place_claim(const char *dir, const registry_account *as, embed_place *out,
                        auth_error *err) AUTH_MUST_CHECK;

/*
 * Makes a directory that is open to as alone, or checks that it is one.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status place_folder(const embed_place *place, const char *name, const registry_account *as,
                         auth_error *err) AUTH_MUST_CHECK;

/*
 * Writes a file anew: whole or not at all, also when the machine stops.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status place_write(const embed_place *place, const char *name, const char *text,
                        auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads the beginning of a file as text, without line feeds at its end.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_IO.
 */
auth_status place_read(const embed_place *place, const char *name, char *out, size_t size,
                       auth_error *err) AUTH_MUST_CHECK;

/* Makes sure that what was made or renamed in the place stays. */
auth_status place_sync(const embed_place *place, auth_error *err) AUTH_MUST_CHECK;

bool place_has(const embed_place *place, const char *name);

/*
 * Takes the place's lock; it ends with the descriptor *out.
 *
 * Errors: AUTH_STATUS_CONFLICT when somebody has it; AUTH_STATUS_IO.
 */
auth_status place_lock(const embed_place *place, int *out, auth_error *err) AUTH_MUST_CHECK;

/*
 * Finds the directory for the socket, which as alone may enter, makes it where it is needed, and
 * keeps its name in the place.
 *
 * Errors: AUTH_STATUS_IO.
 */
auth_status place_socket(const embed_place *place, const registry_account *as,
                         char out[PLACE_PATH_SIZE], auth_error *err) AUTH_MUST_CHECK;

/* Tells the directory in which the socket will be; false when that is known at a start only. */
bool place_socket_ahead(const embed_place *place, char out[PLACE_PATH_SIZE]);

/* Forgets the socket's directory, and removes it when it lies outside of the place. */
void place_forget_socket(const embed_place *place);

#endif
