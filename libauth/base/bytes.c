/* SPDX-License-Identifier: Apache-2.0 */
#include <auth/bytes.h>
#include <auth/secret.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

struct auth_buf {
    uint8_t *data;
    size_t len;
    size_t capacity;
    size_t max;
};

auth_bytes auth_bytes_from_text(const char *text)
{
    if (text == NULL)
        return (auth_bytes){NULL, 0};
    return (auth_bytes){(const uint8_t *)text, strlen(text)};
}

bool auth_bytes_equal(auth_bytes a, auth_bytes b) { return auth_bytes_compare(a, b) == 0; }

int auth_bytes_compare(auth_bytes a, auth_bytes b)
{
    size_t shorter = a.len < b.len ? a.len : b.len;
    int order = shorter == 0 ? 0 : memcmp(a.data, b.data, shorter);
    if (order != 0)
        return order;
    return (a.len > b.len) - (a.len < b.len);
}

auth_status auth_buf_new(size_t max, auth_buf **out, auth_error *err)
{
    auth_buf *buf = calloc(1, sizeof *buf);
    if (buf == NULL)
        return auth_error_memory(err);
    buf->max = max;
    *out = buf;
    return AUTH_STATUS_OK;
}

static void release(uint8_t *data, size_t len)
{
    if (data != NULL)
        auth_secret_wipe(data, len);
    free(data);
}

void auth_buf_free(auth_buf *buf)
{
    if (buf == NULL)
        return;
    release(buf->data, buf->len);
    free(buf);
}

/*
 * Makes room for more octets. The old block is handed back in *old for the caller to release, since
 * what is appended may lie in it; plain realloc would also leave an unwiped copy behind.
 */
static auth_status make_room(auth_buf *buf, size_t more, uint8_t **old, auth_error *err)
{
    *old = NULL;
    if (more > buf->max - buf->len) {
        return auth_error_set(err, AUTH_STATUS_LIMIT,
                              "%zu octets and %zu more pass this buffer's maximum of %zu; "
                              "send less at a time",
                              buf->len, more, buf->max);
    }
    size_t needed = buf->len + more;
    if (needed <= buf->capacity)
        return AUTH_STATUS_OK;

    size_t capacity = buf->capacity > SIZE_MAX / 2 ? needed : buf->capacity * 2;
    if (capacity < FIRST_CAPACITY)
        capacity = FIRST_CAPACITY;
    if (capacity > buf->max)
        capacity = buf->max;
    if (capacity < needed)
        capacity = needed;
    uint8_t *data = malloc(capacity);
    if (data == NULL)
        return auth_error_memory(err);
    if (buf->len > 0)
        memcpy(data, buf->data, buf->len);
    *old = buf->data;
    buf->data = data;
    buf->capacity = capacity;
    return AUTH_STATUS_OK;
}

auth_status auth_buf_append(auth_buf *buf, auth_bytes bytes, auth_error *err)
{
    if (bytes.len == 0)
        return AUTH_STATUS_OK;
    uint8_t *old = NULL;
    size_t old_len = buf->len;
    auth_status status = make_room(buf, bytes.len, &old, err);
    if (status != AUTH_STATUS_OK)
        return status;
    memcpy(buf->data + buf->len, bytes.data, bytes.len);
    buf->len += bytes.len;
    release(old, old_len);
    return AUTH_STATUS_OK;
}

auth_status auth_buf_extend(auth_buf *buf, size_t len, uint8_t **out, auth_error *err)
{
    uint8_t *old = NULL;
    size_t old_len = buf->len;
    auth_status status = make_room(buf, len, &old, err);
    if (status != AUTH_STATUS_OK)
        return status;
    release(old, old_len);
    if (len > 0)
        memset(buf->data + buf->len, 0, len);
    *out = buf->data == NULL ? NULL : buf->data + buf->len;
    buf->len += len;
    return AUTH_STATUS_OK;
}

auth_status auth_buf_printf(auth_buf *buf, auth_error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0)
        return auth_error_memory(err);
    auth_status status = auth_buf_append(buf, (auth_bytes){(uint8_t *)text, (size_t)len}, err);
    release((uint8_t *)text, (size_t)len);
    return status;
}

void auth_buf_truncate(auth_buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    auth_secret_wipe(buf->data + len, buf->len - len);
    buf->len = len;
}

auth_bytes auth_buf_bytes(const auth_buf *buf) { return (auth_bytes){buf->data, buf->len}; }
