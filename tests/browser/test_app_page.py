"""The app in a real browser: a photo is dropped, looked at and downloaded, on desk and phone.

Needs Debian's Chromium (apt-get install chromium) and the extra [app]; without them, these tests
skip.
"""

from __future__ import annotations

import io
import json
import re
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from helpers.browser import LOW_CONTRAST, SIZES, Opened, opened_page
from helpers.models import tiny_run
from helpers.processes import Process, environment, start
from PIL import Image

from trashdata.app.overlay import class_shares, percent, picture
from trashdata.coco.read import read_document
from trashdata.inference.predictor import Ensemble, Prediction
from trashdata.masks.labelmap import label_map

# Each page loads a model in a server of its own.
pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# In the server's process: whoever wants to reach another machine is written down, and refused.
NO_NETWORK = """
import ipaddress, os, socket
for name in ("connect", "connect_ex"):
    def guarded(self, address, real=getattr(socket.socket, name)):
        if self.family in (socket.AF_INET, socket.AF_INET6):
            if not ipaddress.ip_address(address[0]).is_loopback:
                with open(os.environ["CALLS_OUT"], "a") as stream:
                    print(address, file=stream)
                raise OSError("refused by the test")
        return real(self, address)
    setattr(socket.socket, name, guarded)
def looked_up(host, *rest, real=socket.getaddrinfo, **named):
    if host not in (None, "127.0.0.1", "localhost", "::1"):
        with open(os.environ["CALLS_OUT"], "a") as stream:
            print(host, file=stream)
        raise OSError("refused by the test")
    return real(host, *rest, **named)
socket.getaddrinfo = looked_up
"""


@dataclass
class Served:
    """A running app: its address, its process, the model it serves and a photo."""

    url: str
    process: Process
    calls_out: Path
    photo: Path
    pixels: np.ndarray[Any, Any]
    names: list[str]
    found: Prediction

    @property
    def shares(self) -> dict[str, str]:
        """What the page should say of each class that is there."""
        rows = class_shares(self.found.labels, self.names)
        return {row.name: percent(row.share) for row in rows if row.pixels and row.index}


@pytest.fixture(scope="module")
def served(
    browser: Browser,  # noqa: ARG001 - first, so that nothing is made where tests skip
    sample_set: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    pytest.importorskip("streamlit", reason="needs the extra [app]")
    folder = tmp_path_factory.mktemp("app")
    model = tiny_run(folder / "runs" / "exp", sample_set / "train.json")
    photo = next(sample_set.glob("batch_01*/*.jpg"))
    with Image.open(photo) as image:
        pixels = np.asarray(image.convert("RGB"))
    (folder / "guard").mkdir()
    (folder / "guard" / "sitecustomize.py").write_text(NO_NETWORK)
    process = _start(folder)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        assert line.startswith("The page is http://127.0.0.1:"), line
        names = model.card.class_names
        found = Ensemble([model]).predict(pixels)
        url = line.split()[3].rstrip(";")
        yield Served(url, process, folder / "calls", photo, pixels, names, found)
    finally:
        process.kill()
        process.communicate()


def _start(folder: Path) -> Process:
    command = "app --model exp --no-browser --port 0 --json-summary"
    env = environment(folder / "guard", CALLS_OUT=str(folder / "calls"), HOME=str(folder))
    return start(*command.split(), cwd=folder, env=env)


@pytest.fixture(params=SIZES)
def opened(request: pytest.FixtureRequest, browser: Browser, served: Served) -> Iterator[Opened]:
    port = served.url.rpartition(":")[2]
    own = (served.url, f"blob:{served.url}", f"ws://127.0.0.1:{port}")
    with opened_page(browser, request.param, *own) as found:
        found.page.on("websocket", lambda asked: found.check_address(asked.url))
        # The server says where it is before it listens.
        for _ in range(100):
            if served.process.poll() is None and _is_up(served.url):
                break
            found.page.wait_for_timeout(200)
        found.page.set_default_timeout(90_000)
        found.page.goto(served.url)
        found.page.locator("input[type=file]").wait_for(state="attached")
        yield found


def _is_up(url: str) -> bool:
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def drop(page: Page, photo: Path) -> None:
    page.locator("input[type=file]").set_input_files(photo)


def wait_for_answer(page: Page) -> None:
    page.get_by_role("heading", name="Share of the pixels").wait_for()
    settle(page)


def settle(page: Page) -> None:
    """Wait until the server has answered the last touch, and the picture is there."""
    page.wait_for_timeout(300)
    page.wait_for_function(
        """() => document.querySelector('[data-testid=stApp]')?.dataset.testScriptState
          === 'notRunning'"""
    )
    page.wait_for_function(
        "() => { const i = document.querySelector('[data-testid=stImage] img');"
        " return i && i.complete && i.naturalWidth > 0; }"
    )
    # Text comes a moment after its box.
    page.wait_for_function(
        """() => [...document.querySelectorAll("[class*='st-key-class-']")]
          .every(box => box.innerText.includes(': '))"""
    )


def touch(page: Page, action: Callable[[], None]) -> None:
    """Do what brings another picture, and wait for it."""
    source = "document.querySelector('[data-testid=stImage] img')?.src"
    before = page.evaluate(source)
    action()
    page.wait_for_function(f"before => ({source} ?? before) !== before", arg=before)
    settle(page)


def pixels_of(page: Page) -> np.ndarray[Any, Any]:
    """The picture on the page, as the server sent it."""
    content = page.evaluate(
        """async () => {
          const answer = await fetch(document.querySelector('[data-testid=stImage] img').src);
          return [...new Uint8Array(await answer.arrayBuffer())];
        }"""
    )
    with Image.open(io.BytesIO(bytes(content))) as image:
        return np.asarray(image.convert("RGB"))


def expected(served: Served, shown: list[int], opacity: float) -> np.ndarray[Any, Any]:
    jpeg = picture(served.pixels, served.found.labels, shown, opacity)
    with Image.open(io.BytesIO(jpeg)) as image:
        return np.asarray(image.convert("RGB"))


def saved(page: Page, label: str) -> tuple[str, bytes]:
    with page.expect_download() as download:
        page.get_by_role("button", name=label).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def test_a_photo_with_its_classes(opened: Opened, served: Served) -> None:
    page = opened.page
    drop(page, served.photo)
    wait_for_answer(page)
    said = dict(
        re.fullmatch(r"(.*): (.*)", text).groups()
        for text in page.locator("[class*='st-key-class-']").all_inner_texts()
    )
    assert said == served.shares
    assert len(said) >= 3
    shown = list(range(1, len(served.names) + 1))
    assert (pixels_of(page) == expected(served, shown, 0.55)).all()
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]
    # The slider's number lies inside of its knob for the browser, and above it for people.
    assert [text for text, _ in page.evaluate(LOW_CONTRAST) if text != "55"] == []
    image = page.locator("[data-testid=stImage] img").bounding_box()
    legend = page.get_by_role("heading", name="Share of the pixels").bounding_box()
    assert image is not None
    assert legend is not None
    beside = legend["x"] > image["x"] + image["width"]
    assert beside == (page.viewport_size["width"] > 1000)


