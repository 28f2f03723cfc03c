/* SPDX-License-Identifier: Apache-2.0 */
#include "login.h"

#include <auth/login.h>
#include <stdlib.h>

/* Good for a person who has to look for a token. */
#define LIFETIME_S 120

static auth_status read_lifetime(const cli_call *call, uint32_t *out, auth_error *err)
{
    const char *text = cli_value(call, "lifetime");
    char *end = NULL;
    *out = LIFETIME_S;
    if (text == NULL)
        return AUTH_STATUS_OK;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || value == 0 ||
        value > AUTH_CHALLENGE_LIFETIME_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID, _("--lifetime takes a number from 1 to %d"),
                              AUTH_CHALLENGE_LIFETIME_MAX);
    *out = (uint32_t)value;
    return AUTH_STATUS_OK;
}

static auth_status make(const cli_call *call, const auth_secret *key, char out[AUTH_CHALLENGE_SIZE],
                        auth_error *err)
{
    auth_challenge_options options = {
        .audience = cli_value(call, "audience"),
        .key = cli_login_view(key),
        .session = cli_login_text(call, "session"),
    };
    auth_status status = cli_login_now(call, &options.now, err);
    if (status == AUTH_STATUS_OK)
        status = read_lifetime(call, &options.lifetime_s, err);
    if (status == AUTH_STATUS_OK)
        status = auth_login_challenge(&options, out, err);
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(auth_secret) *key = NULL;
    char text[AUTH_CHALLENGE_SIZE];
    if (!cli_has(call, "audience"))
        return cli_usage(call->command, _("--audience is needed"));
    auth_status status = cli_login_secret(call, "challenge-key", &key, &err);
    if (status == AUTH_STATUS_OK)
        status = make(call, key, text, &err);
    if (status != AUTH_STATUS_OK)
        return cli_login_refuse(call, status, &err);
    puts(text);
    return CLI_YES;
}

static const cli_option options[] = {
    {"audience", "ORIGIN", N_("the application that is logged in to: its https origin"), NULL},
    {"challenge-key", "FILE",
     N_("the secret of the application that challenges are made with: the first line of this "
        "file; without it the application stores the challenge"),
     NULL},
    {"session", "TEXT", N_("what names the session that the challenge is for"), NULL},
    {"lifetime", "SECONDS", N_("how long it is good; 120 if left out"), NULL},
    {"at", "TIME", N_("instead of now: 2026-01-31T23:59:59Z"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth login challenge --audience https://tax.example.cn --challenge-key challenge.key",
    NULL,
};

const cli_command cli_command_login_challenge = {
    .name = "login challenge",
    .summary = N_("make a challenge that a citizen answers to log in"),
    .options = options,
    .description = N_("A challenge is good for one login, at one application, in one session, and "
                      "for a short time. With --challenge-key nothing needs to be stored: the "
                      "challenge proves itself when it comes back."),
    .examples = examples,
    .run = run,
};
