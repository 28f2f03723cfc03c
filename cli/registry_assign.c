/* SPDX-License-Identifier: Apache-2.0 */
#include "realm.h"

#include "realm/office_login.h"

static auth_status assign(const realm *of, auth_error *err)
{
    auth_status status = realm_office_login_assign(of, err);
    if (status == AUTH_STATUS_OK)
        (void)printf(_("%s speaks for the office %s\n"), realm_login(of, REGISTRY_ROLE_LRA),
                     daemon_options_text(realm_options(of), "lra-office"));
    return status;
}

static cli_exit run(cli_call *call) { return cli_realm_do(call, assign); }

static const char *const examples[] = {
    "auth registry assign /var/lib/auth",
    NULL,
};

const cli_command cli_command_registry_assign = {
    .name = "registry assign",
    .summary = N_("let the login of auth-lra speak for the office that realm.conf names"),
    .arguments = "DIR",
    .description =
        N_("What an auth-lra sees and may write in the registry is that of one office, which the "
           "database knows by the login. This gives the login (lra-login of realm.conf, or "
           "auth_lra) the open office that realm.conf names as lra-office, and takes from it the "
           "one that it had. Safe to repeat.\n\n"
           "The owner of the database does so: the role auth_owner must be able to log in from "
           "here. 'auth up' does it by itself where the registry is embedded. A running auth-lra "
           "of another office has to be started anew."),
    .examples = examples,
    .run = run,
};
