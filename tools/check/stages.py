# SPDX-License-Identifier: Apache-2.0
"""The stages of ./check: one row each, in the order in which they are started."""

from __future__ import annotations

import os

import counting
import sources
from model import Counter, Stage, Step, Tree

# Isolated from the user's environment, and strict about what the language is about to drop.
PYTHON = ("/usr/bin/python3", "-E", "-s", "-B", "-W", "error")
CORES = str(os.cpu_count() or 1)

# As it is shipped, with symbols for valgrind and for people.
RELEASE = ("--buildtype=release", "-Ddebug=true")
SANITIZERS = (
    "--buildtype=debugoptimized",
    "-Db_sanitize=address,undefined",
    "-Db_lundef=false",
    "-Dc_args=-fno-sanitize-recover=all -fno-omit-frame-pointer",
)
SANITIZER_SETTINGS = {
    "ASAN_OPTIONS": "abort_on_error=1:detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
}
VALGRIND = (
    "valgrind --quiet --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite,indirect"
    " --show-leak-kinds=definite,indirect"
)


def command(*words: str, count: Counter | None = counting.once, **environment: str) -> Step:
    return Step(words, count, environment)


def build(tree: Tree, name: str, compiler: str, *options: str) -> tuple[Step, ...]:
    """Configures and builds build/<name>."""
    folder = str(tree.build(name))
    configure = (*PYTHON, tree.tool("configure.py"), folder, *options)
    return (
        command(*configure, count=None, CC=f"ccache {compiler}"),
        command("ninja", "-C", folder, count=None),
    )


