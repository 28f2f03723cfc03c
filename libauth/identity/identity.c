/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the bindings of a certificate and compares them with a person number. */
#include "identity/identity.h"
#include "x509/name.h"

static auth_status add(identity_items *items, const identity_item *item, auth_error *err)
{
    if (items->count == AUTH_IDENTITY_ITEMS_MAX)
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "certificate: more than %d identity bindings; no issuer writes that",
                              AUTH_IDENTITY_ITEMS_MAX);
    items->rows[items->count++] = *item;
    return AUTH_STATUS_OK;
}

static auth_status collect_subject(auth_bytes subject, identity_items *items, auth_error *err)
{
    x509_name_cursor cursor = x509_name_start(subject);
    x509_attribute attribute;
    while (x509_name_next(&cursor, &attribute)) {
        identity_item item = {0};
        if (attribute.id == OID_SERIAL_NUMBER && identity_read_semantics(attribute.value, &item)) {
            /* read */
        } else if (attribute.id == OID_PSEUDONYM && identity_is_pseudonym(attribute.value)) {
            item.binding = AUTH_IDENTITY_BINDING_PSEUDONYM;
            item.value = attribute.value;
        } else {
            continue;
        }
        auth_status status = add(items, &item, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    if (cursor.is_malformed)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "certificate: subject is no Name (RFC 5280 4.1.2.4)");
    return AUTH_STATUS_OK;
}

/* Reads an otherName; false when it holds a binding that is not of its form. */
static bool read_other_name(auth_bytes content, identity_item *out)
{
    auth_bytes type;
    auth_bytes value;
    if (!der_take_oid(&content, &type) || !der_only(content, DER_CONTEXT_CONSTRUCTED(0), &value))
        return false;
    oid id = oid_find(type);
    if (id == OID_SIM) {
        *out = (identity_item){.binding = AUTH_IDENTITY_BINDING_SIM, .value = value};
        return identity_is_sim(value);
    }
    if (id == OID_KISA_IDENTIFY_DATA) {
        out->binding = AUTH_IDENTITY_BINDING_VID;
        return identity_read_vid(value, &out->value);
    }
    return true;
}

static auth_status collect_names(auth_bytes value, identity_items *items, auth_error *err)
{
    auth_bytes names;
    der_item name;
    bool is_read = der_only(value, DER_SEQUENCE, &names);
    while (is_read && names.len > 0) {
        identity_item item = {0};
        is_read = x509_next_general_name(&names, &name);
        if (!is_read || name.tag != DER_CONTEXT_CONSTRUCTED(0))
            continue;
        is_read = read_other_name(name.content, &item);
        if (!is_read || item.binding == AUTH_IDENTITY_BINDING_NONE)
            continue;
        auth_status status = add(items, &item, err);
        if (status != AUTH_STATUS_OK)
            return status;
    }
    if (!is_read)
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "certificate: subjectAltName or an identity in it is not of its form "
                              "(RFC 5280 4.2.1.6, RFC 4683 4.1)");
    return AUTH_STATUS_OK;
}

static auth_status collect_code(const x509_extension *extension, identity_items *items,
                                auth_error *err)
{
    identity_item item;
    if (!identity_read_code(extension->id, extension->value, &item))
        return auth_error_set(err, AUTH_STATUS_MALFORMED,
                              "certificate: %s is not of its form (GB/T 20518)",
                              oid_name(extension->id));
    return add(items, &item, err);
}

auth_status identity_collect(const x509_cert_view *view, identity_items *out, auth_error *err)
{
    identity_items items = {0};
    auth_status status = collect_subject(view->subject, &items, err);
    for (size_t i = 0; i < view->extensions.count && status == AUTH_STATUS_OK; i++) {
        const x509_extension *extension = &view->extensions.rows[i];
        if (extension->id == OID_SUBJECT_ALT_NAME)
            status = collect_names(extension->value, &items, err);
        else if (identity_is_code(extension->id))
            status = collect_code(extension, &items, err);
    }
    if (status == AUTH_STATUS_OK)
        *out = items;
    return status;
}

static auth_status collect_der(auth_bytes certificate, identity_items *out, auth_error *err)
{
    x509_cert_view view;
    auth_status status = x509_cert_view_parse(certificate, &view, err);
    return status == AUTH_STATUS_OK ? identity_collect(&view, out, err) : status;
}

