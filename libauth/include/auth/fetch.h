/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_fetch
 * @brief the status of a certificate, from caches and from the network
 *
 * A fetcher is made once and shared by all threads. It is asked about one certificate of a known
 * issuer at a time and looks in this order: an answer that came along (a staple), the memory of the
 * process, the cache of the host, the OCSP responder and the CRL that the certificate names, a file
 * of CRLs on this host. It gives what the evidence says, the evidence itself, and how old it is.
 *
 * The invariant: no status is given that was not verified in this process, with the issuer's key,
 * for this certificate, and that is not as fresh as the question demands. What a file or a server
 * says is never believed for itself.
 *
 * The network is an adversary. Addresses in a certificate are used only for hosts that the options
 * name, only over http and https, without redirects, proxies, cookies, passwords or compression; a
 * host stands for a public address unless it was said that it need not. Time, size and number of
 * transfers are bounded. One transfer at a time is made for a status or a list: who asks meanwhile
 * waits for the same one. A host that does not answer is left alone for a while that doubles.
 *
 * It does not validate chains, and it does not look up the status of responders' certificates: an
 * answer by one without ocsp-nocheck is not accepted. The issuer is believed to be what the caller
 * says: validate it first.
 *
 * Waiting: auth_fetch_status waits. An event loop uses auth_fetch_begin, waits on
 * auth_fetcher_descriptor among its own, and calls auth_fetcher_step.
 *
 * Threads: a fetcher may be used by several at once. auth_fetcher_new calls curl_global_init, which
 * libcurl from 7.84 on allows beside other threads.
 *
 * Fork: a fetcher belongs to the process that made it. A child makes its own; in it, the parent's
 * gives AUTH_STATUS_INVALID and may not be freed.
 */
#ifndef AUTH_FETCH_H
#define AUTH_FETCH_H

#include <auth/ocsp.h>
#include <auth/validate.h>

AUTH_BEGIN_DECLS

/* How a search ended, from auth/fetch_outcome.def. */
typedef enum auth_fetch_outcome {
#define AUTH_FETCH_OUTCOME_ROW(id, number, name, status, text, remedy)                             \
    AUTH_FETCH_OUTCOME_##id = (number),
#include <auth/fetch_outcome.def>
} auth_fetch_outcome;

/* Where a status comes from, from auth/fetch_source.def. */
typedef enum auth_fetch_source {
#define AUTH_FETCH_SOURCE_ROW(id, number, name, text) AUTH_FETCH_SOURCE_##id = (number),
#include <auth/fetch_source.def>
} auth_fetch_source;

/* The bit of a source in auth_fetch_request.sources. */
#define AUTH_FETCH_FROM(source) (1U << (unsigned)(source))

/**
 * Tell the name of an outcome, as in JSON and logs: "slow". A number that is not in the table gives
 * "fault".
 *
 * Ownership: the text is static, as are those of the next three.
 */
AUTH_API const char *auth_fetch_outcome_name(auth_fetch_outcome outcome);

/**
 * Tell what an outcome means, in English.
 */
AUTH_API const char *auth_fetch_outcome_text(auth_fetch_outcome outcome);

/**
 * Tell what to do, in English.
 */
AUTH_API const char *auth_fetch_outcome_remedy(auth_fetch_outcome outcome);

/**
 * Tell the name of a source: "shared". A number that is not in the table gives "none".
 */
AUTH_API const char *auth_fetch_source_name(auth_fetch_source source);

/* Bounds of the options. */
#define AUTH_FETCH_HOSTS_MAX 256
#define AUTH_FETCH_HOST_NAME_MAX 253
#define AUTH_FETCH_URI_MAX 1024
#define AUTH_FETCH_TIMEOUT_MAX_MS 60000
#define AUTH_FETCH_CONCURRENCY_MAX 256
#define AUTH_FETCH_QUEUE_MAX 4096 /* searches under way at once */
#define AUTH_FETCH_MEMORY_MAX ((size_t)1 << 20)

/* A host that addresses in certificates may name. */
typedef struct auth_fetch_host {
    /*
     * "ocsp.example.cn", "ocsp.example.cn:8080", "192.0.2.1:80" or "[2001:db8::1]:80". Without a
     * port: 80 for http and 443 for https, and no other.
     */
    const char *name;
    /* It may stand for an address that is not public: loopback, private, link-local and so on. */
    bool may_be_private;
} auth_fetch_host;

