/* SPDX-License-Identifier: Apache-2.0 */
/* Who it is: name, binding, and the pseudonym of one application. */
#include "identity/identity.h"
#include "login/text.h"
#include "login/work.h"
#include "x509/mask.h"
#include "x509/name.h"

#include <stdio.h>
#include <string.h>

/* Makes the pseudonym differ from every other code that a key could be used for. */
static const char label[] = "libauth pairwise pseudonym 1";

/* The longest: label, binding, issuer's name and SIM. */
#define INPUT_MAX ((size_t)1 << 17)

/* Of the text of a name: three characters may stand for an octet of a certificate. */
#define NAME_MAX_OCTETS (3 * AUTH_CERTIFICATE_MAX)

/* The newest common name. */
static auth_status write_name(auth_bytes subject, char out[AUTH_LOGIN_TEXT_SIZE], auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    x509_name_cursor cursor = x509_name_start(subject);
    x509_attribute attribute;
    x509_attribute name = {.tag = 0};
    while (x509_name_next(&cursor, &attribute)) {
        if (attribute.id == OID_COMMON_NAME)
            name = attribute;
    }
    auth_status status = auth_buf_new(NAME_MAX_OCTETS, &text, err);
    if (status == AUTH_STATUS_OK && name.tag != 0)
        status = x509_show_text(name.tag, name.value, true, text, err);
    if (auth_status_is_fault(status))
        return status;
    login_keep_text(status == AUTH_STATUS_OK ? auth_buf_bytes(text) : (auth_bytes){NULL, 0}, out);
    return AUTH_STATUS_OK;
}

/* Which binding names the person best: one that stays the same in her next certificate. */
static unsigned rank_of(auth_identity_binding binding)
{
    switch (binding) {
    case AUTH_IDENTITY_BINDING_PSEUDONYM:
        return 5;
    case AUTH_IDENTITY_BINDING_GBT20518:
        return 4;
    case AUTH_IDENTITY_BINDING_PNOCN:
        return 3;
    case AUTH_IDENTITY_BINDING_VID:
        return 2;
    case AUTH_IDENTITY_BINDING_SIM:
        return 1;
    case AUTH_IDENTITY_BINDING_NONE:
    default:
        return 0;
    }
}

static uint8_t fold(uint8_t octet) { return octet == 'x' ? 'X' : octet; }

static bool is_same_number(const identity_item *a, const identity_item *b)
{
    bool is_same = a->value.len == b->value.len;
    for (size_t i = 0; is_same && i < a->value.len; i++)
        is_same = fold(a->value.data[i]) == fold(b->value.data[i]);
    return is_same;
}

/* A certificate that shows two numbers belongs to neither person: it is taken for one of nobody. */
static identity_item best_of(const identity_items *items)
{
    const identity_item nobody = {.binding = AUTH_IDENTITY_BINDING_NONE};
    identity_item best = nobody;
    for (size_t i = 0; i < items->count; i++) {
        const identity_item *row = &items->rows[i];
        if (auth_identity_binding_is_clear(row->binding) &&
            auth_identity_binding_is_clear(best.binding) && !is_same_number(row, &best))
            return nobody;
        if (rank_of(row->binding) > rank_of(best.binding))
            best = *row;
    }
    return best;
}

static auth_status append_counted(auth_buf *out, auth_bytes octets, auth_error *err)
{
    uint32_t len = (uint32_t)octets.len;
    uint8_t head[] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                      (uint8_t)len};
    auth_status status = auth_buf_append(out, (auth_bytes){head, sizeof head}, err);
    return status == AUTH_STATUS_OK ? auth_buf_append(out, octets, err) : status;
}

