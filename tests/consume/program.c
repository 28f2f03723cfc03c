/* SPDX-License-Identifier: Apache-2.0 */
/* A program of somebody else: it sees what is installed, and nothing of the source tree. */
#include <auth/auth.h>
#include <stdio.h>
#include <string.h>

static int fail(const auth_error *err)
{
    (void)fprintf(stderr, "%s: %s\n", auth_status_name(err->status), err->text);
    return 1;
}

int main(void)
{
    if (strcmp(auth_version(), AUTH_VERSION) != 0)
        return 2;
    auth_error err;
    AUTH_AUTO(auth_buf) *text = NULL;
    if (auth_buf_new(64, &text, &err) != AUTH_STATUS_OK)
        return fail(&err);
    if (auth_codec_encode(AUTH_CODEC_HEX, auth_bytes_from_text("auth"), text, &err) !=
        AUTH_STATUS_OK)
        return fail(&err);
    auth_bytes hex = auth_buf_bytes(text);

    auth_person_rules rules = {.today = {2026, 1, 31}};
    auth_person_number number;
    if (auth_person_number_parse(auth_bytes_from_text("11010519491231002x"), &rules, &number,
                                 &err) != AUTH_STATUS_OK)
        return fail(&err);
    char masked[AUTH_PERSON_NUMBER_TEXT_SIZE];
    auth_person_number_mask(&number, masked);
    auth_person_number_wipe(&number);
    printf("%.*s %s\n", (int)hex.len, (const char *)hex.data, masked);
    return 0;
}