def built(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """Makes the last step of a build the one test that it is when nothing follows."""
    last = steps[-1]
    return (*steps[:-1], Step(last.command, counting.once, last.environment))


def meson_test(tree: Tree, name: str, log: str, *options: str, **environment: str) -> Step:
    """Runs the tests of build/<name>, with a report of its own."""
    folder = tree.build(name)
    words = ("meson", "test", "-C", str(folder), "--no-rebuild", "--print-errorlogs")
    # Meson names a wrapper in the report's name.
    wrappers = [option for option in options if option.startswith("--wrapper=")]
    report = "-".join([log, *(wrapper.split("=")[1].split()[0] for wrapper in wrappers)])
    count = counting.meson(folder, report)
    return Step((*words, f"--logbase={log}", *options), count, environment)


def pytest(
    tree: Tree, folder: str, *options: str, build: str = "gcc", **environment: str
) -> tuple[Step, ...]:
    """Runs the tests of a folder; the report of an earlier run must not count for this one."""
    name = folder.replace("/", "-") + ("" if build == "gcc" else f"-{build}")
    report = tree.results / f"{name}.xml"
    # pytest's own plugins are not ours to warn about, so -W error comes as its option.
    python = ("/usr/bin/python3", "-I", "-B")
    words = (*python, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error")
    settings = {"AUTH_BUILD": str(tree.build(build)), **environment}
    return (
        command("rm", "-f", str(report), count=None),
        Step((*words, f"--junitxml={report}", *options, folder), counting.junit(report), settings),
    )


def tap_tool(tree: Tree, tool: str, *arguments: str) -> tuple[Step, ...]:
    return (command(*PYTHON, tool, *arguments, count=counting.tap),)


def format_steps(tree: Tree) -> tuple[Step, ...]:
    files = sources.with_suffix(tree.root, ".c", ".h")
    return (command("clang-format-14", "--dry-run", "-Werror", *files),)


def shell_steps(tree: Tree) -> tuple[Step, ...]:
    return (command("shellcheck", "--external-sources", *sources.shell_scripts(tree.root)),)


def spell_steps(tree: Tree) -> tuple[Step, ...]:
    words = tree.tool("codespell-words.txt")
    return (command("codespell", f"--ignore-words={words}", *sources.prose(tree.root)),)


def python_steps(tree: Tree) -> tuple[Step, ...]:
    cache = f"--cache-dir={tree.results / 'mypy'}"
    folders = ("tools", "tests/tools", "tests/consume")
    return (command("mypy", "--strict", cache, *folders),)


def static_steps(tree: Tree) -> tuple[Step, ...]:
    cache = tree.results / "cppcheck"
    cppcheck = (
        "cppcheck",
        f"--project={tree.build('gcc') / 'compile_commands.json'}",
        "--enable=warning,performance,portability",
        "--library=posix,gnu",
        "--std=c11",
        # It does not know the cleanup attribute; of static variables it expects no release.
        "-DAUTH_AUTO(type)=static type",
        "-UAUTH_AUTO",
        f"--suppressions-list={tree.tool('cppcheck-suppressions.txt')}",
        # libcurl's pkg-config names the system's headers among its own.
        "--suppress=*:/usr/include/*",
        f"--cppcheck-build-dir={cache}",
        "--error-exitcode=1",
        "--quiet",
        f"-j{CORES}",
    )
    tidy = (tree.tool("tidy.py"), str(tree.build("clang")), str(tree.results / "tidy"))
    return (
        command("mkdir", "-p", str(cache), count=None),
        command(*cppcheck),
        command(*PYTHON, *tidy, count=counting.tap),
    )


def sanitize_steps(tree: Tree) -> tuple[Step, ...]:
    return (
        *build(tree, "sanitize", "clang-14", *SANITIZERS),
        meson_test(
            tree, "sanitize", "sanitize", *NOT_LONG, "--timeout-multiplier=4", **SANITIZER_SETTINGS
        ),
        *daemon_tests(tree, "sanitize", **SANITIZER_SETTINGS),
        *office_tests(tree, "sanitize", "tests/ra", **SANITIZER_SETTINGS),
    )


def daemon_tests(tree: Tree, build: str, **environment: str) -> tuple[Step, ...]:
    options = ("--dist=loadfile", f"--numprocesses={CORES}")
    return pytest(tree, "tests/daemon", *options, build=build, **environment)


def office_tests(tree: Tree, build: str, *files: str, **environment: str) -> tuple[Step, ...]:
    """A realm a file; the files beside each other."""
    options = ("--dist=loadfile", f"--numprocesses={CORES}", *files[1:])
    return pytest(tree, files[0], *options, build=build, **environment)


def thread_steps(tree: Tree) -> tuple[Step, ...]:
    """Builds only what uses threads: ThreadSanitizer has nothing to say of the rest."""
    folder = str(tree.build("threads"))
    sanitizer = ("--buildtype=debugoptimized", "-Db_sanitize=thread", "-Db_lundef=false")
    configure = (*PYTHON, tree.tool("configure.py"), folder, *sanitizer)
    tests = (
        "unit/test_fetch", "unit/test_fetch_crl", "unit/test_fetch_files", "unit/test_fetch_loop", "unit/test_fetch_shared",
        "unit/test_fetch_wrong", "unit/test_key_threads", "unit/test_login_challenge",
        "unit/test_journal", "unit/test_login_fetch", "unit/test_replay", "registry/test_registry_pool", "ca/test_ca_parts",
        "ca/test_ca_shared", "ca/test_ca_worker", "office/test_office_queue", "ocsp/test_ocsp_cache", "ocsp/test_ocsp_room",
        "daemon/auth-echo", "daemon/auth-quiet", "load/auth-load", "counter/auth-counter",
    )
    programs = ("cli/auth", "ca/auth-ca", "ra/auth-ra", "lra/auth-lra", "ocsp/auth-ocsp")
    targets = [*programs, *(f"tests/{name}" for name in tests)]
    settings = {"TSAN_OPTIONS": "halt_on_error=1"}
    return (
        command(*configure, count=None, CC="ccache clang-14"),
        command("ninja", "-C", folder, *targets, count=None),
        meson_test(
            tree, "threads", "threads", "fetch", "fetch_crl", "fetch_files", "fetch_loop", "fetch_shared", "fetch_wrong",
            "key_threads", "login_challenge",
            "login_fetch", "replay", "registry_pool", "ca_parts", "ca_shared", "ca_worker",
            "journal", "office_queue", "ocsp_cache", "ocsp_room", **settings,
        ),
        *daemon_tests(tree, "threads", **settings),
        *office_tests(
            tree, "threads", "tests/ra/test_requests.py", "tests/ra/test_misuse.py", **settings
        ),
        *pytest(tree, "tests/lra/test_away.py", build="threads", **settings),
        *pytest(tree, "tests/ocsp/test_exchanges.py", build="threads", **settings),
        *pytest(tree, "tests/ocsp/test_storm.py", build="threads", **settings),
    )


def valgrind_step(tree: Tree, log: str, *suites: str) -> Step:
    options = (*suites, "--timeout-multiplier=40", f"--wrapper={VALGRIND}")
    return meson_test(tree, "gcc", log, *options)


# Tests with PostgreSQL clusters that take minutes, in a stage of their own.
LONG = ("registry-long", "faults")
NOT_LONG = tuple(f"--no-suite={suite}" for suite in LONG)


def fuzz_steps(tree: Tree, seconds: int) -> tuple[Step, ...]:
    folder, results = str(tree.build("fuzz")), str(tree.results / "fuzz")
    words = (*PYTHON, tree.tool("fuzz.py"), folder, results, str(seconds))
    return (
        *build(tree, "fuzz", "clang-14", *SANITIZERS, "-Dfuzz=true"),
        Step(words, counting.tap, SANITIZER_SETTINGS),
    )


def table(tree: Tree, fuzz_seconds: int) -> list[Stage]:
    gcc = str(tree.build("gcc"))
    gcc_build = built(build(tree, "gcc", "gcc", *RELEASE))
    clang_build = built(build(tree, "clang", "clang-14", *RELEASE))
    return [
        Stage(
            "build-gcc", "build with gcc, as it is shipped", gcc_build,
            is_quick=True, uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "format", "every C file is as clang-format writes it", format_steps(tree),
            is_quick=True,
        ),
        Stage(
            "layers", "no module includes what LAYERS does not let it",
            (command(*PYTHON, tree.tool("layers.py"), str(tree.root)),),
            is_quick=True,
        ),
        Stage(
            "unit", "the tests written in C, in the gcc build",
            (
                meson_test(
                    tree, "gcc", "unit", "--no-suite=registry", *NOT_LONG, "--timeout-multiplier=3"
                ),
            ),
            needs=("build-gcc",), is_quick=True,
        ),
        Stage(
            "api", "exported symbols, public headers, hardening of the binaries",
            tap_tool(tree, tree.tool("api.py"), gcc),
            needs=("build-gcc",), is_quick=True,
        ),
        Stage(
            "e2e", "the tests that run auth as people and programs do",
            pytest(tree, "tests/e2e", f"--numprocesses={CORES}"),
            needs=("build-gcc",), is_quick=True, uses_all_cores=True, timeout_s=900,
        ),
        Stage(
            "registry", "the registry, on PostgreSQL clusters that each test starts",
            (meson_test(tree, "gcc", "registry", "--suite=registry", "--timeout-multiplier=3"),),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "daemon", "what all daemons share, under clients good and bad",
            daemon_tests(tree, "gcc"),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=900,
        ),
        Stage(
            "ocsp", "auth-ocsp, under clients that believe nothing",
            pytest(tree, "tests/ocsp"),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "office", "auth-ra and what it shares, in realms that run",
            office_tests(tree, "gcc", "tests/ra"),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "counter", "auth-lra, with and without its registry",
            pytest(tree, "tests/lra", f"--numprocesses={CORES}", "--dist=loadfile"),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "ocsp-long", "the same with a million exchanges, ten thousand revocations, minutes of overload",
            pytest(tree, "tests/ocsp", AUTH_OCSP_FULL="1"),
            needs=("build-gcc",), is_on_request=True, uses_all_cores=True, timeout_s=14400,
        ),
        Stage(
            "plans", "every statement of the registry uses an index, among a million rows",
            (meson_test(tree, "gcc", "plans", "--suite=registry-long", "--timeout-multiplier=3"),),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "faults", "what must hold when processes, lines, the server and the disk fail",
            (
                meson_test(tree, "gcc", "faults", "--suite=faults", "--timeout-multiplier=3"),
                *pytest(tree, "tests/faults"),
            ),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "build-clang", "build with clang, as it is shipped", clang_build,
            uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "static", "cppcheck and clang-tidy", static_steps(tree),
            needs=("build-gcc", "build-clang"), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "sanitize", "all tests in C and the kept fuzz inputs, with ASan and UBSan",
            sanitize_steps(tree),
            uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "threads", "what threads share, under ThreadSanitizer", thread_steps(tree),
            uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "interop", "other implementations agree: OpenSSL, GnuTLS, NSS, Bouncy Castle and others",
            pytest(tree, "tests/interop", f"--numprocesses={CORES}"),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "valgrind", "the unit tests under memcheck, but for the long ones",
            (valgrind_step(tree, "memcheck", "--suite=unit", "--no-suite=long"),),
            needs=("build-gcc",), uses_all_cores=True, timeout_s=1800,
        ),
        Stage(
            "valgrind-long", "the long unit tests under memcheck",
            (valgrind_step(tree, "memcheck-long", "--suite=long"),),
            needs=("build-gcc",), is_on_request=True, uses_all_cores=True, timeout_s=14400,
        ),
        Stage(
            "install", "what is installed is whole, and others can build with it",
            tap_tool(tree, str(tree.root / "tests/consume/consume.py"), gcc),
            needs=("build-gcc",),
        ),
        Stage(
            "man", "every man page passes mandoc",
            tap_tool(tree, tree.tool("lint_manuals.py"), gcc),
            needs=("build-gcc",),
        ),
        Stage(
            "demo", "./demo shows what it should", (command(str(tree.root / "demo")),),
            uses_all_cores=True,
        ),
        Stage(
            "tools", "the tests of the tools of this project", pytest(tree, "tests/tools"),
            needs=("build-gcc", "demo"),
        ),
        Stage("shell", "every shell script passes shellcheck", shell_steps(tree)),
        Stage("spell", "codespell finds no misspelled word", spell_steps(tree)),
        Stage("python", "every tool passes mypy", python_steps(tree)),
        Stage(
            "bench", "every benchmark runs and prints results; no bound is held",
            tap_tool(tree, tree.tool("smoke_benchmarks.py"), gcc),
            needs=("build-gcc",), uses_all_cores=True,
        ),
        Stage(
            "fuzz", f"every fuzz target runs for {fuzz_seconds} s", fuzz_steps(tree, fuzz_seconds),
            is_on_request=True, uses_all_cores=True, timeout_s=86400,
        ),
    ]
