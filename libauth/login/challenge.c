/* SPDX-License-Identifier: Apache-2.0 */
#include "login/challenge.h"
#include "key/digest.h"
#include "login/text.h"

#include <auth/codec.h>
#include <endian.h>
#include <string.h>

#define VERSION_KEYED 1
#define VERSION_STORED 2
#define AT_MADE 1
#define AT_LIFETIME 9
#define AT_NONCE 13
#define NONCE_LEN 16

/* Makes the code differ from every other that a key could be used for. */
static const char label[] = "libauth login challenge 1";

#define INPUT_MAX                                                                                  \
    (sizeof label + CHALLENGE_HEAD_LEN + 4 + AUTH_LOGIN_AUDIENCE_SIZE + AUTH_LOGIN_SESSION_MAX)

typedef struct code_input {
    size_t len;
    uint8_t octets[INPUT_MAX];
} code_input;

static void put(code_input *input, const void *octets, size_t len)
{
    if (len > 0)
        memcpy(input->octets + input->len, octets, len);
    input->len += len;
}

/* Lengths stand in front, so that no two pairs of audience and session give the same octets. */
static void put_counted(code_input *input, auth_bytes octets)
{
    uint16_t len = htobe16((uint16_t)octets.len);
    put(input, &len, sizeof len);
    put(input, octets.data, octets.len);
}

static code_input gather(const uint8_t head[CHALLENGE_HEAD_LEN], const char *audience,
                         auth_bytes session)
{
    code_input input = {.len = 0};
    put(&input, label, sizeof label);
    put(&input, head, CHALLENGE_HEAD_LEN);
    put_counted(&input, auth_bytes_from_text(audience));
    put_counted(&input, session);
    return input;
}

static auth_status make_code(const uint8_t head[CHALLENGE_HEAD_LEN], const char *audience,
                             auth_bytes session, auth_bytes key, uint8_t out[CHALLENGE_MAC_LEN],
                             auth_error *err)
{
    code_input input = gather(head, audience, session);
    return digest_hmac(DIGEST_SHA256, key, (auth_bytes){input.octets, input.len}, out, err);
}

