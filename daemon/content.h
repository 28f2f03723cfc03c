/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Answering with content that has a name and a version: a file, a list, a page. What a client has
 * already is not sent again (RFC 9110 13), and a part is sent when a part is asked for (RFC 9110
 * 14).
 */
#ifndef DAEMON_CONTENT_H
#define DAEMON_CONTENT_H

#include "daemon/request.h"

/*
 * Answers a GET or HEAD with a response of status 200 whose headers say which version it is (ETag,
 * Last-Modified), or with 304, 206 or 416 as the request's conditions and range want it. Several
 * ranges at once are not cut out: the whole is sent, as RFC 9110 14.2 allows.
 *
 * Errors: AUTH_STATUS_MEMORY; AUTH_STATUS_LIMIT.
 */
auth_status daemon_answer_content(daemon_request *request, daemon_response *whole,
                                  auth_error *err) AUTH_MUST_CHECK;

#endif
