/* SPDX-License-Identifier: Apache-2.0 */
#include "officer.h"

#include "ask.h"
#include "daemon/option.h"
#include "file.h"
#include "input.h"
#include "signer.h"

#include <auth/cert.h>
#include <auth/jws.h>
#include <auth/pem.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define PEM_MAX ((size_t)1 << 20)
#define FAULTS_MAX ((size_t)64 << 10)
#define HTTP_UNAVAILABLE 503
#define CONFIG_FILE ".config/auth/officer.conf"

#undef CLI_OFFICER_ROW
#define CLI_OFFICER_ROW(row_name, argument, is_path, row_help)                                     \
    {.name = (row_name), .type = DAEMON_TEXT, .fallback = "", .help = (row_help)},
static const daemon_option rows[] = {
#include "officer.def"
    DAEMON_OPTION_END,
};

#undef CLI_OFFICER_ROW
#define CLI_OFFICER_ROW(name, argument, is_path, help) (is_path),
static const bool paths[] = {
#include "officer.def"
};

#define ROWS (sizeof paths / sizeof paths[0])

struct cli_officer {
    const cli_call *call;
    char *values[ROWS]; /* NULL: not told */
    cli_input *chain;
    auth_signer *signer;
    cli_client *client;
    cli_client *stranger; /* asks without a certificate */
    cli_tls_key *token;   /* of a key that cannot leave its token */
    cli_answer *realm;    /* what GET /realm said */
    auth_policy *policy;
};

static auth_status parse_conf(const char *path, auth_bytes text, daemon_options *options,
                              auth_error *err)
{
    AUTH_AUTO(auth_buf) *noted = NULL;
    auth_status status = auth_buf_new(FAULTS_MAX, &noted, err);
    daemon_faults faults = {.text = noted};
    if (status == AUTH_STATUS_OK)
        status = daemon_options_read(options, path, text, &faults, err);
    if (status != AUTH_STATUS_OK || faults.count == 0)
        return status;
    auth_bytes all = auth_buf_bytes(noted);
    const uint8_t *end = memchr(all.data, '\n', all.len);
    size_t len = end == NULL ? all.len : (size_t)(end - all.data);
    return auth_error_set(err, AUTH_STATUS_INVALID, "%.*s", (int)len, (const char *)all.data);
}

/* The file that says who asks; "" when none does, which is fine while options tell it all. */
static auth_status find_conf(const cli_call *call, char out[PATH_SIZE], auth_error *err)
{
    const char *named = cli_value(call, "as");
    const char *home = getenv("HOME");
    int len = 0;
    out[0] = '\0';
    if (named == NULL)
        named = getenv("AUTH_OFFICER");
    if (named != NULL && named[0] != '\0')
        len = snprintf(out, PATH_SIZE, "%s", named);
    else if (home != NULL && home[0] == '/')
        len = snprintf(out, PATH_SIZE, "%s/" CONFIG_FILE, home);
    if (len < 0 || len >= PATH_SIZE)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              _("the path of officer.conf is too long; name another with --as"));
    if ((named == NULL || named[0] == '\0') && access(out, F_OK) != 0)
        out[0] = '\0';
    return AUTH_STATUS_OK;
}

/* A path in the file is meant from the folder of the file, so that the folder can be moved. */
static char *resolve(const char *conf, const char *value, bool is_path)
{
    const char *slash = strrchr(conf, '/');
    char *whole = NULL;
    if (!is_path || value[0] == '/' || slash == NULL || cli_is_token_uri(value))
        return strdup(value);
    return asprintf(&whole, "%.*s/%s", (int)(slash - conf), conf, value) < 0 ? NULL : whole;
}

static auth_status read_values(cli_officer *officer, const char *conf, auth_error *err)
{
    AUTH_AUTO(daemon_options) *options = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = daemon_options_new(rows, NULL, &options, err);
    if (status == AUTH_STATUS_OK && conf[0] != '\0')
        status = cli_file_read(conf, &text, err);
    if (status == AUTH_STATUS_OK && conf[0] != '\0')
        status = parse_conf(conf, auth_buf_bytes(text), options, err);
    for (size_t i = 0; i < ROWS && status == AUTH_STATUS_OK; i++) {
        const char *given = cli_value(officer->call, rows[i].name);
        const char *kept = daemon_options_text(options, rows[i].name);
        if (given == NULL && kept[0] == '\0')
            continue;
        officer->values[i] = given != NULL ? strdup(given) : resolve(conf, kept, paths[i]);
        if (officer->values[i] == NULL)
            status = auth_error_memory(err);
    }
    return status;
}

