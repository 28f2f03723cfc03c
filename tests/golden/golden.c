/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is what we sign still what it was? One dump a ready profile and algorithm, made with fixed keys,
 * serial number and time, is compared with the file kept beside this one.
 *
 *     golden DIR            compare
 *     golden --update DIR   write the files anew; read the difference before it is committed
 *     golden --export DIR SECONDS   write all certificates, dated SECONDS since 1970, for others
 */
#include "golden/dump.h"
#include "golden/kept.h"
#include "golden/realm.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DUMP_MAX ((size_t)1 << 20)
#define CERTIFICATE_MAX ((size_t)1 << 16)

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static auth_buf *dump_of(const realm *it, const auth_profile *profile)
{
    auth_error err;
    auth_buf *text = NULL;
    realm_request ask;
    AUTH_AUTO(auth_tbs) *tbs = NULL;
    realm_ask(it, profile, &ask);
    must(auth_issue_prepare(profile, realm_issuer_of(it, profile), &ask.request, &tbs, &err), &err);
    must(auth_buf_new(DUMP_MAX, &text, &err), &err);
    golden_dump(auth_tbs_bytes(tbs), text);
    golden_dump(auth_signer_algorithm(realm_signer_of(it, profile)), text);
    return text;
}

static bool check_dump(const char *directory, const realm *it, const auth_profile *profile,
                       bool updates)
{
    char path[PATH_MAX];
    AUTH_AUTO(auth_buf) *text = dump_of(it, profile);
    (void)snprintf(path, sizeof path, "%s/%s-%s.txt", directory, auth_profile_name(profile),
                   it->algorithm);
    if (!updates)
        return kept_is_same(path, auth_buf_bytes(text));
    kept_write(path, auth_buf_bytes(text));
    return true;
}

static void export_certificate(const char *directory, const realm *it, const auth_profile *profile)
{
    char path[PATH_MAX];
    auth_error err;
    realm_request ask;
    AUTH_AUTO(auth_buf) *certificate = NULL;
    realm_ask(it, profile, &ask);
    must(auth_buf_new(CERTIFICATE_MAX, &certificate, &err), &err);
    must(auth_issue(profile, realm_issuer_of(it, profile), realm_signer_of(it, profile),
                    &ask.request, certificate, &err),
         &err);
    (void)snprintf(path, sizeof path, "%s/%s-%s.der", directory, auth_profile_name(profile),
                   it->algorithm);
    kept_write(path, auth_buf_bytes(certificate));
}

/* The chain that was issued first is the one that leaves are under. */
static void export_chain(const char *directory, const realm *it)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/root-%s.der", directory, it->algorithm);
    kept_write(path, auth_buf_bytes(it->root_certificate));
    (void)snprintf(path, sizeof path, "%s/issuing-%s.der", directory, it->algorithm);
    kept_write(path, auth_buf_bytes(it->authority_certificate));
}

static bool run(const char *directory, bool updates, bool exports, auth_time now)
{
    bool same = true;
    for (size_t a = 0; a < realm_algorithm_count; a++) {
        realm *it = realm_new(realm_algorithms[a], now);
        for (size_t p = 0; p < realm_profile_count; p++) {
            AUTH_AUTO(auth_profile) *profile = realm_profile(realm_profiles[p]);
            if (!realm_can_issue(it, profile))
                continue;
            if (!exports)
                same = check_dump(directory, it, profile, updates) && same;
            else if (!auth_profile_is_authority(profile))
                export_certificate(directory, it, profile);
        }
        if (exports)
            export_chain(directory, it);
        realm_free(it);
    }
    return same;
}

int main(int argc, char **argv)
{
    bool updates = argc == 3 && strcmp(argv[1], "--update") == 0;
    bool exports = argc == 4 && strcmp(argv[1], "--export") == 0;
    if (argc != 2 && !updates && !exports) {
        (void)fprintf(stderr, "usage: golden [--update] DIR | golden --export DIR SECONDS\n");
        return 2;
    }
    const char *directory = argc == 2 ? argv[1] : argv[2];
    auth_time now = exports ? strtoll(argv[3], NULL, 10) : REALM_NOW;
    return run(directory, updates, exports, now) ? EXIT_SUCCESS : EXIT_FAILURE;
}
