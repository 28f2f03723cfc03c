/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "output.h"
#include "realm_answers.h"

/* Printed once, to a person: nothing of it is kept. */
static void print_passphrase(const realm_answers *answers)
{
    if (!answers->is_passphrase_made)
        return;
    auth_bytes text = auth_secret_bytes(answers->root_passphrase);
    (void)fputs(_("  the passphrase of the root's key, in another place than the key: "), stdout);
    (void)fwrite(text.data, 1, text.len, stdout);
    (void)putchar('\n');
}

static void print_safe(const realm_answers *answers)
{
    const char *dir = answers->plan.dir;
    cli_print_styled(stdout, CLI_STYLE_STRONG, _("Put into the safe"));
    (void)putchar('\n');
    if (answers->plan.authority_keys[REALM_AUTHORITY_ROOT] == NULL)
        (void)printf(_("  the root's key, moved away from this machine: %s/keys/root.pem\n"), dir);
    else
        (void)puts(_("  the token with the root's key"));
    print_passphrase(answers);
    (void)printf(_("  a copy of the master key: %s/keys/master.key\n"), dir);
    (void)printf(_("  a copy of the root's certificate: %s/authorities/root.cer\n"), dir);
}

static void print_officers(const realm_answers *answers)
{
    cli_print_styled(stdout, CLI_STYLE_STRONG, _("Hand over to the admins"));
    (void)putchar('\n');
    for (size_t i = 0; i < answers->plan.founder_count; i++) {
        const realm_founder *founder = &answers->plan.founders[i];
        if (founder->key == NULL)
            (void)printf("  %s: %s/officers/%s.pem, .cer, .conf, .trust\n", founder->id,
                         answers->plan.dir, founder->id);
        else
            (void)printf(_("  %s: the token, and %s/officers/%s.cer, .conf, .trust\n"), founder->id,
                         answers->plan.dir, founder->id);
    }
}

static cli_exit show(const realm_answers *answers)
{
    (void)printf(_("%s: the realm %s is made\n"), answers->plan.dir, answers->plan.name);
    print_safe(answers);
    print_officers(answers);
    return fflush(stdout) == 0 ? CLI_YES : cli_fault(_("what is to be kept could not be printed"));
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    realm_answers answers;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("give one directory"));
    auth_status status = realm_answers_collect(call, call->arguments[0], &answers, &err);
    if (status == AUTH_STATUS_OK)
        status = realm_make(&answers.plan, &err);
    cli_exit code = status == AUTH_STATUS_OK ? show(&answers) : cli_error(call->command, &err);
    realm_answers_clear(&answers);
    return code;
}

static const char *const type_names[] = {
#define AUTH_KEY_TYPE_ROW(id, number, name, signature) name,
#include <auth/key_type.def>
    NULL,
};

static const char *const sizes[] = {"2048", "3072", "4096", NULL};

static const cli_option options[] = {
    {"answers", "FILE", N_("a file of answers, 'name = value' a line"), NULL},
    {"name", "ID", N_("the name of the realm"), NULL},
    {"base", "URL", N_("the public address, http://HOST:PORT, that certificates name"), NULL},
    {"admin", "ID:NAME...", N_("one of the first admins, of whom two are needed"), NULL},
    {"algorithm", "TYPE",
     N_("the type of keys, instead of p256; sm2: of citizens' authority alone"), type_names},
    {"bits", "N", N_("the size of RSA keys, instead of 3072"), sizes},
    {"connect", "CONNINFO",
     N_("use the database of a connection string without a user, instead of an embedded one"),
     NULL},
    {"account", "NAME",
     N_("as whom daemons and the embedded registry run when root starts them, instead of postgres"),
     NULL},
    {"host", "NAME", N_("the DNS name in the daemons' certificates, instead of localhost"), NULL},
    {"centre", "ID", N_("the office at the top of the tree, instead of 'centre'"), NULL},
    {"centre-name", "NAME", N_("its name for people"), NULL},
    {"region", "CODE", N_("its region code (GB/T 2260), instead of 000000"), NULL},
    {"root-passphrase-file", "FILE",
     N_("encrypt the root's key under the first line, instead of a passphrase that is made"), NULL},
    {"key-passphrase-file", "FILE",
     N_("encrypt the other keys of authorities and admins under the first line"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth realm init /var/lib/auth",
    "auth realm init --answers shaanxi.answers --algorithm sm2 /var/lib/auth",
    NULL,
};

const cli_command cli_command_realm_init = {
    .name = "realm init",
    .summary = N_("make a realm: authorities, first admins, registry, keys of the daemons"),
    .arguments = "DIR",
    .options = options,
    .description = N_(
        "Makes the offline root, the issuing authorities for staff and citizens, the certificates "
        "of the first admins and of the daemons, policy, profiles and master key, and puts all of "
        "that on record in the registry, signed by the root. The folder appears whole or not at "
        "all; one that holds something is left alone.\n\n"
        "On a terminal it asks for what it is not told. Elsewhere the file of answers tells it: "
        "a line 'name = value' for each option, and admin-1-id, admin-1-name, admin-1-number, "
        "admin-2-id and so on for two to eight admins. Person numbers are told there or on the "
        "terminal only, since words of a command line can be seen by other users of a machine.\n\n"
        "Keys are made in PKCS#11 tokens where root-key, staff-key, citizens-key or admin-1-key "
        "name a URI, which tells where its PIN is (pin-source). Other keys are files; the root's "
        "is always encrypted. At the end it says what to put into the safe. A passphrase that was "
        "made is printed then, once."),
    .examples = examples,
    .run = run,
};
