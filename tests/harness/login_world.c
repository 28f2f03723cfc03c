/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/login_world.h"

#include <stdlib.h>
#include <string.h>

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

static auth_status tell(void *context, const auth_status_question *question,
                        auth_status_knowledge *out, auth_error *err)
{
    (void)err;
    login_world *world = context;
    (void)atomic_fetch_add(&world->asked, 1);
    *out = auth_bytes_equal(question->certificate, RAW(world->holder)) ? world->about_holder
                                                                       : world->about_authority;
    return AUTH_STATUS_OK;
}

static void make_staff(login_world *world)
{
    chain_cert cert = chain_plan(world->type, CHAIN_CA);
    cert.subject = raw_name("Staff authority");
    cert.serial = BYTES("\x44");
    world->staff = chain_sign(&cert, world->type, CHAIN_LEAF, CHAIN_ROOT);
}

login_world *login_world_new(auth_key_type type)
{
    login_world *world = calloc(1, sizeof *world);
    if (world == NULL)
        harness_die("no memory");
    chain c = chain_make(type, CHAIN_ROOT, NULL);
    world->type = type;
    world->policy = auth_login_policy_default();
    world->purpose = AUTH_PURPOSE_CITIZEN_LOGIN;
    world->root = c.certs[CHAIN_ROOT];
    world->authority = c.certs[CHAIN_CA];
    world->holder = c.certs[CHAIN_LEAF];
    world->about_holder = (auth_status_knowledge){
        .state = AUTH_STATUS_STATE_GOOD,
        .source = AUTH_LOGIN_SOURCE_CACHE,
        .evidence = AUTH_REVOCATION_SOURCE_OCSP,
        .this_update = CHAIN_NOW - 30,
        .next_update = CHAIN_NOW + 3600,
    };
    world->about_authority = world->about_holder;
    make_staff(world);
    return world;
}

void login_world_start(login_world *world)
{
    auth_error err;
    auth_bytes anchor = RAW(world->root);
    auth_bytes authority =
        world->purpose == AUTH_PURPOSE_OFFICER ? RAW(world->staff) : RAW(world->authority);
    auth_verifier_options options = {
        .anchors = &anchor,
        .anchor_count = 1,
        .authorities = &authority,
        .authority_count = 1,
        .purpose = world->purpose,
        .policy = &world->policy,
        .ask = world->has_no_source ? NULL : tell,
        .ask_context = world,
    };
    must(auth_verifier_new(&options, &world->verifier, &err), &err);
}

void login_world_free(login_world *world)
{
    auth_verifier_free(world->verifier);
    free(world);
}

void login_world_certify(login_world *world, chain_change *change)
{
    chain_cert cert = chain_plan(world->type, CHAIN_LEAF);
    if (change != NULL)
        change(&cert);
    world->holder = chain_sign(&cert, world->type, CHAIN_LEAF, CHAIN_CA);
}

void login_world_certify_staff(login_world *world)
{
    chain_cert cert = chain_plan(world->type, CHAIN_LEAF);
    cert.issuer = raw_name("Staff authority");
    world->holder = chain_sign(&cert, world->type, CHAIN_LEAF, CHAIN_LEAF);
}

void login_world_challenge(auth_time now, char out[AUTH_CHALLENGE_SIZE])
{
    auth_error err;
    auth_challenge_options options = {
        .audience = LOGIN_AUDIENCE,
        .now = now,
        .lifetime_s = LOGIN_LIFETIME,
        .key = BYTES(LOGIN_KEY),
        .session = BYTES("session 1"),
    };
    must(auth_login_challenge(&options, out, &err), &err);
}

static auth_status sign_with(void *context, auth_bytes message, auth_signature *out,
                             auth_error *err)
{
    return auth_signer_sign(context, message, out, err);
}

/* Says that it has the holder's key, and signs with another. */
static auth_signer *lying_signer(const login_world *world, chain_role role)
{
    auth_error err;
    auth_signer *out = NULL;
    const auth_signer *mine = chain_signer(world->type, role);
    const auth_public_key *claimed = auth_signer_public_key(chain_signer(world->type, CHAIN_LEAF));
    union {
        const auth_signer *from;
        void *to;
    } context = {.from = mine};
    must(auth_signer_from_callback(claimed, sign_with, NULL, context.to, &out, &err), &err);
    return out;
}

