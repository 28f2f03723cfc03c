/* SPDX-License-Identifier: Apache-2.0 */
#include "registry/office.h"
#include "batch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const ca_office *ca_office_known(const ca_worker *worker, int64_t number)
{
    for (size_t i = 0; i < worker->office_count; i++) {
        if (worker->offices[i].number == number)
            return &worker->offices[i];
    }
    return NULL;
}

static auth_status keep(ca_worker *worker, const registry_office *office, auth_error *err)
{
    ca_office *grown =
        reallocarray(worker->offices, worker->office_count + 1, sizeof *worker->offices);
    if (grown == NULL)
        return auth_error_memory(err);
    worker->offices = grown;
    ca_office *made = &grown[worker->office_count];
    *made = (ca_office){.number = office->number, .path = strdup(office->path)};
    if (made->path == NULL)
        return auth_error_memory(err);
    (void)snprintf(made->id, sizeof made->id, "%s", office->id);
    worker->office_count++;
    return AUTH_STATUS_OK;
}

/* *out stays until another office is asked for that was not known. */
auth_status ca_office_find(ca_worker *worker, registry_connection *connection, int64_t number,
                           const ca_office **out, auth_error *err)
{
    AUTH_AUTO(registry_result) *found = NULL;
    registry_office office;
    *out = ca_office_known(worker, number);
    if (*out != NULL)
        return AUTH_STATUS_OK;
    auth_status status = registry_office_find_number(connection, number, &found, err);
    if (status == AUTH_STATUS_OK)
        status = registry_office_read(found, 0, &office, err);
    if (status == AUTH_STATUS_OK)
        status = keep(worker, &office, err);
    *out = ca_office_known(worker, number);
    return status;
}
