/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

static const daemon_program program = {
    .name = "auth-lra",
    .summary = N_("takes requests at the counter of an office"),
    .description =
        N_("auth-lra serves the officers of one office: they enter requests and see what became "
           "of those of their office. It never approves, and it signs nothing.\n\n"
           "While the registry cannot be reached it goes on: what an officer signed is checked as "
           "far as that is possible without the registry, sealed, written durably into the spool, "
           "and delivered in order when the line is back. Its answers say plainly whether a "
           "request is in the registry or kept here."),
    .config = "/etc/auth/lra.conf",
    .options = lra_service_options,
    .routes = lra_service_routes,
    .metrics = lra_service_metrics,
    .judge = lra_service_judge,
    .start = lra_service_start,
    .ready = lra_service_ready,
    .stop = lra_service_stop,
};

int main(int argc, char **argv) { return daemon_main(&program, argc, argv); }
