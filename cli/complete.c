/* SPDX-License-Identifier: Apache-2.0 */
/* Answers shells: the words that may stand where the last argument begins, one a line. */
#include "command.h"

#include <string.h>

static void offer(const char *word, const char *begun, const char *before)
{
    if (strncmp(word, begun, strlen(begun)) == 0)
        printf("%s%s\n", before, word);
}

static void offer_all(const char *const *words, const char *begun)
{
    for (; words != NULL && *words != NULL; words++)
        offer(*words, begun, "");
}

/* Offers the next words of the names that the words so far begin. */
static void offer_names(char **words, int count)
{
    const char *last = "";
    size_t last_len = 0;
    for (size_t i = 0; cli_commands[i] != NULL; i++) {
        const char *at = cli_commands[i]->name;
        int word = 0;
        for (; word < count - 1 && *at != '\0'; word++) {
            size_t len = strcspn(at, " ");
            if (strlen(words[word]) != len || strncmp(words[word], at, len) != 0)
                break;
            at += len + strspn(at + len, " ");
        }
        size_t len = strcspn(at, " ");
        bool is_offered_already = len == last_len && strncmp(at, last, len) == 0;
        const char *begun = words[count - 1];
        if (word < count - 1 || len == 0 || cli_commands[i]->is_hidden || is_offered_already ||
            strlen(begun) > len || strncmp(at, begun, strlen(begun)) != 0)
            continue;
        printf("%.*s\n", (int)len, at);
        last = at;
        last_len = len;
    }
}

static const cli_option *option_named(const cli_command *command, const char *word)
{
    for (const cli_option *option = command->options; option != NULL && option->name != NULL;
         option++) {
        if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, option->name) == 0)
            return option;
    }
    return NULL;
}

static cli_exit run(cli_call *call)
{
    if (call->argument_count == 0)
        return CLI_YES;
    char **words = call->arguments;
    const char *begun = words[call->argument_count - 1];
    int words_in_name = 0;
    bool is_group = false;
    const cli_command *command =
        cli_find(words, call->argument_count - 1, &words_in_name, &is_group);
    if (command == NULL || (command == &cli_command_help && begun[0] != '-')) {
        int skipped = command == NULL ? 0 : words_in_name;
        offer_names(words + skipped, call->argument_count - skipped);
        return CLI_YES;
    }
    const cli_option *before = option_named(command, words[call->argument_count - 2]);
    if (before != NULL && before->argument != NULL) {
        offer_all(before->values, begun);
        return CLI_YES;
    }
    if (begun[0] == '-') {
        for (const cli_option *option = command->options; option != NULL && option->name != NULL;
             option++)
            offer(option->name, begun + strspn(begun, "-"), "--");
        offer("help", begun + strspn(begun, "-"), "--");
        return CLI_YES;
    }
    offer_all(command->words, begun);
    return CLI_YES;
}

const cli_command cli_command_complete = {
    .name = "complete",
    .summary = N_("answer a shell's question for words"),
    .arguments = "-- [WORD]...",
    .is_hidden = true,
    .run = run,
};
