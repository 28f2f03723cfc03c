/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The handlers of the officers' API, for tables of routes; docs/ra.md describes what each answers.
 * Their context is an office. All of them wait for the registry, so their routes are blocking.
 */
#ifndef OFFICE_HANDLERS_H
#define OFFICE_HANDLERS_H

#include "office.h"

#define OFFICE_HANDLER(name)                                                                       \
    auth_status office_##name(daemon_request *request, void *context, auth_error *err)

/* Bodies: a document, and a small JSON object. */
#define OFFICE_DOCUMENT_MAX ((size_t)4 << 20)
#define OFFICE_RENEWAL_MAX ((size_t)64 << 10)
#define OFFICE_SMALL_MAX ((size_t)32 << 10)
#define OFFICE_DOCUMENT_TYPE "application/jose+json"
/* The longest that a poll may wait, and its deadline. */
#define OFFICE_WAIT_MAX_S 30
#define OFFICE_WAIT_DEADLINE_MS 40000

OFFICE_HANDLER(submit);              /* POST /requests */
OFFICE_HANDLER(list_requests);       /* GET /requests */
OFFICE_HANDLER(read_request);        /* GET /requests/{id} */
OFFICE_HANDLER(read_document);       /* GET /requests/{id}/document */
OFFICE_HANDLER(amend);               /* POST /requests/{id}/signatures */
OFFICE_HANDLER(await_outcome);       /* GET /requests/{id}/outcome */
OFFICE_HANDLER(reject);              /* POST /requests/{id}/rejection */
OFFICE_HANDLER(search_requests);     /* POST /requests/search */
OFFICE_HANDLER(search_certificates); /* POST /certificates/search */
OFFICE_HANDLER(list_offices);        /* GET /offices */
OFFICE_HANDLER(read_office);         /* GET /offices/{id} */
OFFICE_HANDLER(list_officers);       /* GET /officers */
OFFICE_HANDLER(read_officer);        /* GET /officers/{id} */
OFFICE_HANDLER(statistics);          /* GET /statistics */
OFFICE_HANDLER(renew);               /* POST /renewals, for anybody */
OFFICE_HANDLER(activate);            /* POST /activations, for anybody */
OFFICE_HANDLER(await_renewal);       /* GET /renewals/{id}/outcome, for anybody */
OFFICE_HANDLER(certificate);         /* GET /certificates/{serial} */
OFFICE_HANDLER(status);              /* GET /certificates/{serial}/status */
OFFICE_HANDLER(realm);               /* GET /realm */

#endif
