/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JWS of libauth as files, for tests against other people's programs. Uses the public interface
 * only. Exit code 0: done; 1: refused, with the reason on standard error.
 *
 *     jws_tool sign compact|general KEY CERT TYPE NOW PAYLOAD OUT
 *     jws_tool add JWS KEY CERT TYPE NOW OUT
 *     jws_tool verify JWS TYPE OUT
 *
 * Certificates are DER, keys PEM; NOW is seconds since 1970. verify takes each signature's key out
 * of its first certificate, prints algorithm and time of each, and writes the payload to OUT.
 */
#include "interop/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static auth_status sign(char **words, auth_error *err)
{
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_buf) *certificate = NULL;
    AUTH_AUTO(auth_buf) *payload = NULL;
    AUTH_AUTO(auth_buf) *out = NULL;
    CHECK(load_signer(words[1], &signer, err));
    CHECK(read_file(words[2], &certificate, err));
    CHECK(read_file(words[5], &payload, err));
    CHECK(auth_buf_new(AUTH_JWS_MAX, &out, err));
    auth_bytes chain[] = {auth_buf_bytes(certificate)};
    auth_jws_signing signing = {words[3], signer, chain, 1, strtoll(words[4], NULL, 10)};
    if (strcmp(words[0], "compact") == 0)
        CHECK(auth_jws_sign_compact(auth_buf_bytes(payload), &signing, out, err));
    else
        CHECK(auth_jws_sign(auth_buf_bytes(payload), &signing, out, err));
    return write_file(words[6], auth_buf_bytes(out), err);
}

static auth_status load_jws(const char *path, const char *type, auth_jws **out, auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_jws_rules rules = {.type = type};
    CHECK(read_file(path, &text, err));
    return auth_jws_parse(auth_buf_bytes(text), &rules, out, err);
}

static auth_status add(char **words, auth_error *err)
{
    AUTH_AUTO(auth_jws) *jws = NULL;
    AUTH_AUTO(auth_signer) *signer = NULL;
    AUTH_AUTO(auth_buf) *certificate = NULL;
    AUTH_AUTO(auth_buf) *out = NULL;
    CHECK(load_jws(words[0], words[3], &jws, err));
    CHECK(load_signer(words[1], &signer, err));
    CHECK(read_file(words[2], &certificate, err));
    CHECK(auth_buf_new(AUTH_JWS_MAX, &out, err));
    auth_bytes chain[] = {auth_buf_bytes(certificate)};
    auth_jws_signing signing = {words[3], signer, chain, 1, strtoll(words[4], NULL, 10)};
    CHECK(auth_jws_add(jws, &signing, out, err));
    return write_file(words[5], auth_buf_bytes(out), err);
}

static auth_status verify_one(const auth_jws *jws, size_t index, auth_error *err)
{
    AUTH_AUTO(auth_cert) *cert = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_jws_signature_info info;
    if (!auth_jws_signature_at(jws, index, &info))
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "no signature %zu", index);
    CHECK(auth_cert_parse(info.chain[0], &cert, err));
    CHECK(auth_cert_public_key(cert, &key, err));
    CHECK(auth_jws_verify(jws, index, key, err));
    printf("%s %lld\n", auth_jws_algorithm_name(info.algorithm), (long long)info.signed_at);
    return AUTH_STATUS_OK;
}

static auth_status verify(char **words, auth_error *err)
{
    AUTH_AUTO(auth_jws) *jws = NULL;
    CHECK(load_jws(words[0], words[1], &jws, err));
    for (size_t i = 0; i < auth_jws_signature_count(jws); i++)
        CHECK(verify_one(jws, i, err));
    return write_file(words[2], auth_jws_payload(jws), err);
}

int main(int argc, char **argv)
{
    static const tool_command commands[] = {
        {"sign", 7, false, sign},
        {"add", 6, false, add},
        {"verify", 3, false, verify},
    };
    return run_command(commands, sizeof commands / sizeof commands[0], argc, argv);
}
