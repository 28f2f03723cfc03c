/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Do the two ways to read a response say the same, is every other text refused, and may threads
 * share a verifier? Meant to run under ThreadSanitizer as well (-Db_sanitize=thread).
 */
#include "harness/harness.h"
#include "harness/jws_signer.h"
#include "harness/login_world.h"
#include "login/response.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_SIZE ((size_t)1 << 17)

/* A good header and a good payload, to be changed; the caller frees both. */
static char *header_of(const login_world *world, const char *space)
{
    char *out = calloc(1, TEXT_SIZE);
    char *first = jws_encode(AUTH_CODEC_BASE64, RAW(world->holder));
    char *second = jws_encode(AUTH_CODEC_BASE64, RAW(world->authority));
    ck_assert_ptr_nonnull(out);
    (void)snprintf(out, TEXT_SIZE,
                   "{\"alg\":%s\"ES256\",\"typ\":\"auth-login+jws\",\"x5c\":[\"%s\",\"%s\"],"
                   "\"iat\":%lld}",
                   space, first, second, (long long)CHAIN_NOW);
    free(first);
    free(second);
    return out;
}

static char *payload_of(const char *challenge, const char *space)
{
    char *out = calloc(1, TEXT_SIZE);
    ck_assert_ptr_nonnull(out);
    (void)snprintf(out, TEXT_SIZE, "{\"aud\":%s\"%s\",\"challenge\":\"%s\"}", space, LOGIN_AUDIENCE,
                   challenge);
    return out;
}

static char *sign(const char *header, const char *payload)
{
    return jws_compact(header, payload, chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF));
}

static auth_login_reason verify(const login_world *world, auth_bytes response)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_input input = login_world_input();
    assert_ok(auth_login_verify(world->verifier, &input, response, &verdict, &err), &err);
    ck_assert_int_eq(verdict.is_accepted, verdict.reason == AUTH_LOGIN_REASON_OK);
    return verdict.reason;
}

static login_world *started(void)
{
    login_world *world = login_world_new(AUTH_KEY_TYPE_P256);
    login_world_start(world);
    return world;
}

/* In each of four spellings: that of libauth, and with a space in header, payload or both. */
START_TEST(every_spelling_of_json_is_read)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    login_world *world = started();
    login_world_challenge(CHAIN_NOW, challenge);
    char *header = header_of(world, (_i & 1) != 0 ? " " : "");
    char *payload = payload_of(challenge, (_i & 2) != 0 ? " " : "");
    char *text = sign(header, payload);
    auth_error err;
    login_response own = {.jws = NULL};
    login_response *response = &own;
    assert_ok(login_response_read(auth_bytes_from_text(text), response, &err), &err);
    ck_assert_int_eq(response->jws == NULL, _i == 0);
    ck_assert_str_eq(auth_jws_algorithm_name(response->algorithm), "ES256");
    ck_assert_int_eq(response->signed_at, CHAIN_NOW);
    ck_assert_uint_eq(response->chain_len, 2);
    assert_bytes(response->chain[0], RAW(world->holder));
    assert_bytes(response->chain[1], RAW(world->authority));
    assert_bytes(response->audience, auth_bytes_from_text(LOGIN_AUDIENCE));
    assert_bytes(response->challenge, auth_bytes_from_text(challenge));
    login_response_clear(response);
    ck_assert_int_eq(verify(world, auth_bytes_from_text(text)), AUTH_LOGIN_REASON_OK);
    free(text);
    free(payload);
    free(header);
    login_world_free(world);
}
END_TEST