auth_status cli_officer_new(const cli_call *call, cli_officer **out, auth_error *err)
{
    char conf[PATH_SIZE];
    AUTH_AUTO(cli_officer) *officer = calloc(1, sizeof *officer);
    if (officer == NULL)
        return auth_error_memory(err);
    officer->call = call;
    auth_status status = find_conf(call, conf, err);
    if (status == AUTH_STATUS_OK)
        status = read_values(officer, conf, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(officer);
    return status;
}

void cli_officer_free(cli_officer *officer)
{
    if (officer == NULL)
        return;
    for (size_t i = 0; i < ROWS; i++)
        free(officer->values[i]);
    cli_client_free(officer->client);
    cli_client_free(officer->stranger);
    cli_tls_key_free(officer->token);
    auth_signer_free(officer->signer);
    cli_input_free(officer->chain);
    cli_answer_free(officer->realm);
    auth_policy_free(officer->policy);
    free(officer);
}

const char *cli_officer_value(const cli_officer *officer, const char *name)
{
    for (size_t i = 0; i < ROWS; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return officer->values[i];
    }
    return NULL;
}

static auth_status need(const cli_officer *officer, const char *name, const char **out,
                        auth_error *err)
{
    *out = cli_officer_value(officer, name);
    if (*out != NULL)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          _("%s is not told; give --%s, or write '%s = ...' into officer.conf and "
                            "name the file with --as"),
                          name, name, name);
}

static auth_status find_passphrase(void *context, const char *what, auth_secret **out,
                                   auth_error *err)
{
    const char *path = cli_officer_value(context, "passphrase-file");
    if (path != NULL)
        return auth_passphrase_read(path, -1, out, err);
    if (cli_can_ask())
        return cli_ask_passphrase(_("passphrase or PIN of the key"), out, err);
    return auth_error_set(err, AUTH_STATUS_DENIED,
                          _("%s needs a passphrase or PIN; give --passphrase-file"), what);
}

auth_status cli_officer_open_key(cli_officer *officer, auth_error *err)
{
    const char *certificate = NULL;
    const char *key = NULL;
    if (officer->signer != NULL)
        return AUTH_STATUS_OK;
    auth_status status = need(officer, "certificate", &certificate, err);
    if (status == AUTH_STATUS_OK)
        status = need(officer, "key", &key, err);
    if (status == AUTH_STATUS_OK && officer->chain == NULL)
        status = cli_input_read(certificate, CLI_KIND_CERTIFICATE, &officer->chain, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = cli_is_token_uri(key)
                 ? auth_signer_open_token(key, find_passphrase, officer, &officer->signer, err)
                 : auth_signer_load(key, find_passphrase, officer, &officer->signer, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "key");
    return status;
}

const auth_signer *cli_officer_signer(const cli_officer *officer) { return officer->signer; }

size_t cli_officer_chain(const cli_officer *officer, auth_bytes *out, size_t max)
{
    size_t count = officer->chain == NULL ? 0 : cli_input_count(officer->chain);
    count = count < max ? count : max;
    for (size_t i = 0; i < count; i++)
        out[i] = cli_input_der(officer->chain, i);
    return count;
}

static auth_status write_pem(const cli_input *input, auth_buf *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < cli_input_count(input) && status == AUTH_STATUS_OK; i++)
        status = auth_pem_encode("CERTIFICATE", cli_input_der(input, i), out, err);
    return status;
}

/* What TLS needs of the key: itself, or, of one in a token, that it signs. */
static auth_status prepare_key(cli_officer *officer, cli_client_settings *settings, auth_buf *pem,
                               auth_buf *key, auth_error *err)
{
    auth_bytes chain[AUTH_JWS_CHAIN_MAX];
    const auth_public_key *public = auth_signer_public_key(officer->signer);
    if (auth_public_key_type(public) == AUTH_KEY_TYPE_SM2)
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              _("key: TLS cannot show an SM2 key here (RFC 8998 is spoken by "
                                "neither side); have the officer appointed with a P-256 key"));
    auth_status status = auth_signer_export(officer->signer, NULL, key, err);
    if (status == AUTH_STATUS_DENIED) {
        size_t count = cli_officer_chain(officer, chain, AUTH_JWS_CHAIN_MAX);
        status = cli_tls_key_new(officer->signer, chain, count, &officer->token, err);
        settings->token = officer->token;
        return status;
    }
    if (status == AUTH_STATUS_OK)
        status = write_pem(officer->chain, pem, err);
    settings->certificate = auth_buf_bytes(pem);
    settings->key = auth_buf_bytes(key);
    return status;
}