auth_status auth_identity_read(auth_bytes certificate, unsigned *out_bindings, auth_error *err)
{
    identity_items items;
    auth_status status = collect_der(certificate, &items, err);
    if (status != AUTH_STATUS_OK)
        return status;
    unsigned bindings = 0;
    for (size_t i = 0; i < items.count; i++)
        bindings |= AUTH_IDENTITY_BIT(items.rows[i].binding);
    *out_bindings = bindings;
    return AUTH_STATUS_OK;
}

static auth_bytes proof_for(const auth_identity_proof *proof, auth_identity_binding binding)
{
    if (proof == NULL)
        return (auth_bytes){NULL, 0};
    if (binding == AUTH_IDENTITY_BINDING_SIM)
        return proof->sim_secret;
    return binding == AUTH_IDENTITY_BINDING_VID ? proof->vid_random : proof->pseudonym_key;
}

/* Compares one binding; leaves *was_checked when its proof is missing. */
static auth_status match_item(const identity_item *item, const auth_person_number *number,
                              const auth_identity_proof *proof, bool *was_checked, bool *fits,
                              auth_error *err)
{
    if (auth_identity_binding_is_clear(item->binding)) {
        *was_checked = true;
        *fits = identity_match_clear(item, number);
        return AUTH_STATUS_OK;
    }
    auth_bytes secret = proof_for(proof, item->binding);
    if (secret.len == 0)
        return AUTH_STATUS_OK;
    *was_checked = true;
    if (item->binding == AUTH_IDENTITY_BINDING_SIM)
        return identity_match_sim(item->value, secret, number, fits, err);
    if (item->binding == AUTH_IDENTITY_BINDING_VID)
        return identity_match_vid(item->value, secret, number, fits, err);
    return identity_match_pseudonym(item->value, secret, number, fits, err);
}

auth_status auth_identity_matches(auth_bytes certificate, const auth_person_number *number,
                                  const auth_identity_proof *proof, bool *out, auth_error *err)
{
    identity_items items;
    auth_status status = collect_der(certificate, &items, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (items.count == 0)
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "certificate: it carries no identity binding; ask its issuer whose "
                              "it is");
    bool was_checked = false;
    bool all_fit = true;
    for (size_t i = 0; i < items.count; i++) {
        bool fits = true;
        status = match_item(&items.rows[i], number, proof, &was_checked, &fits, err);
        if (status != AUTH_STATUS_OK)
            return status;
        all_fit = all_fit && fits;
    }
    if (!was_checked)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "certificate: its binding %s hides the number; give its proof too",
                              auth_identity_binding_name(items.rows[0].binding));
    *out = all_fit;
    return AUTH_STATUS_OK;
}

/* Applies the rules to a number in clear; demands the type that the binding tells. */
static auth_status reveal_item(const identity_item *item, const auth_person_rules *rules,
                               auth_person_number *out, auth_error *err)
{
    auth_person_rules mine = *rules;
    mine.accepts_legacy = false;
    if (item->type != AUTH_PERSON_TYPE_ANY) {
        if (rules->type != AUTH_PERSON_TYPE_ANY && rules->type != item->type)
            return auth_error_set(err, AUTH_STATUS_INVALID,
                                  "certificate: it names a %s, not a %s; ask for that type",
                                  auth_person_type_title(item->type),
                                  auth_person_type_title(rules->type));
        mine.type = item->type;
    }
    auth_status status = auth_person_number_parse(item->value, &mine, out, err);
    if (status != AUTH_STATUS_OK)
        auth_error_context(err, "certificate: %s", auth_identity_binding_name(item->binding));
    return status;
}

auth_status auth_identity_reveal(auth_bytes certificate, const auth_person_rules *rules,
                                 auth_person_number *out, auth_error *err)
{
    identity_items items = {0};
    auth_status status = collect_der(certificate, &items, err);
    auth_person_number found = {0};
    auth_person_number next = {0};
    for (size_t i = 0; i < items.count && status == AUTH_STATUS_OK; i++) {
        if (!auth_identity_binding_is_clear(items.rows[i].binding))
            continue;
        status = reveal_item(&items.rows[i], rules, &next, err);
        if (status == AUTH_STATUS_OK && found.len > 0 && !auth_person_number_equal(&found, &next))
            status = auth_error_set(err, AUTH_STATUS_CONFLICT,
                                    "certificate: its bindings show two different numbers; do not "
                                    "use it");
        found = next;
    }
    if (status == AUTH_STATUS_OK && found.len == 0)
        status = auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                                "certificate: no binding shows a person number in clear; compare "
                                "with auth_identity_matches instead");
    if (status == AUTH_STATUS_OK)
        *out = found;
    auth_person_number_wipe(&found);
    auth_person_number_wipe(&next);
    return status;
}
