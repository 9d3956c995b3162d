# SPDX-License-Identifier: Apache-2.0
"""Starting, stopping and refusing: what an operator sees of a server."""

import os
import signal
import socket
import subprocess
import tempfile
import time
import unittest

from cluster import PROGRAM, Cluster, Process, call, environment, free_ports, until


class Start(unittest.TestCase):
    """One server alone, that starts or says why it does not."""

    def setUp(self):
        self.directory = tempfile.TemporaryDirectory(prefix="atomix-test-")
        self.addCleanup(self.directory.cleanup)
        self.port = free_ports(1)[0]
        self.arguments = ["server", "--id", "a", "--cluster", f"a=127.0.0.1:{self.port}", "--data", self.path("a")]

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def start(self, *more, env=None):
        server = Process(PROGRAM, *self.arguments, *more, env=env)
        self.addCleanup(server.end)
        return server

    def refuse(self, *arguments, code, saying, env=None):
        done = call(*arguments, env=env)
        self.assertEqual(done.returncode, code, done.stderr)
        self.assertIn(saying, done.stderr)

    def test_it_says_where_it_listens_and_stops_on_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            server = self.start()
            self.assertIn(str(self.port), server.line_with("listens"))
            server.line_with("leader is a")
            server.signal(number)
            self.assertEqual(server.wait(), 0)

    def test_the_port_is_in_use(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", self.port))
            taken.listen()
            self.refuse(*self.arguments, code=1, saying=str(self.port))

    def test_the_directory_is_in_use(self):
        self.start().line_with("listens")
        other = [a.replace(str(self.port), str(free_ports(1)[0])) for a in self.arguments]
        self.refuse(*other, code=1, saying=self.path("a"))

    def test_the_directory_is_of_another_cluster_or_member(self):
        server = self.start()
        server.line_with("listens")
        server.signal(signal.SIGTERM)
        self.assertEqual(server.wait(), 0)
        self.refuse(*self.arguments, "--cluster-name", "other", code=1, saying="atomix")
        other = [a.replace("a=127", "b=127") if a != "a" else "b" for a in self.arguments]
        self.refuse(*other, code=1, saying="member")

    def test_bad_flags(self):
        self.refuse("server", code=2, saying="--id")
        self.refuse("server", "--id", "a", code=2, saying="--cluster")
        self.refuse(*self.arguments, "--no-such", code=2, saying="--no-such")
        self.refuse(*self.arguments, "--election-timeout", "4", code=2, saying="250ms")
        self.refuse(*self.arguments, "--segment-size", "huge", code=2, saying="64MiB")
        self.refuse(*self.arguments, "--heartbeat", "390ms", code=1, saying="heartbeat")
        self.refuse("server", "--id", "z", *self.arguments[3:], code=1, saying="z")
        self.refuse("server", "--id", "a", "--cluster", "a=nonsense", "--data", self.path("a"), code=1, saying="nonsense")

    def test_flag_before_environment_before_file_before_default(self):
        config = self.path("atomix.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write('id = "file"\nelection-timeout = "900ms"\nheartbeat = "70ms"\nno-sync = true\n')
        done = call("server", "--config", config, "--print-config", "--heartbeat", "60ms",
                    env={"ATOMIX_ELECTION_TIMEOUT": "800ms", "ATOMIX_HEARTBEAT": "65ms"})
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = {l.split(" = ")[0]: l for l in done.stdout.splitlines()}
        self.assertEqual(lines["heartbeat"], 'heartbeat = "60ms"  # flag')
        self.assertEqual(lines["election-timeout"], 'election-timeout = "800ms"  # ATOMIX_ELECTION_TIMEOUT')
        self.assertEqual(lines["id"], f'id = "file"  # {config}')
        self.assertEqual(lines["no-sync"], f"no-sync = true  # {config}")
        self.assertEqual(lines["segment-size"], 'segment-size = "64MiB"  # default')
        with open(self.path("again.toml"), "w", encoding="utf-8") as file:
            file.write(done.stdout)
        again = call("server", "--config", self.path("again.toml"), "--print-config")
        self.assertEqual([l.split("  #")[0] for l in again.stdout.splitlines()],
                         [l.split("  #")[0] for l in done.stdout.splitlines()], again.stderr)

    def test_a_file_with_an_unknown_option(self):
        with open(self.path("bad.toml"), "w", encoding="utf-8") as file:
            file.write('colour = "red"\n')
        self.refuse("server", "--config", self.path("bad.toml"), code=2, saying="colour")
        self.refuse("server", "--config", self.path("absent.toml"), code=2, saying="absent.toml")

    def test_log_verify(self):
        server = self.start()
        server.line_with("leader is a")
        server.signal(signal.SIGTERM)
        server.wait()
        done = call("log", "verify", self.path("a"))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("intact", done.stdout)
        self.assertEqual(call("log", "verify", self.path("nowhere")).returncode, 1)


class Visitors(unittest.TestCase):
    """A running cluster and those who do not belong to it."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster()

    @classmethod
    def tearDownClass(cls):
        cls.cluster.close()

    def talk(self, what):
        """Sends bytes to n1; returns once it has hung up."""
        with socket.create_connection(("127.0.0.1", self.cluster.ports["n1"]), timeout=10) as s:
            s.sendall(what)
            while True:
                try:
                    if not s.recv(4096):
                        return
                except ConnectionResetError:
                    return

    def still_well(self):
        done = self.cluster.call("counter", "increment", "visits")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIsNone(self.cluster.processes["n1"].poll())

    def test_garbage_and_http_on_the_port(self):
        for what in (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", bytes(range(256)) * 64, b"\x00" * 4096,
                     b"\xff" * 4096):
            self.talk(what)
            self.still_well()

    def test_many_silent_connections(self):
        silent = [socket.create_connection(("127.0.0.1", self.cluster.ports["n1"])) for _ in range(50)]
        self.still_well()
        for one in silent:
            one.close()
        self.still_well()

    def test_a_client_of_another_cluster(self):
        done = self.cluster.call("value", "get", "x", "--cluster-name", "other", "--timeout", "1s")
        self.assertEqual(done.returncode, 1)
        self.assertIn("other", done.stderr)

    def test_servers_out_of_reach(self):
        port = free_ports(1)[0]
        began = time.monotonic()
        done = call("value", "get", "x", "--connect", f"127.0.0.1:{port}", "--timeout", "500ms")
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(port), done.stderr)
        self.assertLess(time.monotonic() - began, 5)
        self.assertEqual(call("status", "--connect", f"127.0.0.1:{port}").returncode, 1)

    def test_one_reachable_member_is_enough_to_name(self):
        done = call("counter", "get", "visits", "--connect",
                    f"127.0.0.1:{free_ports(1)[0]},127.0.0.1:{self.cluster.ports['n3']}")
        self.assertEqual(done.returncode, 0, done.stderr)


class Stop(unittest.TestCase):
    def test_a_leader_that_is_asked_to_stop_is_replaced_and_loses_nothing(self):
        with Cluster() as cluster:
            self.assertEqual(cluster.call("value", "set", "v", "kept").returncode, 0)
            leader = cluster.leader()
            cluster.processes[leader].send_signal(signal.SIGTERM)
            self.assertEqual(cluster.processes[leader].wait(10), 0, cluster.log(leader))
            self.assertEqual(cluster.call("value", "get", "v").stdout, "kept\n")
            until(lambda: cluster.leader() != leader, "another leader")
            cluster.start(leader)
            until(lambda: all(m["lag"] == 0 for m in cluster.status()), "all in sync")

    def test_all_members_start_again_with_their_data(self):
        with Cluster() as cluster:
            self.assertEqual(cluster.call("map", "put", "m", "k", "kept").returncode, 0)
            for name in cluster.names:
                cluster.processes[name].send_signal(signal.SIGTERM)
            for name in cluster.names:
                self.assertEqual(cluster.processes[name].wait(10), 0, cluster.log(name))
            done = cluster.call("map", "get", "m", "k", "--timeout", "500ms")
            self.assertEqual(done.returncode, 1)
            for name in cluster.names:
                cluster.start(name)
            cluster.leader()
            self.assertEqual(cluster.call("map", "get", "m", "k").stdout, "kept\n")

    def test_without_a_majority_nothing_is_acknowledged(self):
        with Cluster() as cluster:
            for name in cluster.names[:2]:
                cluster.kill(name)
            done = cluster.call("value", "set", "v", "x", "--timeout", "700ms")
            self.assertEqual(done.returncode, 1)
            self.assertIn("majority", done.stderr)


if __name__ == "__main__":
    unittest.main()
