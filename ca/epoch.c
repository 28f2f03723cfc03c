/* SPDX-License-Identifier: Apache-2.0 */
#include "duty.h"
#include "registry/transaction.h"

static auth_status work(registry_connection *connection, void *context, auth_error *err)
{
    (void)context;
    return registry_run(connection, REGISTRY_STATEMENT_PREPARE_EPOCHS, REGISTRY_NO_VALUES, NULL,
                        err);
}

auth_status ca_prepare_epochs(const ca_setting *setting, auth_error *err)
{
    registry_transaction transaction = {.isolation = REGISTRY_READ_COMMITTED, .work = work};
    return registry_transact(setting->pool, &transaction, err);
}
