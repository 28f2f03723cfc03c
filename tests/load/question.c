/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

static void write_get(const load_plan *plan, auth_bytes request, auth_buf *out)
{
    auth_error err;
    load_must(auth_buf_printf(out, &err, "GET %s/", plan->path), &err);
    load_must(auth_ocsp_request_encode_path(request, out, &err), &err);
    load_must(auth_buf_printf(out, &err, " HTTP/1.1\r\nHost: ocsp.example\r\n\r\n"), &err);
}

static void write_post(const load_plan *plan, auth_bytes request, bool expects, auth_buf *out)
{
    auth_error err;
    load_must(auth_buf_printf(out, &err,
                              "POST %s HTTP/1.1\r\nHost: ocsp.example\r\n"
                              "Content-Type: application/ocsp-request\r\nContent-Length: %zu\r\n%s"
                              "\r\n",
                              plan->path, request.len, expects ? "Expect: 100-continue\r\n" : ""),
              &err);
    load_must(auth_buf_append(out, request, &err), &err);
}

void load_question_write(const load_plan *plan, const load_targets *targets,
                         const load_question *question, bool is_get, bool expects, auth_buf *out)
{
    auth_error err;
    AUTH_AUTO(auth_buf) *request = NULL;
    const load_target *target = &targets->rows[question->serial];
    auth_bytes nonce = {question->nonce, question->has_nonce ? LOAD_NONCE : 0};
    load_must(auth_buf_new(AUTH_OCSP_REQUEST_MAX, &request, &err), &err);
    load_must(auth_ocsp_request_encode(targets->issuer, (auth_bytes){target->octets, target->len},
                                       plan->hash, nonce, request, &err),
              &err);
    if (is_get)
        write_get(plan, auth_buf_bytes(request), out);
    else
        write_post(plan, auth_buf_bytes(request), expects, out);
}
