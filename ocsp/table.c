/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of auth-ocsp: options, metrics, routes. */
#include "service.h"

/* A longer body is refused before it is read; up to here OCSP itself says what is wrong. */
#define BODY_MAX 16384
#define REQUEST_TYPE "application/ocsp-request"

static const char *const sources[] = {"cached",    "signed",       "malformed", "internal",
                                      "try-later", "unauthorized", NULL};
static const char *const statuses[] = {"good", "revoked", "unknown", "never-issued", NULL};

const daemon_metric ocsp_service_metrics[] = {
    [OCSP_METRIC_ANSWERS] = {DAEMON_METRIC_COUNTER, "auth_ocsp_answers_total",
                             "Answers, by where they came from or what they refuse.", "source",
                             sources},
    [OCSP_METRIC_STATUSES] = {DAEMON_METRIC_COUNTER, "auth_ocsp_statuses_total",
                              "Statuses that were signed.", "status", statuses},
    [OCSP_METRIC_WAITING] = {DAEMON_METRIC_GAUGE, "auth_ocsp_waiting",
                             "Requests and refreshments in the waiting room.", NULL, NULL},
    [OCSP_METRIC_CACHED] = {DAEMON_METRIC_GAUGE, "auth_ocsp_cached_answers",
                            "Answers that are ready.", NULL, NULL},
    [OCSP_METRIC_CACHE_OCTETS] = {DAEMON_METRIC_GAUGE, "auth_ocsp_cache_octets",
                                  "Memory that ready answers take.", NULL, NULL},
    [OCSP_METRIC_EVICTED] = {DAEMON_METRIC_GAUGE, "auth_ocsp_evicted_answers",
                             "Ready answers that made room for others since the start.", NULL,
                             NULL},
    [OCSP_METRIC_ACTS] = {DAEMON_METRIC_COUNTER, "auth_ocsp_acts_total",
                          "Revocations, suspensions and resumptions that were followed.", NULL,
                          NULL},
    [OCSP_METRIC_LAG] = {DAEMON_METRIC_GAUGE, "auth_ocsp_lag_seconds",
                         "How far the registry that is asked is behind; -1: nobody can tell.", NULL,
                         NULL},
    [OCSP_METRIC_LINE_LOST] = {DAEMON_METRIC_COUNTER, "auth_ocsp_registry_failures_total",
                               "Tries to follow the registry that failed.", NULL, NULL},
    [OCSP_METRIC_RESPONDER_LEFT] = {DAEMON_METRIC_GAUGE, "auth_ocsp_responder_seconds",
                                    "Until the first responder's certificate ends.", NULL, NULL},
    DAEMON_METRIC_END,
};

static const char *const nonces[] = {"answer", "ignore", "refuse", NULL};
static const char *const never_issued[] = {"unknown", "revoked", NULL};

const daemon_option ocsp_service_options[] = {
    {.name = "realm", .type = DAEMON_PATH, .fallback = NULL, .help = N_("folder of the realm")},
    {.name = "registry",
     .type = DAEMON_TEXT,
     .fallback = "",
     .help = N_("connection string, without a user, of the registry or a replica of it; none: that "
                "of the realm")},
    {.name = "passphrase-file",
     .type = DAEMON_PATH,
     .fallback = "",
     .help = N_("file with the passphrase or PIN of the responders' keys")},
    {.name = "answer-life",
     .type = DAEMON_DURATION,
     .fallback = "1h",
     .min = 60000,
     .max = (int64_t)7 * 86400000,
     .help = N_("from thisUpdate to nextUpdate of an answer; half of it later it is made anew when "
                "it is asked for")},
    {.name = "http-cache",
     .type = DAEMON_DURATION,
     .fallback = "1min",
     .min = 0,
     .max = (int64_t)7 * 86400000,
     .help = N_("for how long HTTP caches on the way may keep an answer at the most")},
    {.name = "max-lag",
     .type = DAEMON_DURATION,
     .fallback = "10s",
     .min = 1000,
     .max = 3600000,
     .help = N_("how far a replica may be behind; beyond it nothing is signed")},
    {.name = "nonce",
     .type = DAEMON_CHOICE,
     .fallback = "answer",
     .choices = nonces,
     .help = N_("what becomes of a nonce: answered by a fresh signature, ignored, or refused as "
                "unauthorized")},
    {.name = "nonce-rate",
     .type = DAEMON_NUMBER,
     .fallback = "2000",
     .min = 0,
     .max = 1000000,
     .help = N_("nonces that are answered in a second; beyond it they are ignored")},
    {.name = "never-issued",
     .type = DAEMON_CHOICE,
     .fallback = "unknown",
     .choices = never_issued,
     .help = N_("what is said of a certificate that was never issued: unknown, or revoked (RFC "
                "6960 section 4.4.8)")},
    {.name = "cache-size",
     .type = DAEMON_SIZE,
     .fallback = "256MiB",
     .min = 0,
     .max = (int64_t)1 << 40,
     .help = N_("memory for answers that are ready")},
    {.name = "list-memory",
     .type = DAEMON_SIZE,
     .fallback = "256MiB",
     .min = 0,
     .max = (int64_t)1 << 40,
     .help = N_("memory for revocation lists")},
    {.name = "waiting-room",
     .type = DAEMON_NUMBER,
     .fallback = "1024",
     .min = 1,
     .max = 1000000,
     .help = N_("requests that wait for a signature; beyond it the answer is tryLater")},
    {.name = "signers",
     .type = DAEMON_NUMBER,
     .fallback = "0",
     .min = 0,
     .max = 12,
     .help = N_("threads that sign; 0: one for each processor")},
    DAEMON_OPTION_END,
};

/* clang-format off */
#define POST(path_of) \
    {.method = HTTP_POST, .path = path_of, .access = DAEMON_PUBLIC, .body_max = BODY_MAX, \
     .body_type = REQUEST_TYPE, .handle = ocsp_ask_by_post}
#define GET(path_of, may_wait, handler) \
    {.method = HTTP_GET, .path = path_of, .access = DAEMON_PUBLIC, .is_blocking = may_wait, \
     .handle = handler}

/* The addresses are those that the ready profiles write into certificates. */
const daemon_route ocsp_service_routes[] = {
    POST("/ocsp"),
    POST("/ocsp/"),
    POST("/"),
    GET("/ocsp/{request...}", false, ocsp_ask_by_get),
    GET("/crl/{issuer}/{list}", true, ocsp_fetch_list),
    GET("/authority/{file}", false, ocsp_fetch_certificate),
    GET("/", false, ocsp_fetch_page),
    GET("/ocsp", false, ocsp_fetch_page),
    GET("/ocsp/", false, ocsp_fetch_page),
    DAEMON_ROUTE_END,
};
/* clang-format on */
