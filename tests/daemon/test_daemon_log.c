/* SPDX-License-Identifier: Apache-2.0 */
/* Is a line of the log whole and masked, and does a log that nobody reads hold nobody up? */
#include "daemon/log.h"
#include "harness/harness.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct reader {
    int ends[2];
    daemon_log *log;
    char text[1 << 17];
} reader;

static reader *start(daemon_log_format format)
{
    reader *it = calloc(1, sizeof *it);
    auth_error err;
    ck_assert_ptr_nonnull(it);
    ck_assert_int_eq(pipe2(it->ends, O_CLOEXEC), 0);
    assert_ok(daemon_log_new(it->ends[1], format, &it->log, &err), &err);
    return it;
}

/* What was logged so far; the pipe is closed after it. */
static const char *finish(reader *it)
{
    size_t used = 0;
    (void)close(it->ends[1]);
    daemon_log_free(it->log);
    for (ssize_t got = 1; got > 0;) {
        got = read(it->ends[0], it->text + used, sizeof it->text - 1 - used);
        used += got > 0 ? (size_t)got : 0;
    }
    (void)close(it->ends[0]);
    return it->text;
}

START_TEST(a_line_tells_its_fields)
{
    reader *it = start(DAEMON_LOG_JSON);
    auth_error err;
    (void)auth_error_set(&err, AUTH_STATUS_DENIED, "office: \"1\\2\": no; ask");
    daemon_log_fields(it->log, &daemon_event_peer_refused, DAEMON_LOG_NUMBER("count", -3),
                      DAEMON_LOG_WORD("peer", "clerk 110105194912310021 \"x\"\n"),
                      DAEMON_LOG_FIXED("fixed", "1234567"), DAEMON_LOG_ERROR(&err));
    const char *text = finish(it);
    const char *tail = strstr(text, "\"level\"");
    ck_assert_ptr_nonnull(tail);
    ck_assert_str_eq(tail,
                     "\"level\":\"notice\",\"event\":\"peer-refused\",\"count\":-3,"
                     "\"peer\":\"clerk ... \\\"x\\\"?\",\"fixed\":\"1234567\","
                     "\"status\":\"denied\",\"detail\":\"office: \\\"1\\\\2\\\": no; ask\"}\n");
    ck_assert_mem_eq(text, "{\"ts\":\"20", 9);
    free(it);
}

START_TEST(text_for_a_terminal)
{
    reader *it = start(DAEMON_LOG_TEXT);
    daemon_log_fields(it->log, &daemon_event_ready, DAEMON_LOG_NUMBER("threads", 2));
    const char *text = finish(it);
    ck_assert_ptr_nonnull(strstr(text, "Z info ready threads=2\n"));
    free(it);
}

START_TEST(levels_leave_out)
{
    reader *it = start(DAEMON_LOG_JSON);
    daemon_log_fields(it->log, &daemon_event_peer_known, DAEMON_LOG_NUMBER("n", 1));
    daemon_log_set_level(it->log, DAEMON_LEVEL_ERROR);
    daemon_log_fields(it->log, &daemon_event_ready, DAEMON_LOG_NUMBER("n", 2));
    daemon_log_set_level(it->log, DAEMON_LEVEL_DEBUG);
    daemon_log_fields(it->log, &daemon_event_peer_known, DAEMON_LOG_NUMBER("n", 3));
    const char *text = finish(it);
    ck_assert_ptr_null(strstr(text, "\"n\":1"));
    ck_assert_ptr_null(strstr(text, "\"n\":2"));
    ck_assert_ptr_nonnull(strstr(text, "\"n\":3"));
    free(it);
}

START_TEST(repeated_events_are_counted_instead)
{
    reader *it = start(DAEMON_LOG_JSON);
    for (int i = 0; i < 1000; i++)
        daemon_log_fields(it->log, &daemon_event_connections_full, DAEMON_LOG_NUMBER("n", i));
    daemon_log_fields(it->log, &daemon_event_ready, DAEMON_LOG_NUMBER("n", -1));
    const char *text = finish(it);
    size_t lines = 0;
    for (const char *at = strchr(text, '\n'); at != NULL; at = strchr(at + 1, '\n'))
        lines++;
    /* The second may end while this runs. */
    ck_assert_uint_le(lines, 41);
    ck_assert_ptr_nonnull(strstr(text, "\"n\":-1"));
    free(it);
}

/* Events of their own, so that none of them is repeated. */
static void flood(daemon_log *log, daemon_event *events, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        events[i] = (daemon_event){"flood", DAEMON_LEVEL_ERROR, ""};
        for (int line = 0; line < 20; line++)
            daemon_log_fields(log, &events[i],
                              DAEMON_LOG_WORD("x", "0123456789abcdefghijklmnopqrstuvwxyzabcdefgh"));
    }
}

START_TEST(a_log_that_nobody_reads_drops)
{
    static daemon_event events[120];
    reader *it = start(DAEMON_LOG_JSON);
    ck_assert_int_eq(fcntl(it->ends[1], F_SETPIPE_SZ, 4096), 4096);
    flood(it->log, events, 120);
    uint64_t dropped = daemon_log_dropped(it->log);
    ck_assert_uint_gt(dropped, 1000);
    /* Whoever reads again learns how much is missing. */
    ck_assert_int_gt(read(it->ends[0], it->text, 4096), 0);
    daemon_log_fields(it->log, &daemon_event_ready, DAEMON_LOG_NUMBER("n", 1));
    memset(it->text, 0, sizeof it->text);
    const char *text = finish(it);
    char told[64];
    (void)snprintf(told, sizeof told, "\"event\":\"log-dropped\",\"lines\":%llu}",
                   (unsigned long long)dropped);
    ck_assert_msg(strstr(text, told) != NULL, "%s is not in: %s", told, text);
    ck_assert_ptr_nonnull(strstr(text, "\"event\":\"ready\""));
    free(it);
}

START_TEST(a_closed_pipe_is_no_end)
{
    reader *it = start(DAEMON_LOG_JSON);
    (void)close(it->ends[0]);
    (void)signal(SIGPIPE, SIG_IGN);
    daemon_log_fields(it->log, &daemon_event_ready, DAEMON_LOG_NUMBER("n", 1));
    ck_assert_uint_eq(daemon_log_dropped(it->log), 1);
    daemon_log_free(it->log);
    (void)close(it->ends[1]);
    free(it);
}

SUITE("daemon_log", TEST(a_line_tells_its_fields), TEST(text_for_a_terminal),
      TEST(levels_leave_out), TEST(repeated_events_are_counted_instead),
      TEST(a_log_that_nobody_reads_drops), TEST(a_closed_pipe_is_no_end))
