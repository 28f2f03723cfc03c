/* SPDX-License-Identifier: Apache-2.0 */
#include "person.h"

#include "ask.h"
#include "file.h"

#include <string.h>

/* Birth dates are days in China: UTC+8 the whole year. */
#define CHINA_OFFSET_MINUTES 480

const char *const cli_person_types[] = {
#define AUTH_PERSON_TYPE_ROW(id, number, file, name, title) name,
#include <auth/person_type.def>
    NULL,
};

auth_status cli_person_rules(const char *type, auth_time now, auth_person_rules *out,
                             auth_error *err)
{
    *out = (auth_person_rules){.type = AUTH_PERSON_TYPE_ANY,
                               .today = auth_date_from_time(now, CHINA_OFFSET_MINUTES)};
    if (type == NULL || type[0] == '\0')
        return AUTH_STATUS_OK;
    return auth_person_type_find(type, &out->type, err);
}

/* The first line, without its end. */
static auth_bytes first_line(auth_bytes text)
{
    const uint8_t *feed = text.len == 0 ? NULL : memchr(text.data, '\n', text.len);
    size_t len = feed == NULL ? text.len : (size_t)(feed - text.data);
    if (len > 0 && text.data[len - 1] == '\r')
        len--;
    return (auth_bytes){text.data, len};
}

static auth_status read_file(const char *path, const auth_person_rules *rules,
                             auth_person_number *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = cli_file_read(path, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_person_number_parse(first_line(auth_buf_bytes(text)), rules, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "--number-file");
    return status;
}

auth_status cli_person_read(const cli_call *call, auth_time now, auth_person_number *out,
                            auth_error *err)
{
    AUTH_AUTO(auth_secret) *line = NULL;
    auth_person_rules rules;
    const char *path = cli_value(call, "number-file");
    auth_status status = cli_person_rules(cli_value(call, "type"), now, &rules, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (path != NULL)
        return read_file(path, &rules, out, err);
    if (!cli_can_ask())
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("the person's number is not told; give --number-file FILE, or call "
                                "this on a terminal"));
    status = cli_ask_passphrase(_("person number"), &line, err);
    if (status == AUTH_STATUS_OK)
        status = auth_person_number_parse(auth_secret_bytes(line), &rules, out, err);
    return status;
}
