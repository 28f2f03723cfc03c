/* SPDX-License-Identifier: Apache-2.0 */
#include "fetch/shared_file.h"

#include "key/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* What a file begins with. */
typedef struct shared_header {
    uint64_t magic;
    uint64_t unit_size;
    uint64_t count;
    uint8_t key[SHARED_KEY_SIZE];
    uint8_t spare[8];
} shared_header;

#define MODE_OWNER 0600
#define MODE_GROUP 0660
#define FOLDER_OWNER 0700
/* How long another process may take to make the file: it writes a few pages. */
#define MAKING_TRIES 5000
#define MAKING_PAUSE_NS 1000000
#define GROUPS_LOOKED_AT 1024

typedef struct opening {
    const shared_shape *shape;
    bool is_group;
    int folder;
    int file;
    shared_header header;
    auth_error *err;
} opening;

static auth_status failed(const opening *open_it, const char *verb)
{
    return auth_error_set(open_it->err, AUTH_STATUS_IO, "%s: it cannot be %s: %s; look at the disk",
                          open_it->shape->what, verb, strerror(errno));
}

static auth_status denied(const opening *open_it, const char *object, const char *remedy)
{
    return auth_error_set(open_it->err, AUTH_STATUS_DENIED, "%s: %s; %s", open_it->shape->what,
                          object, remedy);
}

static bool is_of_our_groups(gid_t group)
{
    gid_t groups[GROUPS_LOOKED_AT];
    int count = getgroups(GROUPS_LOOKED_AT, groups);
    for (int i = 0; i < count; i++) {
        if (groups[i] == group)
            return true;
    }
    return group == getegid();
}

/* Who may write here is who may make this process believe that nothing is known. */
static auth_status check_owner(const opening *open_it, const struct stat *about, const char *what)
{
    if (open_it->is_group) {
        if ((about->st_mode & 0007) != 0 || !is_of_our_groups(about->st_gid))
            return denied(open_it, what,
                          "give it to a group of this process and take away what others "
                          "may do (chmod o=)");
        return AUTH_STATUS_OK;
    }
    if (about->st_uid != geteuid() || (about->st_mode & 0077) != 0)
        return denied(open_it, what,
                      "it must belong to the user of this process and be closed to all others "
                      "(chmod go=)");
    return AUTH_STATUS_OK;
}

static auth_status open_folder(opening *open_it, const char *folder)
{
    struct stat about;
    if (!open_it->is_group && mkdir(folder, FOLDER_OWNER) != 0 && errno != EEXIST)
        return failed(open_it, "made, nor its folder");
    open_it->folder = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (open_it->folder < 0 && (errno == ELOOP || errno == ENOTDIR))
        return denied(open_it, "its folder is no folder",
                      "name the folder itself, not a link to it");
    if (open_it->folder < 0 || fstat(open_it->folder, &about) != 0)
        return failed(open_it, "opened, nor its folder");
    return check_owner(open_it, &about, "its folder is open to others");
}

/* One process at a time looks for the file and makes it; the lock goes with the descriptor. */
static auth_status lock_folder(const opening *open_it)
{
    const struct timespec pause = {.tv_nsec = MAKING_PAUSE_NS};
    for (int i = 0; i < MAKING_TRIES; i++) {
        if (flock(open_it->folder, LOCK_EX | LOCK_NB) == 0)
            return AUTH_STATUS_OK;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return failed(open_it, "locked");
        (void)nanosleep(&pause, NULL);
    }
    return auth_error_set(
        open_it->err, AUTH_STATUS_UNAVAILABLE,
        "%s: another process is about to make it and does not finish; look whether "
        "one is stopped",
        open_it->shape->what);
}

static bool is_power_of_two(uint64_t number) { return number != 0 && (number & (number - 1)) == 0; }

static uint64_t size_of(const shared_shape *shape, uint64_t count)
{
    return sizeof(shared_header) + count * shape->unit_size;
}

/* Tells whether the open file has the form that is expected, and reads its head. */
static bool has_form(opening *open_it, const struct stat *about)
{
    const shared_shape *shape = open_it->shape;
    shared_header *header = &open_it->header;
    return pread(open_it->file, header, sizeof *header, 0) == (ssize_t)sizeof *header &&
           header->magic == shape->magic && header->unit_size == shape->unit_size &&
           is_power_of_two(header->count) && header->count >= shape->count_min &&
           header->count <= shape->count_max &&
           (uint64_t)about->st_size == size_of(shape, header->count);
}

