/* SPDX-License-Identifier: Apache-2.0 */
#include "key/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MAX 64

/* Texts of CK_TOKEN_INFO are padded with blanks. A wanted text that is empty fits anything. */
static bool fits(const char *wanted, const unsigned char *padded, size_t size)
{
    size_t len = strlen(wanted);
    if (len == 0)
        return true;
    if (len > size || memcmp(wanted, padded, len) != 0)
        return false;
    for (size_t i = len; i < size; i++) {
        if (padded[i] != ' ' && padded[i] != '\0')
            return false;
    }
    return true;
}

static bool is_wanted(const token_uri *uri, CK_SLOT_ID slot, const CK_TOKEN_INFO *info)
{
    return (info->flags & CKF_TOKEN_INITIALIZED) != 0 &&
           (!uri->has_slot_id || uri->slot_id == slot) &&
           fits(uri->token, info->label, sizeof info->label) &&
           fits(uri->serial, info->serialNumber, sizeof info->serialNumber) &&
           fits(uri->manufacturer, info->manufacturerID, sizeof info->manufacturerID) &&
           fits(uri->model, info->model, sizeof info->model);
}

static auth_status find_slot(CK_FUNCTION_LIST *call, const token_uri *uri, CK_SLOT_ID *out,
                             CK_TOKEN_INFO *info, auth_error *err)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    unsigned long count = SLOTS_MAX;
    CK_RV result = call->C_GetSlotList(CK_TRUE, slots, &count);
    if (result != CKR_OK)
        return module_failed(err, "C_GetSlotList", result);
    size_t found = 0;
    for (unsigned long i = 0; i < count; i++) {
        CK_TOKEN_INFO candidate;
        if (call->C_GetTokenInfo(slots[i], &candidate) != CKR_OK ||
            !is_wanted(uri, slots[i], &candidate))
            continue;
        found++;
        *out = slots[i];
        *info = candidate;
    }
    if (found == 0) {
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "token: the module has none with the label, serial or slot of the "
                              "URI; look with 'p11tool --list-tokens', or plug it in");
    }
    if (found > 1) {
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "token: %zu tokens fit the URI; add serial or slot-id to it", found);
    }
    return AUTH_STATUS_OK;
}

static auth_status refuse_pin(auth_error *err, const char *what)
{
    return auth_error_set(err, AUTH_STATUS_DENIED, "token: %s", what);
}

static auth_status login_failed(CK_RV result, auth_error *err)
{
    switch (result) {
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
        return refuse_pin(err, "the PIN is wrong; it was tried once, and too many wrong ones lock "
                               "the token");
    case CKR_PIN_EXPIRED:
    case CKR_PIN_LOCKED:
    case CKR_USER_PIN_NOT_INITIALIZED:
        return refuse_pin(err, "its PIN is locked, expired or not set; set it with the token's "
                               "own tool");
    default:
        return module_failed(err, "C_Login", result);
    }
}

static auth_status read_pin(const token_uri *uri, const CK_TOKEN_INFO *info,
                            auth_passphrase_ask *ask, void *context, auth_secret **out,
                            auth_error *err)
{
    if (uri->pin_source[0] != '\0')
        return auth_passphrase_read(uri->pin_source, -1, out, err);
    if (ask == NULL)
        return refuse_pin(err, "it wants a PIN; write it to a file and name that by pin-source");
    char what[64];
    size_t len = sizeof info->label;
    while (len > 0 && info->label[len - 1] == ' ')
        len--;
    (void)snprintf(what, sizeof what, "token %.*s", (int)len, (const char *)info->label);
    return ask(context, what, out, err);
}

/* A wrong PIN is never tried twice, and none is tried when it would be the last. */
static auth_status login(token *to, CK_SESSION_HANDLE session, const token_uri *uri,
                         const CK_TOKEN_INFO *info, auth_passphrase_ask *ask, void *context,
                         auth_error *err)
{
    if ((info->flags & CKF_LOGIN_REQUIRED) == 0)
        return AUTH_STATUS_OK;
    if ((info->flags & (CKF_USER_PIN_LOCKED | CKF_USER_PIN_FINAL_TRY)) != 0) {
        return refuse_pin(err, "its PIN is locked or has one try left; log in with the token's own "
                               "tool first");
    }
    AUTH_AUTO(auth_secret) *pin = NULL;
    auth_bytes octets = {NULL, 0};
    if ((info->flags & CKF_PROTECTED_AUTHENTICATION_PATH) == 0) {
        auth_status status = read_pin(uri, info, ask, context, &pin, err);
        if (status != AUTH_STATUS_OK)
            return status;
        octets = (auth_bytes){auth_secret_data(pin), auth_secret_bytes(pin).len};
    }
    CK_RV result = to->call->C_Login(session, CKU_USER, pin == NULL ? NULL : auth_secret_data(pin),
                                     octets.len);
    if (result == CKR_OK || result == CKR_USER_ALREADY_LOGGED_IN)
        return AUTH_STATUS_OK;
    return login_failed(result, err);
}

