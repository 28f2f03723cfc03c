/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

static const daemon_program program = {
    .name = "auth-ca",
    .summary = N_("issues and revokes certificates of a realm"),
    .description =
        N_("auth-ca works through the requests that a realm's officers have approved. It verifies "
           "every signature anew, signs what is asked for, and writes certificates, revocation "
           "lists and the heads of the ledger into the registry. It listens on no port.\n\n"
           "Before it works it holds its signing journal against the registry, and does not start "
           "on a registry that was set back."),
    .config = "/etc/auth/ca.conf",
    .options = ca_service_options,
    .metrics = ca_service_metrics,
    .start = ca_service_start,
    .ready = ca_service_ready,
    .stop = ca_service_stop,
};

int main(int argc, char **argv) { return daemon_main(&program, argc, argv); }
