/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many documents a second does the spool keep, against the bare calls that make a file and its
 * name durable: write, fsync, rename, fsync of the folder?
 */
#include "bench/disk.h"
#include "disk/file.h"
#include "harness/data.h"
#include "lra/spool.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCUMENT 4096
#define SEAL 28 /* what AES-256-GCM adds */
#define RATIO 0.8

typedef struct files {
    lra_spool *spool;
    int from;
    int to;
    uint32_t next;
    uint8_t document[DOCUMENT];
} files;

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s: %s", auth_status_name(status), err->text);
}

/* Costs next to nothing: the cipher is not what is measured. */
static auth_status turn_over(void *context, const uint8_t id[LRA_SPOOL_ID_SIZE], auth_bytes in,
                             auth_buf *out, auth_error *err)
{
    uint8_t *room = NULL;
    (void)context;
    (void)id;
    auth_status status = auth_buf_extend(out, in.len + SEAL, &room, err);
    for (size_t i = 0; i < in.len && status == AUTH_STATUS_OK; i++)
        room[i] = (uint8_t)(in.data[i] ^ 0x5a);
    return status;
}

static double put(void *context)
{
    auth_error err;
    files *it = context;
    uint8_t id[LRA_SPOOL_ID_SIZE] = {[6] = 0x70, [8] = 0x80};
    uint32_t n = it->next++;
    for (int i = 0; i < 4; i++)
        id[2 + i] = (uint8_t)(n >> (24 - 8 * i));
    must(lra_spool_put(it->spool, id, (auth_bytes){it->document, DOCUMENT}, &err), &err);
    return 1;
}

static double bare_put(void *context)
{
    static const uint8_t octets[DOCUMENT + SEAL];
    char name[128];
    auth_error err;
    files *it = context;
    (void)snprintf(name, sizeof name, "%0101u", it->next++);
    must(disk_file_create(it->from, name, (auth_bytes){octets, sizeof octets}, "file", &err), &err);
    if (renameat2(it->from, name, it->to, name, RENAME_NOREPLACE) != 0 || fsync(it->to) != 0)
        harness_die("%s cannot be moved", name);
    return 1;
}

static int make_folder(const char *parent, const char *name)
{
    char path[300];
    (void)snprintf(path, sizeof path, "%s/%s", parent, name);
    if (mkdir(path, 0700) != 0)
        harness_die("%s cannot be made", path);
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int main(int argc, char **argv)
{
    auth_error err;
    char path[300];
    double seconds = bench_seconds(argc, argv);
    const char *folder = bench_folder();
    files it = {.document = {1, 2, 3}};
    lra_spool_options options = {.seal = turn_over, .open = turn_over};
    it.from = make_folder(folder, "from");
    it.to = make_folder(folder, "to");
    (void)close(make_folder(folder, "spool"));
    (void)snprintf(path, sizeof path, "%s/spool", folder);
    must(lra_spool_open(path, &options, &it.spool, &err), &err);
    bench_pair rates = bench_rates(put, bare_put, &it, seconds);
    bench_print(
        &(bench_result){.name = "spool-put-4096",
                        .value = rates.value,
                        .unit = "documents/s",
                        .against = "write, fsync, rename, fsync of the folder (ratio >= 0.8)",
                        .reference_value = rates.reference,
                        .bound = rates.reference * RATIO});
    lra_spool_free(it.spool);
    (void)close(it.from);
    (void)close(it.to);
    bench_folder_remove();
    return 0;
}
