/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include "output.h"
#include "person.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LIMIT 100U
#define LIMIT_MAX 1000000U
/* What a daemon gives in one page at most. */
#define PAGE_MAX 1000U
#define BODY_MAX ((size_t)4096)
#define PAGE_OCTETS ((size_t)16 << 20)
#define CELL_SIZE AUTH_ERROR_TEXT_SIZE

static bool is_safe(const char *text)
{
    return text[0] != '\0' && strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                           "0123456789-._:,") == strlen(text);
}

auth_status cli_filter_add(cli_filter *filter, const char *name, const char *value, auth_error *err)
{
    size_t used = strlen(filter->query);
    if (value == NULL)
        return AUTH_STATUS_OK;
    size_t room = sizeof filter->query / 2;
    if (!is_safe(value) || used + strlen(name) + strlen(value) + 2 >= room)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("--%s: must be a short word of letters, digits and '-._:,'"), name);
    (void)snprintf(filter->query + used, sizeof filter->query - used, "&%s=%s", name, value);
    return AUTH_STATUS_OK;
}

auth_status cli_filter_add_time(cli_filter *filter, const char *name, const char *value,
                                auth_error *err)
{
    char text[AUTH_TIME_TEXT_SIZE];
    auth_time when = 0;
    if (value == NULL)
        return AUTH_STATUS_OK;
    int len = strlen(value) == strlen("2026-01-31")
                  ? snprintf(text, sizeof text, "%sT00:00:00Z", value)
                  : snprintf(text, sizeof text, "%s", value);
    auth_status status =
        len > 0 && (size_t)len < sizeof text
            ? auth_time_parse(auth_bytes_from_text(text), &when, err)
            : auth_error_set(
                  err, AUTH_STATUS_MALFORMED,
                  _("must be a day or a time; write 2026-01-31 or 2026-01-31T23:59:59Z"));
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "--%s", name);
        return status;
    }
    return cli_filter_add(filter, name, text, err);
}

