/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After persons and their documents were stored, looked for, refused and sealed anew: does anything
 * on disk hold one of their numbers or names, raw, in hex or in base64? Looked at are every file of
 * the cluster, its log and what it would need after a crash included, and a dump.
 */
#include "sealed_world.h"

#include "registry/programs.h"
#include "registry/reseal.h"
#include "registry/statement.h"
#include "registry/transaction.h"

#include <auth/codec.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NEEDLES_MAX 128
#define NEEDLE_SIZE 160

typedef struct needles {
    size_t count;
    size_t lens[NEEDLES_MAX];
    char texts[NEEDLES_MAX][NEEDLE_SIZE];
} needles;

typedef struct hunt {
    const needles *needles;
    size_t files;
    size_t octets;
    size_t found;
} hunt;

static void add(needles *to, const void *text, size_t len)
{
    ck_assert_uint_lt(to->count, NEEDLES_MAX);
    ck_assert_uint_lt(len, NEEDLE_SIZE);
    memcpy(to->texts[to->count], text, len);
    to->lens[to->count++] = len;
}

/* Base64 of octets that begin at any place of three: what depends on the neighbours is left out. */
static void add_base64(needles *to, auth_codec codec, auth_bytes octets)
{
    for (size_t shift = 0; shift < 3; shift++) {
        uint8_t padded[NEEDLE_SIZE] = {0};
        auth_error err;
        auth_buf *text = NULL;
        memcpy(padded + shift, octets.data, octets.len);
        size_t whole = (shift + octets.len) / 3 * 3;
        size_t first = shift == 0 ? 0 : 4;
        assert_ok(auth_buf_new(2 * NEEDLE_SIZE, &text, &err), &err);
        assert_ok(auth_codec_encode(codec, (auth_bytes){padded, whole}, text, &err), &err);
        add(to, auth_buf_bytes(text).data + first, auth_buf_bytes(text).len - first);
        auth_buf_free(text);
    }
}

static void add_all_forms(needles *to, auth_bytes octets)
{
    char hex[2][NEEDLE_SIZE];
    for (size_t i = 0; i < octets.len; i++) {
        (void)snprintf(hex[0] + 2 * i, 3, "%02x", octets.data[i]);
        (void)snprintf(hex[1] + 2 * i, 3, "%02X", octets.data[i]);
    }
    add(to, octets.data, octets.len);
    add(to, hex[0], 2 * octets.len);
    add(to, hex[1], 2 * octets.len);
    add_base64(to, AUTH_CODEC_BASE64, octets);
    add_base64(to, AUTH_CODEC_BASE64URL, octets);
}

static void search_file(hunt *for_what, const char *path)
{
    FILE *in = fopen(path, "rb");
    if (in == NULL)
        return; /* the server removed it meanwhile */
    ck_assert_int_eq(fseek(in, 0, SEEK_END), 0);
    long size = ftell(in);
    char *content = size > 0 ? malloc((size_t)size) : NULL;
    rewind(in);
    size_t len = content == NULL ? 0 : fread(content, 1, (size_t)size, in);
    (void)fclose(in);
    for (size_t i = 0; i < for_what->needles->count && len > 0; i++) {
        if (memmem(content, len, for_what->needles->texts[i], for_what->needles->lens[i]) != NULL) {
            fprintf(stderr, "%s holds form %zu\n", path, i);
            for_what->found++;
        }
    }
    for_what->files++;
    for_what->octets += len;
    free(content);
}

static hunt search(const needles *what, const char *dir)
{
    hunt it = {.needles = what};
    char *paths[] = {(char *)(uintptr_t)dir, NULL};
    FTS *tree = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
    ck_assert_ptr_nonnull(tree);
    for (FTSENT *entry = fts_read(tree); entry != NULL; entry = fts_read(tree)) {
        if (entry->fts_info == FTS_F)
            search_file(&it, entry->fts_path);
    }
    ck_assert_int_eq(fts_close(tree), 0);
    return it;
}

/* Statements that the server refuses, with sealed values in them, and a search that finds nobody.
 */
static void make_trouble(sealed_world *world)
{
    auth_error err;
    auth_person_number *number = &world->numbers[0];
    uint8_t index[REGISTRY_HASH_SIZE];
    registry_connection *ca = world->ledger->ca;
    assert_ok(registry_person_index(world->first, world->ledger->crypto, 1, number, index, &err),
              &err);
    auth_bytes view = {index, sizeof index};
    assert_ok(registry_run(ca, REGISTRY_STATEMENT_CITIZEN_BY_INDEX,
                           REGISTRY_VALUES(registry_bytes_array(&view, 1)), NULL, &err),
              &err);
    registry_ledger_body body = {.event = REGISTRY_LEDGER_EVENT_DENIED,
                                 .at = CHAIN_NOW,
                                 .realm = "example",
                                 .item = REGISTRY_LEDGER_NO_ITEM};
    (void)snprintf(body.detail, sizeof body.detail, "%.*s", (int)number->len,
                   (const char *)auth_person_number_reveal(number).data);
    assert_ok(registry_begin(ca, REGISTRY_READ_COMMITTED, &err), &err);
    auth_status status = registry_ledger_append(ca, &body, 0, &err);
    registry_rollback(ca);
    ck_assert_int_eq((int)status, (int)AUTH_STATUS_INVALID);
    ck_assert_ptr_null(strstr(err.text, body.detail));
}

static void dump(const sealed_world *world, char path[160])
{
    char command[1024];
    char conninfo[REGISTRY_CONNINFO_SIZE];
    (void)snprintf(path, 160, "%s/dump", cluster_dir());
    cluster_conninfo(world->ledger->database, REGISTRY_SUPERUSER, conninfo);
    (void)snprintf(command, sizeof command,
                   REGISTRY_POSTGRESQL_PROGRAMS "/pg_dump --dbname=\"%s\" > %s", conninfo, path);
    ck_assert_msg(system(command) == 0, "%s", command); /* NOLINT(cert-env33-c) */
}

START_TEST(nothing_on_disk_tells_about_persons)
{
    static needles persons;
    static needles others;
    auth_error err;
    char path[160];
    registry_reporter reporter = {.find = NULL};
    registry_reseal_summary summary;
    sealed_world *world = sealed_world_new();
    make_trouble(world);
    assert_ok(registry_reseal(world->ledger->ca, world->both, world->ledger->crypto, 0, &reporter,
                              &summary, &err),
              &err);
    add_all_forms(&persons, BYTES(SEALED_NAME));
    add_all_forms(&persons, BYTES("Wang Fang"));
    add_all_forms(&persons, auth_person_number_reveal(&world->asked));
    for (size_t i = 0; i < 8; i++)
        add_all_forms(&persons, auth_person_number_reveal(&world->numbers[i]));
    dump(world, path);
    cluster_sql(world->ledger->superuser, "CHECKPOINT");
    hunt hunted = search(&persons, cluster_dir());
    ck_assert_uint_eq(hunted.found, 0);
    ck_assert_uint_gt(hunted.files, 500);
    ck_assert_uint_gt(hunted.octets, (size_t)20 << 20);
    /* What is in clear is found: in tables, in the log of changes and in the dump. */
    add(&others, "/centre/city/", 13);
    ck_assert_uint_ge(search(&others, cluster_dir()).found, 3);
    ck_assert_int_eq(unlink(path), 0);
    sealed_world_free(world);
}

CLUSTER_SUITE("privacy", TEST(nothing_on_disk_tells_about_persons))
