/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is a JWS still what it was, octet for octet? Ed25519 signs one text in one way.
 *
 *     golden_jws DIR            compare
 *     golden_jws --update DIR   write the files anew; read the difference before it is committed
 */
#include "golden/kept.h"
#include "harness/jws_signer.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAYLOAD BYTES("{\"kind\":\"golden\",\"text\":\"\xe4\xb8\xad\"}")

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static bool check(const char *directory, const char *name, bool updates, auth_bytes now)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/jws-%s-ed25519.txt", directory, name);
    if (!updates)
        return kept_is_same(path, now);
    kept_write(path, now);
    return true;
}

int main(int argc, char **argv)
{
    bool updates = argc == 3 && strcmp(argv[1], "--update") == 0;
    if (argc != 2 && !updates) {
        (void)fprintf(stderr, "usage: golden_jws [--update] DIR\n");
        return 2;
    }
    auth_error err;
    static jws_signer signer;
    AUTH_AUTO(auth_buf) *compact = NULL;
    AUTH_AUTO(auth_buf) *general = NULL;
    jws_signer_open(&signer, "ed25519", AUTH_KEY_TYPE_ED25519);
    auth_jws_signing signing = jws_signing(&signer);
    must(auth_buf_new(AUTH_JWS_MAX, &compact, &err), &err);
    must(auth_buf_new(AUTH_JWS_MAX, &general, &err), &err);
    must(auth_jws_sign_compact(PAYLOAD, &signing, compact, &err), &err);
    must(auth_jws_sign(PAYLOAD, &signing, general, &err), &err);
    jws_signer_close(&signer);
    const char *directory = argv[argc - 1];
    bool same = check(directory, "compact", updates, auth_buf_bytes(compact));
    same = check(directory, "general", updates, auth_buf_bytes(general)) && same;
    return same ? EXIT_SUCCESS : EXIT_FAILURE;
}
