/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/life.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/*
 * No memory of a daemon lands in a core file or in a debugger's hands, and nothing that it starts
 * gains rights. It does not run as root, so that a fault in it is not the machine's.
 */
auth_status life_harden(auth_error *err)
{
    const struct rlimit none = {0, 0};
    if (geteuid() == 0 || getuid() == 0)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "a daemon does not run as root; start it by its systemd unit, or as "
                              "a user of its own");
    if (setrlimit(RLIMIT_CORE, &none) != 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return auth_error_set(err, AUTH_STATUS_IO, "the process cannot be locked down: %s",
                              strerror(errno));
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    return AUTH_STATUS_OK;
}
