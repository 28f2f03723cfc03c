/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HTTP server of a daemon: listeners, loops, connections, worker threads. Internal to daemon.
 *
 * Each loop is a thread with an epoll of its own; a connection belongs to one loop, and only that
 * touches it, but for what a worker thread has in its hands: then connection->out says so, and the
 * loop leaves the request (out HANDLE) or the chain and the verdict (out JUDGE) alone until the
 * worker has given it back.
 */
#ifndef DAEMON_SERVER_H
#define DAEMON_SERVER_H

#include "daemon/http_scan.h"
#include "daemon/log.h"
#include "daemon/metric.h"
#include "daemon/option.h"
#include "daemon/problem.h"
#include "daemon/request.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/uio.h>

typedef struct server server;
typedef struct loop loop;
typedef struct connection connection;
typedef struct tls_credentials tls_credentials;
typedef struct tls_session tls_session;

/* What may change while the server runs; read by all threads. */
typedef enum server_limit {
    LIMIT_IDLE_MS,     /* between two requests */
    LIMIT_HEAD_MS,     /* from the first octet of a head to its last; also for a handshake */
    LIMIT_REQUEST_MS,  /* from the first octet to the answer */
    LIMIT_WRITE_MS,    /* for each WRITE_STEP octets of an answer */
    LIMIT_CONNECTIONS, /* in all */
    LIMIT_PER_ADDRESS, /* from one IPv4 address or one /64 of IPv6 */
    LIMIT_WAITING,     /* long polls */
    LIMIT_QUEUED,      /* requests that wait for a worker */
    LIMIT_BODY_OCTETS, /* memory for bodies, all requests together */
    LIMIT_COUNT,
} server_limit;

#define WRITE_STEP ((size_t)65536)
#define REQUESTS_A_CONNECTION 100000
#define LINGER_MS 2000
#define SWEEP_MS 200

/* What epoll tells about. */
typedef enum source_kind {
    SOURCE_LISTENER,
    SOURCE_WAKE,
    SOURCE_CONNECTION,
} source_kind;

typedef struct source {
    source_kind kind;
    int file;
} source;

typedef enum listener_kind {
    LISTENER_PLAIN,
    LISTENER_TLS,
    LISTENER_ADMIN,
    LISTENER_KINDS,
} listener_kind;

/* A socket that a loop accepts from. Loops share it or have one each (SO_REUSEPORT). */
typedef struct listener {
    source source;
    listener_kind kind;
    bool is_shared;
    bool is_paused;
    daemon_address address;
} listener;

#define LISTENERS_MAX ((size_t)3 * DAEMON_ADDRESSES_MAX)

/* Where a connection comes from, for the cap: IPv4, or the first half of IPv6; 0: no address. */
typedef uint64_t address_key;

typedef struct address_table address_table;
auth_status address_table_new(size_t connections, address_table **out,
                              auth_error *err) AUTH_MUST_CHECK;
void address_table_free(address_table *table);
/* Counts one more connection from an address, unless it has max already. Any thread. */
bool address_table_enter(address_table *table, address_key key, size_t max);
void address_table_leave(address_table *table, address_key key);

typedef enum connection_state {
    STATE_HANDSHAKE,
    STATE_HEAD, /* idle, or in the middle of a head */
    STATE_BODY,
    STATE_READY,   /* a whole request, to be handled */
    STATE_HANDLED, /* a worker has it */
    STATE_WAITING, /* a long poll */
    STATE_WRITE,
    STATE_LINGER, /* the answer is out; what still comes is thrown away, then the end */
} connection_state;

typedef enum out_kind {
    OUT_NONE,
    OUT_HANDLE,
    OUT_JUDGE,
} out_kind;

struct daemon_request {
    connection *connection;
    const daemon_route *route;
    http_head *head;
    const uint8_t *octets; /* of the head, then of the body */
    auth_bytes path;
    auth_bytes query;
    auth_bytes body;
    uint64_t number; /* of its loop */
    char id[DAEMON_REQUEST_ID_SIZE];
    daemon_response *answer;
    auth_buf *decoded[16]; /* what accessors gave out */
    size_t decoded_count;
    uint64_t key; /* of the event that it waits for */
    uint32_t key_seen;
    uint32_t wait_ms;
    bool is_watching;
    bool wants_wait;
    bool is_last_try;
    bool is_parked; /* another thread answers: daemon_request_finish */
    int64_t began_us;
    int64_t wait_until_ms; /* 0: it has not waited yet */
    auth_status status;    /* of the handler */
    auth_error error;
    const char *reason; /* of a refusal, for the problem document; NULL: none */
    bool is_explained;  /* the text of a fault is for the client, too */
    bool has_item;      /* it is this item's matter alone */
    uint32_t item;
};

