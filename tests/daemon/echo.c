/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A daemon that does nothing but show what the skeleton does, for the tests beside it. Peers are
 * judged by a file: its first letter says whether certificates are good ("y") or not ("n").
 */
#include "daemon/content.h"
#include "daemon/daemon.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ROLE_CLERK ((uint32_t)1 << 0)
#define ROLE_ADMIN ((uint32_t)1 << 1)
#define STATIC_OCTETS 500
#define PARKED_MAX 64

typedef struct echo {
    daemon_self *self;
    daemon_response *prebuilt;
    daemon_response *document;
    daemon_response *released;
    daemon_request *parked[PARKED_MAX]; /* under the lock */
    size_t parked_count;
    bool is_over;
    _Atomic uint64_t notes;
    pthread_mutex_t lock; /* of what a reload changes under the handlers */
    char judge_file[256];
    char greeting[256];
} echo;

#define GREETING_SIZE sizeof(((echo *)0)->greeting)

static void copy_text(echo *it, const char *from, char out[GREETING_SIZE])
{
    (void)pthread_mutex_lock(&it->lock);
    (void)memcpy(out, from, GREETING_SIZE);
    (void)pthread_mutex_unlock(&it->lock);
}

enum { METRIC_NOTES };

static const daemon_metric metrics[] = {
    [METRIC_NOTES] = {DAEMON_METRIC_COUNTER, "echo_notes_total", "Notes that were left.", NULL,
                      NULL},
    DAEMON_METRIC_END,
};

static auth_status hello(daemon_request *request, void *context, auth_error *err)
{
    echo *it = context;
    char greeting[GREETING_SIZE];
    copy_text(it, it->greeting, greeting);
    return daemon_answer_bytes(request, 200, "text/plain", auth_bytes_from_text(greeting), err);
}

static auth_status prebuilt(daemon_request *request, void *context, auth_error *err)
{
    const echo *it = context;
    (void)err;
    daemon_answer(request, it->prebuilt);
    return AUTH_STATUS_OK;
}

static auth_status echo_body(daemon_request *request, void *context, auth_error *err)
{
    (void)context;
    return daemon_answer_bytes(request, 200, "application/octet-stream",
                               daemon_request_body(request), err);
}

