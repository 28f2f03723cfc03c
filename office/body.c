/* SPDX-License-Identifier: Apache-2.0 */
/* The only file of office/ that knows which library reads the JSON. */
#include "body.h"

#include "registry/ledger_body.h"

#include <auth/codec.h>
#include <auth/jws.h>
#include <jansson.h>
#include <string.h>

#define CSR_MAX ((size_t)16 << 10)
#define DETAIL_CHARACTERS 200
#define NAME_CHARACTERS 64
#define CODES_MAX 64 /* of both, with what parts them */

static auth_status load(const char *what, auth_bytes text, json_t **out, auth_error *err)
{
    json_error_t fault;
    *out = json_loadb((const char *)text.data, text.len, JSON_REJECT_DUPLICATES, &fault);
    if (*out == NULL && json_error_code(&fault) == json_error_out_of_memory)
        return auth_error_memory(err);
    if (!json_is_object(*out)) {
        json_decref(*out);
        *out = NULL;
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "%s: line %d: is no JSON object (RFC 8259); send one", what,
                              fault.line > 0 ? fault.line : 1);
    }
    return AUTH_STATUS_OK;
}

static bool has_signature(const json_t *signatures, const json_t *signature)
{
    size_t count = json_array_size(signatures);
    for (size_t i = 0; i < count; i++) {
        if (json_equal(json_array_get(signatures, i), signature))
            return true;
    }
    return false;
}

static auth_status add(json_t *to, const json_t *from, size_t *added, auth_error *err)
{
    json_t *signatures = json_object_get(to, "signatures");
    json_t *sent = json_object_get(from, "signatures");
    size_t count = json_array_size(sent);
    if (!json_is_array(signatures) || !json_is_array(sent))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "document: $.signatures: is no array (RFC 7515 7.2.1); send General "
                              "JSON");
    if (!json_equal(json_object_get(to, "payload"), json_object_get(from, "payload")))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "document: $.payload: it is not that of the request; sign the "
                              "document that the request has");
    *added = 0;
    for (size_t i = 0; i < count; i++) {
        if (has_signature(signatures, json_array_get(sent, i)))
            continue;
        if (json_array_size(signatures) >= AUTH_JWS_SIGNATURES_MAX)
            return auth_error_set(err, AUTH_STATUS_LIMIT,
                                  "document: it would have more than %d signatures; make it anew",
                                  AUTH_JWS_SIGNATURES_MAX);
        if (json_array_append(signatures, json_array_get(sent, i)) != 0)
            return auth_error_memory(err);
        ++*added;
    }
    return AUTH_STATUS_OK;
}

/* Told a piece at a time by jansson. */
static int put(const char *octets, size_t len, void *context)
{
    return auth_buf_append(context, (auth_bytes){(const uint8_t *)octets, len}, NULL) ==
                   AUTH_STATUS_OK
               ? 0
               : -1;
}

auth_status office_body_merge(auth_bytes stored, auth_bytes sent, auth_buf **out, size_t *added,
                              auth_error *err)
{
    json_t *to = NULL;
    json_t *from = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = load("request", stored, &to, err);
    if (status == AUTH_STATUS_OK)
        status = load("document", sent, &from, err);
    if (status == AUTH_STATUS_OK)
        status = add(to, from, added, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_JWS_MAX, &text, err);
    if (status == AUTH_STATUS_OK && json_dump_callback(to, put, text, JSON_COMPACT) != 0)
        status = auth_error_set(err, AUTH_STATUS_LIMIT,
                                "document: it is too long with these signatures; make it anew with "
                                "fewer items");
    json_decref(to);
    json_decref(from);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(text);
    return status;
}

/* What else stands there is refused: names, with blanks between and around them. */
static auth_status check_members(json_t *object, const char *path, const char *names,
                                 auth_error *err)
{
    const char *name = NULL;
    json_t *value = NULL;
    char padded[80];
    json_object_foreach(object, name, value)
    {
        (void)snprintf(padded, sizeof padded, " %.60s ", name);
        if (strlen(name) > 60 || strchr(name, ' ') != NULL || strstr(names, padded) == NULL)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "%s: it has a member that is not known; there are%s(docs/ra.md)",
                                  path, names);
    }
    return AUTH_STATUS_OK;
}

static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += ((uint8_t)*text & 0xc0) != 0x80;
    return count;
}

/* Finds a string of 1 to characters, into room of size; is_there NULL: it must be there. */
static auth_status read_text(const json_t *object, const char *path, const char *name,
                             size_t characters, char *out, size_t size, bool *is_there,
                             auth_error *err)
{
    const json_t *value = json_object_get(object, name);
    const char *text = json_string_value(value);
    out[0] = '\0';
    if (is_there != NULL) {
        *is_there = value != NULL;
        if (value == NULL)
            return AUTH_STATUS_OK;
    }
    if (text == NULL || text[0] == '\0' || count_characters(text) > characters ||
        strlen(text) >= size || !daemon_is_text(auth_bytes_from_text(text)))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "%s.%s: must be a text of 1 to %zu characters", path, name,
                              characters);
    memcpy(out, text, strlen(text) + 1);
    return AUTH_STATUS_OK;
}

