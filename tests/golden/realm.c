/* SPDX-License-Identifier: Apache-2.0 */
#include "golden/realm.h"

#include <auth/csr.h>
#include <auth/name.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const realm_algorithms[] = {"p256", "p384", "rsa", "ed25519", "sm2"};
const size_t realm_algorithm_count = sizeof realm_algorithms / sizeof realm_algorithms[0];

const char *const realm_profiles[] = {
    "root",
    "issuing",
    "citizen-signing",
    "citizen-authentication",
    "officer",
    "daemon-server",
    "daemon-client",
    "citizen-encryption",
    "ocsp-responder",
    "application-server",
};
const size_t realm_profile_count = sizeof realm_profiles / sizeof realm_profiles[0];

#define SIM_SECRET "AAAQEAYEAUDAOCAJBIFQYDIOB4"
#define SIM_RANDOM                                                                                 \
    "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16" \
    "\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"
#define VID_RANDOM                                                                                 \
    "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13"
#define CSR_MAX 8192

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

char *realm_profile_text(const char *name, size_t *len)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s.json", GOLDEN_PROFILE_DIR, name);
    return harness_read_file(path, len);
}

auth_profile *realm_profile_of(const char *json)
{
    auth_error err;
    AUTH_AUTO(auth_profile_raw) *raw = NULL;
    auth_profile *profile = NULL;
    must(auth_profile_parse(auth_bytes_from_text(json), &raw, &err), &err);
    must(auth_profile_validate(raw, REALM_BASE, &profile, &err), &err);
    return profile;
}

auth_profile *realm_profile(const char *name)
{
    size_t len = 0;
    char *text = realm_profile_text(name, &len);
    auth_profile *profile = realm_profile_of(text);
    free(text);
    return profile;
}

static auth_signer *load_key(const char *role, const char *algorithm)
{
    char path[PATH_MAX];
    size_t len = 0;
    auth_error err;
    auth_signer *signer = NULL;
    (void)snprintf(path, sizeof path, "%s/keys/%s-%s.pem", GOLDEN_DIR, role, algorithm);
    char *pem = harness_read_file(path, &len);
    must(auth_signer_parse((auth_bytes){(const uint8_t *)pem, len}, NULL, NULL, &signer, &err),
         &err);
    free(pem);
    return signer;
}

/* The wish for this subject must never be found in a certificate. */
static auth_buf *make_csr(const auth_signer *signer)
{
    auth_error err;
    auth_buf *csr = NULL;
    AUTH_AUTO(auth_name) *name = NULL;
    must(auth_name_new(&name, &err), &err);
    must(auth_name_add(name, "CN", BYTES("a wish"), &err), &err);
    must(auth_buf_new(CSR_MAX, &csr, &err), &err);
    must(auth_csr_new(signer, auth_name_der(name), csr, &err), &err);
    return csr;
}

static auth_buf *issue(const realm *it, const char *profile_name)
{
    auth_error err;
    auth_buf *certificate = NULL;
    realm_request ask;
    AUTH_AUTO(auth_profile) *profile = realm_profile(profile_name);
    realm_ask(it, profile, &ask);
    must(auth_buf_new(CSR_MAX, &certificate, &err), &err);
    must(auth_issue(profile, realm_issuer_of(it, profile), realm_signer_of(it, profile),
                    &ask.request, certificate, &err),
         &err);
    return certificate;
}

realm *realm_new(const char *algorithm, auth_time now)
{
    auth_error err;
    realm *it = calloc(1, sizeof *it);
    if (it == NULL)
        harness_die("out of memory");
    it->algorithm = algorithm;
    it->now = now;
    it->root = load_key("root", algorithm);
    it->authority = load_key("authority", algorithm);
    it->holder = load_key("holder", algorithm);
    it->root_csr = make_csr(it->root);
    it->authority_csr = make_csr(it->authority);
    it->holder_csr = make_csr(it->holder);
    must(auth_issuer_new_self(auth_signer_public_key(it->root), auth_signer_algorithm(it->root),
                              &it->self, &err),
         &err);
    it->root_certificate = issue(it, "root");
    must(auth_issuer_new(auth_buf_bytes(it->root_certificate), auth_signer_algorithm(it->root),
                         &it->root_issuer, &err),
         &err);
    it->authority_certificate = issue(it, "issuing");
    must(auth_issuer_new(auth_buf_bytes(it->authority_certificate),
                         auth_signer_algorithm(it->authority), &it->authority_issuer, &err),
         &err);
    return it;
}

