/* SPDX-License-Identifier: Apache-2.0 */
/* What fsck_answers.c reads and fsck_answers_judge.c judges. Internal to registry/. */
#ifndef REGISTRY_FSCK_ANSWERS_PART_H
#define REGISTRY_FSCK_ANSWERS_PART_H

#include "answer_line.h"
#include "certificate.h"
#include "result.h"

/* All that was told, by serial number and time. */
typedef struct answers_told {
    answer_line *rows;
    size_t count;
    size_t room;
} answers_told;

/*
 * Tells what is wrong with a line; NULL when nothing is. A told line is one of all. rows is the
 * result of REGISTRY_STATEMENT_FSCK_ANSWERS for its serial number and others.
 */
const char *answers_judge(const answers_told *all, registry_result *rows, const answer_line *line);

#endif
