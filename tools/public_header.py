# SPDX-License-Identifier: Apache-2.0
"""Reads a public header of libauth: its page, its functions with their docblocks, what else it declares.

A header opens with a docblock of `@page name`, `@brief line` and paragraphs; `@needs packages` names
what a program links besides libauth. Every function is marked AUTH_API, or AUTH_INLINE when it stands
there whole, and stands directly below its docblock.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

GUARD = re.compile(r"#\s*define\s+AUTH_\w+_H$")
PLUMBING = re.compile(r"AUTH_(BEGIN_DECLS|END_DECLS|DEFINE_CLEANUP\(\w+\))$")
FUNCTION_NAME = re.compile(r"\b(auth_\w+)\s*\(")
ATTRIBUTE = re.compile(r"\bAUTH_(API|INLINE|MUST_CHECK|PRINTF\([^)]*\))\s*")
MARK = re.compile(r"\bAUTH_(API|INLINE)\b")
WHOLE = re.compile(r"(AUTH_INLINE|static inline)\b")
HIDDEN = re.compile(r"\bAUTH_(API|INLINE)\b|static inline\b")
INCLUDE = re.compile(r"#\s*include\s*<(auth/\w+\.h)>")
LABEL = re.compile(r"[A-Z][a-z]+: ")


class BadHeader(Exception):
    """A header is not as this reader needs it; the text begins with file:line."""


@dataclass(frozen=True)
class Item:
    """A piece of a header: kind is doc, comment, directive or declaration."""

    kind: str
    text: str
    line: int
    depth: int
    """how many #if stand around it; 1 is the include guard"""
    is_after_gap: bool
    """an empty line stands before it"""


@dataclass(frozen=True)
class Function:
    name: str
    declaration: str
    """without attributes, on one line"""
    attributes: frozenset[str]
    returns: str
    line: int
    paragraphs: tuple[str, ...] | None
    """of its docblock; None: it has none"""

    def has_paragraph(self, label: str) -> bool:
        return any(text.startswith(label + ": ") for text in self.paragraphs or ())


@dataclass(frozen=True)
class Header:
    path: Path
    page: str
    brief: str
    paragraphs: tuple[str, ...]
    functions: tuple[Function, ...]
    declarations: str
    """types, constants and macros, as they stand"""
    includes: tuple[str, ...]
    """the public headers that it includes: auth/bytes.h"""
    needs: tuple[str, ...] = ()
    """the packages that whoever includes it links besides libauth"""


def comment_lines(text: str) -> list[str]:
    body = text.removeprefix("/**").removeprefix("/*").removesuffix("*/")
    return [re.sub(r"^\s*\* ?", "", line).rstrip() for line in body.strip("\n").splitlines()]


def split_paragraphs(lines: list[str]) -> tuple[str, ...]:
    """Paragraphs end at an empty line; "Errors: " and the like begin one."""
    paragraphs: list[list[str]] = [[]]
    for line in lines:
        if not line.strip():
            paragraphs.append([])
            continue
        if LABEL.match(line):
            paragraphs.append([])
        paragraphs[-1].append(line.strip())
    return tuple("\n".join(lines) for lines in paragraphs if lines)


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", " ", text, flags=re.S)


def is_whole_declaration(text: str) -> bool:
    code = without_comments(text)
    is_in_comment = "/*" in code
    ends = code.endswith("\n}") if WHOLE.match(code) else code.rstrip().endswith(";")
    return not is_in_comment and ends and code.count("{") == code.count("}")


def take_while_open(lines: list[str], start: int, is_whole: re.Pattern[str] | None) -> int:
    """Tells where the piece that begins at start ends; is_whole None: where a declaration does."""
    for end in range(start + 1, len(lines) + 1):
        text = "\n".join(lines[start:end])
        if is_whole.search(text) if is_whole else is_whole_declaration(text):
            return end
    raise BadHeader(f"{start + 1}: what begins here does not end")


def kind_of(line: str) -> tuple[str, re.Pattern[str] | None]:
    """Tells what begins with a line, and what its end looks like."""
    if line.startswith("/**"):
        return "doc", re.compile(r"\*/$")
    if line.startswith("/*"):
        return "comment", re.compile(r"\*/$")
    if line.startswith("#"):
        return "directive", re.compile(r"[^\\]$")
    return "declaration", None


