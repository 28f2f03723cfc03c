/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "output.h"

#include <auth/person.h>
#include <auth/secret.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Birth dates are days in China: UTC+8 the whole year. */
#define CHINA_OFFSET_MINUTES 480

/* A longer line is no number of any type; what is kept of it suffices to say why. */
#define LINE_MAX_OCTETS 256

typedef struct id_checker {
    auth_person_rules rules;
    bool is_json;
    bool is_from_file;
    bool has_refused;
    bool has_failed;
} id_checker;

static const char *text_or_null(const char *text, bool is_known) { return is_known ? text : NULL; }

static void format_birth(const auth_person *person, char out[AUTH_TIME_TEXT_SIZE])
{
    if (person->has_century)
        auth_date_format(person->birth_date, out);
    else
        (void)snprintf(out, AUTH_TIME_TEXT_SIZE, "%02d%02d%02d", person->birth_date.year,
                       person->birth_date.month, person->birth_date.day);
}

static const char *sex_letter(auth_person_sex sex)
{
    return sex == AUTH_PERSON_SEX_FEMALE ? "F" : "M";
}

static void answer_json(id_checker *checker, const auth_person *person, size_t index)
{
    auth_bytes number = auth_person_number_reveal(&person->number);
    char canonical[AUTH_PERSON_NUMBER_TEXT_SIZE] = {0};
    memcpy(canonical, number.data, number.len);
    char birth[AUTH_TIME_TEXT_SIZE];
    format_birth(person, birth);
    char region[16];
    (void)snprintf(region, sizeof region, "%06u", person->region);

    bool is_typed = person->type != AUTH_PERSON_TYPE_ANY;
    bool is_born = person->birth_date.day != 0;
    cli_json *json = cli_json_new();
    cli_json_number(json, checker->is_from_file ? "line" : "argument", (long long)index);
    cli_json_bool(json, "valid", person->reason == AUTH_PERSON_REASON_OK);
    cli_json_text(json, "type", text_or_null(auth_person_type_name(person->type), is_typed));
    cli_json_text(json, "reason", auth_person_reason_name(person->reason));
    cli_json_number(json, "position", (long long)person->position);
    cli_json_text(json, "message", _(auth_person_reason_text(person->reason)));
    cli_json_text(json, "birth_date", text_or_null(birth, is_born));
    cli_json_text(json, "sex",
                  text_or_null(sex_letter(person->sex), person->sex != AUTH_PERSON_SEX_UNKNOWN));
    cli_json_text(json, "region", text_or_null(region, person->region != 0));
    cli_json_bool(json, "region_listed", person->is_listed_region);
    cli_json_text(json, "province", person->province_en);
    cli_json_text(json, "province_zh", person->province_zh);
    cli_json_text(json, "canonical", text_or_null(canonical, number.len > 0));
    auth_secret_wipe(canonical, sizeof canonical);
    if (!cli_json_print(json, stdout))
        checker->has_failed = true;
}

static bool prefers_chinese(void)
{
    /* TRANSLATORS: translate as "zh" to show provinces by their Chinese names. */
    return strcmp(_("en"), "zh") == 0;
}

static void print_facts(const auth_person *person)
{
    char masked[AUTH_PERSON_NUMBER_TEXT_SIZE];
    auth_person_number_mask(&person->number, masked);
    printf("%s  %s", masked, _(auth_person_type_title(person->type)));
    if (person->sex != AUTH_PERSON_SEX_UNKNOWN)
        printf(_(", %s"), person->sex == AUTH_PERSON_SEX_FEMALE ? _("female") : _("male"));
    /* The whole date would give the masked digits back. */
    if (person->birth_date.day != 0 && person->has_century)
        printf(_(", born in %d"), person->birth_date.year);
    if (person->province_en != NULL)
        printf(_(", %s"), prefers_chinese() ? person->province_zh : person->province_en);
    if (person->region != 0 && !person->is_listed_region)
        printf(_(" (remark: county code %06u is not in the list of 1980 to 2022)"), person->region);
}

static void answer_text(const auth_person *person, size_t index)
{
    bool is_valid = person->reason == AUTH_PERSON_REASON_OK;
    printf("%zu  ", index);
    cli_print_padded(stdout, is_valid ? CLI_STYLE_GOOD : CLI_STYLE_BAD,
                     is_valid ? _("valid") : _("invalid"), 7);
    fputs("  ", stdout);
    if (is_valid) {
        print_facts(person);
    } else {
        printf("%s: ", auth_person_reason_name(person->reason));
        if (person->position > 0)
            printf(_("character %zu: "), person->position);
        fputs(_(auth_person_reason_text(person->reason)), stdout);
    }
    if (person->reason == AUTH_PERSON_REASON_LEGACY_15) {
        char masked[AUTH_PERSON_NUMBER_TEXT_SIZE];
        auth_person_number_mask(&person->number, masked);
        printf(" (%s)", masked);
    }
    fputc('\n', stdout);
}

