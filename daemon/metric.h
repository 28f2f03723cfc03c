/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metrics as Prometheus reads them, from tables: one for the skeleton, one for each daemon.
 * Counting takes no lock. A label has a closed list of values, so that nothing from a request
 * becomes one.
 */
#ifndef DAEMON_METRIC_H
#define DAEMON_METRIC_H

#include <auth/bytes.h>

typedef enum daemon_metric_kind {
    DAEMON_METRIC_COUNTER,
    DAEMON_METRIC_GAUGE,
    DAEMON_METRIC_HISTOGRAM, /* of seconds, 100 us to 30 s */
} daemon_metric_kind;

typedef struct daemon_metric {
    daemon_metric_kind kind;
    const char *name;
    const char *help;
    const char *label;         /* NULL: none */
    const char *const *values; /* of the label, ending in NULL */
} daemon_metric;

#define DAEMON_METRIC_END                                                                          \
    {                                                                                              \
        .name = NULL                                                                               \
    }

enum {
#define DAEMON_METRIC_ROW(id, kind, name, help, label, values) DAEMON_METRIC_ROW_##id,
#include "daemon/metric.def"
    DAEMON_METRIC_ROWS,
};

extern const daemon_metric daemon_metric_table[];

/* A row of the skeleton's: DAEMON_METRIC(ACCEPTED). */
#define DAEMON_METRIC(id) (&daemon_metric_table[DAEMON_METRIC_ROW_##id])

typedef struct daemon_metrics daemon_metrics;

/*
 * Makes the counters of the skeleton's table and of one more, which may be NULL; both are borrowed.
 *
 * Errors: AUTH_STATUS_INTERNAL for a wrong table; AUTH_STATUS_MEMORY.
 */
auth_status daemon_metrics_new(const daemon_metric *own, daemon_metrics **out,
                               auth_error *err) AUTH_MUST_CHECK;
void daemon_metrics_free(daemon_metrics *metrics);
AUTH_DEFINE_CLEANUP(daemon_metrics)

/*
 * Count. metric is a row of one of the tables, value the index of the label's value (0 without a
 * label). Any thread. What is in no table is left out. metrics may be NULL.
 */
void daemon_metric_add(daemon_metrics *metrics, const daemon_metric *metric, size_t value,
                       int64_t amount);
void daemon_metric_set(daemon_metrics *metrics, const daemon_metric *metric, size_t value,
                       int64_t amount);
void daemon_metric_observe(daemon_metrics *metrics, const daemon_metric *metric, size_t value,
                           int64_t microseconds);
int64_t daemon_metric_read(const daemon_metrics *metrics, const daemon_metric *metric,
                           size_t value);

/*
 * Appends all metrics in the Prometheus text format 0.0.4.
 *
 * Errors: AUTH_STATUS_LIMIT; AUTH_STATUS_MEMORY.
 */
auth_status daemon_metrics_write(const daemon_metrics *metrics, auth_buf *out,
                                 auth_error *err) AUTH_MUST_CHECK;

#endif
