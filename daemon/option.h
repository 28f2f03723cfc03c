/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of a daemon as one table, from which the configuration file, the command line,
 * --check-config, --print-config, --help and the man page follow. A value comes from the table,
 * from the file, or from the command line, the later the stronger; every value was checked against
 * its row before anybody sees it. A secret is never a value: options name the file that holds it.
 */
#ifndef DAEMON_OPTION_H
#define DAEMON_OPTION_H

#include <auth/bytes.h>
#include <stdio.h>

typedef enum daemon_option_type {
    DAEMON_TEXT,
    DAEMON_PATH,      /* absolute, so that it means the same whoever starts the daemon */
    DAEMON_NUMBER,    /* decimal, from min to max */
    DAEMON_DURATION,  /* "500ms", "10s", "5min", "2h", "30d"; kept in milliseconds */
    DAEMON_SIZE,      /* "4096", "64KiB", "1MiB", "2GiB"; kept in octets */
    DAEMON_ADDRESSES, /* up to DAEMON_ADDRESSES_MAX of "192.0.2.1:80", "[2001:db8::1]:80", "*:80",
                         "unix:/path", with blanks between */
    DAEMON_BOOLEAN,   /* "yes" or "no" */
    DAEMON_CHOICE,    /* one of choices */
} daemon_option_type;

#define DAEMON_OPTIONS_MAX 64
#define DAEMON_ADDRESSES_MAX 16
#define DAEMON_ADDRESS_SIZE 128
#define DAEMON_CONFIG_MAX ((size_t)64 << 10)

typedef struct daemon_option {
    const char *name; /* "max-connections" */
    daemon_option_type type;
    const char
        *fallback;    /* the built-in value, as text; "": none is needed; NULL: it must be given */
    const char *help; /* one line, marked with N_ */
    int64_t min;      /* of numbers, durations (ms) and sizes; both 0: any that fits */
    int64_t max;
    const char *const *choices; /* ending in NULL */
    bool is_reloadable;         /* may change while the daemon runs (SIGHUP) */
} daemon_option;

#define DAEMON_OPTION_END                                                                          \
    {                                                                                              \
        .name = NULL                                                                               \
    }

typedef enum daemon_address_kind {
    DAEMON_ADDRESS_INET,  /* IPv4 */
    DAEMON_ADDRESS_INET6, /* "*" is this one, for both */
    DAEMON_ADDRESS_UNIX,
} daemon_address_kind;

typedef struct daemon_address {
    daemon_address_kind kind;
    uint8_t ip[16]; /* in network order; 4 octets of IPv4 */
    uint16_t port;
    bool is_any;    /* "*" */
    char path[108]; /* of the unix socket */
} daemon_address;

/* What is wrong with a configuration: one line a fault, all of them and not only the first. */
typedef struct daemon_faults {
    auth_buf *text;
    size_t count;
} daemon_faults;

typedef enum daemon_source {
    DAEMON_FROM_TABLE,
    DAEMON_FROM_FILE,
    DAEMON_FROM_COMMAND_LINE,
} daemon_source;

/* A set of values, one for each row. Immutable once it was checked, and then free to be shared. */
typedef struct daemon_options daemon_options;

/*
 * Makes a set with the built-in values of two tables, which it borrows; the second may be NULL.
 *
 * Errors: AUTH_STATUS_INTERNAL for a table that breaks its own rules; AUTH_STATUS_MEMORY.
 */
auth_status daemon_options_new(const daemon_option *common, const daemon_option *own,
                               daemon_options **out, auth_error *err) AUTH_MUST_CHECK;
void daemon_options_free(daemon_options *options);
AUTH_DEFINE_CLEANUP(daemon_options)

/*
 * Sets an option from text, value by the rules of its row.
 *
 * Errors: AUTH_STATUS_NOT_FOUND when there is no such option; AUTH_STATUS_INVALID with the rule;
 * AUTH_STATUS_MEMORY.
 */
auth_status daemon_options_set(daemon_options *options, auth_bytes name, auth_bytes value,
                               daemon_source source, auth_error *err) AUTH_MUST_CHECK;

/*
 * Reads a configuration file: "name = value" a line, lines that begin with # are comments, UTF-8,
 * up to DAEMON_CONFIG_MAX. shown is how the faults call it. What is wrong goes to faults, with its
 * line.
 *
 * Errors: AUTH_STATUS_MEMORY; faults are no error.
 */
auth_status daemon_options_read(daemon_options *options, const char *shown, auth_bytes content,
                                daemon_faults *faults, auth_error *err) AUTH_MUST_CHECK;

/* Notes a fault for each option that must be given and is not. Errors: AUTH_STATUS_MEMORY. */
auth_status daemon_options_check(const daemon_options *options, daemon_faults *faults,
                                 auth_error *err) AUTH_MUST_CHECK;

/* Notes a fault for each option that differs and may not change while the daemon runs. */
auth_status daemon_options_check_reload(const daemon_options *now, const daemon_options *next,
                                        daemon_faults *faults, auth_error *err) AUTH_MUST_CHECK;

/* Notes a fault, with a line feed added. */
auth_status daemon_fault(daemon_faults *faults, auth_error *err, const char *format, ...)
    AUTH_PRINTF(3, 4) AUTH_MUST_CHECK;

/*
 * The value of an option. name is one of the tables' and the type that of its row: anything else
 * is a fault of the program and ends it, when it starts.
 */
const char *daemon_options_text(const daemon_options *options, const char *name); /* "": none */
int64_t daemon_options_number(const daemon_options *options, const char *name);
bool daemon_options_is_set(const daemon_options *options, const char *name); /* of booleans: yes */
size_t daemon_options_addresses(const daemon_options *options, const char *name,
                                const daemon_address **out);

/* The row of an option; NULL when there is none. The i-th row; NULL behind the last. */
const daemon_option *daemon_options_row(const daemon_options *options, auth_bytes name);
const daemon_option *daemon_options_at(const daemon_options *options, size_t i);

/* Prints "name = value  # where it is from" for each option, as a file that can be read again. */
void daemon_options_print(const daemon_options *options, FILE *out);

/* Writes an address as it is read. */
void daemon_address_format(const daemon_address *address, char out[DAEMON_ADDRESS_SIZE]);

#endif
