/* SPDX-License-Identifier: Apache-2.0 */
/* A transfer as libcurl sees it: what it may do, and what its end means. Internal to fetch. */
#ifndef FETCH_HTTP_H
#define FETCH_HTTP_H

#include "fetch/transfer.h"

/*
 * Makes transfer->easy ready for transfer->uri and transfer->request. Errors: AUTH_STATUS_MEMORY;
 * AUTH_STATUS_INTERNAL when libcurl lacks what is asked of it.
 */
auth_status http_prepare(fetch_transfer *transfer, auth_error *err) AUTH_MUST_CHECK;

/* Reads how the exchange ended: FOUND when there is a body to be verified. */
auth_fetch_outcome http_outcome(const fetch_transfer *transfer, auth_error *err);

#endif
