/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/transfer.h"

#include "fetch/crl.h"
#include "fetch/http.h"
#include "fetch/list_files.h"
#include "fetch/loop.h"
#include "fetch/snapshot.h"
#include "fetch/verify.h"

#include <stdlib.h>
#include <string.h>

/* The longest address that GET is used for (RFC 5019 section 5). */
#define GET_URI_MAX 255

void transfer_free(fetch_transfer *transfer)
{
    if (transfer == NULL)
        return;
    curl_easy_cleanup(transfer->easy);
    curl_slist_free_all(transfer->headers);
    auth_buf_free(transfer->request);
    auth_buf_free(transfer->body);
    auth_fetched_free(transfer->fetched);
    list_free(transfer->list);
    auth_cert_free(transfer->cert);
    issuer_free(transfer->issuer);
    free(transfer);
}

/* The snapshot is asked under the same names as responders are. */
static fetch_transfer *find(const auth_fetcher *fetcher, const transfer_question *question)
{
    for (fetch_transfer *transfer = fetcher->transfers; transfer != NULL;
         transfer = transfer->next) {
        if (transfer->kind == question->kind &&
            memcmp(transfer->key, question->key, FETCH_KEY_SIZE) == 0)
            return transfer;
    }
    return NULL;
}

bool transfer_is_under_way(const auth_fetcher *fetcher, const uint8_t key[FETCH_KEY_SIZE])
{
    return find(fetcher, &(transfer_question){.kind = TRANSFER_OCSP, .key = key}) != NULL;
}

static fetch_refusal *refusal_of(auth_fetcher *fetcher, const uint8_t *key)
{
    return &fetcher->refusals[key[0] % FETCH_REFUSALS];
}

/* Tells in its outcome whether a host may be asked now. */
static auth_fetch_outcome find_host(auth_fetcher *fetcher, const transfer_question *question,
                                    fetch_host **out, auth_error *err)
{
    fetch_address address;
    if (!address_parse(question->uri, &address))
        return outcome_set(err, AUTH_FETCH_OUTCOME_NOT_ALLOWED,
                           "the address in the certificate is no plain http or https URI "
                           "(RFC 3986)");
    fetch_host *host = address_find_host(fetcher->hosts, fetcher->host_count, &address);
    if (host == NULL)
        return outcome_set(err, AUTH_FETCH_OUTCOME_NOT_ALLOWED,
                           "%s:%u is not among the hosts that are allowed", address.name,
                           address.port);
    int64_t now_ms = fetch_clock_ms();
    if (now_ms < host->retry_at_ms)
        return outcome_set(err, host->last,
                           "%s did not answer %u times and is left alone for %lld ms", address.name,
                           host->failures, (long long)(host->retry_at_ms - now_ms));
    const fetch_refusal *refusal = refusal_of(fetcher, question->key);
    if (now_ms < refusal->until_ms && memcmp(refusal->key, question->key, FETCH_KEY_SIZE) == 0)
        return outcome_set(err, refusal->outcome, "%s was asked a moment ago, in vain: %s",
                           address.name, auth_fetch_outcome_text(refusal->outcome));
    *out = host;
    return AUTH_FETCH_OUTCOME_FOUND;
}

