/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are kept beside the tests to be compared with what is made now. */
#ifndef GOLDEN_KEPT_H
#define GOLDEN_KEPT_H

#include <auth/bytes.h>

/* Writes a file; dies when it cannot. */
void kept_write(const char *path, auth_bytes octets);

/* Tells whether a file holds these octets, and prints the first line that differs. */
bool kept_is_same(const char *path, auth_bytes now);

#endif
