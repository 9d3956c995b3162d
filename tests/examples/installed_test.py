# SPDX-License-Identifier: Apache-2.0
"""Installs the project into a folder, builds the examples against the package found there, and runs them.

Also compiles each public header alone. Named by the environment: ATOMIX_BUILD (the project's build directory),
ATOMIX_SOURCE, ATOMIX_CXX, and ATOMIX_WORK (a folder of our own, kept between runs so that a second run is short).
"""

import concurrent.futures
import contextlib
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD, SOURCE, CXX, WORK = (os.environ[f"ATOMIX_{n}"] for n in ("BUILD", "SOURCE", "CXX", "WORK"))
PREFIX = os.path.join(WORK, "prefix")
EXAMPLES = os.path.join(WORK, "examples")
ROUNDS = 3
# Operations of a machine are Protobuf messages: its author sees Protobuf. Nobody else does.
FOR_MACHINES = ("machine", "machine_host", "machine_registry", "typed_machine_host", "timers", "state_hash", "listeners",
                "local_invoker", "local_replica", "checked_machine", "experiment", "machine_model", "machine_words", "rapidcheck", "testing",
                "testing_rapidcheck")

os.environ["ATOMIX_PROGRAM"] = os.path.join(PREFIX, "bin", "atomix")
sys.path.insert(0, os.path.join(SOURCE, "tests", "tools"))
from cluster import Process, call, free_ports, until  # noqa: E402


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout


def setUpModule():
    shutil.rmtree(PREFIX, ignore_errors=True)
    run("cmake", "--install", BUILD, "--prefix", PREFIX)
    run("cmake", "-S", os.path.join(SOURCE, "examples"), "-B", EXAMPLES, "-G", "Ninja",
        f"-DCMAKE_CXX_COMPILER={CXX}", f"-DCMAKE_PREFIX_PATH={PREFIX}", "-DCMAKE_BUILD_TYPE=Release",
        f"-DCMAKE_EXE_LINKER_FLAGS={os.environ.get('ATOMIX_LINK', '')}",
        f"-DCMAKE_CXX_FLAGS={os.environ.get('ATOMIX_LINK', '')}")
    run("cmake", "--build", EXAMPLES)


class Headers(unittest.TestCase):
    def test_each_compiles_alone_and_shows_no_library_of_ours(self):
        include = os.path.join(PREFIX, "include")
        headers = sorted(
            os.path.relpath(os.path.join(folder, name), include)
            for folder, _, names in os.walk(os.path.join(include, "atomix")) for name in names)
        self.assertIn("atomix/lock.hpp", headers)
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for header, reached in zip(headers, pool.map(self.reached_from, headers)):
                hidden = ["/caf/", "/asio"]
                if os.path.basename(header)[:-4] not in FOR_MACHINES:
                    hidden.append("google/protobuf")
                for library in hidden:
                    self.assertNotIn(library, reached, header)

    @staticmethod
    def reached_from(header):
        """The names of all files that the compiler reads for this header."""
        include = os.path.join(PREFIX, "include")
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            source, reached = os.path.join(folder, "alone.cpp"), os.path.join(folder, "alone.d")
            with open(source, "w", encoding="utf-8") as file:
                file.write(f"#include <{header}>\nint main() {{}}\n")
            run(CXX, "-std=c++20", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-MD", "-MF", reached,
                "-I", include, "-I", os.path.join(include, "atomix"), source)
            with open(reached, encoding="utf-8") as file:
                return file.read()


class Candidates(contextlib.AbstractContextManager):
    """The example leader_election, one process per member."""

    def __init__(self):
        self.logs = tempfile.mkdtemp(prefix="atomix-test-")
        self.members = [f"localhost:{p}" for p in free_ports(3)]
        self.running = {}
        for member in self.members:
            self.start(member)

    def start(self, member):
        peers = [m for m in self.members if m != member]
        self.running[member] = Process(os.path.join(EXAMPLES, "leader_election"),
                                       os.path.join(self.logs, member.replace(":", "-")), member, *peers)

    def elected(self):
        """The member whose process has said that it is the leader since it was last asked."""

        def heard():
            for member, process in self.running.items():
                while not process.lines.empty():
                    line = process.lines.get()
                    process.seen.append(line)
                    if line == "Elected leader!":
                        return member
            return None

        return until(heard, "Elected leader!")

    def __exit__(self, *_):
        for process in self.running.values():
            process.end()
        shutil.rmtree(self.logs, ignore_errors=True)


