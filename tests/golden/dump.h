/* SPDX-License-Identifier: Apache-2.0 */
/* DER as text that is easy to compare: one line an item, names for tags and OIDs. */
#ifndef GOLDEN_DUMP_H
#define GOLDEN_DUMP_H

#include <auth/bytes.h>

/* Appends the dump of all items in der. Dies when it does not fit. */
void golden_dump(auth_bytes der, auth_buf *out);

#endif
