/* SPDX-License-Identifier: Apache-2.0 */
/* Is what was counted what Prometheus reads? */
#include "daemon/metric.h"
#include "harness/harness.h"

#include <string.h>

static const char *const kinds[] = {"ocsp", "crl", NULL};

enum { PLAIN, LABELLED, LEVEL, TIMES };

static const daemon_metric table[] = {
    [PLAIN] = {DAEMON_METRIC_COUNTER, "own_total", "Own.", NULL, NULL},
    [LABELLED] = {DAEMON_METRIC_COUNTER, "own_kinds_total", "Kinds.", "kind", kinds},
    [LEVEL] = {DAEMON_METRIC_GAUGE, "own_level", "Level.", NULL, NULL},
    [TIMES] = {DAEMON_METRIC_HISTOGRAM, "own_seconds", "Times.", "kind", kinds},
    DAEMON_METRIC_END,
};

static const daemon_metric stranger = {DAEMON_METRIC_COUNTER, "x", "X.", NULL, NULL};

static const char expected[] = "# HELP own_total Own.\n# TYPE own_total counter\nown_total 5\n"
                               "# HELP own_kinds_total Kinds.\n# TYPE own_kinds_total counter\n"
                               "own_kinds_total{kind=\"ocsp\"} 0\nown_kinds_total{kind=\"crl\"} 7\n"
                               "# HELP own_level Level.\n# TYPE own_level gauge\nown_level -2\n"
                               "# HELP own_seconds Times.\n# TYPE own_seconds histogram\n";

START_TEST(what_is_counted_is_written)
{
    AUTH_AUTO(daemon_metrics) *metrics = NULL;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_error err;
    assert_ok(daemon_metrics_new(table, &metrics, &err), &err);
    assert_ok(auth_buf_new(1 << 20, &text, &err), &err);
    daemon_metric_add(metrics, &table[PLAIN], 0, 5);
    daemon_metric_add(metrics, &table[PLAIN], 1, 100);
    daemon_metric_add(metrics, &table[LABELLED], 1, 7);
    daemon_metric_add(metrics, &table[LABELLED], 2, 100);
    daemon_metric_set(metrics, &table[LEVEL], 0, -2);
    daemon_metric_add(metrics, &stranger, 0, 1);
    daemon_metric_add(metrics, DAEMON_METRIC(ACCEPTED), 0, 3);
    daemon_metric_observe(metrics, &table[TIMES], 1, 100);
    daemon_metric_observe(metrics, &table[TIMES], 1, 101);
    daemon_metric_observe(metrics, &table[TIMES], 1, 60000000);
    assert_ok(daemon_metrics_write(metrics, text, &err), &err);
    assert_ok(auth_buf_append(text, (auth_bytes){(const uint8_t *)"", 1}, &err), &err);
    const char *all = (const char *)auth_buf_bytes(text).data;
    const char *own = strstr(all, "# HELP own_total");
    ck_assert_ptr_nonnull(own);
    ck_assert_mem_eq(own, expected, sizeof expected - 1);
    ck_assert_ptr_nonnull(strstr(all, "\ndaemon_connections_accepted_total 3\n"));
    ck_assert_ptr_nonnull(strstr(own, "own_seconds_bucket{kind=\"crl\",le=\"0.0001\"} 1\n"
                                      "own_seconds_bucket{kind=\"crl\",le=\"0.00025\"} 2\n"));
    ck_assert_ptr_nonnull(strstr(own, "own_seconds_bucket{kind=\"crl\",le=\"30\"} 2\n"
                                      "own_seconds_bucket{kind=\"crl\",le=\"+Inf\"} 3\n"
                                      "own_seconds_sum{kind=\"crl\"} 60.000201\n"
                                      "own_seconds_count{kind=\"crl\"} 3\n"));
}

START_TEST(a_wrong_table_is_refused)
{
    static const char *const none[] = {NULL};
    static const daemon_metric wrong[] = {{DAEMON_METRIC_COUNTER, "a", "A.", "kind", none},
                                          DAEMON_METRIC_END};
    daemon_metrics *metrics = NULL;
    auth_error err;
    assert_fails(daemon_metrics_new(wrong, &metrics, &err), AUTH_STATUS_INTERNAL, &err);
}

static auth_status attempt(void *context)
{
    (void)context;
    daemon_metrics *metrics = NULL;
    auth_buf *text = NULL;
    auth_status status = daemon_metrics_new(table, &metrics, NULL);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(1 << 20, &text, NULL);
    if (status == AUTH_STATUS_OK)
        status = daemon_metrics_write(metrics, text, NULL);
    daemon_metrics_free(metrics);
    auth_buf_free(text);
    return status;
}

START_TEST(without_memory_nothing_breaks)
{
    ck_assert_uint_gt(harness_for_each_failure(attempt, NULL), 3);
}

SUITE("daemon_metric", TEST(what_is_counted_is_written), TEST(a_wrong_table_is_refused),
      TEST(without_memory_nothing_breaks))
