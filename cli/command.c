/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The most options a subcommand may have, --help included. */
#define MAX_OPTIONS 32

const cli_command *const cli_commands[] = {
#define CLI_COMMAND(name) &cli_command_##name,
#include "commands.def"
    NULL,
};

/* Tells how many of the words spell the name, or its beginning; 0: they spell something else. */
static int match_words(const char *name, char **words, int count, bool *is_whole)
{
    int matched = 0;
    *is_whole = false;
    for (const char *at = name; matched < count; matched++) {
        size_t len = strcspn(at, " ");
        if (strlen(words[matched]) != len || strncmp(words[matched], at, len) != 0)
            return 0;
        if (at[len] == '\0') {
            *is_whole = true;
            return matched + 1;
        }
        at += len + 1;
    }
    return matched;
}

const cli_command *cli_find(char **words, int count, int *word_count, bool *is_group)
{
    *is_group = false;
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        bool is_whole = false;
        int matched = match_words(cli_commands[i]->name, words, count, &is_whole);
        if (is_whole) {
            *word_count = matched;
            return cli_commands[i];
        }
        *is_group = *is_group || (matched > 0 && matched == count);
    }
    return NULL;
}

const char *cli_value(const cli_call *call, const char *option)
{
    const char *last = NULL;
    size_t at = 0;
    for (const char *value = cli_next_value(call, option, &at); value != NULL;
         value = cli_next_value(call, option, &at))
        last = value;
    return last;
}

const char *cli_next_value(const cli_call *call, const char *option, size_t *at)
{
    while (*at < call->given_count) {
        const cli_given *given = &call->given[(*at)++];
        if (strcmp(given->option->name, option) == 0)
            return given->value;
    }
    return NULL;
}

bool cli_has(const cli_call *call, const char *option) { return cli_value(call, option) != NULL; }

/* Every type of person number has at least four digits. */
#define DIGITS_SHOWN 3

const char *cli_shown(const char *word)
{
    size_t digits = 0;
    for (const char *at = word; *at != '\0'; at++)
        digits += *at >= '0' && *at <= '9' ? 1 : 0;
    return digits > DIGITS_SHOWN ? "..." : word;
}

static void print_name(const cli_command *command)
{
    fputs("auth", stderr);
    if (command != NULL)
        fprintf(stderr, " %s", command->name);
    fputs(": ", stderr);
}

cli_exit cli_usage(const cli_command *command, const char *format, ...)
{
    print_name(command);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    fprintf(stderr, _("Try '%s%s --help'."), command == NULL ? "auth" : "auth ",
            command == NULL ? "" : command->name);
    fprintf(stderr, "\n");
    return CLI_USAGE;
}

cli_exit cli_error(const cli_command *command, const auth_error *err)
{
    print_name(command);
    fprintf(stderr, "%s\n", err->text);
    return auth_status_is_fault(err->status) ? CLI_FAULT : CLI_NO;
}

cli_exit cli_fault(const char *format, ...)
{
    print_name(NULL);
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
    return CLI_FAULT;
}

static bool is_one_of(const char *const *values, const char *value)
{
    for (; *values != NULL; values++) {
        if (strcmp(*values, value) == 0)
            return true;
    }
    return false;
}

/* What is too much may be a person's number, which is not repeated. */
static cli_exit refuse_more(const cli_command *command)
{
    for (const cli_option *option = command->options; option->name != NULL; option++) {
        if (strcmp(option->name, "number-file") == 0)
            return cli_usage(command,
                             _("nothing may follow, but there is more; the number of a person is "
                               "asked for, or comes from --number-file FILE, since others can see "
                               "what stands on a command line"));
    }
    return cli_usage(command, _("nothing may follow, but there is more"));
}

static cli_exit refuse_value(const cli_command *command, const cli_option *option)
{
    print_name(command);
    fprintf(stderr, _("--%s takes one of:"), option->name);
    for (const char *const *value = option->values; *value != NULL; value++)
        fprintf(stderr, " %s", *value);
    fputc('\n', stderr);
    return CLI_USAGE;
}

typedef struct option_table {
    struct option rows[MAX_OPTIONS + 1];
    size_t count;
    int help; /* what getopt_long returns for --help */
} option_table;

