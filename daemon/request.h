/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request as its handler sees it. All of it was checked against its route before. What is
 * borrowed from a request is valid until the handler returns.
 */
#ifndef DAEMON_REQUEST_H
#define DAEMON_REQUEST_H

#include "daemon/peer.h"
#include "daemon/response.h"
#include "daemon/route.h"

#define DAEMON_REQUEST_ID_SIZE 33

/* Names the request in logs and problem documents: letters only. */
const char *daemon_request_id(daemon_request *request);

/*
 * The {segment} of the route's path, decoded once.
 *
 * Errors: AUTH_STATUS_MALFORMED when it is no text; AUTH_STATUS_MEMORY. A name that the route does
 * not have: AUTH_STATUS_INTERNAL.
 */
auth_status daemon_request_segment(daemon_request *request, const char *name, auth_bytes *out,
                                   auth_error *err) AUTH_MUST_CHECK;

/* The same as it came, not decoded; empty when the route has no such segment. */
auth_bytes daemon_request_raw_segment(const daemon_request *request, const char *name);

/*
 * A parameter of the query, decoded once; "+" is a plus.
 *
 * Errors: AUTH_STATUS_NOT_FOUND; AUTH_STATUS_MALFORMED when it stands there twice or is no text;
 * AUTH_STATUS_MEMORY.
 */
auth_status daemon_request_query(daemon_request *request, const char *name, auth_bytes *out,
                                 auth_error *err) AUTH_MUST_CHECK;

/* The value of the first header of this name, without blanks around it; data NULL: there is none.
 */
auth_bytes daemon_request_header(const daemon_request *request, const char *name);

auth_bytes daemon_request_body(const daemon_request *request);
http_method daemon_request_method(const daemon_request *request);

/* Who asks; NULL: nobody that was judged good. The chain that was judged, in DER. */
const daemon_peer *daemon_request_peer(const daemon_request *request);
size_t daemon_request_chain(const daemon_request *request, const auth_bytes **out);

/* Answer. The first answer counts. daemon_answer adds a reference of its own. */
void daemon_answer(daemon_request *request, daemon_response *response);
auth_status daemon_answer_bytes(daemon_request *request, int status, const char *type,
                                auth_bytes body, auth_error *err) AUTH_MUST_CHECK;

/*
 * Parks a request: its answer comes from another thread, without one of the daemon's workers
 * waiting for it. The handler calls it once and returns AUTH_STATUS_OK; only then, or right before,
 * the other thread may have the request, and it calls daemon_request_finish once, whatever happens:
 * also when the client is gone or was told meanwhile that it took too long (request-timeout), and
 * when the daemon ends. The body, the path and the headers stay readable until then. Not for routes
 * that are blocking.
 */
void daemon_request_park(daemon_request *request);

/*
 * Takes that back, for a handler that found nobody to leave the request to: it answers itself,
 * which wakes no thread.
 */
void daemon_request_unpark(daemon_request *request);

/* Answers a parked request, from any thread; adds a reference. The request is gone afterwards. */
void daemon_request_finish(daemon_request *request, daemon_response *response);

/*
 * The same, for who finishes many one after the other: the answer may lie until daemon_flush
 * (daemon/daemon.h), so that the thread that sends is not woken for each of them.
 */
void daemon_request_finish_later(daemon_request *request, daemon_response *response);

/*
 * Names the reason of a refusal: the problem document that this request is answered with gets a
 * member "reason", for programs. reason is static.
 */
void daemon_request_reason(daemon_request *request, const char *reason);

/*
 * Names the item, from 0, that alone is the matter of a refusal: the problem document gets a member
 * "item".
 */
void daemon_request_item(daemon_request *request, uint32_t item);

/*
 * The text of the fault that this request ends with is made for the client, who is told it; that of
 * other faults goes to the log alone.
 */
void daemon_request_explain(daemon_request *request);

/*
 * From where the client connects, as the cap on connections counts it: a number for an IPv4 address
 * or a /64 of IPv6; 0 for a socket that has no address.
 */
uint64_t daemon_request_origin(const daemon_request *request);

/* Tells whether the client likes Chinese better than English (Accept-Language). */
bool daemon_request_is_chinese(const daemon_request *request);

/*
 * Waiting for an event (long poll). In this order, so that no event is missed:
 *
 *     daemon_request_watch(request, key);      from now on events of this key count
 *     ... look whether there is something to tell; answer and return when there is ...
 *     if (daemon_request_is_last_try(request))
 *         ... answer "nothing yet" ...
 *     else
 *         daemon_request_wait(request, 30000);
 *     return AUTH_STATUS_OK;
 *
 * The handler is called again for the same request after daemon_wake with its key, or when the time
 * is over, or when there are too many who wait, or the daemon ends; the last three are the last
 * try.
 */
void daemon_request_watch(daemon_request *request, uint64_t key);
void daemon_request_wait(daemon_request *request, uint32_t wait_ms);
bool daemon_request_is_last_try(const daemon_request *request);

#endif
