/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"

#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* A variable that is set to nothing counts as not set (POSIX XBD 8.2; LANGUAGE likewise). */
static const char *environment(const char *name)
{
    const char *value = getenv(name);
    return value == NULL ? "" : value;
}

static const char *wanted_language(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (environment(names[i])[0] != '\0')
            return environment(names[i]);
    }
    return "";
}

/*
 * A minimal system has no locale but C.UTF-8. Who asks for Chinese there gets it all the same: the
 * messages need a character set, which C.UTF-8 has, and the catalogue, which is ours.
 */
static void choose_language(void)
{
    if (setlocale(LC_ALL, "") == NULL && setlocale(LC_ALL, "C.UTF-8") != NULL &&
        environment("LANGUAGE")[0] == '\0') {
        char language[sizeof "zh_CN"] = {0};
        strncpy(language, wanted_language(), sizeof language - 1);
        (void)setenv("LANGUAGE", language, 1);
    }
    const char *catalogues = secure_getenv("AUTH_LOCALEDIR");
    bindtextdomain("auth", catalogues != NULL ? catalogues : LOCALEDIR);
    bind_textdomain_codeset("auth", "UTF-8");
    textdomain("auth");
}

int main(int argc, char **argv)
{
    choose_language();
    cli_exit code = cli_main(argc - 1, argv + 1);
    /* What could not be written was not answered. */
    if (fflush(stdout) != 0 || ferror(stdout) != 0)
        code = cli_fault(_("cannot write the answer: %s; free space or mend the pipe, then repeat"),
                         strerror(errno));
    return (int)code;
}
