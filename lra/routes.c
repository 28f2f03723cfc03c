/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What auth-lra may be asked, all of it. It enters requests and looks at those of its office; it
 * has no route to approve, reject or administer. schemas/lra.openapi.json is held against this.
 */
#include "office/handlers.h"
#include "service.h"

/* Handlers of the registry's, which answer at once that it is away while it is. */
#define ONLINE(name)                                                                               \
    static auth_status online_##name(daemon_request *request, void *context, auth_error *err)      \
    {                                                                                              \
        return lra_online(context, request, office_##name, err);                                   \
    }
ONLINE(search_requests)
ONLINE(read_document)
ONLINE(search_certificates)
ONLINE(certificate)
ONLINE(status)
ONLINE(list_offices)
ONLINE(read_office)
ONLINE(list_officers)
ONLINE(read_officer)
ONLINE(realm)

/* clang-format off */
const daemon_route lra_service_routes[] = {
    {HTTP_POST, "/requests", OFFICE_ENTERS, .body_max = OFFICE_DOCUMENT_MAX, .body_type = OFFICE_DOCUMENT_TYPE, .answer_type = "application/json", .is_blocking = true, .handle = lra_submit},
    {HTTP_GET, "/requests", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = lra_list_requests},
    {HTTP_POST, "/requests/search", OFFICE_ANY, .body_max = OFFICE_SMALL_MAX, .body_type = "application/json", .answer_type = "application/json", .is_blocking = true, .handle = online_search_requests},
    {HTTP_GET, "/requests/{id}", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = lra_read_request},
    {HTTP_GET, "/requests/{id}/document", OFFICE_ENTERS, .answer_type = OFFICE_DOCUMENT_TYPE, .is_blocking = true, .handle = online_read_document},
    {HTTP_GET, "/requests/{id}/outcome", OFFICE_ANY, .answer_type = "application/json", .deadline_ms = OFFICE_WAIT_DEADLINE_MS, .is_blocking = true, .handle = lra_await_outcome},
    {HTTP_POST, "/certificates/search", OFFICE_ANY, .body_max = OFFICE_SMALL_MAX, .body_type = "application/json", .answer_type = "application/json", .is_blocking = true, .handle = online_search_certificates},
    {HTTP_GET, "/certificates/{serial}", OFFICE_ANY, .is_blocking = true, .handle = online_certificate},
    {HTTP_GET, "/certificates/{serial}/status", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = online_status},
    {HTTP_GET, "/offices", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = online_list_offices},
    {HTTP_GET, "/offices/{id}", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = online_read_office},
    {HTTP_GET, "/officers", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = online_list_officers},
    {HTTP_GET, "/officers/{id}", OFFICE_ANY, .answer_type = "application/json", .is_blocking = true, .handle = online_read_officer},
    {HTTP_GET, "/realm", DAEMON_ANY_PEER, .answer_type = "application/json", .is_blocking = true, .handle = online_realm},
    DAEMON_ROUTE_END,
};
/* clang-format on */
