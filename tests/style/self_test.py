#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Proves that tools/check_style.py finds what it promises to find: each row plants one violation."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import check_style  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
LONG = "".join(f"  a[{i}] = {i};\n" for i in range(80))

# (file, text after the licence line, rules that must be found in it)
PLANTED = [
    ("raft/base/a.hpp", '#pragma once\n#include "raft/core/core.hpp"\n', {"layers"}),
    ("raft/base/a.cpp", "#include <caf/all.hpp>\n", {"layers"}),
    ("raft/core/a.cpp", '#include "raft/storage/log.hpp"\n', {"layers"}),
    ("raft/core/a.cpp", "#include <unistd.h>\n", {"layers"}),
    ("raft/storage/a.cpp", '#include "net/frame.hpp"\n', {"layers"}),
    ("net/a.cpp", '#include "resources/machine.hpp"\n', {"layers"}),
    ("resources/lock/a.cpp", '#include "raft/core/entry.hpp"\n', {"layers"}),
    ("actors/a.cpp", '#include "sim/world.hpp"\n', {"layers"}),
    ("sim/a.cpp", '#include "tools/bench.hpp"\n', {"layers"}),
    ("examples/a.cpp", '#include "actors/client.hpp"\n', {"layers"}),
    ("elsewhere/a.cpp", "", {"layers"}),
    ("actors/a.cpp", '#include "b.hpp"\n', {"include-root"}),
    ("resources/b.hpp", "#pragma once\n#include <caf/actor.hpp>\n", {"layers", "public"}),
    ("actors/client.hpp", '#pragma once\n#include "actors/inner.hpp"\n', set()),
    ("actors/inner.hpp", "#pragma once\n#include <caf/actor.hpp>\n", {"public"}),
    ("raft/core/a.cpp", "auto r = std::random_device{}();\n", {"random"}),
    ("sim/a.cpp", "std::uniform_int_distribution<int> d;\n", {"random"}),
    ("raft/core/a.cpp", "auto t = std::chrono::steady_clock::now();\n", {"time", "clock"}),
    ("resources/a.cpp", "std::mutex m;\n", {"threads"}),
    ("resources/a.cpp", "std::atomic<int> n;\n", {"threads"}),
    ("raft/core/a.cpp", "std::unordered_map<int, int> m;\n", {"unordered"}),
    ("raft/core/a.cpp", "absl::flat_hash_map<int, int> m;\n", {"unordered"}),
    ("resources/map/a.cpp", "double x = 1;\n", {"floating-point"}),
    ("tests/net/a.cpp", "std::this_thread::sleep_for(1s);\n", {"sleep"}),
    ("tests/net/a.cpp", "usleep(100);\n", {"sleep"}),
    ("actors/a.cpp", "auto t = caf::actor_clock::clock_type::now(); auto u = steady_clock::now();\n", {"clock"}),
    ("actors/a.cpp", "std::cout << 1;\n", {"cout"}),
    ("net/a.cpp", "\n" * 401, {"size"}),
    ("net/a.hpp", "#pragma once\n" + "\n" * 301, {"size"}),
    ("net/a.cpp", "void f(int* a) {\n" + LONG + "}\n", {"function-size"}),
    ("net/a.cpp", "thing::thing(int* a) : x_{1}, y_(2) {\n" + LONG + "}\n", {"function-size"}),
    ("tests/net/a.cpp", "TEST(a, b) {\n" + LONG + "}\n", {"function-size"}),
    ("net/string_util.cpp", "", {"file-name"}),
    ("net/helper.hpp", "#pragma once\n", {"file-name"}),
    ("net/a.cpp", f"// {check_style.WORD_BANNED}: later\n", {"words"}),
    ("net/a.hpp", "int x;\n", {"pragma-once"}),
]

