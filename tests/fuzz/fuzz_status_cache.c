/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May a shared cache hold any octets, and does a fetcher take from it only an answer that was
 * signed for the certificate asked about? An input that begins with "H" is a file from its first
 * octet on. Any other is what lies behind the head of a good file; when its first octet is odd the
 * hash of the first slot is set right, so that what follows is looked at and not passed over.
 */
#include "fetch/status_cache.h"
#include "fuzz/fuzz.h"
#include "harness/fetch_world.h"
#include "harness/scratch.h"
#include "key/digest.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SLOTS 8
#define HEAD 64
#define SERIAL 5
#define FILE_SIZE (HEAD + SLOTS * STATUS_SLOT_SIZE)
#define HASHED_FROM 40 /* of a slot: behind claim and hash */

static status_pki pki;
static char *folder;
static raw_bytes cert;
static raw_bytes answer;
static uint8_t good_head[HEAD];

static void remove_folder(void) { scratch_free(folder); }

static int open_file(int flags)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/status.cache", folder);
    int file = open(path, flags | O_CREAT, 0600);
    FUZZ_CHECK(file >= 0);
    return file;
}

static auth_fetcher *new_fetcher(void)
{
    auth_fetcher *fetcher = NULL;
    auth_fetch_options options = {.cache_folder = folder,
                                  .cache_entries = SLOTS,
                                  .memory_entries = 8,
                                  .has_loop = true};
    FUZZ_CHECK(auth_fetcher_new(&options, &fetcher, NULL) == AUTH_STATUS_OK);
    return fetcher;
}

/* A good file once, for its head. */
static void prepare(void)
{
    fetch_world world = {.pki = status_pki_new("ed25519")};
    pki = world.pki;
    folder = scratch_new();
    FUZZ_CHECK(atexit(remove_folder) == 0);
    cert = fetch_world_cert_at(&world, SERIAL, NULL, NULL);
    answer = fetch_world_ocsp(&world, &(fetch_world_answer){.serial = SERIAL});
    auth_fetcher_free(new_fetcher());
    int file = open_file(O_RDONLY);
    FUZZ_CHECK(read(file, good_head, HEAD) == HEAD);
    (void)close(file);
}

/* Sets the hash of the first slot to that of what its length says. */
static void mend(uint8_t *slot)
{
    uint64_t len = 0;
    memcpy(&len, slot + 80, sizeof len);
    if (len == 0 || len > STATUS_ANSWER_MAX)
        return;
    size_t words = STATUS_HEAD_WORDS + ((size_t)len + 7) / 8;
    auth_bytes octets = {slot + HASHED_FROM, words * 8 - HASHED_FROM};
    FUZZ_CHECK(digest(DIGEST_SHA256, octets, slot + 8, NULL) == AUTH_STATUS_OK);
}

static void write_file(const uint8_t *data, size_t size)
{
    static uint8_t octets[FILE_SIZE + 4096];
    size_t len = FILE_SIZE;
    memset(octets, 0, sizeof octets);
    if (size > 0 && data[0] == 'H') {
        len = size - 1 < sizeof octets ? size - 1 : sizeof octets;
        memcpy(octets, data + 1, len);
    } else if (size > 0) {
        size_t taken = size - 1 < FILE_SIZE - HEAD ? size - 1 : FILE_SIZE - HEAD;
        memcpy(octets, good_head, HEAD);
        memcpy(octets + HEAD, data + 1, taken);
        if (data[0] % 2 == 1)
            mend(octets + HEAD);
    }
    int file = open_file(O_WRONLY | O_TRUNC);
    FUZZ_CHECK(write(file, octets, len) == (ssize_t)len);
    (void)close(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auth_fetch_result result;
    if (folder == NULL)
        prepare();
    write_file(data, size);
    auth_fetcher *fetcher = new_fetcher();
    auth_fetch_request request = {
        .certificate = RAW(cert),
        .issuer = RAW(pki.authority_der),
        .now = STATUS_NOW,
        .sources = AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_SHARED),
    };
    auth_status status = auth_fetch_status(fetcher, &request, &result, NULL);
    FUZZ_CHECK(status == AUTH_STATUS_OK || status == AUTH_STATUS_NOT_FOUND);
    if (status == AUTH_STATUS_OK) {
        /* The authority has signed this for the certificate, whoever put it there. */
        auth_ocsp_answer said;
        auth_ocsp_expectation expected = {.serial = BYTES("\x05"), .now = STATUS_NOW};
        auth_bytes der = auth_fetched_evidence(result.fetched)->ocsp[0];
        FUZZ_CHECK(auth_ocsp_check(der, pki.issuer, &expected, &said, NULL) == AUTH_STATUS_OK);
        FUZZ_CHECK(said.status == result.status);
        auth_fetched_free(result.fetched);
    }
    /* Whatever was there, a good answer finds its place. */
    request.staple = RAW(answer);
    request.sources |= AUTH_FETCH_FROM(AUTH_FETCH_SOURCE_STAPLE);
    FUZZ_CHECK(auth_fetch_status(fetcher, &request, &result, NULL) == AUTH_STATUS_OK);
    auth_fetched_free(result.fetched);
    auth_fetcher_free(fetcher);
    return 0;
}
