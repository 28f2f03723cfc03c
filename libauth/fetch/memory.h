/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The statuses that a process remembers: bounded, for several threads at once. Of two evidences of
 * one status the better is kept; when a bucket is full, what was not asked for longest goes.
 */
#ifndef FETCH_MEMORY_H
#define FETCH_MEMORY_H

#include "fetch/fetched.h"

typedef struct fetch_memory fetch_memory;

/* Ownership: gives *out, to be freed with memory_free. Errors: AUTH_STATUS_MEMORY. */
auth_status memory_new(size_t entries, fetch_memory **out, auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void memory_free(fetch_memory *memory);

/* Finds a status. Ownership: gives a reference; NULL when it is not there. */
auth_fetched *memory_find(fetch_memory *memory, const uint8_t key[FETCH_KEY_SIZE]);

/*
 * Remembers evidence, unless what is there is better. Ownership: borrows fetched, and keeps a
 * reference of its own.
 */
void memory_store(fetch_memory *memory, auth_fetched *fetched);

/*
 * Remembers evidence and gives what is the better of it and what was there. Ownership: takes
 * fetched, gives a reference.
 */
auth_fetched *memory_better(fetch_memory *memory, auth_fetched *fetched);

#endif
