# SPDX-License-Identifier: Apache-2.0
"""Members are killed under load, again and again: what was acknowledged is there, once."""

import random
import signal
import threading
import time
import unittest

from cluster import Cluster

SECONDS = 20


class Load(threading.Thread):
    """Calls the program over and over and remembers what was acknowledged."""

    def __init__(self, cluster, number, stop):
        super().__init__()
        self.cluster, self.number, self.stop = cluster, number, stop
        self.sums, self.keys, self.unknown_adds, self.unknown_keys = [], [], 0, []

    def run(self):
        count = 0
        while not self.stop.is_set():
            count += 1
            added = self.cluster.call("counter", "increment", "total", "--timeout", "15s")
            if added.returncode == 0:
                self.sums.append(int(added.stdout))
            else:
                self.unknown_adds += 1
            key = f"{self.number}-{count}"
            put = self.cluster.call("map", "put-if-absent", "keys", key, self.number, "--timeout", "15s")
            # A new session each time: nobody else writes this key, so "false" would mean that a
            # retry inside the session was applied twice.
            if put.returncode == 0:
                self.keys.append(key)
            elif put.stdout.strip() == "false":
                raise AssertionError(f"{key} was there already")
            else:
                self.unknown_keys.append(key)


class Crashes(unittest.TestCase):
    def check(self, loads, cluster):
        for load in loads:
            self.assertTrue(load.sums and load.keys, "every load got through")
        sums = sorted(s for load in loads for s in load.sums)
        unknown = sum(load.unknown_adds for load in loads)
        self.assertEqual(len(sums), len(set(sums)), "no two increments answered the same sum")
        total = int(cluster.call("counter", "get", "total").stdout)
        self.assertGreaterEqual(total, len(sums), "an acknowledged increment is lost")
        self.assertLessEqual(total, len(sums) + unknown, "an increment was applied twice")
        there = set(cluster.call("map", "keys", "keys").stdout.split()[1:])
        known = {k for load in loads for k in load.keys}
        self.assertFalse(known - there, "acknowledged keys are lost")
        self.assertFalse(there - known - {k for load in loads for k in load.unknown_keys}, "keys nobody wrote")
        return len(sums) + len(known), unknown

    def test_kill_9_under_load(self):
        chance = random.Random(7)
        with Cluster() as cluster:
            stop = threading.Event()
            loads = [Load(cluster, n, stop) for n in range(3)]
            for load in loads:
                load.start()
            kills = 0
            end = time.monotonic() + SECONDS
            try:
                while time.monotonic() < end:
                    stop.wait(chance.uniform(0.1, 0.8))
                    # Mostly the leader: that is where it hurts.
                    victim = cluster.leader() if chance.random() < 0.7 else chance.choice(cluster.names)
                    cluster.kill(victim, signal.SIGKILL)
                    stop.wait(chance.uniform(0.0, 0.5))
                    cluster.start(victim)
                    kills += 1
            finally:
                stop.set()
                for load in loads:
                    load.join()
            cluster.leader()
            known, unknown = self.check(loads, cluster)
            print(f"{kills} kills, {known} acknowledged calls, {unknown} of unknown outcome")
            self.assertGreater(kills, 5)


if __name__ == "__main__":
    unittest.main()