auth_buf *login_world_respond(const login_world *world, const login_response_options *options)
{
    auth_error err;
    auth_buf *out = NULL;
    auth_bytes certs[] = {RAW(world->holder), RAW(world->authority), RAW(world->staff)};
    auth_signer *liar = options->signer == CHAIN_ROOT ? NULL : lying_signer(world, options->signer);
    auth_login_answer answer = {
        .audience = options->audience == NULL ? LOGIN_AUDIENCE : options->audience,
        .challenge = auth_bytes_from_text(options->challenge),
        .signer = liar != NULL ? liar : chain_signer(world->type, CHAIN_LEAF),
        .chain = certs,
        .chain_len = options->is_short ? 2 : 3,
        .staple = options->staple,
        .now = options->now == 0 ? CHAIN_NOW : options->now,
    };
    must(auth_buf_new(AUTH_LOGIN_RESPONSE_MAX, &out, &err), &err);
    must(auth_login_respond(&answer, out, &err), &err);
    auth_signer_free(liar);
    return out;
}

auth_login_input login_world_input(void)
{
    return (auth_login_input){
        .now = CHAIN_NOW,
        .audience = LOGIN_AUDIENCE,
        .challenge_key = BYTES(LOGIN_KEY),
        .session = BYTES("session 1"),
    };
}

/* The certificate of an authority of the same name, with the key of another role. */
static raw_bytes other_authority(const login_world *world)
{
    chain_cert cert = chain_plan(world->type, CHAIN_CA);
    return chain_sign(&cert, world->type, CHAIN_LEAF, CHAIN_LEAF);
}

/* The question is the issuer's own, so that an answer by another one is about this certificate. */
raw_bytes login_world_staple(const login_world *world, const login_staple *staple)
{
    auth_error err;
    raw_bytes out = {.len = 0};
    AUTH_AUTO(auth_ocsp_issuer) *issuer = NULL;
    AUTH_AUTO(auth_ocsp_responder) *responder = NULL;
    AUTH_AUTO(auth_ocsp_request) *request = NULL;
    AUTH_AUTO(auth_buf) *question = NULL;
    AUTH_AUTO(auth_buf) *answer = NULL;
    raw_bytes certificate = staple->is_by_other  ? other_authority(world)
                            : staple->is_by_root ? world->root
                                                 : world->authority;
    chain_role key = staple->is_by_other ? CHAIN_LEAF : staple->is_by_root ? CHAIN_ROOT : CHAIN_CA;
    auth_bytes serial = staple->is_by_root ? BYTES("\x22") : BYTES("\x33");
    must(auth_ocsp_issuer_new(RAW(certificate), &issuer, &err), &err);
    must(auth_ocsp_responder_new(RAW(certificate), issuer, chain_signer(world->type, key),
                                 &responder, &err),
         &err);
    must(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &question, &err), &err);
    must(auth_buf_new(RAW_CERT_MAX, &answer, &err), &err);
    must(auth_ocsp_request_encode(issuer, staple->serial.len > 0 ? staple->serial : serial,
                                  AUTH_OCSP_HASH_SHA256, (auth_bytes){NULL, 0}, question, &err),
         &err);
    must(auth_ocsp_request_parse(auth_buf_bytes(question), &request, &err), &err);
    auth_ocsp_statement statement = {
        .status = staple->status,
        .reason = staple->reason,
        .revoked = CHAIN_NOW - 7200,
        .this_update = staple->this_update == 0 ? CHAIN_NOW - 60 : staple->this_update,
        .next_update = staple->next_update == 0 ? CHAIN_NOW + CHAIN_DAY : staple->next_update,
    };
    auth_ocsp_answer_options options = {.produced_at = statement.this_update};
    must(auth_ocsp_respond(responder, request, &statement, &options, answer, &err), &err);
    auth_bytes written = auth_buf_bytes(answer);
    out.len = written.len;
    memcpy(out.octets, written.data, written.len);
    return out;
}