def test_classes_and_opacity(opened: Opened, served: Served) -> None:
    page = opened.page
    drop(page, served.photo)
    wait_for_answer(page)
    first = next(iter(served.shares))
    touch(page, page.get_by_text(f"{first}: ").click)
    rest = [k for k, name in enumerate(served.names, start=1) if name != first]
    assert (pixels_of(page) == expected(served, rest, 0.55)).all()
    page.get_by_role("slider").focus()
    touch(page, lambda: page.keyboard.press("Home"))
    assert (pixels_of(page) == expected(served, [], 0)).all()
    assert np.abs(pixels_of(page).astype(int) - served.pixels).mean() < 4


def test_downloads_hold_the_prediction(opened: Opened, served: Served, tmp_path: Path) -> None:
    page = opened.page
    drop(page, served.photo)
    wait_for_answer(page)
    name, content = saved(page, "Label mask (PNG)")
    assert name == f"{served.photo.stem}.png"
    with Image.open(io.BytesIO(content)) as image:
        assert image.mode == "P"
        assert (np.asarray(image) == served.found.labels).all()
    name, content = saved(page, "COCO JSON")
    (tmp_path / name).write_bytes(content)
    document = read_document(tmp_path / name)
    assert (label_map(document, document.images[0]) == served.found.labels).all()


def test_what_is_no_photo_is_one_sentence(opened: Opened, served: Served, tmp_path: Path) -> None:
    page = opened.page
    whole = served.photo.read_bytes()
    half = whole[: len(whole) // 2]
    for name, content, found in (
        ("*cut* $x$.jpg", half, "ends in its middle"),
        ("[a](b).txt", b"text", "something else"),
    ):
        (tmp_path / name).write_bytes(content)
        drop(page, tmp_path / name)
        page.get_by_role("alert").get_by_text(found).wait_for()
        said = page.get_by_role("alert").inner_text()
        assert said.startswith(f"{name}: expected ")
        assert len(said.splitlines()) == 1
        assert page.get_by_text("Traceback").count() == 0
        assert page.locator("[data-testid=stImage]").count() == 0
    drop(page, served.photo)
    wait_for_answer(page)
    assert page.get_by_role("alert").count() == 0


def test_pages_of_other_names_get_no_answer(opened: Opened, served: Served) -> None:
    """What a browser would send whose DNS leads another name to this machine."""
    assert opened.page.url.startswith(served.url)
    port = int(served.url.rpartition(":")[2])
    assert shake_hands(port, f"127.0.0.1:{port}").startswith("HTTP/1.1 101 ")
    assert shake_hands(port, f"evil.example:{port}").startswith("HTTP/1.1 403 ")


def shake_hands(port: int, host: str) -> str:
    """The first line that the server says to a WebSocket for this host."""
    lines = (
        "GET /_stcore/stream HTTP/1.1",
        f"Host: {host}",
        f"Origin: http://{host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    )
    with socket.create_connection(("127.0.0.1", port), timeout=20) as stream:
        stream.sendall("\r\n".join((*lines, "", "")).encode())
        return stream.recv(200).decode(errors="replace").partition("\r\n")[0]


def test_server_ends_and_called_nobody(served: Served) -> None:
    assert not served.calls_out.exists(), served.calls_out.read_text()
    served.process.send_signal(signal.SIGINT)
    out, _ = served.process.communicate(timeout=30)
    assert served.process.returncode == 0
    assert json.loads(out)["command"] == "app"
