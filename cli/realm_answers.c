/* SPDX-License-Identifier: Apache-2.0 */
#include "realm_answers.h"

#include "ask.h"
#include "file.h"

#include <auth/codec.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BEIJING_MINUTES 480
#define FAULTS_MAX ((size_t)64 << 10)
#define NAME_SIZE 32
/* Letters of a passphrase that is made here: 125 bits. */
#define MADE_LETTERS 25
#define MADE_GROUP 5

static const char *const algorithms[] = {
#define AUTH_KEY_TYPE_ROW(id, number, name, signature) name,
#include <auth/key_type.def>
    NULL,
};

#define TEXT(row_name, row_fallback, row_help)                                                     \
    {                                                                                              \
        .name = (row_name), .type = DAEMON_TEXT, .fallback = (row_fallback), .help = (row_help)    \
    }
#define ADMIN(number)                                                                              \
    TEXT("admin-" number "-id", "", "identifier"), TEXT("admin-" number "-name", "", "name"),      \
        TEXT("admin-" number "-number", "", "person number"),                                      \
        TEXT("admin-" number "-key", "", "PKCS#11 URI")

static const daemon_option rows[] = {
    TEXT("name", "", "name of the realm"),
    TEXT("base", "", "public address"),
    {.name = "algorithm",
     .type = DAEMON_CHOICE,
     .fallback = "p256",
     .help = "type of keys",
     .choices = algorithms},
    {.name = "bits",
     .type = DAEMON_NUMBER,
     .fallback = "3072",
     .help = "of RSA keys",
     .min = 2048,
     .max = 4096},
    TEXT("connect", "", "connection string of a registry elsewhere"),
    TEXT("account", "", "as whom daemons run when root starts them"),
    TEXT("host", "", "DNS name of the daemons"),
    TEXT("centre", "centre", "identifier of the office at the top"),
    TEXT("centre-name", "", "its name"),
    TEXT("region", "000000", "its region, GB/T 2260"),
    TEXT("root-key", "", "PKCS#11 URI"),
    TEXT("staff-key", "", "PKCS#11 URI"),
    TEXT("citizens-key", "", "PKCS#11 URI"),
    TEXT("root-passphrase-file", "", "passphrase of the root's key file"),
    TEXT("key-passphrase-file", "", "passphrase of the other key files"),
    ADMIN("1"),
    ADMIN("2"),
    ADMIN("3"),
    ADMIN("4"),
    ADMIN("5"),
    ADMIN("6"),
    ADMIN("7"),
    ADMIN("8"),
    DAEMON_OPTION_END,
};

/* The answer, or NULL when there is none. */
static const char *answer(const realm_answers *of, const char *name)
{
    const char *text = daemon_options_text(of->options, name);
    return text[0] == '\0' ? NULL : text;
}

static const char *admin_answer(const realm_answers *of, size_t index, const char *what)
{
    char name[NAME_SIZE];
    (void)snprintf(name, sizeof name, "admin-%zu-%s", index + 1, what);
    return answer(of, name);
}

static auth_status set(realm_answers *of, const char *name, const char *value, auth_error *err)
{
    return daemon_options_set(of->options, auth_bytes_from_text(name), auth_bytes_from_text(value),
                              DAEMON_FROM_COMMAND_LINE, err);
}

static auth_status read_file(realm_answers *of, const char *path, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    AUTH_AUTO(auth_buf) *noted = NULL;
    auth_status status = cli_file_read(path, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(FAULTS_MAX, &noted, err);
    daemon_faults faults = {.text = noted};
    if (status == AUTH_STATUS_OK)
        status = daemon_options_read(of->options, path, auth_buf_bytes(text), &faults, err);
    if (status != AUTH_STATUS_OK || faults.count == 0)
        return status;
    auth_bytes all = auth_buf_bytes(noted);
    const uint8_t *end = memchr(all.data, '\n', all.len);
    size_t len = end == NULL ? all.len : (size_t)(end - all.data);
    return auth_error_set(err, AUTH_STATUS_INVALID, "%.*s", (int)len, (const char *)all.data);
}

/* "ID:NAME"; whoever is an admin besides gets the next number. */
static auth_status add_admin(realm_answers *of, size_t index, const char *text, auth_error *err)
{
    char name[NAME_SIZE];
    const char *colon = strchr(text, ':');
    if (index >= REALM_FOUNDERS_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("--admin: a realm begins with %d admins at most"),
                              REALM_FOUNDERS_MAX);
    if (colon == NULL)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              _("--admin: write it as ID:NAME: zhang:Zhang San"));
    char *id = strndup(text, (size_t)(colon - text));
    if (id == NULL)
        return auth_error_memory(err);
    (void)snprintf(name, sizeof name, "admin-%zu-id", index + 1);
    auth_status status = set(of, name, id, err);
    free(id);
    (void)snprintf(name, sizeof name, "admin-%zu-name", index + 1);
    return status == AUTH_STATUS_OK ? set(of, name, colon + 1, err) : status;
}