/* Puts a request behind the responder's address, and keeps it for POST when that is too long. */
static auth_status address_request(fetch_transfer *transfer, auth_bytes uri, auth_error *err)
{
    AUTH_AUTO(auth_buf) *path = NULL;
    bool has_query = memchr(uri.data, '?', uri.len) != NULL;
    auth_status status = auth_buf_new(TRANSFER_URI_SIZE, &path, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_append(path, uri, err);
    if (status == AUTH_STATUS_OK && uri.data[uri.len - 1] != '/')
        status = auth_buf_append(path, auth_bytes_from_text("/"), err);
    if (status == AUTH_STATUS_OK)
        status = auth_ocsp_request_encode_path(auth_buf_bytes(transfer->request), path, err);
    if (status != AUTH_STATUS_OK)
        return status;
    auth_bytes whole = auth_buf_bytes(path);
    if (!has_query && whole.len <= GET_URI_MAX) {
        auth_buf_free(AUTH_TAKE(transfer->request));
        uri = whole;
    }
    memcpy(transfer->uri, uri.data, uri.len);
    transfer->uri[uri.len] = '\0';
    return AUTH_STATUS_OK;
}

static auth_status prepare_ocsp(fetch_transfer *transfer, auth_bytes uri, auth_error *err)
{
    const auth_fetch_options *options = &transfer->fetcher->options;
    auth_status status = auth_buf_new(options->ocsp_max, &transfer->body, err);
    if (status == AUTH_STATUS_OK)
        status = auth_buf_new(AUTH_OCSP_REQUEST_MAX, &transfer->request, err);
    if (status == AUTH_STATUS_OK)
        status = auth_ocsp_request_encode(transfer->issuer->ocsp, auth_cert_serial(transfer->cert),
                                          options->ocsp_hash, (auth_bytes){NULL, 0},
                                          transfer->request, err);
    if (status == AUTH_STATUS_OK)
        status = address_request(transfer, uri, err);
    return status;
}

static auth_status prepare_list(fetch_transfer *transfer, auth_bytes uri, auth_error *err)
{
    memcpy(transfer->uri, uri.data, uri.len);
    transfer->uri[uri.len] = '\0';
    return auth_buf_new(transfer->fetcher->options.crl_max, &transfer->body, err);
}

static bool is_local(transfer_kind kind)
{
    return kind == TRANSFER_LIST_FILE || kind == TRANSFER_SNAPSHOT;
}

static auth_status prepare(fetch_transfer *transfer, const transfer_question *question,
                           auth_error *err)
{
    auth_status status = AUTH_STATUS_OK;
    if (question->cert != NULL)
        status = auth_cert_parse(auth_cert_der(question->cert), &transfer->cert, err);
    if (status != AUTH_STATUS_OK || is_local(transfer->kind))
        return status;
    status = transfer->kind == TRANSFER_OCSP ? prepare_ocsp(transfer, question->uri, err)
                                             : prepare_list(transfer, question->uri, err);
    if (status == AUTH_STATUS_OK)
        status = http_prepare(transfer, err);
    return status;
}

static auth_status make(auth_fetcher *fetcher, const transfer_question *question, fetch_host *host,
                        fetch_transfer **out, auth_error *err)
{
    fetch_transfer *transfer = calloc(1, sizeof *transfer);
    if (transfer == NULL)
        return auth_error_memory(err);
    transfer->fetcher = fetcher;
    transfer->kind = question->kind;
    transfer->host = host;
    transfer->name = host != NULL                          ? host->name
                     : question->kind == TRANSFER_SNAPSHOT ? "snapshot"
                                                           : "cache";
    transfer->issuer = issuer_share(question->issuer);
    transfer->now = question->now;
    transfer->started_ms = fetch_clock_ms();
    memcpy(transfer->key, question->key, FETCH_KEY_SIZE);
    auth_status status = prepare(transfer, question, err);
    if (status == AUTH_STATUS_OK)
        status = loop_add(fetcher, transfer, err);
    if (status != AUTH_STATUS_OK) {
        transfer_free(transfer);
        return status;
    }
    transfer->next = fetcher->transfers;
    fetcher->transfers = transfer;
    *out = transfer;
    return AUTH_STATUS_OK;
}

auth_fetch_outcome transfer_get(auth_fetcher *fetcher, const transfer_question *question,
                                fetch_transfer **out, auth_error *err)
{
    fetch_host *host = NULL;
    fetch_transfer *transfer = find(fetcher, question);
    if (transfer != NULL) {
        *out = transfer;
        return AUTH_FETCH_OUTCOME_FOUND;
    }
    if (!is_local(question->kind)) {
        auth_fetch_outcome outcome = find_host(fetcher, question, &host, err);
        if (outcome != AUTH_FETCH_OUTCOME_FOUND)
            return outcome;
    }
    if (make(fetcher, question, host, out, err) != AUTH_STATUS_OK)
        return AUTH_FETCH_OUTCOME_FAULT;
    return AUTH_FETCH_OUTCOME_FOUND;
}

auth_time transfer_now(const fetch_transfer *transfer)
{
    return transfer->now + (fetch_clock_ms() - transfer->started_ms) / 1000;
}

/*
 * Shares a list with the processes of the host. When another has shared a newer one, that takes the
 * place of what came. FOUND or FAULT.
 */
static auth_fetch_outcome share_list(fetch_transfer *transfer, auth_error *err)
{
    auth_error why;
    fetch_list *there = NULL;
    const list_files *files = transfer->fetcher->files;
    auth_fetch_outcome outcome =
        list_files_read(files, transfer->key, transfer->issuer, &there, &why);
    if (outcome == AUTH_FETCH_OUTCOME_FAULT) {
        *err = why;
        return outcome;
    }
    if (there != NULL && list_is_older(transfer->list, there, transfer_now(transfer))) {
        there->fetched_ms = transfer->list->fetched_ms;
        list_free(transfer->list);
        transfer->list = AUTH_TAKE(there);
    }
    list_free(there);
    list_files_write(files, transfer->list);
    return AUTH_FETCH_OUTCOME_FOUND;
}

static auth_fetch_outcome verify_list(fetch_transfer *transfer, auth_error *err)
{
    AUTH_AUTO(auth_crl) *crl = NULL;
    auth_fetch_outcome outcome =
        crl_verify(transfer->issuer, auth_buf_bytes(transfer->body), &crl, err);
    if (outcome == AUTH_FETCH_OUTCOME_FOUND) {
        if (list_new(transfer->key, crl, &transfer->list, err) != AUTH_STATUS_OK)
            return AUTH_FETCH_OUTCOME_FAULT;
        (void)AUTH_TAKE(crl);
        if (transfer->fetcher->files != NULL)
            return share_list(transfer, err);
    }
    return outcome;
}

static auth_fetch_outcome verify(fetch_transfer *transfer, auth_error *err)
{
    auth_time now = transfer_now(transfer);
    if (transfer->kind == TRANSFER_SNAPSHOT)
        return snapshot_find(transfer->fetcher->snapshot, transfer->issuer, transfer->cert,
                             transfer->key, now, &transfer->fetched, err);
    if (transfer->kind == TRANSFER_LIST_FILE)
        return list_files_read(transfer->fetcher->files, transfer->key, transfer->issuer,
                               &transfer->list, err);
    auth_fetch_outcome outcome = http_outcome(transfer, err);
    if (outcome != AUTH_FETCH_OUTCOME_FOUND)
        return outcome;
    if (transfer->kind == TRANSFER_LIST)
        return verify_list(transfer, err);
    const verify_question question = {
        .key = transfer->key,
        .issuer = transfer->issuer,
        .serial = auth_cert_serial(transfer->cert),
        .now = now,
    };
    return verify_ocsp(&question, auth_buf_bytes(transfer->body), &transfer->fetched, err);
}

void transfer_verify(fetch_transfer *transfer)
{
    transfer->outcome = verify(transfer, &transfer->err);
    if (transfer->outcome != AUTH_FETCH_OUTCOME_FOUND)
        auth_error_context(&transfer->err, "%s", transfer->name);
}

static bool is_of_host(auth_fetch_outcome outcome)
{
    return outcome == AUTH_FETCH_OUTCOME_DOWN || outcome == AUTH_FETCH_OUTCOME_SLOW;
}

void transfer_learn(auth_fetcher *fetcher, const fetch_transfer *transfer)
{
    fetch_host *host = transfer->host;
    int64_t now_ms = fetch_clock_ms();
    if (transfer->outcome == AUTH_FETCH_OUTCOME_FAULT || host == NULL)
        return;
    if (!is_of_host(transfer->outcome)) {
        host->failures = 0;
        host->retry_at_ms = 0;
        if (transfer->outcome == AUTH_FETCH_OUTCOME_FOUND)
            return;
        fetch_refusal *refusal = refusal_of(fetcher, transfer->key);
        memcpy(refusal->key, transfer->key, FETCH_KEY_SIZE);
        refusal->until_ms = now_ms + fetcher->options.retry_ms;
        refusal->outcome = transfer->outcome;
        return;
    }
    /* Those that were on their way together count as one failure. */
    if (transfer->started_ms < host->failed_at_ms)
        return;
    int64_t pause = fetcher->options.retry_ms;
    for (unsigned i = 0; i < host->failures && pause < fetcher->options.retry_max_ms; i++)
        pause *= 2;
    if (pause > fetcher->options.retry_max_ms)
        pause = fetcher->options.retry_max_ms;
    host->failures++;
    host->failed_at_ms = now_ms;
    host->retry_at_ms = now_ms + pause;
    host->last = transfer->outcome;
}
