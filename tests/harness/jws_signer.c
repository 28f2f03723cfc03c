/* SPDX-License-Identifier: Apache-2.0 */
#include "harness/jws_signer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX ((size_t)1 << 24)
#define DAY 86400

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

/* Signs its own certificate, so that the octets are the same each time where the key signs so. */
void jws_signer_open(jws_signer *out, const char *name, auth_key_type type)
{
    raw_bytes extensions = raw_authority_extensions();
    raw_cert holder = {"A", "H", 2, JWS_NOW - DAY, JWS_NOW + DAY, {NULL, 0}};
    raw_cert issuer = {"A", "A", 1, JWS_NOW - DAY, JWS_NOW + DAY, RAW(extensions)};
    out->signer = name == NULL ? raw_signer_new(type) : raw_signer_load(name);
    const auth_public_key *key = auth_signer_public_key(out->signer);
    out->certificate = raw_cert_make(&holder, key, out->signer);
    out->issuer = raw_cert_make(&issuer, key, out->signer);
    out->chain[0] = RAW(out->certificate);
    for (size_t i = 1; i < sizeof out->chain / sizeof out->chain[0]; i++)
        out->chain[i] = RAW(out->issuer);
}

void jws_signer_close(jws_signer *it) { auth_signer_free(it->signer); }

auth_jws_signing jws_signing(const jws_signer *it)
{
    return (auth_jws_signing){.type = JWS_TYPE,
                              .signer = it->signer,
                              .chain = it->chain,
                              .chain_len = 2,
                              .signed_at = JWS_NOW};
}

static char *text_of(auth_buf *buf)
{
    auth_bytes octets = auth_buf_bytes(buf);
    char *text = calloc(1, octets.len + 1);
    if (text == NULL)
        harness_die("no memory");
    if (octets.len > 0)
        memcpy(text, octets.data, octets.len);
    auth_buf_free(buf);
    return text;
}

static auth_buf *buf_new(void)
{
    auth_error err;
    auth_buf *buf = NULL;
    must(auth_buf_new(TEXT_MAX, &buf, &err), &err);
    return buf;
}

char *jws_encode(auth_codec codec, auth_bytes octets)
{
    auth_error err;
    auth_buf *buf = buf_new();
    must(auth_codec_encode(codec, octets, buf, &err), &err);
    return text_of(buf);
}

char *jws_header(const jws_signer *it, const char *algorithm)
{
    auth_error err;
    auth_buf *buf = buf_new();
    char *first = jws_encode(AUTH_CODEC_BASE64, it->chain[0]);
    char *second = jws_encode(AUTH_CODEC_BASE64, it->chain[1]);
    must(auth_buf_printf(buf, &err,
                         "{\"alg\":\"%s\",\"typ\":\"%s\",\"x5c\":[\"%s\",\"%s\"],\"iat\":%lld}",
                         algorithm, JWS_TYPE, first, second, (long long)JWS_NOW),
         &err);
    free(first);
    free(second);
    return text_of(buf);
}

/* Two numbers of half octets each, out of the DER of a signature. */
static void split_pair(const auth_signature *signature, size_t half, uint8_t *out)
{
    auth_bytes numbers;
    auth_bytes number;
    if (!der_only((auth_bytes){signature->octets, signature->len}, DER_SEQUENCE, &numbers))
        harness_die("the signature is no pair");
    memset(out, 0, 2 * half);
    for (size_t i = 0; i < 2; i++) {
        if (!der_take_integer(&numbers, &number))
            harness_die("the signature is no pair");
        size_t skipped = number.len > half ? number.len - half : 0;
        memcpy(out + (i + 1) * half - (number.len - skipped), number.data + skipped,
               number.len - skipped);
    }
}

static char *sign_text(const auth_signer *signer, auth_bytes input)
{
    auth_error err;
    auth_signature signature;
    uint8_t pair[2 * 48];
    must(auth_signer_sign(signer, input, &signature, &err), &err);
    auth_key_type type = auth_public_key_type(auth_signer_public_key(signer));
    if (type == AUTH_KEY_TYPE_RSA || type == AUTH_KEY_TYPE_ED25519)
        return jws_encode(AUTH_CODEC_BASE64URL, (auth_bytes){signature.octets, signature.len});
    size_t half = type == AUTH_KEY_TYPE_P384 ? 48 : 32;
    split_pair(&signature, half, pair);
    return jws_encode(AUTH_CODEC_BASE64URL, (auth_bytes){pair, 2 * half});
}

char *jws_compact(const char *header, const char *payload, const auth_signer *signer)
{
    auth_error err;
    auth_buf *buf = buf_new();
    must(auth_codec_encode(AUTH_CODEC_BASE64URL, auth_bytes_from_text(header), buf, &err), &err);
    must(auth_buf_printf(buf, &err, "."), &err);
    must(auth_codec_encode(AUTH_CODEC_BASE64URL, auth_bytes_from_text(payload), buf, &err), &err);
    char *signature = sign_text(signer, auth_buf_bytes(buf));
    must(auth_buf_printf(buf, &err, ".%s", signature), &err);
    free(signature);
    return text_of(buf);
}

char *jws_general(const char *const *compacts, size_t count)
{
    auth_error err;
    auth_buf *buf = buf_new();
    for (size_t i = 0; i < count; i++) {
        const char *payload = strchr(compacts[i], '.') + 1;
        const char *signature = strchr(payload, '.') + 1;
        if (i == 0)
            must(auth_buf_printf(buf, &err, "{\"payload\":\"%.*s\",\"signatures\":[",
                                 (int)(signature - 1 - payload), payload),
                 &err);
        must(auth_buf_printf(buf, &err, "%s{\"protected\":\"%.*s\",\"signature\":\"%s\"}",
                             i == 0 ? "" : ",", (int)(payload - 1 - compacts[i]), compacts[i],
                             signature),
             &err);
    }
    must(auth_buf_printf(buf, &err, "]}"), &err);
    return text_of(buf);
}

char *jws_replace(const char *text, const char *what, const char *with)
{
    const char *at = strstr(text, what);
    char *out = NULL;
    if (at == NULL)
        harness_die("there is no %s to be replaced", what);
    if (asprintf(&out, "%.*s%s%s", (int)(at - text), text, with, at + strlen(what)) < 0)
        harness_die("no memory");
    return out;
}
