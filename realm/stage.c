/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/stage.h"

#include "realm/ceremony.h"
#include "realm/ready.h"
#include "registry/key_file.h"
#include "registry/process.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDING ".new"
#define TEXT_MAX ((size_t)64 << 10)

static const char *const folders[] = {
    REALM_PROFILES_FOLDER, REALM_AUTHORITIES_FOLDER, REALM_KEYS_FOLDER,    REALM_OFFICERS_FOLDER,
    REALM_TLS_FOLDER,      REALM_RESPONDERS_FOLDER,  REALM_JOURNAL_FOLDER, REALM_SPOOL_FOLDER,
    REALM_LOG_FOLDER,      REALM_RUN_FOLDER,
};

static auth_status failed(auth_error *err, const char *path, const char *verb)
{
    int error = errno;
    return auth_error_set(err, AUTH_STATUS_IO, "%s: cannot be %s: %s; look at its disk and owner",
                          path, verb, strerror(error));
}

/* Without slashes at the end: the new folder lies beside it. */
static auth_status name_paths(const char *dir, stage *out, auth_error *err)
{
    size_t len = strlen(dir);
    while (len > 1 && dir[len - 1] == '/')
        len--;
    int made = snprintf(out->dir, sizeof out->dir, "%.*s", (int)len, dir);
    int more = snprintf(out->path, sizeof out->path, "%.*s" ENDING, (int)len, dir);
    if (len > 0 && dir[len - 1] != '/' && made > 0 && more > 0 && (size_t)more < sizeof out->path)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_LIMIT,
                          "realm: its folder needs a path of 1 to %zu octets that names no root; "
                          "choose another",
                          sizeof out->path - sizeof ENDING);
}

static int is_content(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* A realm that is there is never written to; a folder that is empty may be taken. */
static auth_status check_free(const char *dir, auth_error *err)
{
    char conf[REALM_PATH_SIZE];
    auth_status status = realm_path_join(dir, NULL, REALM_CONF_FILE, "", conf, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (access(conf, F_OK) == 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: holds a realm already; look at its %s, start it with 'auth up', "
                              "or name another folder",
                              dir, REALM_CONF_FILE);
    struct dirent **entries = NULL;
    int count = scandir(dir, &entries, is_content, alphasort);
    if (count < 0 && errno == ENOENT)
        return AUTH_STATUS_OK;
    if (count < 0 && errno != ENOTDIR)
        return failed(err, dir, "read");
    for (int i = 0; i < count; i++)
        free(entries[i]);
    free(entries);
    if (count == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          "%s: holds something else, which is left alone; name a folder that is "
                          "not there or empty",
                          dir);
}

static auth_status make_folder(const char *path, mode_t mode, auth_error *err)
{
    if (mkdir(path, mode) == 0 && chmod(path, mode) == 0)
        return AUTH_STATUS_OK;
    if (errno == EEXIST)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: was left by an 'auth realm init' that did not come to its end, "
                              "or another is at work; if none is, run 'auth registry stop "
                              "%s/registry' and remove the folder",
                              path, path);
    if (errno == ENOENT)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "%s: the folder around it is not there; make it first", path);
    return failed(err, path, "made");
}

auth_status stage_open(const char *dir, stage *out, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_status status = name_paths(dir, out, err);
    if (status == AUTH_STATUS_OK)
        status = check_free(out->dir, err);
    /* When root makes it, daemons of another account go through it. */
    if (status == AUTH_STATUS_OK)
        status = make_folder(out->path, geteuid() == 0 ? 0711 : 0700, err);
    if (status != AUTH_STATUS_OK)
        return status;
    for (size_t i = 0; i < sizeof folders / sizeof folders[0] && status == AUTH_STATUS_OK; i++) {
        status = realm_path_join(out->path, NULL, folders[i], "", path, err);
        if (status == AUTH_STATUS_OK)
            status = make_folder(path, 0700, err);
    }
    if (status != AUTH_STATUS_OK)
        stage_remove(out);
    return status;
}

static auth_status create(const stage *of, const char *folder, const char *name, auth_bytes text,
                          auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_status status = realm_path_join(of->path, folder, name, "", path, err);
    return status == AUTH_STATUS_OK ? registry_key_file_create(path, text, err) : status;
}

