/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_verifier
 * @brief what an application makes once to verify logins: trust, policy, sources of status
 *
 * A verifier holds the trust anchors, the authorities that may issue for this kind of login, the
 * written policy about revocation, and a source of statuses. auth/login.h asks it for verdicts. It
 * remembers the issuers and certificates that it validated, and the challenges that were answered,
 * all within bounds, so that a login with a certificate that it knows costs one signature check.
 *
 * The invariant: what it remembers never makes a verdict better. Validity, revocation and policy
 * are looked at anew with every login; only signatures that verified once are not verified again.
 *
 * It opens no file or socket and reads no clock by itself: statuses come from a callback
 * (auth_fetcher_ask is one for OCSP and CRLs over HTTP), and now is an argument.
 *
 * A verifier may be used by several threads at once. After a fork it may be used in parent and
 * child; each then remembers challenges for itself, so that a replay across the two is told only by
 * a common memory (auth_verifier_options.remember).
 */
#ifndef AUTH_VERIFIER_H
#define AUTH_VERIFIER_H

#include <auth/fetch.h>
#include <auth/replay.h>

AUTH_BEGIN_DECLS

/* What a policy asks of knowledge about revocation, from auth/login_mode.def. */
typedef enum auth_login_mode {
#define AUTH_LOGIN_MODE_ROW(id, number, name, text) AUTH_LOGIN_MODE_##id = (number),
#include <auth/login_mode.def>
} auth_login_mode;

/* Where knowledge about revocation comes from, from auth/login_source.def. */
typedef enum auth_login_source {
#define AUTH_LOGIN_SOURCE_ROW(id, number, name, text) AUTH_LOGIN_SOURCE_##id = (number),
#include <auth/login_source.def>
} auth_login_source;

/* How surely a holder was identified, from auth/assurance.def, lowest first. */
typedef enum auth_assurance {
#define AUTH_ASSURANCE_ROW(id, number, name, text) AUTH_ASSURANCE_##id = (number),
#include <auth/assurance.def>
} auth_assurance;

/**
 * Tell the name of a mode: "strict". A number that is not in the table gives "".
 *
 * Ownership: the text is static, as are those of the next two.
 */
AUTH_API const char *auth_login_mode_name(auth_login_mode mode);

/**
 * Tell the name of a source: "staple". A number that is not in the table gives "none".
 */
AUTH_API const char *auth_login_source_name(auth_login_source source);

/**
 * Tell the name of a level of assurance: "high". A number that is not in the table gives
 * "unstated".
 */
AUTH_API const char *auth_assurance_name(auth_assurance level);

/* Bounds of a policy. */
#define AUTH_LOGIN_NAME_SIZE 64      /* room for its name with a NUL */
#define AUTH_LOGIN_AUDIENCE_SIZE 256 /* room for an audience with its NUL */
#define AUTH_LOGIN_SOFT_MAX 16       /* audiences in soft_audiences */
#define AUTH_LOGIN_SOURCES_MAX 5     /* sources, each once */
#define AUTH_LOGIN_LEVELS_MAX 16     /* policies that are mapped to levels */
#define AUTH_LOGIN_SKEW_MAX 3600     /* seconds that clocks may differ */
#define AUTH_LOGIN_AGE_MAX 31622400  /* seconds of max_age_s: 366 days */

/* One line of the table that makes an assurance level of a certificate policy. */
typedef struct auth_login_level {
    char policy[80]; /* OID, dotted */
    auth_assurance level;
} auth_login_level;

/*
 * A policy, written down: docs/login.md tells what each member means. A plain value; make it with
 * auth_login_policy_default or auth_login_policy_parse.
 */
