/* SPDX-License-Identifier: Apache-2.0 */
/* Is every realm.conf either refused with a reason, or one whose values keep their rules? */
#include "fuzz/fuzz.h"
#include "realm/conf.h"

#include <string.h>

static void check_values(const daemon_options *options)
{
    auth_error err;
    const daemon_address *addresses = NULL;
    int64_t shards = daemon_options_number(options, "shards");
    FUZZ_CHECK(shards >= 1 && shards <= 32768);
    FUZZ_CHECK(daemon_options_number(options, "ca-workers") <= 256);
    FUZZ_CHECK(realm_identifier_check("realm", daemon_options_text(options, "realm"), &err) ==
               AUTH_STATUS_OK);
    FUZZ_CHECK(realm_base_check(daemon_options_text(options, "base"), &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(realm_registry_check(daemon_options_text(options, "registry"), &err) ==
               AUTH_STATUS_OK);
    FUZZ_CHECK(daemon_options_addresses(options, "ra-listen", &addresses) >= 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    AUTH_AUTO(daemon_options) *options = NULL;
    auth_status status = realm_conf_parse("realm.conf", (auth_bytes){data, size}, &options, &err);
    if (status == AUTH_STATUS_OK)
        check_values(options);
    else
        FUZZ_CHECK(status == AUTH_STATUS_INVALID && err.status == status &&
                   strncmp(err.text, "realm.conf: ", 12) == 0);
    return 0;
}
