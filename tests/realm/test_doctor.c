/* SPDX-License-Identifier: Apache-2.0 */
/* Is nothing found in a realm that is well, and is everything that is wrong told with a remedy? */
#include "harness/harness.h"
#include "realm/doctor.h"
#include "realm_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DAY_S ((auth_time)86400)
#define FINDINGS_MAX 32

typedef struct report {
    char lines[FINDINGS_MAX][1200];
    size_t count;
} report;

static void note(void *context, const realm_doctor_finding *finding)
{
    report *of = context;
    ck_assert_uint_lt(of->count, FINDINGS_MAX);
    (void)snprintf(of->lines[of->count++], sizeof of->lines[0], "%s %s: %s",
                   finding->is_fault ? "fault" : "warning", finding->check, finding->text);
}

static void look(auth_time now, report *out)
{
    auth_error err;
    out->count = 0;
    assert_ok(realm_doctor(realm_folder(), now, note, out, &err), &err);
    ck_assert_int_eq(geteuid(), getuid());
}

/* How many findings begin like this and tell that. */
static size_t count(const report *of, const char *start, const char *told)
{
    size_t found = 0;
    for (size_t i = 0; i < of->count; i++)
        found +=
            strncmp(of->lines[i], start, strlen(start)) == 0 && strstr(of->lines[i], told) != NULL;
    return found;
}

static void show(const report *of)
{
    for (size_t i = 0; i < of->count; i++)
        fprintf(stderr, "%s\n", of->lines[i]);
}

static void expect(const report *of, size_t wanted, const char *start, const char *told)
{
    if (count(of, start, told) != wanted)
        show(of);
    ck_assert_uint_eq(count(of, start, told), wanted);
}

static report found;

START_TEST(a_realm_that_is_well_has_one_warning)
{
    realm_folder_start_registry();
    look(time(NULL), &found);
    expect(&found, 1, "warning safe: ", "move it into the safe");
    expect(&found, 1, "", "");
}
END_TEST

START_TEST(time_is_held_against_certificates_and_the_server)
{
    realm_folder_start_registry();
    /* TLS servers have 90 days, responders 30 (schemas/profiles). */
    look(time(NULL) + 25 * DAY_S, &found);
    expect(&found, 2, "warning certificates: ", "ocsp-");
    expect(&found, 0, "fault certificates: ", "");
    expect(&found, 1, "fault clock: ", "one source of time");
    look(time(NULL) + 40 * DAY_S, &found);
    expect(&found, 2, "fault certificates: ", "has expired");
    look(time(NULL) + 100 * DAY_S, &found);
    expect(&found, 4, "fault certificates: ", "has expired");
    look(time(NULL) + 3400 * DAY_S, &found);
    expect(&found, 2, "warning certificates: ", "authorities/");
    look(time(NULL) - DAY_S, &found);
    expect(&found, 7, "fault certificates: ", "is not valid yet");
}
END_TEST

static const struct {
    const char *file;
    const char *text; /* instead of it; NULL: it is not there */
    const char *start;
    const char *told;
} spoiled[] = {
    {"policy.json", NULL, "fault files: ", "policy.json"},
    {"keys/master.key", "x\n", "fault files: ", "master.key"},
    {"authorities/root.cer", "x", "fault files: ", "root.cer"},
    {"authorities/root.cer", "x", "fault certificates: ", "authorities/root.cer"},
    {"keys/staff.pem", "-----BEGIN PRIVATE KEY-----\n", "fault keys: ", "staff.pem"},
    {"tls/ra.cer", "-----BEGIN CERTIFICATE-----\n", "fault certificates: ", "tls/ra.cer"},
    {"realm.conf", "realm = other\nbase = http://h\n", "fault registry: ", "the realm 'shaanxi'"},
};

START_TEST(what_is_wrong_is_told_by_file)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    char kept[REALM_PATH_SIZE + 8];
    realm_folder_start_registry();
    assert_ok(realm_path_join(realm_folder(), NULL, spoiled[_i].file, "", path, &err), &err);
    (void)snprintf(kept, sizeof kept, "%s.kept", path);
    ck_assert_int_eq(rename(path, kept), 0);
    if (spoiled[_i].text != NULL)
        realm_folder_write(path, auth_bytes_from_text(spoiled[_i].text));
    auth_status status = realm_doctor(realm_folder(), time(NULL), note, &found, &err);
    ck_assert_int_eq(rename(kept, path), 0);
    assert_ok(status, &err);
    expect(&found, 1, spoiled[_i].start, spoiled[_i].told);
}
END_TEST

START_TEST(documents_that_wait_are_told)
{
    auth_error err;
    char folder[REALM_PATH_SIZE];
    char file[REALM_PATH_SIZE];
    realm_folder_start_registry();
    assert_ok(realm_path_join(realm_folder(), "spool", "new", "", folder, &err), &err);
    assert_ok(realm_path_join(folder, NULL, "document", "", file, &err), &err);
    ck_assert_int_eq(mkdir(folder, 0755), 0);
    realm_folder_write(file, BYTES("x"));
    look(time(NULL), &found);
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    expect(&found, 1, "warning spool: ", "1 documents wait");
}
END_TEST

START_TEST(damaged_documents_in_the_spool_are_warned_of)
{
    auth_error err;
    char folder[REALM_PATH_SIZE];
    char file[REALM_PATH_SIZE];
    realm_folder_start_registry();
    assert_ok(realm_path_join(realm_folder(), "spool", "bad", "", folder, &err), &err);
    assert_ok(realm_path_join(folder, NULL, "document", "", file, &err), &err);
    ck_assert_int_eq(mkdir(folder, 0755), 0);
    look(time(NULL), &found);
    expect(&found, 0, "warning spool: ", "");
    realm_folder_write(file, BYTES("x"));
    look(time(NULL), &found);
    ck_assert_int_eq(unlink(file), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    expect(&found, 1, "warning spool: ", "1 damaged documents are not delivered");
}
END_TEST

START_TEST(a_registry_that_is_away_is_told_and_the_rest_is_looked_at)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    registry_embed_options options = {.is_throwaway = true};
    assert_ok(realm_path_join(realm_folder(), NULL, REALM_REGISTRY_FOLDER, "", path, &err), &err);
    assert_ok(registry_embed_stop(path, &options, REGISTRY_EMBED_FAST, &err), &err);
    look(time(NULL) + 40 * DAY_S, &found);
    expect(&found, 1, "fault registry: ", "start the realm with 'auth up'");
    expect(&found, 2, "fault certificates: ", "has expired");
    expect(&found, 0, "fault clock: ", "");
}
END_TEST

START_TEST(a_folder_that_is_no_realm_is_refused)
{
    auth_error err;
    assert_fails(realm_doctor(realm_folder_parent(), 0, note, &found, &err), AUTH_STATUS_NOT_FOUND,
                 &err);
}
END_TEST

SUITE_AFTER(realm_folder_make, "doctor", TEST(a_realm_that_is_well_has_one_warning),
            TEST(time_is_held_against_certificates_and_the_server),
            TEST_EACH(what_is_wrong_is_told_by_file, sizeof spoiled / sizeof spoiled[0]),
            TEST(documents_that_wait_are_told), TEST(damaged_documents_in_the_spool_are_warned_of),
            TEST(a_registry_that_is_away_is_told_and_the_rest_is_looked_at),
            TEST(a_folder_that_is_no_realm_is_refused))
