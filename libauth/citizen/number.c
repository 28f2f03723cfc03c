/* SPDX-License-Identifier: Apache-2.0 */
/* The number as a value: masked, revealed on request, compared in constant time, wiped. */
#include <auth/person.h>
#include <auth/secret.h>
#include <string.h>

static bool starts_character(char c) { return ((unsigned char)c & 0xc0U) != 0x80U; }

static size_t count_characters(const auth_person_number *number)
{
    size_t count = 0;
    for (size_t i = 0; i < number->len; i++)
        count += starts_character(number->hidden[i]) ? 1 : 0;
    return count;
}

void auth_person_number_mask(const auth_person_number *number,
                             char out[AUTH_PERSON_NUMBER_TEXT_SIZE])
{
    size_t characters = count_characters(number);
    size_t head = characters >= 15 ? 6 : characters >= 8 ? 2 : 1;
    size_t tail = characters >= 15 ? 4 : head;
    size_t n = 0;
    size_t character = 0; /* from 1 */
    for (size_t i = 0; i < number->len; i++) {
        bool is_start = starts_character(number->hidden[i]);
        character += is_start ? 1 : 0;
        if (character <= head || character > characters - tail)
            out[n++] = number->hidden[i];
        else if (is_start)
            out[n++] = '*';
    }
    out[n] = '\0';
}

auth_bytes auth_person_number_reveal(const auth_person_number *number)
{
    return (auth_bytes){(const uint8_t *)number->hidden, number->len};
}

bool auth_person_number_equal(const auth_person_number *a, const auth_person_number *b)
{
    /* hidden is zero behind len, so the whole array can be compared without a branch on it. */
    bool is_same_text =
        auth_secret_equal((auth_bytes){(const uint8_t *)a->hidden, sizeof a->hidden},
                          (auth_bytes){(const uint8_t *)b->hidden, sizeof b->hidden});
    return is_same_text & (a->type == b->type) & (a->len == b->len);
}

void auth_person_number_wipe(auth_person_number *number)
{
    if (number != NULL)
        auth_secret_wipe(number, sizeof *number);
}

void auth_person_wipe(auth_person *person)
{
    if (person != NULL)
        auth_secret_wipe(person, sizeof *person);
}
