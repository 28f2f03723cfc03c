/* SPDX-License-Identifier: Apache-2.0 */
#include "file.h"
#include "input.h"
#include "login.h"
#include "login_print.h"

#include <stdlib.h>
#include <string.h>

/* The most hosts that one call may name. */
#define HOSTS_MAX 64

/* What a verdict is asked with, as it is read. */
typedef struct material {
    const cli_call *call;
    cli_input *trust;
    cli_input *authorities;
    auth_bytes *rows; /* anchors, then authorities */
    auth_secret *challenge_key;
    auth_secret *pairwise_key;
    auth_login_policy policy;
    auth_fetch_host hosts[HOSTS_MAX];
    auth_fetcher *fetcher;
    auth_replay *replay;
    auth_verifier *verifier;
} material;

static void clear(material *it)
{
    auth_verifier_free(it->verifier);
    auth_replay_free(it->replay);
    auth_fetcher_free(it->fetcher);
    auth_secret_free(it->pairwise_key);
    auth_secret_free(it->challenge_key);
    free(it->rows);
    cli_input_free(it->authorities);
    cli_input_free(it->trust);
}

static auth_status read_certificates(material *it, auth_error *err)
{
    const char *authorities = cli_value(it->call, "authority");
    auth_status status =
        cli_input_read(cli_value(it->call, "trust"), CLI_KIND_CERTIFICATE, &it->trust, err);
    if (status == AUTH_STATUS_OK && authorities != NULL)
        status = cli_input_read(authorities, CLI_KIND_CERTIFICATE, &it->authorities, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t anchor_count = cli_input_count(it->trust);
    size_t authority_count = authorities == NULL ? 0 : cli_input_count(it->authorities);
    it->rows = calloc(anchor_count + authority_count, sizeof *it->rows);
    if (it->rows == NULL)
        return auth_error_memory(err);
    for (size_t i = 0; i < anchor_count; i++)
        it->rows[i] = cli_input_der(it->trust, i);
    for (size_t i = 0; i < authority_count; i++)
        it->rows[anchor_count + i] = cli_input_der(it->authorities, i);
    return AUTH_STATUS_OK;
}

static auth_status read_policy(material *it, auth_error *err)
{
    AUTH_AUTO(auth_buf) *json = NULL;
    const char *path = cli_value(it->call, "policy");
    it->policy = auth_login_policy_default();
    if (path == NULL)
        return AUTH_STATUS_OK;
    auth_status status = cli_file_read(path, &json, err);
    if (status == AUTH_STATUS_OK)
        status = auth_login_policy_parse(auth_buf_bytes(json), &it->policy, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "%s", path);
    return status;
}

static auth_status make_fetcher(material *it, auth_error *err)
{
    size_t at = 0;
    const char *host = NULL;
    auth_fetch_options options = {
        .hosts = it->hosts,
        .cache_folder = cli_value(it->call, "cache"),
        .snapshot = cli_value(it->call, "snapshot"),
    };
    while ((host = cli_next_value(it->call, "host", &at)) != NULL) {
        if (options.host_count == HOSTS_MAX)
            return auth_error_set(err, AUTH_STATUS_INVALID, _("--host: at most %d are taken"),
                                  HOSTS_MAX);
        it->hosts[options.host_count++] =
            (auth_fetch_host){.name = host, .may_be_private = cli_has(it->call, "private-hosts")};
    }
    return auth_fetcher_new(&options, &it->fetcher, err);
}

static auth_status open_replay(material *it, auth_error *err)
{
    auth_replay_options options = {.folder = cli_value(it->call, "replay")};
    return auth_replay_open(&options, &it->replay, err);
}

static auth_status make_verifier(material *it, auth_error *err)
{
    auth_verifier_options options = {
        .anchors = it->rows,
        .anchor_count = cli_input_count(it->trust),
        .purpose = AUTH_PURPOSE_CITIZEN_LOGIN,
        .policy = &it->policy,
        .ask = auth_fetcher_ask,
        .remember = auth_replay_remember,
    };
    options.authorities = it->rows + options.anchor_count;
    options.authority_count = it->authorities == NULL ? 0 : cli_input_count(it->authorities);
    const char *purpose = cli_value(it->call, "purpose");
    auth_status status = AUTH_STATUS_OK;
    if (purpose != NULL && strcmp(purpose, "officer") == 0)
        options.purpose = AUTH_PURPOSE_OFFICER;
    status = make_fetcher(it, err);
    if (status == AUTH_STATUS_OK)
        status = open_replay(it, err);
    options.ask_context = it->fetcher;
    options.remember_context = it->replay;
    if (status == AUTH_STATUS_OK)
        status = auth_verifier_new(&options, &it->verifier, err);
    return status;
}

static auth_status prepare(material *it, auth_error *err)
{
    auth_status status = read_certificates(it, err);
    if (status == AUTH_STATUS_OK)
        status = read_policy(it, err);
    if (status == AUTH_STATUS_OK)
        status = cli_login_secret(it->call, "challenge-key", &it->challenge_key, err);
    if (status == AUTH_STATUS_OK)
        status = cli_login_secret(it->call, "pairwise-key", &it->pairwise_key, err);
    if (status == AUTH_STATUS_OK)
        status = make_verifier(it, err);
    return status;
}

static auth_status verify(material *it, auth_login_verdict *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_login_input input = {
        .audience = cli_value(it->call, "audience"),
        .challenge_key = cli_login_view(it->challenge_key),
        .stored_challenge = cli_login_text(it->call, "challenge"),
        .session = cli_login_text(it->call, "session"),
        .pairwise_key = cli_login_view(it->pairwise_key),
        .language = cli_value(it->call, "language"),
    };
    auth_status status = cli_login_now(it->call, &input.now, err);
    if (status == AUTH_STATUS_OK)
        status = cli_file_read(it->call->arguments[0], &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes response = auth_buf_bytes(text);
    if (response.len > 0 && response.data[response.len - 1] == '\n')
        response.len--;
    return auth_login_verify(it->verifier, &input, response, out, err);
}

/* An outage and a fault are no answer. */
static cli_exit exit_of(const auth_login_verdict *verdict)
{
    if (verdict->is_accepted)
        return CLI_YES;
    return verdict->outcome == AUTH_LOGIN_OUTCOME_REFUSED ? CLI_NO : CLI_FAULT;
}

static cli_exit check_words(const cli_call *call)
{
    if (call->argument_count != 1)
        return cli_usage(call->command, _("one response is needed: a file, or - to read it"));
    if (!cli_has(call, "trust") || !cli_has(call, "audience"))
        return cli_usage(call->command, _("--trust and --audience are needed"));
    if (cli_has(call, "challenge-key") == cli_has(call, "challenge"))
        return cli_usage(call->command, _("one of --challenge-key and --challenge is needed"));
    return CLI_YES;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    auth_login_verdict verdict;
    material it = {.call = call};
    cli_exit usage = check_words(call);
    if (usage != CLI_YES)
        return usage;
    auth_status status = prepare(&it, &err);
    if (status == AUTH_STATUS_OK)
        status = verify(&it, &verdict, &err);
    clear(&it);
    if (status != AUTH_STATUS_OK)
        return cli_login_refuse(call, status, &err);
    if (!cli_login_print(&verdict, cli_has(call, "json")))
        return cli_fault("%s", _("out of memory"));
    return exit_of(&verdict);
}

static const char *const purposes[] = {"citizen-login", "officer", NULL};

static const cli_option options[] = {
    {"trust", "FILE", N_("trust anchors"), NULL},
    {"authority", "FILE", N_("the authorities that issue for this login, and no other"), NULL},
    {"audience", "ORIGIN", N_("this application: its https origin"), NULL},
    {"challenge-key", "FILE", N_("the secret that the challenge was made with"), NULL},
    {"challenge", "TEXT", N_("the challenge, when it was stored"), NULL},
    {"session", "TEXT", N_("what names the session, as for the challenge"), NULL},
    {"policy", "FILE", N_("the policy about revocation, JSON; strict if left out"), NULL},
    {"host", "HOST[:PORT]...", N_("a host that statuses may be fetched from"), NULL},
    {"private-hosts", NULL, N_("these hosts may stand for loopback and private addresses"), NULL},
    {"cache", "FOLDER", N_("the cache of statuses that processes of this host share"), NULL},
    {"snapshot", "FILE", N_("revocation lists that somebody placed on this host"), NULL},
    {"replay", "FOLDER", N_("remember answered challenges there; without it no replay is told"),
     NULL},
    {"pairwise-key", "FILE", N_("the secret of the application that pseudonyms are made with"),
     NULL},
    {"purpose", "PURPOSE", N_("who logs in; citizen-login if left out"), purposes},
    {"language", "TAG", N_("of the sentence for the person who logs in: zh-CN, en"), NULL},
    {"at", "TIME", N_("instead of now: 2026-01-31T23:59:59Z"), NULL},
    CLI_OPTION_JSON,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth login verify --trust root.pem --authority citizens.pem --host ocsp.example.cn --audience "
    "https://tax.example.cn --challenge-key challenge.key --replay used response",
    NULL,
};

const cli_command cli_command_login_verify = {
    .name = "login verify",
    .summary = N_("judge the response to a challenge"),
    .arguments = "RESPONSE",
    .options = options,
    .description =
        N_("The answer is one verdict: whether the login is accepted and why, who it is, "
           "where the knowledge about revocation comes from and how old it is. Exit "
           "code 0 means accepted, 1 refused, 3 that something that is needed does not "
           "tell or the machine failed: there is no yes then either."),
    .examples = examples,
    .run = run,
};
