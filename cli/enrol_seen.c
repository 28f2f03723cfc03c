/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol_seen.h"

#include "command.h"

#include <auth/csr.h>
#include <stdlib.h>
#include <string.h>

auth_status cli_enrol_seen_begin(cli_enrol_seen *seen, size_t lines, auth_error *err)
{
    size_t capacity = 64;
    while (capacity < 5 * lines)
        capacity *= 2;
    seen->capacity = capacity;
    seen->rows = calloc(capacity, sizeof *seen->rows);
    return seen->rows == NULL ? auth_error_memory(err) : registry_crypto_new(&seen->crypto, err);
}

void cli_enrol_seen_end(cli_enrol_seen *seen)
{
    free(seen->rows);
    registry_crypto_free(seen->crypto);
    *seen = (cli_enrol_seen){.capacity = 0};
}

void cli_enrol_seen_clear(cli_enrol_seen *seen)
{
    memset(seen->rows, 0, seen->capacity * sizeof *seen->rows);
}

/* Notes a digest; true when it was there. */
static bool is_twice(cli_enrol_seen *of, const uint8_t digest[AUTH_REQUEST_HASH_SIZE])
{
    static const uint8_t nothing[AUTH_REQUEST_HASH_SIZE];
    size_t at = 0;
    memcpy(&at, digest, sizeof at);
    for (at &= of->capacity - 1;; at = (at + 1) & (of->capacity - 1)) {
        if (memcmp(of->rows[at], digest, AUTH_REQUEST_HASH_SIZE) == 0)
            return true;
        if (memcmp(of->rows[at], nothing, sizeof nothing) != 0)
            continue;
        memcpy(of->rows[at], digest, AUTH_REQUEST_HASH_SIZE);
        return false;
    }
}

static auth_status hash_person(const cli_enrol_seen *seen, const auth_person_number *number,
                               uint8_t out[AUTH_REQUEST_HASH_SIZE], auth_error *err)
{
    auth_bytes parts[] = {auth_bytes_from_text(auth_person_type_name(number->type)),
                          auth_person_number_reveal(number)};
    return registry_sha256(seen->crypto, parts, 2, out, err);
}

static auth_status hash_key(const cli_enrol_line *line, uint8_t out[AUTH_KEY_HASH_SIZE],
                            auth_error *err)
{
    AUTH_AUTO(auth_csr) *csr = NULL;
    AUTH_AUTO(auth_public_key) *key = NULL;
    auth_status status = auth_csr_parse(auth_buf_bytes(line->csr), &csr, err);
    if (status == AUTH_STATUS_OK)
        status = auth_csr_public_key(csr, &key, err);
    if (status == AUTH_STATUS_OK)
        auth_public_key_hash(key, out);
    return status;
}

auth_status cli_enrol_seen_check(cli_enrol_seen *seen, const cli_enrol_form *form,
                                 cli_enrol_line *line, auth_error *err)
{
    uint8_t digest[AUTH_REQUEST_HASH_SIZE];
    auth_status status = hash_person(seen, &line->item.person, digest, err);
    if (status != AUTH_STATUS_OK)
        return status;
    line->column = form->places[CLI_ENROL_NUMBER];
    if (is_twice(seen, digest))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("the person is in the table before; remove one of the lines"));
    if (line->csr == NULL)
        return AUTH_STATUS_OK;
    status = hash_key(line, digest, err);
    if (status != AUTH_STATUS_OK)
        return status;
    line->column = form->places[CLI_ENROL_CSR];
    if (is_twice(seen, digest))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              _("the key is in the table before; each person has one of her own"));
    return AUTH_STATUS_OK;
}

auth_status cli_enrol_seen_note(cli_enrol_seen *seen, const auth_person_number *number,
                                auth_error *err)
{
    uint8_t digest[AUTH_REQUEST_HASH_SIZE];
    auth_status status = hash_person(seen, number, digest, err);
    if (status == AUTH_STATUS_OK)
        (void)is_twice(seen, digest);
    return status;
}
