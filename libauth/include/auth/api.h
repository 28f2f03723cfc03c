/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_api
 * @brief how libauth declares what it exports
 *
 * Every function of libauth that a program may call is marked AUTH_API and listed in the library's
 * version script; nothing else is visible. One that is marked AUTH_INLINE stands in its header. A
 * function that can fail returns an auth_status, must be checked, and takes a caller-owned
 * auth_error as its last argument, which may be NULL.
 *
 * Ownership follows the name: functions that end in _new, _parse or _load give, _free takes and
 * accepts NULL, a pointer to const borrows. Outputs are written on success only.
 */
#ifndef AUTH_API_H
#define AUTH_API_H

#ifdef __cplusplus
#define AUTH_BEGIN_DECLS extern "C" {
#define AUTH_END_DECLS }
#else
#define AUTH_BEGIN_DECLS
#define AUTH_END_DECLS
#endif

#define AUTH_API __attribute__((visibility("default")))
/* Of a function that stands in its header whole, and not in the library. */
#define AUTH_INLINE static inline
#define AUTH_MUST_CHECK __attribute__((warn_unused_result))
#define AUTH_PRINTF(format_index, first_argument)                                                  \
    __attribute__((format(printf, format_index, first_argument)))

/*
 * AUTH_AUTO(auth_buf) *buf = ...;   frees buf when the scope ends.
 * AUTH_TAKE(buf)                    hands buf on: evaluates to its value and sets it to NULL.
 */
#define AUTH_AUTO(type) __attribute__((cleanup(type##_cleanup), unused)) type
#define AUTH_TAKE(pointer)                                                                         \
    __extension__({                                                                                \
        __typeof__(pointer) auth_taken_ = (pointer);                                               \
        (pointer) = 0;                                                                             \
        auth_taken_;                                                                               \
    })
/* Defines what AUTH_AUTO(type) calls, for a type with a function type_free(type *). */
#define AUTH_DEFINE_CLEANUP(type)                                                                  \
    static inline void type##_cleanup(type **pointer) { type##_free(*pointer); }

#endif