/* A number in its canonical spelling: the same number is the same person, wherever it stands. */
static auth_status append_number(auth_buf *out, const identity_item *item, auth_error *err)
{
    uint8_t *room = NULL;
    uint8_t head[] = {'n', (uint8_t)item->type};
    auth_status status = auth_buf_append(out, (auth_bytes){head, sizeof head}, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_extend(out, item->value.len, &room, err);
    for (size_t i = 0; i < item->value.len && status == AUTH_STATUS_OK; i++)
        room[i] = fold(item->value.data[i]);
    return status;
}

/* What names one certificate of one issuer. */
static auth_status append_certificate(auth_buf *out, const x509_cert_view *view,
                                      const identity_item *item, auth_error *err)
{
    bool has_value = item->binding != AUTH_IDENTITY_BINDING_NONE;
    uint8_t head[] = {'c', (uint8_t)item->binding};
    auth_status status = auth_buf_append(out, (auth_bytes){head, sizeof head}, err);
    if (status == AUTH_STATUS_OK)
        status = append_counted(out, view->issuer, err);
    if (status == AUTH_STATUS_OK)
        status = append_counted(out, has_value ? item->value : view->serial, err);
    return status;
}

static auth_status append_realm_pseudonym(auth_buf *out, const identity_item *item, auth_error *err)
{
    auth_status status = auth_buf_append(out, auth_bytes_from_text("p"), err);
    return status == AUTH_STATUS_OK ? auth_buf_append(out, item->value, err) : status;
}

/* The first letter tells the three apart. */
static auth_status gather(const x509_cert_view *view, const identity_item *item, auth_buf *out,
                          auth_error *err)
{
    auth_status status =
        auth_buf_append(out, (auth_bytes){(const uint8_t *)label, sizeof label}, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (item->binding == AUTH_IDENTITY_BINDING_PSEUDONYM)
        return append_realm_pseudonym(out, item, err);
    if (auth_identity_binding_is_clear(item->binding))
        return append_number(out, item, err);
    return append_certificate(out, view, item, err);
}

static auth_status write_pseudonym(login_work *work, const x509_cert_view *view,
                                   const identity_item *item, auth_error *err)
{
    AUTH_AUTO(auth_buf) *input = NULL;
    uint8_t code[DIGEST_MAX];
    auth_login_verdict *out = work->out;
    out->is_pseudonym_lasting = item->binding == AUTH_IDENTITY_BINDING_PSEUDONYM ||
                                auth_identity_binding_is_clear(item->binding);
    auth_status status = auth_buf_new(INPUT_MAX, &input, err);
    if (status == AUTH_STATUS_OK)
        status = gather(view, item, input, err);
    if (status == AUTH_STATUS_OK)
        status =
            digest_hmac(DIGEST_SHA256, work->input.pairwise_key, auth_buf_bytes(input), code, err);
    for (size_t i = 0; i < digest_len(DIGEST_SHA256) && status == AUTH_STATUS_OK; i++)
        (void)snprintf(out->pseudonym + 2 * i, 3, "%02x", code[i]);
    return status;
}

/* The one binding that names the person best; what is not of its form names nobody. */
static identity_item item_of(const x509_cert_view *view)
{
    identity_items items = {.count = 0};
    if (identity_collect(view, &items, NULL) != AUTH_STATUS_OK)
        items.count = 0;
    return best_of(&items);
}

auth_status login_describe_holder(const x509_cert_view *view, login_holder *out, auth_error *err)
{
    out->binding = item_of(view).binding;
    return write_name(view->subject, out->name, err);
}

auth_status login_describe(login_work *work, auth_error *err)
{
    x509_cert_view view;
    const login_holder *holder = work->holder;
    memcpy(work->out->display_name, holder->name, sizeof holder->name);
    work->out->binding = holder->binding;
    work->out->assurance = holder->assurance;
    if (work->input.pairwise_key.len == 0)
        return AUTH_STATUS_OK;
    auth_status status = x509_cert_view_parse(holder->der, &view, err);
    if (status != AUTH_STATUS_OK)
        return status;
    identity_item item = item_of(&view);
    return write_pseudonym(work, &view, &item, err);
}