static void check_one(id_checker *checker, auth_bytes text, size_t index)
{
    auth_person person;
    if (auth_person_check(text, &checker->rules, &person) != AUTH_PERSON_REASON_OK)
        checker->has_refused = true;
    if (checker->is_json)
        answer_json(checker, &person, index);
    else
        answer_text(&person, index);
    auth_person_wipe(&person);
}

/* Checks each line as it stands; a line feed ends one, and the last may lack it. */
static void check_lines(id_checker *checker, FILE *in)
{
    uint8_t line[LINE_MAX_OCTETS];
    size_t len = 0;
    size_t index = 1;
    bool is_begun = false;
    for (int c = getc_unlocked(in); c != EOF; c = getc_unlocked(in)) {
        if (c == '\n') {
            check_one(checker, (auth_bytes){line, len}, index++);
            len = 0;
            is_begun = false;
            continue;
        }
        is_begun = true;
        if (len < sizeof line)
            line[len++] = (uint8_t)c;
    }
    if (is_begun)
        check_one(checker, (auth_bytes){line, len}, index);
    auth_secret_wipe(line, sizeof line);
}

static cli_exit check_file(id_checker *checker, const char *path)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *in = is_stdin ? stdin : fopen(path, "re");
    if (in == NULL)
        return cli_fault(_("--from: cannot open %s: %s; name a file that can be read"), path,
                         strerror(errno));
    errno = 0;
    check_lines(checker, in);
    bool has_failed = ferror(in) != 0;
    int error = errno;
    if (!is_stdin)
        (void)fclose(in);
    if (has_failed)
        return cli_fault(_("--from: cannot read %s: %s"), path, strerror(error));
    return CLI_YES;
}

static cli_exit read_rules(cli_call *call, auth_person_rules *rules)
{
    auth_error err;
    *rules = (auth_person_rules){
        .accepts_legacy = cli_has(call, "legacy"),
        .today = auth_date_from_time((auth_time)time(NULL), CHINA_OFFSET_MINUTES),
    };
    const char *today = cli_value(call, "today");
    if (today != NULL &&
        auth_date_parse(auth_bytes_from_text(today), &rules->today, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "--today: %s", err.text);
    const char *type = cli_value(call, "type");
    if (type != NULL && strcmp(type, "any") != 0 &&
        auth_person_type_find(type, &rules->type, &err) != AUTH_STATUS_OK)
        return cli_usage(call->command, "--type: %s", err.text);
    return CLI_YES;
}

static cli_exit run(cli_call *call)
{
    const char *path = cli_value(call, "from");
    id_checker checker = {
        .is_json = cli_has(call, "json") || path != NULL,
        .is_from_file = path != NULL,
    };
    cli_exit code = read_rules(call, &checker.rules);
    if (code != CLI_YES)
        return code;
    if (path != NULL && call->argument_count > 0)
        return cli_usage(call->command, _("give numbers or --from, not both"));
    if (path == NULL && call->argument_count == 0)
        return cli_usage(call->command, _("give at least one number, or --from FILE"));

    if (path != NULL)
        code = check_file(&checker, path);
    for (int i = 0; i < call->argument_count; i++)
        check_one(&checker, auth_bytes_from_text(call->arguments[i]), (size_t)i + 1);
    if (code != CLI_YES)
        return code;
    if (checker.has_failed)
        return cli_fault(_("out of memory"));
    return checker.has_refused ? CLI_NO : CLI_YES;
}

static const char *const type_names[] = {
    "any",
#define AUTH_PERSON_TYPE_ROW(id, number, file, name, title) name,
#include <auth/person_type.def>
    NULL,
};

static const cli_option options[] = {
    CLI_OPTION_JSON,
    {"from", "FILE", N_("check each line of a file, as it stands ('-': standard input), in JSON"),
     NULL},
    {"type", "TYPE", N_("accept this type only; needed for documents without a form of their own"),
     type_names},
    {"today", "DATE", N_("the day after which nobody is born yet, instead of today in China"),
     NULL},
    {"legacy", NULL, N_("accept 15-digit numbers for the 18-digit ones they became"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth id check 11010519491231002X",
    "auth id check --json --today 2026-01-31 11010519491231002x",
    "auth id check --from numbers.txt",
    NULL,
};

const cli_command cli_command_id_check = {
    .name = "id check",
    .summary = N_("check person numbers: form, region, birth date, check character"),
    .arguments = "NUMBER...",
    .options = options,
    .description =
        N_("Tells of each number whether it is well formed, of which type it is and what it says. "
           "It asks nobody whether such a person exists.\n\n"
           "Words of a command line can be seen by other users of a machine: give real numbers "
           "with --from.\n\n"
           "In JSON there is one object a line with valid, type, reason, position (of the "
           "character that decided, from 1; 0 is the whole), message, birth_date, sex, region, "
           "region_listed, province, province_zh and canonical. Members that a form does not tell "
           "are null. The exit code is 1 if any number is refused."),
    .examples = examples,
    .run = run,
};
