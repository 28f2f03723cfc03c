/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all records of the registry have in common. A find gives one row or AUTH_STATUS_NOT_FOUND; a
 * list gives rows in the order of a key, those after the key of the last page's last row; both give
 * a result, out of which the module's read function takes one row. What a record points to belongs
 * to the result that it was read from.
 *
 * Request ids, citizen ids: 16 octets of a UUID. Hashes, person indexes: 32 octets. Bytes that are
 * not there are {NULL, 0}, texts NULL, times REGISTRY_NO_TIME.
 */
#ifndef REGISTRY_RECORD_H
#define REGISTRY_RECORD_H

#include "statement.h"

#include <auth/time.h>

#define REGISTRY_NO_TIME INT64_MIN

/* The octets of a UUID. */
#define REGISTRY_ID_SIZE 16

/* The most rows of a page; who asks for more gets so many. */
#define REGISTRY_PAGE_MAX 1000

#endif