/* A change of header or payload, signed anew, and what becomes of it. */
static const struct {
    const char *name;
    const char *header_what;
    const char *header_with;
    const char *payload_what;
    const char *payload_with;
    auth_login_reason reason;
} changes[] = {
    {"another kind of document", "auth-login+jws", "auth-request+jws", NULL, NULL,
     AUTH_LOGIN_REASON_MALFORMED},
    {"a token", "auth-login+jws", "JWT", NULL, NULL, AUTH_LOGIN_REASON_MALFORMED},
    {"no algorithm", "ES256", "none", NULL, NULL, AUTH_LOGIN_REASON_ALGORITHM},
    {"a keyed hash", "ES256", "HS256", NULL, NULL, AUTH_LOGIN_REASON_ALGORITHM},
    {"the algorithm of another key", "ES256", "EdDSA", NULL, NULL, AUTH_LOGIN_REASON_ALGORITHM},
    {"PSS", "ES256", "PS256", NULL, NULL, AUTH_LOGIN_REASON_ALGORITHM},
    {"a key of its own", "\"iat\"", "\"jwk\":{},\"iat\"", NULL, NULL, AUTH_LOGIN_REASON_MALFORMED},
    {"a key from elsewhere", "\"iat\"", "\"x5u\":\"http://a\",\"iat\"", NULL, NULL,
     AUTH_LOGIN_REASON_MALFORMED},
    {"a critical member", "\"iat\"", "\"crit\":[\"a\"],\"iat\"", NULL, NULL,
     AUTH_LOGIN_REASON_MALFORMED},
    {"iat with a leading zero", "\"iat\":1", "\"iat\":01", NULL, NULL, AUTH_LOGIN_REASON_MALFORMED},
    {"iat that is negative", "\"iat\":1", "\"iat\":-1", NULL, NULL, AUTH_LOGIN_REASON_MALFORMED},
    {"iat in milliseconds", "1767225600", "1767225600000", NULL, NULL, AUTH_LOGIN_REASON_MALFORMED},
    {"iat as text", "1767225600", "\"1767225600\"", NULL, NULL, AUTH_LOGIN_REASON_MALFORMED},
    {"no audience", NULL, NULL, "\"aud\":\"https://tax.example.cn\",", "",
     AUTH_LOGIN_REASON_MALFORMED},
    {"two audiences", NULL, NULL, "\"https://tax.example.cn\"", "[\"https://tax.example.cn\"]",
     AUTH_LOGIN_REASON_MALFORMED},
    {"an audience twice", NULL, NULL,
     "\"aud\":", "\"aud\":\"https://a.cn\",\"aud\":", AUTH_LOGIN_REASON_MALFORMED},
    {"an audience with a space", NULL, NULL, "tax.", "tax .", AUTH_LOGIN_REASON_MALFORMED},
    {"a longer audience", NULL, NULL, "tax.example.cn", "tax.example.cn.evil.cn",
     AUTH_LOGIN_REASON_AUDIENCE},
    {"an audience in capitals", NULL, NULL, "https://tax", "https://TAX",
     AUTH_LOGIN_REASON_AUDIENCE},
    {"no challenge", NULL, NULL, ",\"challenge\"", ",\"ocsp\"", AUTH_LOGIN_REASON_MALFORMED},
    {"another challenge", NULL, NULL, "\"challenge\":\"A", "\"challenge\":\"B",
     AUTH_LOGIN_REASON_CHALLENGE_FOREIGN},
    {"an expiry", NULL, NULL, "\"aud\"", "\"exp\":1,\"aud\"", AUTH_LOGIN_REASON_MALFORMED},
    {"a subject", NULL, NULL, "\"aud\"", "\"sub\":\"a\",\"aud\"", AUTH_LOGIN_REASON_MALFORMED},
    {"a member that nobody knows", NULL, NULL, "\"aud\"", "\"b\":1,\"aud\"",
     AUTH_LOGIN_REASON_MALFORMED},
    {"a staple that is no base64", NULL, NULL, ",\"challenge\"", ",\"ocsp\":\"*\",\"challenge\"",
     AUTH_LOGIN_REASON_MALFORMED},
    {"text behind", NULL, NULL, "{", "{}{", AUTH_LOGIN_REASON_MALFORMED},
    {"a certificate that is none", "\"x5c\":[\"MII", "\"x5c\":[\"AAI", NULL, NULL,
     AUTH_LOGIN_REASON_MALFORMED},
};
#define CHANGES (sizeof changes / sizeof changes[0])