static auth_status open_session(const token *with, bool is_writing, CK_SESSION_HANDLE *out,
                                CK_RV *result, auth_error *err)
{
    unsigned long flags = CKF_SERIAL_SESSION | (is_writing ? CKF_RW_SESSION : 0);
    *result = with->call->C_OpenSession(with->slot, flags, NULL, NULL, out);
    return *result == CKR_OK ? AUTH_STATUS_OK : module_failed(err, "C_OpenSession", *result);
}

auth_status token_open(const token_uri *uri, bool is_writing, auth_passphrase_ask *ask,
                       void *context, token **out, auth_error *err)
{
    CK_FUNCTION_LIST *call = NULL;
    CK_TOKEN_INFO info;
    CK_SLOT_ID slot = 0;
    auth_status status = module_load(uri, &call, err);
    if (status == AUTH_STATUS_OK)
        status = find_slot(call, uri, &slot, &info, err);
    if (status != AUTH_STATUS_OK)
        return status;
    AUTH_AUTO(token) *made = calloc(1, sizeof *made);
    if (made == NULL)
        return auth_error_memory(err);
    made->call = call;
    made->slot = slot;
    made->open_max = TOKEN_SESSIONS_MAX;
    (void)pthread_mutex_init(&made->lock, NULL);
    (void)pthread_cond_init(&made->has_idle, NULL);
    CK_RV result = CKR_OK;
    status = open_session(made, is_writing, &made->idle[0], &result, err);
    if (status != AUTH_STATUS_OK)
        return status;
    made->idle_count = 1;
    made->open_count = 1;
    status = login(made, made->idle[0], uri, &info, ask, context, err);
    if (status == AUTH_STATUS_OK)
        *out = AUTH_TAKE(made);
    return status;
}

void token_free(token *old)
{
    if (old == NULL)
        return;
    for (size_t i = 0; i < old->idle_count; i++)
        (void)old->call->C_CloseSession(old->idle[i]);
    (void)pthread_cond_destroy(&old->has_idle);
    (void)pthread_mutex_destroy(&old->lock);
    free(old);
}

/* Called with the lock held; opening goes on without it. */
static auth_status take_new(token *from, CK_SESSION_HANDLE *out, bool *is_full, auth_error *err)
{
    from->open_count++;
    (void)pthread_mutex_unlock(&from->lock);
    CK_RV result = CKR_OK;
    auth_status status = open_session(from, false, out, &result, err);
    (void)pthread_mutex_lock(&from->lock);
    if (status == AUTH_STATUS_OK)
        return status;
    from->open_count--;
    /* The token has as many sessions as it allows: wait for one of ours. */
    *is_full = result == CKR_SESSION_COUNT && from->open_count > 0;
    if (*is_full)
        from->open_max = from->open_count;
    return status;
}

static auth_status take_locked(token *from, CK_SESSION_HANDLE *out, auth_error *err)
{
    for (;;) {
        if (from->idle_count > 0) {
            *out = from->idle[--from->idle_count];
            return AUTH_STATUS_OK;
        }
        bool is_full = from->open_count >= from->open_max && from->open_count > 0;
        if (!is_full) {
            auth_status status = take_new(from, out, &is_full, err);
            if (!is_full)
                return status;
            continue;
        }
        (void)pthread_cond_wait(&from->has_idle, &from->lock);
    }
}

auth_status token_take(token *from, CK_SESSION_HANDLE *out, auth_error *err)
{
    (void)pthread_mutex_lock(&from->lock);
    auth_status status = take_locked(from, out, err);
    (void)pthread_mutex_unlock(&from->lock);
    return status;
}

void token_give_back(token *to, CK_SESSION_HANDLE session, bool has_failed)
{
    if (has_failed)
        (void)to->call->C_CloseSession(session);
    (void)pthread_mutex_lock(&to->lock);
    if (has_failed)
        to->open_count--;
    else
        to->idle[to->idle_count++] = session;
    (void)pthread_cond_signal(&to->has_idle);
    (void)pthread_mutex_unlock(&to->lock);
}

auth_status token_find(const token *in, CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
                       size_t count, CK_OBJECT_HANDLE *out, auth_error *err)
{
    CK_OBJECT_HANDLE found[2];
    unsigned long found_count = 0;
    CK_RV result = in->call->C_FindObjectsInit(session, attributes, count);
    if (result != CKR_OK)
        return module_failed(err, "C_FindObjectsInit", result);
    result = in->call->C_FindObjects(session, found, 2, &found_count);
    (void)in->call->C_FindObjectsFinal(session);
    if (result != CKR_OK)
        return module_failed(err, "C_FindObjects", result);
    if (found_count == 0) {
        return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                              "token: it holds no such key; look with 'p11tool --list-all'");
    }
    if (found_count > 1) {
        return auth_error_set(err, AUTH_STATUS_CONFLICT,
                              "token: several keys fit the URI; give both object and id");
    }
    *out = found[0];
    return AUTH_STATUS_OK;
}

bool token_read(const token *in, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                CK_ATTRIBUTE_TYPE type, void *out, size_t size, size_t *len)
{
    CK_ATTRIBUTE attribute = {type, out, size};
    if (in->call->C_GetAttributeValue(session, object, &attribute, 1) != CKR_OK ||
        attribute.ulValueLen > size)
        return false;
    *len = attribute.ulValueLen;
    return true;
}
