# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium, spoken to by WebDriver's HTTP protocol with the standard library alone."""

import base64
import http.client
import json
import shutil
import socket
import subprocess
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
KEYS = {"enter": "\ue007", "escape": "\ue00c", "left": "\ue012", "right": "\ue014", "control": "\ue009"}
STEP_SECONDS = 30


class Missing(Exception):
    """A program that the test needs is not installed."""


def find(program, package):
    path = shutil.which(program)
    if path is None:
        raise Missing(f"{program} is missing: install the Debian package {package} "
                      "(tools/setup does, from packaging/debian-12.txt)")
    return path


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Browser:
    """One driver, one window. Everything ends with `close`."""

    def __init__(self, width=1280, height=900, dark=False):
        chromium, driver = find("chromium", "chromium"), find("chromedriver", "chromium-driver")
        self.profile = tempfile.mkdtemp(prefix="atomix-browser-")
        self.port, self.session = free_port(), None
        self.driver = subprocess.Popen([driver, f"--port={self.port}"], stdout=subprocess.DEVNULL,
                                       stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
        try:
            self._await_driver()
            self._open(chromium, width, height, dark)
        except BaseException:
            self.close()
            raise

    def _await_driver(self):
        for _ in range(100):
            try:
                if self.call("GET", "/status")["ready"]:
                    return
            except OSError:
                pass
            time.sleep(0.1)
        raise TimeoutError("chromedriver did not get ready within 10 s")

    def _open(self, chromium, width, height, dark):
        # A pipe, because a port is looked up as `localhost`, a name that not every machine knows.
        arguments = ["--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-quic",
                     "--no-first-run", "--disable-background-networking", "--disable-component-update",
                     "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars",
                     f"--user-data-dir={self.profile}", f"--window-size={width},{height}"]
        if dark:
            arguments.append("--force-dark-mode")
        options = {"binary": chromium, "args": arguments}
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
                                  "goog:loggingPrefs": {"browser": "ALL"}}}
        self.session = self.call("POST", "/session", {"capabilities": wanted})["sessionId"]
        self.do("POST", "/timeouts", {"script": 10000, "pageLoad": 20000, "implicit": 0})
        self.size(width, height)

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=STEP_SECONDS)
        try:
            data = None if body is None else json.dumps(body)
            connection.request(method, path, data, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            value = json.loads(answer.read())["value"]
        finally:
            connection.close()
        if answer.status != 200:
            raise AssertionError(f"{method} {path}: {value.get('error')}: {value.get('message')}")
        return value

    def do(self, method, path, body=None):
        return self.call(method, f"/session/{self.session}{path}", body)

    def size(self, width, height):
        """Sets what the page has, not what the window has around it."""
        command = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.do("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": command})

    def prefer(self, scheme):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.do("POST", "/goog/cdp/execute", {"cmd": "Emulation.setEmulatedMedia", "params": {"features": features}})

    def open(self, url):
        self.do("POST", "/url", {"url": url})

    def script(self, code, *arguments):
        return self.do("POST", "/execute/sync", {"script": code, "args": list(arguments)})

    def frame(self):
        """Waits until everything that was asked for is drawn."""
        self.do("POST", "/execute/async", {
            "script": "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => done(1)));",
            "args": []})

    def element(self, css):
        return self.do("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def click(self, css):
        self.do("POST", f"/element/{self.element(css)}/click", {})
        self.frame()

    def type(self, css, text):
        self.do("POST", f"/element/{self.element(css)}/value", {"text": text})
        self.frame()

    def text(self, css):
        return self.do("GET", f"/element/{self.element(css)}/text")

    def shown(self, css):
        return self.do("GET", f"/element/{self.element(css)}/displayed")

    def actions(self, *sources):
        self.do("POST", "/actions", {"actions": list(sources)})
        self.frame()

    def wheel(self, css, x, y, delta):
        origin = {ELEMENT: self.element(css)}
        self.actions({"type": "wheel", "id": "wheel", "actions": [
            {"type": "scroll", "x": x, "y": y, "deltaX": 0, "deltaY": delta, "origin": origin}]})

    def drag(self, css, x, y, by):
        origin = {ELEMENT: self.element(css)}
        self.actions({"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "x": x, "y": y, "origin": origin}, {"type": "pointerDown", "button": 0},
            {"type": "pointerMove", "x": x + by, "y": y, "origin": origin, "duration": 50},
            {"type": "pointerUp", "button": 0}]})

    def hover(self, css, x, y):
        self.actions({"type": "pointer", "id": "mouse", "actions": [
            {"type": "pointerMove", "x": x, "y": y, "origin": {ELEMENT: self.element(css)}}]})

    def complaints(self):
        """What the console holds at warnings and above, since the last time it was asked."""
        found = self.do("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in found if entry["level"] in ("WARNING", "SEVERE")]

    def screenshot(self, path):
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.do("GET", "/screenshot")))

    def close(self):
        try:
            if self.session is not None:
                self.do("DELETE", "")
        except (OSError, AssertionError, http.client.HTTPException):
            pass
        self.driver.terminate()
        try:
            self.driver.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.driver.kill()
            self.driver.wait(timeout=10)
        shutil.rmtree(self.profile, ignore_errors=True)
