/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does what is accepted stay accepted in its canonical form, show no more than its ends when
 * masked, and does what is refused leave no trace? The first octet chooses type and legacy, the
 * rest is the number.
 */
#include "fuzz/fuzz.h"
#include "harness/person_vectors.h"

#include <string.h>

#define TYPE_BITS 7U
#define LEGACY_BIT 8U

static bool starts_character(uint8_t c) { return (c & 0xc0U) != 0x80U; }

static size_t count_characters(auth_bytes text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.len; i++)
        count += starts_character(text.data[i]) ? 1 : 0;
    return count;
}

/* How many characters a mask may show (auth_person_number_mask). */
static size_t shown_at_most(size_t characters)
{
    return characters >= 15 ? 10 : characters >= 8 ? 4 : 2;
}

static void check_mask(const auth_person_number *number)
{
    char mask[AUTH_PERSON_NUMBER_TEXT_SIZE];
    memset(mask, 'z', sizeof mask);
    auth_person_number_mask(number, mask);
    FUZZ_CHECK(memchr(mask, '\0', sizeof mask) != NULL);
    auth_bytes clear = auth_person_number_reveal(number);
    auth_bytes masked = auth_bytes_from_text(mask);
    size_t characters = count_characters(clear);
    FUZZ_CHECK(count_characters(masked) == characters);
    size_t hidden = 0;
    for (size_t i = 0; i < masked.len; i++)
        hidden += masked.data[i] == '*' ? 1 : 0;
    FUZZ_CHECK(hidden + shown_at_most(characters) >= characters && hidden >= 2);
    /* What is shown are the ends as they are. */
    size_t head = strcspn(mask, "*");
    size_t tail = masked.len - head - hidden;
    FUZZ_CHECK(memcmp(masked.data, clear.data, head) == 0);
    FUZZ_CHECK(memcmp(masked.data + masked.len - tail, clear.data + clear.len - tail, tail) == 0);
}

static void check_accepted(auth_bytes text, const auth_person_rules *rules,
                           const auth_person *person)
{
    auth_bytes canonical = auth_person_number_reveal(&person->number);
    FUZZ_CHECK(person->position == 0 && canonical.len > 0);
    FUZZ_CHECK(person->type == person->number.type && person->type != AUTH_PERSON_TYPE_ANY);
    FUZZ_CHECK(rules->type == AUTH_PERSON_TYPE_ANY || rules->type == person->type);
    FUZZ_CHECK(canonical.len == text.len || (rules->accepts_legacy && text.len == 15));

    auth_person_rules again = {.type = person->type, .today = rules->today};
    auth_person_number number;
    auth_error err;
    FUZZ_CHECK(auth_person_number_parse(canonical, &again, &number, &err) == AUTH_STATUS_OK);
    FUZZ_CHECK(auth_person_number_equal(&number, &person->number));
    check_mask(&number);
}

static void check_refused(auth_bytes text, const auth_person_rules *rules,
                          const auth_person *person)
{
    FUZZ_CHECK(person->position <= text.len);
    auth_person_number number;
    memset(&number, 0x5a, sizeof number);
    auth_error err = {AUTH_STATUS_OK, ""};
    FUZZ_CHECK(auth_person_number_parse(text, rules, &number, &err) == AUTH_STATUS_INVALID);
    const uint8_t *octets = (const uint8_t *)&number;
    for (size_t i = 0; i < sizeof number; i++)
        FUZZ_CHECK(octets[i] == 0x5a);
    FUZZ_CHECK(strstr(err.text, auth_person_reason_text(person->reason)) != NULL);
    if (person->reason == AUTH_PERSON_REASON_LEGACY_15)
        check_mask(&person->number);
    else
        FUZZ_CHECK(person_tells_nothing(person));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    auth_bytes text = {data + 1, size - 1};
    auth_person_rules rules = {
        .type = (auth_person_type)(data[0] & TYPE_BITS),
        .today = {2026, 1, 31},
        .accepts_legacy = (data[0] & LEGACY_BIT) != 0,
    };
    auth_person person;
    memset(&person, 0x5a, sizeof person);
    auth_person_reason reason = auth_person_check(text, &rules, &person);
    FUZZ_CHECK(reason == person.reason);
    if (reason == AUTH_PERSON_REASON_OK)
        check_accepted(text, &rules, &person);
    else
        check_refused(text, &rules, &person);
    return 0;
}
