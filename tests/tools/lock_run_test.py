# SPDX-License-Identifier: Apache-2.0
"""`atomix lock run`: the command never outlives the lock, whatever happens."""

import signal
import time
import unittest

from cluster import Cluster, until

LOST = 75


def is_alive(pid):
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class LockRun(unittest.TestCase):
    def setUp(self):
        self.cluster = Cluster()
        self.addCleanup(self.cluster.close)

    def run_under(self, name, *command, flags=()):
        return self.cluster.call("lock", "run", name, *flags, "--", *command)

    def start_under(self, name, script, flags=()):
        """Starts a command that prints its process id first."""
        run = self.cluster.process("lock", "run", name, *flags, "--", "sh", "-c", "echo pid=$$; " + script)
        self.addCleanup(run.end)
        return run, int(run.line_with("pid=").split("=")[1])

    def test_the_exit_code_and_the_token_are_the_commands(self):
        first = self.run_under("l", "sh", "-c", "echo $ATOMIX_FENCE; exit 7")
        self.assertEqual(first.returncode, 7)
        second = self.run_under("l", "sh", "-c", "echo $ATOMIX_FENCE")
        self.assertEqual(second.returncode, 0)
        self.assertGreater(int(second.stdout), int(first.stdout))
        self.assertEqual(self.run_under("l", "sh", "-c", "kill -9 $$").returncode, 128 + 9)
        missing = self.run_under("l", "no-such-program")
        self.assertEqual(missing.returncode, 1)
        self.assertIn("no-such-program", missing.stderr)
        self.assertEqual(self.cluster.call("lock", "state", "l").returncode, 1, "the lock is free")

    def test_arguments_reach_the_command_as_they_are(self):
        done = self.run_under("l", "printf", "%s|", "a b", "$HOME", "--", "--help", "*")
        self.assertEqual(done.stdout, "a b|$HOME|--|--help|*|")

    def test_the_command_gets_no_connection_of_its_guardian(self):
        done = self.run_under("l", "ls", "-l", "/proc/self/fd")
        self.assertEqual(done.returncode, 0)
        self.assertNotIn("socket:", done.stdout)

    def test_one_at_a_time(self):
        run, pid = self.start_under("l", "read line")
        refused = self.run_under("l", "true", flags=("--wait", "0s"))
        self.assertEqual(refused.returncode, 1)
        waited = self.run_under("l", "true", flags=("--wait", "300ms"))
        self.assertEqual(waited.returncode, 1)
        self.assertTrue(is_alive(pid))
        run.close_input()
        self.assertEqual(run.wait(), 1)  # of `read`, at the end of input
        self.assertEqual(self.run_under("l", "true", flags=("--wait", "0s")).returncode, 0)

    def test_signals_are_passed_on(self):
        run, _ = self.start_under("l", "trap 'exit 9' TERM; echo ready; while :; do read x || sleep 0.1; done")
        run.line_with("ready")
        run.signal(signal.SIGTERM)
        self.assertEqual(run.wait(), 9)
        self.assertEqual(self.cluster.call("lock", "state", "l").returncode, 1, "the lock is free")

    def test_the_command_dies_with_its_guardian(self):
        run, pid = self.start_under("l", "exec sleep 600")
        run.signal(signal.SIGKILL)
        until(lambda: not is_alive(pid), "the command is gone")

    def test_the_group_dies_with_its_guardian(self):
        run, pid = self.start_under("l", "sleep 600 & echo background=$!; wait")
        background = int(run.line_with("background=").split("=")[1])
        run.signal(signal.SIGKILL)
        until(lambda: not is_alive(pid) and not is_alive(background), "both are gone")

    def test_the_command_is_killed_when_its_guardian_is_stopped(self):
        run, pid = self.start_under("l", "exec sleep 600", flags=("--session-timeout", "2s"))
        run.signal(signal.SIGSTOP)
        began = time.monotonic()
        until(lambda: not is_alive(pid), "the command is gone")
        self.assertLess(time.monotonic() - began, 2)
        run.signal(signal.SIGCONT)
        self.assertEqual(run.wait(), LOST)

    def test_it_survives_the_death_of_the_leader(self):
        run, pid = self.start_under("l", "read line; echo line=$line")
        self.cluster.kill(self.cluster.leader())
        self.assertEqual(self.run_under("l", "true", flags=("--wait", "0s")).returncode, 1, "still held")
        self.assertTrue(is_alive(pid))
        run.process.stdin.write("done\n")
        run.process.stdin.flush()
        run.line_with("line=done")
        self.assertEqual(run.wait(), 0)

    def lose_the_cluster(self, script):
        """Runs `script` under the lock and stops all servers; seconds until the command was gone."""
        run, pid = self.start_under("l", script, flags=("--session-timeout", "2s"))
        if "ready" in script:
            run.line_with("ready")
        for name in self.cluster.names:
            self.cluster.kill(name, signal.SIGSTOP)
        began = time.monotonic()
        until(lambda: not is_alive(pid), "the command is gone")
        took = time.monotonic() - began
        self.assertEqual(run.wait(), LOST)
        return took

    def test_the_command_ends_before_the_lock_can_be_lost(self):
        self.assertLess(self.lose_the_cluster("exec sleep 600"), 2)

    def test_a_command_that_ignores_sigterm_is_killed_in_time(self):
        self.assertLess(self.lose_the_cluster("trap '' TERM; echo ready; while :; do sleep 0.1; done"), 2)


if __name__ == "__main__":
    unittest.main()
