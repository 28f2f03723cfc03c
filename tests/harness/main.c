/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the suite of a test file and reports in TAP. CK_FORK=no keeps it in one process. */
#include "harness/harness.h"

#include <stdlib.h>

/* Meson ends a test that hangs, and knows how much slower the tests run under valgrind. */
#define NO_TIMEOUT 0

int main(void)
{
    if (harness_suite_here.prepare != NULL && !harness_suite_here.prepare())
        return EXIT_FAILURE;
    Suite *suite = suite_create(harness_suite_here.name);
    TCase *cases = tcase_create(harness_suite_here.name);
    tcase_set_timeout(cases, NO_TIMEOUT);
    for (size_t i = 0; i < harness_suite_here.count; i++) {
        const harness_test *row = &harness_suite_here.tests[i];
        tcase_add_loop_test(cases, *row->test, 0, row->count);
    }
    suite_add_tcase(suite, cases);

    SRunner *runner = srunner_create(suite);
    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
