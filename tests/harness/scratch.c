/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/scratch.h"

#include "harness/data.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 8

char *scratch_new(void)
{
    char *folder = strdup("/tmp/auth-scratch-XXXXXX");
    if (folder == NULL || mkdtemp(folder) == NULL)
        harness_die("no folder can be made: %s", strerror(errno));
    return folder;
}

static int remove_one(const char *path, const struct stat *about, int type, struct FTW *where)
{
    (void)about;
    (void)type;
    (void)where;
    return remove(path);
}

void scratch_free(char *folder)
{
    if (nftw(folder, remove_one, DEPTH, FTW_DEPTH | FTW_PHYS) != 0)
        harness_die("%s cannot be removed: %s", folder, strerror(errno));
    free(folder);
}
