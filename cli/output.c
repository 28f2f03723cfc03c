/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

static bool has_colour(FILE *out)
{
    const char *no_color = getenv("NO_COLOR");
    return (no_color == NULL || no_color[0] == '\0') && isatty(fileno(out)) == 1;
}

void cli_print_styled(FILE *out, cli_style style, const char *text)
{
    static const char *const codes[] = {
        [CLI_STYLE_GOOD] = "32",
        [CLI_STYLE_BAD] = "31",
        [CLI_STYLE_STRONG] = "1",
    };
    if (style != CLI_STYLE_PLAIN && has_colour(out))
        fprintf(out, "\033[%sm%s\033[0m", codes[style], text);
    else
        fputs(text, out);
}

static int cells_of(const char *text)
{
    wchar_t wide[256];
    size_t len = mbstowcs(wide, text, sizeof wide / sizeof wide[0]);
    /* Text that the locale cannot read has the length (size_t)-1. */
    if (len >= sizeof wide / sizeof wide[0])
        return -1;
    return wcswidth(wide, len);
}

void cli_print_padded(FILE *out, cli_style style, const char *text, int width)
{
    int cells = cells_of(text);
    cli_print_styled(out, style, text);
    for (int i = cells < 0 ? width : cells; i < width; i++)
        fputc(' ', out);
}

const char *cli_plain(const char *text, char out[AUTH_ERROR_TEXT_SIZE])
{
    auth_error shown;
    /* The text of an error is what a terminal may be shown (auth/error.h). */
    (void)auth_error_set(&shown, AUTH_STATUS_INVALID, "%s", text);
    memcpy(out, shown.text, sizeof shown.text);
    return out;
}

struct cli_json {
    json_t *object;
    bool is_whole;
};

cli_json *cli_json_new(void)
{
    cli_json *json = calloc(1, sizeof *json);
    if (json == NULL)
        return NULL;
    json->object = json_object();
    json->is_whole = json->object != NULL;
    return json;
}

static void add(cli_json *json, const char *name, json_t *value)
{
    if (json == NULL)
        json_decref(value);
    else if (json_object_set_new(json->object, name, value) != 0)
        json->is_whole = false;
}

void cli_json_text(cli_json *json, const char *name, const char *text)
{
    add(json, name, text == NULL ? json_null() : json_string(text));
}

void cli_json_bool(cli_json *json, const char *name, bool value)
{
    add(json, name, json_boolean(value));
}

void cli_json_number(cli_json *json, const char *name, long long value)
{
    add(json, name, json_integer(value));
}

/* Hands over the object inside; NULL when something is missing in it. */
static json_t *take_object(cli_json *json)
{
    if (json == NULL)
        return NULL;
    json_t *object = json->object;
    if (!json->is_whole) {
        json_decref(object);
        object = NULL;
    }
    free(json);
    return object;
}

void cli_json_object(cli_json *json, const char *name, cli_json *member)
{
    add(json, name, take_object(member));
}

void cli_json_array(cli_json *json, const char *name) { add(json, name, json_array()); }

static void append(cli_json *json, const char *name, json_t *element)
{
    if (json == NULL)
        json_decref(element);
    else if (json_array_append_new(json_object_get(json->object, name), element) != 0)
        json->is_whole = false;
}

void cli_json_append(cli_json *json, const char *name, cli_json *element)
{
    append(json, name, take_object(element));
}

void cli_json_append_text(cli_json *json, const char *name, const char *text)
{
    append(json, name, json_string(text));
}

bool cli_json_print(cli_json *json, FILE *out)
{
    if (json == NULL)
        return false;
    bool is_printed = json->is_whole && json_dumpf(json->object, out, JSON_COMPACT) == 0;
    if (is_printed)
        fputc('\n', out);
    json_decref(json->object);
    free(json);
    return is_printed;
}

auth_status cli_json_write(cli_json *json, auth_buf *out, auth_error *err)
{
    json_t *object = take_object(json);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    auth_status status = text == NULL ? auth_error_memory(err)
                                      : auth_buf_append(out, auth_bytes_from_text(text), err);
    free(text);
    json_decref(object);
    return status;
}