typedef struct auth_login_policy {
    char name[AUTH_LOGIN_NAME_SIZE]; /* stands in every verdict */
    auth_login_mode mode;
    uint32_t max_age_s; /* with MAX_AGE: how old knowledge about the holder may be */
    uint32_t clock_skew_s;
    bool ignores_authorities; /* the status of authorities is not asked for */
    bool asks_person_number;  /* the application is entitled to compare person numbers */
    auth_assurance min_assurance;
    size_t source_count;
    auth_login_source sources[AUTH_LOGIN_SOURCES_MAX]; /* in the order in which they are asked */
    size_t soft_count;
    char soft_audiences[AUTH_LOGIN_SOFT_MAX][AUTH_LOGIN_AUDIENCE_SIZE]; /* with SOFT only */
    size_t level_count;
    auth_login_level levels[AUTH_LOGIN_LEVELS_MAX];
} auth_login_policy;

/**
 * Give the policy for who does not write one: "default", strict, every source in the order staple,
 * cache, ocsp, crl, snapshot, clocks that may differ by 60 seconds, no person numbers.
 */
AUTH_API auth_login_policy auth_login_policy_default(void);

/**
 * Read a policy: JSON as in docs/login.md and schemas/login-policy.schema.json.
 *
 * Errors: AUTH_STATUS_MALFORMED when it is no JSON; AUTH_STATUS_INVALID with the JSON path of what
 * breaks a rule; AUTH_STATUS_LIMIT above 64 KiB; AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_login_policy_parse(auth_bytes json, auth_login_policy *out,
                                             auth_error *err) AUTH_MUST_CHECK;

/* The bit of a source in a set of them. */
#define AUTH_LOGIN_SOURCE_BIT(source) (1U << (unsigned)(source))

/* What a source of statuses is asked. All is borrowed for the time of the call. */
typedef struct auth_status_question {
    auth_bytes certificate; /* DER, of a chain that was validated */
    auth_bytes issuer;      /* DER, of its authority */
    auth_time now;
    uint32_t max_age_s;    /* how old knowledge may be; 0: until its nextUpdate */
    uint32_t clock_skew_s; /* how far clocks may differ */
    size_t source_count;   /* the sources that may be asked, in this order, which is that of their
                              numbers; never STAPLE */
    auth_login_source sources[AUTH_LOGIN_SOURCES_MAX];
} auth_status_question;

typedef enum auth_status_state {
    AUTH_STATUS_STATE_NONE = 0, /* nothing was told; see auth_status_knowledge.problem */
    AUTH_STATUS_STATE_GOOD,
    AUTH_STATUS_STATE_REVOKED,
    AUTH_STATUS_STATE_SUSPENDED,
    AUTH_STATUS_STATE_NEVER_ISSUED, /* the authority does not know the serial number */
} auth_status_state;

/* Why a source tells nothing. */
typedef enum auth_status_problem {
    AUTH_STATUS_PROBLEM_NONE = 0,    /* there is no source to ask, or none knows */
    AUTH_STATUS_PROBLEM_STALE,       /* out of date, too old, or of the future */
    AUTH_STATUS_PROBLEM_UNTRUSTED,   /* signed by somebody who may not */
    AUTH_STATUS_PROBLEM_MISMATCH,    /* about another certificate */
    AUTH_STATUS_PROBLEM_MALFORMED,   /* not of its form, or an error of the responder */
    AUTH_STATUS_PROBLEM_DOWN,        /* cannot be reached, or failed */
    AUTH_STATUS_PROBLEM_SLOW,        /* did not answer in time */
    AUTH_STATUS_PROBLEM_TOO_LARGE,   /* answered more than is taken */
    AUTH_STATUS_PROBLEM_NOT_ALLOWED, /* stands where nothing may be fetched from */
} auth_status_problem;

#define AUTH_STATUS_DETAIL_SIZE 160

/* What is known about a certificate's revocation. */
typedef struct auth_status_knowledge {
    auth_status_state state;
    auth_status_problem problem; /* with NONE */
    auth_login_source source;
    auth_revocation_source evidence; /* an OCSP response or a CRL */
    auth_time this_update;
    auth_time next_update; /* 0: it does not say */
    auth_time revoked_at;  /* with REVOKED and SUSPENDED */
    auth_revocation_reason reason;
    char detail[AUTH_STATUS_DETAIL_SIZE]; /* for a log: what the problem was */
} auth_status_knowledge;

