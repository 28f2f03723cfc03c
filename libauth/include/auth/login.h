/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_login
 * @brief logins: challenge, response, and one verdict
 *
 * An application makes a challenge; the citizen's program answers it with her key; the application
 * asks for the verdict. The same verdict comes from the certificates of a TLS client. It says
 * whether the login is accepted and why, who it is, which authority says so and how surely, where
 * the knowledge about revocation comes from, how old it is, and by which policy it was judged.
 *
 * A response is a compact JWS (auth/jws.h) of the type "auth-login+jws" with x5c. Its payload has
 * the members aud, challenge and, when the citizen staples one, ocsp; docs/login.md has the form.
 *
 * The invariant: is_accepted is true only when everything that the policy asks for was found good.
 * A fault, an outage and whatever is not understood are verdicts of their own and never a yes.
 *
 * It keeps no session and sets no cookie, and it does not know which website a citizen's program
 * talks to: that program tells the audience it answers for, from the connection and not from what a
 * page says.
 */
#ifndef AUTH_LOGIN_H
#define AUTH_LOGIN_H

#include <auth/identity.h>
#include <auth/key.h>
#include <auth/verifier.h>

AUTH_BEGIN_DECLS

/* Why a login is or is not accepted, from auth/login_reason.def. */
typedef enum auth_login_reason {
#define AUTH_LOGIN_REASON_ROW(id, number, name, outcome, meaning, en, zh)                          \
    AUTH_LOGIN_REASON_##id = (number),
#include <auth/login_reason.def>
} auth_login_reason;

typedef enum auth_login_outcome {
    AUTH_LOGIN_OUTCOME_ACCEPTED = 0,
    AUTH_LOGIN_OUTCOME_REFUSED, /* the same login is refused again */
    AUTH_LOGIN_OUTCOME_OUTAGE,  /* something that is needed does not tell: to be tried again */
    AUTH_LOGIN_OUTCOME_FAULT,   /* the machine failed */
} auth_login_outcome;

/**
 * Tell the name of a reason, as in logs: "challenge-expired". A number that is not in the table
 * gives "fault".
 *
 * Ownership: the text is static, as are those of the next three.
 */
AUTH_API const char *auth_login_reason_name(auth_login_reason reason);

/**
 * Tell what a reason means and what to do, in English, for a log or an operator.
 */
AUTH_API const char *auth_login_reason_meaning(auth_login_reason reason);

/**
 * Tell what to show to the person who logs in.
 *
 * language is a tag as in RFC 5646 or a locale ("zh-CN", "zh_CN.UTF-8", "en"): one that begins with
 * "zh" gives Chinese, anything else and NULL give English.
 */
AUTH_API const char *auth_login_reason_sentence(auth_login_reason reason, const char *language);

/**
 * Tell the name of an outcome: "accepted", "refused", "outage", "fault".
 */
AUTH_API const char *auth_login_outcome_name(auth_login_outcome outcome);

/**
 * Tell the outcome that a reason belongs to.
 */
AUTH_API auth_login_outcome auth_login_reason_outcome(auth_login_reason reason);

/* Challenges */

/* The most octets of a challenge's text, and room for it with its NUL. */
#define AUTH_CHALLENGE_MAX 96
#define AUTH_CHALLENGE_SIZE (AUTH_CHALLENGE_MAX + 1)
/* The least octets of a key that challenges are made with, and of an application's pairwise key. */
#define AUTH_LOGIN_KEY_MIN 32
/* The longest lifetime of a challenge in seconds. */
#define AUTH_CHALLENGE_LIFETIME_MAX 3600
/* The most octets of what names a session. */
#define AUTH_LOGIN_SESSION_MAX 256

/* What a challenge is made for. */
typedef struct auth_challenge_options {
    const char *audience; /* the application: its https origin; 1 to 255 printable ASCII characters
                             without space, quote and backslash */
    auth_time now;
    uint32_t lifetime_s; /* 1 to AUTH_CHALLENGE_LIFETIME_MAX; 120 is a good value */
    auth_bytes key;      /* stateless: secret of the application, AUTH_LOGIN_KEY_MIN octets or more;
                            empty: the application stores the challenge itself */
    auth_bytes session;  /* what names the browser's session, such as a cookie's value: the response
                            is then good in this session only. Not shown by the challenge */
} auth_challenge_options;

