/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a fuzz target on each file of a folder, and on the empty input. */
#include "fuzz/fuzz.h"
#include "harness/data.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>

/* A target must not look behind its input: the block ends where the input does, if empty too. */
static void run(const char *text, size_t len)
{
    size_t room = len == 0 ? 1 : len;
    uint8_t *block = malloc(room);
    if (block == NULL)
        harness_die("out of memory");
    uint8_t *input = block + room - len;
    memcpy(input, text, len);
    if (LLVMFuzzerTestOneInput(input, len) != 0)
        harness_die("the target did not return 0");
    free(block);
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int found = argc == 2 ? scandir(argv[1], &entries, NULL, alphasort) : -1;
    if (found < 0)
        harness_die("usage: replay FOLDER, which must exist");
    run("", 0);
    size_t count = 0;
    for (int i = 0; i < found; i++) {
        if (entries[i]->d_name[0] != '.') {
            char path[PATH_MAX];
            (void)snprintf(path, sizeof path, "%s/%s", argv[1], entries[i]->d_name);
            size_t len = 0;
            char *text = harness_read_file(path, &len);
            /* To stderr, which is shown when the target aborts. */
            (void)fprintf(stderr, "%s\n", entries[i]->d_name);
            run(text, len);
            free(text);
            count++;
        }
        free(entries[i]);
    }
    free(entries);
    if (count == 0)
        harness_die("%s holds no inputs", argv[1]);
    printf("%zu inputs\n", count);
    return 0;
}