/* Opens the file if it is there; leaves open_it->file at -1 when one is to be made. */
static auth_status open_file(opening *open_it)
{
    struct stat about;
    const shared_shape *shape = open_it->shape;
    open_it->file =
        openat(open_it->folder, shape->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (open_it->file < 0 && errno == ENOENT)
        return AUTH_STATUS_OK;
    if (open_it->file < 0 && (errno == ELOOP || errno == EISDIR || errno == ENXIO))
        return denied(open_it, "it is no plain file", "remove it");
    if (open_it->file < 0 || fstat(open_it->file, &about) != 0)
        return failed(open_it, "opened");
    if (!S_ISREG(about.st_mode) || about.st_nlink != 1)
        return denied(open_it, "it is no plain file, or has a second name", "remove it");
    auth_status status = check_owner(open_it, &about, "it is open to others");
    if (status != AUTH_STATUS_OK || has_form(open_it, &about))
        return status;
    if (!shape->is_replaceable)
        return auth_error_set(open_it->err, AUTH_STATUS_INVALID,
                              "%s: it is not of its form, or of another version; end the programs "
                              "that use it and remove it",
                              shape->what);
    (void)close(open_it->file);
    open_it->file = -1;
    return AUTH_STATUS_OK;
}

static auth_status fill_file(opening *open_it)
{
    const shared_shape *shape = open_it->shape;
    shared_header *header = &open_it->header;
    *header = (shared_header){.magic = shape->magic,
                              .unit_size = shape->unit_size,
                              .count = shape->count};
    auth_status status = digest_random(header->key, sizeof header->key, open_it->err);
    if (status != AUTH_STATUS_OK)
        return status;
    /* All blocks now, so that a full disk ends no process later. */
    int code = posix_fallocate(open_it->file, 0, (off_t)size_of(shape, shape->count));
    if (code != 0) {
        errno = code;
        return failed(open_it, "made");
    }
    if (fchmod(open_it->file, open_it->is_group ? MODE_GROUP : MODE_OWNER) != 0 ||
        pwrite(open_it->file, header, sizeof *header, 0) != (ssize_t)sizeof *header)
        return failed(open_it, "made");
    return AUTH_STATUS_OK;
}

/* Under the lock. The file gets its name when it is whole. */
static auth_status make_file(opening *open_it)
{
    static const char temporary[] = ".new";
    const shared_shape *shape = open_it->shape;
    (void)unlinkat(open_it->folder, temporary, 0);
    open_it->file = openat(open_it->folder, temporary,
                           O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, MODE_OWNER);
    if (open_it->file < 0)
        return failed(open_it, "made");
    auth_status status = fill_file(open_it);
    if (status == AUTH_STATUS_OK &&
        renameat(open_it->folder, temporary, open_it->folder, shape->name) != 0)
        status = failed(open_it, "named");
    if (status != AUTH_STATUS_OK)
        (void)unlinkat(open_it->folder, temporary, 0);
    return status;
}

static auth_status map_file(const opening *open_it, shared_file *out)
{
    size_t len = (size_t)size_of(open_it->shape, open_it->header.count);
    void *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED, open_it->file, 0);
    if (map == MAP_FAILED)
        return auth_error_memory(open_it->err);
    *out = (shared_file){
        .units = (_Atomic uint64_t *)(void *)((uint8_t *)map + sizeof(shared_header)),
        .count = open_it->header.count,
        .map = map,
        .len = len,
    };
    memcpy(out->key, open_it->header.key, sizeof out->key);
    return AUTH_STATUS_OK;
}

static void close_one(int descriptor)
{
    if (descriptor >= 0)
        (void)close(descriptor);
}

auth_status shared_file_open(const char *folder, bool is_group, const shared_shape *shape,
                             shared_file *out, auth_error *err)
{
    opening open_it = {.shape = shape, .is_group = is_group, .folder = -1, .file = -1, .err = err};
    auth_status status = open_folder(&open_it, folder);
    if (status == AUTH_STATUS_OK)
        status = lock_folder(&open_it);
    if (status == AUTH_STATUS_OK)
        status = open_file(&open_it);
    if (status == AUTH_STATUS_OK && open_it.file < 0)
        status = make_file(&open_it);
    if (status == AUTH_STATUS_OK)
        status = map_file(&open_it, out);
    close_one(open_it.file);
    close_one(open_it.folder);
    return status;
}

auth_status shared_file_anonymous(const shared_shape *shape, shared_file *out, auth_error *err)
{
    uint8_t key[SHARED_KEY_SIZE];
    auth_status status = digest_random(key, sizeof key, err);
    if (status != AUTH_STATUS_OK)
        return status;
    size_t len = (size_t)size_of(shape, shape->count);
    void *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED)
        return auth_error_memory(err);
    *out = (shared_file){
        .units = (_Atomic uint64_t *)(void *)((uint8_t *)map + sizeof(shared_header)),
        .count = shape->count,
        .map = map,
        .len = len,
    };
    memcpy(out->key, key, sizeof out->key);
    return AUTH_STATUS_OK;
}

void shared_file_close(shared_file *file)
{
    if (file->map != NULL)
        (void)munmap(file->map, file->len);
    *file = (shared_file){0};
}
