/* SPDX-License-Identifier: Apache-2.0 */
/* Does a file of options either say what is wrong with it or set values that can be set again? */
#include "daemon/option.h"
#include "fuzz/fuzz.h"

#include <string.h>

static const char *const choices[] = {"red", "green", NULL};

static const daemon_option table[] = {
    {.name = "text", .type = DAEMON_TEXT, .fallback = "", .help = "t"},
    {.name = "path", .type = DAEMON_PATH, .fallback = "", .help = "p"},
    {.name = "number", .type = DAEMON_NUMBER, .fallback = "7", .help = "n", .min = 1, .max = 100},
    {.name = "time", .type = DAEMON_DURATION, .fallback = "10s", .help = "d"},
    {.name = "size", .type = DAEMON_SIZE, .fallback = "64KiB", .help = "s"},
    {.name = "listen", .type = DAEMON_ADDRESSES, .fallback = "", .help = "a"},
    {.name = "flag", .type = DAEMON_BOOLEAN, .fallback = "no", .help = "b"},
    {.name = "colour", .type = DAEMON_CHOICE, .fallback = "red", .help = "c", .choices = choices},
    DAEMON_OPTION_END,
};

static void check_addresses(daemon_options *options)
{
    const daemon_address *addresses = NULL;
    size_t count = daemon_options_addresses(options, "listen", &addresses);
    FUZZ_CHECK(count <= DAEMON_ADDRESSES_MAX);
    for (size_t i = 0; i < count; i++) {
        char text[DAEMON_ADDRESS_SIZE];
        char again[DAEMON_ADDRESS_SIZE];
        daemon_address_format(&addresses[i], text);
        daemon_options *other = NULL;
        const daemon_address *read = NULL;
        FUZZ_CHECK(daemon_options_new(table, NULL, &other, NULL) == AUTH_STATUS_OK);
        FUZZ_CHECK(daemon_options_set(other, auth_bytes_from_text("listen"),
                                      auth_bytes_from_text(text), DAEMON_FROM_FILE,
                                      NULL) == AUTH_STATUS_OK);
        FUZZ_CHECK(daemon_options_addresses(other, "listen", &read) == 1);
        daemon_address_format(&read[0], again);
        FUZZ_CHECK(strcmp(text, again) == 0);
        daemon_options_free(other);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    daemon_options *options = NULL;
    auth_buf *text = NULL;
    FUZZ_CHECK(daemon_options_new(table, NULL, &options, NULL) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_buf_new(1 << 18, &text, NULL) == AUTH_STATUS_OK);
    daemon_faults faults = {.text = text};
    FUZZ_CHECK(daemon_options_read(options, "x", (auth_bytes){data, size}, &faults, NULL) ==
               AUTH_STATUS_OK);
    FUZZ_CHECK((faults.count == 0) == (auth_buf_bytes(text).len == 0));
    int64_t number = daemon_options_number(options, "number");
    FUZZ_CHECK(number >= 1 && number <= 100);
    FUZZ_CHECK(daemon_options_number(options, "time") >= 0);
    FUZZ_CHECK(daemon_options_number(options, "size") >= 0);
    const char *path = daemon_options_text(options, "path");
    FUZZ_CHECK(path[0] == '\0' || path[0] == '/');
    check_addresses(options);
    auth_buf_free(text);
    daemon_options_free(options);
    return 0;
}
