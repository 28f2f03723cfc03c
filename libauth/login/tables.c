/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of reasons, modes, sources and levels. */
#include <auth/login.h>
#include <string.h>

typedef struct reason_row {
    auth_login_reason reason;
    const char *name;
    auth_login_outcome outcome;
    const char *meaning;
    const char *english;
    const char *chinese;
} reason_row;

static const reason_row reasons[] = {
#define AUTH_LOGIN_REASON_ROW(id, number, label, kind, text, en, zh)                               \
    {AUTH_LOGIN_REASON_##id, (label), AUTH_LOGIN_OUTCOME_##kind, (text), (en), (zh)},
#include <auth/login_reason.def>
};

static const reason_row *reason_find(auth_login_reason reason)
{
    const reason_row *fault = &reasons[0];
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].reason == reason)
            return &reasons[i];
        if (reasons[i].reason == AUTH_LOGIN_REASON_FAULT)
            fault = &reasons[i];
    }
    return fault;
}

const char *auth_login_reason_name(auth_login_reason reason) { return reason_find(reason)->name; }

const char *auth_login_reason_meaning(auth_login_reason reason)
{
    return reason_find(reason)->meaning;
}

static bool is_letter(char letter)
{
    return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z');
}

/* "zh", "zh-CN", "zh_CN.UTF-8"; not "zha", which is another language. */
static bool is_chinese(const char *language)
{
    return language != NULL && (language[0] == 'z' || language[0] == 'Z') &&
           (language[1] == 'h' || language[1] == 'H') && !is_letter(language[2]);
}

const char *auth_login_reason_sentence(auth_login_reason reason, const char *language)
{
    const reason_row *row = reason_find(reason);
    return is_chinese(language) ? row->chinese : row->english;
}

auth_login_outcome auth_login_reason_outcome(auth_login_reason reason)
{
    return reason_find(reason)->outcome;
}

const char *auth_login_outcome_name(auth_login_outcome outcome)
{
    static const char *const names[] = {"accepted", "refused", "outage", "fault"};
    size_t number = (size_t)outcome;
    return number < sizeof names / sizeof names[0] ? names[number] : "fault";
}

const char *auth_login_mode_name(auth_login_mode mode)
{
    static const char *const names[] = {
#define AUTH_LOGIN_MODE_ROW(id, number, name, text) [number] = (name),
#include <auth/login_mode.def>
    };
    size_t number = (size_t)mode;
    return number < sizeof names / sizeof names[0] ? names[number] : "";
}

const char *auth_login_source_name(auth_login_source source)
{
    static const char *const names[] = {
#define AUTH_LOGIN_SOURCE_ROW(id, number, name, text) [number] = (name),
#include <auth/login_source.def>
    };
    size_t number = (size_t)source;
    return number < sizeof names / sizeof names[0] ? names[number] : names[0];
}

const char *auth_assurance_name(auth_assurance level)
{
    static const char *const names[] = {
#define AUTH_ASSURANCE_ROW(id, number, name, text) [number] = (name),
#include <auth/assurance.def>
    };
    size_t number = (size_t)level;
    return number < sizeof names / sizeof names[0] ? names[number] : names[0];
}
