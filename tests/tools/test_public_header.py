# SPDX-License-Identifier: Apache-2.0
"""Does tools/public_header.py read a header as a compiler and a person do?"""

from __future__ import annotations

from pathlib import Path

import pytest
from public_header import BadHeader, read_header

HEADER = """\
/* SPDX-License-Identifier: Apache-2.0 */
/**
 * @page auth_sample
 * @brief what it is for
 *
 * First paragraph,
 * two lines.
 *
 * Second paragraph.
 */
#ifndef AUTH_SAMPLE_H
#define AUTH_SAMPLE_H

#include <auth/bytes.h>
#include <stdint.h>

AUTH_BEGIN_DECLS

/* Room; with a "};" in it. */
#define AUTH_SAMPLE_SIZE                                                                           \\
    (AUTH_A + 1)

typedef enum auth_sample {
    AUTH_SAMPLE_NONE, /* none; really */
#define AUTH_SAMPLE_ROW(id) AUTH_SAMPLE_##id,
#include <auth/sample.def>
} auth_sample;

#ifdef AUTH_HIDDEN
#define AUTH_HIDDEN_TOO 1
#endif

/**
 * Read it.
 *
 * Ownership: gives *out.
 * Errors: AUTH_STATUS_MALFORMED when it is not;
 * AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_sample_parse(auth_bytes text, /* not NULL */
                                       auth_sample *out, auth_error *err) AUTH_MUST_CHECK;

/**
 * Too far away.
 */

AUTH_API const char *auth_sample_name(auth_sample sample);
AUTH_API void auth_sample_print(const char *format, ...) AUTH_PRINTF(1, 2);

/* Of no interest; to (nobody). */
static inline int auth_sample_hidden_(void)
{
    return 1;
}

/**
 * Take it apart.
 */
AUTH_INLINE AUTH_MUST_CHECK int auth_sample_split(
    auth_sample sample)
{
    if (sample) { /* { */
        return 2;
    }
    return auth_sample_hidden_();
}

AUTH_DEFINE_CLEANUP(auth_sample)

AUTH_END_DECLS

#endif
"""

DECLARATIONS = """\
/* Room; with a "};" in it. */
#define AUTH_SAMPLE_SIZE                                                                           \\
    (AUTH_A + 1)

typedef enum auth_sample {
    AUTH_SAMPLE_NONE, /* none; really */
#define AUTH_SAMPLE_ROW(id) AUTH_SAMPLE_##id,
#include <auth/sample.def>
} auth_sample;"""


def write(folder: Path, text: str, name: str = "sample.h") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_the_page_of_a_header_is_read(tmp_path: Path) -> None:
    header = read_header(write(tmp_path, HEADER))
    assert (header.page, header.brief) == ("auth_sample", "what it is for")
    assert header.paragraphs == ("First paragraph,\ntwo lines.", "Second paragraph.")
    assert header.includes == ("auth/bytes.h",)


def test_types_constants_and_macros_are_kept_as_they_stand(tmp_path: Path) -> None:
    assert read_header(write(tmp_path, HEADER)).declarations == DECLARATIONS


def test_functions_are_read_with_attributes_and_docblock(tmp_path: Path) -> None:
    parse, name, show, _ = read_header(write(tmp_path, HEADER)).functions
    assert parse.name == "auth_sample_parse"
    assert parse.returns == "auth_status"
    assert parse.attributes == {"AUTH_API", "AUTH_MUST_CHECK"}
    assert parse.declaration == (
        "auth_status auth_sample_parse(auth_bytes text, auth_sample *out, auth_error *err);"
    )
    assert parse.paragraphs == (
        "Read it.",
        "Ownership: gives *out.",
        "Errors: AUTH_STATUS_MALFORMED when it is not;\nAUTH_STATUS_MEMORY.",
    )
    assert HEADER.splitlines()[parse.line - 1].startswith("AUTH_API auth_status auth_sample_parse")
    assert (name.returns, name.paragraphs) == ("const char *", None)
    assert show.declaration == "void auth_sample_print(const char *format, ...);"


def test_a_function_that_stands_in_the_header_is_read_without_its_body(tmp_path: Path) -> None:
    split = read_header(write(tmp_path, HEADER)).functions[-1]
    assert split.attributes == {"AUTH_INLINE", "AUTH_MUST_CHECK"}
    assert split.declaration == "int auth_sample_split(auth_sample sample);"
    assert split.paragraphs == ("Take it apart.",)


def test_what_else_is_to_be_linked_is_read(tmp_path: Path) -> None:
    assert read_header(write(tmp_path, HEADER)).needs == ()
    text = HEADER.replace(" * @brief", " * @needs libone libtwo\n * @brief")
    assert read_header(write(tmp_path, text)).needs == ("libone", "libtwo")


def test_a_docblock_belongs_to_what_stands_directly_below(tmp_path: Path) -> None:
    functions = read_header(write(tmp_path, HEADER)).functions
    assert [function.paragraphs is None for function in functions] == [False, True, True, False]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (" * @page auth_sample\n", "", "says '@page name' and '@brief line'"),
        (" * @brief what it is for\n", "", "says '@page name' and '@brief line'"),
        ("@page auth_sample", "@page auth_other", "is '@page auth_sample'"),
        ("AUTH_API const char *auth_", "AUTH_API const char *other_", "has no name auth_...("),
        ("AUTH_PRINTF(1, 2);", "AUTH_PRINTF(1, 2)", "what begins here does not end"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_with_its_place(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert HEADER.count(old) == 1
    path = write(tmp_path, HEADER.replace(old, new))
    with pytest.raises(BadHeader, match=rf"{path}:\d+: ") as caught:
        read_header(path)
    assert message in str(caught.value)


def test_the_page_of_the_umbrella_has_the_plain_name(tmp_path: Path) -> None:
    text = HEADER.replace("@page auth_sample", "@page auth")
    assert read_header(write(tmp_path, text, "auth.h")).page == "auth"
