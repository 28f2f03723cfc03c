/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include "command.h"

#include <jansson.h>
#include <string.h>

auth_status cli_answer_parse(auth_bytes json, cli_answer **out, auth_error *err)
{
    json_error_t why;
    json_t *value = json_loadb((const char *)json.data, json.len,
                               JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &why);
    if (value != NULL) {
        *out = value;
        return AUTH_STATUS_OK;
    }
    if (json_error_code(&why) == json_error_out_of_memory)
        return auth_error_memory(err);
    return auth_error_set(
        err, AUTH_STATUS_MALFORMED,
        _("the answer: line %d, column %d: is no JSON (RFC 8259): %s; see that the "
          "address is that of an office's daemon"),
        why.line, why.column, why.text);
}

void cli_answer_free(cli_answer *answer) { json_decref(answer); }

const cli_answer *cli_answer_member(const cli_answer *answer, const char *name)
{
    return json_object_get(answer, name);
}

/* A text with a NUL inside would be cut where it is printed, so it is none. */
const char *cli_answer_element_text(const cli_answer *element)
{
    const char *text = json_string_value(element);
    return text != NULL && strlen(text) == json_string_length(element) ? text : NULL;
}

const char *cli_answer_text(const cli_answer *answer, const char *name)
{
    return cli_answer_element_text(cli_answer_member(answer, name));
}

long long cli_answer_number(const cli_answer *answer, const char *name, long long otherwise)
{
    const json_t *member = cli_answer_member(answer, name);
    return json_is_integer(member) ? json_integer_value(member) : otherwise;
}

bool cli_answer_is_true(const cli_answer *answer, const char *name)
{
    return json_is_true(cli_answer_member(answer, name));
}

size_t cli_answer_count(const cli_answer *answer, const char *name)
{
    return json_array_size(cli_answer_member(answer, name));
}

const cli_answer *cli_answer_at(const cli_answer *answer, const char *name, size_t index)
{
    return json_array_get(cli_answer_member(answer, name), index);
}

const char *cli_answer_rows(const cli_answer *answer)
{
    /* jansson walks over an object that it may not change by the same iterator as over others. */
    json_t *object = (json_t *)(uintptr_t)answer;
    for (void *at = json_object_iter(object); at != NULL; at = json_object_iter_next(object, at)) {
        if (json_is_array(json_object_iter_value(at)))
            return json_object_iter_key(at);
    }
    return NULL;
}

/* What jansson hands over piece by piece. */
typedef struct writing {
    auth_buf *into;
    auth_status status;
    auth_error *err;
} writing;

static int take(const char *octets, size_t len, void *context)
{
    writing *to = context;
    to->status = auth_buf_append(to->into, (auth_bytes){(const uint8_t *)octets, len}, to->err);
    return to->status == AUTH_STATUS_OK ? 0 : -1;
}

auth_status cli_answer_write(const cli_answer *answer, auth_buf *out, auth_error *err)
{
    writing to = {.into = out, .status = AUTH_STATUS_OK, .err = err};
    if (json_dump_callback(answer, take, &to, JSON_COMPACT | JSON_ENCODE_ANY) == 0)
        return AUTH_STATUS_OK;
    return to.status != AUTH_STATUS_OK ? to.status : auth_error_memory(err);
}

bool cli_answer_print(const cli_answer *answer, FILE *out)
{
    return json_dumpf(answer, out, JSON_COMPACT) == 0 && fputc('\n', out) != EOF;
}
