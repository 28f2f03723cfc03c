/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How long does a CRL of a million entries take to build and sign, to read and to look up in, and
 * how much memory does that need at its peak? Held against hashing the same octets and signing
 * once, which is what no implementation can leave out.
 */
#include "bench/bench.h"
#include "harness/raw_cert.h"

#include <auth/crl.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define ENTRIES 1000000U
#define SERIAL_LEN 18
#define BUILD_SECONDS 1.5
#define BUILD_MEGABYTES 150
#define LOOKUPS 1000U

static double now(void)
{
    struct timespec time;
    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) != 0)
        harness_die("there is no clock of the process");
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double peak_megabytes(void)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) != 0)
        harness_die("the peak of memory is not known");
    return (double)usage.ru_maxrss / 1024;
}

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

/* As in a registry: an epoch of two octets, then what looks random (xorshift64*). */
static void make_serial(uint64_t number, uint8_t out[SERIAL_LEN])
{
    uint64_t state = (number + 1) * 0x9e3779b97f4a7c15U;
    out[0] = 0x01;
    out[1] = 0x07;
    for (size_t i = 2; i < SERIAL_LEN; i++) {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        out[i] = (uint8_t)(state * 0x2545f4914f6cdd1dU >> 56);
    }
}

static void build(const auth_signer *signer, auth_buf *out)
{
    static const auth_revocation_reason reasons[] = {AUTH_REVOCATION_REASON_KEY_COMPROMISE,
                                                     AUTH_REVOCATION_REASON_SUPERSEDED,
                                                     AUTH_REVOCATION_REASON_CERTIFICATE_HOLD,
                                                     AUTH_REVOCATION_REASON_CESSATION_OF_OPERATION};
    raw_bytes issuer = raw_name("Authority of a million");
    auth_crl_settings settings = {
        .issuer = RAW(issuer),
        .key_id = BYTES("0123456789abcdef0123"),
        .this_update = 1767225600,
        .next_update = 1767225600 + 86400,
        .number = BYTES("\x01"),
    };
    auth_error err;
    AUTH_AUTO(auth_crl_builder) *builder = NULL;
    must(auth_crl_builder_new(&settings, &builder, &err), &err);
    for (uint64_t i = 0; i < ENTRIES; i++) {
        uint8_t serial[SERIAL_LEN];
        make_serial(i, serial);
        auth_crl_entry entry = {.serial = {serial, sizeof serial},
                                .revoked = 1767225600 - (auth_time)i,
                                .reason = reasons[i % 4]};
        must(auth_crl_builder_add(builder, &entry, &err), &err);
    }
    must(auth_crl_builder_finish(builder, signer, out, &err), &err);
}

/* What remains when nothing is built: one hash over all octets and one signature. */
static double hash_and_sign(const auth_signer *signer, auth_bytes der)
{
    uint8_t hash[EVP_MAX_MD_SIZE];
    auth_signature signature;
    auth_error err;
    double start = now();
    if (EVP_Digest(der.data, der.len, hash, NULL, EVP_sha256(), NULL) != 1)
        harness_die("SHA-256 failed");
    must(auth_signer_sign(signer, (auth_bytes){hash, 32}, &signature, &err), &err);
    return now() - start;
}

static void report_build(double seconds, double reference, double megabytes, double der_megabytes)
{
    bench_result time = {.name = "crl-build-1m",
                         .value = seconds,
                         .unit = "s",
                         .against = "SHA-256 of the same octets and a signature",
                         .reference_value = reference,
                         .bound = BUILD_SECONDS};
    bench_result memory = {.name = "crl-build-1m-peak",
                           .value = megabytes,
                           .unit = "MiB",
                           .against = "the CRL itself",
                           .reference_value = der_megabytes,
                           .bound = BUILD_MEGABYTES};
    bench_print(&time);
    bench_print(&memory);
}

static void measure_reading(auth_bytes der, double reference)
{
    auth_error err;
    AUTH_AUTO(auth_crl) *crl = NULL;
    double start = now();
    must(auth_crl_parse(der, &crl, &err), &err);
    bench_result parse = {.name = "crl-parse-1m",
                          .value = now() - start,
                          .unit = "s",
                          .against = "SHA-256 of the same octets and a signature",
                          .reference_value = reference};
    bench_print(&parse);

    start = now();
    for (uint64_t i = 0; i < LOOKUPS; i++) {
        uint8_t serial[SERIAL_LEN];
        auth_crl_entry entry;
        make_serial(i * (ENTRIES / LOOKUPS), serial);
        must(auth_crl_find(crl, (auth_bytes){NULL, 0}, (auth_bytes){serial, sizeof serial}, &entry,
                           &err),
             &err);
    }
    bench_result find = {.name = "crl-find-1m",
                         .value = (now() - start) / LOOKUPS * 1e6,
                         .unit = "us",
                         .against = "a microsecond",
                         .reference_value = 1};
    bench_print(&find);
}

int main(int argc, char **argv)
{
    (void)bench_seconds(argc, argv); /* one turn is what is asked about, however long it takes */
    AUTH_AUTO(auth_signer) *signer = raw_signer_new(AUTH_KEY_TYPE_P256);
    AUTH_AUTO(auth_buf) *out = NULL;
    auth_error err;
    must(auth_buf_new(AUTH_CRL_MAX, &out, &err), &err);
    double start = now();
    build(signer, out);
    double seconds = now() - start;
    double megabytes = peak_megabytes();
    auth_bytes der = auth_buf_bytes(out);
    double reference = hash_and_sign(signer, der);
    report_build(seconds, reference, megabytes, (double)der.len / (1 << 20));
    measure_reading(der, reference);
    return 0;
}