/* How to fetch. Zero is a good value for all but hosts, without which nothing is fetched. */
typedef struct auth_fetch_options {
    const auth_fetch_host *hosts;
    size_t host_count;
    uint32_t connect_timeout_ms; /* 0: 2000; at most AUTH_FETCH_TIMEOUT_MAX_MS, as the next */
    uint32_t timeout_ms;         /* of a transfer whole; 0: 5000 */
    uint32_t concurrency;        /* connections; 0: 16; at most AUTH_FETCH_CONCURRENCY_MAX */
    uint32_t host_concurrency;   /* connections to one host; 0: 8 */
    uint32_t ocsp_max;           /* octets of an answer; 0: AUTH_OCSP_RESPONSE_MAX, the most */
    uint32_t crl_max;      /* of a list; 0: 16 MiB; at most AUTH_CRL_MAX; four times that is kept */
    uint32_t retry_ms;     /* how long a host that failed is left alone first; 0: 1000 */
    uint32_t retry_max_ms; /* and at most; 0: 60000 */
    size_t memory_entries; /* statuses kept in memory; 0: 4096; at most AUTH_FETCH_MEMORY_MAX */
    auth_ocsp_hash ocsp_hash; /* of the CertID in questions; AUTH_OCSP_HASH_OTHER: SHA-256 */
    /*
     * A file of CRLs, PEM or DER one after the other, that is looked into when nothing else tells
     * of a certificate. It need not be there yet, is read again when it has changed, and is to be
     * replaced by renaming. At most four times crl_max octets. NULL: none.
     */
    const char *snapshot;
    const char *tls_ca_file; /* PEM, anchors for https; NULL: the system's */
    /*
     * The folder of the file "status.cache", and of lists beside it, which all fetchers of the host
     * that name it share: the user's own, closed to others; it is made when it is not there. NULL:
     * nothing is shared.
     */
    const char *cache_folder;
    /*
     * The folder is shared by the processes of a group, which is closed to others. None of them can
     * make another believe a status; each can make the others forget, and end them by cutting the
     * file.
     */
    bool cache_is_group;
    size_t cache_entries; /* of a cache that is made; 0: 4096, which take 16 MiB; at most
                             AUTH_FETCH_MEMORY_MAX */
    /*
     * The program steps the fetcher from an event loop. Otherwise, what is renewed while nobody
     * waits for it is done by a thread that ends with the last transfer.
     */
    bool has_loop;
} auth_fetch_options;

typedef struct auth_fetcher auth_fetcher;

/**
 * Make a fetcher.
 *
 * Ownership: gives *out, to be freed with auth_fetcher_free; copies options.
 * Errors: AUTH_STATUS_INVALID naming the option; AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO; AUTH_STATUS_DENIED for a cache folder or file of another owner or open to
 * others; AUTH_STATUS_UNAVAILABLE when another process does not finish making the cache;
 * AUTH_STATUS_IO for the cache, or when there are no descriptors left.
 */
AUTH_API auth_status auth_fetcher_new(const auth_fetch_options *options, auth_fetcher **out,
                                      auth_error *err) AUTH_MUST_CHECK;

/**
 * Free a fetcher. NULL is fine.
 *
 * Searches that are under way end without their function being called. No thread may use the
 * fetcher any more; what it gave, an auth_fetched, may live on.
 */
AUTH_API void auth_fetcher_free(auth_fetcher *fetcher);

/* What is asked. Set certificate, issuer and now; zero is a good value for all else. */
typedef struct auth_fetch_request {
    auth_bytes certificate; /* DER */
    auth_bytes issuer;      /* DER of its issuer, which the caller has validated */
    auth_bytes staple;      /* an OCSPResponse that came along; empty: none */
    auth_time now;
    unsigned sources; /* bits AUTH_FETCH_FROM(source) of where may be looked; 0: everywhere */
    /*
     * Knowledge older than this (now less thisUpdate) is not given. 0: as long as its nextUpdate
     * says. A revocation that is final holds at any age.
     */
    uint32_t max_age_seconds;
    /*
     * Knowledge older than this is still given, within max_age_seconds and its nextUpdate, while
     * newer is fetched behind the scenes. 0: it is given until then without fetching.
     */
    uint32_t renew_after_seconds;
} auth_fetch_request;

typedef struct auth_fetched auth_fetched;

