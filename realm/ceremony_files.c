/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/ceremony.h"

#include "registry/key_file.h"

#include <auth/pem.h>
#include <string.h>

#define PEM_MAX ((size_t)64 << 10)

static const char *key_folder(const ceremony_item *item)
{
    return item->founder != NULL ? REALM_OFFICERS_FOLDER : REALM_KEYS_FOLDER;
}

static auth_status create(const ceremony *of, const char *folder, const char *name,
                          const char *ending, auth_bytes text, auth_error *err)
{
    char path[REALM_PATH_SIZE];
    auth_status status = realm_path_join(realm_dir(of->of), folder, name, ending, path, err);
    return status == AUTH_STATUS_OK ? registry_key_file_create(path, text, err) : status;
}

static auth_status write_uri(const ceremony *of, const ceremony_item *item, auth_error *err)
{
    AUTH_AUTO(auth_buf) *line = NULL;
    auth_status status = auth_buf_new(REALM_PATH_SIZE, &line, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(line, err, "%s\n", item->token);
    return status == AUTH_STATUS_OK
               ? create(of, key_folder(item), item->name, ".uri", auth_buf_bytes(line), err)
               : status;
}

static auth_status write_key(const ceremony *of, const ceremony_item *item, auth_error *err)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    if (item->token != NULL)
        return write_uri(of, item, err);
    auth_status status = auth_buf_new(PEM_MAX, &pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_signer_export(item->signer, item->passphrase, pem, err);
    return status == AUTH_STATUS_OK
               ? create(of, key_folder(item), item->name, ".pem", auth_buf_bytes(pem), err)
               : status;
}

/* What a TLS server shows: its certificate and its issuer's. */
static auth_status write_chain(const ceremony *of, const ceremony_item *item, auth_error *err)
{
    AUTH_AUTO(auth_buf) *pem = NULL;
    const ceremony_item *issuer = &of->items[item->issuer - 1];
    auth_status status = auth_buf_new(PEM_MAX, &pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_pem_encode("CERTIFICATE", auth_cert_der(item->cert), pem, err);
    if (status == AUTH_STATUS_OK)
        status = auth_pem_encode("CERTIFICATE", auth_cert_der(issuer->cert), pem, err);
    return status == AUTH_STATUS_OK
               ? create(of, REALM_TLS_FOLDER, item->name, ".cer", auth_buf_bytes(pem), err)
               : status;
}

static auth_status write_certificate(const ceremony *of, const ceremony_item *item, auth_error *err)
{
    const char *folder = item->authority != 0    ? REALM_AUTHORITIES_FOLDER
                         : item->founder != NULL ? REALM_OFFICERS_FOLDER
                                                 : REALM_RESPONDERS_FOLDER;
    if (item->is_tls)
        return write_chain(of, item, err);
    return create(of, folder, item->name, ".cer", auth_cert_der(item->cert), err);
}

/* What an officer's own programs are to know (docs/officers.md); paths are meant from the folder,
 * so that it can be handed over. */
static auth_status write_officer(const ceremony *of, const ceremony_item *item, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    const char *host = of->plan->host == NULL ? CEREMONY_HOST : of->plan->host;
    const ceremony_item *root = ceremony_root(of);
    const daemon_address *addresses = NULL;
    size_t count = daemon_options_addresses(realm_options(of->of), "ra-listen", &addresses);
    unsigned port = count == 0 ? 0 : addresses[0].port;
    auth_status status = auth_buf_new((size_t)2 * REALM_PATH_SIZE, &text, err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_buf_printf(text, err,
                            "# Who this officer is and where her daemon is: docs/officers.md\n"
                            "server = https://%s:%u\ntrust = %s.trust\ncertificate = %s.cer\n"
                            "key = %s%s\nrealm = %s\noffice = %s\n",
                            host, port, item->name, item->name,
                            item->token == NULL ? item->name : item->token,
                            item->token == NULL ? ".pem" : "", of->plan->name, of->plan->centre);
    if (status == AUTH_STATUS_OK)
        status = create(of, REALM_OFFICERS_FOLDER, item->name, ".conf", auth_buf_bytes(text), err);
    return status == AUTH_STATUS_OK ? create(of, REALM_OFFICERS_FOLDER, item->name, ".trust",
                                             auth_cert_der(root->cert), err)
                                    : status;
}

auth_status ceremony_files_write(const ceremony *of, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < of->count && status == AUTH_STATUS_OK; i++) {
        status = write_key(of, &of->items[i], err);
        if (status == AUTH_STATUS_OK)
            status = write_certificate(of, &of->items[i], err);
        if (status == AUTH_STATUS_OK && of->items[i].founder != NULL)
            status = write_officer(of, &of->items[i], err);
    }
    return status;
}