def read_items(text: str) -> Iterator[Item]:
    lines = [line.rstrip() for line in text.splitlines()]
    at = depth = 0
    is_after_gap = False
    while at < len(lines):
        if not lines[at] or PLUMBING.match(lines[at]):
            is_after_gap = True
            at += 1
            continue
        kind, is_whole = kind_of(lines[at])
        end = take_while_open(lines, at, is_whole)
        piece = "\n".join(lines[at:end])
        opens = kind == "directive" and re.match(r"#\s*if", piece) is not None
        closes = kind == "directive" and re.match(r"#\s*endif", piece) is not None
        depth += int(opens)
        yield Item(kind, piece, at + 1, depth, is_after_gap)
        depth -= int(closes)
        is_after_gap = False
        at = end


def read_function(item: Item, doc: Item | None) -> Function:
    text = " ".join(without_comments(item.text).split())
    head, brace, _ = text.partition("{")
    text = head + ";" if brace else text
    declaration = " ".join(ATTRIBUTE.sub("", text).split()).replace(" ;", ";").replace("( ", "(")
    name = FUNCTION_NAME.search(declaration)
    if name is None:
        raise BadHeader(f"{item.line}: this declaration of a function has no name auth_...(")
    attributes = frozenset("AUTH_" + match.partition("(")[0] for match in ATTRIBUTE.findall(text))
    return Function(
        name=name[1],
        declaration=declaration,
        attributes=attributes,
        returns=declaration[: name.start()].strip(),
        line=item.line,
        paragraphs=split_paragraphs(comment_lines(doc.text)) if doc else None,
    )


def read_functions(items: list[Item]) -> Iterator[Function]:
    for before, item in zip([None, *items], items):
        if item.kind == "declaration" and MARK.search(item.text):
            is_doc = before is not None and before.kind == "doc" and not item.is_after_gap
            yield read_function(item, before if is_doc else None)


def is_shown(item: Item, following: Item | None) -> bool:
    """Tells whether an item belongs to the types, constants and macros of the interface."""
    if item.depth != 1:
        return False
    is_above_code = following is not None and not following.is_after_gap and HIDDEN.match(following.text)
    if item.kind == "doc":
        return following is not None and is_shown(following, None)
    if item.kind == "comment" and is_above_code:
        return False
    if item.kind == "directive":
        return re.match(r"#\s*define", item.text) is not None and not GUARD.match(item.text)
    return HIDDEN.match(item.text) is None


def join_declarations(items: list[Item]) -> str:
    shown = [item for item, after in zip(items, [*items[1:], None]) if is_shown(item, after)]
    return "\n".join(("\n" if item.is_after_gap else "") + item.text for item in shown).strip("\n")


def page_of(header: str) -> str:
    """Tells the page that belongs to a header: auth_codec to "auth/codec.h"."""
    name = header.removeprefix("auth/").partition(".")[0]
    return "auth" if name == "auth" else "auth_" + name


def read_page(name: str, items: list[Item]) -> tuple[dict[str, str], tuple[str, ...]]:
    doc = next((item for item in items if item.kind == "doc"), None)
    lines = comment_lines(doc.text) if doc else []
    tags = dict(line[1:].split(" ", 1) for line in lines if re.match(r"@\w+ ", line))
    if doc is None or set(tags) - {"needs"} != {"page", "brief"}:
        raise BadHeader("1: the first docblock of a header says '@page name' and '@brief line'")
    if tags["page"] != page_of(name):
        raise BadHeader(f"{doc.line}: the page of this header is '@page {page_of(name)}'")
    rest = [line for line in lines if not line.startswith("@")]
    return tags, split_paragraphs(rest)


def read_header(path: Path) -> Header:
    try:
        items = list(read_items(path.read_text(encoding="utf-8")))
        tags, paragraphs = read_page(path.name, items)
        functions = tuple(read_functions(items))
    except BadHeader as error:
        raise BadHeader(f"{path}:{error}") from error
    includes = [INCLUDE.match(item.text) for item in items if item.kind == "directive"]
    return Header(
        path=path,
        page=tags["page"],
        brief=tags["brief"],
        paragraphs=paragraphs,
        functions=functions,
        declarations=join_declarations(items),
        includes=tuple(match[1] for match in includes if match),
        needs=tuple(tags.get("needs", "").split()),
    )
