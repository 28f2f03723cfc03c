/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "output.h"

#include <string.h>

#define SUMMARY_COLUMN 18
#define OPTION_COLUMN 18

static void print_option(FILE *out, const char *name, const char *argument, const char *help)
{
    char label[80];
    (void)snprintf(label, sizeof label, "--%s%s%s", name, argument == NULL ? "" : " ",
                   argument == NULL ? "" : argument);
    fprintf(out, "  %-*s  %s\n", OPTION_COLUMN, label, help);
}

static void print_command(FILE *out, const cli_command *command)
{
    fprintf(out, "%s auth %s%s%s%s\n\n%s\n", _("Usage:"), command->name,
            command->options == NULL ? "" : _(" [OPTION]..."),
            command->arguments == NULL ? "" : " ",
            command->arguments == NULL ? "" : command->arguments, _(command->summary));
    if (command->description != NULL)
        fprintf(out, "\n%s\n", _(command->description));
    fprintf(out, "\n%s\n", _("Options:"));
    for (const cli_option *option = command->options; option != NULL && option->name != NULL;
         option++)
        print_option(out, option->name, option->argument, _(option->help));
    print_option(out, "help", NULL, _("show this help"));
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
