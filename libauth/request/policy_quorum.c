/* SPDX-License-Identifier: Apache-2.0 */
/* The rules of a policy about who signs. */
#include "request/policy.h"
#include "request/text.h"

#include <stdio.h>
#include <string.h>

static bool is_text(auth_bytes text, const char *expected)
{
    return auth_bytes_equal(text, auth_bytes_from_text(expected));
}

/* JSON strings end in a NUL that is not counted (json.h), so they may be read as C strings. */
static const char *text_of(auth_bytes text) { return (const char *)text.data; }

static bool is_signer(auth_officer_role role)
{
    switch ((int)role) {
#define AUTH_OFFICER_ROLE_ROW(id, number, name, is_signer, text)                                   \
    case AUTH_OFFICER_ROLE_##id:                                                                   \
        return is_signer;
#include <auth/officer_role.def>
    default:
        return false;
    }
}

/* A pattern of the characters of identifiers and '*', with something of the former. */
static bool is_glob(auth_bytes text)
{
    char bare[AUTH_IDENTIFIER_SIZE];
    size_t len = 0;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] != '*')
            bare[len++] = (char)(text.data[i] == '-' ? 'x' : text.data[i]);
    }
    return request_is_identifier((auth_bytes){(const uint8_t *)bare, len});
}

bool policy_glob_fits(const char *glob, const char *text)
{
    const char *star = NULL; /* the last one passed, and where the text stood then */
    const char *mark = NULL;
    while (*text != '\0') {
        if (*glob == '*') {
            star = glob++;
            mark = text;
        } else if (*glob == *text) {
            glob++;
            text++;
        } else if (star != NULL) {
            glob = star + 1;
            text = ++mark;
        } else {
            return false;
        }
    }
    while (*glob == '*')
        glob++;
    return *glob == '\0';
}

static bool fits_some_profile(const char *glob, auth_request_kind kind, const auth_policy *policy)
{
    for (size_t i = 0; i < policy->profile_count; i++) {
        const auth_policy_profile *profile = &policy->profiles[i];
        if ((profile->kinds >> kind & 1U) != 0 && policy_glob_fits(glob, profile->name))
            return true;
    }
    return false;
}

static auth_status check_globs(const raw_quorum *raw, size_t index, const auth_policy *policy,
                               policy_rule *out, auth_error *err)
{
    if (raw->profiles.count > POLICY_GLOBS_MAX)
        return policy_refuse_at(err, "quorums", index, ".profiles", "more than 8; use '*'");
    if (raw->profiles.is_set && !auth_request_kind_has_profile(out->kind))
        return policy_refuse_at(err, "quorums", index, ".profiles",
                                "this kind asks for no certificate; remove it");
    for (size_t i = 0; i < raw->profiles.count; i++) {
        if (!is_glob(raw->profiles.rows[i]))
            return policy_refuse_at(err, "quorums", index, ".profiles",
                                    "not names of profiles, in which '*' stands for anything; "
                                    "leave it out for all");
        request_keep_identifier(raw->profiles.rows[i], out->globs[i]);
        if (!fits_some_profile(out->globs[i], out->kind, policy))
            return policy_refuse_at(err, "quorums", index, ".profiles",
                                    "fits no profile that this kind may name; mend it or remove "
                                    "the quorum");
    }
    out->glob_count = raw->profiles.count;
    return AUTH_STATUS_OK;
}

static auth_status refuse_signers(size_t index, size_t row, const char *after, const char *what,
                                  auth_error *err)
{
    return auth_error_set(err, AUTH_STATUS_INVALID, "policy: $.quorums[%zu].signers[%zu]%s: %s",
                          index, row, after, what);
}

static auth_status check_roles(const json_texts *raw, size_t index, size_t row, uint32_t *out,
                               auth_error *err)
{
    *out = 0;
    for (size_t i = 0; i < raw->count; i++) {
        auth_officer_role role = AUTH_OFFICER_ROLE_NONE;
        if (auth_officer_role_find(text_of(raw->rows[i]), &role, NULL) != AUTH_STATUS_OK ||
            !is_signer(role) || (*out >> role & 1U) != 0)
            return refuse_signers(index, row, ".roles",
                                  "each once, of clerk, approver and admin; auditors sign nothing",
                                  err);
        *out |= 1U << role;
    }
    return AUTH_STATUS_OK;
}