void realm_free(realm *it)
{
    if (it == NULL)
        return;
    auth_signer_free(it->root);
    auth_signer_free(it->authority);
    auth_signer_free(it->holder);
    auth_buf_free(it->root_csr);
    auth_buf_free(it->authority_csr);
    auth_buf_free(it->holder_csr);
    auth_buf_free(it->root_certificate);
    auth_buf_free(it->authority_certificate);
    auth_issuer_free(it->self);
    auth_issuer_free(it->root_issuer);
    auth_issuer_free(it->authority_issuer);
    free(it);
}

const auth_issuer *realm_issuer_of(const realm *it, const auth_profile *profile)
{
    if (auth_profile_is_self_signed(profile))
        return it->self;
    return auth_profile_is_authority(profile) ? it->root_issuer : it->authority_issuer;
}

const auth_signer *realm_signer_of(const realm *it, const auth_profile *profile)
{
    return auth_profile_is_authority(profile) ? it->root : it->authority;
}

static const auth_buf *csr_of(const realm *it, const auth_profile *profile)
{
    if (auth_profile_is_self_signed(profile))
        return it->root_csr;
    return auth_profile_is_authority(profile) ? it->authority_csr : it->holder_csr;
}

bool realm_can_issue(const realm *it, const auth_profile *profile)
{
    return auth_profile_takes_key(profile, auth_signer_public_key(it->holder));
}

static const char *common_name(const auth_profile *profile)
{
    if (auth_profile_is_self_signed(profile))
        return "根";
    return auth_profile_is_authority(profile) ? "签发机构" : "王小明";
}

static auth_bytes value_of(const auth_profile *profile, const char *attribute)
{
    if (strcmp(attribute, "CN") == 0)
        return auth_bytes_from_text(common_name(profile));
    if (strcmp(attribute, "UID") == 0)
        return BYTES("officer-7");
    return auth_bytes_from_text("O=实验省, \"East\" + West");
}

static void ask_subject(const auth_profile *profile, realm_request *out)
{
    auth_profile_field field;
    for (size_t i = 0; auth_profile_field_at(profile, i, &field, NULL) == AUTH_STATUS_OK; i++) {
        if (out->request.subject_count == sizeof out->subject / sizeof out->subject[0])
            harness_die("a profile has more fields than the test realm");
        out->subject[out->request.subject_count++] =
            (auth_issue_value){field.attribute, value_of(profile, field.attribute)};
    }
    out->request.subject = out->subject;
}

static void ask_names(const auth_profile *profile, realm_request *out)
{
    const char *name = auth_profile_name(profile);
    out->request.names = out->names;
    if (strstr(name, "server") == NULL)
        return;
    out->names[0] = (auth_issue_name){AUTH_ISSUE_NAME_DNS, BYTES("www.example.cn")};
    out->names[1] = (auth_issue_name){AUTH_ISSUE_NAME_IP, BYTES("\xc0\x00\x02\x01")};
    out->request.name_count = 2;
}

static void ask_identity(const auth_profile *profile, realm_request *out)
{
    auth_error err;
    auth_person_rules rules = {.today = {2026, 1, 1}};
    if (auth_profile_binding(profile) == AUTH_IDENTITY_BINDING_NONE)
        return;
    must(auth_person_number_parse(BYTES("11010519491231002X"), &rules, &out->number, &err), &err);
    out->request.identity = (auth_issue_identity){
        .number = &out->number,
        .sim_secret = BYTES(SIM_SECRET),
        .sim_random = BYTES(SIM_RANDOM),
        .vid_random = BYTES(VID_RANDOM),
        .pseudonym_key = BYTES("0123456789abcdef0123456789abcdef"),
    };
}

void realm_ask(const realm *it, const auth_profile *profile, realm_request *out)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof out->serial; i++)
        out->serial[i] = (uint8_t)(i + 1);
    /* One issuer never gives a serial number twice. */
    for (const char *c = auth_profile_name(profile); *c != '\0'; c++)
        out->serial[2] = (uint8_t)(out->serial[2] * 31 + *c);
    out->request.serial = (auth_bytes){out->serial, sizeof out->serial};
    if (auth_profile_takes_bare_key(profile))
        out->request.spki = auth_public_key_spki(auth_signer_public_key(it->holder));
    else
        out->request.csr = auth_buf_bytes(csr_of(it, profile));
    ask_subject(profile, out);
    ask_names(profile, out);
    ask_identity(profile, out);
    out->request.shard = 7;
    out->request.now = it->now;
    out->request.not_before = it->now;
}