struct connection {
    source source;
    loop *loop;
    connection *previous; /* all of the loop */
    connection *next;
    connection *next_grave;
    connection *next_pending;
    connection *next_job;
    connection *next_done;
    listener_kind kind;
    connection_state state;
    address_key address;
    bool can_read;
    bool can_write;
    bool is_pending;
    bool is_dead; /* closed; it only waits for a worker, or for the end of the turn */
    bool is_buried;
    bool has_given_up; /* the answer is on its way while a worker is still at it */
    bool closes_after;
    bool is_peer_gone;
    bool was_woken;
    int64_t deadline_ms;
    int64_t began_ms; /* of the request's first octet */
    uint32_t served;

    uint8_t *in;
    size_t in_len;
    size_t in_size;
    size_t accounted; /* of in_size, in LIMIT_BODY_OCTETS */
    http_scan scan;
    daemon_request request;

    daemon_response *response;
    bool is_head_only;
    size_t sent;
    size_t step_from; /* where the running WRITE_STEP began */
    char extra[192];  /* Date, Cache-Control, Connection and the empty line */
    size_t extra_len;

    tls_session *tls;
    out_kind out;
    bool needs_judge;
    uint32_t judged_generation;
    bool has_peer;
    daemon_peer peer;
    auth_bytes chain[DAEMON_CHAIN_MAX];
    size_t chain_count;
    uint8_t *chain_octets;
    auth_status verdict; /* of the judge */
    daemon_peer judged;
    auth_error refusal; /* why the peer is nobody */
};

#define WAKES_MAX 256

struct loop {
    server *server;
    size_t index;
    pthread_t thread;
    bool is_started;
    int epoll;
    source wake; /* an eventfd */
    listener listeners[LISTENERS_MAX];
    size_t listener_count;
    connection *connections;
    size_t connection_count;
    connection *graves;
    connection *pending;
    size_t waiting;
    uint64_t requests;
    int64_t now_ms; /* of this turn */
    int64_t swept_ms;
    bool has_paused;
    bool is_draining;
    bool has_cut;
    int64_t date_s;
    char date[48];
    char tls_chunk[16384];
    _Atomic int64_t beat_ms; /* when it was last alive */

    pthread_mutex_t lock; /* of what follows */
    connection *done;
    bool is_wake_due; /* something is done, and nobody has woken the loop for it */
    uint64_t wakes[WAKES_MAX];
    size_t wake_count;
    bool wakes_all;
};

#define WATCH_SLOTS 1024

#define WORKERS_MAX 64

typedef struct job_queue {
    connection *first;
    connection *last;
} job_queue;

/*
 * The worker threads. The first one does nothing but judge, so that handlers that take long do not
 * keep a peer what it no longer is.
 */
typedef struct pool {
    pthread_mutex_t lock;
    pthread_cond_t ready; /* for who does both */
    pthread_cond_t judge_ready;
    job_queue judging;
    job_queue handling;
    bool is_stopping;
    pthread_t threads[WORKERS_MAX + 1];
    size_t count;
} pool;

#define LOOPS_MAX 64

struct server {
    const daemon_route *routes;
    const daemon_route *admin_routes;
    void *context;
    void *admin_context;
    daemon_judge judge;
    daemon_log *log;
    daemon_metrics *metrics;
    problem_titles *titles;
    address_table *addresses;
    _Atomic int64_t limits[LIMIT_COUNT];
    _Atomic int64_t connections;
    _Atomic int64_t waiting;
    _Atomic int64_t body_octets;
    _Atomic uint32_t generation; /* of what peers are judged by */
    _Atomic uint32_t watch[WATCH_SLOTS];
    bool shares_addresses;
    _Atomic bool is_draining;
    _Atomic int64_t drain_until_ms;
    _Atomic size_t loops_running;
    int idle_file; /* an eventfd that tells when the last loop has ended */
    pthread_mutex_t tls_lock;
    tls_credentials *tls;
    uint64_t id_prefix;
    loop *loops;
    size_t loop_count;
    pool pool;
};

static inline int64_t server_limit_of(const server *it, server_limit limit)
{
    return atomic_load_explicit(&it->limits[limit], memory_order_relaxed);
}

/* server.c */
typedef struct server_config {
    const daemon_route *routes;
    const daemon_route *admin_routes;
    void *context;
    void *admin_context;
    daemon_judge judge;
    daemon_log *log;
    daemon_metrics *metrics;
    size_t threads;
    size_t workers;
    size_t connections_max; /* the most that LIMIT_CONNECTIONS may ever become */
    bool shares_addresses;  /* other processes of this account may listen there too */
} server_config;

