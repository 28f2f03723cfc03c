/* SPDX-License-Identifier: Apache-2.0 */
#include "batch.h"

#include <stdio.h>

void ca_document_refuse(ca_document *document, auth_request_reason reason, const char *detail)
{
    if (document->is_refused)
        return;
    document->is_refused = true;
    document->reason = reason;
    (void)snprintf(document->detail, sizeof document->detail, "%s",
                   detail != NULL ? detail : auth_request_reason_text(reason));
}

void ca_item_refuse(ca_item *item, auth_status status, auth_request_reason reason,
                    const char *detail)
{
    if (item->status != AUTH_STATUS_OK)
        return;
    item->status = status;
    item->reason = reason;
    (void)snprintf(item->detail, sizeof item->detail, "%s",
                   detail != NULL ? detail : auth_request_reason_text(reason));
}
