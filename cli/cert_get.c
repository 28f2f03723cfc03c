/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"
#include "file.h"
#include "holder.h"

#include <auth/pem.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PEM_MAX ((size_t)1 << 20)

/* The serial number of the certificate that came of an item of a request. */
static auth_status find_serial(const cli_call *call, cli_officer *officer,
                               char out[CLI_SERIAL_SIZE], auth_error *err)
{
    AUTH_AUTO(cli_answer) *answer = NULL;
    const char *id = cli_value(call, "request");
    const char *item = cli_value(call, "item");
    unsigned wait_s = 0;
    char *end = NULL;
    unsigned long index = item == NULL ? 0 : strtoul(item, &end, 10);
    auth_status status = cli_request_id_check(id, err);
    if (status == AUTH_STATUS_OK && item != NULL &&
        (item[0] < '0' || item[0] > '9' || *end != '\0'))
        status = auth_error_set(err, AUTH_STATUS_INVALID, _("--item: must be a number, from 0"));
    if (status == AUTH_STATUS_OK)
        status = cli_wait_read(call, 0, &wait_s, err);
    if (status == AUTH_STATUS_OK)
        status = cli_outcome_wait(officer, id, wait_s, &answer, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const char *serial = cli_certificate_of(answer, index);
    if (serial != NULL)
        return cli_serial_check(serial, out, err);
    return auth_error_set(
        err, AUTH_STATUS_NOT_FOUND,
        _("%s: no certificate has come of it; look at it with 'auth request show'"), id);
}

static auth_status to_pem(auth_bytes der, auth_buf **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    auth_status status = auth_buf_new(PEM_MAX, &pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_pem_encode("CERTIFICATE", der, pem, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(pem);
    return status;
}

static auth_status get(const cli_call *call, cli_officer *officer, auth_error *err)
{
    AUTH_AUTO(auth_buf) *octets = NULL;
    AUTH_AUTO(auth_buf) *pem = NULL;
    char serial[CLI_SERIAL_SIZE];
    bool is_chain = cli_has(call, "chain");
    auth_status status = call->argument_count == 1
                             ? cli_serial_check(call->arguments[0], serial, err)
                             : find_serial(call, officer, serial, err);
    if (status == AUTH_STATUS_OK)
        status = cli_certificate_fetch(officer, serial, is_chain, &octets, err);
    if (status == AUTH_STATUS_OK && !is_chain && cli_has(call, "pem"))
        status = to_pem(auth_buf_bytes(octets), &pem, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return cli_file_write(cli_value(call, "out"), auth_buf_bytes(pem != NULL ? pem : octets), false,
                          err);
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    AUTH_AUTO(cli_officer) *officer = NULL;
    bool has_request = cli_has(call, "request");
    if (call->argument_count > 1 || (call->argument_count == 1) == has_request)
        return cli_usage(call->command, _("give one serial number, or --request ID"));
    auth_status status = cli_officer_new(call, &officer, &err);
    if (status == AUTH_STATUS_OK)
        status = get(call, officer, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_AS,
#include "officer.def"
    {"request", "ID", N_("the certificate that came of this request"), NULL},
    {"item", "N", N_("of which item of the request, instead of 0"), NULL},
    CLI_OPTION_WAIT,
    {"out", "FILE", N_("write it there instead of to standard output"), NULL},
    {"pem", NULL, N_("write PEM instead of DER"), NULL},
    {"chain", NULL, N_("write PEM with the certificates above it"), NULL},
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth cert get --pem 01e3a1b2c3d4e5f60718293a4b5c6d7e8f90",
    "auth cert get --request 019a8f0e-4c7a-7c1e-9d52-6b1f0c9a3e77 --out wang.cer",
    NULL,
};

const cli_command cli_command_cert_get = {
    .name = "cert get",
    .summary = N_("fetch a certificate by its serial number or its request"),
    .arguments = "SERIAL",
    .options = options,
    .description =
        N_("Writes the certificate as DER, which 'auth cert show' shows, or as PEM. With --request "
           "and --wait it waits until there is one."),
    .examples = examples,
    .run = run,
};
