/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include "command.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

bool cli_can_ask(void) { return isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1; }

/* Not through stdio, which would keep a copy of a secret. A terminal gives a line at a time. */
static auth_status read_line(char out[CLI_ASK_SIZE], auth_error *err)
{
    size_t used = 0;
    for (;;) {
        char c = '\0';
        ssize_t got = read(STDIN_FILENO, &c, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  _("the input ended before everything was told; begin again"));
        if (c == '\n')
            break;
        if (used + 1 == CLI_ASK_SIZE)
            return auth_error_set(err, AUTH_STATUS_LIMIT, _("the line is too long; begin again"));
        out[used++] = c;
    }
    out[used] = '\0';
    return AUTH_STATUS_OK;
}

auth_status cli_ask(const char *question, const char *fallback, char out[CLI_ASK_SIZE],
                    auth_error *err)
{
    (void)(fallback == NULL ? fprintf(stderr, "%s: ", question)
                            : fprintf(stderr, "%s [%s]: ", question, fallback));
    (void)fflush(stderr);
    auth_status status = read_line(out, err);
    if (status == AUTH_STATUS_OK && out[0] == '\0' && fallback != NULL)
        (void)snprintf(out, CLI_ASK_SIZE, "%s", fallback);
    return status;
}

static auth_status ask_hidden(const char *question, char out[CLI_ASK_SIZE], auth_error *err)
{
    struct termios shown;
    if (tcgetattr(STDIN_FILENO, &shown) != 0)
        return auth_error_set(err, AUTH_STATUS_IO, _("the terminal cannot be told to hide a line"));
    struct termios hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden) != 0)
        return auth_error_set(err, AUTH_STATUS_IO, _("the terminal cannot be told to hide a line"));
    (void)fprintf(stderr, "%s: ", question);
    (void)fflush(stderr);
    auth_status status = read_line(out, err);
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    (void)fputc('\n', stderr);
    return status;
}

auth_status cli_ask_secret(const char *question, auth_secret **out, auth_error *err)
{
    char first[CLI_ASK_SIZE] = "";
    char second[CLI_ASK_SIZE] = "";
    auth_status status = ask_hidden(question, first, err);
    if (status == AUTH_STATUS_OK && first[0] != '\0')
        status = ask_hidden(_("once more"), second, err);
    if (status == AUTH_STATUS_OK && strcmp(first, second) != 0)
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                _("the second passphrase is another one; begin again"));
    if (status == AUTH_STATUS_OK && first[0] != '\0')
        status = auth_secret_from_bytes(auth_bytes_from_text(first), out, err);
    auth_secret_wipe(first, sizeof first);
    auth_secret_wipe(second, sizeof second);
    return status;
}

auth_status cli_ask_passphrase(const char *question, auth_secret **out, auth_error *err)
{
    char line[CLI_ASK_SIZE] = "";
    auth_status status = ask_hidden(question, line, err);
    if (status == AUTH_STATUS_OK && line[0] == '\0')
        status = auth_error_set(err, AUTH_STATUS_INVALID, _("nothing was entered; begin again"));
    if (status == AUTH_STATUS_OK)
        status = auth_secret_from_bytes(auth_bytes_from_text(line), out, err);
    auth_secret_wipe(line, sizeof line);
    return status;
}
