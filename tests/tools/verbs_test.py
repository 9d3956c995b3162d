# SPDX-License-Identifier: Apache-2.0
"""Every verb of every resource, as a user would type it."""

import json
import signal
import unittest

from cluster import Cluster


class Verbs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()

    def expect(self, command, output=None, code=0):
        """Runs `command`; its output, without the last line end, must be `output`."""
        done = self.cluster.call(*command.split(" "))
        self.assertEqual((done.returncode, done.stdout.rstrip("\n")), (code, output if output is not None else ""),
                         f"{command}: {done.stderr}")
        return done

    def test_value(self):
        self.expect("value get v", code=1)
        self.expect("value get v -o json", '{"value":null}', code=1)
        self.expect("value set v hello", "ok")
        self.expect("value get v", "hello")
        self.expect('value get v -o json', '{"value":"hello"}')
        for level in ("atomic", "sequential", "local"):
            done = self.cluster.call("value", "get", "v", "--consistency", level)
            self.assertEqual(done.returncode, 0 if level != "local" else done.returncode)
        self.expect("value cas v other x", "false", code=1)
        self.expect("value cas v hello there", "true")
        self.expect("value get-and-set v you", "there")
        self.expect("value unset v", "ok")
        self.expect("value get v", code=1)
        self.expect("value cas v - first --expect-unset", "true")
        self.expect("value delete v", "ok")
        self.expect("value get v", code=1)

    def test_time_to_live(self):
        watch = self.cluster.process("value", "watch", "short", "--count", "2", "-o", "json")
        self.addCleanup(watch.end)
        watch.line_with("watching")
        self.expect("value set short lived --ttl 300ms", "ok")
        self.assertEqual(json.loads(watch.line_with('"index"'))["new"], "lived")
        ended = json.loads(watch.line_with('"index"'))
        self.assertEqual((ended["old"], ended["new"]), ("lived", None))
        self.assertEqual(watch.wait(), 0)
        self.expect("value get short", code=1)

    def test_counter(self):
        self.expect("counter get c", "0")
        self.expect("counter add c 5", "5")
        self.expect("counter add c -7", "-2")
        self.expect("counter increment c", "-1")
        self.expect("counter decrement c", "-2")
        self.expect("counter get-and-add c 3", "-2")
        self.expect("counter get-and-set c 9", "1")
        self.expect("counter cas c 8 1", "false", code=1)
        self.expect("counter cas c 9 1", "true")
        self.expect("counter set c 9223372036854775807", "ok")
        self.expect("counter get c -o json", '{"value":9223372036854775807}')
        self.expect("counter delete c", "ok")
        self.expect("counter get c", "0")

    def test_map(self):
        self.expect("map get m a", code=1)
        self.expect("map put m a 1", "ok")
        self.expect("map get-and-put m a 2", "1")
        self.expect("map put-if-absent m a 3", "false", code=1)
        self.expect("map put-if-absent m b 3", "true")
        self.expect("map get m a", "2")
        self.expect("map contains m a", "true")
        self.expect("map contains m z", "false", code=1)
        self.expect("map size m", "2")
        self.expect("map keys m", "KEY\na\nb")
        self.expect("map entries m -o json", '[{"key":"a","value":"2"},{"key":"b","value":"3"}]')
        self.expect("map replace m a 5", "2")
        self.expect("map replace m z 5", code=1)
        self.expect("map replace m a 6 --if 4", "false", code=1)
        self.expect("map replace m a 6 --if 5", "true")
        self.expect("map remove m b --if 4", "false", code=1)
        self.expect("map remove m b", "3")
        self.expect("map remove m b", code=1)
        self.expect("map clear m", "ok")
        self.expect("map size m", "0")

    def test_map_watch_tells_changes_of_a_key_in_order(self):
        watch = self.cluster.process("map", "watch", "w", "k", "--count", "3", "-o", "json")
        self.addCleanup(watch.end)
        watch.line_with("watching")
        for command in ("put w other 0", "put w k 1", "put w k 2", "remove w k"):
            self.assertEqual(self.cluster.call("map", *command.split()).returncode, 0)
        changes = [json.loads(watch.line_with('"index"')) for _ in range(3)]
        self.assertEqual([c["change"] for c in changes], ["added", "updated", "removed"])
        self.assertEqual([c["new"] for c in changes], ["1", "2", None])
        self.assertEqual(sorted(c["index"] for c in changes), [c["index"] for c in changes])
        self.assertEqual(watch.wait(), 0)

    def test_election_passes_on_when_the_leader_is_gone(self):
        self.expect("election leader e", code=1)
        first = self.cluster.process("election", "run", "e", "--candidate", "one")
        self.addCleanup(first.end)
        epoch = int(first.line_with("elected epoch=").split("=")[1])
        second = self.cluster.process("election", "run", "e", "--candidate", "two", "--session-timeout", "1s")
        self.addCleanup(second.end)
        second.line_with("candidate 'two'")
        self.expect("election leader e", f"one  {epoch}")
        first.signal(signal.SIGTERM)
        self.assertEqual(first.wait(), 0)
        self.assertGreater(int(second.line_with("elected epoch=").split("=")[1]), epoch)

    def test_a_name_has_one_type(self):
        self.expect("value set typed x", "ok")
        done = self.cluster.call("counter", "increment", "typed")
        self.assertEqual(done.returncode, 1)
        self.assertIn("typed", done.stderr)

    def test_status_shows_one_leader(self):
        status = self.cluster.status()
        self.assertEqual(sorted(m["name"] for m in status), ["n1", "n2", "n3"])
        self.assertEqual([m["role"] for m in status].count("leader"), 1)

    def test_wrong_use_ends_with_2(self):
        for command in ("", "nonsense", "value", "value get", "value get v --consistency foo", "counter add c many",
                        "value set v x --ttl 5", "value get v --connect nowhere", "lock run l", "map put m k",
                        "bench write --clients 0", "value get v -o xml"):
            done = self.cluster.call(*command.split())
            self.assertEqual(done.returncode, 2, command)
            self.assertTrue(done.stderr.strip() or done.stdout.strip(), command)

    def test_help_everywhere(self):
        for command in ("", "server", "status", "value", "value get", "lock run", "bench write", "log verify"):
            done = self.cluster.call(*command.split(), "--help")
            self.assertEqual(done.returncode, 0)
            self.assertIn("--help", done.stdout)


if __name__ == "__main__":
    unittest.main()
