/* SPDX-License-Identifier: Apache-2.0 */
/*
 * May what was found ready be sent: while what was known before it was looked for is recent, or the
 * registry is gone, and never for the sake of what became known after it was found?
 */
#include "harness/harness.h"

#include "ocsp/knowledge.h"

#define THEN 5000

START_TEST(what_was_known_is_good_for_so_long)
{
    ocsp_knowledge of = {.known_ms = THEN};
    ck_assert_int_eq(ocsp_may_serve(&of, THEN, THEN), OCSP_SERVE);
    ck_assert_int_eq(ocsp_may_serve(&of, THEN, THEN + OCSP_KNOWN_FOR_MS), OCSP_SERVE);
    ck_assert_int_eq(ocsp_may_serve(&of, THEN, THEN + OCSP_KNOWN_FOR_MS + 1), OCSP_SERVE_UNSURE);
    ck_assert(ocsp_is_known(&of, THEN + OCSP_KNOWN_FOR_MS));
    ck_assert(!ocsp_is_known(&of, THEN + OCSP_KNOWN_FOR_MS + 1));
}
END_TEST

START_TEST(nothing_is_known_at_the_beginning)
{
    ocsp_knowledge of = {.known_ms = 0};
    ck_assert_int_eq(ocsp_may_serve(&of, 0, 1), OCSP_SERVE_UNSURE);
    ck_assert(!ocsp_is_known(&of, 1));
}
END_TEST

/* An answer is found, then its certificate is revoked, its entry dropped, and that known. */
START_TEST(what_became_known_after_it_was_found_does_not_count)
{
    ocsp_knowledge of = {.known_ms = THEN};
    int64_t before_ms = atomic_load(&of.known_ms);
    int64_t now_ms = THEN + OCSP_KNOWN_FOR_MS + 1;
    atomic_store(&of.known_ms, now_ms);
    ck_assert(ocsp_is_known(&of, now_ms));
    ck_assert_int_eq(ocsp_may_serve(&of, before_ms, now_ms), OCSP_SERVE_UNSURE);
    ck_assert_int_eq(ocsp_may_serve(&of, atomic_load(&of.known_ms), now_ms), OCSP_SERVE);
}
END_TEST

START_TEST(without_the_registry_it_is_sent_unless_it_was_followed_meanwhile)
{
    ocsp_knowledge of = {.known_ms = THEN, .is_gone = true};
    int64_t now_ms = THEN + 3600 * 1000;
    ck_assert_int_eq(ocsp_may_serve(&of, THEN, now_ms), OCSP_SERVE);
    /* It came back and went again between finding and sending. */
    atomic_store(&of.known_ms, now_ms - OCSP_KNOWN_FOR_MS);
    ck_assert_int_eq(ocsp_may_serve(&of, THEN, now_ms), OCSP_SERVE_UNSURE);
    atomic_store(&of.known_ms, THEN);
    atomic_store(&of.is_gone, false);
    ck_assert_int_eq(ocsp_may_serve(&of, THEN, now_ms), OCSP_SERVE_UNSURE);
}
END_TEST

SUITE("ocsp_knowledge", TEST(what_was_known_is_good_for_so_long),
      TEST(nothing_is_known_at_the_beginning),
      TEST(what_became_known_after_it_was_found_does_not_count),
      TEST(without_the_registry_it_is_sent_unless_it_was_followed_meanwhile))