static auth_status read_call(realm_answers *of, const cli_call *call, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    size_t at = 0;
    for (size_t i = 0; i < call->given_count && status == AUTH_STATUS_OK; i++) {
        const cli_given *given = &call->given[i];
        auth_bytes name = auth_bytes_from_text(given->option->name);
        if (daemon_options_row(of->options, name) != NULL)
            status = set(of, given->option->name, given->value, err);
    }
    for (size_t i = 0; status == AUTH_STATUS_OK; i++) {
        const char *text = cli_next_value(call, "admin", &at);
        if (text == NULL)
            break;
        status = add_admin(of, i, text, err);
    }
    return status;
}

/* Asks for one answer, until it is one. */
static auth_status ask_for(realm_answers *of, const char *name, const char *question,
                           const char *fallback, auth_error *err)
{
    char line[CLI_ASK_SIZE];
    if (answer(of, name) != NULL)
        return AUTH_STATUS_OK;
    if (!cli_can_ask())
        return fallback != NULL
                   ? set(of, name, fallback, err)
                   : auth_error_set(
                         err, AUTH_STATUS_INVALID,
                         _("%s is not told; write '%s = ...' into the file of --answers"), name,
                         name);
    do {
        auth_status status = cli_ask(question, fallback, line, err);
        if (status == AUTH_STATUS_OK)
            status = set(of, name, line, err);
        auth_secret_wipe(line, sizeof line);
        if (status != AUTH_STATUS_OK)
            return status;
    } while (answer(of, name) == NULL);
    return AUTH_STATUS_OK;
}

static auth_status ask_about_admin(realm_answers *of, size_t index, auth_error *err)
{
    static const struct {
        const char *what;
        const char *question;
    } questions[] = {
        {"id", N_("admin %zu: identifier, such as zhang")},
        {"name", N_("admin %zu: name")},
        {"number", N_("admin %zu: person number")},
    };
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < 3 && status == AUTH_STATUS_OK; i++) {
        char name[NAME_SIZE];
        char question[256];
        (void)snprintf(name, sizeof name, "admin-%zu-%s", index + 1, questions[i].what);
        /* Every translation keeps the one placeholder: msgfmt --check holds it to that. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(question, sizeof question, _(questions[i].question), index + 1);
#pragma GCC diagnostic pop
        status = ask_for(of, name, question, NULL, err);
    }
    return status;
}

static bool has_admin(const realm_answers *of, size_t index)
{
    return admin_answer(of, index, "id") != NULL || admin_answer(of, index, "name") != NULL ||
           admin_answer(of, index, "number") != NULL;
}

static auth_status ask(realm_answers *of, auth_error *err)
{
    auth_status status = ask_for(of, "name", _("name of the realm, such as shaanxi"), NULL, err);
    if (status == AUTH_STATUS_OK)
        status = ask_for(of, "base", _("public address that certificates name"),
                         "http://127.0.0.1:8080", err);
    if (status == AUTH_STATUS_OK)
        status = ask_for(of, "centre-name", _("name of the office at the top of the tree"),
                         daemon_options_text(of->options, "centre"), err);
    for (size_t i = 0; i < REALM_FOUNDERS_MAX && status == AUTH_STATUS_OK; i++) {
        if (i < REALM_FOUNDERS_MIN || has_admin(of, i))
            status = ask_about_admin(of, i, err);
    }
    return status;
}

/* In groups, from letters and digits that are not taken for each other. */
static auth_status make_passphrase(auth_secret **out, auth_error *err)
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789";
    uint8_t random[MADE_LETTERS];
    char text[MADE_LETTERS + MADE_LETTERS / MADE_GROUP];
    size_t used = 0;
    auth_status status = registry_random(random, sizeof random, err);
    for (size_t i = 0; i < MADE_LETTERS; i++) {
        if (i > 0 && i % MADE_GROUP == 0)
            text[used++] = '-';
        text[used++] = letters[random[i] % (sizeof letters - 1)];
    }
    if (status == AUTH_STATUS_OK)
        status = auth_secret_from_bytes((auth_bytes){(const uint8_t *)text, used}, out, err);
    auth_secret_wipe(random, sizeof random);
    auth_secret_wipe(text, sizeof text);
    return status;
}

