/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Puts a request into the queue of a realm named "example", signed by its first admins, as an RA
 * does; and tells what became of it. For tests that run auth-ca itself.
 *
 *     realm_ask DIR appoint ADMIN1 ADMIN2 OFFICER PASSPORT    prints the request's id
 *     realm_ask DIR state ID                                  prints its state, 1 to 7
 */
#include "ca_world.h"

#include "harness/data.h"
#include "realm/realm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void must(auth_status status, const auth_error *err)
{
    if (status != AUTH_STATUS_OK)
        harness_die("%s", err->text);
}

/* As the account that the realm's files belong to. */
static realm *open_realm(const char *dir)
{
    auth_error err;
    struct stat info;
    realm *of = NULL;
    realm_opening opening = {.parts = REALM_MASTER_KEY};
    char path[REALM_PATH_SIZE];
    must(realm_path_join(dir, NULL, REALM_MASTER_KEY_FILE, "", path, &err), &err);
    if (stat(path, &info) != 0 || setegid(info.st_gid) != 0 || seteuid(info.st_uid) != 0)
        harness_die("%s: its owner cannot be become", dir);
    must(realm_open(dir, &opening, &of, &err), &err);
    if (seteuid(getuid()) != 0 || setegid(getgid()) != 0)
        harness_die("the user of before cannot be become again");
    return of;
}

static registry_pool *open_pool(const realm *of)
{
    auth_error err;
    static char conninfo[REGISTRY_CONNINFO_SIZE];
    registry_settings settings = {.conninfo = conninfo, .roles = REGISTRY_ROLE_RA};
    registry_pool *pool = NULL;
    must(realm_conninfo(of, REGISTRY_ROLE_RA, conninfo, &err), &err);
    must(registry_pool_new(&settings, 2, &pool, &err), &err);
    return pool;
}

static void load_officer(const char *dir, const char *name, ca_person_key *out)
{
    auth_error err;
    char path[REALM_PATH_SIZE];
    must(realm_key_open(dir, REALM_OFFICERS_FOLDER, name, NULL, NULL, &out->signer, &err), &err);
    must(realm_path_join(dir, REALM_OFFICERS_FOLDER, name, ".cer", path, &err), &err);
    must(realm_file_read(path, &out->certificate, &err), &err);
}

static void appoint(ca_world *world, const char *officer, const char *passport)
{
    static ca_ask ask;
    AUTH_AUTO(auth_signer) *key = ca_world_key();
    AUTH_AUTO(auth_buf) *csr = ca_world_csr(key);
    ca_ask_begin(world, AUTH_REQUEST_KIND_APPOINT, &ask);
    ask.draft.office = "centre";
    auth_request_item *item = ca_ask_person(&ask, passport, auth_buf_bytes(csr));
    item->officer = auth_bytes_from_text(officer);
    item->role = AUTH_OFFICER_ROLE_CLERK;
    ca_world_ask(world, &ask, ca_admins);
    puts(ask.id);
}

static void tell_state(registry_pool *pool, const char *id)
{
    auth_error err;
    uint8_t octets[REGISTRY_ID_SIZE];
    registry_connection *ra = NULL;
    AUTH_AUTO(registry_result) *found = NULL;
    registry_request request;
    if (!registry_uuid_parse(auth_bytes_from_text(id), octets))
        harness_die("%s: no id of a request", id);
    must(registry_pool_take(pool, 10000, &ra, &err), &err);
    must(registry_request_find(ra, (auth_bytes){octets, sizeof octets}, &found, &err), &err);
    must(registry_request_read(found, 0, &request, &err), &err);
    printf("%d\n", (int)request.state);
    registry_pool_give(pool, ra);
}

int main(int argc, char **argv)
{
    auth_error err;
    ca_world world = {.now = (auth_time)time(NULL)};
    if (argc < 4)
        harness_die("realm_ask DIR appoint ADMIN1 ADMIN2 OFFICER PASSPORT | DIR state ID");
    AUTH_AUTO(realm) *of = open_realm(argv[1]);
    AUTH_AUTO(registry_pool) *pool = open_pool(of);
    if (strcmp(argv[2], "appoint") == 0 && argc == 7) {
        world.base.ra_pool = pool;
        world.ring = (registry_keyring *)(uintptr_t)realm_keyring(of);
        must(registry_crypto_new(&world.crypto, &err), &err);
        load_officer(argv[1], argv[3], &world.officers[ADMIN_1]);
        load_officer(argv[1], argv[4], &world.officers[ADMIN_2]);
        appoint(&world, argv[5], argv[6]);
        auth_signer_free(world.officers[ADMIN_1].signer);
        auth_signer_free(world.officers[ADMIN_2].signer);
        auth_buf_free(world.officers[ADMIN_1].certificate);
        auth_buf_free(world.officers[ADMIN_2].certificate);
        registry_crypto_free(world.crypto);
    } else {
        tell_state(pool, argv[3]);
    }
    return 0;
}
