/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists in files of the cache folder, so that each is fetched by one process of a host.
 * A file is replaced by renaming, and verified by whoever reads it. Internal to fetch.
 */
#ifndef FETCH_LIST_FILES_H
#define FETCH_LIST_FILES_H

#include "fetch/issuers.h"
#include "fetch/lists.h"
#include "fetch/outcome.h"

typedef struct list_files list_files;

/*
 * Opens a folder that was checked. A file above list_max octets is not read, and of all together no
 * more than total_max are kept.
 *
 * Ownership: gives *out, to be freed with list_files_free.
 * Errors: AUTH_STATUS_IO; AUTH_STATUS_MEMORY.
 */
auth_status list_files_open(const char *folder, bool is_group, size_t list_max, size_t total_max,
                            list_files **out, auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void list_files_free(list_files *files);

/*
 * Reads a list and checks that the issuer has signed it. Not under the fetcher's lock, as the next.
 * NO_SOURCE when there is none. Ownership: gives *out when it returns FOUND.
 */
auth_fetch_outcome list_files_read(const list_files *files, const uint8_t key[FETCH_KEY_SIZE],
                                   const fetch_issuer *issuer, fetch_list **out, auth_error *err);

/* Writes a list, unless another process is just writing it or the disk fails. */
void list_files_write(const list_files *files, const fetch_list *list);

#endif
