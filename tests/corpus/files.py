"""Files that are no JSON, no COCO, or only nearly so."""

from __future__ import annotations

import json

from .base import ALL, PAINT, Case, changed, kinds, rewritten

NAN = float("nan")


def _unreadable(name: str, change: object, says: str) -> Case:
    return Case(name, rewritten(change), kinds(), says, ALL, unreadable=True)  # type: ignore[arg-type]


def _malformed(name: str, change: object, says: str, kind: str = "record-malformed") -> Case:
    return Case(name, changed(change), kinds(kind), says, ALL)  # type: ignore[arg-type]


CASES = [
    _unreadable("json cut off", lambda text: text[:900], "line 1, column"),
    _unreadable("json empty", lambda _: b"", "line 1, column 1"),
    _unreadable("json of blanks", lambda _: b" \n\n", "line 3, column 1"),
    _unreadable("json a list", lambda _: b"[]", "a list at the top"),
    _unreadable("json a number", lambda _: b"3", "a int at the top"),
    _unreadable("json null", lambda _: b"null", "a NoneType at the top"),
    _unreadable("json of zeros", lambda _: b"\0" * 400, "line 1, column 1"),
    _unreadable(
        "json not UTF-8", lambda text: text.replace(b"Paper", b"P\xe4per"), "not UTF-8 near byte"
    ),
    _unreadable(
        "json UTF-16", lambda text: text.decode().encode("utf-16"), "not UTF-8 near byte 0"
    ),
    _unreadable("json with something behind it", lambda text: text + b"}", "Extra data"),
    _unreadable("json with a comment", lambda text: b"// mine\n" + text, "line 1, column 1"),
    _unreadable("json of lines", lambda text: text + b"\n" + text, "line 2, column 1"),
    _unreadable("json a photo", lambda _: b"\xff\xd8\xff\xe0" * 20, "not UTF-8 near byte 0"),
    _unreadable(
        "json nested without end",
        lambda _: b'{"images": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "nested without end",
    ),
    _unreadable(
        "number of 5000 digits",
        lambda text: text.replace(b'"id": 1,', b'"id": ' + b"9" * 5000 + b",", 1),
        "thousands of digits|out of range",
    ),
    Case(
        "byte-order mark",
        rewritten(lambda text: b"\xef\xbb\xbf" + text),
        kinds("byte-order-mark"),
    ),
    Case(
        "no images key",
        changed(lambda c: c.pop("images")),
        kinds("key-missing", "image-unknown"),
        "not images",
        ALL,
    ),
    Case(
        "categories null",
        changed(lambda c: c.update(categories=None)),
        kinds("key-missing", "category-unknown"),
        "categories: .* something else than a list",
        ALL,
    ),
    Case(
        "no annotations key",
        changed(lambda c: c.pop("annotations")),
        kinds("key-missing"),
        "not annotations",
        ALL,
    ),
    Case(
        "images an object",
        changed(lambda c: c.update(images={"1": {}})),
        kinds("key-missing", "image-unknown"),
        "images: .* something else than a list",
        ALL,
    ),
    _malformed(
        "an annotation that is a number",
        lambda c: c["annotations"].append(7),
        "number 13 of annotations.*int instead of object",
    ),
    _malformed("an image that is null", lambda c: c["images"].append(None), "number 7 of images"),
    _malformed(
        "NaN in a field",
        lambda c: c["annotations"][4].update(area=NAN),
        "annotation 5: .* found NaN",
        "not-a-number",
    ),
    _malformed(
        "Infinity in a box",
        lambda c: c["annotations"][4].update(bbox=[1, 2, float("inf"), 4]),
        "annotation 5: .* found NaN or Infinity",
        "not-a-number",
    ),
    _malformed(
        "NaN in info", lambda c: c["info"].update(score=NAN), "info: .* NaN", "not-a-number"
    ),
    Case(
        "number beyond float64",
        rewritten(lambda text: text.replace(b'"area": 400', b'"area": 1e999', 1)),
        kinds("not-a-number"),
        "annotation 1 .* found Infinity in area",
        ALL,
    ),
    Case(
        "number beyond float64 in a box, which commands leave alone",
        rewritten(lambda text: text.replace(b'"bbox": [3,', b'"bbox": [1e999,', 1)),
        kinds("not-a-number"),
    ),
    Case(
        "number beyond float64 in a polygon",
        rewritten(
            lambda text: text.replace(b'"segmentation": [[3,', b'"segmentation": [[1e999,', 1)
        ),
        kinds("not-a-number"),
        "annotation 1: .* found Infinity",
        PAINT,
    ),
    Case(
        "number beyond float64 in info",
        rewritten(lambda text: text.replace(b'"info": {', b'"info": {"score": 1e999, ', 1)),
        kinds("not-a-number"),
        "info: .* NaN or Infinity",
        ALL,
    ),
    Case(
        "number beyond float64 under an unknown key",
        rewritten(lambda text: b'{"score": -1e999, ' + text[1:]),
        kinds("not-a-number"),
        "score: .* NaN or Infinity",
        ALL,
    ),
    # Found by the fuzzer: mending the first must stand the second.
    Case(
        "NaN and half a character in info",
        changed(lambda c: c["info"].update(score=NAN, note="\udc80")),
        kinds("not-a-number", "text-broken"),
        "info: .* NaN",
        ALL,
    ),
    Case(
        "half a character in an unknown key at the top",
        changed(lambda c: c.update([("note\ud83d", [1]), ("note\ufffd", 2)])),
        kinds("text-broken"),
        "the key note.*half a character",
        ALL,
    ),
    _malformed(
        "half a character in a class",
        lambda c: c["categories"][0].update(name="Pap\ud800er"),
        "category 1: .* half a character",
        "text-broken",
    ),
    _malformed(
        "half a character in an unknown key",
        lambda c: c["annotations"][4].update(note="\udc80"),
        "annotation 5: .* half a character",
        "text-broken",
    ),
    Case(
        "half a character in a file name",
        changed(lambda c: c["images"][2].update(file_name="batch_2/\ud83d.jpg")),
        kinds("text-broken", "photo-missing"),
        "image 3: .* half a character",
        ALL,
    ),
    _malformed(
        "ignored ids that are no list",
        lambda c: c["info"].update(trashdata={"ignore_category_ids": 3}),
        r"info\.trashdata: .* found int instead of array",
    ),
    Case(
        "keys of another tool",
        changed(lambda c: (c.update(more=[1]), c["images"][0].update(x={"y": 1}), c.pop("info"))),
        kinds(),
    ),
    Case(
        "a key twice",
        rewritten(lambda text: b'{"categories": 3, ' + text[1:]),
        kinds(),
    ),
    Case(
        "indented, with Windows line ends",
        rewritten(lambda t: json.dumps(json.loads(t), indent=2).replace("\n", "\r\n").encode()),
        kinds(),
    ),
]
