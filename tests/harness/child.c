/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/child.h"

#include "harness/data.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define DESCRIPTORS 256

void harness_child_begin(void)
{
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere < 0)
        harness_die("/dev/null cannot be opened");
    for (int descriptor = STDERR_FILENO + 1; descriptor < DESCRIPTORS; descriptor++) {
        struct stat is;
        if (fstat(descriptor, &is) == 0 && S_ISREG(is.st_mode) && is.st_nlink == 0 &&
            dup2(nowhere, descriptor) < 0)
            harness_die("a descriptor cannot be redirected");
    }
    (void)close(nowhere);
}
