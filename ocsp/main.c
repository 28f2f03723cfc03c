/* SPDX-License-Identifier: Apache-2.0 */
#include "service.h"

static const daemon_program program = {
    .name = "auth-ocsp",
    .summary = N_("tells whether certificates of a realm are good"),
    .description =
        N_("auth-ocsp answers OCSP requests (RFC 6960, RFC 5019) about the certificates of a "
           "realm, and serves its revocation lists and the certificates of its authorities. It "
           "holds the keys of the responders and no other, and reads the registry with a role "
           "that can write nothing.\n\n"
           "Any number of processes may run, on one machine (share-addresses) and on many."),
    .config = "/etc/auth/ocsp.conf",
    .options = ocsp_service_options,
    .routes = ocsp_service_routes,
    .metrics = ocsp_service_metrics,
    .start = ocsp_service_start,
    .ready = ocsp_service_ready,
    .stop = ocsp_service_stop,
};

int main(int argc, char **argv) { return daemon_main(&program, argc, argv); }
