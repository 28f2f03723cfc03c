/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/life.h"
#include "daemon/clock.h"

#include <auth/version.h>
#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#define WORKERS_USUAL 8
#define FAULTS_MAX ((size_t)1 << 17)
/* A loop that was silent for so long hangs, and systemd is to hear nothing more of the daemon. */
#define SILENCE_MAX_MS 10000
/* What a handler may take beyond the drain, before the daemon ends without it. */
#define STUCK_MS 3000

const daemon_options *daemon_self_options(const daemon_self *self) { return self->options; }
daemon_log *daemon_self_log(const daemon_self *self) { return self->log; }
daemon_metrics *daemon_self_metrics(const daemon_self *self) { return self->metrics; }
void daemon_wake(daemon_self *self, uint64_t key) { server_wake_key(self->server, key); }
void daemon_flush(daemon_self *self) { server_flush(self->server); }

void daemon_recheck_peers(daemon_self *self) { server_recheck_peers(self->server); }

static auth_status find_tls(daemon_self *self, tls_credentials **out, auth_error *err)
{
    *out = server_tls(self->server);
    if (*out != NULL)
        return AUTH_STATUS_OK;
    return auth_error_set(err, AUTH_STATUS_NOT_FOUND,
                          "TLS: the daemon does not listen for HTTPS, so it has no certificate; "
                          "name addresses with listen-tls");
}

auth_status daemon_tls_chain(daemon_self *self, auth_buf *out, auth_error *err)
{
    AUTH_AUTO(tls_credentials) *it = NULL;
    auth_status status = find_tls(self, &it, err);
    return status == AUTH_STATUS_OK ? tls_credentials_chain(it, out, err) : status;
}

auth_status daemon_tls_replace(daemon_self *self, auth_bytes chain, auth_error *err)
{
    AUTH_AUTO(tls_credentials) *former = NULL;
    tls_credentials *made = NULL;
    auth_status status = find_tls(self, &former, err);
    if (status == AUTH_STATUS_OK)
        status = tls_credentials_renew(former, chain, &made, err);
    if (status == AUTH_STATUS_OK)
        server_set_tls(self->server, made);
    return status;
}

void daemon_fail(daemon_self *self, const auth_error *err)
{
    const uint64_t one = 1;
    (void)pthread_mutex_lock(&self->lock);
    if (self->failure.status == AUTH_STATUS_OK)
        self->failure = *err;
    (void)pthread_mutex_unlock(&self->lock);
    (void)!write(self->fail_file, &one, sizeof one);
}

static int tell_error(const daemon_self *self, const auth_error *err)
{
    (void)fprintf(stderr, "%s: %s\n", self->program->name, err->text);
    return DAEMON_EXIT_FAULT;
}

static int tell_faults(const daemon_faults *faults)
{
    auth_bytes text = auth_buf_bytes(faults->text);
    (void)fwrite(text.data, 1, text.len, stderr);
    return DAEMON_EXIT_USAGE;
}

/* Reads the options anew: file and words. *out is given when there are no faults. */
static auth_status read_options(daemon_self *self, daemon_options **out, daemon_faults *faults,
                                auth_error *err)
{
    AUTH_AUTO(daemon_options) *options = NULL;
    auth_status status = invocation_options(&self->invocation, &self->call, self->argc, self->argv,
                                            &options, faults, err);
    if (status == AUTH_STATUS_OK && options != NULL)
        status = life_check_options(options, self->program->routes != NULL, faults, err);
    if (status == AUTH_STATUS_OK && faults->count == 0)
        *out = AUTH_TAKE(options);
    return status;
}

static size_t threads_of(const daemon_self *self)
{
    if (self->program->routes == NULL)
        return 1;
    int64_t wanted = daemon_options_number(self->options, "threads");
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    int64_t count = wanted > 0 ? wanted : processors > 0 ? processors : 1;
    return (size_t)(count > LOOPS_MAX ? LOOPS_MAX : count);
}

static size_t count_workers(const daemon_self *self, const daemon_options *options)
{
    if (self->program->routes == NULL)
        return 1;
    size_t wanted = (size_t)daemon_options_number(options, "workers");
    if (wanted == 0)
        wanted = self->program->workers;
    return wanted == 0 ? WORKERS_USUAL : wanted;
}

