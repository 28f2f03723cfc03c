/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"
#include "daemon/clock.h"
#include "daemon/text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAEMON_EVENT_ROW(id, name, level, meaning)                                                 \
    const daemon_event daemon_event_##id = {name, DAEMON_LEVEL_##level, meaning};
#include "daemon/log_event.def"

/* A line is written at once or not at all: a pipe takes up to 4096 octets whole (PIPE_BUF). */
#define LINE_SIZE 4096
/* So many lines of one event a second. */
#define LINES_A_SECOND 20
#define EVENTS_WATCHED 128

typedef struct watched {
    const daemon_event *event;
    int64_t second;
    unsigned lines;
    uint64_t left_out;
} watched;

struct daemon_log {
    int file;
    int own_file; /* a description of our own, so that it need not block; -1: none */
    bool is_socket;
    bool is_json;
    bool has_priority; /* journald reads "<6>" at the head of a line */
    _Atomic int level;
    _Atomic uint64_t dropped;
    uint64_t dropped_told;
    pthread_mutex_t lock;
    watched events[EVENTS_WATCHED];
};

typedef struct line {
    char text[LINE_SIZE];
    size_t len;
} line;

/* Leaves room for what closes the line. */
#define LINE_ROOM (LINE_SIZE - 8)

static void put(line *it, const char *text, size_t len)
{
    if (it->len + len > LINE_ROOM)
        len = LINE_ROOM - it->len;
    memcpy(it->text + it->len, text, len);
    it->len += len;
}

static void put_text(line *it, const char *text) { put(it, text, strlen(text)); }

static void put_number(line *it, int64_t number)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    put_text(it, text);
}

/* Text inside of quotes, as JSON has it; an escape is written whole or not at all. */
static void put_escaped(line *it, auth_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = (char)text.data[i];
        char pair[2] = {'\\', c};
        bool is_control = text.data[i] < 0x20 || text.data[i] == 0x7f;
        if (it->len + 2 > LINE_ROOM - 2)
            return;
        if (c == '"' || c == '\\')
            put(it, pair, 2);
        else
            put(it, is_control ? "?" : &c, 1);
    }
}

static void put_member(line *it, bool is_json, const char *name, auth_bytes text)
{
    put_text(it, is_json ? ",\"" : " ");
    put_text(it, name);
    put_text(it, is_json ? "\":\"" : "=\"");
    put_escaped(it, text);
    put_text(it, "\"");
}

static void put_member_number(line *it, bool is_json, const char *name, int64_t number)
{
    put_text(it, is_json ? ",\"" : " ");
    put_text(it, name);
    put_text(it, is_json ? "\":" : "=");
    put_number(it, number);
}

static void put_field(line *it, bool is_json, const daemon_log_field *field)
{
    char masked[DAEMON_MASKED_SIZE];
    switch (field->kind) {
    case DAEMON_LOG_KIND_FIXED:
        put_member(it, is_json, field->name, field->text);
        break;
    case DAEMON_LOG_KIND_WORD:
        daemon_mask(field->text, masked);
        put_member(it, is_json, field->name, auth_bytes_from_text(masked));
        break;
    case DAEMON_LOG_KIND_NUMBER:
        put_member_number(it, is_json, field->name, field->number);
        break;
    case DAEMON_LOG_KIND_ERROR:
        put_member(it, is_json, "status",
                   auth_bytes_from_text(auth_status_name((auth_status)field->number)));
        put_member(it, is_json, field->name, field->text);
        break;
    }
}

static const char *level_name(daemon_level level)
{
    static const char *const names[] = {"error", "warning", "notice", "info", "debug"};
    return names[level - DAEMON_LEVEL_ERROR];
}

/* "2026-01-31T23:59:59.123Z" */
static void put_time(line *it)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    char text[AUTH_TIME_TEXT_SIZE];
    char fraction[8];
    auth_time_format((auth_time)now.tv_sec, text);
    (void)snprintf(fraction, sizeof fraction, ".%03dZ", (int)(now.tv_nsec / 1000000));
    put(it, text, strlen(text) - 1);
    put_text(it, fraction);
}

static void begin(line *it, const daemon_log *log, const daemon_event *event)
{
    it->len = 0;
    if (log->has_priority) {
        char priority[] = {'<', (char)('0' + (int)event->level), '>', '\0'};
        put_text(it, priority);
    }
    put_text(it, log->is_json ? "{\"ts\":\"" : "");
    put_time(it);
    put_text(it, log->is_json ? "\",\"level\":\"" : " ");
    put_text(it, level_name(event->level));
    put_text(it, log->is_json ? "\",\"event\":\"" : " ");
    put_text(it, event->name);
    put_text(it, log->is_json ? "\"" : "");
}

/*
 * Writes without waiting. A description of our own does not block; a socket is told not to; for
 * what is neither, a pipe that poll calls writable has room for PIPE_BUF octets.
 */
