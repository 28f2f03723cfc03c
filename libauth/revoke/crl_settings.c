/* SPDX-License-Identifier: Apache-2.0 */
/* What a CRL says of itself: checked, and written as its extensions (RFC 5280 section 5.2). */
#include "revoke/crl_build.h"

#include <string.h>

#define KEY_ID_MAX 64
#define NAME_MAX_LEN 8192

static auth_status refuse(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "CRL: %s", what);
}

bool crl_is_time(auth_time time) { return time >= AUTH_TIME_MIN && time <= AUTH_TIME_MAX; }

/* An address as it can stand in an IA5String and in a URI (RFC 3986): visible ASCII only. */
static bool is_http_uri(const char *uri)
{
    size_t len = strnlen(uri, AUTH_CRL_URI_MAX + 1);
    bool is_http = strncmp(uri, "http://", 7) == 0 || strncmp(uri, "https://", 8) == 0;
    if (!is_http || len > AUTH_CRL_URI_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (uri[i] <= ' ' || uri[i] > '~' || uri[i] == '"' || uri[i] == '<' || uri[i] == '>')
            return false;
    }
    return true;
}

static bool is_number(auth_bytes number)
{
    return number.len >= 1 && number.len <= AUTH_CRL_NUMBER_MAX &&
           (number.len < AUTH_CRL_NUMBER_MAX || number.data[0] < 0x80);
}

static auth_status check_issuer(auth_bytes issuer, auth_error *err)
{
    auth_bytes rdns;
    if (!der_only(issuer, DER_SEQUENCE, &rdns))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "CRL: issuer is not a Name in DER; give the subject of the "
                              "authority's certificate (RFC 5280 5.1.2.3)");
    if (rdns.len == 0)
        return refuse(err, "issuer is empty; an authority has a name (RFC 5280 5.1.2.3)");
    if (issuer.len > NAME_MAX_LEN)
        return auth_error_set(err, AUTH_STATUS_LIMIT, "CRL: issuer has %zu octets, at most %d",
                              issuer.len, NAME_MAX_LEN);
    return AUTH_STATUS_OK;
}

static auth_status check_numbers(const auth_crl_settings *settings, auth_error *err)
{
    if (!is_number(settings->number))
        return refuse(err, "the number needs 1 to 20 octets and is below 2^159 (RFC 5280 5.2.3)");
    if (settings->base_number.len == 0)
        return AUTH_STATUS_OK;
    if (!is_number(settings->base_number))
        return refuse(err, "the base number needs 1 to 20 octets and is below 2^159 "
                           "(RFC 5280 5.2.4)");
    if (auth_crl_compare_numbers(settings->base_number, settings->number) >= 0)
        return refuse(err, "the base number is not below the number; a delta CRL adds to an older "
                           "full CRL (RFC 5280 5.2.4)");
    return AUTH_STATUS_OK;
}

