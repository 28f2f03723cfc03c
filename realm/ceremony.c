/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/ceremony.h"

#include <auth/csr.h>
#include <string.h>

/* An empty Name: of a certification request only the key counts (auth/issue.h). */
#define EMPTY_NAME ((auth_bytes){(const uint8_t *)"\x30\x00", 2})

#define VALUES_MAX 5
#define NAMES_MAX 2

static const struct {
    realm_authority authority;
    const char *name;
    const char *profile;
    realm_authority issuer;
    const char *title;
} authority_rows[] = {
#define REALM_AUTHORITY_ROW(id, number, name, profile, issuer, title)                              \
    {REALM_AUTHORITY_##id, name, profile, REALM_AUTHORITY_##issuer, title},
#include "authority.def"
};

static const struct {
    const char *name;
    const char *profile;
    realm_authority issuer;
    bool is_tls;
} credential_rows[] = {
#define REALM_CREDENTIAL_ROW(id, name, profile, issuer, is_tls)                                    \
    {name, profile, REALM_AUTHORITY_##issuer, is_tls},
#include "credential.def"
};

static ceremony_item *add(ceremony *of, const char *name, const char *profile,
                          realm_authority issuer)
{
    ceremony_item *item = &of->items[of->count++];
    item->name = name;
    item->common_name = name;
    item->profile = profile;
    item->issuer = issuer;
    return item;
}

static void plan_items(ceremony *of)
{
    const realm_plan *plan = of->plan;
    for (size_t i = 0; i < sizeof authority_rows / sizeof authority_rows[0]; i++) {
        ceremony_item *item =
            add(of, authority_rows[i].name, authority_rows[i].profile, authority_rows[i].issuer);
        item->authority = authority_rows[i].authority;
        item->common_name = authority_rows[i].title;
        item->token = plan->authority_keys[item->authority];
        item->passphrase =
            item->authority == item->issuer ? plan->root_passphrase : plan->key_passphrase;
    }
    for (size_t i = 0; i < sizeof credential_rows / sizeof credential_rows[0]; i++)
        add(of, credential_rows[i].name, credential_rows[i].profile, credential_rows[i].issuer)
            ->is_tls = credential_rows[i].is_tls;
    for (size_t i = 0; i < plan->founder_count; i++) {
        const realm_founder *founder = &plan->founders[i];
        ceremony_item *item = add(of, founder->id, "officer", REALM_AUTHORITY_STAFF);
        item->common_name = founder->name;
        item->founder = founder;
        item->token = founder->key;
        item->passphrase = plan->key_passphrase;
    }
}

ceremony_item *ceremony_authority(ceremony *of, realm_authority authority)
{
    return &of->items[authority - 1];
}

const ceremony_item *ceremony_root(const ceremony *of)
{
    return &of->items[REALM_AUTHORITY_ROOT - 1];
}

/*
 * A server's key is made often: it is small. Officers and servers meet in TLS, which knows no SM2
 * here (neither GnuTLS nor the certificates that OpenSSL verifies): then SM2 is for citizens.
 */
static auth_key_type key_type(const realm_plan *plan, const ceremony_item *item)
{
    bool is_citizens =
        item->authority == REALM_AUTHORITY_CITIZENS || item->issuer == REALM_AUTHORITY_CITIZENS;
    if (item->is_tls || (plan->type == AUTH_KEY_TYPE_SM2 && !is_citizens))
        return AUTH_KEY_TYPE_P256;
    return plan->type;
}

static auth_status make_key(const realm_plan *plan, ceremony_item *item, auth_error *err)
{
    if (item->token != NULL)
        return auth_signer_generate_in_token(item->token, plan->type, plan->bits, plan->ask,
                                             plan->context, &item->signer, err);
    auth_key_type type = key_type(plan, item);
    return auth_signer_generate(type, type == AUTH_KEY_TYPE_RSA ? plan->bits : 0, &item->signer,
                                err);
}

/* Whoever issues; a root's own key before there is a certificate of it. */
static auth_status find_issuer(ceremony *of, const ceremony_item *item, auth_issuer **self,
                               const auth_issuer **out, auth_error *err)
{
    if (item->authority != item->issuer) {
        *out = ceremony_authority(of, item->issuer)->own_issuer;
        return AUTH_STATUS_OK;
    }
    auth_status status = auth_issuer_new_self(auth_signer_public_key(item->signer),
                                              auth_signer_algorithm(item->signer), self, err);
    *out = *self;
    return status;
}

static size_t fill_subject(const ceremony *of, const ceremony_item *item,
                           auth_issue_value out[VALUES_MAX])
{
    size_t count = 0;
    out[count++] = (auth_issue_value){"O", auth_bytes_from_text(of->plan->name)};
    out[count++] = (auth_issue_value){"CN", auth_bytes_from_text(item->common_name)};
    if (item->founder == NULL)
        return count;
    out[count++] = (auth_issue_value){"OU", auth_bytes_from_text(of->plan->centre)};
    out[count++] =
        (auth_issue_value){"title",
                           auth_bytes_from_text(auth_officer_role_name(AUTH_OFFICER_ROLE_ADMIN))};
    out[count++] = (auth_issue_value){"UID", auth_bytes_from_text(item->founder->id)};
    return count;
}

static size_t fill_names(const ceremony *of, const ceremony_item *item,
                         auth_issue_name out[NAMES_MAX])
{
    static const uint8_t loopback[] = {127, 0, 0, 1};
    const char *host = of->plan->host == NULL ? CEREMONY_HOST : of->plan->host;
    if (!item->is_tls)
        return 0;
    out[0] = (auth_issue_name){AUTH_ISSUE_NAME_DNS, auth_bytes_from_text(host)};
    out[1] = (auth_issue_name){AUTH_ISSUE_NAME_IP, {loopback, sizeof loopback}};
    return 2;
}

static auth_status issue(ceremony *of, ceremony_item *item, auth_buf *out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *csr = NULL;
    AUTH_AUTO(auth_issuer) *self = NULL;
    const auth_issuer *issuer = NULL;
    const auth_profile *profile = NULL;
    auth_issue_value subject[VALUES_MAX];
    auth_issue_name names[NAMES_MAX];
    auth_issue_request request = {.subject = subject,
                                  .names = names,
                                  .not_before = of->plan->now,
                                  .now = of->plan->now,
                                  .serial = {item->serial, sizeof item->serial}};
    auth_status status = auth_buf_new(AUTH_CSR_MAX, &csr, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_new(item->signer, EMPTY_NAME, csr, err);
    if (status == AUTH_STATUS_OK)
        status = find_issuer(of, item, &self, &issuer, err);
    if (status == AUTH_STATUS_OK)
        status = realm_profile_find(of->of, item->profile, &profile, err);
    if (status == AUTH_STATUS_OK)
        status = auth_issue_serial(realm_epoch(of->plan->now), item->serial, err);
    if (status != AUTH_STATUS_OK)
        return status;
    request.csr = auth_buf_bytes(csr);
    request.subject_count = fill_subject(of, item, subject);
    request.name_count = fill_names(of, item, names);
    request.shard = realm_shard(of->of, item->issuer, request.serial);
    return auth_issue(profile, issuer, ceremony_authority(of, item->issuer)->signer, &request, out,
                      err);
}

static auth_status make_item(ceremony *of, ceremony_item *item, auth_error *err)
{
    AUTH_AUTO(auth_buf) *der = NULL;
    auth_status status = auth_buf_new(AUTH_CERT_MAX, &der, err);
    if (status == AUTH_STATUS_OK)
        status = make_key(of->plan, item, err);
    if (status == AUTH_STATUS_OK)
        status = issue(of, item, der, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_parse(auth_buf_bytes(der), &item->cert, err);
    if (status == AUTH_STATUS_OK)
        status = auth_cert_fingerprint_sha256(item->cert, item->fingerprint, err);
    if (status == AUTH_STATUS_OK && item->authority != 0)
        status = auth_issuer_new(auth_buf_bytes(der), auth_signer_algorithm(item->signer),
                                 &item->own_issuer, err);
    if (status == AUTH_STATUS_OK)
        auth_public_key_hash(auth_signer_public_key(item->signer), item->key_hash);
    else
        auth_error_context(err, "%s", item->name);
    return status;
}

auth_status ceremony_hold(const realm_plan *plan, const realm *of, ceremony *out, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    *out = (ceremony){.plan = plan, .of = of};
    plan_items(out);
    for (size_t i = 0; i < out->count && status == AUTH_STATUS_OK; i++)
        status = make_item(out, &out->items[i], err);
    return status == AUTH_STATUS_OK ? ceremony_document_write(out, err) : status;
}

void ceremony_clear(ceremony *of)
{
    for (size_t i = 0; i < of->count; i++) {
        auth_cert_free(of->items[i].cert);
        auth_issuer_free(of->items[i].own_issuer);
        auth_signer_free(of->items[i].signer);
    }
    auth_buf_free(of->payload);
    auth_buf_free(of->document);
    of->count = 0;
    of->payload = NULL;
    of->document = NULL;
}