/* What was found. */
typedef struct auth_fetch_result {
    auth_fetch_outcome outcome;  /* the rest is set when it is AUTH_FETCH_OUTCOME_FOUND */
    auth_fetch_source source;    /* where it was found */
    auth_revocation_source kind; /* what it is: OCSP or CRL */
    auth_ocsp_status status;
    auth_time revoked;             /* when it is revoked */
    auth_revocation_reason reason; /* likewise */
    auth_time this_update;         /* now less this is the age of the knowledge */
    auth_time next_update;         /* 0: it does not say */
    bool is_renewing;              /* newer knowledge is being fetched */
    auth_fetched *fetched;         /* the evidence; to be freed with auth_fetched_free */
} auth_fetch_result;

/**
 * Look for the status of a certificate, and wait for it no longer than the options allow: each
 * transfer has timeout_ms, and there is one for each source that is asked.
 *
 * *out is always filled. When the status is not found, out->outcome tells how the first source that
 * was asked failed, and the error of all.
 *
 * Ownership: gives out->fetched.
 * Errors: what the row of out->outcome in auth/fetch_outcome.def says; AUTH_STATUS_MALFORMED,
 * AUTH_STATUS_INVALID or AUTH_STATUS_LIMIT, with the outcome FAULT, for a certificate or an issuer
 * that cannot be read, or a fetcher that another process made; AUTH_STATUS_MEMORY;
 * AUTH_STATUS_CRYPTO; AUTH_STATUS_IO.
 */
AUTH_API auth_status auth_fetch_status(auth_fetcher *fetcher, const auth_fetch_request *request,
                                       auth_fetch_result *out, auth_error *err) AUTH_MUST_CHECK;

typedef struct auth_fetch auth_fetch;

/**
 * What is called when a search that auth_fetch_begin started has ended: from auth_fetcher_step, in
 * its thread, once. It may begin another search; it must not free the fetcher.
 *
 * result is the function's: it frees result->fetched. status and err are as of auth_fetch_status;
 * err is borrowed. The search is freed when the function returns.
 */
typedef void (*auth_fetch_done)(void *context, auth_status status, auth_fetch_result *result,
                                const auth_error *err);

/**
 * Begin to look for the status of a certificate, without waiting.
 *
 * When it is at hand *out is filled, *search is NULL, and done is not called. Otherwise *search
 * stands for what is under way, out->outcome is AUTH_FETCH_OUTCOME_FAULT until done is called with
 * another, and the call returns AUTH_STATUS_UNKNOWN. When another thread steps, done may have been
 * called, and *search freed, before the call returns.
 *
 * Ownership: *search belongs to the fetcher, until done is called or auth_fetch_cancel. context is
 * borrowed as long.
 * Errors: AUTH_STATUS_UNKNOWN: done will be called; else as auth_fetch_status.
 */
AUTH_API auth_status auth_fetch_begin(auth_fetcher *fetcher, const auth_fetch_request *request,
                                      auth_fetch_done done, void *context, auth_fetch **search,
                                      auth_fetch_result *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * End a search without its function being called. The transfer goes on when others wait for it.
 * Only in the thread that steps the fetcher: another cannot know whether the search has ended.
 */
AUTH_API void auth_fetch_cancel(auth_fetcher *fetcher, auth_fetch *search);

/**
 * Tell the descriptor that becomes readable when auth_fetcher_step has something to do, timers
 * included: for poll, select or epoll. It is an epoll descriptor; nothing but waiting is done with
 * it.
 */
AUTH_API int auth_fetcher_descriptor(const auth_fetcher *fetcher);

/**
 * Do what can be done without waiting, and call the functions of the searches that have ended.
 *
 * Errors: AUTH_STATUS_INVALID in a process that did not make the fetcher; AUTH_STATUS_IO.
 */
AUTH_API auth_status auth_fetcher_step(auth_fetcher *fetcher, auth_error *err) AUTH_MUST_CHECK;

/**
 * View the evidence that a status was read from, as auth_validate takes it. It does not change and
 * may be used by several threads.
 *
 * Ownership: borrows; valid until fetched is freed.
 */
AUTH_API const auth_evidence *auth_fetched_evidence(const auth_fetched *fetched);

/**
 * Give evidence back. NULL is fine.
 */
AUTH_API void auth_fetched_free(auth_fetched *fetched);

AUTH_DEFINE_CLEANUP(auth_fetcher)
AUTH_DEFINE_CLEANUP(auth_fetched)

AUTH_END_DECLS

#endif
