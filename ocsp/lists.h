/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revocation lists as they are sent: each in memory once, taken from the registry when it is asked
 * for first, and anew when the registry has a newer one. Its one invariant: a list is never
 * replaced by one with a lower number. Any thread.
 */
#ifndef OCSP_LISTS_H
#define OCSP_LISTS_H

#include "daemon/response.h"
#include "registry/connection.h"

typedef struct ocsp_lists ocsp_lists;

/* Which list: an authority's number in the registry, its shard, and whether it is the delta. */
typedef struct ocsp_list_name {
    int64_t authority;
    int64_t shard;
    bool is_delta;
} ocsp_list_name;

/*
 * Makes an empty store. octets: of lists that are kept; keep_s: for how long HTTP caches may keep
 * one. settings and its strings are borrowed.
 *
 * Errors: those of registry_pool_new; AUTH_STATUS_MEMORY.
 */
auth_status ocsp_lists_new(const registry_settings *settings, size_t octets, uint32_t keep_s,
                           ocsp_lists **out, auth_error *err) AUTH_MUST_CHECK;
void ocsp_lists_free(ocsp_lists *lists);
AUTH_DEFINE_CLEANUP(ocsp_lists)

/*
 * Gives a list, from the registry when it is not here; may wait for that.
 *
 * Ownership: gives *out, a reference.
 * Errors: AUTH_STATUS_NOT_FOUND when there is no such list; those of a pool and a statement.
 */
auth_status ocsp_lists_find(ocsp_lists *lists, const ocsp_list_name *name, daemon_response **out,
                            auth_error *err) AUTH_MUST_CHECK;

/*
 * Looks which lists are newer in the registry and takes those that are here already.
 *
 * Errors: those of a pool and a statement. What is here stays.
 */
auth_status ocsp_lists_renew(ocsp_lists *lists, auth_error *err) AUTH_MUST_CHECK;

/* Reads the last segment of a list's address: "12.crl", "12-delta.crl". False: it is none. */
bool ocsp_list_name_read(auth_bytes segment, ocsp_list_name *out);

#endif
