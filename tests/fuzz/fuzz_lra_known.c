/* SPDX-License-Identifier: Apache-2.0 */
/* Is every file of what an auth-lra knows either refused, or written again octet for octet? */
#include "fuzz/fuzz.h"
#include "lra/known.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static lra_known_table table;
    AUTH_AUTO(auth_buf) *again = NULL;
    auth_bytes text = {data, size};
    if (!lra_known_text_read(text, "shaanxi", "xian", &table))
        return 0;
    FUZZ_CHECK(table.count <= LRA_KNOWN_MAX);
    FUZZ_CHECK(auth_buf_new(LRA_KNOWN_TEXT_MAX, &again, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(lra_known_text_write(&table, "shaanxi", "xian", again, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_bytes_equal(auth_buf_bytes(again), text));
    return 0;
}
