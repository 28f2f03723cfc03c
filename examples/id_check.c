/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads person numbers from standard input, one a line, and tells about each.
 * Build: cc id_check.c $(pkg-config --cflags --libs libauth) -o id_check
 */
#include <auth/auth.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static bool check(auth_bytes text)
{
    /* libauth reads no clock: today is what we say. China is 480 minutes east of Greenwich. */
    auth_person_rules rules = {.today = auth_date_from_time(time(NULL), 480)};
    auth_person_number number;
    auth_error err;
    if (auth_person_number_parse(text, &rules, &number, &err) != AUTH_STATUS_OK) {
        printf("refused: %s\n", err.text);
        return false;
    }
    char masked[AUTH_PERSON_NUMBER_TEXT_SIZE];
    auth_person_number_mask(&number, masked);
    printf("%s: %s\n", masked, auth_person_type_title(number.type));
    auth_person_number_wipe(&number);
    return true;
}

int main(void)
{
    char *line = NULL;
    size_t size = 0;
    bool is_each_good = true;
    for (ssize_t len = getline(&line, &size, stdin); len >= 0; len = getline(&line, &size, stdin)) {
        if (len > 0 && line[len - 1] == '\n')
            len--;
        is_each_good = check((auth_bytes){(const uint8_t *)line, (size_t)len}) && is_each_good;
    }
    auth_secret_wipe(line, size);
    free(line);
    return is_each_good && !ferror(stdin) ? 0 : 1;
}