/* What a handler sees of a target: its segment and a parameter, decoded. */
static auth_status segment(daemon_request *request, void *context, auth_error *err)
{
    (void)context;
    auth_bytes name;
    auth_bytes tag = {NULL, 0};
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = daemon_request_segment(request, "name", &name, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_request_query(request, "tag", &tag, err);
    if (status == AUTH_STATUS_NOT_FOUND)
        status = AUTH_STATUS_OK;
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(65536, &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_json json = daemon_json_on(text);
    daemon_json_open(&json, NULL, '{');
    daemon_json_text(&json, "name", name);
    daemon_json_text(&json, "tag", tag);
    daemon_json_close(&json, '}');
    status = daemon_json_end(&json, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_answer_bytes(request, 200, "application/json", auth_buf_bytes(text), err);
    return status;
}

static auth_status rest(daemon_request *request, void *context, auth_error *err)
{
    (void)context;
    return daemon_answer_bytes(request, 200, "text/plain",
                               daemon_request_raw_segment(request, "all"), err);
}

static auth_status whoami(daemon_request *request, void *context, auth_error *err)
{
    (void)context;
    const daemon_peer *peer = daemon_request_peer(request);
    return daemon_answer_bytes(request, 200, "text/plain", auth_bytes_from_text(peer->name), err);
}

static auth_status denied(daemon_request *request, void *context, auth_error *err)
{
    (void)request;
    (void)context;
    return auth_error_set(err, AUTH_STATUS_CONFLICT, "note: it is there already; read it first");
}

static auth_status broken(daemon_request *request, void *context, auth_error *err)
{
    (void)request;
    (void)context;
    return auth_error_set(err, AUTH_STATUS_IO, "disk: secret detail of the machine; mend it");
}

static auth_status slow(daemon_request *request, void *context, auth_error *err)
{
    (void)context;
    auth_bytes text;
    uint64_t ms = 0;
    auth_status status = daemon_request_query(request, "ms", &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!daemon_read_decimal(text, 60000, &ms))
        return auth_error_set(err, AUTH_STATUS_INVALID, "ms: it is no number; write one");
    (void)usleep((unsigned)ms * 1000);
    return daemon_answer_bytes(request, 200, "text/plain", auth_bytes_from_text("slept\n"), err);
}

/* Waits until there are more notes than the caller knows. */
static auth_status notes(daemon_request *request, void *context, auth_error *err)
{
    echo *it = context;
    auth_bytes text;
    uint64_t known = 0;
    auth_status status = daemon_request_query(request, "after", &text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    if (!daemon_read_decimal(text, INT64_MAX, &known))
        return auth_error_set(err, AUTH_STATUS_INVALID, "after: it is no number; write one");
    daemon_request_watch(request, 1);
    uint64_t now = atomic_load(&it->notes);
    if (now <= known && !daemon_request_is_last_try(request)) {
        daemon_request_wait(request, 3000);
        return AUTH_STATUS_OK;
    }
    char answer[32];
    (void)snprintf(answer, sizeof answer, "%llu\n", (unsigned long long)now);
    return daemon_answer_bytes(request, 200, "text/plain", auth_bytes_from_text(answer), err);
}

static auth_status add_note(daemon_request *request, void *context, auth_error *err)
{
    echo *it = context;
    atomic_fetch_add(&it->notes, 1);
    daemon_wake(it->self, 1);
    daemon_metric_add(daemon_self_metrics(it->self), &metrics[METRIC_NOTES], 0, 1);
    return daemon_answer_bytes(request, 201, "text/plain", auth_bytes_from_text("noted\n"), err);
}

static auth_status recheck(daemon_request *request, void *context, auth_error *err)
{
    echo *it = context;
    daemon_recheck_peers(it->self);
    return daemon_answer_bytes(request, 200, "text/plain", auth_bytes_from_text("asked\n"), err);
}

static auth_status show_chain(daemon_request *request, void *context, auth_error *err)
{
    const echo *it = context;
    AUTH_AUTO(auth_buf) *chain = NULL;
    auth_status status = auth_buf_new(65536, &chain, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_tls_chain(it->self, chain, err);
    return status == AUTH_STATUS_OK
               ? daemon_answer_bytes(request, 200, "text/plain", auth_buf_bytes(chain), err)
               : status;
}

static auth_status replace_chain(daemon_request *request, void *context, auth_error *err)
{
    const echo *it = context;
    auth_status status = daemon_tls_replace(it->self, daemon_request_body(request), err);
    return status == AUTH_STATUS_OK ? daemon_answer_bytes(request, 200, "text/plain",
                                                          auth_bytes_from_text("replaced\n"), err)
                                    : status;
}

static auth_status large(daemon_request *request, void *context, auth_error *err)
{
    (void)context;
    const size_t size = (size_t)16 << 20;
    uint8_t *octets = calloc(1, size);
    if (octets == NULL)
        return auth_error_memory(err);
    auth_status status = daemon_answer_bytes(request, 200, "application/octet-stream",
                                             (auth_bytes){octets, size}, err);
    free(octets);
    return status;
}

static auth_status document(daemon_request *request, void *context, auth_error *err)
{
    const echo *it = context;
    return daemon_answer_content(request, it->document, err);
}

/* Leaves the request to whoever posts to /release, or to the end. */
static auth_status park(daemon_request *request, void *context, auth_error *err)
{
    echo *it = context;
    (void)pthread_mutex_lock(&it->lock);
    bool has_room = it->parked_count < PARKED_MAX && !it->is_over;
    if (has_room) {
        daemon_request_park(request);
        it->parked[it->parked_count++] = request;
    }
    (void)pthread_mutex_unlock(&it->lock);
    return has_room ? AUTH_STATUS_OK
                    : auth_error_set(err, AUTH_STATUS_UNAVAILABLE, "echo: no room; come again");
}

static size_t release_all(echo *it, bool is_over)
{
    (void)pthread_mutex_lock(&it->lock);
    size_t count = it->parked_count;
    it->is_over = is_over;
    it->parked_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i % 2 == 0)
            daemon_request_finish(it->parked[i], it->released);
        else
            daemon_request_finish_later(it->parked[i], it->released);
    }
    (void)pthread_mutex_unlock(&it->lock);
    daemon_flush(it->self);
    return count;
}

static auth_status release(daemon_request *request, void *context, auth_error *err)
{
    char text[32];
    (void)snprintf(text, sizeof text, "%zu\n", release_all(context, false));
    return daemon_answer_bytes(request, 200, "text/plain", auth_bytes_from_text(text), err);
}

static void release_at_the_end(daemon_worker *worker, void *context)
{
    while (daemon_worker_sleep(worker, 60000))
        continue;
    (void)release_all(context, true);
}

/* clang-format off */
static const daemon_route routes[] = {
    {HTTP_GET, "/hello", DAEMON_PUBLIC, .answer_type = "text/plain", .handle = hello},
    {HTTP_GET, "/prebuilt", DAEMON_PUBLIC, .handle = prebuilt},
    {HTTP_GET, "/large", DAEMON_PUBLIC, .handle = large},
    {HTTP_GET, "/document", DAEMON_PUBLIC, .handle = document},
    {HTTP_GET, "/parked", DAEMON_PUBLIC, .handle = park},
    {HTTP_POST, "/release", DAEMON_PUBLIC, .is_blocking = true, .handle = release},
    {HTTP_POST, "/echo", DAEMON_PUBLIC, .body_max = 1 << 20, .handle = echo_body},
    {HTTP_POST, "/json", DAEMON_PUBLIC, .body_max = 4096, .body_type = "application/json", .handle = echo_body},
    {HTTP_POST, "/blocking", DAEMON_PUBLIC, .body_max = 1 << 20, .is_blocking = true, .handle = echo_body},
    {HTTP_GET, "/segment/{name}", DAEMON_PUBLIC, .handle = segment},
    {HTTP_GET, "/rest/{all...}", DAEMON_PUBLIC, .handle = rest},
    {HTTP_GET, "/whoami", DAEMON_ANY_PEER, .handle = whoami},
    {HTTP_GET, "/clerk", ROLE_CLERK, .handle = whoami},
    {HTTP_GET, "/admin", ROLE_ADMIN, .handle = whoami},
    {HTTP_GET, "/conflict", DAEMON_PUBLIC, .handle = denied},
    {HTTP_GET, "/broken", DAEMON_PUBLIC, .handle = broken},
    {HTTP_GET, "/slow", DAEMON_PUBLIC, .deadline_ms = 1500, .is_blocking = true, .handle = slow},
    {HTTP_GET, "/notes", DAEMON_PUBLIC, .handle = notes},
    {HTTP_GET, "/blocking-notes", DAEMON_PUBLIC, .is_blocking = true, .handle = notes},
    {HTTP_GET, "/peer-notes", ROLE_CLERK, .handle = notes},
    {HTTP_POST, "/notes", DAEMON_PUBLIC, .handle = add_note},
    {HTTP_POST, "/recheck", DAEMON_PUBLIC, .handle = recheck},
    {HTTP_GET, "/chain", DAEMON_PUBLIC, .handle = show_chain},
    {HTTP_POST, "/chain", DAEMON_PUBLIC, .body_max = 1 << 20, .handle = replace_chain},
    DAEMON_ROUTE_END,
};
/* clang-format on */

static auth_status judge(void *context, const auth_bytes *chain, size_t count, daemon_peer *out,
                         auth_error *err)
{
    echo *it = context;
    char letter = 'n';
    char path[GREETING_SIZE];
    copy_text(it, it->judge_file, path);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file >= 0) {
        (void)!read(file, &letter, 1);
        (void)close(file);
    }
    if (letter != 'y' || count == 0 || chain[0].len == 0)
        return auth_error_set(err, AUTH_STATUS_DENIED,
                              "certificate: it is not taken here; ask the office for another");
    *out = (daemon_peer){.roles = ROLE_CLERK, .name = "clerk-7"};
    return AUTH_STATUS_OK;
}

static auth_status take_options(echo *it, const daemon_options *options, auth_error *err)
{
    const char *greeting = daemon_options_text(options, "greeting");
    if (strcmp(greeting, "refused") == 0)
        return auth_error_set(err, AUTH_STATUS_INVALID, "greeting: it is refused; write another");
    (void)pthread_mutex_lock(&it->lock);
    (void)snprintf(it->greeting, sizeof it->greeting, "%s\n", greeting);
    (void)snprintf(it->judge_file, sizeof it->judge_file, "%s",
                   daemon_options_text(options, "judge-file"));
    (void)pthread_mutex_unlock(&it->lock);
    return AUTH_STATUS_OK;
}

static void free_echo(void *context)
{
    echo *it = context;
    daemon_response_free(it->prebuilt);
    daemon_response_free(it->document);
    daemon_response_free(it->released);
    (void)pthread_mutex_destroy(&it->lock);
    free(it);
}

static auth_status tick(void *context, auth_error *err)
{
    (void)err;
    (void)context;
    return AUTH_STATUS_OK;
}

/* Ten octets, of 1994, that may be kept for 100 seconds. */
static auth_status make_document(echo *it, auth_error *err)
{
    static const daemon_header headers[] = {{"ETag", "\"first\""},
                                            {"Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT"},
                                            {"Accept-Ranges", "bytes"}};
    auth_status status = daemon_response_new(200, "text/plain", auth_bytes_from_text("0123456789"),
                                             headers, 3, &it->document, err);
    if (status == AUTH_STATUS_OK)
        daemon_response_let_keep(it->document, AUTH_TIME_MAX, 100);
    return status;
}

static auth_status start(daemon_self *self, void **context, auth_error *err)
{
    static const uint8_t body[STATIC_OCTETS] = {'x'};
    echo *it = calloc(1, sizeof *it);
    if (it == NULL)
        return auth_error_memory(err);
    it->self = self;
    (void)pthread_mutex_init(&it->lock, NULL);
    auth_status status = take_options(it, daemon_self_options(self), err);
    if (status == AUTH_STATUS_OK)
        status = daemon_response_new(200, "application/octet-stream",
                                     (auth_bytes){body, sizeof body}, NULL, 0, &it->prebuilt, err);
    if (status == AUTH_STATUS_OK)
        status = make_document(it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_response_new(200, "text/plain", auth_bytes_from_text("released\n"), NULL, 0,
                                     &it->released, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_every(self, "tick", 1000, tick, it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_worker_start(self, "release", release_at_the_end, it, err);
    if (status == AUTH_STATUS_OK)
        *context = it;
    else
        free_echo(it);
    return status;
}

static auth_status reload(daemon_self *self, void *context, const daemon_options *next,
                          auth_error *err)
{
    (void)self;
    return take_options(context, next, err);
}

static auth_status ready(void *context, auth_error *err)
{
    echo *it = context;
    char greeting[GREETING_SIZE];
    copy_text(it, it->greeting, greeting);
    if (strcmp(greeting, "unready\n") == 0)
        return auth_error_set(err, AUTH_STATUS_UNAVAILABLE,
                              "registry: it does not answer; see whether it runs");
    return AUTH_STATUS_OK;
}

static const daemon_option options[] = {
    {.name = "greeting",
     .type = DAEMON_TEXT,
     .fallback = "hello",
     .help = N_("what /hello answers"),
     .is_reloadable = true},
    {.name = "judge-file",
     .type = DAEMON_PATH,
     .fallback = "",
     .help = N_("file whose first letter says whether peers are good"),
     .is_reloadable = true},
    {.name = "fixed", .type = DAEMON_TEXT, .fallback = "a", .help = N_("cannot change")},
    DAEMON_OPTION_END,
};

static const daemon_program program = {
    .name = "auth-echo",
    .summary = N_("shows what all daemons have in common"),
    .description = N_("For tests."),
    .options = options,
    .routes = routes,
    .metrics = metrics,
    .judge = judge,
    .start = start,
    .reload = reload,
    .ready = ready,
    .stop = free_echo,
};

int main(int argc, char **argv) { return daemon_main(&program, argc, argv); }