/**
 * Make a challenge: a text of base64url characters with 128 random bits in it.
 *
 * Errors: AUTH_STATUS_INVALID for an audience, lifetime, key, session or time that cannot be;
 * AUTH_STATUS_CRYPTO; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_login_challenge(const auth_challenge_options *options,
                                          char out[AUTH_CHALLENGE_SIZE],
                                          auth_error *err) AUTH_MUST_CHECK;

/* The most octets of a response. */
#define AUTH_LOGIN_RESPONSE_MAX ((size_t)64 << 10)
/* The most octets of a stapled OCSP response. */
#define AUTH_LOGIN_STAPLE_MAX ((size_t)8 << 10)

/* What a citizen's program answers with. All is borrowed. */
typedef struct auth_login_answer {
    const char *audience; /* of the connection that the challenge came over */
    auth_bytes challenge; /* its text */
    const auth_signer *signer;
    const auth_bytes *chain; /* DER; the signer's certificate first, without the anchor */
    size_t chain_len;
    auth_bytes staple; /* an OCSP response about the first certificate; empty: none */
    auth_time now;
} auth_login_answer;

/**
 * Append the response to a challenge. On failure out is as it was.
 *
 * Errors: AUTH_STATUS_INVALID for an audience that cannot be; AUTH_STATUS_MALFORMED for a text that
 * is no challenge; AUTH_STATUS_LIMIT for a staple above AUTH_LOGIN_STAPLE_MAX or a response above
 * AUTH_LOGIN_RESPONSE_MAX; else as auth_jws_sign_compact.
 */
AUTH_API auth_status auth_login_respond(const auth_login_answer *answer, auth_buf *out,
                                        auth_error *err) AUTH_MUST_CHECK;

/* Verdicts */

/* What an application says with each login. Set now and audience; zero is a good value for all
 * else.
 */
typedef struct auth_login_input {
    auth_time now;
    const char *audience; /* as for the challenge; for a TLS peer the application's name */
    /* One of the two, for auth_login_verify: */
    auth_bytes challenge_key;    /* as for the challenge */
    auth_bytes stored_challenge; /* the text that the application stored for this session */
    auth_bytes session;          /* as for the challenge */
    const char *language;        /* of the sentence; NULL: English */
    auth_bytes pairwise_key;     /* the application's own secret, AUTH_LOGIN_KEY_MIN octets or more;
                                    empty: no pseudonym */
    const auth_person_number *person; /* the login must be this person's; NULL: not asked */
    const auth_identity_proof *proof; /* what a binding that hides the number needs; or NULL */
    auth_bytes staple; /* of a TLS peer: the OCSP response that came with the handshake */
} auth_login_input;

typedef enum auth_person_match {
    AUTH_PERSON_MATCH_NOT_ASKED = 0,
    AUTH_PERSON_MATCH_YES,
    AUTH_PERSON_MATCH_NO,       /* the login is refused */
    AUTH_PERSON_MATCH_UNPROVEN, /* likewise */
} auth_person_match;

#define AUTH_LOGIN_TEXT_SIZE 256
/* Room for a pairwise pseudonym: 64 hex digits and a NUL. */
#define AUTH_PAIRWISE_SIZE 65

typedef struct auth_login_verdict {
    bool is_accepted;
    auth_login_outcome outcome;
    auth_login_reason reason;
    const char *sentence; /* for the person who logs in, in the language asked for; static */
    char detail[AUTH_LOGIN_TEXT_SIZE]; /* for a log, in English: the rule, exactly; or "" */
    auth_verdict_reason chain_reason;  /* what validation said of the chain */

    /* Who: filled when is_accepted only. */
    auth_identity_binding binding; /* how the certificate is bound to a person */
    auth_person_match person_match;
    char display_name[AUTH_LOGIN_TEXT_SIZE]; /* the common name, person numbers masked */
    char pseudonym[AUTH_PAIRWISE_SIZE];      /* to be stored instead of the person; or "" */
    bool is_pseudonym_lasting; /* it stays the same with the next certificate of this person */
    auth_assurance assurance;

    /* By whose word: filled when the chain was found good. */
    char authority[AUTH_LOGIN_TEXT_SIZE];  /* the issuer's name */
    char serial[AUTH_VERDICT_SERIAL_SIZE]; /* of the certificate, hex */
    auth_time certificate_until;           /* the last second of its chain */

    /* Revocation. */
    auth_login_source source;
    auth_revocation_source evidence; /* OCSP or CRL */
    auth_time status_from;           /* thisUpdate; 0: nothing told */
    auth_time status_until;          /* nextUpdate; 0: it does not say */
    int64_t status_age_s;            /* now - status_from; -1: nothing told */
    auth_time revoked_at;            /* with REVOKED and SUSPENDED */
    auth_revocation_reason revocation_reason;

    /* The policy that was applied. */
    char policy[AUTH_LOGIN_NAME_SIZE];
    auth_login_mode mode;
    uint32_t max_age_s; /* 0: none */
    bool is_soft;       /* the audience is one of the policy's soft_audiences */
} auth_login_verdict;

