# SPDX-License-Identifier: Apache-2.0
"""Real servers on loopback for tests, and calls of the program. The program is named by ATOMIX_PROGRAM."""

import contextlib
import json
import os
import queue
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

PROGRAM = os.environ["ATOMIX_PROGRAM"]
# Far more than anything here takes; a test that waits this long has failed.
PATIENCE = 30


def environment(extra=None):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("ATOMIX_")}
    return {**clean, **(extra or {})}


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def call(*arguments, env=None, input=None, timeout=PATIENCE):
    """Runs the program to its end."""
    return subprocess.run([PROGRAM, *map(str, arguments)], env=environment(env), input=input, text=True,
                          capture_output=True, timeout=timeout, check=False)


def until(condition, what, patience=PATIENCE):
    """The first true answer of `condition`."""
    deadline = time.monotonic() + patience
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {patience} s: {what}")
        threading.Event().wait(0.02)


class Process:
    """A started program whose output is read line by line."""

    def __init__(self, *command, env=None):
        self.process = subprocess.Popen([str(c) for c in command], env=environment(env), stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.lines = queue.Queue()
        self.seen = []
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    @property
    def pid(self):
        return self.process.pid

    def line_with(self, text, patience=PATIENCE):
        """The next line that contains `text`."""
        deadline = time.monotonic() + patience
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no line with {text!r} within {patience} s, but {self.seen}") from None
            self.seen.append(line)
            if text in line:
                return line

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, patience=PATIENCE):
        return self.process.wait(patience)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.close_input()
        self.reader.join()
        self.process.stdout.close()

    def close_input(self):
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()


class Cluster(contextlib.AbstractContextManager):
    """Members n1, n2, ... as processes."""

    def __init__(self, members=3, flags=()):
        self.directory = tempfile.mkdtemp(prefix="atomix-test-")
        self.flags = list(flags)
        self.names = [f"n{i + 1}" for i in range(members)]
        self.ports = dict(zip(self.names, free_ports(members)))
        self.members = ",".join(f"{n}=127.0.0.1:{p}" for n, p in self.ports.items())
        self.servers = ",".join(f"127.0.0.1:{p}" for p in self.ports.values())
        self.processes = {}
        for name in self.names:
            self.start(name)
        try:
            self.leader()
        except BaseException:
            self.close()
            raise

    def command(self, name):
        return [PROGRAM, "server", "--id", name, "--cluster", self.members, "--data",
                os.path.join(self.directory, name), *self.flags]

    def start(self, name):
        with open(os.path.join(self.directory, name + ".log"), "a", encoding="utf-8") as log:
            self.processes[name] = subprocess.Popen(self.command(name), env=environment(), stdin=subprocess.DEVNULL,
                                                    stdout=log, stderr=log)

    def log(self, name):
        with open(os.path.join(self.directory, name + ".log"), encoding="utf-8") as log:
            return log.read()

    def call(self, *arguments, **options):
        options["env"] = {"ATOMIX_CONNECT": self.servers, **options.get("env", {})}
        return call(*arguments, **options)

    def process(self, *arguments):
        """A call that runs on, to be ended by `end`."""
        return Process(PROGRAM, *arguments, env={"ATOMIX_CONNECT": self.servers})

    def status(self):
        done = self.call("status", "-o", "json", "--timeout", "1s")
        return json.loads(done.stdout) if done.stdout else []

    def leader(self):
        """The name of the leader, once a majority of the members agree."""

        def agreed():
            named = [m["leader"] for m in self.status() if m["leader"]]
            return named[0] if len(set(named)) == 1 and len(named) > len(self.names) // 2 else None

        return until(agreed, "a leader")

    def kill(self, name, number=signal.SIGKILL):
        self.processes[name].send_signal(number)
        if number == signal.SIGKILL:
            self.processes[name].wait()

    def close(self):
        for process in self.processes.values():
            if process.poll() is None:
                process.kill()
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def __exit__(self, *_):
        self.close()
