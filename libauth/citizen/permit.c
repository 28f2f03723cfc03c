/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Residence permits for residents of Hong Kong (810000), Macao (820000) and Taiwan (830000), issued
 * since 2018 with numbers built as by GB 11643. No district is ever encoded.
 */
#include "citizen/type.h"

static bool looks_like(auth_bytes text) { return text.len == 18 && text.data[0] == '8'; }

static void check(auth_bytes text, const auth_person_rules *rules, auth_person *out)
{
    if (!person_check_18_characters(text, out))
        return;
    uint32_t region = person_digits(text, 0, 6);
    if (region != 810000 && region != 820000 && region != 830000) {
        person_refuse(out, AUTH_PERSON_REASON_PERMIT_REGION, 1);
        return;
    }
    out->is_listed_region = true;
    if (person_check_province(region / 10000, region, 1, out))
        person_check_18_fields(text, rules, out);
}

const person_type person_type_permit = {.looks_like = looks_like, .check = check};
