/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the reader of spool files give back a document only when name and octets are those of one,
 * for every name and content? The input is a name, a line feed, and the content; where the name
 * ends in "=" instead of a hash, the right one is put there.
 */
#include "disk/file.h"
#include "fuzz/fuzz.h"
#include "lra/spool_state.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define UUID_LEN 36

static auth_status copy(void *context, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_bytes in,
                        auth_buf *out, auth_error *err)
{
    (void)context;
    (void)id;
    return auth_buf_append(out, in, err);
}

/* Takes the name from the input; false when there is none. */
static bool take_name(disk_hash *hash, auth_bytes *input, char name[256])
{
    const uint8_t *end = memchr(input->data, '\n', input->len);
    size_t len = end == NULL ? 0 : (size_t)(end - input->data);
    if (end == NULL || len > 255)
        return false;
    memcpy(name, input->data, len);
    name[len] = '\0';
    *input = (auth_bytes){end + 1, input->len - len - 1};
    if (len == UUID_LEN + 2 && name[UUID_LEN + 1] == '=') {
        uint8_t digest[DISK_HASH_SIZE];
        char made[SPOOL_NAME_SIZE];
        static const uint8_t id[LRA_SPOOL_ID_SIZE];
        FUZZ_CHECK(disk_hash_two(hash, *input, (auth_bytes){NULL, 0}, digest, NULL) ==
                   AUTH_STATUS_OK);
        spool_name_write(id, digest, made);
        memcpy(name + UUID_LEN, made + UUID_LEN, sizeof made - UUID_LEN);
    }
    return true;
}

static void read_back(disk_hash *hash, const spool_row *row, const char *name, auth_bytes content)
{
    lra_spool spool = {.options = {.seal = copy, .open = copy}, .hash = hash};
    const char *why = NULL;
    auth_buf *document = NULL;
    char path[32] = "/dev/shm/auth-fuzz.XXXXXX";
    if (mkdtemp(path) == NULL) {
        (void)snprintf(path, sizeof path, "/tmp/auth-fuzz.XXXXXX");
        FUZZ_CHECK(mkdtemp(path) != NULL);
    }
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FUZZ_CHECK(folder >= 0 && file >= 0);
    FUZZ_CHECK(disk_write(file, content, "file", NULL) == AUTH_STATUS_OK && close(file) == 0);
    auth_status status = spool_read(&spool, folder, row, &document, &why, NULL);
    FUZZ_CHECK(status == AUTH_STATUS_OK && (document == NULL) == (why != NULL));
    if (document != NULL) {
        uint8_t digest[DISK_HASH_SIZE];
        FUZZ_CHECK(auth_bytes_equal(auth_buf_bytes(document), content));
        FUZZ_CHECK(disk_hash_two(hash, content, (auth_bytes){NULL, 0}, digest, NULL) ==
                   AUTH_STATUS_OK);
        FUZZ_CHECK(memcmp(digest, row->hash, sizeof digest) == 0);
    }
    auth_buf_free(document);
    (void)unlinkat(folder, name, 0);
    (void)close(folder);
    (void)rmdir(path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char name[256];
    char again[SPOOL_NAME_SIZE];
    disk_hash *hash = NULL;
    auth_bytes input = {data, size};
    FUZZ_CHECK(disk_hash_new(&hash, NULL) == AUTH_STATUS_OK);
    spool_row row = {.size = 0};
    if (take_name(hash, &input, name) && spool_name_read(name, row.id, row.hash)) {
        spool_name_write(row.id, row.hash, again);
        FUZZ_CHECK(strcmp(name, again) == 0 && spool_id_is_good(row.id));
        row.size = input.len;
        read_back(hash, &row, name, input);
    }
    disk_hash_free(hash);
    return 0;
}
