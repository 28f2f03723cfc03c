/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/http.h"

#include <auth/version.h>

#define HEADERS_MAX 16384
#define HTTP_OK 200
#define HTTP_TOO_MANY_REQUESTS 429

/* Octets that libcurl hands over; less than it gave ends the transfer. */
static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    fetch_transfer *transfer = context;
    auth_bytes octets = {(const uint8_t *)data, size * count};
    auth_status status = auth_buf_append(transfer->body, octets, NULL);
    transfer->is_too_large = status == AUTH_STATUS_LIMIT;
    transfer->is_out_of_memory = status == AUTH_STATUS_MEMORY;
    return status == AUTH_STATUS_OK ? octets.len : 0;
}

static size_t count_header(char *data, size_t size, size_t count, void *context)
{
    fetch_transfer *transfer = context;
    (void)data;
    transfer->header_len += size * count;
    transfer->is_too_large = transfer->header_len > HEADERS_MAX;
    return transfer->is_too_large ? 0 : size * count;
}

/* Before a connection: the host's name is allowed, and now it is known which address it means. */
static curl_socket_t open_socket(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
    fetch_transfer *transfer = context;
    (void)purpose;
    if (!transfer->host->may_be_private &&
        !address_is_public(&address->addr, (socklen_t)address->addrlen)) {
        transfer->is_address_refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

/* libcurl checks the type of each argument, so they are set one by one. */
static CURLcode set_bounds(const fetch_transfer *transfer)
{
    const auth_fetch_options *options = &transfer->fetcher->options;
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)options->timeout_ms);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)options->connect_timeout_ms);
    /* A thread that waits for a name server is left behind, so that the bound holds for it too. */
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return code;
}

static CURLcode set_reach(const fetch_transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PROXY, "");
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    /* The base64 in a path is not to be tidied up. */
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L);
    if (code == CURLE_OK && transfer->fetcher->tls_ca_file != NULL)
        code = curl_easy_setopt(easy, CURLOPT_CAINFO, transfer->fetcher->tls_ca_file);
    return code;
}

static CURLcode set_functions(fetch_transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, count_header);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    return code;
}

static CURLcode set_request(fetch_transfer *transfer)
{
    CURL *easy = transfer->easy;
    CURLcode code = curl_easy_setopt(easy, CURLOPT_URL, transfer->uri);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_USERAGENT, "libauth/" AUTH_VERSION);
    if (code != CURLE_OK || transfer->request == NULL)
        return code;
    auth_bytes request = auth_buf_bytes(transfer->request);
    transfer->headers = curl_slist_append(NULL, "Content-Type: application/ocsp-request");
    if (transfer->headers == NULL)
        return CURLE_OUT_OF_MEMORY;
    code = curl_easy_setopt(easy, CURLOPT_HTTPHEADER, transfer->headers);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)request.len);
    if (code == CURLE_OK)
        code = curl_easy_setopt(easy, CURLOPT_POSTFIELDS, (const char *)request.data);
    return code;
}

auth_status http_prepare(fetch_transfer *transfer, auth_error *err)
{
    transfer->easy = curl_easy_init();
    if (transfer->easy == NULL)
        return auth_error_memory(err);
    CURLcode code = set_bounds(transfer);
    if (code == CURLE_OK)
        code = set_reach(transfer);
    if (code == CURLE_OK)
        code = set_functions(transfer);
    if (code == CURLE_OK)
        code = set_request(transfer);
    if (code == CURLE_OUT_OF_MEMORY)
        return auth_error_memory(err);
    if (code != CURLE_OK)
        return auth_error_set(err, AUTH_STATUS_INTERNAL,
                              "libcurl: it does not take an option: %s; use version 7.87 or later",
                              curl_easy_strerror(code));
    return AUTH_STATUS_OK;
}

static auth_fetch_outcome outcome_of_status(long status, auth_error *err)
{
    if (status == HTTP_OK)
        return AUTH_FETCH_OUTCOME_FOUND;
    if (status >= 300 && status < 400)
        return outcome_set(err, AUTH_FETCH_OUTCOME_REFUSED,
                           "it answers %ld and sends elsewhere, which is not followed", status);
    if (status >= 500 || status == HTTP_TOO_MANY_REQUESTS)
        return outcome_set(err, AUTH_FETCH_OUTCOME_DOWN, "it answers %ld (RFC 9110 15)", status);
    return outcome_set(err, AUTH_FETCH_OUTCOME_REFUSED, "it answers %ld (RFC 9110 15)", status);
}

static auth_fetch_outcome outcome_of_failure(const fetch_transfer *transfer, auth_error *err)
{
    const char *what = curl_easy_strerror(transfer->result);
    switch ((int)transfer->result) {
    case CURLE_OPERATION_TIMEDOUT:
        return outcome_set(err, AUTH_FETCH_OUTCOME_SLOW, "it did not answer within %u ms",
                           transfer->fetcher->options.timeout_ms);
    case CURLE_FILESIZE_EXCEEDED:
        return outcome_set(err, AUTH_FETCH_OUTCOME_TOO_LARGE, "the answer is larger than allowed");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
        return outcome_set(err, AUTH_FETCH_OUTCOME_LYING, "its TLS certificate does not verify: %s",
                           what);
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_WRITE_ERROR:
        return outcome_set(err, AUTH_FETCH_OUTCOME_MALFORMED, "the answer is not HTTP: %s", what);
    case CURLE_OUT_OF_MEMORY:
    case CURLE_FAILED_INIT:
    case CURLE_SSL_CACERT_BADFILE:
        return outcome_set(err, AUTH_FETCH_OUTCOME_FAULT, "libcurl: %s", what);
    default:
        return outcome_set(err, AUTH_FETCH_OUTCOME_DOWN, "it cannot be reached: %s", what);
    }
}

auth_fetch_outcome http_outcome(const fetch_transfer *transfer, auth_error *err)
{
    long status = 0;
    if (transfer->is_out_of_memory) {
        (void)auth_error_memory(err);
        return AUTH_FETCH_OUTCOME_FAULT;
    }
    if (transfer->is_too_large)
        return outcome_set(err, AUTH_FETCH_OUTCOME_TOO_LARGE, "the answer is larger than allowed");
    if (transfer->result != CURLE_OK && transfer->is_address_refused)
        return outcome_set(err, AUTH_FETCH_OUTCOME_NOT_ALLOWED,
                           "the host stands for an address that is not public; allow that of this "
                           "host if it is meant");
    if (transfer->result != CURLE_OK)
        return outcome_of_failure(transfer, err);
    if (curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
        status = 0;
    return outcome_of_status(status, err);
}