class Examples(unittest.TestCase):
    def test_another_is_elected_when_the_leader_is_gone(self):
        with Candidates() as candidates:
            leader = candidates.elected()
            for _ in range(ROUNDS):
                candidates.running[leader].end()
                del candidates.running[leader]
                successor = candidates.elected()
                self.assertNotEqual(successor, leader)
                candidates.start(leader)
                leader = successor

    def test_the_clients(self):
        with Candidates() as candidates:
            candidates.elected()
            servers = ",".join(candidates.members)
            shuffled = candidates.members[:]
            random.Random(1).shuffle(shuffled)
            value = run(os.path.join(EXAMPLES, "distributed_value"), servers, "2")
            self.assertEqual(value.count("Value is: "), 2, value)
            words = os.path.join(EXAMPLES, "distributed_map")
            run(words, servers, "one", "two", "two")
            self.assertEqual(run(words, ",".join(shuffled), "one"), "one: 2\ntwo: 2\n")
            first = Process(os.path.join(EXAMPLES, "distributed_lock"), servers)
            second = Process(os.path.join(EXAMPLES, "distributed_lock"), servers)
            for one in (first, second):
                self.addCleanup(one.end)
                one.line_with("Client started!")
            until(lambda: not first.lines.empty() or not second.lines.empty(), "Lock acquired!")
            holder, waiter = (first, second) if not first.lines.empty() else (second, first)
            token = int(holder.line_with("Lock acquired!").split()[-1])
            self.assertTrue(waiter.lines.empty(), "one at a time")
            holder.close_input()
            self.assertGreater(int(waiter.line_with("Lock acquired!").split()[-1]), token)

    def test_a_resource_of_ones_own(self):
        bank = os.path.join(EXAMPLES, "bank")
        members = ",".join(f"127.0.0.1:{p}" for p in free_ports(3))
        with tempfile.TemporaryDirectory(prefix="atomix-test-") as folder:
            for member in members.split(","):
                process = Process(bank, "serve", os.path.join(folder, member.replace(":", "-")), member, members)
                self.addCleanup(process.end)
                process.line_with("Serving")
            self.assertEqual(run(bank, "deposit", members, "alice", "100"), "alice: 100\n")
            self.assertEqual(run(bank, "transfer", members, "alice", "bob", "30"), "bob: 30\n")
            refused = subprocess.run([bank, "transfer", members, "alice", "bob", "71"], capture_output=True, text=True,
                                     check=False)
            self.assertEqual((refused.returncode, refused.stderr), (1, "Not enough money.\n"))
            self.assertEqual(run(bank, "balance", members, "alice"), "alice: 70\n")

    def test_a_test_of_a_resource_of_ones_own(self):
        document = os.path.join(SOURCE, "docs", "testing_your_own.md")
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            said = subprocess.run(
                [sys.executable, "-B", os.path.join(SOURCE, "tests", "docs", "run_readme.py"), document,
                 os.path.join(EXAMPLES, "bank_test")], cwd=folder, capture_output=True, text=True, check=False)
        self.assertEqual(said.returncode, 0, said.stdout + said.stderr)

    def test_what_the_document_shows_is_what_is_compiled(self):
        with open(os.path.join(SOURCE, "docs", "testing_your_own.md"), encoding="utf-8") as file:
            shown = re.findall(r"^```cpp\n(.*?)^```$", file.read(), re.S | re.M)
        with open(os.path.join(SOURCE, "examples", "bank_test.cpp"), encoding="utf-8") as file:
            compiled = file.read()
        self.assertGreater(len(shown), 3)
        for piece in shown:
            self.assertIn(piece, compiled)

    def test_both_worlds_in_one_program_are_refused(self):
        with tempfile.TemporaryDirectory(dir=WORK) as folder:
            with open(os.path.join(folder, "CMakeLists.txt"), "w", encoding="utf-8") as file:
                file.write("cmake_minimum_required(VERSION 3.25)\nproject(both LANGUAGES CXX)\n"
                           "find_package(atomix REQUIRED COMPONENTS client testing)\n"
                           "file(WRITE \"${CMAKE_BINARY_DIR}/main.cpp\" \"int main() {}\")\n"
                           "add_executable(both \"${CMAKE_BINARY_DIR}/main.cpp\")\n"
                           "target_link_libraries(both PRIVATE atomix::client atomix::testing)\n")
            said = subprocess.run(["cmake", "-S", folder, "-B", os.path.join(folder, "build"), "-G", "Ninja",
                                   f"-DCMAKE_CXX_COMPILER={CXX}", f"-DCMAKE_PREFIX_PATH={PREFIX}"],
                                  capture_output=True, text=True, check=False)
        self.assertNotEqual(said.returncode, 0)
        self.assertIn("ATOMIX_WORLD", said.stderr)

    def test_the_installed_program(self):
        self.assertIn("atomix ", call("--version").stdout)


if __name__ == "__main__":
    unittest.main()
