/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/option.h"
#include "daemon/option_value.h"
#include "daemon/text.h"

#include <stdlib.h>
#include <string.h>

typedef struct entry {
    const daemon_option *row;
    char *text; /* as it was given */
    option_value value;
    daemon_source source;
} entry;

struct daemon_options {
    entry entries[DAEMON_OPTIONS_MAX];
    size_t count;
};

static entry *find(const daemon_options *options, auth_bytes name)
{
    for (size_t i = 0; i < options->count; i++) {
        if (daemon_is(name, options->entries[i].row->name))
            return (entry *)(uintptr_t)&options->entries[i];
    }
    return NULL;
}

static auth_status set_entry(entry *it, auth_bytes text, daemon_source source, auth_error *err)
{
    option_value value;
    auth_status status = option_value_read(it->row, text, &value, err);
    if (status != AUTH_STATUS_OK)
        return status;
    char *copy = calloc(1, text.len + 1);
    if (copy == NULL)
        return auth_error_memory(err);
    if (text.len > 0)
        memcpy(copy, text.data, text.len);
    free(it->text);
    it->text = copy;
    it->value = value;
    it->source = source;
    return AUTH_STATUS_OK;
}

static auth_status add_rows(daemon_options *options, const daemon_option *rows, auth_error *err)
{
    for (; rows != NULL && rows->name != NULL; rows++) {
        bool is_known = find(options, auth_bytes_from_text(rows->name)) != NULL;
        if (is_known || options->count == DAEMON_OPTIONS_MAX || rows->help == NULL)
            return auth_error_set(err, AUTH_STATUS_INTERNAL,
                                  "the table of options has '%s' twice, without help, or too many "
                                  "rows; mend the table",
                                  rows->name);
        entry *it = &options->entries[options->count++];
        it->row = rows;
        if (rows->fallback == NULL)
            continue;
        auth_status status =
            set_entry(it, auth_bytes_from_text(rows->fallback), DAEMON_FROM_TABLE, err);
        if (status == AUTH_STATUS_INVALID)
            return auth_error_set(err, AUTH_STATUS_INTERNAL,
                                  "the built-in value of '%s' breaks its own rule; mend the table",
                                  rows->name);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

auth_status daemon_options_new(const daemon_option *common, const daemon_option *own,
                               daemon_options **out, auth_error *err)
{
    AUTH_AUTO(daemon_options) *options = calloc(1, sizeof *options);
    if (options == NULL)
        return auth_error_memory(err);
    auth_status status = add_rows(options, common, err);
    if (status == AUTH_STATUS_OK)
        status = add_rows(options, own, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(options);
    return status;
}

void daemon_options_free(daemon_options *options)
{
    if (options == NULL)
        return;
    for (size_t i = 0; i < options->count; i++)
        free(options->entries[i].text);
    free(options);
}

auth_status daemon_options_set(daemon_options *options, auth_bytes name, auth_bytes value,
                               daemon_source source, auth_error *err)
{
    entry *it = find(options, name);
    if (it == NULL) {
        char shown[DAEMON_MASKED_SIZE];
        daemon_mask(name, shown);
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "there is no option '%s'; --help lists those there are", shown);
    }
    return set_entry(it, value, source, err);
}

const daemon_option *daemon_options_row(const daemon_options *options, auth_bytes name)
{
    const entry *it = find(options, name);
    return it == NULL ? NULL : it->row;
}

const daemon_option *daemon_options_at(const daemon_options *options, size_t i)
{
    return i < options->count ? options->entries[i].row : NULL;
}

/* The entry that a program asks for; it wrote the table, so it knows what is there. */
static const entry *of(const daemon_options *options, const char *name)
{
    const entry *it = find(options, auth_bytes_from_text(name));
    if (it == NULL) {
        (void)fprintf(stderr, "the program asks for an option '%s' that its table does not have\n",
                      name);
        abort();
    }
    return it;
}

const char *daemon_options_text(const daemon_options *options, const char *name)
{
    const char *text = of(options, name)->text;
    return text == NULL ? "" : text;
}

int64_t daemon_options_number(const daemon_options *options, const char *name)
{
    return of(options, name)->value.number;
}

bool daemon_options_is_set(const daemon_options *options, const char *name)
{
    const entry *it = of(options, name);
    if (it->row->type == DAEMON_BOOLEAN)
        return it->value.number != 0;
    return it->text != NULL && it->text[0] != '\0';
}

size_t daemon_options_addresses(const daemon_options *options, const char *name,
                                const daemon_address **out)
{
    const entry *it = of(options, name);
    *out = it->value.addresses;
    return it->value.address_count;
}

auth_status daemon_options_check(const daemon_options *options, daemon_faults *faults,
                                 auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < options->count && status == AUTH_STATUS_OK; i++) {
        const entry *it = &options->entries[i];
        if (it->text == NULL)
            status = daemon_fault(faults, err,
                                  "%s must be given; write '%s = ...' into the configuration file",
                                  it->row->name, it->row->name);
    }
    return status;
}

auth_status daemon_options_check_reload(const daemon_options *now, const daemon_options *next,
                                        daemon_faults *faults, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < now->count && status == AUTH_STATUS_OK; i++) {
        const entry *it = &now->entries[i];
        const char *text = daemon_options_text(next, it->row->name);
        bool is_same = strcmp(it->text == NULL ? "" : it->text, text) == 0;
        if (!is_same && !it->row->is_reloadable)
            status = daemon_fault(faults, err,
                                  "%s cannot change while the daemon runs; restart it, or take the "
                                  "change back",
                                  it->row->name);
    }
    return status;
}

void daemon_options_print(const daemon_options *options, FILE *out)
{
    static const char *const sources[] = {"built in", "file", "command line"};
    for (size_t i = 0; i < options->count; i++) {
        const entry *it = &options->entries[i];
        /* A comment has a line of its own: the file takes '#' in a value as it is. */
        (void)fprintf(out, "# %s\n%s%s = %s\n",
                      it->text == NULL ? "not given" : sources[it->source],
                      it->text == NULL ? "# " : "", it->row->name,
                      it->text == NULL ? "" : it->text);
    }
}
