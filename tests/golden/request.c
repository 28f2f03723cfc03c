/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Are request documents still written as they were? One of each kind, signed by those whom the
 * ready policy names, with keys of fixed octets (Ed25519), is compared with the file kept beside
 * this one. Whoever reads these documents elsewhere can take the files for examples.
 *
 *     golden_request DIR            compare
 *     golden_request --update DIR   write the files anew; read the difference before it is
 * committed
 */
#include "golden/kept.h"
#include "harness/realm_office.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static bool check_kind(office_realm *it, auth_request_kind kind, const char *directory,
                       bool updates)
{
    char path[PATH_MAX];
    auth_error err;
    auth_request_draft draft = office_draft(it, kind);
    AUTH_AUTO(auth_buf) *payload = office_payload(&draft);
    AUTH_AUTO(auth_buf) *document = office_sign(it, auth_buf_bytes(payload), office_signers(kind));
    must(auth_buf_append(document, BYTES("\n"), &err), &err);
    (void)snprintf(path, sizeof path, "%s/request-%s.json", directory,
                   auth_request_kind_name(kind));
    if (!updates)
        return kept_is_same(path, auth_buf_bytes(document));
    kept_write(path, auth_buf_bytes(document));
    return true;
}

/* What is kept is still read and obeyed, with the line feed at its end. */
static void obey_kind(office_realm *it, auth_request_kind kind, const char *directory)
{
    char path[PATH_MAX];
    size_t len = 0;
    (void)snprintf(path, sizeof path, "%s/request-%s.json", directory,
                   auth_request_kind_name(kind));
    char *text = harness_read_file(path, &len);
    AUTH_AUTO(auth_request) *request = office_parse((auth_bytes){(const uint8_t *)text, len});
    auth_request_verdict verdict = office_evaluate(it, request);
    if (verdict.outcome != AUTH_REQUEST_SATISFIED)
        harness_die("%s: %s", path, verdict.text);
    free(text);
}

int main(int argc, char **argv)
{
    bool updates = argc == 3 && strcmp(argv[1], "--update") == 0;
    if (argc != 2 && !updates) {
        (void)fprintf(stderr, "usage: golden_request [--update] DIR\n");
        return 2;
    }
    bool same = true;
    office_realm *it = office_new(AUTH_KEY_TYPE_ED25519);
    for (int kind = AUTH_REQUEST_KIND_ENROL; kind <= AUTH_REQUEST_KIND_CLOSE_OFFICE; kind++) {
        same = check_kind(it, (auth_request_kind)kind, argv[argc - 1], updates) && same;
        obey_kind(it, (auth_request_kind)kind, argv[argc - 1]);
    }
    office_free(it);
    return same ? EXIT_SUCCESS : EXIT_FAILURE;
}