START_TEST(every_other_response_is_refused)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    login_world *world = started();
    login_world_challenge(CHAIN_NOW, challenge);
    char *header = header_of(world, "");
    char *payload = payload_of(challenge, "");
    if (changes[_i].header_what != NULL) {
        char *changed = jws_replace(header, changes[_i].header_what, changes[_i].header_with);
        free(header);
        header = changed;
    }
    if (changes[_i].payload_what != NULL) {
        char *changed = jws_replace(payload, changes[_i].payload_what, changes[_i].payload_with);
        free(payload);
        payload = changed;
    }
    char *text = sign(header, payload);
    auth_login_reason reason = verify(world, auth_bytes_from_text(text));
    ck_assert_msg(reason == changes[_i].reason, "%s: %s", changes[_i].name,
                  auth_login_reason_name(reason));
    free(text);
    free(payload);
    free(header);
    login_world_free(world);
}
END_TEST

/* Not one octet of what was signed, or of the signature, may change. */
START_TEST(every_octet_of_a_response_counts)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    login_world *world = started();
    login_world_challenge(CHAIN_NOW, challenge);
    auth_buf *response =
        login_world_respond(world, &(login_response_options){.challenge = challenge});
    size_t len = auth_buf_bytes(response).len;
    uint8_t *text = malloc(len);
    ck_assert_ptr_nonnull(text);
    memcpy(text, auth_buf_bytes(response).data, len);
    for (size_t i = 0; i < len; i += 3) {
        uint8_t kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        assert_each(verify(world, (auth_bytes){text, len}) != AUTH_LOGIN_REASON_OK, "octet %zu", i);
        text[i] = kept;
    }
    for (size_t cut = 0; cut < len; cut += 5)
        assert_each(verify(world, (auth_bytes){text, cut}) != AUTH_LOGIN_REASON_OK, "cut %zu", cut);
    ck_assert_int_eq(verify(world, (auth_bytes){text, len}), AUTH_LOGIN_REASON_OK);
    free(text);
    auth_buf_free(response);
    login_world_free(world);
}
END_TEST

START_TEST(a_large_text_and_general_json_are_refused)
{
    static uint8_t large[AUTH_LOGIN_RESPONSE_MAX + 1];
    char challenge[AUTH_CHALLENGE_SIZE];
    login_world *world = started();
    memset(large, 'A', sizeof large);
    ck_assert_int_eq(verify(world, (auth_bytes){large, sizeof large}), AUTH_LOGIN_REASON_MALFORMED);
    login_world_challenge(CHAIN_NOW, challenge);
    char *header = header_of(world, "");
    char *payload = payload_of(challenge, "");
    char *compact = sign(header, payload);
    char *general = jws_general((const char *const[]){compact}, 1);
    ck_assert_int_eq(verify(world, auth_bytes_from_text(general)), AUTH_LOGIN_REASON_MALFORMED);
    free(general);
    free(compact);
    free(payload);
    free(header);
    login_world_free(world);
}
END_TEST

START_TEST(what_no_application_would_take_is_not_answered)
{
    auth_error err;
    char challenge[AUTH_CHALLENGE_SIZE];
    AUTH_AUTO(auth_buf) *out = NULL;
    static uint8_t large[AUTH_LOGIN_STAPLE_MAX + 1];
    login_world *world = started();
    login_world_challenge(CHAIN_NOW, challenge);
    auth_bytes certs[] = {RAW(world->holder)};
    const auth_login_answer good = {
        .audience = LOGIN_AUDIENCE,
        .challenge = auth_bytes_from_text(challenge),
        .signer = chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF),
        .chain = certs,
        .chain_len = 1,
        .now = CHAIN_NOW,
    };
    assert_ok(auth_buf_new(AUTH_LOGIN_RESPONSE_MAX, &out, &err), &err);
    auth_login_answer answer = good;
    answer.audience = "a b";
    assert_fails(auth_login_respond(&answer, out, &err), AUTH_STATUS_INVALID, &err);
    answer = good;
    answer.challenge = BYTES("no challenge");
    assert_fails(auth_login_respond(&answer, out, &err), AUTH_STATUS_MALFORMED, &err);
    answer = good;
    answer.staple = (auth_bytes){large, sizeof large};
    assert_fails(auth_login_respond(&answer, out, &err), AUTH_STATUS_LIMIT, &err);
    answer = good;
    answer.signer = chain_signer(AUTH_KEY_TYPE_P256, CHAIN_CA);
    assert_fails(auth_login_respond(&answer, out, &err), AUTH_STATUS_INVALID, &err);
    ck_assert_uint_eq(auth_buf_bytes(out).len, 0);
    login_world_free(world);
}
END_TEST

