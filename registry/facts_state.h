/* SPDX-License-Identifier: Apache-2.0 */
/* What facts hold. Internal to registry/. */
#ifndef REGISTRY_FACTS_STATE_H
#define REGISTRY_FACTS_STATE_H

#include "facts.h"
#include "signer_cache.h"

/* Each result is in the order of its first column, without which is NULL: nothing was asked. */
struct registry_facts {
    registry_facts_setting setting;
    registry_crypto *crypto;
    signer_cache *signers;
    bool is_gathered;
    registry_result *holders;
    registry_result *officers;
    registry_result *offices;
    registry_result *requests;
};

/* Columns of FACTS_HOLDERS. */
enum {
    HOLDER_SERIAL,
    HOLDER_PROFILE,
    HOLDER_NOT_AFTER,
    HOLDER_OFFICE,
    HOLDER_PERSON,
    HOLDER_OFFICER,
    HOLDER_ROLE,
    HOLDER_OFFICERS_OFFICE,
    HOLDER_DISMISSED_AT,
    HOLDER_ACTION,
    HOLDER_ACTION_AT,
    HOLDER_HASH,
};

/* Columns of FACTS_OFFICERS. */
enum { OFFICER_ID, OFFICER_OFFICE, OFFICER_ROLE, OFFICER_PERSON, OFFICER_DISMISSED_AT };

/* A column of REQUEST_BRIEF. */
#define REQUEST_HASH 6

/* Columns of FACTS_OFFICES. */
enum { OFFICE_ID, OFFICE_NUMBER, OFFICE_PATH, OFFICE_CLOSED_AT };

#endif
