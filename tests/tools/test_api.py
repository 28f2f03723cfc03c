# SPDX-License-Identifier: Apache-2.0
"""Does tools/api.py find what is wrong with headers, exports and binaries?"""

from __future__ import annotations

from pathlib import Path

import api
import pytest
from conftest import Run

HEADER = """\
/**
 * @page auth_sample
 * @brief a sample
 */
#ifndef AUTH_SAMPLE_H
#define AUTH_SAMPLE_H
/**
 * Read it.
 *
 * Errors: AUTH_STATUS_MEMORY.
 */
AUTH_API auth_status auth_sample_parse(auth_sample *out, auth_error *err) AUTH_MUST_CHECK;
/**
 * Tell the name.
 */
AUTH_API const char *auth_sample_name(void);
#endif
"""


def check(folder: Path, text: str) -> list[str]:
    path = folder / "sample.h"
    path.write_text(text)
    return list(api.check_header(path))


def test_a_documented_header_has_no_fault(tmp_path: Path) -> None:
    assert check(tmp_path, HEADER) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (" AUTH_MUST_CHECK;", ";", "is not marked AUTH_MUST_CHECK"),
        (" * Errors: AUTH_STATUS_MEMORY.\n", "", "has no paragraph 'Errors: ...'"),
        (", auth_error *err)", ")", "takes no 'auth_error *err'"),
        ("/**\n * Tell the name.\n */\n", "", "auth_sample_name has no docblock"),
        ("@page auth_sample", "@page auth_else", "the page of this header"),
    ],
)
def test_a_fault_of_a_header_is_found(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert HEADER.count(old) == 1
    (found,) = check(tmp_path, HEADER.replace(old, new))
    assert found.startswith(f"{tmp_path}/sample.h:")
    assert fault in found


def test_a_function_that_writes_errors_need_not_be_checked(tmp_path: Path) -> None:
    text = HEADER.replace(" AUTH_MUST_CHECK", "").replace("auth_sample_parse", "auth_error_parse")
    assert check(tmp_path, text) == []


@pytest.mark.parametrize("language", ["C17", "C++17"])
def test_a_header_that_needs_another_is_found(tmp_path: Path, language: str) -> None:
    (tmp_path / "auth").mkdir()
    header = tmp_path / "auth/sample.h"
    header.write_text("size_t auth_sample(void);\n")
    (fault,) = api.compile_alone(header, api.COMPILERS[language], [tmp_path])
    assert "size_t" in fault
    header.write_text("#include <stddef.h>\nsize_t auth_sample(void);\n")
    assert list(api.compile_alone(header, api.COMPILERS[language], [tmp_path])) == []


def test_a_header_that_is_no_cxx_is_found(tmp_path: Path) -> None:
    (tmp_path / "auth").mkdir()
    header = tmp_path / "auth/sample.h"
    header.write_text("int auth_sample(int class);\n")
    assert list(api.compile_alone(header, api.COMPILERS["C17"], [tmp_path])) == []
    assert list(api.compile_alone(header, api.COMPILERS["C++17"], [tmp_path])) != []


def test_the_version_script_is_read(tmp_path: Path) -> None:
    script = tmp_path / "x.map"
    script.write_text(
        "A_0 {\n  global:\n    one;\n    two; /* three; */\n  local:\n    *;\n};\n"
        "A_1 {\n  global:\n    four;\n} A_0;\n"
    )
    assert api.read_version_script(script) == {"one", "two", "four"}


def test_both_sides_of_a_difference_are_told() -> None:
    faults = list(api.compare("left", {"a", "b"}, "right", {"b", "c"}))
    assert [fault.split(";")[0] for fault in faults] == [
        "a is in left and not in right",
        "c is in right and not in left",
    ]


def compile_program(run: Run, folder: Path, *options: str) -> Path:
    source, binary = folder / "x.c", folder / "x"
    source.write_text("int main(void) { return 0; }\nint exported(void) { return 1; }\n")
    result = run("gcc", source, "-o", binary, *options)
    assert result.returncode == 0, result.stderr
    return binary


HARDENED = ("-fPIE", "-pie", "-Wl,-z,relro", "-Wl,-z,now", "-Wl,-z,noexecstack")


def test_a_hardened_program_has_no_fault(run: Run, tmp_path: Path) -> None:
    binary = compile_program(run, tmp_path, *HARDENED)
    assert [*api.check_segments(binary), *api.check_dynamic(binary, "program")] == []


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (("-no-pie", "-fno-pie"), "it is not position independent"),
        (("-Wl,-z,norelro",), "read-only after relocation"),
        (("-Wl,-z,lazy",), "its symbols are bound late"),
        (("-Wl,-z,execstack",), "its stack is executable"),
    ],
)
def test_a_program_that_is_not_hardened_is_found(
    run: Run, tmp_path: Path, options: tuple[str, ...], fault: str
) -> None:
    binary = compile_program(run, tmp_path, *HARDENED, *options)
    faults = [*api.check_segments(binary), *api.check_dynamic(binary, "program")]
    assert any(fault in found for found in faults)


def test_a_library_is_held_to_its_name_and_its_libraries(run: Run, tmp_path: Path) -> None:
    options = ("-shared", "-fPIC", "-Wl,-soname,libelse.so.1", "-Wl,--no-as-needed", "-lm")
    binary = compile_program(run, tmp_path, *options, "-Wl,-z,now")
    faults = list(api.check_dynamic(binary, "library"))
    assert faults == [
        "its SONAME is not libauth.so.0",
        "it needs libm.so.6; libauth.so links libcrypto, libcurl and jansson only",
    ]
    assert {"exported", "main"} <= api.read_exports(binary)