static auth_status write_conf(const stage *of, const realm_plan *plan, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(TEXT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(
            text, err,
            "# What this realm is called and where its parts listen: docs/realm.md\n"
            "realm = %s\nbase = %s\nregistry = %s\n",
            plan->name, plan->base,
            plan->registry == NULL ? REALM_REGISTRY_EMBEDDED : plan->registry);
    if (status == AUTH_STATUS_OK && plan->account != NULL)
        status = auth_buf_printf(text, err, "account = %s\n", plan->account);
    return status == AUTH_STATUS_OK ? create(of, NULL, REALM_CONF_FILE, auth_buf_bytes(text), err)
                                    : status;
}

/* The ready policy with this realm's name in the place of the example's. */
static auth_status write_policy(const stage *of, const realm_plan *plan, auth_error *err)
{
    static const char example[] = "\"realm\": \"example\"";
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_bytes ready = realm_ready_policy;
    const uint8_t *at = memmem(ready.data, ready.len, example, sizeof example - 1);
    if (at == NULL)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "the ready policy names no example");
    size_t before = (size_t)(at - ready.data);
    size_t after = before + sizeof example - 1;
    auth_status status = auth_buf_new(TEXT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(text, (auth_bytes){ready.data, before}, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(text, err, "\"realm\": \"%s\"", plan->name);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(text, (auth_bytes){ready.data + after, ready.len - after}, err);
    return status == AUTH_STATUS_OK ? create(of, NULL, REALM_POLICY_FILE, auth_buf_bytes(text), err)
                                    : status;
}

static auth_status write_master_key(const stage *of, const realm_plan *plan, auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = registry_crypto_new(&crypto, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(TEXT_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = registry_master_key_new(crypto, plan->name, CEREMONY_GENERATION, NULL, text, err);
    return status == AUTH_STATUS_OK
               ? create(of, NULL, REALM_MASTER_KEY_FILE, auth_buf_bytes(text), err)
               : status;
}

auth_status stage_fill(const stage *of, const realm_plan *plan, auth_error *err)
{
    auth_status status = write_conf(of, plan, err);
    if (status == AUTH_STATUS_OK)
        status = write_policy(of, plan, err);
    for (const realm_ready_file *file = realm_ready_profiles;
         status == AUTH_STATUS_OK && file->name != NULL; file++)
        status = create(of, REALM_PROFILES_FOLDER, file->name, file->text, err);
    return status == AUTH_STATUS_OK ? write_master_key(of, plan, err) : status;
}

/* The registry's files belong to its server already; these two are for a safe and for persons. */
static bool stays(const FTSENT *entry)
{
    bool is_top = entry->fts_level == 1;
    return (is_top && strcmp(entry->fts_name, REALM_OFFICERS_FOLDER) == 0) ||
           (is_top && strcmp(entry->fts_name, REALM_REGISTRY_FOLDER) == 0) ||
           (entry->fts_level == 2 && strncmp(entry->fts_name, "root.", 5) == 0 &&
            strcmp(entry->fts_parent->fts_name, REALM_KEYS_FOLDER) == 0);
}

static auth_status give_entry(FTS *tree, FTSENT *entry, const registry_account *to, auth_error *err)
{
    if (entry->fts_info == FTS_DP || entry->fts_level == 0)
        return AUTH_STATUS_OK;
    if (entry->fts_info == FTS_ERR || entry->fts_info == FTS_DNR || entry->fts_info == FTS_NS) {
        errno = entry->fts_errno;
        return failed(err, entry->fts_path, "read");
    }
    if (stays(entry)) {
        (void)fts_set(tree, entry, FTS_SKIP);
        return AUTH_STATUS_OK;
    }
    if (lchown(entry->fts_accpath, to->uid, to->gid) != 0)
        return failed(err, entry->fts_path, "given to the daemons' account");
    return AUTH_STATUS_OK;
}

static auth_status give_away(const stage *of, const char *account, auth_error *err)
{
    registry_account to;
    char *paths[] = {(char *)(uintptr_t)of->path, NULL};
    if (geteuid() != 0)
        return AUTH_STATUS_OK;
    auth_status status = registry_account_find(account, &to, err);
    if (status != AUTH_STATUS_OK)
        return status;
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (tree == NULL)
        return failed(err, of->path, "read");
    FTSENT *entry = NULL;
    while (status == AUTH_STATUS_OK && (entry = fts_read(tree)) != NULL)
        status = give_entry(tree, entry, &to, err);
    (void)fts_close(tree);
    return status;
}

/* The name of a folder lasts when the folder around it is on disk. */
static auth_status sync_around(const char *dir, auth_error *err)
{
    char around[REALM_PATH_SIZE];
    const char *slash = strrchr(dir, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - dir) + 1;
    (void)snprintf(around, sizeof around, "%.*s", (int)len, dir);
    int folder = open(len == 0 ? "." : around, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auth_status status =
        folder >= 0 && fsync(folder) == 0 ? AUTH_STATUS_OK : failed(err, around, "synced");
    if (folder >= 0)
        (void)close(folder);
    return status;
}

auth_status stage_finish(const stage *of, const char *account, auth_error *err)
{
    auth_status status = give_away(of, account, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (rename(of->path, of->dir) == 0)
        return sync_around(of->dir, err);
    if (errno == ENOTEMPTY || errno == EEXIST)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: something came into its place meanwhile; clear it and begin "
                              "again",
                              of->dir);
    return failed(err, of->dir, "named");
}

void stage_remove(const stage *of)
{
    char *paths[] = {(char *)(uintptr_t)of->path, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    if (tree == NULL)
        return;
    const FTSENT *entry = NULL;
    while ((entry = fts_read(tree)) != NULL) {
        if (entry->fts_info == FTS_DP)
            (void)rmdir(entry->fts_accpath);
        else if (entry->fts_info != FTS_D)
            (void)unlink(entry->fts_accpath);
    }
    (void)fts_close(tree);
}
