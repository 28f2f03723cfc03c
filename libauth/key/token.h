/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A token that somebody is logged in to, and a few sessions with it. A session serves one thread at
 * a time; when all are busy and the token gives no more, the next thread waits. Internal to key/.
 */
#ifndef KEY_TOKEN_H
#define KEY_TOKEN_H

#include "key/module.h"

#include <auth/key.h>
#include <pthread.h>

#define TOKEN_SESSIONS_MAX 8

typedef struct token {
    CK_FUNCTION_LIST *call;
    CK_SLOT_ID slot;
    CK_OBJECT_HANDLE key; /* the private key; for the signer */
    size_t users;         /* of held_token */
    pthread_mutex_t lock; /* guards what follows */
    pthread_cond_t has_idle;
    CK_SESSION_HANDLE idle[TOKEN_SESSIONS_MAX];
    size_t idle_count;
    size_t open_count;
    size_t open_max;
} token;

/*
 * Find a token, open a session and log in, if the token wants that. is_writing asks for a session
 * that may create objects.
 *
 * Ownership: gives *out, to be freed with token_free.
 * Errors: as auth_signer_open_token.
 */
auth_status token_open(const token_uri *uri, bool is_writing, auth_passphrase_ask *ask,
                       void *context, token **out, auth_error *err) AUTH_MUST_CHECK;

/* Close all sessions. NULL is fine. */
void token_free(token *old);

/* Take a session, or wait for one. Errors: AUTH_STATUS_UNAVAILABLE; AUTH_STATUS_MEMORY. */
auth_status token_take(token *from, CK_SESSION_HANDLE *out, auth_error *err) AUTH_MUST_CHECK;

/* Give a session back. One that failed is closed, since nobody knows its state. */
void token_give_back(token *to, CK_SESSION_HANDLE session, bool has_failed);

/*
 * Find the one object that fits a template.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_CONFLICT when several fit; AUTH_STATUS_UNAVAILABLE;
 * AUTH_STATUS_MEMORY.
 */
auth_status token_find(const token *in, CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes,
                       size_t count, CK_OBJECT_HANDLE *out, auth_error *err) AUTH_MUST_CHECK;

/* Reads one attribute of an object; false when it has none or it does not fit. */
bool token_read(const token *in, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
                CK_ATTRIBUTE_TYPE type, void *out, size_t size, size_t *len);

/*
 * A token that is opened anew when it was pulled out and is back. Who signs takes what is open now,
 * and gives it back; what was replaced is closed by the last one.
 */
typedef struct held_token {
    token_uri uri;
    pthread_mutex_t lock; /* guards what follows */
    token *now;
    bool is_refused; /* the PIN did not fit any more: it is not tried again */
} held_token;

/*
 * Ownership: gives *out, to be freed with held_token_free; takes opened on success.
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status held_token_new(const token_uri *uri, token *opened, held_token **out,
                           auth_error *err) AUTH_MUST_CHECK;

/* Close it. Nobody may use it. NULL is fine. */
void held_token_free(held_token *old);

token *held_token_take(held_token *from);
void held_token_give_back(held_token *to, token *taken);

/* Finds the key in a token that was opened anew. */
typedef auth_status held_token_find(token *in, const token_uri *uri, void *context,
                                    auth_error *err);

/*
 * Opens the token anew in place of one that failed, unless somebody did so before. The PIN must be
 * in a file (pin-source); one that is refused is never tried again.
 *
 * Errors: as token_open, and what find returns.
 */
auth_status held_token_renew(held_token *of, const token *failed, held_token_find *find,
                             void *context, auth_error *err) AUTH_MUST_CHECK;

AUTH_DEFINE_CLEANUP(token)

#endif
