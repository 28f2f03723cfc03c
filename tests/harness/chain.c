/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/chain.h"

#include <string.h>

#define KEY_TYPES 8

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static raw_bytes take(const uint8_t *octets, const der_writer *writer)
{
    if (writer->has_failed)
        harness_die("a test object passed %d octets", RAW_CERT_MAX);
    raw_bytes out = {.len = writer->len};
    memcpy(out.octets, octets, out.len);
    return out;
}

const auth_signer *chain_signer(auth_key_type type, chain_role role)
{
    static auth_signer *signers[KEY_TYPES][CHAIN_ROLES];
    if (signers[type][role] == NULL)
        signers[type][role] = raw_signer_new(type);
    return signers[type][role];
}

static const char *name_of(chain_role role)
{
    static const char *const names[] = {"Chain root", "Chain authority", "Chain holder"};
    return names[role];
}

static chain_extension *find(chain_cert *cert, auth_bytes type)
{
    for (size_t i = 0; i < cert->extension_count; i++) {
        if (auth_bytes_equal(cert->extensions[i].type, type))
            return &cert->extensions[i];
    }
    return NULL;
}

void chain_set_type(chain_cert *cert, auth_bytes type, bool is_critical, auth_bytes value)
{
    chain_extension *row = find(cert, type);
    if (value.len > CHAIN_VALUE_MAX || cert->extension_count == CHAIN_EXTENSIONS_MAX)
        harness_die("a test certificate has no room for an extension");
    if (row == NULL)
        row = &cert->extensions[cert->extension_count++];
    row->type = type;
    row->is_critical = is_critical;
    row->len = value.len;
    if (value.len > 0)
        memcpy(row->value, value.data, value.len);
}

void chain_set(chain_cert *cert, oid id, bool is_critical, auth_bytes value)
{
    chain_set_type(cert, oid_bytes(id), is_critical, value);
}

void chain_drop(chain_cert *cert, oid id)
{
    chain_extension *row = find(cert, oid_bytes(id));
    if (row == NULL)
        harness_die("a test certificate lacks the extension to drop");
    *row = cert->extensions[--cert->extension_count];
}

void chain_set_critical(chain_cert *cert, oid id, bool is_critical)
{
    chain_extension *row = find(cert, oid_bytes(id));
    if (row == NULL)
        harness_die("a test certificate lacks the extension to change");
    row->is_critical = is_critical;
}

raw_bytes chain_key_usage(uint32_t bits)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    der_put_named_bits(&writer, DER_BIT_STRING, bits);
    return take(room.octets, &writer);
}

raw_bytes chain_basic_constraints(bool is_ca, int path_len)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t sequence = der_open(&writer, DER_SEQUENCE);
    if (is_ca)
        der_put_bool(&writer, true);
    if (path_len >= 0)
        der_put_uint(&writer, (uint64_t)path_len);
    der_close(&writer, sequence);
    return take(room.octets, &writer);
}

raw_bytes chain_purposes(oid first, oid second)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t sequence = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, oid_bytes(first));
    if (second != OID_UNKNOWN)
        der_put_oid(&writer, oid_bytes(second));
    der_close(&writer, sequence);
    return take(room.octets, &writer);
}

raw_bytes chain_names(uint8_t tag, const char *text)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t sequence = der_open(&writer, DER_SEQUENCE);
    if (tag != 0)
        der_put_item(&writer, tag, auth_bytes_from_text(text));
    der_close(&writer, sequence);
    return take(room.octets, &writer);
}

static void put_subtrees(der_writer *writer, uint8_t list, uint8_t tag, auth_bytes base)
{
    if (tag == 0)
        return;
    size_t subtrees = der_open(writer, list);
    size_t subtree = der_open(writer, DER_SEQUENCE);
    der_put_item(writer, tag, base);
    der_close(writer, subtree);
    der_close(writer, subtrees);
}