auth_status server_new(const server_config *config, server **out, auth_error *err) AUTH_MUST_CHECK;
void server_free(server *it);
AUTH_DEFINE_CLEANUP(server)
void server_set_limit(server *it, server_limit limit, int64_t value);
auth_status server_start(server *it, auth_error *err) AUTH_MUST_CHECK;
/* Stops accepting, answers what was begun until drain_ms are over; idle_file tells the end. */
void server_drain(server *it, int64_t drain_ms);
bool server_is_idle(const server *it);
void server_wake_loops(server *it);
void server_wake_key(server *it, uint64_t key);
/* Wakes the loops for what was given back without. */
void server_flush(server *it);
void server_recheck_peers(server *it);
/* The longest that a loop was not seen alive. */
int64_t server_silence_ms(const server *it);
tls_credentials *server_tls(server *it);                       /* a reference, or NULL */
void server_set_tls(server *it, tls_credentials *credentials); /* takes it */

/* listener.c: opens a socket for each loop, or one for all. */
auth_status listener_open(server *it, listener_kind kind, const daemon_address *address,
                          auth_error *err) AUTH_MUST_CHECK;
/* Takes a socket that somebody else has opened and listens on already. */
auth_status listener_adopt(server *it, listener_kind kind, int file,
                           auth_error *err) AUTH_MUST_CHECK;
void listener_accept(loop *it, listener *from);
void listener_pause(loop *it, listener *which);
void listener_resume_all(loop *it);
void listener_close_all(loop *it);

/* loop.c */
void *loop_run(void *argument);
void loop_wake(loop *it);
void loop_pend(loop *it, connection *which);
const char *loop_date(loop *it);

/* connection.c */
void connection_begin(loop *to, int file, listener_kind kind, address_key address);
void connection_drive(connection *it);
void connection_close(connection *it);
void connection_bury(connection *it);
void connection_free(connection *it);
void connection_expire(connection *it);
/* Gives back the memory of a connection that is silent between two requests. */
void connection_rest(connection *it);
void connection_came_back(connection *it);
/* Gives a connection back to its loop, from a thread that had it. After this it is the loop's.
 * is_now: the loop is woken; else server_flush does that. */
void connection_give_back(connection *it, bool is_now);
void connection_woken(connection *it, bool is_last_try);
void connection_recheck(connection *it);

/* connection_io.c: octets in and out; what they give is a count, or one of these. */
#define IO_AGAIN (-1)
#define IO_END (-2)
ssize_t connection_read(connection *it, uint8_t *room, size_t size);
ssize_t connection_write(connection *it);
bool connection_continue(connection *it);

/* dispatch.c: from a head to an answer. */
void dispatch_head(connection *it);    /* leaves the state BODY, READY or WRITE */
void dispatch_request(connection *it); /* leaves HANDLED, WAITING or WRITE, or READY meanwhile */
void dispatch_finish(connection *it);  /* after the handler */
void dispatch_answer(connection *it, daemon_response *response); /* takes it; NULL: end */
void dispatch_problem(connection *it, int code, const char *detail, const daemon_header *header);
void dispatch_fault(connection *it, http_fault fault);
void dispatch_call(connection *it); /* runs the handler, in whatever thread */

/* request.c */
void request_reset(daemon_request *request);
/* What accessors gave out is valid until the handler returns. */
void request_forget_decoded(daemon_request *request);

/* pool.c */
auth_status pool_start(server *it, size_t threads, auth_error *err) AUTH_MUST_CHECK;
void pool_submit(server *it, connection *which);
/* Tells whether all threads have ended within the time. */
bool pool_stop(server *it, int64_t wait_ms);

/* tls.c */
auth_status tls_credentials_load(const char *certificate, const char *key, tls_credentials **out,
                                 auth_error *err) AUTH_MUST_CHECK;
/* The key that is there, with another chain (PEM). Errors: AUTH_STATUS_INVALID, AUTH_STATUS_LIMIT.
 */
auth_status tls_credentials_renew(const tls_credentials *former, auth_bytes pem,
                                  tls_credentials **out, auth_error *err) AUTH_MUST_CHECK;
/* Appends the chain (PEM). */
auth_status tls_credentials_chain(const tls_credentials *it, auth_buf *out,
                                  auth_error *err) AUTH_MUST_CHECK;
tls_credentials *tls_credentials_ref(tls_credentials *it);
void tls_credentials_free(tls_credentials *it);
AUTH_DEFINE_CLEANUP(tls_credentials)
tls_session *tls_session_new(tls_credentials *credentials,
                             int file); /* takes a reference of its own */
void tls_session_free(tls_session *it);
/* 0: done; IO_AGAIN; IO_END: it failed. */
ssize_t tls_handshake(tls_session *it);
ssize_t tls_read(tls_session *it, uint8_t *room, size_t size);
ssize_t tls_write(tls_session *it, const void *octets, size_t len);
bool tls_has_pending(tls_session *it);
void tls_bye(tls_session *it);
/* Copies the client's chain: false when it is too large or there is no memory; count 0: none. */
bool tls_copy_chain(tls_session *it, auth_bytes chain[DAEMON_CHAIN_MAX], size_t *count,
                    uint8_t **octets);

#endif