auth_status cli_filter_person(const cli_call *call, cli_filter *filter, auth_error *err)
{
    auth_person_number number;
    auth_status status = cli_person_read(call, time(NULL), &number, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes clear = auth_person_number_reveal(&number);
    status = auth_buf_new(BODY_MAX, &filter->body, err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_buf_printf(filter->body, err, "\"person\":{\"type\":\"%s\",\"number\":\"%.*s\"}",
                            auth_person_type_name(number.type), (int)clear.len,
                            (const char *)clear.data);
    auth_person_number_wipe(&number);
    return status;
}

auth_status cli_filter_text(cli_filter *filter, const char *member, const char *value,
                            auth_error *err)
{
    AUTH_AUTO(auth_buf) *object = NULL;
    cli_json *json = cli_json_new();
    cli_json_text(json, member, value);
    auth_status status = auth_buf_new(BODY_MAX, &object, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(BODY_MAX, &filter->body, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = cli_json_write(json, object, err);
    auth_bytes whole = auth_buf_bytes(object);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(filter->body, (auth_bytes){whole.data + 1, whole.len - 2}, err);
    return status;
}

/* A list that is shown: how much is left, and where the next page begins. */
typedef struct listing {
    const cli_call *call;
    const cli_list *list;
    const cli_filter *filter;
    unsigned left;
    char after[CLI_PATH_SIZE / 4];
    size_t shown;
} listing;

static auth_status read_limit(listing *of, auth_error *err)
{
    const char *text = cli_value(of->call, "limit");
    const char *after = cli_value(of->call, "after");
    char *end = NULL;
    of->left = cli_has(of->call, "all") ? LIMIT_MAX * 1000 : LIMIT;
    if (after != NULL && (!is_safe(after) || strlen(after) >= sizeof of->after))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("--after: must be what an earlier list named"));
    (void)snprintf(of->after, sizeof of->after, "%s", after == NULL ? "" : after);
    if (text == NULL)
        return AUTH_STATUS_OK;
    errno = 0;
    unsigned long number = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || number == 0 ||
        number > LIMIT_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("--limit: must be a number from 1 to %u; write 100"), LIMIT_MAX);
    of->left = (unsigned)number;
    return AUTH_STATUS_OK;
}

static auth_status ask_page(const listing *of, cli_officer *officer, cli_answer **out,
                            auth_error *err)
{
    AUTH_AUTO(auth_buf) *body = NULL;
    char path[CLI_PATH_SIZE * 2];
    unsigned limit = of->left < PAGE_MAX ? of->left : PAGE_MAX;
    bool has_after = of->after[0] != '\0';
    cli_ask_http ask = {.method = "GET", .path = path, .max = PAGE_OCTETS, .is_repeatable = true};
    if (of->filter->body == NULL) {
        (void)snprintf(path, sizeof path, "%s?limit=%u%s%s%s", of->list->path, limit,
                       of->filter->query, has_after ? "&after=" : "", of->after);
        return cli_officer_ask_json(officer, &ask, out, err);
    }
    auth_bytes about = auth_buf_bytes(of->filter->body);
    auth_status status = auth_buf_new(2 * BODY_MAX, &body, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(body, err, "{%.*s,\"limit\":%u%s%s%s}", (int)about.len,
                                 (const char *)about.data, limit, has_after ? ",\"after\":\"" : "",
                                 of->after, has_after ? "\"" : "");
    if (status != AUTH_STATUS_OK)
        return status;
    (void)snprintf(path, sizeof path, "%s/search", of->list->path);
    ask.method = "POST";
    ask.type = CLI_TYPE_JSON;
    ask.body = auth_buf_bytes(body);
    return cli_officer_ask_json(officer, &ask, out, err);
}

static const char *cell_of(const cli_answer *row, const char *member, char out[CELL_SIZE])
{
    const char *text = cli_answer_text(row, member);
    long long number = cli_answer_number(row, member, -1);
    if (text != NULL)
        return cli_plain(text[0] == '\0' ? "-" : text, out);
    (void)snprintf(out, CELL_SIZE, number < 0 ? "-" : "%lld", number);
    return out;
}

static void print_titles(const cli_list *list)
{
    for (const cli_column *column = list->columns; column->member != NULL; column++)
        cli_print_padded(stdout, CLI_STYLE_STRONG, _(column->title),
                         column[1].member == NULL ? 0 : column->width + 2);
    (void)putchar('\n');
}

/* A cell that is wider than its column is parted from the next one all the same. */
static void print_row(const cli_list *list, const cli_answer *row)
{
    char text[CELL_SIZE];
    for (const cli_column *column = list->columns; column->member != NULL; column++) {
        bool is_last = column[1].member == NULL;
        cli_print_padded(stdout, CLI_STYLE_PLAIN, cell_of(row, column->member, text),
                         is_last ? 0 : column->width);
        (void)fputs(is_last ? "\n" : "  ", stdout);
    }
}

static bool show_page(listing *of, const cli_answer *page)
{
    const char *name = cli_answer_rows(page);
    size_t count = name == NULL ? 0 : cli_answer_count(page, name);
    bool is_json = cli_has(of->call, "json");
    if (!is_json && of->shown == 0 && count > 0)
        print_titles(of->list);
    for (size_t i = 0; i < count; i++) {
        const cli_answer *row = cli_answer_at(page, name, i);
        if (is_json && !cli_answer_print(row, stdout))
            return false;
        if (!is_json)
            print_row(of->list, row);
    }
    of->shown += count;
    of->left -= count < of->left ? (unsigned)count : of->left;
    const char *next = count == 0 ? NULL : cli_answer_text(page, "next");
    bool is_new = next != NULL && is_safe(next) && strlen(next) < sizeof of->after &&
                  strcmp(next, of->after) != 0;
    (void)snprintf(of->after, sizeof of->after, "%s", is_new ? next : "");
    return true;
}

static cli_exit show_rows(const cli_call *call, cli_officer *officer, const cli_list *list,
                          const cli_filter *filter)
{
    auth_error err;
    listing of = {.call = call, .list = list, .filter = filter};
    auth_status status = read_limit(&of, &err);
    if (status != AUTH_STATUS_OK)
        return cli_usage(call->command, "%s", err.text);
    do {
        AUTH_AUTO(cli_answer) *page = NULL;
        status = ask_page(&of, officer, &page, &err);
        if (status != AUTH_STATUS_OK)
            return cli_error(call->command, &err);
        if (!show_page(&of, page))
            return cli_fault(_("out of memory"));
    } while (of.after[0] != '\0' && of.left > 0);
    if (of.after[0] != '\0')
        (void)fprintf(stderr, _("there are more: go on with --after %s, or show --all\n"),
                      of.after);
    else if (of.shown == 0 && !cli_has(call, "json"))
        (void)puts(_("none"));
    return CLI_YES;
}

cli_exit cli_rows_list(const cli_call *call, const cli_list *list, cli_filter_make *make)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    cli_filter filter = {.body = NULL};
    cli_exit code = make == NULL ? CLI_YES : make(call, &filter);
    if (code == CLI_YES && cli_officer_new(call, &officer, &err) != AUTH_STATUS_OK)
        code = cli_error(call->command, &err);
    if (code == CLI_YES)
        code = show_rows(call, officer, list, &filter);
    auth_buf_free(filter.body);
    return code;
}