static auth_status read_number(const json_t *object, const char *name, int64_t least, int64_t most,
                               int64_t fallback, int64_t *out, auth_error *err)
{
    const json_t *value = json_object_get(object, name);
    *out = value == NULL ? fallback : json_integer_value(value);
    bool is_good = value == NULL || (json_is_integer(value) && *out >= least && *out <= most);
    return is_good ? AUTH_STATUS_OK
                   : auth_error_set(err, AUTH_STATUS_INVALID,
                                    "$.%s: must be a whole number from %lld to %lld", name,
                                    (long long)least, (long long)most);
}

static auth_status read_time(const json_t *object, const char *name, auth_time *out,
                             auth_error *err)
{
    char text[AUTH_TIME_TEXT_SIZE + 8];
    bool is_there = false;
    *out = REGISTRY_NO_TIME;
    auth_status status =
        read_text(object, "$", name, AUTH_TIME_TEXT_SIZE, text, sizeof text, &is_there, err);
    if (status != AUTH_STATUS_OK || !is_there)
        return status;
    return auth_time_parse(auth_bytes_from_text(text), out, NULL) == AUTH_STATUS_OK
               ? AUTH_STATUS_OK
               : auth_error_set(err, AUTH_STATUS_INVALID,
                                "$.%s: must be a time as 2026-01-31T23:59:59Z (RFC 3339)", name);
}

/* China is eight hours ahead. */
static auth_status read_person(json_t *root, auth_time now, office_search *out, auth_error *err)
{
    char type[32];
    char number[64];
    json_t *person = json_object_get(root, "person");
    auth_person_rules rules = {.today = auth_date_from_time(now, 480)};
    if (!json_is_object(person))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "$.person: must be an object with type and number");
    auth_status status = check_members(person, "$.person", " type number ", err);
    if (status == AUTH_STATUS_OK)
        status = read_text(person, "$.person", "type", 31, type, sizeof type, NULL, err);
    if (status == AUTH_STATUS_OK)
        status = read_text(person, "$.person", "number", 40, number, sizeof number, NULL, err);
    if (status == AUTH_STATUS_OK &&
        auth_person_type_find(type, &rules.type, NULL) != AUTH_STATUS_OK)
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "$.person.type: there is none of this name (docs/request.md)");
    if (status == AUTH_STATUS_OK)
        status = auth_person_number_parse(auth_bytes_from_text(number), &rules, &out->person, err);
    auth_secret_wipe(number, sizeof number);
    return status;
}

static auth_status read_serial(const json_t *root, office_search *out, auth_error *err)
{
    auth_status status = read_text(root, "$", "serial", OFFICE_SERIAL_TEXT_SIZE, out->text,
                                   sizeof out->text, NULL, err);
    if (status == AUTH_STATUS_OK &&
        !office_serial_parse(auth_bytes_from_text(out->text), out->serial, &out->serial_len))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "$.serial: must be the serial number of a certificate in small "
                                "hexadecimal");
    return status;
}

static auth_status read_request(const json_t *root, uint8_t out[REGISTRY_ID_SIZE], auth_error *err)
{
    char text[AUTH_IDENTIFIER_SIZE];
    auth_status status =
        read_text(root, "$", "request", AUTH_IDENTIFIER_SIZE, text, sizeof text, NULL, err);
    if (status == AUTH_STATUS_OK && !registry_uuid_parse(auth_bytes_from_text(text), out))
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "$.request: must be the id of a request, a UUID in small letters "
                                "(RFC 9562)");
    return status;
}

static auth_status read_what(json_t *root, auth_time now, office_search *out, auth_error *err)
{
    switch (out->by) {
    case OFFICE_SEARCH_PERSON:
        return read_person(root, now, out, err);
    case OFFICE_SEARCH_NAME:
        return read_text(root, "$", "name", NAME_CHARACTERS, out->text, sizeof out->text, NULL,
                         err);
    case OFFICE_SEARCH_SERIAL:
        return read_serial(root, out, err);
    case OFFICE_SEARCH_OFFICER:
        return read_text(root, "$", "officer", AUTH_IDENTIFIER_SIZE - 1, out->text,
                         sizeof out->text, NULL, err);
    case OFFICE_SEARCH_REQUEST:
        return read_request(root, out->request, err);
    default:
        return auth_error_set(err, AUTH_STATUS_INTERNAL, "search: by what is not known");
    }
}

