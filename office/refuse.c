/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

auth_status office_refusal(daemon_request *request, const office_document *document,
                           auth_error *err)
{
    if (document->reason != AUTH_REQUEST_REASON_NONE)
        daemon_request_reason(request, auth_request_reason_name(document->reason));
    if (document->reason != AUTH_REQUEST_REASON_NONE && document->item != AUTH_REQUEST_NOWHERE)
        daemon_request_item(request, (uint32_t)document->item);
    return auth_error_set(err, document->status, "%s", document->error.text);
}
