/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does every JWS that is read say the same in both forms, keep its bounds, and verify only when it
 * is one of the kept signer? An input that begins with "H" goes on with a protected header as JSON,
 * which is signed here: mutations of base64url would seldom get that far.
 */
#include "fuzz/fuzz.h"
#include "harness/jws_signer.h"

#include <string.h>

static const auth_jws_rules rules = {.type = JWS_TYPE};

static const jws_signer *the_signer(void)
{
    static jws_signer signer;
    if (signer.signer == NULL)
        jws_signer_open(&signer, "ed25519", AUTH_KEY_TYPE_ED25519);
    return &signer;
}

static void check_signature(const auth_jws *jws, size_t index)
{
    auth_jws_signature_info info;
    auth_error err;
    FUZZ_CHECK(auth_jws_signature_at(jws, index, &info));
    FUZZ_CHECK(auth_jws_algorithm_name(info.algorithm)[0] != '\0');
    FUZZ_CHECK(info.signed_at >= 0 && info.signed_at <= AUTH_TIME_MAX);
    FUZZ_CHECK(info.chain_len >= 1 && info.chain_len <= AUTH_JWS_CHAIN_MAX);
    const jws_signer *signer = the_signer();
    auth_status status = auth_jws_verify(jws, index, auth_signer_public_key(signer->signer), &err);
    FUZZ_CHECK(!auth_status_is_fault(status));
    if (status == AUTH_STATUS_OK)
        FUZZ_CHECK(info.algorithm == AUTH_JWS_ALGORITHM_EDDSA);
}

/* A further signature leaves the payload and the signatures as they are. */
static void check_addition(const auth_jws *jws)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    AUTH_AUTO(auth_jws) *more = NULL;
    auth_error err;
    auth_jws_signing signing = jws_signing(the_signer());
    FUZZ_CHECK(auth_buf_new(AUTH_JWS_MAX, &text, &err) == AUTH_STATUS_OK);
    auth_status status = auth_jws_add(jws, &signing, text, &err);
    if (status != AUTH_STATUS_OK) {
        FUZZ_CHECK(status == AUTH_STATUS_LIMIT || status == AUTH_STATUS_CONFLICT);
        return;
    }
    size_t count = auth_jws_signature_count(jws);
    FUZZ_CHECK(auth_jws_parse(auth_buf_bytes(text), &rules, &more, &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_jws_signature_count(more) == count + 1);
    FUZZ_CHECK(auth_bytes_equal(auth_jws_payload(more), auth_jws_payload(jws)));
    FUZZ_CHECK(auth_jws_verify(more, count, auth_signer_public_key(signing.signer), &err) ==
               AUTH_STATUS_OK);
    for (size_t i = 0; i < count; i++) {
        auth_jws_signature_info before;
        auth_jws_signature_info after;
        FUZZ_CHECK(auth_jws_signature_at(jws, i, &before) &&
                   auth_jws_signature_at(more, i, &after));
        FUZZ_CHECK(before.algorithm == after.algorithm && before.signed_at == after.signed_at &&
                   before.chain_len == after.chain_len);
    }
}

static void check(auth_bytes text)
{
    AUTH_AUTO(auth_jws) *jws = NULL;
    auth_error err = {AUTH_STATUS_OK, ""};
    auth_status status = auth_jws_parse(text, &rules, &jws, &err);
    FUZZ_CHECK(status == err.status && (err.text[0] == '\0') == (status == AUTH_STATUS_OK));
    FUZZ_CHECK((jws == NULL) == (status != AUTH_STATUS_OK) && !auth_status_is_fault(status));
    if (jws == NULL)
        return;
    size_t count = auth_jws_signature_count(jws);
    FUZZ_CHECK(count >= 1 && count <= AUTH_JWS_SIGNATURES_MAX && auth_jws_payload(jws).len > 0);
    FUZZ_CHECK(!auth_jws_is_compact(jws) || count == 1);
    for (size_t i = 0; i < count; i++)
        check_signature(jws, i);
    check_addition(jws);
}

static void check_header(auth_bytes header)
{
    char *text = calloc(1, header.len + 1);
    FUZZ_CHECK(text != NULL);
    memcpy(text, header.data, header.len);
    char *compact = jws_compact(text, "payload", the_signer()->signer);
    check(auth_bytes_from_text(compact));
    free(compact);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 1 && size < 65536 && data[0] == 'H')
        check_header((auth_bytes){data + 1, size - 1});
    else
        check((auth_bytes){data, size});
    return 0;
}