static auth_status choose(const json_t *root, unsigned allowed, office_search *out, auth_error *err)
{
    static const char *const names[] = {"person", "name", "serial", "officer", "request"};
    size_t found = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (json_object_get(root, names[i]) == NULL)
            continue;
        if ((allowed & 1U << i) == 0)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "$.%s: nothing is searched by it here (docs/ra.md)", names[i]);
        out->by = (office_search_by)(1U << i);
        found++;
    }
    return found == 1 ? AUTH_STATUS_OK
                      : auth_error_set(err, AUTH_STATUS_INVALID,
                                       "$: must say what to search by, and one thing alone "
                                       "(docs/ra.md)");
}

auth_status office_body_search(auth_bytes body, unsigned allowed, auth_time now, office_search *out,
                               auth_error *err)
{
    json_t *root = NULL;
    bool has_after = false;
    int64_t limit = 0;
    *out = (office_search){.by = OFFICE_SEARCH_PERSON};
    auth_status status = load("search", body, &root, err);
    if (status == AUTH_STATUS_OK)
        status = check_members(root, "$",
                               " person name serial officer request after limit from before ", err);
    if (status == AUTH_STATUS_OK)
        status = choose(root, allowed, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_what(root, now, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_text(root, "$", "after", AUTH_IDENTIFIER_SIZE - 1, out->after,
                           sizeof out->after, &has_after, err);
    if (status == AUTH_STATUS_OK)
        status = read_number(root, "limit", 1, OFFICE_LIMIT_MAX, OFFICE_LIMIT_DEFAULT, &limit, err);
    if (status == AUTH_STATUS_OK)
        status = read_time(root, "from", &out->from, err);
    if (status == AUTH_STATUS_OK)
        status = read_time(root, "before", &out->before, err);
    out->limit = (size_t)limit;
    json_decref(root);
    return status;
}

auth_status office_body_rejection(auth_bytes body, char out[OFFICE_TEXT_SIZE], auth_error *err)
{
    json_t *root = NULL;
    auth_status status = load("rejection", body, &root, err);
    if (status == AUTH_STATUS_OK)
        status = check_members(root, "$", " detail ", err);
    if (status == AUTH_STATUS_OK)
        status =
            read_text(root, "$", "detail", DETAIL_CHARACTERS, out, OFFICE_TEXT_SIZE, NULL, err);
    json_decref(root);
    if (status == AUTH_STATUS_OK && office_may_be_number(out))
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "$.detail: it has twelve digits in a row or more, as person numbers "
                              "do; leave them out");
    return status;
}

static auth_status read_codes(const json_t *root, office_activation *out, auth_error *err)
{
    const json_t *codes = json_object_get(root, "codes");
    bool is_good = json_is_array(codes) && json_array_size(codes) == 2;
    size_t total = 1;
    for (size_t i = 0; is_good && i < 2; i++) {
        const char *text = json_string_value(json_array_get(codes, i));
        is_good = text != NULL && strlen(text) > 0 && strlen(text) < sizeof out->codes[i];
        if (is_good)
            memcpy(out->codes[i], text, strlen(text) + 1);
        total += is_good ? strlen(text) : 0;
    }
    return is_good && total <= CODES_MAX
               ? AUTH_STATUS_OK
               : auth_error_set(err, AUTH_STATUS_INVALID,
                                "$.codes: must be the two codes, with %d characters together at "
                                "the most",
                                CODES_MAX - 1);
}

static auth_status read_csr(const json_t *root, office_activation *out, auth_error *err)
{
    const char *text = json_string_value(json_object_get(root, "csr"));
    auth_status status = auth_buf_new(CSR_MAX, &out->csr, err);
    if (status != AUTH_STATUS_OK)
        return status;
    status = text == NULL ? AUTH_STATUS_INVALID
                          : auth_codec_decode(AUTH_CODEC_BASE64URL, auth_bytes_from_text(text),
                                              out->csr, NULL);
    if (auth_status_is_fault(status))
        return auth_error_memory(err);
    return status == AUTH_STATUS_OK
               ? AUTH_STATUS_OK
               : auth_error_set(err, AUTH_STATUS_INVALID,
                                "$.csr: must be a certification request (RFC 2986), DER, "
                                "base64url");
}

auth_status office_body_activation(auth_bytes body, office_activation *out, auth_error *err)
{
    json_t *root = NULL;
    *out = (office_activation){.item = 0};
    auth_status status = load("activation", body, &root, err);
    if (status == AUTH_STATUS_OK)
        status = check_members(root, "$", " request item codes csr ", err);
    if (status == AUTH_STATUS_OK)
        status = read_request(root, out->request, err);
    if (status == AUTH_STATUS_OK)
        status = read_number(root, "item", 0, AUTH_REQUEST_ITEMS_MAX - 1, 0, &out->item, err);
    if (status == AUTH_STATUS_OK)
        status = read_codes(root, out, err);
    if (status == AUTH_STATUS_OK)
        status = read_csr(root, out, err);
    json_decref(root);
    return status;
}
