# SPDX-License-Identifier: Apache-2.0
"""`atomix sim --report` as a user meets it: what is written, what is said, and what `atomix check` thinks of it."""

import os
import pathlib
import signal
import subprocess
import tempfile
import unittest

SIM = os.environ.get("ATOMIX_SIM", "atomix-sim")
FILES = {"history.edn", "results.edn", "trace", "timeline.html", "plan"}
BUG = ("--bug", "retry-applied-twice", "--time", "20s")


class Reports(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="atomix-sim-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.reports = self.folder / "reports"

    def atomix(self, *arguments, code):
        done = subprocess.run([SIM, *map(str, arguments)], capture_output=True, text=True, timeout=100, cwd=self.folder)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def sim(self, *arguments, code):
        return self.atomix("sim", *arguments, "--report", self.reports, code=code)

    def runs(self):
        return sorted(p.name for p in (self.reports / "atomix-sim").iterdir() if not p.is_symlink())

    def failing_seed(self):
        done = self.sim("--seeds", "1..200", *BUG, "--stop-at-first", code=1)
        self.assertIn("report", done.stdout)
        return self.runs()[0].removeprefix("seed-")

    def test_a_valid_run(self):
        done = self.sim("--seed", 1, "--time", "20s", code=0)
        page = self.reports / "atomix-sim" / "seed-1" / "timeline.html"
        self.assertIn(str(page), done.stdout)
        self.assertEqual({p.name for p in page.parent.iterdir()}, FILES)
        self.assertEqual((self.reports / "latest").resolve(), page.parent.resolve())
        self.assertTrue((page.parent / "results.edn").read_text().startswith("{:valid? true"))
        checked = self.atomix("check", page.parent / "history.edn", code=0)
        for model in ("counter", "lock", "election", "map", "cas-register"):
            self.assertIn(f"{model}: valid", checked.stdout)

    def test_a_crash_names_its_seed(self):
        endless = [SIM, "sim", "--seed", "7", "--time", "240m", "--trace"]
        with subprocess.Popen(endless, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
            run.stdout.readline()
            run.send_signal(signal.SIGSEGV)
            said = run.communicate(timeout=100)[1]
        self.assertEqual(said, "The simulator was running seed 7\n")
        self.assertEqual(run.returncode, -signal.SIGSEGV)

    def test_recording_does_not_change_the_run(self):
        with_report = self.sim("--seed", 7, "--time", "5s", code=0).stdout
        without = self.atomix("sim", "--seed", 7, "--time", "5s", code=0).stdout
        hash_of = lambda text: [line for line in text.splitlines() if "trace hash" in line]
        self.assertEqual(hash_of(with_report), hash_of(without))

    def test_a_bug_is_as_invalid_to_check_as_to_sim(self):
        self.sim("--seeds", "1..40", *BUG, "--reports-max", 16, code=1)
        explained = 0
        for run in self.runs():
            place = self.reports / "atomix-sim" / run
            self.assertTrue((place / "results.edn").read_text().startswith("{:valid? false"))
            history = (place / "history.edn").read_text()
            self.assertIn(":process :nemesis", history)
            page = (place / "timeline.html").read_text()
            self.assertIn(f"atomix sim --seed {run.removeprefix('seed-')} --time 20s --bug retry-applied-twice", page)
            checked = subprocess.run([SIM, "check", place / "history.edn"], capture_output=True, text=True, timeout=100)
            explained += checked.returncode == 1 and "<- impossible" in checked.stdout
        # Some of what the simulator finds, such as a refusal without reason, is in no history.
        self.assertGreater(explained, 2)

    def test_shrink_adds_the_small_run_and_replay_reports_too(self):
        seed = self.failing_seed()
        self.sim("--seed", seed, *BUG, "--shrink", code=1)
        self.assertEqual(self.runs(), [f"seed-{seed}", f"seed-{seed}-small"])
        page = (self.reports / "atomix-sim" / f"seed-{seed}" / "timeline.html").read_text()
        self.assertIn(f"../seed-{seed}-small/timeline.html", page)
        small = self.reports / "latest" / "repro.json"
        self.assertIn(f"seed-{seed}-small", str(small.resolve()))
        self.reports = self.folder / "again"
        done = self.sim("--replay", small.resolve(), code=1)
        self.assertIn("again", done.stdout)

    def test_a_campaign_reports_the_first_few_failures(self):
        done = self.sim("--seeds", "1..30", *BUG, "--reports-max", 1, code=1)
        self.assertEqual(len(self.runs()), 1)
        self.assertEqual(done.stdout.count("timeline.html"), 1)
        self.assertRegex(done.stdout, r"of the first 1 of \d+ failures")

    def test_what_is_in_the_way_is_told_before_anything_runs(self):
        self.reports.write_text("a file")
        done = self.sim("--seed", 1, "--time", "5s", code=254)
        self.assertEqual(done.stdout, "")
        self.assertIn(str(self.reports), done.stderr)

    def test_check_wants_a_model_if_the_history_names_none(self):
        history = self.folder / "h.edn"
        history.write_text("{:process 0, :type :invoke, :f :read, :value nil}")
        self.assertIn("--model", self.atomix("check", history, code=254).stderr)


if __name__ == "__main__":
    unittest.main()