static auth_status make_server(daemon_self *self, auth_error *err)
{
    bool has_routes = self->program->routes != NULL;
    const daemon_options *options = self->options;
    server_config config = {
        .routes = self->program->routes,
        .admin_routes = life_admin_routes,
        .context = self->context,
        .admin_context = self,
        .judge = self->program->judge,
        .log = self->log,
        .metrics = self->metrics,
        .threads = threads_of(self),
        .workers = count_workers(self, options),
        .connections_max =
            has_routes ? (size_t)daemon_options_number(options, "max-connections") : 64,
        .shares_addresses = has_routes && daemon_options_is_set(options, "share-addresses"),
    };
    auth_status status = server_new(&config, &self->server, err);
    if (status != AUTH_STATUS_OK)
        return status;
    life_apply_limits(self, options);
    tls_credentials *credentials = NULL;
    status = life_load_tls(options, has_routes, &credentials, err);
    if (status == AUTH_STATUS_OK)
        server_set_tls(self->server, credentials);
    return status;
}

static auth_status set_up(daemon_self *self, auth_error *err)
{
    auth_status status = daemon_metrics_new(self->program->metrics, &self->metrics, err);
    if (status == AUTH_STATUS_OK)
        status = make_server(self, err);
    if (status == AUTH_STATUS_OK && self->program->start != NULL)
        status = self->program->start(self, &self->context, err);
    if (status != AUTH_STATUS_OK)
        return status;
    self->has_started = true;
    self->server->context = self->context;
    status = life_open_listeners(self, err);
    if (status == AUTH_STATUS_OK)
        status = server_start(self->server, err);
    return status;
}

/* Everything that can be wrong is found before anything changes. */
static auth_status take_new(daemon_self *self, daemon_faults *faults, auth_error *err)
{
    AUTH_AUTO(daemon_options) *next = NULL;
    AUTH_AUTO(tls_credentials) *credentials = NULL;
    bool has_routes = self->program->routes != NULL;
    auth_status status = read_options(self, &next, faults, err);
    if (status == AUTH_STATUS_OK && next != NULL)
        status = daemon_options_check_reload(self->options, next, faults, err);
    if (status != AUTH_STATUS_OK || faults->count > 0)
        return status;
    status = life_load_tls(next, has_routes, &credentials, err);
    if (status == AUTH_STATUS_OK && self->program->reload != NULL)
        status = self->program->reload(self, self->context, next, err);
    if (status != AUTH_STATUS_OK)
        return status;
    life_apply_limits(self, next);
    server_set_tls(self->server, AUTH_TAKE(credentials));
    daemon_options_free(self->options);
    self->options = AUTH_TAKE(next);
    return AUTH_STATUS_OK;
}

/* A fault a line of the log: their texts quote no value but names and addresses. */
static void log_faults(daemon_self *self, const daemon_faults *faults)
{
    auth_bytes text = auth_buf_bytes(faults->text);
    while (text.len > 0) {
        const uint8_t *end = memchr(text.data, '\n', text.len);
        size_t len = end == NULL ? text.len : (size_t)(end - text.data);
        auth_error err;
        (void)auth_error_set(&err, AUTH_STATUS_INVALID, "%.*s", (int)len, (const char *)text.data);
        daemon_log_fields(self->log, &daemon_event_reload_refused, DAEMON_LOG_ERROR(&err));
        size_t step = end == NULL ? len : len + 1;
        text.data += step;
        text.len -= step;
    }
}

static void reload(daemon_self *self)
{
    char state[64];
    (void)snprintf(state, sizeof state, "RELOADING=1\nMONOTONIC_USEC=%" PRId64, daemon_now_us());
    life_notify(state);
    auth_error err = {.status = AUTH_STATUS_OK};
    AUTH_AUTO(auth_buf) *text = NULL;
    daemon_faults faults = {.count = 0};
    auth_status status = auth_buf_new(FAULTS_MAX, &text, &err);
    faults.text = text;
    if (status == AUTH_STATUS_OK)
        status = take_new(self, &faults, &err);
    bool is_good = status == AUTH_STATUS_OK && faults.count == 0;
    if (is_good)
        daemon_log_fields(self->log, &daemon_event_reloaded, DAEMON_LOG_FIXED("by", "SIGHUP"));
    else if (status != AUTH_STATUS_OK)
        daemon_log_fields(self->log, &daemon_event_reload_refused, DAEMON_LOG_ERROR(&err));
    else
        log_faults(self, &faults);
    daemon_metric_add(self->metrics, DAEMON_METRIC(RELOADS), is_good ? 0 : 1, 1);
    life_notify("READY=1");
}

