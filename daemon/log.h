/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a daemon: one line an event to stderr, JSON for machines and plain words on a
 * terminal. An event is a row of a table, and what it tells are typed fields, so that no text of a
 * request gets in unmasked. Logging never fails, never waits for who reads the log (what is not
 * taken is dropped and counted), and says of repeated events only how often they were left out.
 */
#ifndef DAEMON_LOG_H
#define DAEMON_LOG_H

#include <auth/bytes.h>

/* As syslog numbers them, which is what journald reads. */
typedef enum daemon_level {
    DAEMON_LEVEL_ERROR = 3,
    DAEMON_LEVEL_WARNING = 4,
    DAEMON_LEVEL_NOTICE = 5,
    DAEMON_LEVEL_INFO = 6,
    DAEMON_LEVEL_DEBUG = 7,
} daemon_level;

typedef struct daemon_event {
    const char *name; /* "peer-refused" */
    daemon_level level;
    const char *meaning;
} daemon_event;

#define DAEMON_EVENT_ROW(id, name, level, meaning) extern const daemon_event daemon_event_##id;
#include "daemon/log_event.def"

typedef enum daemon_log_kind {
    DAEMON_LOG_KIND_FIXED,
    DAEMON_LOG_KIND_WORD,
    DAEMON_LOG_KIND_NUMBER,
    DAEMON_LOG_KIND_ERROR,
} daemon_log_kind;

typedef struct daemon_log_field {
    daemon_log_kind kind;
    const char *name;
    auth_bytes text;
    int64_t number;
} daemon_log_field;

/* A literal of the program's text. */
#define DAEMON_LOG_FIXED(name, literal)                                                            \
    ((daemon_log_field){                                                                           \
        DAEMON_LOG_KIND_FIXED, (name), {(const uint8_t *)("" literal), sizeof(literal) - 1}, 0})
/* A word from a table or from outside: shown as daemon_mask does. */
#define DAEMON_LOG_WORD(name, word)                                                                \
    ((daemon_log_field){DAEMON_LOG_KIND_WORD, (name), auth_bytes_from_text(word), 0})
#define DAEMON_LOG_OCTETS(name, octets)                                                            \
    ((daemon_log_field){DAEMON_LOG_KIND_WORD, (name), (octets), 0})
#define DAEMON_LOG_NUMBER(name, value)                                                             \
    ((daemon_log_field){DAEMON_LOG_KIND_NUMBER, (name), {NULL, 0}, (int64_t)(value)})
/* What an auth_error says, which is safe by its own rule; adds "status" and "detail". */
#define DAEMON_LOG_ERROR(error)                                                                    \
    ((daemon_log_field){DAEMON_LOG_KIND_ERROR, "detail", auth_bytes_from_text((error)->text),      \
                        (int64_t)(error)->status})

typedef enum daemon_log_format {
    DAEMON_LOG_AUTO, /* text on a terminal, JSON elsewhere */
    DAEMON_LOG_JSON,
    DAEMON_LOG_TEXT,
} daemon_log_format;

typedef struct daemon_log daemon_log;

/*
 * Makes a log that writes to a descriptor, which it does not close.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
auth_status daemon_log_new(int file, daemon_log_format format, daemon_log **out,
                           auth_error *err) AUTH_MUST_CHECK;
void daemon_log_free(daemon_log *log);
AUTH_DEFINE_CLEANUP(daemon_log)

/* What is less important than this level is left out from now on. Any thread. */
void daemon_log_set_level(daemon_log *log, daemon_level level);
bool daemon_log_is_on(const daemon_log *log, daemon_level level);

/* Logs an event with count fields. Any thread. log may be NULL. */
void daemon_log_write(daemon_log *log, const daemon_event *event, const daemon_log_field *fields,
                      size_t count);

/* daemon_log_fields(log, &daemon_event_ready, DAEMON_LOG_NUMBER("threads", 2)); */
#define daemon_log_fields(log, event, ...)                                                         \
    daemon_log_write((log), (event), (const daemon_log_field[]){__VA_ARGS__},                      \
                     sizeof((const daemon_log_field[]){__VA_ARGS__}) / sizeof(daemon_log_field))

/* How many lines were dropped since the log was made. */
uint64_t daemon_log_dropped(const daemon_log *log);

#endif
