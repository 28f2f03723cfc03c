/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of revocation lists that somebody puts on this host, for when nothing else answers. It is
 * read when it is needed and read again when it has changed. Nothing in it is believed that the
 * issuer has not signed. Internal to fetch.
 */
#ifndef FETCH_SNAPSHOT_H
#define FETCH_SNAPSHOT_H

#include "fetch/crl.h"

typedef struct fetch_snapshot fetch_snapshot;

/*
 * Names a file, of at most max octets; it need not be there yet. Ownership: gives *out, to be freed
 * with snapshot_free; copies path. Errors: AUTH_STATUS_MEMORY.
 */
auth_status snapshot_new(const char *path, size_t max, fetch_snapshot **out,
                         auth_error *err) AUTH_MUST_CHECK;

/* NULL is fine. */
void snapshot_free(fetch_snapshot *snapshot);

/*
 * Looks for a certificate's status: the newest full list that speaks of it, and the newest delta to
 * that. Reads a file, so not under the fetcher's lock.
 *
 * Ownership: gives *out when it returns FOUND.
 */
auth_fetch_outcome snapshot_find(fetch_snapshot *snapshot, const fetch_issuer *issuer,
                                 const auth_cert *cert, const uint8_t key[FETCH_KEY_SIZE],
                                 auth_time now, auth_fetched **out, auth_error *err);

#endif