# Looks like a violation, is none.
INNOCENT = [
    ("raft/core/a.cpp", "// std::mutex, double, sleep_for( and steady_clock::now() only in a comment\n"),
    ("raft/core/a.cpp", '/* std::mutex\n double */ auto s = "std::random_device double";\n'),
    ("raft/core/a.cpp", 'auto s = R"(std::mutex " double)";\n'),
    ("raft/core/a.cpp", "auto n = 1'000'000; auto c = 'a'; auto d = last_time(n); auto e = x.time();\n"),
    ("raft/core/a.cpp", '#include "raft/base/ids.hpp"\n#include <absl/status/status.h>\n#include <map>\n'),
    ("resources/lock/a.cpp", '#include "resources/lock/lock.pb.h"\n#include <google/protobuf/message_lite.h>\n'),
    ("examples/a.cpp", "#include <atomix/client.hpp>\nint main() { std::cout << 1; }\n"),
    ("actors/a.cpp", "void own::sleep() {}\nvoid f() { sleep(); }\n"),
    ("net/tcp_clock.cpp", "auto t = std::chrono::steady_clock::now();\n"),
    ("tools/a.cpp", "std::this_thread::sleep_for(1s); std::cout << 1;\n"),
    ("net/a.cpp", "namespace a {\nstruct b {\n" + "  int x;\n" * 90 + "};\n}\n"),
    ("net/a.cpp", "const std::map<int, int> table = {\n" + "  {1, f(2)},\n" * 90 + "};\n"),
]


class Project:
    """A throw-away tree with a README.md in each of its folders."""

    def __init__(self, files):
        self.files, self.folder = dict(files), tempfile.TemporaryDirectory()
        for path in list(self.files):
            if path.endswith((".cpp", ".hpp")):
                self.files[os.path.join(os.path.dirname(path), "README.md")] = "# A folder\n"
                self.files[os.path.join(path.split("/")[0], "README.md")] = "# A folder\n"
        for path, text in self.files.items():
            full = os.path.join(self.folder.name, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)

    def check(self, exceptions=None):
        with self.folder as root:
            found = check_style.check(root, list(self.files), exceptions or {})
        return [f for f in found if not f.rule.startswith("warn-")]


class SelfTest(unittest.TestCase):
    def test_planted_violations_are_found(self):
        for path, text, rules in PLANTED:
            files = {path: SPDX + text}
            if path == "actors/inner.hpp":
                files["actors/client.hpp"] = SPDX + '#pragma once\n#include "actors/inner.hpp"\n'
            with self.subTest(path=path, text=text[:60]):
                self.assertEqual({f.rule for f in Project(files).check()}, rules)

    def test_innocent_code_is_left_alone(self):
        for path, text in INNOCENT:
            with self.subTest(path=path, text=text[:60]):
                self.assertEqual(Project({path: SPDX + text}).check(), [])

    def test_findings_name_the_line_and_the_remedy(self):
        found = Project({"raft/core/a.cpp": SPDX + "\nstd::mutex m;\n"}).check()
        self.assertEqual([(f.path, f.line) for f in found], [("raft/core/a.cpp", 3)])
        self.assertIn("use plain members", found[0].text)

    def test_licence_line(self):
        self.assertEqual([f.rule for f in Project({"net/a.cpp": "int x;\n"}).check()], ["spdx"])

    def test_documents(self):
        rows = [
            ("# One\n\n[gone](gone.md)\n", {"link"}),
            ("# One\n\n```sh\ntools/gone --now\n```\n", {"command"}),
            ("# One\n\n```sh\n# not a title\n```\n[self](a.md) [web](https://example.org)\n", set()),
            ("# One\n# Two\n", {"title"}),
            ("no title\n", {"title"}),
        ]
        for text, rules in rows:
            with self.subTest(text=text):
                self.assertEqual({f.rule for f in Project({"docs/a.md": text}).check()}, rules)

    def test_a_folder_without_readme(self):
        project = Project({"net/a.cpp": SPDX})
        del project.files["net/README.md"]
        self.assertEqual([f.rule for f in project.check()], ["readme"])

    def test_exceptions_hold_and_expire(self):
        guilty, clean = {"resources/a.cpp": SPDX + "std::mutex m;\n"}, {"resources/a.cpp": SPDX}
        exception = {("resources/a.cpp", "threads"): "because"}
        self.assertEqual(Project(guilty).check(exception), [])
        self.assertEqual([f.rule for f in Project(clean).check(exception)], ["exception"])
        self.assertEqual([f.rule for f in Project({"net/a.cpp": SPDX}).check(exception)], ["exception"])

    def test_exceptions_from_sizes_only_shrink(self):
        files = {"net/a.cpp": SPDX + "\n" * 449}
        for allowed, rules in ((450, []), (449, ["size"]), (451, ["exception"])):
            with self.subTest(allowed=allowed):
                found = Project(files).check({("net/a.cpp", "size"): f"{allowed} lines: one table"})
                self.assertEqual(sorted(f.rule for f in found), rules)


if __name__ == "__main__":
    unittest.main()
