/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/kept.h"

#include "harness/data.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void kept_write(const char *path, auth_bytes octets)
{
    FILE *file = fopen(path, "wbe");
    if (file == NULL || fwrite(octets.data, 1, octets.len, file) != octets.len || fclose(file) != 0)
        harness_die("%s: %s", path, strerror(errno));
}

bool kept_is_same(const char *path, auth_bytes now)
{
    size_t len = 0;
    char *kept = harness_read_file(path, &len);
    size_t shorter = len < now.len ? len : now.len;
    unsigned line = 1;
    size_t at = 0;
    for (; at < shorter && (uint8_t)kept[at] == now.data[at]; at++)
        line += kept[at] == '\n' ? 1 : 0;
    bool same = at == len && at == now.len;
    if (!same)
        (void)fprintf(stderr, "%s:%u: differs; if that is meant, run it with --update\n", path,
                      line);
    free(kept);
    return same;
}
