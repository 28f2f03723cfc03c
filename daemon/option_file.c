/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/option.h"
#include "daemon/text.h"

#include <stdarg.h>
#include <string.h>

/* More faults are not shown: who sees a hundred begins with the first. */
#define FAULTS_SHOWN 100

auth_status daemon_fault(daemon_faults *faults, auth_error *err, const char *format, ...)
{
    char line[1024];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (++faults->count > FAULTS_SHOWN)
        return AUTH_STATUS_OK;
    return auth_buf_printf(faults->text, err, "%s\n", line);
}

typedef struct reading {
    daemon_options *options;
    const char *shown;
    size_t line;
    const daemon_option *seen[DAEMON_OPTIONS_MAX];
    size_t seen_at[DAEMON_OPTIONS_MAX]; /* its line */
    size_t seen_count;
    daemon_faults *faults;
} reading;

/* Tells the line where a row was set before; 0: it was not, and now it is noted. */
static size_t note_seen(reading *it, const daemon_option *row)
{
    for (size_t i = 0; i < it->seen_count; i++) {
        if (it->seen[i] == row)
            return it->seen_at[i];
    }
    it->seen[it->seen_count] = row;
    it->seen_at[it->seen_count++] = it->line;
    return 0;
}

static auth_status read_line(reading *it, auth_bytes line, auth_error *err)
{
    if (!daemon_is_text(line))
        return daemon_fault(it->faults, err,
                            "%s: line %zu: it has control characters or is not UTF-8; save the "
                            "file as UTF-8 text",
                            it->shown, it->line);
    line = daemon_trim(line);
    if (line.len == 0 || line.data[0] == '#')
        return AUTH_STATUS_OK;
    const uint8_t *equals = memchr(line.data, '=', line.len);
    if (equals == NULL)
        return daemon_fault(it->faults, err, "%s: line %zu: there is no '='; write 'name = value'",
                            it->shown, it->line);
    auth_bytes name = daemon_trim((auth_bytes){line.data, (size_t)(equals - line.data)});
    auth_bytes value = {equals + 1, line.len - (size_t)(equals - line.data) - 1};
    const daemon_option *row = daemon_options_row(it->options, name);
    size_t earlier = row == NULL ? 0 : note_seen(it, row);
    if (earlier > 0)
        return daemon_fault(it->faults, err,
                            "%s: line %zu: %s stands in line %zu already; keep one of them",
                            it->shown, it->line, row->name, earlier);
    auth_error why;
    auth_status status =
        daemon_options_set(it->options, name, daemon_trim(value), DAEMON_FROM_FILE, &why);
    if (status == AUTH_STATUS_INVALID || status == AUTH_STATUS_NOT_FOUND)
        return daemon_fault(it->faults, err, "%s: line %zu: %s", it->shown, it->line, why.text);
    if (status != AUTH_STATUS_OK && err != NULL)
        *err = why;
    return status;
}

auth_status daemon_options_read(daemon_options *options, const char *shown, auth_bytes content,
                                daemon_faults *faults, auth_error *err)
{
    if (content.len > DAEMON_CONFIG_MAX)
        return daemon_fault(faults, err, "%s: it is larger than %zu octets; leave comments out",
                            shown, DAEMON_CONFIG_MAX);
    reading it = {.options = options, .shown = shown, .faults = faults};
    auth_status status = AUTH_STATUS_OK;
    while (content.len > 0 && status == AUTH_STATUS_OK) {
        it.line++;
        const uint8_t *end = memchr(content.data, '\n', content.len);
        size_t len = end == NULL ? content.len : (size_t)(end - content.data);
        size_t step = end == NULL ? len : len + 1;
        /* Files from other systems end their lines in CR LF. */
        size_t text = len > 0 && content.data[len - 1] == '\r' ? len - 1 : len;
        status = read_line(&it, (auth_bytes){content.data, text}, err);
        content.data += step;
        content.len -= step;
    }
    return status;
}
