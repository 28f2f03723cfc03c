/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a subcommand of auth is: a name, options, texts and a function, as data, so that help, man
 * pages, shell completion and tests all follow from the one table in commands.def.
 */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <auth/error.h>
#include <libintl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define _(text) gettext(text)
#define N_(text) text

/* What auth says by its exit code. */
typedef enum cli_exit {
    CLI_YES = 0,
    CLI_NO = 1,
    CLI_USAGE = 2,
    CLI_FAULT = 3,
} cli_exit;

typedef struct cli_option {
    const char *name;          /* long, without "--" */
    const char *argument;      /* what its value is called in help; NULL: a flag; "FILE...": the
                                  option may be given several times */
    const char *help;          /* one line, marked with N_ */
    const char *const *values; /* the values there are, ending in NULL; NULL: any */
} cli_option;

#define CLI_OPTION_JSON                                                                            \
    {                                                                                              \
        "json", NULL, N_("answer in JSON"), NULL                                                   \
    }
#define CLI_OPTION_END                                                                             \
    {                                                                                              \
        NULL, NULL, NULL, NULL                                                                     \
    }

typedef struct cli_call cli_call;

typedef struct cli_command {
    const char *name;            /* "id check" */
    const char *summary;         /* one line */
    const char *arguments;       /* what follows the options: "NUMBER..."; NULL: nothing may */
    const cli_option *options;   /* ending in CLI_OPTION_END; NULL: only --help */
    const char *const *words;    /* the words that its arguments can be, for completion; or NULL */
    const char *description;     /* paragraphs, separated by empty lines; marked with N_ */
    const char *const *examples; /* command lines, ending in NULL; or NULL */
    bool is_hidden;              /* left out of help: for shells and the build */
    cli_exit (*run)(cli_call *call);
} cli_command;

#define CLI_COMMAND(name) extern const cli_command cli_command_##name;
#include "commands.def"

/* All subcommands, ending in NULL. */
extern const cli_command *const cli_commands[];

/* An option as it was given. */
typedef struct cli_given {
    const cli_option *option;
    const char *value; /* "" for a flag */
} cli_given;

/* One call of a subcommand: its options and arguments. */
struct cli_call {
    const cli_command *command;
    const cli_given *given; /* in the order of the command line */
    size_t given_count;
    char **arguments;
    int argument_count;
};

/*
 * Finds the subcommand that the first words name. *word_count becomes how many words its name has.
 * NULL when there is none; *is_group tells whether the words begin the name of some.
 */
const cli_command *cli_find(char **words, int count, int *word_count, bool *is_group);

/* Runs auth: finds the subcommand, reads its options, calls it. */
cli_exit cli_main(int count, char **words);

/*
 * Tells the value of an option: NULL when it was not given, "" for a flag that was. When it was
 * given several times, the last counts.
 */
const char *cli_value(const cli_call *call, const char *option);
bool cli_has(const cli_call *call, const char *option);

/*
 * Walks over the values of an option that may be given several times, in their order. *at starts as
 * 0. NULL at the end.
 */
const char *cli_next_value(const cli_call *call, const char *option, size_t *at);

/* A word as an error may repeat it: "..." when its digits may be those of a person number. */
const char *cli_shown(const char *word);

/* Reports wrong usage on stderr, with the way to help; returns CLI_USAGE. */
cli_exit cli_usage(const cli_command *command, const char *format, ...) AUTH_PRINTF(2, 3);

/* Reports an error on stderr; returns CLI_FAULT for a fault and CLI_NO for an answer. */
cli_exit cli_error(const cli_command *command, const auth_error *err);

/* Reports a fault of the machine on stderr; returns CLI_FAULT. */
cli_exit cli_fault(const char *format, ...) AUTH_PRINTF(1, 2);

/* Prints the synopsis, texts and options of a subcommand, or the list of all when NULL. */
void cli_print_help(FILE *out, const cli_command *command);

#endif
