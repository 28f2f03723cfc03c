/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answers from what was gathered. Nothing here writes, so that threads may ask at the same time;
 * results mark a value of a wrong type, which gathering has looked for in every row.
 */
#include "facts_state.h"

#include "certificate.h"
#include "ledger_body.h"
#include "queue_batch.h"
#include "row.h"

#include <stdlib.h>
#include <string.h>

auth_status registry_facts_new(const registry_facts_setting *setting, registry_facts **out,
                               auth_error *err)
{
    AUTH_AUTO(registry_facts) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->setting = *setting;
    auth_status status = registry_crypto_new(&made->crypto, err);
    if (status == AUTH_STATUS_OK)
        status = signer_cache_new(&made->signers, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

static auth_status check_gathered(const registry_facts *facts, auth_error *err)
{
    if (facts->is_gathered)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INTERNAL, "facts: they were not gathered");
}

/* Finds a row by its text, in rows in the order of octets. False: there is none. */
static bool find_text(registry_result *result, const char *key, size_t *row)
{
    size_t low = 0;
    size_t high = result == NULL ? 0 : registry_result_rows(result);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(registry_value_text(result, middle, 0), key);
        if (order == 0) {
            *row = middle;
            return true;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static void copy_text(const char *text, char out[AUTH_IDENTIFIER_SIZE])
{
    size_t len = text == NULL ? 0 : strnlen(text, AUTH_IDENTIFIER_SIZE - 1);
    if (len > 0)
        memcpy(out, text, len);
    out[len] = '\0';
}

static void copy_person(auth_bytes index, auth_person_index *out)
{
    *out = (auth_person_index){{0}};
    if (index.len == sizeof out->octets)
        memcpy(out->octets, index.data, index.len);
}

/* Who has no row of his own is of the office that asked for the certificate: a daemon, a citizen.
 */
static auth_request_holder read_holder(registry_result *from, size_t row)
{
    const char *officer = row_text(from, row, HOLDER_OFFICER);
    int64_t action = row_int64(from, row, HOLDER_ACTION, REGISTRY_ACTION_NONE);
    auth_request_holder holder = {
        .kind = officer == NULL ? AUTH_HOLDER_CITIZEN : AUTH_HOLDER_OFFICER,
        .is_revoked = action == REGISTRY_ACTION_REVOKE || action == REGISTRY_ACTION_SUSPEND,
        .revoked_at = row_time(from, row, HOLDER_ACTION_AT),
        .not_after = registry_value_time(from, row, HOLDER_NOT_AFTER),
        .role = (auth_officer_role)row_int64(from, row, HOLDER_ROLE, AUTH_OFFICER_ROLE_NONE),
        .dismissed_at = row_time(from, row, HOLDER_DISMISSED_AT),
    };
    holder.is_dismissed = holder.dismissed_at != REGISTRY_NO_TIME;
    copy_person(row_bytes(from, row, HOLDER_PERSON), &holder.person);
    copy_text(registry_value_text(from, row, HOLDER_PROFILE), holder.profile);
    copy_text(officer, holder.officer);
    copy_text(officer == NULL ? registry_value_text(from, row, HOLDER_OFFICE)
                              : row_text(from, row, HOLDER_OFFICERS_OFFICE),
              holder.office);
    return holder;
}

static bool find_holder(const registry_facts *facts, auth_bytes serial, size_t *row)
{
    if (facts->holders == NULL || serial.len == 0)
        return false;
    *row = queue_find_row(facts->holders, HOLDER_SERIAL, serial);
    return *row < registry_result_rows(facts->holders);
}

/* The certificate and the registry tell of one officer. */
static bool is_same_officer(const registry_facts *facts, const registry_subject *subject,
                            const auth_request_holder *holder)
{
    return strcmp(subject->realm, facts->setting.realm) == 0 &&
           strcmp(subject->officer, holder->officer) == 0 &&
           strcmp(subject->office, holder->office) == 0 &&
           strcmp(subject->role, auth_officer_role_name(holder->role)) == 0;
}

static auth_status find_signer(void *context, const auth_bytes *chain, size_t chain_len,
                               auth_time signed_at, auth_request_signer *out, auth_error *err)
{
    const registry_facts_view *view = context;
    const registry_facts *facts = view->facts;
    uint8_t hash[REGISTRY_HASH_SIZE];
    size_t row = 0;
    (void)signed_at; /* the evaluation holds it against the certificate's time */
    auth_status status = check_gathered(facts, err);
    if (status == AUTH_STATUS_OK && chain_len == 0)
        status = auth_error_set(err, AUTH_STATUS_INTERNAL, "facts: a signer has no certificate");
    if (status == AUTH_STATUS_OK)
        status = registry_sha256(view->crypto, chain, 1, hash, err);
    if (status != AUTH_STATUS_OK)
        return status;
    const cached_signer *signer = signer_cache_find(facts->signers, hash);
    if (signer == NULL)
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "facts: a signer was not gathered");
    auth_request_signer found = {.is_trusted = false};
    if (signer->is_trusted &&
        find_holder(facts, (auth_bytes){signer->serial, signer->serial_len}, &row)) {
        found.holder = read_holder(facts->holders, row);
        found.is_trusted = auth_bytes_equal(registry_value_bytes(facts->holders, row, HOLDER_HASH),
                                            (auth_bytes){hash, sizeof hash}) &&
                           found.holder.kind == signer->kind &&
                           (signer->kind == AUTH_HOLDER_CITIZEN ||
                            is_same_officer(facts, &signer->subject, &found.holder));
    }
    *out = found;
    return AUTH_STATUS_OK;
}

/* Of octets that were judged; a hash that cannot be had is asked for again by find_signer. */
static const auth_public_key *key_of(void *context, auth_bytes certificate)
{
    const registry_facts_view *view = context;
    uint8_t hash[REGISTRY_HASH_SIZE];
    if (!view->facts->is_gathered ||
        registry_sha256(view->crypto, &certificate, 1, hash, NULL) != AUTH_STATUS_OK)
        return NULL;
    const cached_signer *signer = signer_cache_find(view->facts->signers, hash);
    return signer == NULL ? NULL : signer->key;
}

static bool find_office(const registry_facts *facts, const char *office, size_t *row)
{
    return find_text(facts->offices, office, row);
}

/* A path begins with that of each office above it, "/" included. */
static auth_status is_within(void *context, const char *office, const char *ancestor, bool *out,
                             auth_error *err)
{
    const registry_facts *facts = ((const registry_facts_view *)context)->facts;
    size_t inner = 0;
    size_t outer = 0;
    auth_status status = check_gathered(facts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = false;
    if (find_office(facts, office, &inner) && find_office(facts, ancestor, &outer)) {
        const char *path = registry_value_text(facts->offices, outer, OFFICE_PATH);
        *out = strncmp(registry_value_text(facts->offices, inner, OFFICE_PATH), path,
                       strlen(path)) == 0;
    }
    return AUTH_STATUS_OK;
}

static auth_status is_open(void *context, const char *office, bool *out, auth_error *err)
{
    const registry_facts *facts = ((const registry_facts_view *)context)->facts;
    size_t row = 0;
    auth_status status = check_gathered(facts, err);
    if (status == AUTH_STATUS_OK)
        *out = find_office(facts, office, &row) &&
               registry_value_is_null(facts->offices, row, OFFICE_CLOSED_AT);
    return status;
}

static auth_status was_used(void *context, const char *id, auth_bytes payload_hash,
                            auth_request_use *out, auth_error *err)
{
    const registry_facts *facts = ((const registry_facts_view *)context)->facts;
    uint8_t uuid[REGISTRY_ID_SIZE];
    auth_status status = check_gathered(facts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    *out = AUTH_REQUEST_USE_NEW;
    if (facts->requests == NULL || !registry_uuid_parse(auth_bytes_from_text(id), uuid))
        return AUTH_STATUS_OK;
    for (size_t i = 0; i < registry_result_rows(facts->requests); i++) {
        if (auth_bytes_equal(registry_value_uuid(facts->requests, i, 0),
                             (auth_bytes){uuid, sizeof uuid}))
            *out = auth_bytes_equal(registry_value_bytes(facts->requests, i, REQUEST_HASH),
                                    payload_hash)
                       ? AUTH_REQUEST_USE_SAME
                       : AUTH_REQUEST_USE_OTHER;
    }
    return AUTH_STATUS_OK;
}

static auth_status holder_of(void *context, auth_bytes serial, auth_request_holder *out,
                             auth_error *err)
{
    const registry_facts *facts = ((const registry_facts_view *)context)->facts;
    size_t row = 0;
    auth_status status = check_gathered(facts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!find_holder(facts, serial, &row))
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "certificate: this serial number was never issued here");
    *out = read_holder(facts->holders, row);
    return AUTH_STATUS_OK;
}

static auth_status find_officer(void *context, const char *officer, auth_request_holder *out,
                                auth_error *err)
{
    const registry_facts *facts = ((const registry_facts_view *)context)->facts;
    size_t row = 0;
    auth_status status = check_gathered(facts, err);
    if (status != AUTH_STATUS_OK)
        return status;
    registry_result *from = facts->officers;
    if (!find_text(from, officer, &row))
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND, "officer: there is none of this name");
    auth_request_holder found = {
        .kind = AUTH_HOLDER_OFFICER,
        .role = (auth_officer_role)registry_value_int64(from, row, OFFICER_ROLE),
        .dismissed_at = row_time(from, row, OFFICER_DISMISSED_AT),
    };
    found.is_dismissed = found.dismissed_at != REGISTRY_NO_TIME;
    copy_person(registry_value_bytes(from, row, OFFICER_PERSON), &found.person);
    copy_text(officer, found.officer);
    copy_text(registry_value_text(from, row, OFFICER_OFFICE), found.office);
    *out = found;
    return AUTH_STATUS_OK;
}

static auth_status index_of(void *context, const auth_person_number *number, auth_person_index *out,
                            auth_error *err)
{
    const registry_facts_view *view = context;
    const registry_facts_setting *setting = &view->facts->setting;
    uint32_t generation =
        setting->generation != 0 ? setting->generation : registry_keyring_newest(setting->ring);
    return registry_person_index(setting->ring, view->crypto, generation, number, out->octets, err);
}

auth_request_facts registry_facts_of(registry_facts_view *view)
{
    return (auth_request_facts){
        .context = view,
        .find_signer = find_signer,
        .is_within = is_within,
        .is_open = is_open,
        .was_used = was_used,
        .holder_of = holder_of,
        .find_officer = find_officer,
        .index_of = index_of,
        .key_of = key_of,
    };
}

int64_t registry_facts_office(const registry_facts *facts, const char *office, const char **path)
{
    size_t row = 0;
    if (!facts->is_gathered || !find_office(facts, office, &row))
        return 0;
    *path = registry_value_text(facts->offices, row, OFFICE_PATH);
    return registry_value_int64(facts->offices, row, OFFICE_NUMBER);
}
