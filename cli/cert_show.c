/* SPDX-License-Identifier: Apache-2.0 */
#include "command.h"
#include "output.h"
#include "show.h"

#include <auth/cert.h>
#include <auth/identity.h>
#include <auth/time.h>
#include <string.h>
#include <time.h>

/* Birth dates are days in China: UTC+8 the whole year. */
#define CHINA_OFFSET_MINUTES 480

static bool extension_at(const void *object, size_t index, auth_extension *out)
{
    return auth_cert_extension_at(object, index, out);
}

static void show_version(cli_view *view, unsigned version)
{
    char text[16];
    (void)snprintf(text, sizeof text, "%u", version);
    if (view->json != NULL)
        cli_json_number(view->json, "version", (long long)version);
    else
        cli_show_text(view, "version", _("version"), text);
}

static void show_time(cli_view *view, const char *member, const char *label, auth_time time)
{
    char text[AUTH_TIME_TEXT_SIZE];
    auth_time_format(time, text);
    cli_show_text(view, member, label, text);
}

static void show_fingerprints(cli_view *view, const auth_cert *cert)
{
    uint8_t hash[AUTH_FINGERPRINT_SIZE];
    auth_bytes octets = {hash, sizeof hash};
    if (view->status == AUTH_STATUS_OK)
        view->status = auth_cert_fingerprint_sha256(cert, hash, &view->err);
    cli_show_hex(view, "sha256", "SHA-256", octets);
    if (view->status == AUTH_STATUS_OK)
        view->status = auth_cert_fingerprint_sm3(cert, hash, &view->err);
    cli_show_hex(view, "sm3", "SM3", octets);
}

/* The names of the bindings. */
static void show_bindings(cli_view *view, unsigned bindings)
{
    static const auth_identity_binding all[] = {
#define AUTH_IDENTITY_BINDING_ROW(id, number, name, is_clear, title) AUTH_IDENTITY_BINDING_##id,
#include <auth/identity_binding.def>
    };
    if (view->json != NULL)
        cli_json_array(view->json, "identity");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        const char *name = auth_identity_binding_name(all[i]);
        if ((bindings & AUTH_IDENTITY_BIT(all[i])) == 0 || view->status != AUTH_STATUS_OK)
            continue;
        if (view->json != NULL)
            cli_json_append_text(view->json, "identity", name);
        else
            cli_show_text(view, "identity", _("identity"), name);
    }
}

/* The person number that stands there in clear, masked unless it is to be revealed. */
static void show_number(cli_view *view, const auth_cert *cert)
{
    auth_person_rules rules = {
        .today = auth_date_from_time((auth_time)time(NULL), CHINA_OFFSET_MINUTES),
    };
    auth_person_number number;
    auth_error err;
    auth_status status = auth_identity_reveal(auth_cert_der(cert), &rules, &number, &err);
    char text[AUTH_PERSON_NUMBER_TEXT_SIZE] = {0};
    if (status == AUTH_STATUS_OK && view->reveal == AUTH_REVEALED) {
        auth_bytes octets = auth_person_number_reveal(&number);
        memcpy(text, octets.data, octets.len);
    } else if (status == AUTH_STATUS_OK) {
        auth_person_number_mask(&number, text);
    }
    if (auth_status_is_fault(status)) {
        view->status = status;
        view->err = err;
    } else if (view->json != NULL) {
        cli_json_text(view->json, "person_number", status == AUTH_STATUS_OK ? text : NULL);
        cli_json_text(view->json, "person_number_error",
                      status == AUTH_STATUS_OK || status == AUTH_STATUS_NOT_FOUND ? NULL
                                                                                  : err.text);
    } else if (status != AUTH_STATUS_NOT_FOUND) {
        cli_show_text(view, "person_number", _("person number"),
                      status == AUTH_STATUS_OK ? text : err.text);
    }
    if (status == AUTH_STATUS_OK)
        auth_person_number_wipe(&number);
    auth_secret_wipe(text, sizeof text);
}

static void show_identity(cli_view *view, const auth_cert *cert)
{
    unsigned bindings = 0;
    auth_error err;
    auth_status status = auth_identity_read(auth_cert_der(cert), &bindings, &err);
    if (auth_status_is_fault(status)) {
        view->status = status;
        view->err = err;
        return;
    }
    if (view->status != AUTH_STATUS_OK)
        return;
    show_bindings(view, bindings);
    if (view->json != NULL)
        cli_json_text(view->json, "identity_error", status == AUTH_STATUS_OK ? NULL : err.text);
    else if (status != AUTH_STATUS_OK)
        cli_show_text(view, "identity_error", _("identity"), err.text);
    show_number(view, cert);
}

static cli_exit show(const cli_call *call, const auth_cert *cert)
{
    cli_view view = {
        .json = cli_has(call, "json") ? cli_json_new() : NULL,
        .reveal = cli_has(call, "reveal") ? AUTH_REVEALED : AUTH_MASKED,
    };
    if (view.json == NULL && cli_has(call, "json"))
        return cli_fault(_("out of memory"));
    char algorithm[AUTH_OID_TEXT_SIZE];
    auth_algorithm_text(auth_cert_algorithm(cert), algorithm);

    cli_show_name(&view, "subject", _("subject"), auth_cert_subject(cert));
    cli_show_name(&view, "issuer", _("issuer"), auth_cert_issuer(cert));
    cli_show_hex(&view, "serial", _("serial"), auth_cert_serial(cert));
    show_version(&view, auth_cert_version(cert));
    show_time(&view, "not_before", _("valid from"), auth_cert_not_before(cert));
    show_time(&view, "not_after", _("valid until"), auth_cert_not_after(cert));
    cli_show_key(&view, auth_cert_spki(cert));
    cli_show_text(&view, "signature_algorithm", _("signature"), algorithm);
    show_identity(&view, cert);
    show_fingerprints(&view, cert);
    cli_show_extensions(&view, extension_at, cert);
    return cli_show_end(&view);
}

static auth_status show_one(const cli_call *call, auth_bytes der, cli_exit *code, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    auth_status status = auth_cert_parse(der, &cert, err);
    if (status == AUTH_STATUS_OK)
        *code = show(call, cert);
    return status;
}

static cli_exit run(cli_call *call) { return cli_show_each(call, CLI_KIND_CERTIFICATE, show_one); }

static const cli_option options[] = {CLI_OPTION_JSON, CLI_OPTION_REVEAL, CLI_OPTION_END};

static const char *const examples[] = {
    "auth cert show li.pem",
    "auth cert show --json --reveal chain.pem",
    NULL,
};

const cli_command cli_command_cert_show = {
    .name = "cert show",
    .summary = N_("show certificates: names, key, extensions, whom they are bound to"),
    .arguments = "FILE",
    .options = options,
    .description = N_(
        "The file holds PEM or DER, one certificate or several; '-' is standard input. Nothing is "
        "checked but the form: whether a certificate is to be believed tells 'auth verify'. What "
        "may be a person number is masked, and extensions that auth does not decode are shown by "
        "their length only, unless --reveal is given.\n\n"
        "In JSON there is one object a line with subject, issuer, serial, version, not_before, "
        "not_after, public_key (type, bits, error), signature_algorithm, identity (the bindings), "
        "identity_error, person_number, person_number_error, sha256, sm3 and extensions (oid, "
        "name, critical, text), by schemas/cert.schema.json. The exit code is 1 if any "
        "certificate cannot be read."),
    .examples = examples,
    .run = run,
};