auth_status crl_check_settings(const auth_crl_settings *settings, auth_error *err)
{
    auth_status status = check_issuer(settings->issuer, err);
    if (status == AUTH_STATUS_OK)
        status = check_numbers(settings, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (settings->key_id.len == 0 || settings->key_id.len > KEY_ID_MAX)
        return refuse(err, "the key identifier needs 1 to 64 octets; give the subjectKeyIdentifier "
                           "of the authority (RFC 5280 5.2.1)");
    if (!crl_is_time(settings->this_update) || !crl_is_time(settings->next_update) ||
        settings->next_update <= settings->this_update)
        return refuse(err, "nextUpdate is not after thisUpdate within 1950 to 9999 "
                           "(RFC 5280 5.1.2.5)");
    if (settings->only_user_certs && settings->only_ca_certs)
        return refuse(err, "it cannot be for users only and for authorities only (RFC 5280 5.2.5)");
    if (settings->distribution_point != NULL && !is_http_uri(settings->distribution_point))
        return refuse(err, "the distribution point is not an http URI of at most 1024 visible "
                           "ASCII characters (RFC 5280 4.2.1.13)");
    if (settings->freshest_crl == NULL)
        return AUTH_STATUS_OK;
    if (settings->base_number.len > 0)
        return refuse(err, "a delta CRL cannot point to delta CRLs; leave freshestCRL out "
                           "(RFC 5280 5.2.6)");
    if (!is_http_uri(settings->freshest_crl))
        return refuse(err, "freshestCRL is not an http URI of at most 1024 visible ASCII "
                           "characters (RFC 5280 5.2.6)");
    return AUTH_STATUS_OK;
}

/* Extensions */

size_t crl_open_extension(der_writer *writer, oid id, bool is_critical, size_t *value)
{
    size_t extension = der_open(writer, DER_SEQUENCE);
    der_put_oid(writer, oid_bytes(id));
    if (is_critical)
        der_put_bool(writer, true);
    *value = der_open(writer, DER_OCTET_STRING);
    return extension;
}

void crl_close_extension(der_writer *writer, size_t extension, size_t value)
{
    der_close(writer, value);
    der_close(writer, extension);
}

static void put_number(der_writer *writer, oid id, bool is_critical, auth_bytes number)
{
    size_t value = 0;
    size_t extension = crl_open_extension(writer, id, is_critical, &value);
    der_put_unsigned(writer, number);
    crl_close_extension(writer, extension, value);
}

static void put_key_id(der_writer *writer, auth_bytes key_id)
{
    size_t value = 0;
    size_t extension = crl_open_extension(writer, OID_AUTHORITY_KEY_IDENTIFIER, false, &value);
    size_t identifier = der_open(writer, DER_SEQUENCE);
    der_put_item(writer, DER_CONTEXT(0), key_id);
    der_close(writer, identifier);
    crl_close_extension(writer, extension, value);
}

/* distributionPoint [0] EXPLICIT CHOICE { fullName [0] GeneralNames { URI [6] } } */
static void put_point(der_writer *writer, const char *uri)
{
    size_t point = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    size_t full_name = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    der_put_item(writer, DER_CONTEXT(6), auth_bytes_from_text(uri));
    der_close(writer, full_name);
    der_close(writer, point);
}

static void put_scope(der_writer *writer, const auth_crl_settings *settings)
{
    static const uint8_t is_true = 0xff;
    if (settings->distribution_point == NULL && !settings->only_user_certs &&
        !settings->only_ca_certs)
        return;
    size_t value = 0;
    size_t extension = crl_open_extension(writer, OID_ISSUING_DISTRIBUTION_POINT, true, &value);
    size_t scope = der_open(writer, DER_SEQUENCE);
    if (settings->distribution_point != NULL)
        put_point(writer, settings->distribution_point);
    if (settings->only_user_certs)
        der_put_item(writer, DER_CONTEXT(1), (auth_bytes){&is_true, 1});
    if (settings->only_ca_certs)
        der_put_item(writer, DER_CONTEXT(2), (auth_bytes){&is_true, 1});
    der_close(writer, scope);
    crl_close_extension(writer, extension, value);
}

static void put_freshest(der_writer *writer, const char *uri)
{
    size_t value = 0;
    size_t extension = crl_open_extension(writer, OID_FRESHEST_CRL, false, &value);
    size_t points = der_open(writer, DER_SEQUENCE);
    size_t point = der_open(writer, DER_SEQUENCE);
    put_point(writer, uri);
    der_close(writer, point);
    der_close(writer, points);
    crl_close_extension(writer, extension, value);
}

auth_bytes crl_put_extensions(der_writer *writer, const auth_crl_settings *settings)
{
    size_t tagged = der_open(writer, DER_CONTEXT_CONSTRUCTED(0));
    size_t extensions = der_open(writer, DER_SEQUENCE);
    put_key_id(writer, settings->key_id);
    put_number(writer, OID_CRL_NUMBER, false, settings->number);
    if (settings->base_number.len > 0)
        put_number(writer, OID_DELTA_CRL_INDICATOR, true, settings->base_number);
    put_scope(writer, settings);
    if (settings->freshest_crl != NULL)
        put_freshest(writer, settings->freshest_crl);
    der_close(writer, extensions);
    der_close(writer, tagged);
    return der_written(writer);
}
