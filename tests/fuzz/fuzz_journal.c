/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does the reader of the signing journal end in an answer for every file, with records that mean
 * what their octets say, and with every octet either read or told to be torn? When the first octet
 * is odd, the chain hashes are made to fit, so that what lies behind them is reached.
 */
#include "ca/journal_scan.h"
#include "disk/file.h"
#include "fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define CARRIED_AT 80

typedef struct reading {
    const uint8_t *file;
    uint64_t at;
} reading;

static auth_status look(void *context, const ca_journal_record *record, auth_error *err)
{
    (void)err;
    reading *it = context;
    uint8_t body[JOURNAL_BODY_SIZE];
    journal_record_encode(record, body);
    FUZZ_CHECK(memcmp(body, it->file + it->at, sizeof body) == 0);
    it->at += JOURNAL_RECORD_SIZE;
    return AUTH_STATUS_OK;
}

static void chain(disk_hash *hash, uint8_t *file, size_t size)
{
    const uint8_t *before = file + CARRIED_AT;
    for (size_t at = 0; at + JOURNAL_RECORD_SIZE <= size; at += JOURNAL_RECORD_SIZE) {
        uint8_t *end = file + at + JOURNAL_BODY_SIZE;
        FUZZ_CHECK(journal_chain_hash(hash, before, file + at, end, NULL) == AUTH_STATUS_OK);
        before = end;
    }
}

static void scan_file(disk_hash *hash, const uint8_t *file, size_t size, uint32_t number)
{
    auth_error err = {AUTH_STATUS_OK, ""};
    journal_scan scan;
    reading it = {file, 0};
    ca_journal_options options = {.id = {0xca, 1}};
    int descriptor = memfd_create("journal", MFD_CLOEXEC);
    FUZZ_CHECK(descriptor >= 0 &&
               disk_write(descriptor, (auth_bytes){file, size}, "file", &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(journal_scan_init(&scan, hash, &options, look, &it, &err) == AUTH_STATUS_OK);
    auth_status status = journal_scan_segment(&scan, descriptor, size, number, true, &err);
    if (status == AUTH_STATUS_OK) {
        FUZZ_CHECK(scan.good_size + scan.torn_octets == size);
        FUZZ_CHECK(scan.good_size == it.at && scan.records == it.at / JOURNAL_RECORD_SIZE);
    } else {
        FUZZ_CHECK(status == err.status && err.text[0] != '\0');
        FUZZ_CHECK(!auth_status_is_fault(status));
    }
    journal_scan_clear(&scan);
    (void)close(descriptor);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    disk_hash *hash = NULL;
    if (size == 0)
        return 0;
    FUZZ_CHECK(disk_hash_new(&hash, NULL) == AUTH_STATUS_OK);
    uint8_t *file = malloc(size);
    FUZZ_CHECK(file != NULL);
    memcpy(file, data + 1, size - 1);
    if ((data[0] & 1) != 0)
        chain(hash, file, size - 1);
    scan_file(hash, file, size - 1, 1U + (data[0] >> 1));
    free(file);
    disk_hash_free(hash);
    return 0;
}