static auth_status check_options(const auth_challenge_options *options, auth_error *err)
{
    auth_status status = login_check_audience(options->audience, err);
    if (status == AUTH_STATUS_OK)
        status = login_check_key(options->key, "key", err);
    if (status == AUTH_STATUS_OK)
        status = login_check_session(options->session, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (options->lifetime_s == 0 || options->lifetime_s > AUTH_CHALLENGE_LIFETIME_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "challenge: lifetime_s: not 1 to %d seconds; 120 suffice",
                              AUTH_CHALLENGE_LIFETIME_MAX);
    if (options->now < 0 || options->now > AUTH_TIME_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "challenge: now: not from 1970 to 9999; look at the clock");
    return AUTH_STATUS_OK;
}

static auth_status encode(const uint8_t *octets, size_t len, char out[AUTH_CHALLENGE_SIZE],
                          auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(AUTH_CHALLENGE_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_encode(AUTH_CODEC_BASE64URL, (auth_bytes){octets, len}, text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes written = auth_buf_bytes(text);
    memcpy(out, written.data, written.len);
    out[written.len] = '\0';
    return AUTH_STATUS_OK;
}

auth_status auth_login_challenge(const auth_challenge_options *options,
                                 char out[AUTH_CHALLENGE_SIZE], auth_error *err)
{
    uint8_t octets[CHALLENGE_HEAD_LEN + CHALLENGE_MAC_LEN];
    bool is_keyed = options->key.len > 0;
    auth_status status = check_options(options, err);
    if (status == AUTH_STATUS_OK)
        status = digest_random(octets + AT_NONCE, NONCE_LEN, err);
    if (status != AUTH_STATUS_OK)
        return status;
    uint64_t made = htobe64((uint64_t)options->now);
    uint32_t lifetime = htobe32(options->lifetime_s);
    octets[0] = is_keyed ? VERSION_KEYED : VERSION_STORED;
    memcpy(octets + AT_MADE, &made, sizeof made);
    memcpy(octets + AT_LIFETIME, &lifetime, sizeof lifetime);
    if (is_keyed)
        status = make_code(octets, options->audience, options->session, options->key,
                           octets + CHALLENGE_HEAD_LEN, err);
    if (status != AUTH_STATUS_OK)
        return status;
    return encode(octets, is_keyed ? sizeof octets : CHALLENGE_HEAD_LEN, out, err);
}

static auth_status refuse_text(auth_error *err)
{
    return auth_error_set(
        err, AUTH_STATUS_MALFORMED,
        "challenge: not the text of one (auth_login_challenge); copy it whole, or "
        "ask for a new one");
}

/* Fills out->octets; false when the text stands for octets of another number. */
static auth_status decode(auth_bytes text, login_challenge *out, bool *fits, auth_error *err)
{
    AUTH_AUTO(auth_buf) *octets = NULL;
    auth_status status = auth_buf_new(AUTH_CHALLENGE_MAX, &octets, err);
    if (status == AUTH_STATUS_OK)
        status = auth_codec_decode(AUTH_CODEC_BASE64URL, text, octets, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes read = auth_buf_bytes(octets);
    out->is_keyed = read.len == sizeof out->octets;
    *fits = out->is_keyed || read.len == CHALLENGE_HEAD_LEN;
    if (*fits)
        memcpy(out->octets, read.data, read.len);
    return AUTH_STATUS_OK;
}

auth_status login_challenge_read(auth_bytes text, login_challenge *out, auth_error *err)
{
    uint64_t made;
    uint32_t lifetime;
    bool fits = false;
    login_challenge read = {.is_keyed = false};
    if (text.len > AUTH_CHALLENGE_MAX)
        return refuse_text(err);
    auth_status status = decode(text, &read, &fits, err);
    if (status != AUTH_STATUS_OK && auth_status_is_fault(status))
        return status;
    if (status != AUTH_STATUS_OK || !fits ||
        read.octets[0] != (read.is_keyed ? VERSION_KEYED : VERSION_STORED))
        return refuse_text(err);
    memcpy(&made, read.octets + AT_MADE, sizeof made);
    memcpy(&lifetime, read.octets + AT_LIFETIME, sizeof lifetime);
    made = be64toh(made);
    read.lifetime_s = be32toh(lifetime);
    if (made > (uint64_t)AUTH_TIME_MAX || read.lifetime_s == 0 ||
        read.lifetime_s > AUTH_CHALLENGE_LIFETIME_MAX)
        return refuse_text(err);
    read.made = (auth_time)made;
    *out = read;
    return AUTH_STATUS_OK;
}

/* Tells whether the application made it for this audience and session. */
static auth_status is_ours(auth_bytes text, const login_challenge *challenge,
                           const auth_login_input *input, bool *out, auth_error *err)
{
    uint8_t code[CHALLENGE_MAC_LEN];
    *out = false;
    if (input->stored_challenge.len > 0) {
        *out = auth_secret_equal(text, input->stored_challenge);
        return AUTH_STATUS_OK;
    }
    if (!challenge->is_keyed)
        return AUTH_STATUS_OK;
    auth_status status = make_code(challenge->octets, input->audience, input->session,
                                   input->challenge_key, code, err);
    *out = status == AUTH_STATUS_OK &&
           auth_secret_equal((auth_bytes){code, sizeof code},
                             (auth_bytes){challenge->octets + CHALLENGE_HEAD_LEN, sizeof code});
    return status;
}

auth_status login_challenge_judge(auth_bytes text, const auth_login_input *input, uint32_t skew_s,
                                  login_challenge *out, auth_login_reason *reason, auth_error *err)
{
    bool is_mine = false;
    *reason = AUTH_LOGIN_REASON_CHALLENGE_FOREIGN;
    auth_status status = login_challenge_read(text, out, err);
    if (status == AUTH_STATUS_MALFORMED)
        return AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = is_ours(text, out, input, &is_mine, err);
    if (status != AUTH_STATUS_OK || !is_mine)
        return status;
    /* Both times are of the application's own machines: the skew is theirs, not the citizen's. */
    if (out->made > input->now + skew_s)
        *reason = AUTH_LOGIN_REASON_CHALLENGE_FUTURE;
    else if (input->now > out->made + out->lifetime_s)
        *reason = AUTH_LOGIN_REASON_CHALLENGE_EXPIRED;
    else
        *reason = AUTH_LOGIN_REASON_OK;
    return AUTH_STATUS_OK;
}

/* The code of a keyed challenge is over all that makes it what it is. */
auth_status login_challenge_hash(const login_challenge *challenge, const char *audience,
                                 uint8_t out[AUTH_CHALLENGE_HASH_SIZE], auth_error *err)
{
    if (challenge->is_keyed) {
        memcpy(out, challenge->octets + CHALLENGE_HEAD_LEN, AUTH_CHALLENGE_HASH_SIZE);
        return AUTH_STATUS_OK;
    }
    code_input input = gather(challenge->octets, audience, (auth_bytes){NULL, 0});
    return digest(DIGEST_SHA256, (auth_bytes){input.octets, input.len}, out, err);
}
