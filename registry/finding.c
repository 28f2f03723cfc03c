/* SPDX-License-Identifier: Apache-2.0 */
#include "finding.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_SIZE 512

void registry_report(registry_reporter *to, const char *table, const char *row, const char *format,
                     ...)
{
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    to->found++;
    if (to->find != NULL)
        to->find(to->context, &(registry_finding){table, row, text});
}

void registry_report_progress(registry_reporter *to, const char *part, uint64_t done,
                              uint64_t total)
{
    if (to->progress != NULL)
        to->progress(to->context, part, done, total);
}