/* Threads: the same response to one verifier, of which one login is accepted, and many others. */

#define THREADS 8
#define TURNS 12

typedef struct race {
    login_world *world;
    auth_bytes shared[TURNS];
    atomic_uint accepted;
    atomic_uint replayed;
    atomic_uint wrong;
} race;

static void *log_in(void *context)
{
    race *it = context;
    for (size_t i = 0; i < TURNS; i++) {
        auth_login_verdict verdict;
        auth_login_input input = login_world_input();
        auth_status status =
            auth_login_verify(it->world->verifier, &input, it->shared[i], &verdict, NULL);
        if (status == AUTH_STATUS_OK && verdict.reason == AUTH_LOGIN_REASON_OK)
            (void)atomic_fetch_add(&it->accepted, 1);
        else if (status == AUTH_STATUS_OK && verdict.reason == AUTH_LOGIN_REASON_REPLAY)
            (void)atomic_fetch_add(&it->replayed, 1);
        else
            (void)atomic_fetch_add(&it->wrong, 1);
    }
    return NULL;
}

START_TEST(of_threads_with_one_response_one_logs_in)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    pthread_t threads[THREADS];
    auth_buf *responses[TURNS];
    race it = {.world = started()};
    for (size_t i = 0; i < TURNS; i++) {
        login_world_challenge(CHAIN_NOW, challenge);
        responses[i] =
            login_world_respond(it.world, &(login_response_options){.challenge = challenge});
        it.shared[i] = auth_buf_bytes(responses[i]);
    }
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, log_in, &it), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert_uint_eq(atomic_load(&it.accepted), TURNS);
    ck_assert_uint_eq(atomic_load(&it.replayed), (THREADS - 1) * TURNS);
    ck_assert_uint_eq(atomic_load(&it.wrong), 0);
    for (size_t i = 0; i < TURNS; i++)
        auth_buf_free(responses[i]);
    login_world_free(it.world);
}
END_TEST

/* Reading in the general way, and answering. */
typedef struct memory_case {
    const char *text;
    auth_login_answer answer;
} memory_case;

static auth_status read_it(void *context)
{
    const memory_case *it = context;
    login_response response = {.jws = NULL};
    auth_status status = login_response_read(auth_bytes_from_text(it->text), &response, NULL);
    login_response_clear(&response);
    return status;
}

static auth_status answer_it(void *context)
{
    const memory_case *it = context;
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_status status = auth_buf_new(AUTH_LOGIN_RESPONSE_MAX, &out, NULL);
    if (status == AUTH_STATUS_OK)
        status = auth_login_respond(&it->answer, out, NULL);
    return status;
}

START_TEST(memory_that_runs_out_is_reported)
{
    char challenge[AUTH_CHALLENGE_SIZE];
    login_world *world = started();
    login_world_challenge(CHAIN_NOW, challenge);
    auth_bytes certs[] = {RAW(world->holder)};
    char *header = header_of(world, " ");
    char *payload = payload_of(challenge, "");
    char *text = sign(header, payload);
    memory_case it = {
        .text = text,
        .answer = {.audience = LOGIN_AUDIENCE,
                   .challenge = auth_bytes_from_text(challenge),
                   .signer = chain_signer(AUTH_KEY_TYPE_P256, CHAIN_LEAF),
                   .chain = certs,
                   .chain_len = 1,
                   .now = CHAIN_NOW},
    };
    ck_assert_uint_gt(harness_for_each_failure(read_it, &it), 5);
    ck_assert_uint_gt(harness_for_each_failure(answer_it, &it), 5);
    free(text);
    free(payload);
    free(header);
    login_world_free(world);
}
END_TEST

SUITE("login_response", TEST_EACH(every_spelling_of_json_is_read, 4),
      TEST_EACH(every_other_response_is_refused, CHANGES), TEST(every_octet_of_a_response_counts),
      TEST(a_large_text_and_general_json_are_refused),
      TEST(what_no_application_would_take_is_not_answered),
      TEST(of_threads_with_one_response_one_logs_in), TEST(memory_that_runs_out_is_reported))
