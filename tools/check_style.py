#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks what a compiler cannot see: layers, bans, sizes, words and documents.

Usage: tools/check_style.py [--verbose] [--root DIR]
Prints `file:line: rule: what, use X instead`; exits with 1 if anything was found.
The tables below are the rules. EXCEPTIONS may only get shorter: one that no longer applies is an error.
"""

import argparse
import fnmatch
import os
import re
import subprocess
import sys
from collections import namedtuple

Finding = namedtuple("Finding", "path line rule text")
Ban = namedtuple("Ban", "rule where allowed pattern instead")

# --- The tables -------------------------------------------------------------------------------------------

# Who may include whom: folder -> (folders of this project, other libraries). `std` is the C++ library,
# `posix` the C headers of the system. The longest folder that matches counts.
ANY = ("",)
LAYERS = {
    "raft/base/": (("raft/base/",), ("std", "absl/")),
    "raft/core/": (("raft/base/", "raft/core/"), ("std", "absl/")),
    "raft/storage/": (("raft/base/", "raft/core/", "raft/storage/"), ("std", "absl/", "posix", "zstd.h")),
    "net/": (
        ("raft/base/", "raft/core/", "net/"),
        ("std", "absl/", "posix", "asio", "openssl/", "google/protobuf/"),
    ),
    "resources/": (("raft/base/", "resources/"), ("std", "absl/", "google/protobuf/")),
    "actors/": (("raft/", "net/", "resources/", "actors/"), ANY),
    "sim/": (("raft/", "net/", "resources/", "actors/", "sim/"), ANY),
    "tools/": (ANY, ANY),
    "tests/": (ANY, ANY),
    "examples/": (("examples/", "atomix/"), ("std", "absl/", "atomix/", "google/protobuf/", "gtest/", "rapidcheck")),
}

# Headers of the public face, and what they reach, must not need CAF.
PUBLIC_HEADERS = ("actors/client.hpp", "actors/server.hpp", "resources/*.hpp", "resources/*/*.hpp")

PURE = ("raft/core/", "resources/")
EVERYWHERE = ("",)
BANS = [
    Ban("random", EVERYWHERE, (),
        r"std::random_device|(?<![\w:])s?rand\(|std::rand\b|std::uniform_|std::mt19937|std::default_random_engine",
        "raft/base/prng.hpp, seeded from outside"),
    Ban("time", PURE, (), r"_clock::now\b|(?<![\w:.>])time\(|clock_gettime|gettimeofday|std::time\b",
        "the time that the input carries"),
    Ban("threads", PURE, (),
        r"std::(recursive_|shared_|timed_)*mutex|std::j?thread\b|std::atomic|std::condition_variable"
        r"|std::(unique|shared|scoped)_lock|std::lock_guard|\bthread_local\b|absl::Mutex",
        "plain members: state belongs to one actor"),
    Ban("unordered", PURE, (), r"\bunordered_(multi)?(map|set)\b|absl::(flat|node)_hash_(map|set)",
        "std::map, std::set or a sorted vector: order must not depend on a hash"),
    Ban("floating-point", PURE, (), r"\b(float|double)\b", "integers, with the unit in the name"),
    Ban("sleep", EVERYWHERE, ("tools/",), r"\bsleep_(for|until)\b|(?<![\w:.>])(u|nano)?sleep\(\s*[^)\s]",
        "a timer or an event"),
    Ban("clock", EVERYWHERE, ("actors/reactor", "net/tcp", "tools/"), r"_clock::now\b|clock_gettime|gettimeofday",
        "the clock that the world hands in"),
    Ban("cout", EVERYWHERE, ("tools/", "examples/"), r"std::cout\b", "a returned text, or a sink that is handed in"),
]

# Lines: (warn, fail) by kind of file; functions separately; documents only warn.
SIZES = {".cpp": (300, 400), ".hpp": (200, 300)}
FUNCTION_LINES = (50, 70)
SOFT_SIZES = {"tests/scripts/*.txt": 150, "*README.md": 60, "docs/*.md": 180}

NAMES_BANNED = ("util", "utils", "common", "helper", "helpers", "misc", "manager")
WORD_BANNED = "FIX" + "ME"

# Folders whose README.md is their parent's: many of one shape, described once.
README_OF_PARENT = ("resources/*", "tests/*", "examples/*")

# (file, rule) -> reason; for the rules `size` and `function-size` the reason starts with the allowed number.
EXCEPTIONS = {
    ("actors/runtime.cpp", "random"): "the one seed of a process comes from the operating system, and is logged",
    ("raft/base/crc32c.cpp", "layers"): "ISA-L computes the checksum; no other file needs to know",
    ("tests/actors/stopwatch.hpp", "clock"): "tests against the real world must end in real time",
    ("resources/future.hpp", "threads"): "shared by the thread of the user and that of the session",
    ("resources/losses.hpp", "threads"): "shared by the thread of the user and that of the session",
}

# --- Reading C++ ------------------------------------------------------------------------------------------

TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<d>[^()\\\s]{0,16})\(.*?\)(?P=d)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def without_texts(source):
    """The source with comments and literals blanked, line numbers kept."""

    def blank(match):
        text = match.group(0)
        lines = "\n" * text.count("\n")
        return '""' + lines if text[0] in 'R"' else " " + lines

    lines = []
    for raw in source.split("\n"):  # an include is not a string literal
        lines.append(raw.replace('"', "\x01") if INCLUDE.match(raw) else raw)
    return TOKENS.sub(blank, "\n".join(lines)).replace("\x01", '"')


def includes(source):
    for number, line in enumerate(source.split("\n"), 1):
        match = INCLUDE.match(line)
        if match:
            yield number, match.group(1), match.group(2)


def functions(code):
    """(first line, last line) of each function body that is not inside another one."""
    code = re.sub(r"^\s*#.*?(?<!\\)$", "", code, flags=re.M)
    stack, head, line, start = [], "", 1, 0
    for char in code:
        line += char == "\n"
        if char == "{":
            inside = "function" in stack
            if inside or re.search(r"\b(namespace|class|struct|union|enum|concept)\b[^()]*$", head):
                kind = "other"
            elif re.search(r"\)[^()]*:[^:]*\w\s*$", head) and "?" not in head:
                kind = "initialiser"
            elif "(" in head and not re.search(r"[=,(]\s*$", head):
                kind, start = "function", line
            else:
                kind = "other"
            stack.append(kind)
            if kind != "initialiser":
                head = ""
        elif char == "}" and stack:
            kind = stack.pop()
            if kind == "function":
                yield start, line
            if kind != "initialiser":
                head = ""
        elif char == ";":
            head = ""
        else:
            head += char


# --- The checks -------------------------------------------------------------------------------------------


class tree:
    """The files of the project and their texts."""

    def __init__(self, root, files):
        self.root, self.files = root, sorted(files)
        self.texts = {}

    def text(self, path):
        if path not in self.texts:
            with open(os.path.join(self.root, path), encoding="utf-8", errors="replace") as file:
                self.texts[path] = file.read()
        return self.texts[path]

    def cpp(self):
        return [f for f in self.files if f.endswith((".cpp", ".hpp"))]

    def exists(self, path):
        return os.path.exists(os.path.join(self.root, path))


def kind_of(name):
    """`std`, `posix` or the name itself."""
    if "/" not in name and "." not in name:
        return "std"
    if name.startswith(("sys/", "netinet/", "arpa/", "net/if", "linux/")) or name in (
            "fcntl.h", "unistd.h", "dirent.h", "errno.h", "signal.h", "poll.h", "netdb.h", "pthread.h"):
        return "posix"
    return name


def check_layers(t):
    for path in t.cpp():
        folder = max((f for f in LAYERS if path.startswith(f)), key=len, default=None)
        if folder is None:
            yield Finding(path, 1, "layers", "no layer has this folder, put it into one of DESIGN's or into LAYERS")
            continue
        own, others = LAYERS[folder]
        for line, quote, name in includes(t.text(path)):
            if quote == '"' and "/" not in name and folder == "examples/":
                continue  # a project of its own: its root is that folder
            if quote == '"' and "/" not in name and not name.endswith(".pb.h"):
                yield Finding(path, line, "include-root", f'"{name}" is relative, use the path from the root instead')
            elif quote == '"' and not name.startswith(own):
                yield Finding(path, line, "layers", f'{folder} must not see "{name}", use what is in {", ".join(own)} instead')
            elif quote == "<" and not kind_of(name).startswith(others):
                yield Finding(path, line, "layers", f"{folder} must not see <{name}>, use {', '.join(others)} instead")


def check_public(t):
    """No path of includes leads from a public header to CAF."""
    for path in t.cpp():
        if not path.endswith(".hpp") or not any(fnmatch.fnmatch(path, p) for p in PUBLIC_HEADERS):
            continue
        seen, todo = {path}, [path]
        while todo:
            current = todo.pop()
            for line, _, name in includes(t.text(current)):
                if name.startswith("caf/"):
                    yield Finding(current, line, "public", f"{path} reaches <{name}>, use a plain interface instead")
                elif name in t.files and name not in seen:
                    seen.add(name)
                    todo.append(name)


def check_bans(t):
    for path in t.cpp():
        bans = [b for b in BANS if path.startswith(b.where) and not (b.allowed and path.startswith(b.allowed))]
        for number, line in enumerate(without_texts(t.text(path)).split("\n"), 1):
            for ban in bans:
                match = re.search(ban.pattern, line)
                if match:
                    yield Finding(path, number, ban.rule, f"{match.group(0)} is banned here, use {ban.instead} instead")


def check_sizes(t, exceptions):
    for path in t.cpp():
        warn, fail = SIZES[os.path.splitext(path)[1]]
        count = t.text(path).count("\n")
        limit = allowed_number(exceptions, path, "size", fail)
        if count > warn:
            rule = "size" if count > limit else "warn-size"
            yield Finding(path, count, rule, f"{count} lines (aim below {warn}, fails at {fail}), move the second idea out instead")
        warn, fail = FUNCTION_LINES
        limit = allowed_number(exceptions, path, "function-size", fail)
        for first, last in functions(without_texts(t.text(path))):
            lines = last - first + 1
            if lines > warn:
                rule = "function-size" if lines > limit else "warn-function-size"
                yield Finding(path, first, rule, f"a function of {lines} lines (fails at {fail}), use smaller ones instead")
    for path in t.files:
        for pattern, warn in SOFT_SIZES.items():
            if fnmatch.fnmatch(path, pattern) and t.text(path).count("\n") > warn:
                yield Finding(path, 1, "warn-size", f"more than {warn} lines, use a shorter text instead")


def allowed_number(exceptions, path, rule, otherwise):
    reason = exceptions.get((path, rule))
    return int(reason.split()[0]) if reason else otherwise


def check_words(t):
    for path in t.files:
        stem = os.path.basename(path).split(".")[0]
        if set(re.split(r"[_-]", stem)) & set(NAMES_BANNED):
            yield Finding(path, 1, "file-name", f"'{stem}' says nothing, use the name of the one idea in it instead")
        if path.endswith((".cpp", ".hpp", ".proto", ".py", ".cmake", ".md", ".txt")) or "/" in path and "." not in stem:
            for number, line in enumerate(t.text(path).split("\n"), 1):
                if WORD_BANNED in line:
                    yield Finding(path, number, "words", f"{WORD_BANNED} does not merge, use an issue or do it instead")
    for path in t.cpp():
        if not t.text(path).startswith("// SPDX-License-Identifier: Apache-2.0\n"):
            yield Finding(path, 1, "spdx", "no licence line, use `// SPDX-License-Identifier: Apache-2.0` as the first line")
        if path.endswith(".hpp") and "#pragma once" not in t.text(path):
            yield Finding(path, 1, "pragma-once", "a header without guard, use `#pragma once`")


def check_docs(t):
    for folder in sorted({os.path.dirname(f) for f in t.cpp()}):
        shared = any(fnmatch.fnmatch(folder, p) for p in README_OF_PARENT)
        readme = os.path.join(os.path.dirname(folder) if shared else folder, "README.md")
        while shared and readme not in t.files and os.path.dirname(readme):
            readme = os.path.join(os.path.dirname(os.path.dirname(readme)), "README.md")
        if readme not in t.files or readme == "README.md":
            yield Finding(folder, 1, "readme", "a folder that nobody explains, write its README.md")
    for path in t.files:
        if path.endswith(".md"):
            yield from check_document(t, path)


def check_document(t, path):
    titles, fence = 0, None
    for number, line in enumerate(t.text(path).split("\n"), 1):
        if line.lstrip().startswith("```"):
            fence = None if fence is not None else line.strip()[3:]
        elif fence is None:
            titles += line.startswith("# ")
            for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", re.sub(r"`[^`]*`", "", line)):
                if "://" not in target and not t.exists(os.path.join(os.path.dirname(path), target)):
                    yield Finding(path, number, "link", f"{target} does not exist, use a path that does instead")
        elif fence == "sh":
            command = re.match(r"\s*(tools/[\w./-]+)", line)
            if command and not t.exists(command.group(1)):
                yield Finding(path, number, "command", f"{command.group(1)} does not exist, use a command that does instead")
    if titles != 1:
        yield Finding(path, 1, "title", f"{titles} titles, use exactly one line that starts with `# ` instead")


# --- Exceptions and the front door ------------------------------------------------------------------------


def check(root, files, exceptions):
    """All findings; those that only warn have a rule that starts with `warn-`."""
    t = tree(root, files)
    findings = [f for c in (check_layers, check_public, check_bans, check_words, check_docs) for f in c(t)]
    findings += check_sizes(t, exceptions)
    used = {(f.path, f.rule) for f in findings}
    kept = [f for f in findings if (f.path, f.rule) not in exceptions or f.rule in ("size", "function-size")]
    for (path, rule), reason in exceptions.items():
        if (path, rule) not in used and not number_still_needed(t, path, rule, reason):
            kept.append(Finding(path, 1, "exception", f"the exception from '{rule}' no longer applies, remove it"))
    return sorted(set(kept))


def number_still_needed(t, path, rule, reason):
    """An exception from a size holds exactly what is there: it shrinks with the file."""
    if path not in t.files or rule not in ("size", "function-size"):
        return False
    if rule == "size":
        actual, fail = t.text(path).count("\n"), SIZES[os.path.splitext(path)[1]][1]
    else:
        fail = FUNCTION_LINES[1]
        actual = max((b - a + 1 for a, b in functions(without_texts(t.text(path)))), default=0)
    return actual > fail and actual == int(reason.split()[0])


def project_files(root):
    """What git tracks; without git, all but hidden folders and build/."""
    try:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=root, capture_output=True, check=True, text=True)
        files = [f for f in listed.stdout.split("\0") if f and os.path.isfile(os.path.join(root, f))]
        if files:
            return files
    except (OSError, subprocess.CalledProcessError):
        pass
    files = []
    for folder, folders, names in os.walk(root):
        folders[:] = [f for f in folders if not f.startswith(".") and f not in ("build", "__pycache__")]
        files += [os.path.relpath(os.path.join(folder, n), root) for n in names if not n.startswith(".")]
    return files


def main():
    parser = argparse.ArgumentParser(description="Checks layers, bans, sizes, words and documents.")
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--verbose", action="store_true", help="print warnings too")
    options = parser.parse_args()
    files = project_files(options.root)
    findings = check(options.root, files, EXCEPTIONS)
    errors = [f for f in findings if not f.rule.startswith("warn-")]
    for f in findings if options.verbose else errors:
        print(f"{f.path}:{f.line}: {f.rule}: {f.text}")
    warnings = len(findings) - len(errors)
    print(f"{len(files)} files, {len(errors)} errors, {warnings} warnings, {len(EXCEPTIONS)} exceptions")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
