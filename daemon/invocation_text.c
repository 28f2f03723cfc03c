/* SPDX-License-Identifier: Apache-2.0 */
/* --help and the man page of a daemon, both from its table of options. */
#include "daemon/invocation.h"
#include "daemon/words.h"

#include <auth/version.h>
#include <string.h>

#define OPTION_COLUMN 34

typedef struct own_word {
    const char *name;
    const char *help;
} own_word;

static const own_word own_words[] = {
    {"config=FILE", N_("read this file of options instead of the usual one")},
    {"check-config", N_("check file and options, tell all faults, exit with 0 or 2")},
    {"print-config", N_("print the options in force and where each is from")},
    {"help", N_("show this help")},
    {"version", N_("show the version")},
};

static const char *value_name(daemon_option_type type)
{
    switch (type) {
    case DAEMON_TEXT:
        return "TEXT";
    case DAEMON_PATH:
        return "PATH";
    case DAEMON_NUMBER:
        return "NUMBER";
    case DAEMON_DURATION:
        return "DURATION";
    case DAEMON_SIZE:
        return "SIZE";
    case DAEMON_ADDRESSES:
        return "ADDRESSES";
    case DAEMON_BOOLEAN:
        return "yes|no";
    case DAEMON_CHOICE:
        break;
    }
    return "CHOICE";
}

/* "log-level=CHOICE" */
static void write_label(const daemon_option *row, char *out, size_t size)
{
    (void)snprintf(out, size, "%s=%s", row->name, value_name(row->type));
}

/* "debug, info, warning", "" for all else. */
static void write_choices(const daemon_option *row, char *out, size_t size)
{
    out[0] = '\0';
    for (const char *const *choice = row->choices; choice != NULL && *choice != NULL; choice++) {
        size_t used = strlen(out);
        (void)snprintf(out + used, size - used, "%s%s", used > 0 ? ", " : "", *choice);
    }
}

static void print_help_row(FILE *out, const daemon_option *row)
{
    char label[96];
    char choices[256];
    write_label(row, label, sizeof label);
    write_choices(row, choices, sizeof choices);
    (void)fprintf(out, "  --%-*s %s", OPTION_COLUMN, label, _(row->help));
    if (choices[0] != '\0')
        (void)fprintf(out, ": %s", choices);
    if (row->fallback == NULL)
        (void)fprintf(out, " (%s)", _("must be given"));
    else if (row->fallback[0] != '\0')
        (void)fprintf(out, " [%s]", row->fallback);
    (void)fputc('\n', out);
}

void invocation_print_help(const invocation_program *program, FILE *out)
{
    (void)fprintf(out, "%s %s [--OPTION=VALUE]...\n\n%s\n\n%s\n", _("Usage:"), program->name,
                  _(program->summary), _("Options:"));
    for (size_t i = 0; i < sizeof own_words / sizeof own_words[0]; i++)
        (void)fprintf(out, "  --%-*s %s\n", OPTION_COLUMN, own_words[i].name, _(own_words[i].help));
    (void)fprintf(out, "\n%s\n", _("Options that may stand in the file too, as 'name = value':"));
    const daemon_option *const tables[] = {program->own, program->common};
    for (size_t i = 0; i < 2; i++) {
        for (const daemon_option *row = tables[i]; row != NULL && row->name != NULL; row++)
            print_help_row(out, row);
    }
    (void)fprintf(out, "\n%s\n",
                  _("Exit code: 0 ended as asked, 2 wrong options, 3 it cannot work here."));
}

/* Prints text as roff: backslashes and hyphens escaped, no line read as a request. */
static void print_roff(FILE *out, const char *text)
{
    bool is_line_start = true;
    for (; *text != '\0'; text++) {
        if (is_line_start && (*text == '.' || *text == '\''))
            (void)fputs("\\&", out);
        is_line_start = *text == '\n';
        if (*text == '\\')
            (void)fputs("\\e", out);
        else if (*text == '-')
            (void)fputs("\\-", out);
        else
            (void)fputc(*text, out);
    }
}

static void print_paragraphs(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (text[0] == '\n' && text[1] == '\n') {
            (void)fputs("\n.PP\n", out);
            text++;
        } else {
            char one[2] = {*text, '\0'};
            print_roff(out, one);
        }
    }
    (void)fputc('\n', out);
}

static void print_manual_row(FILE *out, const daemon_option *row)
{
    char label[96];
    char choices[256];
    write_label(row, label, sizeof label);
    write_choices(row, choices, sizeof choices);
    (void)fputs(".TP\n.B ", out);
    print_roff(out, "--");
    print_roff(out, label);
    (void)fputc('\n', out);
    print_roff(out, _(row->help));
    if (choices[0] != '\0') {
        (void)fputs(": ", out);
        print_roff(out, choices);
    }
    (void)fputs(".\n", out);
    if (row->fallback == NULL) {
        (void)fputs("It must be given.\n", out);
    } else if (row->fallback[0] != '\0') {
        (void)fputs("Built in: ", out);
        print_roff(out, row->fallback);
        (void)fputs(".\n", out);
    }
    (void)fputs(row->is_reloadable ? "SIGHUP reads it again.\n" : "", out);
}

static void print_manual_rows(FILE *out, const invocation_program *program)
{
    const daemon_option *const tables[] = {program->own, program->common};
    for (size_t i = 0; i < 2; i++) {
        for (const daemon_option *row = tables[i]; row != NULL && row->name != NULL; row++)
            print_manual_row(out, row);
    }
}

void invocation_print_manual(const invocation_program *program, FILE *out)
{
    (void)fputs(".TH ", out);
    for (const char *at = program->name; *at != '\0'; at++)
        (void)fputc(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at, out);
    (void)fprintf(out, " 8 \"%s\" \"libauth %s\" \"libauth\"\n.SH NAME\n", RELEASE_DATE,
                  AUTH_VERSION);
    print_roff(out, program->name);
    (void)fputs(" \\- ", out);
    print_roff(out, _(program->summary));
    (void)fprintf(out, "\n.SH SYNOPSIS\n.B %s\n[\\-\\-OPTION=VALUE]...\n.SH DESCRIPTION\n",
                  program->name);
    print_paragraphs(out, _(program->description));
    (void)fputs(".SH OPTIONS\n", out);
    for (size_t i = 0; i < sizeof own_words / sizeof own_words[0]; i++) {
        (void)fputs(".TP\n.B \\-\\-", out);
        print_roff(out, own_words[i].name);
        (void)fputc('\n', out);
        print_roff(out, _(own_words[i].help));
        (void)fputc('\n', out);
    }
    print_manual_rows(out, program);
    (void)fputs(".SH SIGNALS\n.TP\n.B SIGTERM, SIGINT\nFinish what was begun, then end; a second "
                "one ends at once.\n.TP\n.B SIGHUP\nRead the file of options and the TLS "
                "credentials again; when anything in them is wrong, nothing changes.\n"
                ".SH EXIT STATUS\n.TP\n.B 0\nIt ended as it was asked to.\n.TP\n.B 2\nThe options "
                "are wrong; nothing was done.\n.TP\n.B 3\nIt cannot work here and now; the last "
                "line of its log says why.\n",
                out);
    if (program->config != NULL) {
        (void)fputs(".SH FILES\n.TP\n.I ", out);
        print_roff(out, program->config);
        (void)fputs("\nOptions, one a line: name = value.\n", out);
    }
}
