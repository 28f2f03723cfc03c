/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/driver.h"

#include "fetch/loop.h"

#include <signal.h>

static void *drive(void *context)
{
    auth_fetcher *fetcher = context;
    (void)pthread_mutex_lock(&fetcher->lock);
    while (!fetcher->is_ending && fetcher->transfers != NULL)
        loop_wait(fetcher);
    fetcher->is_driver_over = true;
    (void)pthread_mutex_unlock(&fetcher->lock);
    return NULL;
}

void driver_start(auth_fetcher *fetcher)
{
    sigset_t all;
    sigset_t before;
    if (fetcher->has_driver && !fetcher->is_driver_over)
        return;
    if (fetcher->has_driver)
        (void)pthread_join(fetcher->driver, NULL);
    /* Signals are the program's: its own threads get them. */
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    fetcher->is_driver_over = false;
    fetcher->has_driver = pthread_create(&fetcher->driver, NULL, drive, fetcher) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}

void driver_end(auth_fetcher *fetcher)
{
    if (!fetcher->has_driver)
        return;
    (void)pthread_mutex_lock(&fetcher->lock);
    fetcher->is_ending = true;
    loop_wake(fetcher);
    (void)pthread_mutex_unlock(&fetcher->lock);
    (void)pthread_join(fetcher->driver, NULL);
    fetcher->has_driver = false;
}
