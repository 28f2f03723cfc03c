/* SPDX-License-Identifier: Apache-2.0 */
#include "realm/make.h"

#include "daemon/text.h"

#include <string.h>

#define CENTRE_NAME_MAX 64
#define REGION_LEN 6

/* One line of text for people; how many characters it may have is the certificate's rule. */
static auth_status check_text(const char *what, const char *text, auth_error *err)
{
    auth_bytes octets = auth_bytes_from_text(text);
    if (octets.len > 0 && octets.len <= (size_t)4 * CENTRE_NAME_MAX && daemon_is_text(octets) &&
        strchr(text, '\t') == NULL)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "%s: must be 1 to %d characters without control characters, UTF-8; write "
                          "it anew",
                          what, CENTRE_NAME_MAX);
}

static auth_status check_region(const char *region, auth_error *err)
{
    if (region == NULL ||
        (strlen(region) == REGION_LEN && strspn(region, "0123456789") == REGION_LEN))
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "region: must be six digits (GB/T 2260); write 000000 for the whole "
                          "country");
}

/* A DNS name of letters, digits, hyphens and dots; the issuing rules look at it more closely. */
static auth_status check_host(const char *host, auth_error *err)
{
    if (host == NULL)
        return AUTH_STATUS_OK;
    size_t len = strlen(host);
    if (len > 0 && len <= 253 &&
        strspn(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.") == len)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_INVALID,
                          "host: must be a DNS name, under which officers reach the daemons; write "
                          "ra.example");
}

static bool is_founder_twice(const realm_plan *plan, size_t index)
{
    const realm_founder *founder = &plan->founders[index];
    for (size_t i = 0; i < index; i++) {
        if (strcmp(plan->founders[i].id, founder->id) == 0 ||
            auth_person_number_equal(&plan->founders[i].number, &founder->number))
            return true;
    }
    return false;
}

static auth_status check_founder(const realm_plan *plan, size_t index, auth_error *err)
{
    const realm_founder *founder = &plan->founders[index];
    auth_status status = realm_identifier_check("admin", founder->id, err);
    if (status == AUTH_STATUS_OK)
        status = check_text("name", founder->name, err);
    if (status == AUTH_STATUS_OK && founder->number.len == 0)
        status = auth_error_set(err, AUTH_STATUS_INVALID,
                                "the person number is missing; an officer is a known person");
    if (status != AUTH_STATUS_OK) {
        auth_error_context(err, "admin %zu", index + 1);
        return status;
    }
    if (is_founder_twice(plan, index))
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "admin %zu: has the identifier or the person number of another; name "
                              "two different persons",
                              index + 1);
    return AUTH_STATUS_OK;
}

static auth_status check_founders(const realm_plan *plan, auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (plan->founder_count < REALM_FOUNDERS_MIN || plan->founder_count > REALM_FOUNDERS_MAX)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "a realm begins with %d to %d admins, since two have to sign an "
                              "appointment; name them",
                              REALM_FOUNDERS_MIN, REALM_FOUNDERS_MAX);
    for (size_t i = 0; i < plan->founder_count && status == AUTH_STATUS_OK; i++)
        status = check_founder(plan, i, err);
    return status;
}

static auth_status check_keys(const realm_plan *plan, auth_error *err)
{
    bool has_token = false;
    bool has_root_token = plan->authority_keys[REALM_AUTHORITY_ROOT] != NULL;
    for (size_t i = 0; i < REALM_AUTHORITY_END; i++)
        has_token = has_token || plan->authority_keys[i] != NULL;
    for (size_t i = 0; i < plan->founder_count; i++)
        has_token = has_token || plan->founders[i].key != NULL;
    if (has_token && (plan->type == AUTH_KEY_TYPE_ED25519 || plan->type == AUTH_KEY_TYPE_SM2))
        return auth_error_set(err, AUTH_STATUS_UNSUPPORTED,
                              "algorithm: tokens make p256, p384 and rsa keys only; choose one of "
                              "them, or keys in files");
    if (!has_root_token && plan->root_passphrase == NULL)
        return auth_error_set(err, AUTH_STATUS_INVALID,
                              "root: its key file needs a passphrase; give one or have it made");
    return AUTH_STATUS_OK;
}

auth_status realm_plan_check(const realm_plan *plan, auth_error *err)
{
    auth_status status = realm_identifier_check("realm", plan->name, err);
    if (status == AUTH_STATUS_OK)
        status = realm_base_check(plan->base, err);
    if (status == AUTH_STATUS_OK && plan->registry != NULL)
        status = realm_registry_check(plan->registry, err);
    if (status == AUTH_STATUS_OK)
        status = realm_identifier_check("centre", plan->centre, err);
    if (status == AUTH_STATUS_OK)
        status = check_text("centre-name", plan->centre_name, err);
    if (status == AUTH_STATUS_OK)
        status = check_region(plan->region, err);
    if (status == AUTH_STATUS_OK)
        status = check_host(plan->host, err);
    if (status == AUTH_STATUS_OK)
        status = check_founders(plan, err);
    return status == AUTH_STATUS_OK ? check_keys(plan, err) : status;
}
