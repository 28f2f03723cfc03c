/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does a response that the short reader takes say the same to the general one, and does nothing log
 * in that the holder did not sign? An input that begins with "H" is a protected header as JSON, a
 * line feed and a payload: both are signed here, since mutations of base64url seldom get that far.
 */
#include "fuzz/fuzz.h"
#include "harness/jws_signer.h"
#include "harness/login_world.h"
#include "login/response.h"

#include <string.h>

static login_world *the_world(void)
{
    static login_world *world;
    if (world == NULL) {
        world = login_world_new(AUTH_KEY_TYPE_ED25519);
        login_world_start(world);
    }
    return world;
}

static bool same(const login_response *a, const login_response *b)
{
    bool is_same = a->algorithm == b->algorithm && a->signed_at == b->signed_at &&
                   a->chain_len == b->chain_len && auth_bytes_equal(a->audience, b->audience) &&
                   auth_bytes_equal(a->challenge, b->challenge) &&
                   auth_bytes_equal(a->staple, b->staple);
    for (size_t i = 0; is_same && i < a->chain_len; i++)
        is_same = auth_bytes_equal(a->chain[i], b->chain[i]);
    return is_same;
}

/* The first certificate is read by the general reader and, later, by validation: it may differ. */
static void compare_readers(auth_bytes text)
{
    auth_error err;
    login_response own = {.jws = NULL};
    login_response any = {.jws = NULL};
    auth_status status = login_response_read(text, &own, &err);
    FUZZ_CHECK(!auth_status_is_fault(status));
    if (status == AUTH_STATUS_OK) {
        status = login_response_read_any(text, &any, &err);
        if (status == AUTH_STATUS_OK)
            FUZZ_CHECK(same(&own, &any));
        else
            FUZZ_CHECK(strstr(err.text, "$.x5c[0]") != NULL);
    }
    login_response_clear(&own);
    login_response_clear(&any);
}

/* Nobody but the holder signs, and no challenge of this key is in the input. */
static void log_in(auth_bytes text)
{
    auth_error err;
    auth_login_verdict verdict;
    auth_login_input input = login_world_input();
    FUZZ_CHECK(auth_login_verify(the_world()->verifier, &input, text, &verdict, &err) ==
               AUTH_STATUS_OK);
    FUZZ_CHECK(!verdict.is_accepted);
    FUZZ_CHECK(auth_login_reason_name(verdict.reason)[0] != '\0');
    FUZZ_CHECK(memchr(verdict.detail, '\0', sizeof verdict.detail) != NULL);
}

static void try_text(auth_bytes text)
{
    compare_readers(text);
    log_in(text);
}

static void try_signed(const uint8_t *data, size_t size)
{
    char *copy = strndup((const char *)data, size);
    FUZZ_CHECK(copy != NULL);
    char *payload = strchr(copy, '\n');
    if (payload != NULL) {
        *payload++ = '\0';
        char *text = jws_compact(copy, payload, chain_signer(AUTH_KEY_TYPE_ED25519, CHAIN_LEAF));
        try_text(auth_bytes_from_text(text));
        free(text);
    }
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_login_policy policy;
    auth_bytes input = {data, size};
    if (size > 0 && data[0] == 'H')
        try_signed(data + 1, size - 1);
    else if (size > 0 && data[0] == 'P')
        (void)!auth_login_policy_parse((auth_bytes){data + 1, size - 1}, &policy, NULL);
    else
        try_text(input);
    return 0;
}