/*
 * Tells what is known about a certificate. The source answers for it: signatures were verified, the
 * evidence is current at question->now and not older than question->max_age_s. To know nothing is
 * no error: state is then NONE, with a problem. It is called by several threads at once.
 */
typedef auth_status auth_status_ask(void *context, const auth_status_question *question,
                                    auth_status_knowledge *out, auth_error *err);

/* Octets by which a challenge is remembered. */
#define AUTH_CHALLENGE_HASH_SIZE 32

typedef enum auth_remembered {
    AUTH_REMEMBERED_FRESH = 0, /* not seen before, and remembered from now on */
    AUTH_REMEMBERED_REPLAY,    /* seen before */
    AUTH_REMEMBERED_FULL,      /* there is no room: the login is refused */
} auth_remembered;

/*
 * Remembers that a challenge was answered, until expires, and tells whether it was before: one of
 * several callers at the same time is told FRESH.
 */
typedef auth_status auth_challenge_remember(void *context,
                                            const uint8_t hash[AUTH_CHALLENGE_HASH_SIZE],
                                            auth_time now, auth_time expires, auth_remembered *out,
                                            auth_error *err);

/**
 * Ask a fetcher: an auth_status_ask whose context is an auth_fetcher.
 *
 * Knowledge that has half of max_age_s behind it is renewed behind the scenes.
 *
 * Errors: faults of auth_fetch_status, and AUTH_STATUS_INVALID in a process that did not make the
 * fetcher.
 */
AUTH_API auth_status auth_fetcher_ask(void *fetcher, const auth_status_question *question,
                                      auth_status_knowledge *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Remember challenges in a replay memory: an auth_challenge_remember whose context is an
 * auth_replay, which the processes of a host can share.
 *
 * Errors: faults of auth_replay_check.
 */
AUTH_API auth_status auth_replay_remember(void *replay,
                                          const uint8_t hash[AUTH_CHALLENGE_HASH_SIZE],
                                          auth_time now, auth_time expires, auth_remembered *out,
                                          auth_error *err) AUTH_MUST_CHECK;

typedef struct auth_verifier auth_verifier;

/* What a verifier is made of; zero is a good value for all but anchors and purpose. */
typedef struct auth_verifier_options {
    const auth_bytes *anchors; /* trust anchors, DER */
    size_t anchor_count;
    /*
     * The authorities that issue for this kind of login, DER: with any, nothing that another
     * authority issued is accepted, even when its chain ends in the same anchor. Staff and citizens
     * of one realm are told apart by this.
     */
    const auth_bytes *authorities;
    size_t authority_count;
    auth_purpose purpose;            /* CITIZEN_LOGIN, OFFICER or DAEMON */
    const auth_login_policy *policy; /* copied; NULL: auth_login_policy_default */
    auth_status_ask *ask;            /* auth_fetcher_ask; NULL: nothing but staples tells */
    void *ask_context;
    auth_challenge_remember *remember; /* auth_replay_remember; NULL: the verifier's own memory, for
                                          this process */
    void *remember_context;
    size_t holders_max;    /* certificates that are remembered; 0: 4,096 */
    size_t challenges_max; /* challenges that the own memory holds; 0: 65,536 */
} auth_verifier_options;

/**
 * Make a verifier. Each holder that is remembered takes about 2 KiB.
 *
 * Ownership: gives *out, to be freed with auth_verifier_free; copies certificates and policy;
 * ask_context and remember_context must live as long.
 * Errors: AUTH_STATUS_INVALID for another purpose, a policy that breaks a rule or a bound that is
 * too large; else as auth_trust_new.
 */
AUTH_API auth_status auth_verifier_new(const auth_verifier_options *options, auth_verifier **out,
                                       auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a verifier. NULL is fine. No other thread may use it.
 */
AUTH_API void auth_verifier_free(auth_verifier *verifier);

/**
 * View the policy of a verifier.
 *
 * Ownership: borrows; valid until the verifier is freed.
 */
AUTH_API const auth_login_policy *auth_verifier_policy(const auth_verifier *verifier);

AUTH_DEFINE_CLEANUP(auth_verifier)

AUTH_END_DECLS

#endif
