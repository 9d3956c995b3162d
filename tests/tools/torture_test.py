# SPDX-License-Identifier: Apache-2.0
"""Real servers under faults from a seed: their clients were not lied to; and a server that lies is found out."""

import os
import re
import subprocess
import tempfile
import unittest

PROGRAM = os.environ["ATOMIX_PROGRAM"]
VALID, INVALID, BAD_ARGUMENTS = 0, 1, 254
PATIENCE = 110


def torture(*arguments, directory=None):
    command = [PROGRAM, "torture", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=PATIENCE, cwd=directory)
    return done.returncode, done.stdout + done.stderr


class Torture(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory(prefix="atomix-test-")
        self.addCleanup(place.cleanup)
        self.place = place.name

    def check_valid(self, *arguments):
        code, said = torture(*arguments, directory=self.place)
        print(said, end="")
        self.assertEqual(code, VALID, said)
        self.assertGreater(int(re.search(r"(\d+) acknowledged", said)[1]), 20, said)
        self.assertIn("entries judged", said)
        self.assertEqual(os.listdir(self.place), [], "nothing is left behind")
        return said

    def test_members_that_are_killed(self):
        said = self.check_valid("--seed", 1, "--time", "10s", "--faults", "killed")
        self.assertRegex(said, r"\d killed")

    def test_all_kinds_of_faults(self):
        self.check_valid("--seed", 5, "--time", "12s")

    def test_a_server_that_applies_retries_again_is_found_out(self):
        flags = ["--time", "15s", "--bug", "retry-applied-twice", "--faults", "lossy,killed,isolated-leader"]
        for seed in (1, 2, 3):
            code, said = torture("--seed", seed, *flags, directory=self.place)
            if code == INVALID:
                break
        print(said, end="")
        self.assertEqual(code, INVALID, said)
        kept = re.search(r"in (.+)", said.split("kept")[1])[1]
        page = re.search(r"report +(.+)", said)[1]
        self.assertTrue(page.startswith(kept), said)
        self.assertEqual(
            set(os.listdir(os.path.dirname(page))),
            {"history.edn", "plan", "results.edn", "timeline.html", "trace"})

    def test_bad_arguments(self):
        for flags in (["--time", "soon"], ["--faults", "clock-jump"], ["--bug", "nonsense"]):
            self.assertEqual(torture(*flags)[0], BAD_ARGUMENTS)


if __name__ == "__main__":
    unittest.main()
