/* SPDX-License-Identifier: Apache-2.0 */
/* auth-ra: the officers' API of a province, or of a whole realm. */
#include "office/handlers.h"

#define RENEWAL_MS 60000

static const daemon_option options[] = {
    {.name = "realm", .type = DAEMON_PATH, .fallback = NULL, .help = N_("folder of the realm")},
    DAEMON_OPTION_END,
};

static const daemon_metric metrics[] = {OFFICE_METRIC_ROWS, DAEMON_METRIC_END};

/* clang-format off */
static const daemon_route routes[] = {
    {HTTP_POST, "/requests", OFFICE_ENTERS, .body_max = OFFICE_DOCUMENT_MAX, .body_type = OFFICE_DOCUMENT_TYPE, .answer_type = "application/json", .is_blocking = true, .handle = office_submit},
    {HTTP_GET, "/requests", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = office_list_requests},
    {HTTP_POST, "/requests/search", OFFICE_ANY, .body_max = OFFICE_SMALL_MAX, .body_type = "application/json", .answer_type = "application/json", .is_blocking = true, .handle = office_search_requests},
    {HTTP_GET, "/requests/{id}", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = office_read_request},
    {HTTP_GET, "/requests/{id}/document", OFFICE_ENTERS, .answer_type = OFFICE_DOCUMENT_TYPE, .is_blocking = true, .handle = office_read_document},
    {HTTP_POST, "/requests/{id}/signatures", OFFICE_ENTERS, .body_max = OFFICE_DOCUMENT_MAX, .body_type = OFFICE_DOCUMENT_TYPE, .answer_type = "application/json", .is_blocking = true, .handle = office_amend},
    {HTTP_POST, "/requests/{id}/rejection", OFFICE_ENTERS, .body_max = OFFICE_SMALL_MAX, .body_type = "application/json", .answer_type = "application/json", .is_blocking = true, .handle = office_reject},
    {HTTP_GET, "/requests/{id}/outcome", OFFICE_ANY, .answer_type = "application/json", .deadline_ms = OFFICE_WAIT_DEADLINE_MS, .is_blocking = true, .handle = office_await_outcome},
    {HTTP_POST, "/certificates/search", OFFICE_ANY, .body_max = OFFICE_SMALL_MAX, .body_type = "application/json", .answer_type = "application/json", .is_blocking = true, .handle = office_search_certificates},
    {HTTP_GET, "/certificates/{serial}", OFFICE_ANY, .is_blocking = true, .handle = office_certificate},
    {HTTP_GET, "/certificates/{serial}/status", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = office_status},
    {HTTP_GET, "/offices", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = office_list_offices},
    {HTTP_GET, "/offices/{id}", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = office_read_office},
    {HTTP_GET, "/officers", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = office_list_officers},
    {HTTP_GET, "/officers/{id}", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = office_read_officer},
    {HTTP_GET, "/statistics", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = office_statistics},
    {HTTP_GET, "/realm", DAEMON_ANY_PEER, .answer_type = "application/json", .is_blocking = true, .handle = office_realm},
    {HTTP_POST, "/renewals", DAEMON_PUBLIC, .body_max = OFFICE_RENEWAL_MAX, .body_type = OFFICE_DOCUMENT_TYPE, .answer_type = "application/json", .is_blocking = true, .handle = office_renew},
    {HTTP_GET, "/renewals/{id}/outcome", DAEMON_PUBLIC, .deadline_ms = OFFICE_WAIT_DEADLINE_MS, .answer_type = "application/json", .is_blocking = true, .handle = office_await_renewal},
    {HTTP_POST, "/activations", DAEMON_PUBLIC, .body_max = OFFICE_SMALL_MAX, .body_type = "application/json", .answer_type = "application/json", .is_blocking = true, .handle = office_activate},
    DAEMON_ROUTE_END,
};
/* clang-format on */

static auth_status start(daemon_self *self, void **context, auth_error *err)
{
    AUTH_AUTO(office) *it = NULL;
    office_opening opening = {.self = self,
                              .program = "auth-ra",
                              .realm = daemon_options_text(daemon_self_options(self), "realm"),
                              .role = REGISTRY_ROLE_RA,
                              .metrics = metrics};
    auth_status status = office_open(&opening, &it, err);
    if (status == AUTH_STATUS_OK)
        status = office_find_scope(it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_worker_start(self, "registry", office_watch, it, err);
    if (status == AUTH_STATUS_OK)
        status = daemon_every(self, "renewal", RENEWAL_MS, office_renew_tls, it, err);
    if (status == AUTH_STATUS_OK)
        *context = AUTH_TAKE(it);
    return status;
}

static void stop(void *context) { office_free(context); }

static const daemon_program program = {
    .name = "auth-ra",
    .summary = N_("takes requests from the officers of a realm"),
    .description =
        N_("auth-ra is where registration officers send signed documents, add signatures to those "
           "of others, and learn what became of them. It judges every document as the authority "
           "will, stores it sealed, and signs nothing. Officers show their certificates in TLS; "
           "who they are is asked from the registry for every request."),
    .config = "/etc/auth/ra.conf",
    .options = options,
    .routes = routes,
    .metrics = metrics,
    .workers = OFFICE_WORKERS,
    .judge = office_judge,
    .start = start,
    .ready = office_ready,
    .stop = stop,
};

int main(int argc, char **argv) { return daemon_main(&program, argc, argv); }
