/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"
#include "realm.h"
#include "signer.h"

#include "realm/root_list.h"
#include "registry/transaction.h"

#include <time.h>

static auth_status check_key(const auth_cert *root, const auth_signer *signer, auth_error *err)
{
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = auth_cert_public_key(root, &key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return auth_bytes_equal(auth_public_key_spki(key),
                            auth_public_key_spki(auth_signer_public_key(signer)))
               ? AUTH_STATUS_OK
               : auth_error_set(err, AUTH_STATUS_CONFLICT,
                                _("--key: not the key of this realm's root; name the one that was "
                                  "put into the safe"));
}

static auth_status connect_as_authority(const realm *of, registry_connection **out, auth_error *err)
{
    char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_CA};
    auth_status status = realm_conninfo(of, REGISTRY_ROLE_CA, conninfo, err);
    return status == AUTH_STATUS_OK ? registry_connection_open(&settings, out, err) : status;
}

static auth_status make(const realm *of, const auth_signer *signer, registry_crl *out,
                        auth_error *err)
{
    AUTH_AUTO(registry_connection) *connection = NULL;
    realm_root_list list = {.realm = realm_name(of),
                            .base = realm_base(of),
                            .root = realm_authority_cert(of, REALM_AUTHORITY_ROOT),
                            .signer = signer,
                            .now = time(NULL)};
    auth_status status = connect_as_authority(of, &connection, err);
    if (status == AUTH_STATUS_OK)
        status = registry_begin(connection, REGISTRY_READ_COMMITTED, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = realm_root_list_make(connection, &list, out, err);
    if (status == AUTH_STATUS_OK)
        return registry_commit(connection, err);
    registry_rollback(connection);
    return status;
}

static auth_status relist(const cli_call *call, registry_crl *out, auth_error *err)
{
    AUTH_AUTO(realm) *of = NULL;
    AUTH_AUTO(auth_signer) *signer = NULL;
    auth_status status = cli_realm_open(call, REALM_AUTHORITIES, &of, err);
    if (status == AUTH_STATUS_OK)
        status = cli_signer_open(call, &signer, err);
    if (status == AUTH_STATUS_OK)
        status = check_key(realm_authority_cert(of, REALM_AUTHORITY_ROOT), signer, err);
    return status == AUTH_STATUS_OK ? make(of, signer, out, err) : status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    registry_crl made;
    char until[AUTH_TIME_TEXT_SIZE];
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one directory"));
    if (!cli_has(call, "key"))
        return cli_usage(call->command, _("--key is needed"));
    auth_status status = relist(call, &made, &err);
    if (status != AUTH_STATUS_OK)
        return cli_error(call->command, &err);
    auth_time_format(made.next_update, until);
    (void)printf(_("root: revocation list %lld with %lld certificates, good until %s\n"),
                 (long long)made.number, (long long)made.entry_count, until);
    return CLI_YES;
}

static const cli_option options[] = {
    CLI_OPTION_KEY,
    CLI_OPTION_PASSPHRASE_FILE,
    CLI_OPTION_PASSPHRASE_FD,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth realm relist --key /media/safe/root.pem --passphrase-file /media/safe/passphrase "
    "/var/lib/auth",
    NULL,
};

const cli_command cli_command_realm_relist = {
    .name = "realm relist",
    .summary = N_("make the root's revocation list anew, with the root's key"),
    .arguments = "DIR",
    .options = options,
    .description =
        N_("The root's list tells applications that the authorities which issue still count; "
           "without "
           "it no login passes that looks at authorities too. 'auth realm init' makes the first "
           "one. It is good for 400 days: make it anew before, while the realm runs, and take the "
           "root's key back to the safe. auth-ocsp serves the new list within seconds."),
    .examples = examples,
    .run = run,
};
