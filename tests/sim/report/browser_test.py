# SPDX-License-Identifier: Apache-2.0
"""Opens reports in a real browser and uses them as a reader would: of a made-up run, and of real ones.

With ATOMIX_SCREENSHOTS=DIR it leaves pictures of what it saw there.
"""

import os
import pathlib
import subprocess
import tempfile
import unittest

from webdriver import KEYS, Browser, Missing

SIM = os.environ.get("ATOMIX_SIM", "atomix-sim")
WRITE_SAMPLE = os.environ.get("ATOMIX_WRITE_SAMPLE", "write_sample_report")
LEFT = 64  # pixels that the names of lanes take


def write(folder, *more):
    done = subprocess.run([WRITE_SAMPLE, folder, *more], check=True, capture_output=True, text=True, timeout=30)
    return pathlib.Path(done.stdout.strip()).resolve().as_uri()


class Report(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="atomix-report-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.url = write(os.path.join(cls.folder.name, "bad"))
        cls.valid_url = write(os.path.join(cls.folder.name, "good"), "valid")
        try:
            cls.browser = Browser()
        except Missing as missing:
            raise AssertionError(str(missing)) from None
        cls.addClassCleanup(cls.browser.close)

    def setUp(self):
        self.browser.prefer("light")
        self.browser.size(1280, 900)
        self.browser.open(self.url)
        self.browser.frame()
        self.addCleanup(self.no_complaints)

    def no_complaints(self):
        self.assertEqual(self.browser.complaints(), [])

    def cursor(self):
        return float(self.browser.text("#cursor-time").removesuffix(" s"))

    def window(self):
        return self.browser.script("return [view.from / 1e9, view.to / 1e9]")

    def arrows(self):
        return int(self.browser.script("return document.getElementById('canvas').dataset.arrows"))

    def picture(self):
        return self.browser.script("return document.getElementById('canvas').toDataURL()")

    def test_it_says_what_is_wrong(self):
        b = self.browser
        self.assertIn("Violation", b.text("#verdict"))
        self.assertIn("seed 42", b.text("#title"))
        self.assertIn("linearizability", b.text("#findings"))
        self.assertIn("had been written and confirmed", b.text("#findings"))
        self.assertIn("Every call must look as if", b.text("#findings"))
        self.assertTrue(b.script("return document.getElementById('command').value").startswith("atomix sim --seed 42"))
        self.assertIn("messages", b.text("#figures"))
        self.assertEqual(b.script("return document.title"), "Violation – 5 replicas, 3 clients, faults for 60 s")

    def test_it_starts_at_the_violation_and_explains_it(self):
        b = self.browser
        start, end = self.window()
        self.assertLess(end - start, 5)
        self.assertTrue(start < 32.31 < end)
        self.assertTrue(b.shown(".explanation"))
        self.assertIn("Impossible: c3 r1 get()", b.text(".explanation"))
        self.assertIn("which nobody set again", b.text(".explanation"))
        b.click(".explanation button")
        self.assertEqual(b.script("return document.querySelectorAll('.explanation').length"), 0)

    def test_the_panel_shows_the_moment_of_the_cursor(self):
        b = self.browser
        table = b.text("#state")
        for word in ("leader", "follow", "term", "committed up to", "r1 set"):
            self.assertIn(word, table)
        self.assertEqual(b.script("return document.querySelectorAll('#state td.role.leader').length"), 2)
        self.assertIn("r1 get gives", b.text("#trace"))
        self.assertIn("Fault isolated-leader, n1", b.text("#story"))
        b.click("#entries-conflict")
        self.assertGreaterEqual(b.script("return document.querySelectorAll('#state td.conflict').length"), 1)
        self.assertIn("900001", b.text("#state"))

    def test_the_slider_moves_the_cursor(self):
        b = self.browser
        before = self.cursor()
        b.script("const s = document.getElementById('slider'); s.value = 250; s.dispatchEvent(new Event('input'))")
        b.frame()
        self.assertAlmostEqual(self.cursor(), 15.0, delta=0.1)
        self.assertNotEqual(before, self.cursor())
        start, end = self.window()
        self.assertTrue(start <= self.cursor() <= end)
        self.assertIn("down", b.text("#state"))  # n4 has no power
        self.assertEqual(b.script("return document.getElementById('slider').getAttribute('aria-valuetext')"),
                         b.text("#cursor-time"))

    def test_the_slider_can_be_dragged(self):
        width = self.browser.script("return document.getElementById('slider').clientWidth")
        before = self.cursor()
        middle = self.browser.script("return (view.cursor / record.duration - 0.5)")
        self.browser.drag("#slider", int(middle * (width - 14)), 0, -width // 5)
        self.assertLess(self.cursor(), before - 5)

    def test_search_finds_the_impossible_call(self):
        b = self.browser
        b.click("#whole")
        b.script("moveCursor(0)")
        b.type("#search", "impossible")
        self.assertRegex(b.text("#hits"), r"^\d+ hits?$")
        b.type("#search", KEYS["enter"])
        self.assertAlmostEqual(self.cursor(), 32.31, places=2)
        self.assertRegex(b.text("#hits"), r"^\d+ of \d+$")
        self.assertTrue(b.script("return view.selected.impossible"))
        b.type("#search", KEYS["escape"])
        self.assertEqual(b.text("#hits"), "")

    def test_search_filters_the_trace(self):
        b = self.browser
        b.type("#search", "n3 vote-reply")
        self.assertIn("match", b.text("#trace-note"))
        lines = b.text("#trace").splitlines()
        self.assertTrue(lines and all("vote-reply" in line for line in lines if "term=" in line))
        b.type("#search", "nothing like that")
        self.assertEqual(b.text("#hits"), "no hits")
        self.assertIn("No line", b.text("#trace"))

    def test_toggles_hide_arrows(self):
        b = self.browser
        all_of_them, picture = self.arrows(), self.picture()
        self.assertGreater(all_of_them, 100)
        b.click("#show-swallowed")
        without = self.arrows()
        self.assertLess(without, all_of_them)
        self.assertNotEqual(self.picture(), picture)
        self.assertEqual(b.script("return document.getElementById('show-swallowed').getAttribute('aria-pressed')"), "false")
        b.click("#show-arrived")
        self.assertEqual(self.arrows(), 0)
        b.click("#show-swallowed")
        b.click("#show-arrived")
        self.assertEqual(self.arrows(), all_of_them)
        for layer in ("disk", "faults", "clocks"):
            before = self.picture()
            b.click(f"#show-{layer}")
            self.assertNotEqual(self.picture(), before, layer)

    def test_zoom(self):
        b = self.browser
        length = lambda: self.window()[1] - self.window()[0]
        at_first = length()
        b.click("#zoom-in")
        self.assertAlmostEqual(length(), at_first / 2, places=6)
        b.click("#zoom-out")
        self.assertAlmostEqual(length(), at_first, places=6)
        b.wheel("#canvas", 100, 0, -200)
        self.assertLess(length(), at_first)
        b.click("#whole")
        self.assertEqual(self.window(), [0, 60])
        self.assertEqual(b.script("return document.getElementById('canvas').dataset.density"), "1")
        b.wheel("#canvas", 100, 0, 200)
        self.assertEqual(self.window(), [0, 60])
        b.click("#violation")
        self.assertAlmostEqual(length(), at_first, places=6)

    def test_dragging_moves_time_and_a_click_the_cursor(self):
        start = self.window()[0]
        self.browser.drag("#canvas", 100, 0, 100)
        self.assertLess(self.window()[0], start)
        before = self.cursor()
        self.browser.drag("#canvas", -150, 20, 0)
        self.assertNotEqual(self.cursor(), before)

    def test_keys(self):
        b = self.browser
        before = self.cursor()
        b.type("#canvas", KEYS["right"])
        self.assertGreater(self.cursor(), before)
        b.type("#canvas", KEYS["left"] + KEYS["left"])
        self.assertLess(self.cursor(), before)
        length = self.window()[1] - self.window()[0]
        b.type("#canvas", "+")
        self.assertAlmostEqual(self.window()[1] - self.window()[0], length / 2, places=6)
        b.type("#canvas", "0")
        self.assertEqual(self.window(), [0, 60])
        at = self.cursor()
        b.type("#canvas", "n")
        self.assertGreater(self.cursor(), at)
        b.type("#canvas", "v")
        self.assertLess(self.window()[1] - self.window()[0], 5)
        b.type("#canvas", "/")
        self.assertEqual(b.script("return document.activeElement.id"), "search")

    def test_the_pointer_is_told_what_it_is_on(self):
        b = self.browser
        y = b.script("const r = document.getElementById('canvas').getBoundingClientRect();"
                     "return place.lanes[0].y + 15 - r.height / 2")
        b.hover("#canvas", 40, round(y))
        self.assertIn("n1: leader, term 3", b.text("#tip"))

    def test_story_and_order_lead_to_places(self):
        b = self.browser
        b.click("#story .leader button")
        self.assertLess(self.cursor(), 1)
        b.click("#violation")
        b.click("#tab-order")
        self.assertIn("fits nowhere", b.text("#order"))
        self.assertEqual(b.script("return document.getElementById('resource').value"), "r1")
        b.click("#order tr:first-child")
        self.assertTrue(b.script("return view.selected.order > 0"))

    def test_help_and_about(self):
        b = self.browser
        self.assertFalse(b.shown("#help"))
        b.click("#help-button")
        self.assertIn("still open when the run ended", b.text("#help"))
        b.click("#about-button")
        self.assertFalse(b.shown("#help"))
        self.assertIn("9f3c51d207abe864", b.text("#about"))
        self.assertIn("isolated-leader", b.text("#plan"))

    def test_light_and_dark(self):
        b = self.browser
        theme = "return document.documentElement.dataset.theme"
        self.assertEqual(b.script(theme), "light")
        light = self.picture()
        b.click("#theme")
        self.assertEqual(b.script(theme), "dark")
        self.assertNotEqual(self.picture(), light)
        b.prefer("dark")
        b.open(self.url)
        b.frame()
        self.assertEqual(b.script(theme), "dark")

    def test_every_button_has_a_name_and_every_id_is_unique(self):
        nameless = self.browser.script(
            "return [...document.querySelectorAll('button, input, select')].filter((e) => !(e.textContent.trim() ||"
            " e.getAttribute('aria-label') || e.labels && e.labels.length)).map((e) => e.outerHTML)")
        self.assertEqual(nameless, [])
        doubled = self.browser.script(
            "const ids = [...document.querySelectorAll('[id]')].map((e) => e.id);"
            "return ids.filter((id, i) => ids.indexOf(id) !== i)")
        self.assertEqual(doubled, [])

    def test_it_fits_and_asks_for_nothing(self):
        b = self.browser
        self.assertLessEqual(b.script("return document.documentElement.scrollWidth"), 1280)
        self.assertEqual(b.script("return performance.getEntriesByType('resource').length"), 0)
        b.size(800, 700)
        b.frame()
        self.assertLessEqual(b.script("return document.documentElement.scrollWidth"), 800)

    def test_a_valid_run(self):
        b = self.browser
        b.open(self.valid_url)
        b.frame()
        self.assertIn("Valid", b.text("#verdict"))
        self.assertIn("Every check passed", b.text("#findings"))
        self.assertEqual(self.window(), [0, 60])
        self.assertFalse(b.shown("#violation"))
        self.assertEqual(b.script("return document.querySelectorAll('.explanation').length"), 0)

    def test_screenshots(self):
        folder = os.environ.get("ATOMIX_SCREENSHOTS")
        for scheme in ("light", "dark"):
            self.browser.prefer(scheme)
            self.browser.open(self.url)
            self.browser.frame()
            path = os.path.join(folder or self.folder.name, f"report-{scheme}.png")
            self.browser.screenshot(path)
            self.assertGreater(os.path.getsize(path), 20000)


class RealRun(unittest.TestCase):
    """Reports that `atomix sim` wrote: of a run with a planted bug, and of a clean one."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="atomix-report-")
        cls.addClassCleanup(cls.folder.cleanup)
        cls.report("bad", "--seeds", "1..40", "--time", "20s", "--bug", "retry-applied-twice", code=1)
        cls.bad = cls.first_that_a_client_can_tell("bad")
        cls.good = cls.report("good", "--seed", "1", "--time", "60s", "--nodes", "5", code=0)
        cls.browser = Browser()
        cls.addClassCleanup(cls.browser.close)

    @classmethod
    def report(cls, name, *arguments, code):
        folder = os.path.join(cls.folder.name, name)
        command = [SIM, "sim", *arguments, "--report", folder, "--reports-max", "12"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=100)
        if done.returncode != code:
            raise AssertionError(f"exit code {done.returncode}: {done.stdout}{done.stderr}")
        return (pathlib.Path(folder) / "latest" / "timeline.html").resolve().as_uri()

    @classmethod
    def first_that_a_client_can_tell(cls, name):
        """Much is noticed before it harms anybody: of those runs the history is fine."""
        for history in sorted((pathlib.Path(cls.folder.name) / name / "atomix-sim").glob("seed-*/history.edn")):
            if subprocess.run([SIM, "check", history], capture_output=True, timeout=100).returncode == 1:
                return (history.parent / "timeline.html").resolve().as_uri()
        raise AssertionError("no history is invalid")

    def show(self, url, picture):
        b = self.browser
        b.prefer("light")
        b.size(1280, 900)
        b.open(url)
        b.frame()
        self.addCleanup(lambda: self.assertEqual(b.complaints(), []))
        if os.environ.get("ATOMIX_SCREENSHOTS"):
            b.screenshot(os.path.join(os.environ["ATOMIX_SCREENSHOTS"], picture))
        return b

    def test_a_stranger_is_told_what_went_wrong(self):
        b = self.show(self.bad, "real-bug.png")
        self.assertRegex(b.text("#findings .sentence"), r"^[A-Z].*\.$")
        self.assertIn("a command that is sent again is applied again", b.text("#planted"))
        self.assertIn("--bug retry-applied-twice", b.script("return document.getElementById('command').value"))
        self.assertGreater(b.script("return record.impossible.length"), 0)
        self.assertIn(b.script("return record.impossible[0].resource"), b.text("#what-client-saw"))

    def test_it_opens_at_the_impossible_call_with_its_explanation_in_sight(self):
        b = self.show(self.bad, "real-bug.png")
        self.assertTrue(b.script("const c = record.impossible[0]; return view.from <= c.ret && c.ret <= view.to"))
        inside = ("const n = document.querySelector('.explanation').getBoundingClientRect(),"
                  " s = document.getElementById('stage').getBoundingClientRect();"
                  " return n.top >= s.top - 1 && n.bottom <= s.bottom + 1")
        self.assertTrue(b.script(inside))
        self.assertIn("Impossible:", b.text(".explanation"))

    def test_clues_lead_to_faults_and_back(self):
        b = self.show(self.bad, "real-bug.png")
        at = "return view.cursor"
        violation = b.script(at)
        if b.script("return record.faults.length") > 0:
            b.click("#faults-before .jump")
            self.assertLess(b.script(at), violation)
        b.click("#what-client-saw .jump")
        self.assertAlmostEqual(b.script(at), violation, delta=1e6)

    def test_what_replicas_did_is_there(self):
        b = self.show(self.bad, "real-bug.png")
        for list_name in ("messages", "disk", "calls", "entries", "log", "clocks"):
            self.assertGreater(b.script(f"return record.{list_name}.length"), 10, list_name)
        self.assertTrue(b.script("return record.rolesOf.some((own) => own.some((r) => r.role === 'leader' && r.term > 0))"))

    def test_a_clean_minute_of_five_replicas_is_quick(self):
        b = self.show(self.good, "real-clean.png")
        self.assertIn("Valid", b.text("#verdict"))
        self.assertEqual(b.script("return record.impossible.length"), 0)
        self.assertGreater(b.script("return record.messages.length"), 10000)
        # Seconds, on a machine that is busy; what a picture takes is what one feels.
        self.assertLess(b.script("const t = performance.timing; return t.domComplete - t.navigationStart"), 10000)
        took = "const t = performance.now(); drawPicture(); return performance.now() - t"
        self.assertLess(min(b.script(took) for _ in range(5)), 400)


if __name__ == "__main__":
    unittest.main()
