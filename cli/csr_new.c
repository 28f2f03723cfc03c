/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "file.h"
#include "signer.h"

#include <auth/csr.h>
#include <auth/pem.h>
#include <stdlib.h>
#include <string.h>

/* Adds one TYPE=VALUE; the first '=' parts them, and the value is taken as it stands. */
static auth_status add_attribute(auth_name *name, const char *text, auth_error *err)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return auth_error_set(err, AUTH_STATUS_INVALID, _("write it as TYPE=VALUE: CN=Li Lei"));
    char *type = strndup(text, (size_t)(equals - text));
    if (type == NULL)
        return auth_error_memory(err);
    auth_status status = auth_name_add(name, type, auth_bytes_from_text(equals + 1), err);
    free(type);
    return status;
}

static auth_status read_subject(const cli_call *call, auth_name *name, auth_error *err)
{
    size_t at = 0;
    for (const char *text = cli_next_value(call, "subject", &at); text != NULL;
         text = cli_next_value(call, "subject", &at)) {
        auth_status status = add_attribute(name, text, err);
        if (status != AUTH_STATUS_OK) {
            auth_error_context(err, "--subject");
            return status;
        }
    }
    return AUTH_STATUS_OK;
}

static auth_status write_request(const cli_call *call, auth_bytes der, auth_error *err)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    const char *path = cli_value(call, "out");
    if (cli_has(call, "der"))
        return cli_file_write(path, der, false, err);
    auth_status status = auth_buf_new(2 * AUTH_CSR_MAX, &pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_pem_encode("CERTIFICATE REQUEST", der, pem, err);
    if (status == AUTH_STATUS_OK)
        status = cli_file_write(path, auth_buf_bytes(pem), false, err);
    return status;
}

static auth_status make_request(const cli_call *call, const auth_name *name, auth_error *err)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_status status = cli_signer_open(call, &signer, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_CSR_MAX, &der, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_new(signer, auth_name_der(name), der, err);
    if (status == AUTH_STATUS_OK)
        status = write_request(call, auth_buf_bytes(der), err);
    return status;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(auth_name) *name = NULL;
    if (!cli_has(call, "key"))
        return cli_usage(call->command, _("--key is needed"));
    auth_status status = auth_name_new(&name, &err);
    if (status == AUTH_STATUS_OK)
        status = read_subject(call, name, &err);
    if (status != AUTH_STATUS_OK)
        return auth_status_is_fault(status) ? cli_error(call->command, &err)
                                            : cli_usage(call->command, "%s", err.text);
    status = make_request(call, name, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_KEY,
    CLI_OPTION_PASSPHRASE_FILE,
    {"subject", "TYPE=VALUE...", N_("an attribute of the subject, oldest first: C=CN, CN=Li Lei"),
     NULL},
    {"out", "FILE", N_("write the request there instead of to standard output"), NULL},
    {"der", NULL, N_("write DER instead of PEM"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth csr new --key li.pem --subject C=CN --subject 'CN=Li Lei' --out li.csr",
    "auth csr new --key 'pkcs11:token=li;object=login?module-name=softhsm2' --passphrase-file pin",
    NULL,
};

const cli_command cli_command_csr_new = {
    .name = "csr new",
    .summary = N_("make a certificate request (PKCS#10) that proves possession of a key"),
    .options = options,
    .description = N_(
        "The request holds the public key, the subject and a signature by the key. An "
        "authority takes the key from it and the subject from its own approved record, so the "
        "subject may stay empty. Types are CN, SN, serialNumber, C, L, ST, street, O, OU, title, "
        "GN, initials, dnQualifier, pseudonym, organizationIdentifier, UID, DC, emailAddress "
        "or an OID, dotted. A value is taken as it stands: '=', ',' and '/' in it mean "
        "nothing.\n\n"
        "Words of a command line can be seen by other users of a machine: leave person numbers "
        "to the authority."),
    .examples = examples,
    .run = run,
};
