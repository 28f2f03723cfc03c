/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "output.h"

#include <string.h>
#include <wchar.h>

#define SUMMARY_COLUMN 18
#define OPTION_COLUMN_MAX 26
#define LINE_CELLS 80

static int label_of(const cli_option *option, char *label, size_t size)
{
    return snprintf(label, size, "--%s%s%s", option->name, option->argument == NULL ? "" : " ",
                    option->argument == NULL ? "" : option->argument);
}

static int option_column(const cli_option *options)
{
    char label[80];
    int column = (int)strlen("--help");
    for (; options != NULL && options->name != NULL; options++) {
        int len = label_of(options, label, sizeof label);
        if (len > column && len <= OPTION_COLUMN_MAX)
            column = len;
    }
    return column;
}

static void print_option(FILE *out, const cli_option *option, int column)
{
    char label[80];
    (void)label_of(option, label, sizeof label);
    fprintf(out, "  %-*s  %s\n", column, label, _(option->help));
}

/* Reads a character; a byte that is none counts as one of a cell's width. */
static size_t read_character(const char *text, wchar_t *out)
{
    mbstate_t state = {0};
    size_t len = mbrtowc(out, text, strlen(text), &state);
    if (len == 0 || len > strlen(text)) {
        *out = L'?';
        return 1;
    }
    return len;
}

static bool is_closing(wchar_t c)
{
    return c != L'\0' && wcschr(L"，。、；：？！）”’》」", c) != NULL;
}

/*
 * Measures what must stay on one line: a run without spaces, or a single wide character, since
 * Chinese breaks anywhere but before a closing mark.
 */
static size_t measure_piece(const char *text, int *cells)
{
    size_t len = 0;
    bool is_wide_piece = false;
    *cells = 0;
    while (text[len] != '\0' && text[len] != ' ' && text[len] != '\n') {
        wchar_t c = L'\0';
        size_t octets = read_character(text + len, &c);
        bool is_wide = wcwidth(c) == 2;
        if (len > 0 && !is_closing(c) && (is_wide || is_wide_piece))
            break;
        is_wide_piece = is_wide;
        *cells += is_wide ? 2 : 1;
        len += octets;
    }
    return len;
}

/* Prints text in lines of at most LINE_CELLS; its own line feeds stay. */
static void print_wrapped(FILE *out, const char *text)
{
    int column = 0;
    int spaces = 0;
    while (*text != '\0') {
        if (*text == '\n' || *text == ' ') {
            spaces = *text == ' ' ? spaces + 1 : 0;
            if (*text == '\n') {
                fputc('\n', out);
                column = 0;
            }
            text++;
            continue;
        }
        int cells = 0;
        size_t len = measure_piece(text, &cells);
        if (column > 0 && column + spaces + cells > LINE_CELLS) {
            fputc('\n', out);
            column = 0;
            spaces = 0;
        }
        fprintf(out, "%*s%.*s", spaces, "", (int)len, text);
        column += spaces + cells;
        spaces = 0;
        text += len;
    }
    fputc('\n', out);
}

static void print_command(FILE *out, const cli_command *command)
{
    fprintf(out, "%s auth %s%s%s%s\n\n%s\n", _("Usage:"), command->name,
            command->options == NULL ? "" : _(" [OPTION]..."),
            command->arguments == NULL ? "" : " ",
            command->arguments == NULL ? "" : command->arguments, _(command->summary));
    if (command->description != NULL) {
        fputc('\n', out);
        print_wrapped(out, _(command->description));
    }
    fprintf(out, "\n%s\n", _("Options:"));
    int column = option_column(command->options);
    for (const cli_option *option = command->options; option != NULL && option->name != NULL;
         option++)
        print_option(out, option, column);
    static const cli_option help = {"help", NULL, N_("show this help"), NULL};
    print_option(out, &help, column);
    if (command->examples != NULL) {
        fprintf(out, "\n%s\n", _("Examples:"));
        for (const char *const *example = command->examples; *example != NULL; example++)
            fprintf(out, "  %s\n", *example);
    }
}

static void print_list(FILE *out)
{
    fprintf(out, "%s auth %s\n\n%s\n\n%s\n", _("Usage:"), _("SUBCOMMAND [OPTION]... [ARGUMENT]..."),
            _("Identities of citizens: numbers, certificates, logins."), _("Subcommands:"));
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        if (cli_commands[i]->is_hidden)
            continue;
        fputs("  ", out);
        cli_print_padded(out, CLI_STYLE_STRONG, cli_commands[i]->name, SUMMARY_COLUMN);
        fprintf(out, "  %s\n", _(cli_commands[i]->summary));
    }
    fprintf(out, "\n%s\n%s\n", _("Exit code: 0 yes, 1 no, 2 wrong usage, 3 fault."),
            _("'auth SUBCOMMAND --help' tells more."));
}

void cli_print_help(FILE *out, const cli_command *command)
{
    if (command == NULL)
        print_list(out);
    else
        print_command(out, command);
}

static cli_exit run(cli_call *call)
{
    if (call->argument_count == 0) {
        cli_print_help(stdout, NULL);
        return CLI_YES;
    }
    int words = 0;
    bool is_group = false;
    const cli_command *command = cli_find(call->arguments, call->argument_count, &words, &is_group);
    if (command == NULL && !is_group)
        return cli_usage(call->command, _("there is no subcommand '%s'"),
                         cli_shown(call->arguments[0]));
    cli_print_help(stdout, command);
    return CLI_YES;
}

const cli_command cli_command_help = {
    .name = "help",
    .summary = N_("show the subcommands, or all about one"),
    .arguments = "[SUBCOMMAND]",
    .run = run,
};
