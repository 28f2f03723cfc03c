/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/invocation.h"
#include "daemon/text.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct mode_row {
    const char *word;
    invocation_mode mode;
} mode_row;

static const mode_row modes[] = {
    {"--check-config", INVOCATION_CHECK_CONFIG},
    {"--print-config", INVOCATION_PRINT_CONFIG},
    {"--help", INVOCATION_HELP},
    {"--manual", INVOCATION_MANUAL},
    {"--version", INVOCATION_VERSION},
};

static const mode_row *find_mode(const char *word)
{
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(modes[i].word, word) == 0)
            return &modes[i];
    }
    return NULL;
}

/* An option as it stands in the words: "--name value", "--name=value" or "--name" for a boolean. */
typedef struct given {
    auth_bytes name;
    auth_bytes value;
    bool has_value;
} given;

static bool is_boolean(const invocation_program *program, auth_bytes name)
{
    const daemon_option *const tables[] = {program->common, program->own};
    for (size_t i = 0; i < 2; i++) {
        for (const daemon_option *row = tables[i]; row != NULL && row->name != NULL; row++) {
            if (daemon_is(name, row->name))
                return row->type == DAEMON_BOOLEAN;
        }
    }
    return false;
}

/* Reads the option at words[*at] and moves *at behind it. False when it is none. */
static bool next_given(const invocation_program *program, int count, char **words, int *at,
                       given *out)
{
    const char *word = words[(*at)++];
    if (strncmp(word, "--", 2) != 0 || word[2] == '\0')
        return false;
    word += 2;
    size_t len = strcspn(word, "=");
    *out = (given){.name = {(const uint8_t *)word, len}};
    if (word[len] == '=')
        out->value = auth_bytes_from_text(word + len + 1);
    else if (is_boolean(program, out->name))
        out->value = auth_bytes_from_text("yes");
    else if (*at < count)
        out->value = auth_bytes_from_text(words[(*at)++]);
    else
        return true;
    out->has_value = true;
    return true;
}

auth_status invocation_read(const invocation_program *program, int count, char **words,
                            invocation *out, daemon_faults *faults, auth_error *err)
{
    invocation call = {.mode = INVOCATION_RUN, .config = program->config};
    auth_status status = AUTH_STATUS_OK;
    for (int at = 1; at < count && status == AUTH_STATUS_OK;) {
        const mode_row *mode = find_mode(words[at]);
        given option;
        if (mode != NULL) {
            call.mode = mode->mode;
            at++;
        } else if (!next_given(program, count, words, &at, &option)) {
            status = daemon_fault(faults, err, "%s: word %d is no option; write --name=value",
                                  program->name, at - 1);
        } else if (daemon_is(option.name, "config") && option.has_value) {
            call.config = (const char *)option.value.data;
            call.is_config_named = true;
        }
    }
    *out = call;
    return status;
}

static auth_status read_words(const invocation_program *program, int count, char **words,
                              daemon_options *options, daemon_faults *faults, auth_error *err)
{
    for (int at = 1; at < count;) {
        given option = {.has_value = false};
        if (find_mode(words[at]) != NULL) {
            at++;
            continue;
        }
        if (!next_given(program, count, words, &at, &option) ||
            (daemon_is(option.name, "config") && option.has_value))
            continue;
        auth_error why = {.status = AUTH_STATUS_OK};
        auth_status status = AUTH_STATUS_OK;
        if (option.has_value)
            status = daemon_options_set(options, option.name, option.value,
                                        DAEMON_FROM_COMMAND_LINE, &why);
        else
            status = auth_error_set(&why, AUTH_STATUS_INVALID,
                                    "the last option needs a value; write --name=value");
        if (status == AUTH_STATUS_INVALID || status == AUTH_STATUS_NOT_FOUND)
            status = daemon_fault(faults, err, "command line: %s", why.text);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    return AUTH_STATUS_OK;
}

/* Reads up to one octet more than a configuration may have. */
static auth_status read_content(int file, auth_buf *content, bool *can_read, auth_error *err)
{
    uint8_t *room = NULL;
    auth_status status = auth_buf_extend(content, DAEMON_CONFIG_MAX + 1, &room, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t len = 0;
    while (len <= DAEMON_CONFIG_MAX) {
        ssize_t got = read(file, room + len, DAEMON_CONFIG_MAX + 1 - len);
        if (got < 0 && errno == EINTR)
            continue;
        *can_read = got >= 0;
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    auth_buf_truncate(content, len);
    return AUTH_STATUS_OK;
}

static auth_status read_file(const invocation *call, daemon_options *options, daemon_faults *faults,
                             auth_error *err)
{
    if (call->config == NULL)
        return AUTH_STATUS_OK;
    int file = open(call->config, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0 && errno == ENOENT && !call->is_config_named)
        return AUTH_STATUS_OK;
    AUTH_AUTO(auth_buf) *content = NULL;
    bool can_read = file >= 0;
    auth_status status = auth_buf_new(DAEMON_CONFIG_MAX + 1, &content, err);
    if (status == AUTH_STATUS_OK && can_read)
        status = read_content(file, content, &can_read, err);
    if (status == AUTH_STATUS_OK && !can_read)
        status = daemon_fault(faults, err, "%s: it cannot be read: %s; mend the path or its rights",
                              call->config, strerror(errno));
    if (file >= 0)
        (void)close(file);
    if (status != AUTH_STATUS_OK || !can_read)
        return status;
    return daemon_options_read(options, call->config, auth_buf_bytes(content), faults, err);
}

auth_status invocation_options(const invocation_program *program, const invocation *call, int count,
                               char **words, daemon_options **out, daemon_faults *faults,
                               auth_error *err)
{
    AUTH_AUTO(daemon_options) *options = NULL;
    auth_status status = daemon_options_new(program->common, program->own, &options, err);
    if (status == AUTH_STATUS_OK)
        status = read_file(call, options, faults, err);
    if (status == AUTH_STATUS_OK)
        status = read_words(program, count, words, options, faults, err);
    /* What is missing may be what could not be read. */
    if (status == AUTH_STATUS_OK && faults->count == 0)
        status = daemon_options_check(options, faults, err);
    if (status == AUTH_STATUS_OK && faults->count == 0)
        *out = AUTH_TAKE(options);
    return status;
}
