/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the man pages of auth and of its subcommands, so that they say what --help says. */
#include "command.h"

#include <auth/version.h>
#include <string.h>

/* Prints text as roff: backslashes and hyphens escaped, no line read as a request. */
static void print_text(const char *text)
{
    bool is_line_start = true;
    for (; *text != '\0'; text++) {
        if (is_line_start && (*text == '.' || *text == '\''))
            fputs("\\&", stdout);
        is_line_start = *text == '\n';
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '-')
            fputs("\\-", stdout);
        else
            fputc(*text, stdout);
    }
}

/* Paragraphs stand apart by empty lines; the first follows its heading. */
static void print_paragraphs(const char *text)
{
    for (bool is_first = true; *text != '\0'; is_first = false) {
        const char *end = strstr(text, "\n\n");
        size_t len = end == NULL ? strlen(text) : (size_t)(end - text);
        char paragraph[2048];
        if (len >= sizeof paragraph)
            len = sizeof paragraph - 1;
        memcpy(paragraph, text, len);
        paragraph[len] = '\0';
        if (!is_first)
            fputs(".PP\n", stdout);
        print_text(paragraph);
        fputc('\n', stdout);
        text += len;
        text += strspn(text, "\n");
    }
}

/* The page's name: "auth-id-check". */
static void print_page_name(const char *name)
{
    fputs("auth", stdout);
    if (name == NULL)
        return;
    fputs("\\-", stdout);
    for (; *name != '\0'; name++) {
        if (*name == ' ')
            fputs("\\-", stdout);
        else
            fputc(*name, stdout);
    }
}

static void print_title(const char *name)
{
    printf(".TH AUTH%s", name == NULL ? "" : "-");
    for (const char *at = name == NULL ? "" : name; *at != '\0'; at++)
        fputc(*at == ' ' ? '-' : *at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at, stdout);
    printf(" 1 \"%s\" \"libauth %s\" \"libauth\"\n.SH NAME\n", RELEASE_DATE, AUTH_VERSION);
    print_page_name(name);
    fputs(" \\- ", stdout);
}

static void print_option(const char *name, const char *argument, const char *help)
{
    printf(".TP\n.BR \\-\\-");
    print_text(name);
    if (argument != NULL)
        printf(" \" \\fI%s\\fR\"", argument);
    fputc('\n', stdout);
    print_text(_(help));
    fputc('\n', stdout);
}

static void print_exit_codes(void)
{
    puts(".SH EXIT STATUS\n.TP\n.B 0\nThe answer is yes.\n.TP\n.B 1\nThe answer is no; the output "
         "says why.\n.TP\n.B 2\nThe call was wrong; nothing was done.\n.TP\n.B 3\nA fault of the "
         "machine; the question is not answered.");
}

static void print_command(const cli_command *command)
{
    print_title(command->name);
    print_text(_(command->summary));
    printf("\n.SH SYNOPSIS\n.B auth %s\n%s", command->name,
           command->options == NULL ? "" : "[\\fIOPTION\\fR]...\n");
    if (command->arguments != NULL) {
        print_text(command->arguments);
        fputc('\n', stdout);
    }
    if (command->description != NULL) {
        puts(".SH DESCRIPTION");
        print_paragraphs(_(command->description));
    }
    puts(".SH OPTIONS");
    for (const cli_option *option = command->options; option != NULL && option->name != NULL;
         option++)
        print_option(option->name, option->argument, option->help);
    print_option("help", NULL, N_("show this help"));
    print_exit_codes();
    if (command->examples != NULL) {
        puts(".SH EXAMPLES");
        for (const char *const *example = command->examples; *example != NULL; example++) {
            puts(example == command->examples ? ".nf" : ".PP\n.nf");
            print_text(*example);
            puts("\n.fi");
        }
    }
    puts(".SH SEE ALSO\n.BR auth (1)");
}

static void print_overview(void)
{
    print_title(NULL);
    puts("identities of citizens: numbers, certificates, logins\n.SH SYNOPSIS\n.B auth\n"
         "\\fISUBCOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n.SH SUBCOMMANDS");
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        if (cli_commands[i]->is_hidden)
            continue;
        fputs(".TP\n.BR ", stdout);
        print_page_name(cli_commands[i]->name);
        puts(" (1)");
        print_text(_(cli_commands[i]->summary));
        fputc('\n', stdout);
    }
    print_exit_codes();
    puts(".SH ENVIRONMENT\n.TP\n.BR LC_ALL \", \" LC_MESSAGES \", \" LANG \", \" LANGUAGE\nThe "
         "language of messages: English or Chinese.\n.TP\n.B NO_COLOR\nWhen set to anything, no "
         "colours are used. They are used on terminals only.\n.TP\n.B AUTH_LOCALEDIR\nWhere the "
         "message catalogues are, when not where they were installed.");
}

static cli_exit run(cli_call *call)
{
    if (call->argument_count == 0) {
        print_overview();
        return CLI_YES;
    }
    int words = 0;
    bool is_group = false;
    const cli_command *command = cli_find(call->arguments, call->argument_count, &words, &is_group);
    if (command == NULL)
        return cli_usage(call->command, _("there is no subcommand '%s'"),
                         cli_shown(call->arguments[0]));
    print_command(command);
    return CLI_YES;
}

const cli_command cli_command_manual = {
    .name = "manual",
    .summary = N_("print a man page of auth or of a subcommand"),
    .arguments = "[SUBCOMMAND]",
    .is_hidden = true,
    .run = run,
};