static auth_status find_passphrases(realm_answers *of, auth_error *err)
{
    const char *root = answer(of, "root-passphrase-file");
    const char *others = answer(of, "key-passphrase-file");
    auth_status status = AUTH_STATUS_OK;
    if (others != NULL)
        status = auth_passphrase_read(others, -1, &of->key_passphrase, err);
    if (status != AUTH_STATUS_OK || answer(of, "root-key") != NULL)
        return status;
    if (root != NULL)
        return auth_passphrase_read(root, -1, &of->root_passphrase, err);
    if (cli_can_ask())
        status = cli_ask_secret(
            _("passphrase of the root's key; leave it empty to have one made and shown"),
            &of->root_passphrase, err);
    if (status != AUTH_STATUS_OK || of->root_passphrase != NULL)
        return status;
    of->is_passphrase_made = true;
    return make_passphrase(&of->root_passphrase, err);
}

static auth_status read_founder(realm_answers *of, size_t index, auth_time now, auth_error *err)
{
    realm_founder *founder = &of->founders[index];
    auth_person_rules rules = {.type = AUTH_PERSON_TYPE_ANY,
                               .today = auth_date_from_time(now, BEIJING_MINUTES)};
    founder->id = admin_answer(of, index, "id");
    founder->name = admin_answer(of, index, "name");
    founder->key = admin_answer(of, index, "key");
    auth_status status =
        auth_person_number_parse(auth_bytes_from_text(admin_answer(of, index, "number")), &rules,
                                 &founder->number, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "admin-%zu-number", index + 1);
    return status;
}

static auth_status read_founders(realm_answers *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    size_t count = 0;
    while (count < REALM_FOUNDERS_MAX && has_admin(of, count) && status == AUTH_STATUS_OK)
        status = read_founder(of, count++, of->plan.now, err);
    of->plan.founders = of->founders;
    of->plan.founder_count = count;
    return status;
}

static auth_status make_plan(realm_answers *of, const char *dir, auth_error *err)
{
    auth_key_type type = AUTH_KEY_TYPE_P256;
    const char *algorithm = daemon_options_text(of->options, "algorithm");
#define AUTH_KEY_TYPE_ROW(id, number, name, signature)                                             \
    if (strcmp(algorithm, name) == 0)                                                              \
        type = AUTH_KEY_TYPE_##id;
#include <auth/key_type.def>
    of->plan = (realm_plan){
        .dir = dir,
        .name = answer(of, "name"),
        .base = answer(of, "base"),
        .registry = answer(of, "connect"),
        .account = answer(of, "account"),
        .host = answer(of, "host"),
        .centre = answer(of, "centre"),
        .centre_name = answer(of, "centre-name"),
        .region = answer(of, "region"),
        .type = type,
        .bits =
            type == AUTH_KEY_TYPE_RSA ? (unsigned)daemon_options_number(of->options, "bits") : 0,
        .authority_keys = {[REALM_AUTHORITY_ROOT] = answer(of, "root-key"),
                           [REALM_AUTHORITY_STAFF] = answer(of, "staff-key"),
                           [REALM_AUTHORITY_CITIZENS] = answer(of, "citizens-key")},
        .root_passphrase = of->root_passphrase,
        .key_passphrase = of->key_passphrase,
        .now = time(NULL),
    };
    return read_founders(of, err);
}

auth_status realm_answers_collect(const cli_call *call, const char *dir, realm_answers *out,
                                  auth_error *err)
{
    *out = (realm_answers){.options = NULL};
    const char *file = cli_value(call, "answers");
    auth_status status = daemon_options_new(rows, NULL, &out->options, err);
    if (status == AUTH_STATUS_OK && file != NULL)
        status = read_file(out, file, err);
    if (status == AUTH_STATUS_OK)
        status = read_call(out, call, err);
    if (status == AUTH_STATUS_OK)
        status = ask(out, err);
    if (status == AUTH_STATUS_OK)
        status = find_passphrases(out, err);
    return status == AUTH_STATUS_OK ? make_plan(out, dir, err) : status;
}

void realm_answers_clear(realm_answers *of)
{
    for (size_t i = 0; i < REALM_FOUNDERS_MAX; i++)
        auth_person_number_wipe(&of->founders[i].number);
    auth_secret_free(of->root_passphrase);
    auth_secret_free(of->key_passphrase);
    daemon_options_free(of->options);
    of->options = NULL;
    of->root_passphrase = NULL;
    of->key_passphrase = NULL;
}