raw_bytes chain_constraints(uint8_t permitted_tag, auth_bytes permitted, uint8_t excluded_tag,
                            auth_bytes excluded)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t sequence = der_open(&writer, DER_SEQUENCE);
    put_subtrees(&writer, DER_CONTEXT_CONSTRUCTED(0), permitted_tag, permitted);
    put_subtrees(&writer, DER_CONTEXT_CONSTRUCTED(1), excluded_tag, excluded);
    der_close(&writer, sequence);
    return take(room.octets, &writer);
}

raw_bytes chain_policy(auth_bytes policy)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t policies = der_open(&writer, DER_SEQUENCE);
    size_t information = der_open(&writer, DER_SEQUENCE);
    der_put_oid(&writer, policy);
    der_close(&writer, information);
    der_close(&writer, policies);
    return take(room.octets, &writer);
}

static void set_key_ids(chain_cert *cert, auth_key_type type, chain_role role)
{
    uint8_t id[AUTH_KEY_ID_SIZE];
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    auth_public_key_id(auth_signer_public_key(chain_signer(type, role)), id);
    der_put_item(&writer, DER_OCTET_STRING, (auth_bytes){id, sizeof id});
    chain_set(cert, OID_SUBJECT_KEY_IDENTIFIER, false, der_written(&writer));

    chain_role above = role == CHAIN_ROOT ? CHAIN_ROOT : (chain_role)(role - 1);
    writer = der_writer_on(room.octets, sizeof room.octets);
    auth_public_key_id(auth_signer_public_key(chain_signer(type, above)), id);
    size_t sequence = der_open(&writer, DER_SEQUENCE);
    der_put_item(&writer, DER_CONTEXT(0), (auth_bytes){id, sizeof id});
    der_close(&writer, sequence);
    chain_set(cert, OID_AUTHORITY_KEY_IDENTIFIER, false, der_written(&writer));
}

chain_cert chain_plan(auth_key_type type, chain_role role)
{
    static const char *const serials[] = {"\x11", "\x22", "\x33"};
    chain_role above = role == CHAIN_ROOT ? CHAIN_ROOT : (chain_role)(role - 1);
    bool is_ca = role != CHAIN_LEAF;
    chain_cert cert = {
        .version = 3,
        .serial = auth_bytes_from_text(serials[role]),
        .issuer = raw_name(name_of(above)),
        .subject = raw_name(name_of(role)),
        .not_before = CHAIN_NOW - 365 * CHAIN_DAY,
        .not_after = CHAIN_NOW + 365 * CHAIN_DAY,
    };
    raw_bytes constraints = chain_basic_constraints(is_ca, -1);
    raw_bytes usage = chain_key_usage(is_ca ? 0x60 : 0x01); /* keyCertSign, cRLSign */
    chain_set(&cert, OID_BASIC_CONSTRAINTS, true, RAW(constraints));
    chain_set(&cert, OID_KEY_USAGE, true, RAW(usage));
    if (!is_ca) {
        raw_bytes purposes = chain_purposes(OID_CLIENT_AUTH, OID_UNKNOWN);
        chain_set(&cert, OID_EXTENDED_KEY_USAGE, false, RAW(purposes));
    }
    set_key_ids(&cert, type, role);
    return cert;
}

static void put_cert_time(der_writer *writer, auth_time time, bool is_generalized)
{
    if (is_generalized)
        der_put_generalized_time(writer, time);
    else
        der_put_time(writer, time);
}

static void put_extensions(der_writer *writer, const chain_cert *cert)
{
    if (cert->extension_count == 0)
        return;
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(3));
    size_t sequence = der_open(writer, DER_SEQUENCE);
    for (size_t i = 0; i < cert->extension_count; i++) {
        const chain_extension *row = &cert->extensions[i];
        size_t extension = der_open(writer, DER_SEQUENCE);
        der_put_oid(writer, row->type);
        if (row->is_critical)
            der_put_bool(writer, true);
        der_put_item(writer, DER_OCTET_STRING, (auth_bytes){row->value, row->len});
        der_close(writer, extension);
    }
    der_close(writer, sequence);
    der_close(writer, tagged);
}

static auth_bytes or_else(auth_bytes wanted, auth_bytes otherwise)
{
    return wanted.len > 0 ? wanted : otherwise;
}

