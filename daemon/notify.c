/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/life.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void life_notify(const char *state)
{
    const char *path = getenv("NOTIFY_SOCKET");
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    size_t len = path == NULL ? 0 : strlen(path);
    if (len < 2 || len >= sizeof to.sun_path || (path[0] != '/' && path[0] != '@'))
        return;
    memcpy(to.sun_path, path, len);
    /* An abstract address begins with NUL, written as "@" (unix(7)). */
    if (path[0] == '@')
        to.sun_path[0] = '\0';
    int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (file < 0)
        return;
    (void)sendto(file, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to,
                 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
    (void)close(file);
}

/* Half of what systemd waits for, as sd_watchdog_enabled(3) advises. */
int64_t life_watchdog_ms(void)
{
    const char *period = getenv("WATCHDOG_USEC");
    const char *owner = getenv("WATCHDOG_PID");
    if (period == NULL || (owner != NULL && strtol(owner, NULL, 10) != getpid()))
        return 0;
    return strtoll(period, NULL, 10) / 2000;
}