static auth_status open_line(cli_officer *officer, bool is_public, cli_client **out,
                             auth_error *err)
{
    AUTH_AUTO(cli_input) *trust = NULL;
    AUTH_AUTO(auth_buf) *trust_pem = NULL;
    AUTH_AUTO(auth_buf) *pem = NULL;
    AUTH_AUTO(auth_buf) *key = NULL;
    const char *server = NULL;
    const char *path = NULL;
    auth_status status = need(officer, "server", &server, err);
    if (status == AUTH_STATUS_OK)
        status = need(officer, "trust", &path, err);
    if (status == AUTH_STATUS_OK)
        status = cli_input_read(path, CLI_KIND_CERTIFICATE, &trust, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(PEM_MAX, &trust_pem, err);
    if (status == AUTH_STATUS_OK)
        status = write_pem(trust, trust_pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(PEM_MAX, &pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(PEM_MAX, &key, err);
    if (status == AUTH_STATUS_OK && !is_public)
        status = cli_officer_open_key(officer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    cli_client_settings settings = {.server = server,
                                    .trust = auth_buf_bytes(trust_pem),
                                    /* TRANSLATORS: the language in which servers are to answer. */
                                    .language = _("en")};
    if (!is_public)
        status = prepare_key(officer, &settings, pem, key, err);
    return status == AUTH_STATUS_OK ? cli_client_new(&settings, out, err) : status;
}

auth_status cli_officer_ask(cli_officer *officer, const cli_ask_http *ask, long *code,
                            auth_buf **out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (officer->client == NULL)
        status = open_line(officer, false, &officer->client, err);
    return status == AUTH_STATUS_OK ? cli_client_ask(officer->client, ask, code, out, err) : status;
}

long long cli_officer_refused_item(const cli_officer *officer)
{
    return officer->client == NULL ? CLI_NO_ITEM : cli_client_refused_item(officer->client);
}

auth_status cli_officer_ask_publicly(cli_officer *officer, const cli_ask_http *ask, long *code,
                                     auth_buf **out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (officer->stranger == NULL)
        status = open_line(officer, true, &officer->stranger, err);
    return status == AUTH_STATUS_OK ? cli_client_ask(officer->stranger, ask, code, out, err)
                                    : status;
}

auth_status cli_officer_ask_json(cli_officer *officer, const cli_ask_http *ask, cli_answer **out,
                                 auth_error *err)
{
    AUTH_AUTO(auth_buf) *body = NULL;
    auth_status status = cli_officer_ask(officer, ask, NULL, &body, err);
    return status == AUTH_STATUS_OK ? cli_answer_parse(auth_buf_bytes(body), out, err) : status;
}

static auth_status read_policy(const cli_answer *realm, auth_policy **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *json = NULL;
    AUTH_AUTO(auth_policy_raw) *raw = NULL;
    auth_status status = auth_buf_new(PEM_MAX, &json, err);
    if (status == AUTH_STATUS_OK)
        status = cli_answer_write(cli_answer_member(realm, "policy"), json, err);
    if (status == AUTH_STATUS_OK)
        status = auth_policy_parse(auth_buf_bytes(json), &raw, err);
    if (status == AUTH_STATUS_OK)
        status = auth_policy_validate(raw, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, _("the daemon's policy"));
    return status;
}

/* code becomes what the daemon answered with; 0: it did not. */
static auth_status learn(cli_officer *officer, long *code, auth_error *err)
{
    AUTH_AUTO(cli_answer) *realm = NULL;
    AUTH_AUTO(auth_buf) *body = NULL;
    cli_ask_http ask = {.method = "GET", .path = "/realm", .is_repeatable = true};
    const char *wanted = cli_officer_value(officer, "realm");
    auth_status status = cli_officer_ask(officer, &ask, code, &body, err);
    if (status == AUTH_STATUS_OK)
        status = cli_answer_parse(auth_buf_bytes(body), &realm, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const cli_answer *you = cli_answer_member(realm, "you");
    const char *name = cli_answer_text(realm, "realm");
    if (name == NULL || cli_answer_text(you, "office") == NULL ||
        cli_answer_text(you, "officer") == NULL || cli_answer_text(you, "role") == NULL)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              _("the daemon does not tell its realm and who you are; see that the "
                                "server is of this version"));
    if (wanted != NULL && strcmp(wanted, name) != 0)
        return auth_error_set(
            err, AUTH_STATUS_CONFLICT,
            _("the daemon is of the realm %s, and not of %s; compare --server with "
              "--realm"),
            name, wanted);
    status = read_policy(realm, &officer->policy, err);
    if (status == AUTH_STATUS_OK)
        officer->realm = AUTH_TAKE(realm);
    return status;
}

auth_status cli_officer_know(cli_officer *officer, cli_realm_facts *out, auth_error *err)
{
    const char *realm = cli_officer_value(officer, "realm");
    const char *office = cli_officer_value(officer, "office");
    long code = 0;
    auth_status status = officer->realm == NULL ? learn(officer, &code, err) : AUTH_STATUS_OK;
    if (status == AUTH_STATUS_UNAVAILABLE && code == HTTP_UNAVAILABLE && realm != NULL &&
        office != NULL) {
        *out = (cli_realm_facts){.realm = realm, .office = office};
        return AUTH_STATUS_OK;
    }
    if (status != AUTH_STATUS_OK)
        return status;
    const cli_answer *you = cli_answer_member(officer->realm, "you");
    *out = (cli_realm_facts){.realm = cli_answer_text(officer->realm, "realm"),
                             .office = office != NULL ? office : cli_answer_text(you, "office"),
                             .role = cli_answer_text(you, "role"),
                             .policy = officer->policy};
    return AUTH_STATUS_OK;
}
