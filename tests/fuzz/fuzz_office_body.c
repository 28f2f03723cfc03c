/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is everything that a client of the officers' API sends either refused with a reason, or does it
 * keep its rules, and does a merged document have the signatures of both and no others?
 */
#include "fuzz/fuzz.h"
#include "office/body.h"

#include <auth/secret.h>
#include <string.h>

#define NOW ((auth_time)1767225600)
#define SEARCHES_REQUESTS (OFFICE_SEARCH_PERSON | OFFICE_SEARCH_NAME | OFFICE_SEARCH_SERIAL)
#define SEARCHES_CERTIFICATES (OFFICE_SEARCH_PERSON | OFFICE_SEARCH_OFFICER | OFFICE_SEARCH_REQUEST)

static void check_refusal(auth_status status, const auth_error *err)
{
    FUZZ_CHECK(!auth_status_is_fault(status) && err->status == status && err->text[0] != '\0');
}

static void search(auth_bytes body, unsigned allowed)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    office_search found;
    auth_status status = office_body_search(body, allowed, NOW, &found, &err);
    if (status != AUTH_STATUS_OK) {
        check_refusal(status, &err);
        return;
    }
    FUZZ_CHECK(((unsigned)found.by & allowed) != 0 && (found.by & (found.by - 1)) == 0);
    FUZZ_CHECK(found.limit >= 1 && found.limit <= OFFICE_LIMIT_MAX);
    FUZZ_CHECK(found.by != OFFICE_SEARCH_PERSON || found.person.len > 0);
    FUZZ_CHECK(found.by != OFFICE_SEARCH_SERIAL || found.serial_len > 0);
    FUZZ_CHECK(found.by != OFFICE_SEARCH_NAME || found.text[0] != '\0');
    auth_person_number_wipe(&found.person);
}

static void reject(auth_bytes body)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    char detail[OFFICE_TEXT_SIZE];
    auth_status status = office_body_rejection(body, detail, &err);
    if (status == AUTH_STATUS_OK)
        FUZZ_CHECK(detail[0] != '\0' && strlen(detail) < sizeof detail);
    else
        check_refusal(status, &err);
}

static void activate(auth_bytes body)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    office_activation found;
    auth_status status = office_body_activation(body, &found, &err);
    if (status == AUTH_STATUS_OK)
        FUZZ_CHECK(found.codes[0][0] != '\0' && found.codes[1][0] != '\0' &&
                   strlen(found.codes[0]) + strlen(found.codes[1]) < 64 && found.item >= 0);
    else
        check_refusal(status, &err);
    auth_secret_wipe(found.codes, sizeof found.codes);
    auth_buf_free(found.csr);
}

/* Merged with one of the two again, nothing more is added. */
static void merge(auth_bytes both)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    AUTH_AUTO(auth_buf) *merged = NULL;
    AUTH_AUTO(auth_buf) *again = NULL;
    size_t added = 0;
    const uint8_t *gap = both.len == 0 ? NULL : memchr(both.data, '\0', both.len);
    size_t first = gap == NULL ? both.len : (size_t)(gap - both.data);
    size_t second = gap == NULL ? both.len : first + 1;
    auth_bytes sent = {both.data + second, both.len - second};
    auth_status status =
        office_body_merge((auth_bytes){both.data, first}, sent, &merged, &added, &err);
    if (status != AUTH_STATUS_OK) {
        check_refusal(status, &err);
        return;
    }
    FUZZ_CHECK(office_body_merge(auth_buf_bytes(merged), sent, &again, &added, &err) ==
               AUTH_STATUS_OK);
    FUZZ_CHECK(added == 0 && auth_bytes_equal(auth_buf_bytes(merged), auth_buf_bytes(again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    auth_bytes body = {data + 1, size - 1};
    switch (data[0] % 5) {
    case 0:
        search(body, SEARCHES_REQUESTS);
        break;
    case 1:
        search(body, SEARCHES_CERTIFICATES);
        break;
    case 2:
        reject(body);
        break;
    case 3:
        activate(body);
        break;
    default:
        merge(body);
    }
    return 0;
}
