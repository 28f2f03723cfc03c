/* SPDX-License-Identifier: Apache-2.0 */
#include "realm_folder.h"

#include "harness/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PASSPHRASE "put into the safe"

static char parent[64];
static char made[REALM_PATH_SIZE];
static pid_t owner;
static realm_founder founders[REALM_FOUNDERS_MIN] = {
    {.id = "zhang", .name = "\xe5\xbc\xa0\xe4\xb8\x89"},
    {.id = "li", .name = "Li Si"},
};
static auth_secret *passphrase;

const char *realm_folder(void) { return made; }

const char *realm_folder_parent(void) { return parent; }

auth_status realm_folder_ask(void *context, const char *what, auth_secret **out, auth_error *err)
{
    (void)context;
    (void)what;
    return auth_secret_from_bytes(BYTES(PASSPHRASE), out, err);
}

static void remove_all(void)
{
    auth_error err;
    char registry[REALM_PATH_SIZE];
    if (getpid() != owner)
        return;
    registry_embed_options options = {.is_throwaway = true};
    if (realm_path_join(made, NULL, REALM_REGISTRY_FOLDER, "", registry, &err) != AUTH_STATUS_OK ||
        registry_embed_stop(registry, &options, REGISTRY_EMBED_IMMEDIATE, &err) != AUTH_STATUS_OK)
        fprintf(stderr, "%s\n", err.text);
    pid_t pid = fork();
    if (pid == 0) {
        (void)execl("/bin/rm", "rm", "-rf", "--", parent, (char *)NULL);
        _exit(1);
    }
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
}

static void find_owner(struct stat *out)
{
    char policy[REALM_PATH_SIZE];
    auth_error err;
    assert_ok(realm_path_join(made, NULL, REALM_PROFILES_FOLDER, "", policy, &err), &err);
    ck_assert_int_eq(stat(policy, out), 0);
}

void realm_folder_become_owner(void)
{
    struct stat info;
    find_owner(&info);
    ck_assert_int_eq(setegid(info.st_gid), 0);
    ck_assert_int_eq(seteuid(info.st_uid), 0);
}

void realm_folder_become_maker(void)
{
    ck_assert_int_eq(seteuid(getuid()), 0);
    ck_assert_int_eq(setegid(getgid()), 0);
}

void realm_folder_write(const char *path, auth_bytes text)
{
    struct stat info;
    FILE *file = fopen(path, "we");
    find_owner(&info);
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text.data, 1, text.len, file), text.len);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(path, 0600), 0);
    ck_assert_int_eq(chown(path, info.st_uid, info.st_gid), 0);
}

void realm_folder_start_registry(void)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    registry_embed_options options = {.is_throwaway = true};
    assert_ok(realm_path_join(made, NULL, REALM_REGISTRY_FOLDER, "", path, &err), &err);
    assert_ok(registry_embed_start(path, &options, &err), &err);
}

realm_plan realm_folder_plan(const char *name, char dir[REALM_PATH_SIZE])
{
    (void)snprintf(dir, REALM_PATH_SIZE, "%s/%s", parent, name);
    return (realm_plan){.dir = dir,
                        .name = "shaanxi",
                        .base = "http://pki.example:8080",
                        .centre = "centre",
                        .centre_name = "Centre",
                        .type = AUTH_KEY_TYPE_P256,
                        .root_passphrase = passphrase,
                        .founders = founders,
                        .founder_count = REALM_FOUNDERS_MIN,
                        .now = time(NULL),
                        .is_throwaway = true};
}

static bool read_number(const char *text, auth_person_number *out)
{
    auth_error err;
    auth_person_rules rules = {.type = AUTH_PERSON_TYPE_ANY,
                               .today = auth_date_from_time(time(NULL), 480)};
    return auth_person_number_parse(auth_bytes_from_text(text), &rules, out, &err) ==
           AUTH_STATUS_OK;
}

bool realm_folder_make(void)
{
    auth_error err;
    (void)strcpy(parent, "/tmp/auth-realm-XXXXXX");
    if (mkdtemp(parent) == NULL || chmod(parent, 0711) != 0)
        return false;
    owner = getpid();
    if (atexit(remove_all) != 0 || !read_number("11010519491231002X", &founders[0].number) ||
        !read_number("440524188001010014", &founders[1].number) ||
        realm_folder_ask(NULL, "", &passphrase, &err) != AUTH_STATUS_OK)
        return false;
    realm_plan plan = realm_folder_plan("realm", made);
    if (realm_make(&plan, &err) == AUTH_STATUS_OK)
        return true;
    fprintf(stderr, "realm: %s\n", err.text);
    return false;
}