static option_table options_of(const cli_command *command)
{
    option_table table = {.count = 0};
    if (command->options != NULL) {
        for (const cli_option *option = command->options; option->name != NULL; option++) {
            table.rows[table.count] = (struct option){
                .name = option->name,
                .has_arg = option->argument == NULL ? no_argument : required_argument,
                .val = (int)table.count,
            };
            table.count++;
        }
    }
    table.help = (int)table.count;
    table.rows[table.count] = (struct option){.name = "help", .val = table.help};
    return table;
}

static cli_exit refuse_option(const cli_command *command, const option_table *table, int code,
                              char **words)
{
    if (code == ':')
        return cli_usage(command, _("--%s needs a value: %s"), table->rows[optopt].name,
                         command->options[optopt].argument);
    /* There are no options of one letter; getopt_long tells but the letter. */
    char name[64] = "-?";
    bool is_letter = (optopt >= 'a' && optopt <= 'z') || (optopt >= 'A' && optopt <= 'Z');
    if (is_letter)
        name[1] = (char)optopt;
    else if (strncmp(words[optind - 1], "--", 2) == 0)
        (void)snprintf(name, sizeof name, "%s", words[optind - 1]);
    name[strcspn(name, "=")] = '\0';
    const char *shown = cli_shown(name);
    return cli_usage(command, _("there is no option '%.*s' here, or it takes no value"),
                     (int)strlen(shown), shown);
}

/* Runs the subcommand with the options that are in given, which has room for all of the words. */
static cli_exit run_with(const cli_command *command, int count, char **words, cli_given *given)
{
    option_table table = options_of(command);
    cli_call call = {.command = command, .given = given};
    opterr = 0;
    optind = 0;
    for (;;) {
        int code = getopt_long(count, words, ":", table.rows, NULL);
        if (code == -1)
            break;
        if (code == '?' || code == ':')
            return refuse_option(command, &table, code, words);
        if (code == table.help) {
            cli_print_help(stdout, command);
            return CLI_YES;
        }
        const cli_option *option = &command->options[code];
        const char *value = optarg != NULL ? optarg : "";
        if (option->values != NULL && !is_one_of(option->values, value))
            return refuse_value(command, option);
        given[call.given_count++] = (cli_given){option, value};
    }
    call.arguments = words + optind;
    call.argument_count = count - optind;
    if (command->arguments == NULL && call.argument_count > 0)
        return refuse_more(command);
    return command->run(&call);
}

/* Reads the options and runs the subcommand. words[0] is the last word of its name. */
static cli_exit run(const cli_command *command, int count, char **words)
{
    cli_given *given = calloc((size_t)count, sizeof *given);
    if (given == NULL)
        return cli_fault(_("out of memory"));
    cli_exit code = run_with(command, count, words, given);
    free(given);
    return code;
}

/* Says which words may follow when the first one begins the name of some subcommand. */
static cli_exit refuse_name(char **words)
{
    char followers[256] = "";
    size_t used = 0;
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        bool is_whole = false;
        const char *name = cli_commands[i]->name;
        if (cli_commands[i]->is_hidden || match_words(name, words, 1, &is_whole) == 0)
            continue;
        int len =
            snprintf(followers + used, sizeof followers - used, " %s", name + strlen(words[0]) + 1);
        used += len > 0 && (size_t)len < sizeof followers - used ? (size_t)len : 0;
    }
    if (used == 0)
        return cli_usage(NULL, _("there is no subcommand '%s'"), cli_shown(words[0]));
    return cli_usage(NULL, _("'%s' needs one more word:%s"), words[0], followers);
}

cli_exit cli_main(int count, char **words)
{
    if (count == 0) {
        cli_print_help(stderr, NULL);
        return CLI_USAGE;
    }
    if (strcmp(words[0], "--help") == 0 || strcmp(words[0], "-h") == 0) {
        cli_print_help(stdout, NULL);
        return CLI_YES;
    }
    if (strcmp(words[0], "--version") == 0) {
        static char name[] = "version";
        static char *version[] = {name, NULL};
        return run(&cli_command_version, 1, version);
    }
    int words_in_name = 0;
    bool is_group = false;
    const cli_command *command = cli_find(words, count, &words_in_name, &is_group);
    if (command == NULL && count > 1 && strcmp(words[count - 1], "--help") == 0) {
        cli_find(words, count - 1, &words_in_name, &is_group);
        if (is_group) {
            cli_print_help(stdout, NULL);
            return CLI_YES;
        }
    }
    if (command == NULL)
        return refuse_name(words);
    return run(command, count - words_in_name + 1, words + words_in_name - 1);
}
