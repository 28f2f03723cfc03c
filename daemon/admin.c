/* SPDX-License-Identifier: Apache-2.0 */
/* What only the machine's operators see, on a unix socket of mode 0600. */
#include "daemon/life.h"

#define METRICS_MAX ((size_t)1 << 20)

static auth_status answer_text(daemon_request *request, int status, const char *text,
                               auth_error *err)
{
    return daemon_answer_bytes(request, status, "text/plain; charset=utf-8",
                               auth_bytes_from_text(text), err);
}

static auth_status healthz(daemon_request *request, void *context, auth_error *err)
{
    (void)context;
    return answer_text(request, 200, "alive\n", err);
}

static auth_status readyz(daemon_request *request, void *context, auth_error *err)
{
    const daemon_self *self = context;
    auth_error why = {.status = AUTH_STATUS_OK};
    if (atomic_load(&self->server->is_draining))
        return answer_text(request, 503, "not ready: it ends\n", err);
    bool is_ready =
        self->program->ready == NULL || self->program->ready(self->context, &why) == AUTH_STATUS_OK;
    if (is_ready && why.text[0] == '\0')
        return answer_text(request, 200, "ready\n", err);
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(sizeof why.text + 32, &text, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_printf(text, err, "%s: %s\n", is_ready ? "ready" : "not ready", why.text);
    if (status == AUTH_STATUS_OK)
        status = daemon_answer_bytes(request, is_ready ? 200 : 503, "text/plain; charset=utf-8",
                                     auth_buf_bytes(text), err);
    return status;
}

static auth_status metrics(daemon_request *request, void *context, auth_error *err)
{
    const daemon_self *self = context;
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(METRICS_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_metrics_write(self->metrics, text, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_answer_bytes(request, 200, "text/plain; version=0.0.4; charset=utf-8",
                                     auth_buf_bytes(text), err);
    return status;
}

const daemon_route life_admin_routes[] = {
    {.method = HTTP_GET, .path = "/healthz", .access = DAEMON_PUBLIC, .handle = healthz},
    {.method = HTTP_GET,
     .path = "/readyz",
     .access = DAEMON_PUBLIC,
     .is_blocking = true,
     .handle = readyz},
    {.method = HTTP_GET, .path = "/metrics", .access = DAEMON_PUBLIC, .handle = metrics},
    DAEMON_ROUTE_END,
};
