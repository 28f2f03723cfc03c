/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"
#include "output.h"

#include "registry/ledger_proof.h"

#include <auth/codec.h>
#include <stdlib.h>
#include <string.h>

static auth_status add_octets(cli_json *json, const char *name, auth_bytes octets)
{
    char *text = malloc(octets.len + 1);
    if (text == NULL)
        return AUTH_STATUS_MEMORY;
    memcpy(text, octets.data, octets.len);
    text[octets.len] = '\0';
    cli_json_text(json, name, text);
    free(text);
    return AUTH_STATUS_OK;
}

static void add_hash(cli_json *json, const char *name, const merkle_hash *hash)
{
    char text[2 * REGISTRY_HASH_SIZE + 1];
    for (size_t i = 0; i < sizeof hash->octets; i++)
        (void)snprintf(text + 2 * i, 3, "%02x", hash->octets[i]);
    cli_json_append_text(json, name, text);
}

static auth_status add_proof(cli_json *json, const registry_ledger_proof *proof)
{
    cli_json_number(json, "leaf_index", (long long)proof->leaf_index);
    cli_json_number(json, "tree_size", (long long)proof->tree_size);
    cli_json_array(json, "hashes");
    for (size_t i = 0; i < proof->path.count; i++)
        add_hash(json, "hashes", &proof->path.hashes[i]);
    return add_octets(json, "head", proof->head);
}

static auth_status show(void *context, const registry_ledger_proof *proof, auth_error *err)
{
    (void)context;
    cli_json *json = cli_json_new();
    if (json == NULL)
        return auth_error_memory(err);
    auth_status status = add_octets(json, "entry", proof->body);
    cli_json_bool(json, "proved", proof->is_proved);
    if (status == AUTH_STATUS_OK && proof->is_proved)
        status = add_proof(json, proof);
    bool is_printed = cli_json_print(json, stdout);
    return status == AUTH_STATUS_OK && is_printed ? AUTH_STATUS_OK : auth_error_memory(err);
}

static bool read_serial(auth_bytes text, registry_ledger_serial *out)
{
    AUTH_AUTO(auth_buf) *octets = NULL;
    if (auth_buf_new(sizeof out->octets, &octets, NULL) != AUTH_STATUS_OK ||
        auth_codec_decode(AUTH_CODEC_HEX, text, octets, NULL) != AUTH_STATUS_OK ||
        auth_buf_bytes(octets).len < 1)
        return false;
    out->len = auth_buf_bytes(octets).len;
    memcpy(out->octets, auth_buf_bytes(octets).data, out->len);
    return true;
}

static cli_exit run(cli_call *call)
{
    auth_error err;
    registry_ledger_query query = {.has_request = false};
    AUTH_AUTO(cli_ledger) *ledger = NULL;
    cli_exit code = cli_registry_check(call);
    if (code != CLI_YES)
        return code;
    if (call->argument_count != 1)
        return cli_usage(call->command, _("name one request or serial number"));
    auth_bytes text = auth_bytes_from_text(call->arguments[0]);
    query.has_request = registry_uuid_parse(text, query.request);
    if (!query.has_request && !read_serial(text, &query.serial))
        return cli_usage(call->command,
                         _("a request is a uuid in lower case, a serial number is hex"));
    auth_status status = cli_ledger_open(call, &ledger, &err);
    if (status == AUTH_STATUS_OK)
        status = registry_ledger_prove(cli_ledger_connection(ledger), cli_ledger_crypto(ledger),
                                       &query, show, NULL, &err);
    return status == AUTH_STATUS_OK ? CLI_YES : cli_error(call->command, &err);
}

static const cli_option options[] = {
    CLI_OPTION_DIR,
    CLI_OPTION_CONNECT,
    CLI_OPTION_END,
};

static const char *const examples[] = {
    "auth ledger prove --dir /var/lib/auth/registry 0192d4e0-7f31-7c02-8e0a-5b1f3c2d4e6f",
    "auth ledger prove --dir /var/lib/auth/registry 01e30000000000000009a1b2c3d4e5f60718",
    NULL,
};

const cli_command cli_command_ledger_prove = {
    .name = "ledger prove",
    .summary = N_("prove what the ledger says about a request or a certificate"),
    .arguments = N_("REQUEST|SERIAL"),
    .options = options,
    .description = N_(
        "Prints each entry about a request (its uuid) or a certificate (its serial number in hex) "
        "as a line of JSON: the entry as it was hashed, its place, the size of the tree, the "
        "hashes that lead from the entry to the root (RFC 9162 section 2.1.3), and the signed head "
        "of that tree. Whoever has these can check them without the registry.\n\n"
        "An entry that is younger than the newest head has no proof yet: \"proved\" is false."),
    .examples = examples,
    .run = run,
};
