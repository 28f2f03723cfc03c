/* SPDX-License-Identifier: Apache-2.0 */
/* Issues for a citizen, validates, revokes by CRL and by OCSP, in P-256 and in SM2. */
/* cc authority.c $(pkg-config --cflags --libs libauth) -o authority; ./authority PROFILES_FOLDER */
#include <auth/auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define LITERAL(text) ((auth_bytes){(const uint8_t *)(text), sizeof(text) - 1})

static auth_error err;
static const char *profiles;
static auth_time now;
static uint8_t serial_room[AUTH_SERIAL_SIZE];
static const auth_bytes serial = {serial_room, AUTH_SERIAL_SIZE}; /* issued last */

static void must(auth_status status)
{
    if (status != AUTH_STATUS_OK) {
        (void)fprintf(stderr, "%s: %s\n", auth_status_name(status), err.text);
        exit(EXIT_FAILURE);
    }
}

static auth_buf *new_buffer(void)
{
    auth_buf *buf = NULL;
    must(auth_buf_new(65536, &buf, &err));
    return buf;
}

static auth_profile *load_profile(const char *name)
{
    char path[4096];
    uint8_t text[65536];
    AUTH_AUTO(auth_profile_raw) *raw = NULL;
    auth_profile *profile = NULL;
    (void)snprintf(path, sizeof path, "%s/%s.json", profiles, name);
    FILE *file = fopen(path, "re");
    size_t len = file == NULL ? 0 : fread(text, 1, sizeof text, file);
    must(auth_profile_parse((auth_bytes){text, len}, &raw, &err));
    must(auth_profile_validate(raw, "http://pki.example", &profile, &err));
    (void)fclose(file);
    return profile;
}

static auth_buf *issue(const char *name, const auth_issuer *issuer, const auth_signer *signer,
                       const auth_signer *holder, const auth_issue_identity *identity)
{
    AUTH_AUTO(auth_profile) *profile = load_profile(name);
    AUTH_AUTO(auth_buf) *csr = new_buffer();
    auth_buf *out = new_buffer();
    auth_issue_value subject[] = {{"CN", LITERAL("王小明")}, {"O", LITERAL("实验省")}};
    must(auth_csr_new(holder, LITERAL("\x30\x00"), csr, &err)); /* only its key counts */
    must(auth_issue_serial(0x0101, serial_room, &err));
    auth_issue_request request = {.csr = auth_buf_bytes(csr), .subject = subject, .now = now};
    request.not_before = now;
    request.serial = serial;
    request.subject_count = identity->number == NULL ? 2 : 1; /* a citizen has no organisation */
    request.identity = *identity;
    must(auth_issue(profile, issuer, signer, &request, out, &err));
    return out;
}

static void expect(const auth_trust *trust, const auth_buf *certificate,
                   const auth_evidence *evidence, bool is_good)
{
    auth_verdict verdict;
    auth_validation options = {.now = now, .purpose = AUTH_PURPOSE_CITIZEN_LOGIN};
    must(auth_validate(trust, &options, auth_buf_bytes(certificate), evidence, &verdict, &err));
    (void)printf("%s %s\n", auth_verdict_reason_name(verdict.reason), verdict.detail);
    if (verdict.reason != (is_good ? AUTH_VERDICT_REASON_OK : AUTH_VERDICT_REASON_REVOKED))
        exit(EXIT_FAILURE);
}

static auth_buf *make_crl(const auth_cert *ca, const auth_signer *signer)
{
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    auth_buf *crl = new_buffer();
    auth_crl_settings settings = {.issuer = auth_cert_subject(ca), .this_update = now};
    settings.key_id = auth_cert_subject_key_id(ca);
    settings.number = LITERAL("\x01");
    settings.next_update = now + 3600;
    must(auth_crl_builder_new(&settings, &builder, &err));
    must(auth_crl_builder_add(builder, &(auth_crl_entry){serial, .revoked = now}, &err));
    must(auth_crl_builder_finish(builder, signer, crl, &err));
    return crl;
}

