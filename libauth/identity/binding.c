/* SPDX-License-Identifier: Apache-2.0 */
/* The table of bindings, and the secrets that some of them need. */
#include "identity/identity.h"

#include <string.h>

typedef struct binding_row {
    const char *name;
    const char *title;
    bool is_clear;
} binding_row;

static const binding_row rows[] = {
#define AUTH_IDENTITY_BINDING_ROW(id, number, label, shows, heading)                               \
    [AUTH_IDENTITY_BINDING_##id] = {(label), (heading), (shows)},
#include <auth/identity_binding.def>
};

static const char binding_names[] =
#define AUTH_IDENTITY_BINDING_ROW(id, number, label, shows, heading) " " label
#include <auth/identity_binding.def>
    ;

#define BINDING_COUNT (sizeof rows / sizeof rows[0])

static const binding_row *row_of(auth_identity_binding binding)
{
    return &rows[(size_t)binding < BINDING_COUNT ? (size_t)binding : 0];
}

const char *auth_identity_binding_name(auth_identity_binding binding)
{
    return row_of(binding)->name;
}

const char *auth_identity_binding_title(auth_identity_binding binding)
{
    return row_of(binding)->title;
}

bool auth_identity_binding_is_clear(auth_identity_binding binding)
{
    return row_of(binding)->is_clear;
}

auth_status auth_identity_binding_find(const char *name, auth_identity_binding *out,
                                       auth_error *err)
{
    for (size_t i = 0; i < BINDING_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *out = (auth_identity_binding)i;
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "'%.40s' is no identity binding; there are:%s", name, binding_names);
}

/* RFC 4648 section 6, without padding. */
static const char base32_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

#define SIM_RANDOM_LEN 16

/* Writes 128 bits as 26 digits of 5 bits; the last digit carries 3. */
static void write_base32(const uint8_t random[SIM_RANDOM_LEN], uint8_t *out)
{
    for (size_t i = 0; i < IDENTITY_SIM_SECRET_MIN; i++) {
        size_t bit = i * 5;
        unsigned two = (unsigned)random[bit / 8] << 8;
        if (bit / 8 + 1 < SIM_RANDOM_LEN)
            two |= random[bit / 8 + 1];
        out[i] = (uint8_t)base32_digits[two >> (11 - bit % 8) & 31U];
    }
}

static auth_status new_sim_secret(auth_secret **out, auth_error *err)
{
    AUTH_AUTO(auth_secret) *random = NULL;
    AUTH_AUTO(auth_secret) *text = NULL;
    auth_status status = auth_secret_new(SIM_RANDOM_LEN, &random, err);
    if (status == AUTH_STATUS_OK)
        status = auth_secret_new(IDENTITY_SIM_SECRET_MIN, &text, err);
    if (status == AUTH_STATUS_OK)
        status = digest_random(auth_secret_data(random), SIM_RANDOM_LEN, err);
    if (status != AUTH_STATUS_OK)
        return status;
    write_base32(auth_secret_data(random), auth_secret_data(text));
    *out = AUTH_TAKE(text);
    return AUTH_STATUS_OK;
}

static auth_status new_vid_random(auth_secret **out, auth_error *err)
{
    AUTH_AUTO(auth_secret) *random = NULL;
    auth_status status = auth_secret_new(IDENTITY_VID_RANDOM_MIN, &random, err);
    if (status == AUTH_STATUS_OK)
        status = digest_random(auth_secret_data(random), IDENTITY_VID_RANDOM_MIN, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = AUTH_TAKE(random);
    return AUTH_STATUS_OK;
}

auth_status auth_identity_secret_new(auth_identity_binding binding, auth_secret **out,
                                     auth_error *err)
{
    if (binding == AUTH_IDENTITY_BINDING_SIM)
        return new_sim_secret(out, err);
    if (binding == AUTH_IDENTITY_BINDING_VID)
        return new_vid_random(out, err);
    return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                          "identity binding %s takes no secret of its own; only sim and vid do",
                          auth_identity_binding_name(binding));
}

static bool is_base32(auth_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        bool is_letter = text.data[i] >= 'A' && text.data[i] <= 'Z';
        bool is_digit = text.data[i] >= '2' && text.data[i] <= '7';
        if (!is_letter && !is_digit)
            return false;
    }
    return true;
}

auth_status identity_check_secret(auth_identity_binding binding, auth_bytes secret, auth_error *err)
{
    if (binding == AUTH_IDENTITY_BINDING_SIM &&
        (secret.len < IDENTITY_SIM_SECRET_MIN || secret.len > IDENTITY_SECRET_MAX ||
         !is_base32(secret)))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "sim secret: not a machine-made one of 128 bits or more (RFC 4683 8: "
                              "every number can be tried); make it with auth_identity_secret_new");
    if (binding == AUTH_IDENTITY_BINDING_VID &&
        (secret.len < IDENTITY_VID_RANDOM_MIN || secret.len > IDENTITY_SECRET_MAX))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "vid random: %zu octets where %d to %d are needed (KISA TechSpec "
                              "1.5); make it with auth_identity_secret_new",
                              secret.len, IDENTITY_VID_RANDOM_MIN, IDENTITY_SECRET_MAX);
    if (binding == AUTH_IDENTITY_BINDING_PSEUDONYM && secret.len < IDENTITY_KEY_MIN)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "pseudonym key: %zu octets where at least %d are needed (RFC 2104 "
                              "3); give the realm's key",
                              secret.len, IDENTITY_KEY_MIN);
    return AUTH_STATUS_OK;
}
