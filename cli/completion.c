/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <string.h>

/*
 * Each script asks 'auth complete' for the words that fit, so none of them ever grows old. zsh runs
 * an installed one as the function _auth when it needs it first, and that call wants an answer too.
 */
static const char bash_script[] =
    "_auth() {\n"
    "    local IFS=$'\\n'\n"
    "    COMPREPLY=($(\"${COMP_WORDS[0]}\" complete -- \"${COMP_WORDS[@]:1:COMP_CWORD}\" "
    "2>/dev/null))\n"
    "}\n"
    "complete -o default -F _auth auth\n";

static const char zsh_script[] =
    "#compdef auth\n"
    "_auth() {\n"
    "    local -a fitting\n"
    "    fitting=(\"${(@f)$(auth complete -- \"${(@)words[2,CURRENT]}\" 2>/dev/null)}\")\n"
    "    if [[ -n \"$fitting\" ]]; then compadd -a fitting; else _files; fi\n"
    "}\n"
    "if [[ $funcstack[1] == _auth ]]; then _auth \"$@\"; else compdef _auth auth; fi\n";

static const char fish_script[] =
    "complete -c auth -f -a '(auth complete -- (commandline -opc)[2..-1] (commandline -ct) "
    "2>/dev/null)'\n";

typedef struct shell {
    const char *name;
    const char *script;
} shell;

static const shell shells[] = {
    {"bash", bash_script},
    {"zsh", zsh_script},
    {"fish", fish_script},
};

static const char *const shell_names[] = {"bash", "zsh", "fish", NULL};

static cli_exit run(cli_call *call)
{
    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (call->argument_count == 1 && strcmp(call->arguments[0], shells[i].name) == 0) {
            fputs(shells[i].script, stdout);
            return CLI_YES;
        }
    }
    return cli_usage(call->command, _("name one shell: bash, zsh or fish"));
}

static const char *const examples[] = {
    "source <(auth completion bash)",
    "auth completion fish > ~/.config/fish/completions/auth.fish",
    NULL,
};

const cli_command cli_command_completion = {
    .name = "completion",
    .summary = N_("print a script that completes auth's words in a shell"),
    .arguments = "bash|zsh|fish",
    .words = shell_names,
    .examples = examples,
    .run = run,
};