static bool write_line(const daemon_log *log, const line *it)
{
    ssize_t written = 0;
    if (log->is_socket) {
        written = send(log->file, it->text, it->len, MSG_DONTWAIT | MSG_NOSIGNAL);
    } else if (log->own_file >= 0) {
        written = write(log->own_file, it->text, it->len);
    } else {
        struct pollfd ready = {.fd = log->file, .events = POLLOUT};
        if (poll(&ready, 1, 0) != 1 || (ready.revents & POLLOUT) == 0)
            return false;
        written = write(log->file, it->text, it->len);
    }
    return written == (ssize_t)it->len;
}

static void end(daemon_log *log, line *it)
{
    put_text(it, log->is_json ? "}" : "");
    it->text[it->len++] = '\n';
    if (!write_line(log, it))
        atomic_fetch_add(&log->dropped, 1);
}

static void tell_dropped(daemon_log *log)
{
    uint64_t dropped = atomic_load(&log->dropped);
    if (dropped == log->dropped_told)
        return;
    line it;
    begin(&it, log, &daemon_event_log_dropped);
    put_member_number(&it, log->is_json, "lines", (int64_t)(dropped - log->dropped_told));
    put_text(&it, log->is_json ? "}" : "");
    it.text[it.len++] = '\n';
    if (write_line(log, &it))
        log->dropped_told = dropped;
}

static watched *watch(daemon_log *log, const daemon_event *event)
{
    for (size_t i = 0; i < EVENTS_WATCHED; i++) {
        if (log->events[i].event == NULL)
            log->events[i].event = event;
        if (log->events[i].event == event)
            return &log->events[i];
    }
    return NULL;
}

/* Tells whether one more line of an event may be written now, and how many were left out before. */
static bool may_write(watched *it, uint64_t *left_out)
{
    *left_out = 0;
    if (it == NULL)
        return true;
    int64_t second = daemon_now_ms() / 1000;
    if (second != it->second) {
        it->second = second;
        it->lines = 0;
    }
    if (it->lines == LINES_A_SECOND) {
        it->left_out++;
        return false;
    }
    it->lines++;
    *left_out = it->left_out;
    it->left_out = 0;
    return true;
}

void daemon_log_write(daemon_log *log, const daemon_event *event, const daemon_log_field *fields,
                      size_t count)
{
    if (log == NULL || !daemon_log_is_on(log, event->level))
        return;
    uint64_t left_out = 0;
    (void)pthread_mutex_lock(&log->lock);
    if (may_write(watch(log, event), &left_out)) {
        line it;
        tell_dropped(log);
        begin(&it, log, event);
        for (size_t i = 0; i < count; i++)
            put_field(&it, log->is_json, &fields[i]);
        if (left_out > 0)
            put_member_number(&it, log->is_json, "left_out", (int64_t)left_out);
        end(log, &it);
    }
    (void)pthread_mutex_unlock(&log->lock);
}

/* systemd names the device and inode of the stream that it reads (systemd.exec(5), JOURNAL_STREAM).
 */
static bool is_journal(int file)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat found;
    char own[64];
    if (stream == NULL || fstat(file, &found) != 0)
        return false;
    (void)snprintf(own, sizeof own, "%ju:%ju", (uintmax_t)found.st_dev, (uintmax_t)found.st_ino);
    return strcmp(own, stream) == 0;
}

static int open_own(int file)
{
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    return open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
}

auth_status daemon_log_new(int file, daemon_log_format format, daemon_log **out, auth_error *err)
{
    daemon_log *log = calloc(1, sizeof *log);
    if (log == NULL)
        return auth_error_memory(err);
    struct stat found = {.st_mode = 0};
    (void)fstat(file, &found);
    log->file = file;
    log->is_socket = S_ISSOCK(found.st_mode);
    log->own_file = log->is_socket ? -1 : open_own(file);
    log->is_json = format == DAEMON_LOG_JSON || (format == DAEMON_LOG_AUTO && isatty(file) == 0);
    log->has_priority = is_journal(file);
    atomic_init(&log->level, DAEMON_LEVEL_INFO);
    atomic_init(&log->dropped, 0);
    (void)pthread_mutex_init(&log->lock, NULL);
    *out = log;
    return AUTH_STATUS_OK;
}

void daemon_log_free(daemon_log *log)
{
    if (log == NULL)
        return;
    if (log->own_file >= 0)
        (void)close(log->own_file);
    (void)pthread_mutex_destroy(&log->lock);
    free(log);
}

void daemon_log_set_level(daemon_log *log, daemon_level level)
{
    atomic_store(&log->level, (int)level);
}

bool daemon_log_is_on(const daemon_log *log, daemon_level level)
{
    return (int)level <= atomic_load_explicit(&log->level, memory_order_relaxed);
}

uint64_t daemon_log_dropped(const daemon_log *log) { return atomic_load(&log->dropped); }
