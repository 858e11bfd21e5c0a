"""A real browser for tests: headless Chromium, driven by ChromeDriver over the W3C protocol.

The protocol is HTTP with JSON, so the standard library is all that is needed. Chromium gets an
empty profile that is removed with the test, and talks to nobody on its own.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path
from typing import Any

ENTER, SPACE, TAB, DOWN = "\ue007", " ", "\ue004", "\ue015"

_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # Nobody watches: no window around the page, and no threads that draw what is not looked at.
    "--kiosk",
    "--disable-threaded-compositing",
    "--num-raster-threads=1",
)
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_PATIENCE = 20.0


def missing() -> str | None:
    """Which program there is not, or None when a browser can be had."""
    for programs in (("chromium", "chromium-browser", "google-chrome"), ("chromedriver",)):
        if not any(map(shutil.which, programs)):
            return f"no {programs[0]} here; `make browser` installs it on Debian"
    return None


class Browser:
    """One browser with one page; `close` ends it."""

    def __init__(self, profile: Path) -> None:
        self._size: tuple[int, int] | None = None
        self._driver = subprocess.Popen(
            ["chromedriver", "--port=0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            self._address = f"http://127.0.0.1:{self._port()}"
            options = {
                "args": [*_FLAGS, f"--user-data-dir={profile}"],
                "binary": next(
                    filter(
                        None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))
                    )
                ),
            }
            wanted = {
                "browserName": "chrome",
                "pageLoadStrategy": "eager",  # what a page is made of is there, if not yet drawn
                "goog:chromeOptions": options,
                "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
            }
            made = self._send("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self._address += f"/session/{made['sessionId']}"
        except BaseException:
            self._driver.kill()
            self._end()
            raise

    def _port(self) -> str:
        assert self._driver.stdout is not None
        for line in self._driver.stdout:
            if "started successfully on port" in line:
                return line.rstrip(" .\n").rpartition(" ")[2]
        raise RuntimeError("chromedriver did not start")

    def _send(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            self._address + path,
            method=method,
            data=None if method != "POST" else json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
        )
        # Never by way of a proxy: the driver is on this machine.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=_PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def close(self) -> None:
        try:
            self._send("DELETE", "")
        finally:
            self._driver.terminate()
            self._end()

    def _end(self) -> None:
        """Wait for the driver and close its output: a file left open is an error of the suite."""
        self._driver.wait(_PATIENCE)
        assert self._driver.stdout is not None
        self._driver.stdout.close()

    # -- what a person does ---------------------------------------------------

    def blank(self) -> None:
        self._send("POST", "/url", {"url": "about:blank"})

    def open(self, page: Path, fragment: str = "") -> None:
        if fragment:
            self.blank()  # or it would be a jump within the same page
        self._send("POST", "/url", {"url": page.as_uri() + fragment})

    def click(self, css: str) -> None:
        found = self._send("POST", "/element", {"using": "css selector", "value": css})
        self._send("POST", f"/element/{found[_ELEMENT]}/click")

    def press(self, *keys: str) -> None:
        """Press keys one after the other, wherever the focus is."""
        strokes = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._send(
            "POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": strokes}]}
        )

    def resize(self, width: int, height: int) -> None:
        """Give the page this size, on a screen as dense as a phone's if it is as narrow."""
        if self._size != (width, height):
            metrics = {"width": width, "height": height, "mobile": width < 500}
            self.cdp("Emulation.setDeviceMetricsOverride", deviceScaleFactor=1, **metrics)
            self._size = (width, height)

    def prefer(self, scheme: str) -> None:
        """Say which colours the reader's system wants: dark or light."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.cdp("Emulation.setEmulatedMedia", features=[feature])

    def without_scripts(self, wanted: bool = True) -> None:
        self.cdp("Emulation.setScriptExecutionDisabled", value=wanted)

    # -- what a person sees ---------------------------------------------------

    def run(self, script: str, *arguments: object) -> Any:
        """What a JavaScript function body returns."""
        return self._send("POST", "/execute/sync", {"script": script, "args": arguments})

    def wait_for(self, script: str, *arguments: object) -> Any:
        """Wait until a function body returns something true, and return that."""
        until = time.monotonic() + _PATIENCE
        while not (found := self.run(script, *arguments)):
            assert time.monotonic() < until, f"never came true: {script}"
            time.sleep(0.02)
        return found

    def picture(self, target: Path) -> None:
        target.write_bytes(base64.b64decode(self._send("GET", "/screenshot")))

    def paper(self, target: Path) -> None:
        data = self._send("POST", "/print", {"background": True, "shrinkToFit": False})
        target.write_bytes(base64.b64decode(data))

    def cdp(self, command: str, **parameters: object) -> Any:
        return self._send("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    def complaints(self) -> list[str]:
        """What the page wrote to the console since the last time: errors, refusals, all else."""
        return [entry["message"] for entry in self._send("POST", "/se/log", {"type": "browser"})]

    def requests(self) -> list[str]:
        """Every address that was asked for since the last time."""
        entries = self._send("POST", "/se/log", {"type": "performance"})
        events = [json.loads(entry["message"])["message"] for entry in entries]
        return [
            event["params"]["request"]["url"]
            for event in events
            if event["method"] == "Network.requestWillBeSent"
        ]
