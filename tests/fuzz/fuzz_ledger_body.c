/* SPDX-License-Identifier: Apache-2.0 */
/* Is every body of a ledger entry that is read written back in the same octets? */
#include "fuzz/fuzz.h"
#include "registry/ledger_body.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    registry_ledger_body body;
    auth_buf *again = NULL;
    auth_bytes text = {data, size};
    memset(&body, 0x5a, sizeof body);
    registry_ledger_body before = body;
    auth_status status = registry_ledger_body_read(text, &body, &err);
    if (status != AUTH_STATUS_OK) {
        FUZZ_CHECK(status == AUTH_STATUS_MALFORMED && err.status == status);
        FUZZ_CHECK(memcmp(&before, &body, sizeof body) == 0);
        return 0;
    }
    FUZZ_CHECK(auth_buf_new(REGISTRY_LEDGER_BODY_MAX, &again, &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(registry_ledger_body_write(&body, again, &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_bytes_equal(auth_buf_bytes(again), text));
    auth_buf_free(again);
    return 0;
}