static auth_buf *make_ocsp(const auth_cert *ca, const auth_signer *signer)
{
    AUTH_AUTO(auth_ocsp_issuer) *issuer = NULL;
    AUTH_AUTO(auth_ocsp_responder) *responder = NULL;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    AUTH_AUTO(auth_buf) *ask = new_buffer();
    auth_buf *answer = new_buffer();
    auth_ocsp_statement says = {.status = AUTH_OCSP_REVOKED, .revoked = now, .this_update = now};
    says.next_update = now + 3600;
    auth_ocsp_answer_options options = {.produced_at = now};
    must(auth_ocsp_issuer_new(auth_cert_der(ca), &issuer, &err));
    must(auth_ocsp_responder_new(auth_cert_der(ca), issuer, signer, &responder, &err));
    must(auth_ocsp_request_encode(issuer, serial, AUTH_OCSP_HASH_SM3, (auth_bytes){0}, ask, &err));
    must(auth_ocsp_request_parse(auth_buf_bytes(ask), &request, &err));
    must(auth_ocsp_respond(responder, request, &says, &options, answer, &err));
    return answer;
}

static void run(auth_key_type type, const auth_issue_identity *identity)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_signer) *holder = NULL;
    AUTH_AUTO(auth_issuer) *self = NULL;
    AUTH_AUTO(auth_issuer) *issuer = NULL;
    AUTH_AUTO(auth_cert) *ca = NULL;
    AUTH_AUTO(auth_cert) *citizen = NULL;
    AUTH_AUTO(auth_trust) *trust = NULL;
    must(auth_signer_generate(type, 0, &signer, &err));
    must(auth_signer_generate(type, 0, &holder, &err));
    auth_bytes algorithm = auth_signer_algorithm(signer);
    must(auth_issuer_new_self(auth_signer_public_key(signer), algorithm, &self, &err));
    AUTH_AUTO(auth_buf) *root = issue("root", self, signer, signer, &(auth_issue_identity){0});
    auth_bytes anchor = auth_buf_bytes(root);
    must(auth_issuer_new(anchor, algorithm, &issuer, &err));
    AUTH_AUTO(auth_buf) *leaf = issue("citizen-authentication", issuer, signer, holder, identity);
    must(auth_cert_parse(anchor, &ca, &err));
    must(auth_trust_new(&anchor, 1, NULL, 0, &trust, &err));
    AUTH_AUTO(auth_buf) *crl = make_crl(ca, signer);
    AUTH_AUTO(auth_buf) *ocsp = make_ocsp(ca, signer);
    auth_bytes crls = auth_buf_bytes(crl);
    auth_bytes answers = auth_buf_bytes(ocsp);
    expect(trust, leaf, &(auth_evidence){0}, true);
    expect(trust, leaf, &(auth_evidence){.crls = &crls, .crl_count = 1}, false);
    expect(trust, leaf, &(auth_evidence){.ocsp = &answers, .ocsp_count = 1}, false);
}

int main(int argc, char **argv)
{
    AUTH_AUTO(auth_secret) *secret = NULL; /* for the holder: with it she proves her number */
    auth_person_number number;
    profiles = argc > 1 ? argv[1] : ".";
    now = time(NULL);
    auth_person_rules rules = {.today = auth_date_from_time(now, 480)};
    must(auth_person_number_parse(LITERAL("11010519491231002X"), &rules, &number, &err));
    must(auth_identity_secret_new(AUTH_IDENTITY_BINDING_SIM, &secret, &err));
    auth_issue_identity identity = {&number, .sim_secret = auth_secret_bytes(secret)};
    run(AUTH_KEY_TYPE_P256, &identity);
    run(AUTH_KEY_TYPE_SM2, &identity);
    auth_person_number_wipe(&number);
}
