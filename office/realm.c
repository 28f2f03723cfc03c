/* SPDX-License-Identifier: Apache-2.0 */
/* GET /realm: what an officer's program has to know to make documents. */
#include "answer.h"
#include "handlers.h"

#include <auth/codec.h>

#define BASE64_MAX ((size_t)2 * AUTH_CERT_MAX)

static auth_status put_authority(daemon_json *json, const office *it, realm_authority authority,
                                 auth_error *err)
{
    AUTH_AUTO(auth_buf) *text = NULL;
    auth_status status = auth_buf_new(BASE64_MAX, &text, err);
    if (status == AUTH_STATUS_OK)
        status =
            auth_codec_encode(AUTH_CODEC_BASE64,
                              auth_cert_der(realm_authority_cert(it->realm, authority)), text, err);
    if (status != AUTH_STATUS_OK)
        return status;
    daemon_json_open(json, NULL, '{');
    office_put_text(json, "name", realm_authority_name(authority));
    daemon_json_text(json, "certificate", auth_buf_bytes(text));
    daemon_json_close(json, '}');
    return AUTH_STATUS_OK;
}

static auth_status put(office_visit *visit, daemon_json *json, auth_error *err)
{
    const office *it = visit->office;
    auth_status status = AUTH_STATUS_OK;
    office_put_text(json, "realm", realm_name(it->realm));
    office_put_text(json, "base", realm_base(it->realm));
    office_put_text(json, "office", it->scope_id);
    daemon_json_raw(json, "policy", realm_policy_text(it->realm));
    daemon_json_open(json, "authorities", '[');
    for (realm_authority i = REALM_AUTHORITY_ROOT;
         status == AUTH_STATUS_OK && i < REALM_AUTHORITY_END; i++)
        status = put_authority(json, it, i, err);
    daemon_json_close(json, ']');
    daemon_json_open(json, "you", '{');
    office_put_text(json, "officer", visit->officer.id);
    office_put_text(json, "office", visit->officer.office_id);
    office_put_text(json, "role", auth_officer_role_name(visit->officer.role));
    daemon_json_close(json, '}');
    return status;
}

static auth_status show(office_visit *visit, auth_error *err)
{
    office_answer out;
    auth_status status = office_answer_begin(&out, err);
    if (status == AUTH_STATUS_OK)
        status = put(visit, &out.json, err);
    if (status == AUTH_STATUS_OK)
        status = office_answer_send(&out, visit->request, 200, err);
    office_answer_clear(&out);
    return status;
}

OFFICE_HANDLER(realm) { return office_run(context, request, show, err); }