static auth_status check_signers(const raw_signers *raw, size_t index, size_t row,
                                 auth_policy_quorum *out, auth_error *err)
{
    auth_policy_place place = {.scope = AUTH_POLICY_SCOPE_OWN};
    uint64_t count = raw->count.is_set ? raw->count.value : 1;
    auth_status status = check_roles(&raw->roles, index, row, &place.roles, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (is_text(raw->scope, "subtree"))
        place.scope = AUTH_POLICY_SCOPE_SUBTREE;
    else if (!is_text(raw->scope, "own"))
        return refuse_signers(index, row, ".scope",
                              "neither \"own\" (the office of the request) nor \"subtree\" (that "
                              "or one above it)",
                              err);
    if (count < 1 || count > AUTH_POLICY_PLACES_MAX - out->place_count)
        return refuse_signers(index, row, ".count",
                              "not from 1, or more than 8 signatures in all, which no document has",
                              err);
    for (uint64_t i = 0; i < count; i++)
        out->places[out->place_count++] = place;
    return AUTH_STATUS_OK;
}

static bool is_narrower(const auth_policy_place *a, const auth_policy_place *b)
{
    int roles = __builtin_popcount(a->roles) - __builtin_popcount(b->roles);
    return roles != 0 ? roles < 0 : a->scope < b->scope;
}

/*
 * Places that few can fill come first. They are filled in this order, so that what is missing in
 * the end is what most can give.
 */
static void sort_places(auth_policy_quorum *quorum)
{
    for (size_t i = 1; i < quorum->place_count; i++) {
        auth_policy_place place = quorum->places[i];
        size_t to = i;
        for (; to > 0 && is_narrower(&place, &quorum->places[to - 1]); to--)
            quorum->places[to] = quorum->places[to - 1];
        quorum->places[to] = place;
    }
}

/* Only a renewal is the holder's own: whatever else she needs, an office looks at her. */
static auth_status check_holder(const raw_quorum *raw, size_t index, policy_rule *out,
                                auth_error *err)
{
    out->quorum.is_holder = raw->is_holder.value;
    if (out->quorum.is_holder == raw->signer_list.is_set)
        return policy_refuse_at(err, "quorums", index, "",
                                "either \"holder\": true or signers; write one of them");
    if (out->quorum.is_holder != (out->kind == AUTH_REQUEST_KIND_RENEW))
        return policy_refuse_at(err, "quorums", index, ".holder",
                                "renew is signed by the holder, and nothing else is; write true "
                                "for renew only");
    return AUTH_STATUS_OK;
}

static auth_status check_reach(const raw_quorum *raw, size_t index, policy_rule *out,
                               auth_error *err)
{
    if (raw->reach.data == NULL)
        return AUTH_STATUS_OK;
    out->quorum.reaches_realm = is_text(raw->reach, "realm");
    if (!out->quorum.reaches_realm && !is_text(raw->reach, "office"))
        return policy_refuse_at(err, "quorums", index, ".reach",
                                "neither \"office\" (certificates of the office and below) nor "
                                "\"realm\" (of everybody)");
    if (out->kind != AUTH_REQUEST_KIND_REVOKE && out->kind != AUTH_REQUEST_KIND_SUSPEND &&
        out->quorum.reaches_realm)
        return policy_refuse_at(err, "quorums", index, ".reach",
                                "only what takes trust away may reach the realm: revoke and "
                                "suspend; write \"office\"");
    return AUTH_STATUS_OK;
}

auth_status policy_check_quorum(const raw_quorum *raw, size_t index, const auth_policy *policy,
                                policy_rule *out, auth_error *err)
{
    if (auth_request_kind_find(text_of(raw->kind), &out->kind, NULL) != AUTH_STATUS_OK)
        return policy_refuse_at(err, "quorums", index, ".kind",
                                "no kind of request (auth/request_kind.def)");
    auth_status status = check_globs(raw, index, policy, out, err);
    if (status == AUTH_STATUS_OK)
        status = check_holder(raw, index, out, err);
    if (status == AUTH_STATUS_OK)
        status = check_reach(raw, index, out, err);
    for (size_t i = 0; i < raw->signer_list.count && status == AUTH_STATUS_OK; i++)
        status = check_signers(&raw->signers[i], index, i, &out->quorum, err);
    if (status == AUTH_STATUS_OK)
        sort_places(&out->quorum);
    return status;
}

static bool is_for(const policy_rule *rule, auth_request_kind kind, const char *profile)
{
    bool fits = rule->kind == kind && rule->glob_count == 0;
    for (size_t i = 0; rule->kind == kind && i < rule->glob_count && !fits; i++)
        fits = policy_glob_fits(rule->globs[i], profile);
    return fits;
}

auth_status auth_policy_quorum_find(const auth_policy *policy, auth_request_kind kind,
                                    const char *profile, const auth_policy_quorum **out,
                                    auth_error *err)
{
    for (size_t i = 0; i < policy->rule_count; i++) {
        if (is_for(&policy->rules[i], kind, profile)) {
            *out = &policy->rules[i].quorum;
            return AUTH_STATUS_OK;
        }
    }
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "policy: no quorum for a request to %s with this profile; add one to "
                          "$.quorums",
                          auth_request_kind_name(kind));
}
