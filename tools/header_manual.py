#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes man pages (section 3) of libauth's public headers.

Usage: header_manual.py names HEADER...
           one line a header: its name, its page and its functions
       header_manual.py page --version VERSION --date DATE HEADER OUTPUT
           the man page; fails when a function has no docblock
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from public_header import BadHeader, Function, Header, page_of, read_header

LINE_WIDTH = 72
ESCAPES = str.maketrans({"\\": "\\e", "-": "\\-", "^": "\\(ha", "~": "\\(ti"})


def escape(text: str) -> str:
    """Escapes one line of text: no character is read as roff, no line as a request."""
    escaped = text.translate(ESCAPES)
    return "\\&" + escaped if escaped.startswith((".", "'")) else escaped


def escape_code(text: str) -> str:
    """Escapes a line of code: quotes as well keep their ASCII form."""
    return escape(text).replace("'", "\\(aq").replace("`", "\\(ga")


def roff_text(text: str) -> Iterator[str]:
    """Turns a paragraph into roff: `code` becomes bold."""
    for line in text.splitlines():
        yield re.sub(r"`([^`]+)`", r"\\fB\1\\fR", escape(line))


def roff_paragraphs(paragraphs: tuple[str, ...]) -> Iterator[str]:
    """The first paragraph follows its heading directly; a label is set in italics."""
    for index, paragraph in enumerate(paragraphs):
        if index > 0:
            yield ".PP"
        lines = list(roff_text(paragraph))
        lines[0] = re.sub(r"^([A-Z][a-z]+:) ", r"\\fI\1\\fR ", lines[0])
        yield from lines


def wrap_declaration(function: Function) -> list[str]:
    """Breaks a prototype after commas, below the first parameter."""
    head, _, rest = function.declaration.partition("(")
    parameters = rest.split(", ")
    lines = [head + "(" + parameters[0]]
    for parameter in parameters[1:]:
        if len(lines[-1]) + len(", ") + len(parameter) <= LINE_WIDTH:
            lines[-1] += ", " + parameter
        else:
            lines[-1] += ","
            lines.append(" " * (len(head) + 1) + parameter)
    return lines


def bold_lines(lines: list[str]) -> Iterator[str]:
    for line in lines:
        yield "\\fB" + escape_code(line) + "\\fR"


def name_section(header: Header) -> Iterator[str]:
    names = [header.page] + [f.name for f in header.functions if f.name != header.page]
    yield ".SH NAME"
    yield ",\n".join(names) + " \\- " + escape(header.brief)


def synopsis_section(header: Header) -> Iterator[str]:
    name = header.path.name.removesuffix(".in")
    yield ".SH SYNOPSIS"
    yield ".nf"
    yield from bold_lines([f"#include <auth/{name}>"])
    for function in header.functions:
        yield ".PP"
        yield from bold_lines(wrap_declaration(function))
    yield ".fi"
    yield ".PP"
    packages = escape(" ".join(["libauth", *header.needs]))
    yield f"Compile and link with \\fBpkg\\-config \\-\\-cflags \\-\\-libs {packages}\\fR."


def declarations_section(header: Header) -> Iterator[str]:
    if not header.declarations:
        return
    yield ".SH DECLARATIONS"
    yield ".nf"
    for line in header.declarations.splitlines():
        yield escape_code(line) if line else ".PP"
    yield ".fi"


def functions_section(header: Header) -> Iterator[str]:
    if header.functions:
        yield ".SH FUNCTIONS"
    for function in header.functions:
        if function.paragraphs is None:
            raise BadHeader(
                f"{header.path}:{function.line}: {function.name} has no docblock; "
                "write one directly above it"
            )
        yield f".SS {function.name}"
        yield from roff_paragraphs(function.paragraphs)


def see_also_section(header: Header) -> Iterator[str]:
    yield ".SH SEE ALSO"
    for name in header.includes:
        yield f".BR {page_of(name)} (3),"
    yield ".BR auth (1)"


def make_page(header: Header, version: str, date: str) -> str:
    lines = [f'.TH {header.page.upper()} 3 "{date}" "libauth {version}" "libauth"']
    lines += name_section(header)
    lines += synopsis_section(header)
    lines += [".SH DESCRIPTION", *roff_paragraphs(header.paragraphs)]
    lines += declarations_section(header)
    lines += functions_section(header)
    lines += see_also_section(header)
    return "\n".join(lines) + "\n"


def make_names(paths: list[Path]) -> str:
    lines = []
    for path in paths:
        header = read_header(path)
        name = path.name.removesuffix(".in")
        lines.append(" ".join([name, header.page, *(f.name for f in header.functions)]))
    return "\n".join(lines) + "\n"


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="man pages of libauth's public headers")
    commands = parser.add_subparsers(dest="command", required=True)
    names = commands.add_parser("names", help="list headers, pages and functions")
    names.add_argument("headers", nargs="+", type=Path)
    page = commands.add_parser("page", help="write a man page")
    page.add_argument("--version", required=True)
    page.add_argument("--date", required=True)
    page.add_argument("header", type=Path)
    page.add_argument("output", type=Path)
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    options = read_arguments(arguments)
    try:
        if options.command == "names":
            sys.stdout.write(make_names(options.headers))
        else:
            page = make_page(read_header(options.header), options.version, options.date)
            options.output.write_text(page, encoding="utf-8")
    except BadHeader as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
