# SPDX-License-Identifier: Apache-2.0
"""`atomix check` as a user meets it: formats, verdicts, exit codes."""

import json
import os
import subprocess
import unittest

PROGRAM = os.environ["ATOMIX_PROGRAM"]
VALID, INVALID, BAD_ARGUMENTS = 0, 1, 254


def op(process, kind, f, value):
    return f"{{:process {process}, :type :{kind}, :f :{f}, :value {value}}}\n"


WRITE = op(0, "invoke", "write", 1) + op(0, "ok", "write", 1)


def check(history, model, *flags):
    done = subprocess.run(
        [PROGRAM, "check", "-", "--model", model, *flags],
        input=history, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout + done.stderr


class Check(unittest.TestCase):
    def test_a_read_of_what_was_written_is_valid(self):
        code, said = check(WRITE + op(1, "invoke", "read", "nil") + op(1, "ok", "read", 1), "register")
        self.assertEqual(code, VALID, said)

    def test_a_stale_read_is_named_and_drawn(self):
        history = WRITE + op(0, "invoke", "write", 2) + op(0, "ok", "write", 2)
        code, said = check(history + op(7, "invoke", "read", "nil") + op(7, "ok", "read", 1), "register")
        self.assertEqual(code, INVALID, said)
        self.assertIn("by process 7", said)
        self.assertIn("<- impossible", said)

    def test_a_write_that_never_returned_may_count_or_not(self):
        lost = op(0, "invoke", "write", 5) + op(0, "info", "write", 5)
        for seen in ("5", "nil"):
            code, said = check(lost + op(1, "invoke", "read", "nil") + op(1, "ok", "read", seen), "register")
            self.assertEqual(code, VALID, said)

    def test_what_the_register_holds_at_first(self):
        read = op(1, "invoke", "read", "nil") + op(1, "ok", "read", 0)
        self.assertEqual(check(read, "cas-register")[0], INVALID)
        self.assertEqual(check(read, "cas-register", "--init", "0")[0], VALID)

    def test_console_logs(self):
        lines = ["0\t:invoke\t:cas\t[1 2]", "0\t:fail\t:cas\t[1 2]", "1\t:invoke\t:read\tnil", "1\t:ok\t:read\tnil"]
        log = "".join(f"INFO  jepsen.util - {line}\n" for line in lines)
        self.assertEqual(check("something else\n" + log, "cas-register")[0], VALID)
        self.assertEqual(check(log, "cas-register", "--init", "1")[0], INVALID)

    def test_json(self):
        code, said = check(op(1, "invoke", "read", "nil") + op(1, "ok", "read", 3), "register", "-o", "json")
        self.assertEqual((code, json.loads(said)["verdict"]), (INVALID, "invalid"))

    def test_bad_input_is_told_with_its_place(self):
        for history, model in (("{:process", "register"), (WRITE, "queue")):
            code, said = check(history, model)
            self.assertEqual(code, BAD_ARGUMENTS, said)
            self.assertIn("standard input", said) if model == "register" else self.assertIn("write", said)
        self.assertEqual(check(WRITE, "nonsense")[0], BAD_ARGUMENTS)
        done = subprocess.run([PROGRAM, "check", "/", "--model", "set"], capture_output=True, check=False)
        self.assertEqual((done.returncode, b"is a folder" in done.stderr), (BAD_ARGUMENTS, True))
        done = subprocess.run([PROGRAM, "check", "no such file", "--model", "set"], capture_output=True, check=False)
        self.assertEqual(done.returncode, BAD_ARGUMENTS)


if __name__ == "__main__":
    unittest.main()
