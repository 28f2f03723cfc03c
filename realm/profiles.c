/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/state.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ENDING ".json"

static int is_profile(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name);
    return entry->d_name[0] != '.' && len > strlen(ENDING) &&
           strcmp(entry->d_name + len - strlen(ENDING), ENDING) == 0;
}

static auth_status parse_profile(const char *path, auth_bytes json, const char *base,
                                 auth_profile **out, auth_error *err)
{
    AUTH_AUTO(auth_profile_raw) *raw = NULL;
    auth_status status = auth_profile_parse(json, &raw, err);
    if (status == AUTH_STATUS_OK)
        status = auth_profile_validate(raw, base, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s", path);
    return status;
}

/* A profile is asked for by its name and mended by its file, so both are the same. */
static auth_status check_name(const char *path, const char *file, const auth_profile *profile,
                              auth_error *err)
{
    size_t len = strlen(file) - strlen(ENDING);
    const char *name = auth_profile_name(profile);
    if (strlen(name) == len && strncmp(name, file, len) == 0)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_CONFLICT,
                          "%s: its profile is called '%s'; give the file this name, or the profile "
                          "the file's",
                          path, name);
}

static auth_status load_profile(realm *of, const char *file, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(auth_buf) *json = NULL;
    AUTH_AUTO(auth_profile) *profile = NULL;
    if (of->profile_count == REALM_PROFILES_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%s/%s: has more than %d profiles; take out those that nobody uses",
                              of->dir, REALM_PROFILES_FOLDER, REALM_PROFILES_MAX);
    auth_status status = realm_path_join(of->dir, REALM_PROFILES_FOLDER, file, "", path, err);
    if (status == AUTH_STATUS_OK)
        status = realm_file_read(path, &json, err);
    if (status == AUTH_STATUS_OK)
        status = parse_profile(path, auth_buf_bytes(json), realm_base(of), &profile, err);
    if (status == AUTH_STATUS_OK)
        status = check_name(path, file, profile, err);
    if (status == AUTH_STATUS_OK)
        of->profiles[of->profile_count++] = AUTH_TAKE(profile);
    return status;
}

auth_status realm_profiles_load(realm *of, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    struct dirent **entries = NULL;
    auth_status status = realm_path_join(of->dir, NULL, REALM_PROFILES_FOLDER, "", path, err);
    if (status != AUTH_STATUS_OK)
        return status;
    int count = scandir(path, &entries, is_profile, alphasort);
    if (count < 0 && errno == ENOMEM)
        return auth_error_memory(err);
    if (count < 0)
        return auth_error_set(err, errno == ENOENT ? AUTH_STATUS_NOT_FOUND : AUTH_STATUS_IO,
                              "%s: cannot be read: %s; name a folder that 'auth realm init' made",
                              path, strerror(errno));
    for (int i = 0; i < count; i++) {
        if (status == AUTH_STATUS_OK)
            status = load_profile(of, entries[i]->d_name, err);
        free(entries[i]);
    }
    free(entries);
    return status;
}

auth_status realm_profile_find(const realm *of, const char *name, const auth_profile **out,
                               auth_error *err)
{
    for (size_t i = 0; i < of->profile_count; i++) {
        if (strcmp(auth_profile_name(of->profiles[i]), name) == 0) {
            *out = of->profiles[i];
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "%s/%s/%s" ENDING ": there is no such profile; put one there", of->dir,
                          REALM_PROFILES_FOLDER, name);
}

static bool is_authority(const char *name)
{
    for (realm_authority i = REALM_AUTHORITY_ROOT; i < REALM_AUTHORITY_END; i++) {
        if (strcmp(realm_authority_name(i), name) == 0)
            return true;
    }
    return false;
}

/* What may be asked for is there, and nobody is asked for an authority. */
static auth_status check_profiles(const realm *of, const char *path, const auth_policy *policy,
                                  auth_error *err)
{
    const auth_policy_profile *row = NULL;
    for (size_t i = 0; (row = auth_policy_profile_at(policy, i)) != NULL; i++) {
        const auth_profile *profile = NULL;
        auth_status status = realm_profile_find(of, row->name, &profile, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "%s", path);
            return status;
        }
        if (auth_profile_is_authority(profile))
            return auth_error_set(err, AUTH_STATUS_CONFLICT,
                                  "%s: profile '%s' makes authorities, which no request may ask "
                                  "for; take it out",
                                  path, row->name);
        if (!is_authority(row->authority))
            return auth_error_set(err, AUTH_STATUS_CONFLICT,
                                  "%s: profile '%s': there is no authority '%s'; name staff or "
                                  "citizens",
                                  path, row->name, row->authority);
    }
    return AUTH_STATUS_OK;
}

auth_status realm_policy_load(realm *of, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    AUTH_AUTO(auth_buf) *json = NULL;
    AUTH_AUTO(auth_policy_raw) *raw = NULL;
    AUTH_AUTO(auth_policy) *policy = NULL;
    auth_status status = realm_path_join(of->dir, NULL, REALM_POLICY_FILE, "", path, err);
    if (status == AUTH_STATUS_OK)
        status = realm_file_read(path, &json, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = auth_policy_parse(auth_buf_bytes(json), &raw, err);
    if (status == AUTH_STATUS_OK)
        status = auth_policy_validate(raw, &policy, err);
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "%s", path);
        return status;
    }
    if (strcmp(auth_policy_realm(policy), realm_name(of)) != 0)
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "%s: is the policy of realm '%s', and %s says '%s'; restore this "
                              "realm's policy",
                              path, auth_policy_realm(policy), REALM_CONF_FILE, realm_name(of));
    status = check_profiles(of, path, policy, err);
    if (status == AUTH_STATUS_OK) {
        of->policy = AUTH_TAKE(policy);
        of->policy_text = AUTH_TAKE(json);
    }
    return status;
}
