/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/metric.h"
#include "daemon/http_scan.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const metric_turned_away[] = {"all", "address", "descriptors", NULL};
static const char *const metric_classes[] = {"1xx", "2xx", "3xx", "4xx", "5xx", NULL};
static const char *const metric_outcomes[] = {"good", "bad", NULL};
static const char *const metric_faults[] = {
#define HTTP_FAULT_ROW(id, name, status, text) name,
#include "daemon/http_fault.def"
    NULL,
};

const daemon_metric daemon_metric_table[] = {
#define DAEMON_METRIC_ROW(id, kind, name, help, label, values)                                     \
    {DAEMON_METRIC_##kind, name, help, label, values},
#include "daemon/metric.def"
    DAEMON_METRIC_END,
};

/* Upper bounds in microseconds; the last bucket, without a bound, follows them. */
static const int64_t bounds_us[] = {100,     250,     500,     1000,     2500,    5000,
                                    10000,   25000,   50000,   100000,   250000,  500000,
                                    1000000, 2500000, 5000000, 10000000, 30000000};
#define BOUNDS (sizeof bounds_us / sizeof bounds_us[0])
/* The buckets, the one without a bound, and the sum. */
#define CELLS_OF_HISTOGRAM (BOUNDS + 2)
#define METRICS_MAX 128
#define VALUES_MAX 64

typedef struct row {
    const daemon_metric *metric;
    size_t first; /* its first cell */
    size_t values;
} row;

struct daemon_metrics {
    row rows[METRICS_MAX];
    size_t count;
    size_t own_from; /* where the daemon's own rows begin */
    _Atomic int64_t *cells;
    size_t cell_count;
};

static size_t values_of(const daemon_metric *metric)
{
    size_t count = 0;
    while (metric->label != NULL && metric->values[count] != NULL)
        count++;
    return metric->label == NULL ? 1 : count;
}

static size_t cells_of(const daemon_metric *metric)
{
    return metric->kind == DAEMON_METRIC_HISTOGRAM ? CELLS_OF_HISTOGRAM : 1;
}

static auth_status add_rows(daemon_metrics *metrics, const daemon_metric *table, auth_error *err)
{
    for (; table != NULL && table->name != NULL; table++) {
        size_t values = values_of(table);
        if (metrics->count == METRICS_MAX || values == 0 || values > VALUES_MAX ||
            table->help == NULL)
            return auth_error_set(err, AUTH_STATUS_INTERNAL,
                                  "metric %s: too many rows or values, or no help; mend the table",
                                  table->name);
        metrics->rows[metrics->count++] = (row){table, metrics->cell_count, values};
        metrics->cell_count += values * cells_of(table);
    }
    return AUTH_STATUS_OK;
}

auth_status daemon_metrics_new(const daemon_metric *own, daemon_metrics **out, auth_error *err)
{
    AUTH_AUTO(daemon_metrics) *metrics = calloc(1, sizeof *metrics);
    if (metrics == NULL)
        return auth_error_memory(err);
    auth_status status = add_rows(metrics, daemon_metric_table, err);
    metrics->own_from = metrics->count;
    if (status == AUTH_STATUS_OK)
        status = add_rows(metrics, own, err);
    if (status != AUTH_STATUS_OK)
        return status;
    /* One more than are used, so that a table without rows is no special case. */
    metrics->cells = calloc(metrics->cell_count + 1, sizeof *metrics->cells);
    if (metrics->cells == NULL)
        return auth_error_memory(err);
    *out = AUTH_TAKE(metrics);
    return AUTH_STATUS_OK;
}

void daemon_metrics_free(daemon_metrics *metrics)
{
    if (metrics == NULL)
        return;
    free(metrics->cells);
    free(metrics);
}

/* Both tables are arrays, so a row's place follows from its address. */
static const row *find(const daemon_metrics *metrics, const daemon_metric *metric)
{
    size_t starts[] = {0, metrics->own_from, metrics->count};
    for (size_t i = 0; i < 2; i++) {
        size_t count = starts[i + 1] - starts[i];
        if (count == 0)
            continue;
        uintptr_t first = (uintptr_t)metrics->rows[starts[i]].metric;
        uintptr_t place = ((uintptr_t)metric - first) / sizeof *metric;
        if ((uintptr_t)metric >= first && place < count)
            return &metrics->rows[starts[i] + place];
    }
    return NULL;
}

static _Atomic int64_t *cell(const daemon_metrics *metrics, const daemon_metric *metric,
                             size_t value)
{
    const row *it = metrics == NULL ? NULL : find(metrics, metric);
    if (it == NULL || value >= it->values)
        return NULL;
    return &metrics->cells[it->first + value * cells_of(metric)];
}

void daemon_metric_add(daemon_metrics *metrics, const daemon_metric *metric, size_t value,
                       int64_t amount)
{
    _Atomic int64_t *it = cell(metrics, metric, value);
    if (it != NULL)
        atomic_fetch_add_explicit(it, amount, memory_order_relaxed);
}

void daemon_metric_set(daemon_metrics *metrics, const daemon_metric *metric, size_t value,
                       int64_t amount)
{
    _Atomic int64_t *it = cell(metrics, metric, value);
    if (it != NULL)
        atomic_store_explicit(it, amount, memory_order_relaxed);
}

void daemon_metric_observe(daemon_metrics *metrics, const daemon_metric *metric, size_t value,
                           int64_t microseconds)
{
    _Atomic int64_t *it = cell(metrics, metric, value);
    if (it == NULL || metric->kind != DAEMON_METRIC_HISTOGRAM)
        return;
    size_t bucket = 0;
    while (bucket < BOUNDS && microseconds > bounds_us[bucket])
        bucket++;
    atomic_fetch_add_explicit(&it[bucket], 1, memory_order_relaxed);
    atomic_fetch_add_explicit(&it[BOUNDS + 1], microseconds, memory_order_relaxed);
}

int64_t daemon_metric_read(const daemon_metrics *metrics, const daemon_metric *metric, size_t value)
{
    const _Atomic int64_t *it = cell(metrics, metric, value);
    return it == NULL ? 0 : atomic_load_explicit(it, memory_order_relaxed);
}

/* "name{label="value",le="0.001"} " */
static auth_status write_name(auth_buf *out, const daemon_metric *metric, const char *suffix,
                              size_t value, const char *le, auth_error *err)
{
    bool has_label = metric->label != NULL;
    return auth_buf_printf(out, err, "%s%s%s%s%s%s%s%s%s%s%s%s ", metric->name, suffix,
                           has_label || le != NULL ? "{" : "", has_label ? metric->label : "",
                           has_label ? "=\"" : "", has_label ? metric->values[value] : "",
                           has_label ? "\"" : "", has_label && le != NULL ? "," : "",
                           le != NULL ? "le=\"" : "", le != NULL ? le : "", le != NULL ? "\"" : "",
                           has_label || le != NULL ? "}" : "");
}

static auth_status write_seconds(auth_buf *out, int64_t us, auth_error *err)
{
    return auth_buf_printf(out, err, "%" PRId64 ".%06" PRId64 "\n", us / 1000000, us % 1000000);
}

static auth_status write_histogram(auth_buf *out, const daemon_metric *metric, size_t value,
                                   const _Atomic int64_t *cells, auth_error *err)
{
    int64_t total = 0;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i <= BOUNDS && status == AUTH_STATUS_OK; i++) {
        char le[32] = "+Inf";
        if (i < BOUNDS)
            (void)snprintf(le, sizeof le, "%g", (double)bounds_us[i] / 1e6);
        total += atomic_load_explicit(&cells[i], memory_order_relaxed);
        status = write_name(out, metric, "_bucket", value, le, err);
        if (status == AUTH_STATUS_OK)
            status = auth_buf_printf(out, err, "%" PRId64 "\n", total);
    }
    if (status == AUTH_STATUS_OK)
        status = write_name(out, metric, "_sum", value, NULL, err);
    if (status == AUTH_STATUS_OK)
        status =
            write_seconds(out, atomic_load_explicit(&cells[BOUNDS + 1], memory_order_relaxed), err);
    if (status == AUTH_STATUS_OK)
        status = write_name(out, metric, "_count", value, NULL, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(out, err, "%" PRId64 "\n", total);
    return status;
}

static auth_status write_row(const daemon_metrics *metrics, const row *it, auth_buf *out,
                             auth_error *err)
{
    static const char *const kinds[] = {"counter", "gauge", "histogram"};
    const daemon_metric *metric = it->metric;
    auth_status status = auth_buf_printf(out, err, "# HELP %s %s\n# TYPE %s %s\n", metric->name,
                                         metric->help, metric->name, kinds[metric->kind]);
    for (size_t value = 0; value < it->values && status == AUTH_STATUS_OK; value++) {
        const _Atomic int64_t *cells = cell(metrics, metric, value);
        if (metric->kind == DAEMON_METRIC_HISTOGRAM) {
            status = write_histogram(out, metric, value, cells, err);
            continue;
        }
        status = write_name(out, metric, "", value, NULL, err);
        if (status == AUTH_STATUS_OK)
            status = auth_buf_printf(out, err, "%" PRId64 "\n",
                                     atomic_load_explicit(cells, memory_order_relaxed));
    }
    return status;
}

auth_status daemon_metrics_write(const daemon_metrics *metrics, auth_buf *out, auth_error *err)
{
    size_t before = auth_buf_bytes(out).len;
    auth_status status = AUTH_STATUS_OK;
    for (size_t i = 0; i < metrics->count && status == AUTH_STATUS_OK; i++)
        status = write_row(metrics, &metrics->rows[i], out, err);
    if (status != AUTH_STATUS_OK)
        auth_buf_truncate(out, before);
    return status;
}