/**
 * Judge a response to a challenge.
 *
 * *out is always filled, on a fault with the reason FAULT. A login that is not accepted is no
 * error. What costs nothing is looked at first, and no status is asked for before the signature
 * verified.
 *
 * Errors: AUTH_STATUS_INVALID for an input that cannot be (time, audience, keys);
 * AUTH_STATUS_MEMORY; AUTH_STATUS_CRYPTO; faults of the callbacks. Source: RFC 7515, RFC 8725, RFC
 * 5280 section 6, RFC 6960.
 */
AUTH_API auth_status auth_login_verify(auth_verifier *verifier, const auth_login_input *input,
                                       auth_bytes response, auth_login_verdict *out,
                                       auth_error *err) AUTH_MUST_CHECK;

/**
 * Judge a TLS client: its certificates, DER, its own first, as they came with a handshake in which
 * it proved possession of the key. chain_len may be 0: the reason is then NO_CERTIFICATE.
 *
 * *out is as with auth_login_verify. Challenges and keys to them are not looked at.
 *
 * Errors: as auth_login_verify.
 */
AUTH_API auth_status auth_peer_verify(auth_verifier *verifier, const auth_login_input *input,
                                      const auth_bytes *chain, size_t chain_len,
                                      auth_login_verdict *out, auth_error *err) AUTH_MUST_CHECK;

/* Without waiting */

typedef struct auth_login_pending auth_login_pending;

/*
 * What is called when a login that could not be judged at once was: from auth_fetcher_step, in its
 * thread, once. verdict and err are borrowed; status and err are as of auth_login_verify. It may
 * begin another login; it must not free the verifier or the fetcher.
 */
typedef void auth_login_done(void *context, auth_status status, const auth_login_verdict *verdict,
                             const auth_error *err);

/**
 * Judge a response to a challenge without waiting for a status, for programs with an event loop.
 * The verifier must have been made with auth_fetcher_ask.
 *
 * When everything is at hand *out is filled, *pending is NULL and done is not called. Otherwise the
 * call returns AUTH_STATUS_UNKNOWN, *out is a fault, and the verdict is given to done; the event
 * loop waits for auth_fetcher_descriptor and calls auth_fetcher_step. When another thread steps,
 * done may have been called, and *pending freed, before the call returns.
 *
 * Ownership: what input points to and the response are borrowed until done is called or
 * auth_login_cancel; *pending is freed by either.
 * Errors: AUTH_STATUS_UNKNOWN: done will be called; AUTH_STATUS_INVALID for a verifier that was
 * made with another source; else as auth_login_verify.
 */
AUTH_API auth_status auth_login_begin(auth_verifier *verifier, const auth_login_input *input,
                                      auth_bytes response, auth_login_done *done, void *context,
                                      auth_login_pending **pending, auth_login_verdict *out,
                                      auth_error *err) AUTH_MUST_CHECK;

/**
 * Judge a TLS client without waiting for a status. The chain is borrowed for the call only.
 *
 * Errors: as auth_login_begin.
 */
AUTH_API auth_status auth_peer_begin(auth_verifier *verifier, const auth_login_input *input,
                                     const auth_bytes *chain, size_t chain_len,
                                     auth_login_done *done, void *context,
                                     auth_login_pending **pending, auth_login_verdict *out,
                                     auth_error *err) AUTH_MUST_CHECK;

/**
 * Forget a login that is not judged yet, and free it; done is not called. Only in the thread that
 * steps the fetcher. NULL is fine.
 */
AUTH_API void auth_login_cancel(auth_login_pending *pending);

/**
 * Judge a TLS client by the text of a header in which a proxy passes its certificate on: PEM, plain
 * or percent-encoded as nginx's $ssl_client_escaped_cert. "+" stands for itself.
 *
 * Only for headers that the proxy sets itself and never passes through.
 *
 * An empty text gives NO_CERTIFICATE, one that is no certificate MALFORMED.
 *
 * Errors: as auth_login_verify.
 */
AUTH_API auth_status auth_peer_verify_header(auth_verifier *verifier, const auth_login_input *input,
                                             auth_bytes header, auth_login_verdict *out,
                                             auth_error *err) AUTH_MUST_CHECK;

AUTH_END_DECLS

#endif
