# SPDX-License-Identifier: Apache-2.0
"""Executes the `console` blocks of a document in one shell and compares what they print.

Usage: run_readme.py DOCUMENT BINARY
Lines that start with `$ ` are typed; what follows is expected to the letter. The program that the document says is built
is BINARY, and the documented ports 7001 to 7003 must be free.
"""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile

MARK = "--- end of command ---"


def commands_of(text):
    """(command, expected output) for each typed line."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.S | re.M):
        command, expected = None, []
        for line in block.splitlines():
            if line.startswith("$ "):
                if command is not None:
                    yield command, expected
                command, expected = line[2:], []
            else:
                expected.append(line)
        if command is not None:
            yield command, expected


def wait_for_servers(shell):
    """Servers of the document need a moment until one leads: asks until a call gets through."""
    shell.run("for i in 1 2 3 4 5 6 7 8 9 10; do atomix counter get readiness --timeout 2s >/dev/null 2>&1 && break; done")


class Shell:
    def __init__(self, folder, path):
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ATOMIX_")}
        self.process = subprocess.Popen(["bash"], cwd=folder, env={**environment, "PATH": path}, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)

    def run(self, command):
        """What the command prints, as lines."""
        self.process.stdin.write(f"{command}\necho; echo '{MARK}'\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line.rstrip("\n") == MARK:
                return lines[:-1] if lines and lines[-1] == "" else lines
            lines.append(line.rstrip("\n"))
        raise SystemExit(f"the shell ended at: {command}")

    def end(self):
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.stdin.close()
        self.process.wait(10)


def main():
    document, binary = sys.argv[1:3]
    for port in (7001, 7002, 7003):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
    with open(document, encoding="utf-8") as file:
        text = file.read()
    failures = count = 0
    with tempfile.TemporaryDirectory(prefix="atomix-readme-") as folder:
        shell = Shell(folder, f"{os.path.dirname(os.path.abspath(binary))}:{os.environ['PATH']}")
        try:
            for command, expected in commands_of(text):
                print(f"$ {command}", flush=True)
                printed = shell.run(command)
                count += 1
                if printed != expected:
                    failures += 1
                    print(f"  printed {printed}, but the document says {expected}")
                if command.startswith("export ATOMIX_CONNECT"):
                    wait_for_servers(shell)
        finally:
            shell.end()
    print(f"{count} commands, {failures} not as documented")
    return 1 if failures or count == 0 else 0


if __name__ == "__main__":
    signal.alarm(100)
    sys.exit(main())
