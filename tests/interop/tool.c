/* SPDX-License-Identifier: Apache-2.0 */
#include "interop/tool.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 24)

auth_status read_file(const char *path, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *buf = NULL;
    CHECK(auth_buf_new(FILE_MAX, &buf, err));
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: %s", path, strerror(errno));
    uint8_t block[4096];
    size_t len = 0;
    auth_status status = AUTH_STATUS_OK;
    while (status == AUTH_STATUS_OK && (len = fread(block, 1, sizeof block, file)) > 0)
        status = auth_buf_append(buf, (auth_bytes){block, len}, err);
    (void)fclose(file);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(buf);
    return status;
}

auth_status write_file(const char *path, auth_bytes octets, auth_error *err)
{
    FILE *file = fopen(path, "wbe");
    if (file == NULL || fwrite(octets.data, 1, octets.len, file) != octets.len || fclose(file) != 0)
        return auth_error_set(err, AUTH_STATUS_IO, "%s: %s", path, strerror(errno));
    return AUTH_STATUS_OK;
}

auth_status load_signer(const char *path, auth_signer **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    CHECK(read_file(path, &pem, err));
    return auth_signer_parse(auth_buf_bytes(pem), NULL, NULL, out, err);
}

int run_command(const tool_command *commands, size_t count, int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < count; i++) {
        int words = argc - 2;
        if (strcmp(argv[1], commands[i].name) != 0 || words < commands[i].words ||
            (words > commands[i].words && !commands[i].takes_more))
            continue;
        auth_error err;
        if (commands[i].run(argv + 2, &err) == AUTH_STATUS_OK)
            return 0;
        (void)fprintf(stderr, "%s: %s\n", auth_status_name(err.status), err.text);
        return 1;
    }
    (void)fprintf(stderr, "%s: see the comment at the top of its source\n", argv[0]);
    return 2;
}
