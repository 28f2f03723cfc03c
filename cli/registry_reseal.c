/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"
#include "output.h"
#include "sealing.h"
#include "signer.h"

#include "registry/embed.h"
#include "registry/reseal.h"

static auth_status connect_as_authority(const cli_call *call, registry_connection **out,
                                        auth_error *err)
{
    char embedded[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = cli_value(call, "connect"),
                                  .roles = REGISTRY_ROLE_CA};
    if (settings.conninfo == NULL) {
        auth_status status =
            registry_embed_conninfo(cli_value(call, "dir"), registry_role_name(REGISTRY_ROLE_CA),
                                    REGISTRY_DATABASE, embedded, err);
        if (status != AUTH_STATUS_OK)
            return status;
        settings.conninfo = embedded;
    }
    return registry_connection_open(&settings, out, err);
}

static auth_status reseal(const cli_call *call, cli_findings *findings,
                          registry_reseal_summary *out, auth_error *err)
{
    AUTH_AUTO(registry_crypto) *crypto = NULL;
    AUTH_AUTO(registry_keyring) *ring = NULL;
    AUTH_AUTO(registry_connection) *connection = NULL;
    auth_status status = registry_crypto_new(&crypto, err);
    if (status == AUTH_STATUS_OK)
        status = cli_sealing_open(call, crypto, &ring, err);
    if (status == AUTH_STATUS_OK)
        status = connect_as_authority(call, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = registry_reseal(connection, ring, crypto, 0, &findings->reporter, out, err);
    return status;
}

static cli_exit show(const cli_call *call, const registry_reseal_summary *summary)
{
    cli_exit code = summary->left == 0 ? CLI_YES : CLI_NO;
    if (!cli_has(call, "json")) {
        (void)printf(_("sealed anew: %llu requests, %llu citizens, %llu officers; %llu rows left; "
                       "%u generations retired\n"),
                     (unsigned long long)summary->requests, (unsigned long long)summary->citizens,
                     (unsigned long long)summary->officers, (unsigned long long)summary->left,
                     summary->retired);
        return code;
    }
    cli_json *json = cli_json_new();
    if (json == NULL)
        return cli_fault(_("out of memory"));
    cli_json_number(json, "requests", (long long)summary->requests);
    cli_json_number(json, "citizens", (long long)summary->citizens);
    cli_json_number(json, "officers", (long long)summary->officers);
    cli_json_number(json, "left", (long long)summary->left);
    cli_json_number(json, "retired", summary->retired);
    return cli_json_print(json, stdout) ? code : cli_fault(_("out of memory"));
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    registry_reseal_summary summary;
    cli_findings findings;
    cli_exit code = cli_registry_check(call);
    if (code != CLI_YES)
        return code;
    if (!cli_has(call, "realm") || !cli_has(call, "seal-key"))
        return cli_usage(call->command, _("--realm and --seal-key are needed"));
    cli_findings_begin(&findings, call);
    auth_status status = reseal(call, &findings, &summary, &err);
    cli_findings_end(&findings);
    return status == AUTH_STATUS_OK ? show(call, &summary) : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_DIR,           CLI_OPTION_CONNECT,    CLI_OPTION_REALM,
    CLI_OPTION_SEAL_KEY,      CLI_OPTION_SEAL_TOKEN, CLI_OPTION_PASSPHRASE_FILE,
    CLI_OPTION_PASSPHRASE_FD, CLI_OPTION_JSON,       CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth registry reseal --dir /var/lib/auth/registry --realm shaanxi --seal-key "
    "/etc/auth/seal-1.key --seal-key /etc/auth/seal-2.key",
    NULL,
};

const cli_command cli_command_registry_reseal = {
    .name = "registry reseal",
    .summary = N_("seal a registry under the newest master key, while it is in use"),
    .options = options,
    .description = N_(
        "Opens what is sealed under older generations of the master key and seals it under the "
        "newest of those named, 1,000 rows at a time, and changes the look-up index of persons "
        "with "
        "it. It may be stopped at any moment and started again. Give the offices and daemons the "
        "new key first: rows that come in under the old one are left for the next time. A new "
        "registry is told its first key in the same way.\n\n"
        "A row that does not open is named and left. The exit code is 0 when no row is left under "
        "an older key, which is then marked as retired, and 1 when some are."),
    .examples = examples,
    .run = run,
};
