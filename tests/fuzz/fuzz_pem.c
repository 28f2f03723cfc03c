/* SPDX-License-Identifier: Apache-2.0 */
/* Does every PEM object that is read come back when it is written and read again? */
#include "fuzz/fuzz.h"

#include <auth/pem.h>
#include <string.h>

static auth_buf *new_buf(size_t max)
{
    auth_buf *buf = NULL;
    FUZZ_CHECK(auth_buf_new(max, &buf, NULL) == AUTH_STATUS_OK);
    return buf;
}

static void check_comes_back(const char *label, auth_bytes octets)
{
    auth_buf *pem = new_buf(SIZE_MAX / 2);
    auth_buf *der = new_buf(octets.len);
    char again[AUTH_PEM_LABEL_SIZE];
    FUZZ_CHECK(auth_pem_encode(label, octets, pem, NULL) == AUTH_STATUS_OK);
    auth_bytes text = auth_buf_bytes(pem);
    FUZZ_CHECK(auth_pem_next(&text, again, der, NULL) == AUTH_STATUS_OK && text.len == 0);
    FUZZ_CHECK(strcmp(again, label) == 0 && auth_bytes_equal(auth_buf_bytes(der), octets));
    auth_buf_free(der);
    auth_buf_free(pem);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_bytes rest = {data, size};
    for (;;) {
        auth_bytes before = rest;
        auth_buf *der = new_buf(size);
        char label[AUTH_PEM_LABEL_SIZE];
        auth_error err = {AUTH_STATUS_OK, ""};
        auth_status status = auth_pem_next(&rest, label, der, &err);
        if (status == AUTH_STATUS_OK) {
            FUZZ_CHECK(rest.len < before.len);
            check_comes_back(label, auth_buf_bytes(der));
        } else {
            FUZZ_CHECK(status == err.status && auth_buf_bytes(der).len == 0);
            FUZZ_CHECK(rest.data == before.data && rest.len == before.len);
        }
        auth_buf_free(der);
        if (status != AUTH_STATUS_OK)
            return 0;
    }
}
