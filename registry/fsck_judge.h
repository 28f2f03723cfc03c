/* SPDX-License-Identifier: Apache-2.0 */
/* Whether what was obeyed had been signed by those who may. Internal to registry/. */
#ifndef REGISTRY_FSCK_JUDGE_H
#define REGISTRY_FSCK_JUDGE_H

#include "facts.h"
#include "fsck_document.h"
#include "result.h"

/* Begins with the first four; what is below is made when the first document needs it. */
typedef struct fsck_judge {
    registry_connection *connection;
    const registry_document_examination *by;
    registry_crypto *crypto;
    registry_reporter *reporter;
    bool is_open;
    registry_result *root;
    auth_bytes *anchors;
    size_t anchor_count;
    auth_trust *trust;
    auth_known_issuer *staff;
    auth_known_issuer *citizens;
    registry_facts_setting setting;
    registry_facts *facts;
} fsck_judge;

void fsck_judge_clear(fsck_judge *judge);

/*
 * Evaluates a request as of each time at which items of it were granted, and reports the first at
 * which it was not allowed. key is its id as text.
 *
 * Errors: those of registry_fsck_documents.
 */
auth_status fsck_judge_request(fsck_judge *judge, const auth_request *request, auth_bytes id,
                               const char *key, auth_error *err) AUTH_MUST_CHECK;

/*
 * Judges the document of a ceremony, whose type, hash and signature hold: that a root signed it
 * alone, that it is of this id and realm, and that it names the certificates that came of it, or
 * those of daemons that they renew.
 */
auth_status fsck_judge_ceremony(fsck_judge *judge, const auth_jws *jws, auth_bytes id,
                                const char *key, auth_error *err) AUTH_MUST_CHECK;

/* Makes what is below is_open. Errors: as above. */
auth_status fsck_judge_open(fsck_judge *judge, auth_error *err) AUTH_MUST_CHECK;

#endif
