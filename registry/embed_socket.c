/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The path of a unix socket has room for 107 octets (unix(7)), PostgreSQL's name in it for 14.
 * Where DIR/run does not fit, a directory with a short name is made, and its name kept in
 * DIR/socket: a path that somebody could guess would be a path that somebody could take first.
 */
#include "embed_place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define NAME "socket"
#define SHORT_NAME "/auth-registry-XXXXXX"
#define SOCKET_NAME "/.s.PGSQL.5432"

static bool fits(const char *folder)
{
    return strlen(folder) + sizeof SOCKET_NAME <= sizeof((struct sockaddr_un *)NULL)->sun_path;
}

/* A directory that an earlier start made and that still is as's alone. */
static bool is_ours(const char *path, const registry_account *as)
{
    struct stat folder;
    return lstat(path, &folder) == 0 && S_ISDIR(folder.st_mode) && folder.st_uid == as->uid &&
           (folder.st_mode & 07777) == 0700;
}

static const char *short_parent(void)
{
    const char *runtime = secure_getenv("XDG_RUNTIME_DIR");
    if (geteuid() == 0 && access("/run", W_OK | X_OK) == 0)
        return "/run";
    if (geteuid() != 0 && runtime != NULL && runtime[0] == '/' && strlen(runtime) < 64 &&
        strpbrk(runtime, "\"'`$\\,\n") == NULL && access(runtime, W_OK | X_OK) == 0)
        return runtime;
    return "/tmp";
}

static auth_status make_short(const registry_account *as, char out[PLACE_PATH_SIZE],
                              auth_error *err)
{
    (void)snprintf(out, PLACE_PATH_SIZE, "%s%s", short_parent(), SHORT_NAME);
    if (mkdtemp(out) == NULL || chown(out, as->uid, as->gid) != 0) {
        return auth_error_set(err, AUTH_STATUS_IO,
                              "%s: no directory for the socket can be made: %s; choose a shorter "
                              "path for the cluster",
                              out, strerror(errno));
    }
    return AUTH_STATUS_OK;
}

bool place_socket_ahead(const embed_place *place, char out[PLACE_PATH_SIZE])
{
    place_path(place, "run", out);
    return fits(out);
}

auth_status place_socket(const embed_place *place, const registry_account *as,
                         char out[PLACE_PATH_SIZE], auth_error *err)
{
    char path[PLACE_PATH_SIZE];
    place_path(place, "run", path);
    auth_status status = AUTH_STATUS_OK;
    if (fits(path))
        status = place_folder(place, "run", as, err);
    else if (place_read(place, NAME, path, sizeof path, NULL) != AUTH_STATUS_OK || !fits(path) ||
             !is_ours(path, as))
        status = make_short(as, path, err);
    if (status == AUTH_STATUS_OK)
        status = place_write(place, NAME, path, err);
    if (status == AUTH_STATUS_OK)
        (void)snprintf(out, PLACE_PATH_SIZE, "%s", path);
    return status;
}

void place_forget_socket(const embed_place *place)
{
    char folder[PLACE_PATH_SIZE];
    char run[PLACE_PATH_SIZE];
    char path[PLACE_PATH_SIZE];
    place_path(place, "run", run);
    place_path(place, NAME, path);
    if (place_read(place, NAME, folder, sizeof folder, NULL) == AUTH_STATUS_OK &&
        strcmp(folder, run) != 0)
        (void)rmdir(folder);
    (void)unlink(path);
}