static raw_bytes make_tbs(const chain_cert *cert, const auth_signer *key, const auth_signer *signer)
{
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t tbs = der_open(&writer, DER_SEQUENCE);
    if (cert->version > 1) {
        size_t version = der_open(&writer, DER_CONTEXT_CONSTRUCTED(0));
        der_put_uint(&writer, cert->version - 1);
        der_close(&writer, version);
    }
    der_put_item(&writer, DER_INTEGER, cert->serial);
    der_put(&writer, or_else(cert->inner_algorithm, auth_signer_algorithm(signer)));
    der_put(&writer, RAW(cert->issuer));
    size_t validity = der_open(&writer, DER_SEQUENCE);
    put_cert_time(&writer, cert->not_before, cert->has_generalized_times);
    put_cert_time(&writer, cert->not_after, cert->has_generalized_times);
    der_close(&writer, validity);
    der_put(&writer, RAW(cert->subject));
    der_put(&writer, or_else(cert->spki, auth_public_key_spki(auth_signer_public_key(key))));
    put_extensions(&writer, cert);
    der_close(&writer, tbs);
    return take(room.octets, &writer);
}

raw_bytes chain_sign(const chain_cert *cert, auth_key_type type, chain_role key, chain_role signer)
{
    auth_error err;
    auth_signature signature;
    const auth_signer *by = chain_signer(type, signer);
    raw_bytes tbs = make_tbs(cert, chain_signer(type, key), by);
    must(auth_signer_sign(by, RAW(tbs), &signature, &err), &err);
    if (cert->has_broken_signature)
        signature.octets[signature.len - 1] ^= 0x01;
    raw_bytes room;
    der_writer writer = der_writer_on(room.octets, sizeof room.octets);
    size_t whole = der_open(&writer, DER_SEQUENCE);
    der_put(&writer, RAW(tbs));
    der_put(&writer, or_else(cert->outer_algorithm, auth_signer_algorithm(by)));
    der_put_bit_octets(&writer, (auth_bytes){signature.octets, signature.len});
    der_close(&writer, whole);
    return take(room.octets, &writer);
}

chain chain_make(auth_key_type type, chain_role changed, chain_change *change)
{
    chain made;
    for (chain_role role = CHAIN_ROOT; role < CHAIN_ROLES; role++) {
        chain_role above = role == CHAIN_ROOT ? CHAIN_ROOT : (chain_role)(role - 1);
        chain_cert cert = chain_plan(type, role);
        if (change != NULL && role == changed)
            change(&cert);
        made.certs[role] = chain_sign(&cert, type, role, above);
    }
    return made;
}

auth_buf *chain_crl_make(auth_key_type type, chain_role role, const chain_crl *crl)
{
    auth_error err;
    auth_crl_builder *builder = NULL;
    auth_buf *out = NULL;
    uint8_t id[AUTH_KEY_ID_SIZE];
    raw_bytes issuer = raw_name(name_of(role));
    const auth_signer *signer = chain_signer(type, role);
    auth_public_key_id(auth_signer_public_key(signer), id);
    auth_crl_settings settings = {
        .issuer = RAW(issuer),
        .key_id = {id, sizeof id},
        .this_update = crl->this_update != 0 ? crl->this_update : CHAIN_NOW - 3600,
        .next_update = crl->next_update != 0 ? crl->next_update : CHAIN_NOW + CHAIN_DAY,
        .number = {&crl->number, 1},
        .base_number = {&crl->base_number, crl->base_number == 0 ? 0 : 1},
        .distribution_point = crl->uri,
        .only_user_certs = crl->only_user_certs,
        .only_ca_certs = crl->only_ca_certs,
    };
    must(auth_crl_builder_new(&settings, &builder, &err), &err);
    if (crl->serial.len > 0) {
        auth_crl_entry entry = {.serial = crl->serial,
                                .revoked = CHAIN_NOW - 7200,
                                .reason = crl->reason};
        must(auth_crl_builder_add(builder, &entry, &err), &err);
    }
    must(auth_buf_new((size_t)1 << 20, &out, &err), &err);
    must(auth_crl_builder_finish(builder, signer, out, &err), &err);
    auth_crl_builder_free(builder);
    return out;
}
