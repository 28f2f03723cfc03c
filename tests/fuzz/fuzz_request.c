/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is every document, and every payload alone, either refused with a reason that tells no number, or
 * one that is written again as the same request?
 */
#include "fuzz/fuzz.h"
#include "harness/realm_office.h"
#include "request/request.h"

#include <string.h>

static const auth_request_rules rules = {.now = OFFICE_NOW, .realm = OFFICE_REALM};

static office_realm *the_realm(void)
{
    static office_realm *realm;
    if (realm == NULL)
        realm = office_new(AUTH_KEY_TYPE_ED25519);
    return realm;
}

static void check_error(auth_status status, const auth_error *err)
{
    FUZZ_CHECK(status == err->status && strncmp(err->text, "request: ", 9) == 0);
}

/* Nobody made a signature that verifies by chance, but the corpus has some that do. */
static void check_document(auth_bytes text)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_request *request = NULL;
    auth_status status = auth_request_parse(text, &rules, &request, &err);
    if (status != AUTH_STATUS_OK) {
        check_error(status, &err);
        return;
    }
    auth_request_verdict verdict;
    office_realm *realm = the_realm();
    auth_request_facts facts = office_facts(realm);
    FUZZ_CHECK(auth_request_evaluate(request, realm->policy, &facts, OFFICE_NOW, &verdict, NULL) ==
               AUTH_STATUS_OK);
    FUZZ_CHECK((verdict.outcome == AUTH_REQUEST_REFUSED) == (verdict.reason != 0));
    FUZZ_CHECK(verdict.outcome != AUTH_REQUEST_SATISFIED || verdict.signed_count > 0);
    auth_request_free(request);
}

static void check_rewritten(const request_payload *read)
{
    auth_request_draft draft = {
        .id = read->id,
        .realm = read->realm,
        .kind = read->kind,
        .office = read->office,
        .profile = read->profile,
        .created = read->created,
        .expires = read->expires,
        .items = read->items,
        .item_count = read->item_count,
    };
    auth_buf *first = NULL;
    auth_buf *second = NULL;
    request_payload again = {.item_count = 0};
    FUZZ_CHECK(auth_buf_new(REQUEST_PAYLOAD_MAX, &first, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_buf_new(REQUEST_PAYLOAD_MAX, &second, NULL) == AUTH_STATUS_OK);
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_request_write(&draft, first, &err);
    /* Written at its creation, a person born since is not born yet. */
    if (status == AUTH_STATUS_OK) {
        FUZZ_CHECK(request_read_payload(auth_buf_bytes(first), &rules, &again, NULL) ==
                   AUTH_STATUS_OK);
        draft.items = again.items;
        FUZZ_CHECK(auth_request_write(&draft, second, NULL) == AUTH_STATUS_OK);
        FUZZ_CHECK(auth_bytes_equal(auth_buf_bytes(first), auth_buf_bytes(second)));
    } else {
        FUZZ_CHECK(strstr(err.text, "person.number") != NULL);
    }
    request_release_payload(&again);
    auth_buf_free(first);
    auth_buf_free(second);
}

static void check_payload(auth_bytes text)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    request_payload read = {.item_count = 0};
    auth_status status = request_read_payload(text, &rules, &read, &err);
    if (status == AUTH_STATUS_OK)
        check_rewritten(&read);
    else
        check_error(status, &err);
    request_release_payload(&read);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_document((auth_bytes){data, size});
    check_payload((auth_bytes){data, size});
    return 0;
}
