/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A load generator for OCSP responders that believes nothing: of every answer it checks signature,
 * CertID, nonce, status and times. Its one invariant: an answer is counted for the question that
 * was asked at its place on its connection, or as wrong.
 *
 * The load is open: questions are due at their time, whether or not earlier ones were answered, and
 * what a question waits for a connection counts as waiting for its answer. With rate 0 it is
 * closed: as many questions as connections have room for.
 */
#ifndef LOAD_LOAD_H
#define LOAD_LOAD_H

#include <auth/cert.h>
#include <auth/ocsp.h>
#include <stdio.h>
#include <sys/socket.h>

#define LOAD_NONCE 32
#define LOAD_DEPTH_MAX 32
#define LOAD_EXCHANGES_MAX 100000000

/* What is asked, how and how often: the options of main.c. */
typedef struct load_plan {
    const char *path; /* "/ocsp" */
    double rate;      /* questions a second; 0: a closed load */
    uint64_t count;   /* that many questions, or */
    double seconds;   /* as many as there are in this time; 0: the count alone */
    unsigned connections;
    unsigned depth;       /* questions on the way on one connection */
    unsigned get_percent; /* by GET */
    unsigned nonce_percent;
    unsigned expect_percent; /* of POST, with Expect: 100-continue */
    auth_ocsp_hash hash;
    bool is_random;       /* serial numbers are drawn, not asked about in their order */
    bool is_checked_late; /* when the load is over, so that checking takes nothing from it */
    unsigned patience_ms; /* an answer that takes longer is not waited for */
} load_plan;

/* What became of a question. */
typedef enum load_outcome {
    LOAD_GOOD,
    LOAD_REVOKED,
    LOAD_SUSPENDED,
    LOAD_UNKNOWN,
    LOAD_TRY_LATER,   /* by OCSP, or 503 */
    LOAD_OTHER_ERROR, /* of OCSP or HTTP */
    LOAD_CUT,         /* the connection ended before an answer */
    LOAD_SILENT,      /* none came in time */
    LOAD_WRONG,       /* an answer that a client must not believe */
    LOAD_OUTCOMES,
} load_outcome;

const char *load_outcome_name(load_outcome outcome);

/* A question on its way. Times are of CLOCK_REALTIME, in microseconds. */
typedef struct load_question {
    uint32_t serial; /* its place in load_targets */
    bool has_nonce;
    uint8_t nonce[LOAD_NONCE];
    int64_t due_us;
    int64_t asked_us;
} load_question;

/* Whom is asked about what. */
typedef struct load_target {
    uint8_t octets[AUTH_SERIAL_MAX];
    size_t len;
    auth_buf *last; /* the answer that was checked last */
    load_outcome last_outcome;
    auth_ocsp_answer last_says;
} load_target;

typedef struct load_targets {
    struct sockaddr_storage address;
    socklen_t address_len;
    auth_ocsp_issuer *issuer;
    load_target *rows;
    uint32_t count;
} load_targets;

/* Ends the program with a message. */
void load_die(const char *format, ...) AUTH_PRINTF(1, 2) __attribute__((noreturn));

/* Takes what must not fail here. */
void load_must(auth_status status, const auth_error *err);

int64_t load_now_us(void);

/* Reads a file with hex of serial numbers, one a line, and the issuer's certificate, DER. */
void load_targets_read(const char *serials, const char *issuer, load_targets *out);
void load_targets_clear(load_targets *of);

/* question.c: appends the HTTP request of a question to out. */
void load_question_write(const load_plan *plan, const load_targets *targets,
                         const load_question *question, bool is_get, bool expects, auth_buf *out);

/* An answer of HTTP, borrowed from the buffer in which it was read. */
typedef struct load_answer {
    int http_status;
    bool is_ocsp; /* by its Content-Type */
    bool closes;
    auth_bytes body;
} load_answer;

/*
 * reply.c: reads the answer that buffer begins with; interim answers in front are passed over.
 * Returns how many octets it takes, 0 when it is not there as a whole, and ends the program when
 * it is none.
 */
size_t load_reply_read(auth_bytes buffer, load_answer *out);

/*
 * check.c: what an answer to a question is worth. *says is set for a status. why, of an error that
 * the caller shows, is set for LOAD_WRONG.
 */
load_outcome load_check(const load_plan *plan, load_targets *targets, const load_question *question,
                        const load_answer *answer, int64_t answered_us, auth_ocsp_answer *says,
                        auth_error *why);

/* report.c: counts, times, and the record for 'auth fsck --answers'. */
typedef struct load_report load_report;

load_report *load_report_new(const load_plan *plan, load_targets *targets, FILE *record);
void load_report_free(load_report *of);

/* Takes an answer, to be checked now or later; NULL with the outcome CUT or SILENT for none. */
void load_report_take(load_report *to, const load_question *question, const load_answer *answer,
                      load_outcome none);

/* How many questions have come to an end. */
uint64_t load_report_done(const load_report *of);

/* Checks what waits and prints one line of JSON. False when an answer was wrong. */
bool load_report_print(load_report *of, double seconds, uint64_t unasked, unsigned reconnects);

/* drive.c: asks all of it. Returns how many questions were due and never asked. */
uint64_t load_drive(const load_plan *plan, const load_targets *targets, load_report *report,
                    double *seconds, unsigned *reconnects);

#endif