static void begin_end(daemon_self *self, int64_t *end_ms)
{
    int64_t drain_ms = daemon_options_number(self->options, "drain-timeout");
    life_notify("STOPPING=1");
    daemon_log_fields(self->log, &daemon_event_draining, DAEMON_LOG_NUMBER("within_ms", drain_ms));
    server_drain(self->server, drain_ms);
    life_stop_workers(self);
    *end_ms = daemon_now_ms() + drain_ms + STUCK_MS;
}

/* Takes one signal. Returns what it was; 0: none. */
static uint32_t next_signal(int file)
{
    struct signalfd_siginfo signal;
    ssize_t got = read(file, &signal, sizeof signal);
    return got == (ssize_t)sizeof signal ? signal.ssi_signo : 0;
}

static int sleep_of(int64_t watchdog_ms, int64_t end_ms)
{
    if (end_ms > 0)
        return 50;
    return watchdog_ms > 0 ? (int)watchdog_ms : -1;
}

/* Does what a signal asks for. *end_ms becomes when all must be over, once the end has begun. */
static void obey(daemon_self *self, uint32_t signal, int64_t *end_ms)
{
    bool is_ending = *end_ms > 0;
    bool is_end = signal == SIGTERM || signal == SIGINT;
    if (signal == SIGHUP && !is_ending)
        reload(self);
    else if (is_end && !is_ending)
        begin_end(self, end_ms);
    else if (is_end)
        server_drain(self->server, 0);
}

/* Runs until it is told to end, and then until that is done. True: it could not go on. */
static bool watch(daemon_self *self, int signals, int64_t *end_ms)
{
    int64_t watchdog_ms = life_watchdog_ms();
    bool has_failed = false;
    while (*end_ms == 0 || !server_is_idle(self->server)) {
        struct pollfd files[] = {{.fd = signals, .events = POLLIN},
                                 {.fd = has_failed ? -1 : self->fail_file, .events = POLLIN}};
        (void)poll(files, 2, sleep_of(watchdog_ms, *end_ms));
        if (watchdog_ms > 0 && server_silence_ms(self->server) < SILENCE_MAX_MS)
            life_notify("WATCHDOG=1");
        if ((files[1].revents & POLLIN) != 0) {
            has_failed = true;
            obey(self, *end_ms == 0 ? SIGTERM : 0, end_ms);
        }
        if ((files[0].revents & POLLIN) != 0)
            obey(self, next_signal(signals), end_ms);
        if (*end_ms > 0 && daemon_now_ms() > *end_ms)
            break;
    }
    return has_failed;
}

static int serve(daemon_self *self, int signals)
{
    int64_t end_ms = 0;
    bool has_failed = watch(self, signals, &end_ms);
    if (has_failed) {
        (void)pthread_mutex_lock(&self->lock);
        auth_error failure = self->failure;
        (void)pthread_mutex_unlock(&self->lock);
        daemon_log_fields(self->log, &daemon_event_failed, DAEMON_LOG_ERROR(&failure));
    }
    bool is_clean = life_join_workers(self, end_ms) && server_is_idle(self->server) &&
                    pool_stop(self->server, STUCK_MS);
    if (!is_clean) {
        daemon_log_fields(self->log, &daemon_event_drain_cut,
                          DAEMON_LOG_FIXED("what", "a handler or worker does not end"));
        /* Its memory cannot be freed under it. */
        _exit(DAEMON_EXIT_FAULT);
    }
    return has_failed ? DAEMON_EXIT_FAULT : DAEMON_EXIT_OK;
}

/* Signals are blocked before any thread begins, so that all of them come to the main loop. */
static int block_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static daemon_log_format format_of(const daemon_options *options)
{
    const char *format = daemon_options_text(options, "log-format");
    if (strcmp(format, "json") == 0)
        return DAEMON_LOG_JSON;
    return strcmp(format, "text") == 0 ? DAEMON_LOG_TEXT : DAEMON_LOG_AUTO;
}

static void tear_down(daemon_self *self)
{
    if (self->server != NULL && !server_is_idle(self->server))
        server_drain(self->server, 0);
    life_stop_workers(self);
    if (!life_join_workers(self, daemon_now_ms() + STUCK_MS))
        _exit(DAEMON_EXIT_FAULT);
    server_free(self->server);
    self->server = NULL;
    if (self->has_started && self->program->stop != NULL)
        self->program->stop(self->context);
    daemon_metrics_free(self->metrics);
}

static int run(daemon_self *self)
{
    auth_error err = {.status = AUTH_STATUS_OK};
    /* The log opens stderr anew by /proc, which is closed to a process that is locked down. */
    if (daemon_log_new(STDERR_FILENO, format_of(self->options), &self->log, &err) != AUTH_STATUS_OK)
        return tell_error(self, &err);
    if (life_harden(&err) != AUTH_STATUS_OK) {
        daemon_log_free(self->log);
        return tell_error(self, &err);
    }
    daemon_log_fields(self->log, &daemon_event_starting,
                      DAEMON_LOG_WORD("program", self->program->name),
                      DAEMON_LOG_FIXED("version", AUTH_VERSION));
    int code = DAEMON_EXIT_FAULT;
    int signals = block_signals();
    self->fail_file = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    (void)pthread_mutex_init(&self->lock, NULL);
    if (set_up(self, &err) == AUTH_STATUS_OK) {
        daemon_log_fields(self->log, &daemon_event_ready,
                          DAEMON_LOG_NUMBER("threads", self->server->loop_count));
        life_notify("READY=1");
        code = serve(self, signals);
    } else {
        daemon_log_fields(self->log, &daemon_event_cannot_start, DAEMON_LOG_ERROR(&err));
    }
    tear_down(self);
    if (code == DAEMON_EXIT_OK)
        daemon_log_fields(self->log, &daemon_event_stopped,
                          DAEMON_LOG_NUMBER("log_dropped", daemon_log_dropped(self->log)));
    (void)close(signals);
    (void)close(self->fail_file);
    (void)pthread_mutex_destroy(&self->lock);
    daemon_log_free(self->log);
    return code;
}

static int act(daemon_self *self)
{
    switch (self->call.mode) {
    case INVOCATION_HELP:
        invocation_print_help(&self->invocation, stdout);
        return DAEMON_EXIT_OK;
    case INVOCATION_MANUAL:
        invocation_print_manual(&self->invocation, stdout);
        return DAEMON_EXIT_OK;
    case INVOCATION_VERSION:
        (void)printf("%s %s\n", self->program->name, AUTH_VERSION);
        return DAEMON_EXIT_OK;
    case INVOCATION_RUN:
    case INVOCATION_CHECK_CONFIG:
    case INVOCATION_PRINT_CONFIG:
        break;
    }
    auth_error err = {.status = AUTH_STATUS_OK};
    AUTH_AUTO(auth_buf) *text = NULL;
    daemon_faults faults = {.count = 0};
    auth_status status = auth_buf_new(FAULTS_MAX, &text, &err);
    faults.text = text;
    if (status == AUTH_STATUS_OK)
        status =
            invocation_read(&self->invocation, self->argc, self->argv, &self->call, &faults, &err);
    if (status == AUTH_STATUS_OK)
        status = read_options(self, &self->options, &faults, &err);
    if (status != AUTH_STATUS_OK)
        return tell_error(self, &err);
    if (faults.count > 0)
        return tell_faults(&faults);
    if (self->call.mode == INVOCATION_PRINT_CONFIG)
        daemon_options_print(self->options, stdout);
    return self->call.mode == INVOCATION_RUN ? run(self) : DAEMON_EXIT_OK;
}

static void choose_language(void)
{
    if (setlocale(LC_ALL, "") == NULL)
        (void)setlocale(LC_ALL, "C.UTF-8");
    const char *catalogues = secure_getenv("AUTH_LOCALEDIR");
    (void)bindtextdomain("auth", catalogues != NULL ? catalogues : LOCALEDIR);
    (void)bind_textdomain_codeset("auth", "UTF-8");
    (void)textdomain("auth");
}

int daemon_main(const daemon_program *program, int argc, char **argv)
{
    choose_language();
    daemon_self self = {
        .program = program,
        .invocation = {program->name, program->summary, program->description, program->config,
                       program->routes != NULL ? life_options_serving : life_options_alone,
                       program->options},
        .argc = argc,
        .argv = argv,
        .fail_file = -1,
    };
    /* Which text is wanted is found first, so that help needs no good options. */
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_error err = {.status = AUTH_STATUS_OK};
    daemon_faults faults = {.count = 0};
    auth_status status = auth_buf_new(FAULTS_MAX, &text, &err);
    faults.text = text;
    if (status == AUTH_STATUS_OK)
        status = invocation_read(&self.invocation, argc, argv, &self.call, &faults, &err);
    int code = status == AUTH_STATUS_OK ? act(&self) : tell_error(&self, &err);
    daemon_options_free(self.options);
    return fflush(stdout) == 0 ? code : DAEMON_EXIT_FAULT;
}
