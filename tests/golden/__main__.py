"""Compare with hashes.json, or make it again: ``PYTHONPATH=tests:. python -m golden --write``.

Hashes hold for the versions of constraints.txt. An intended change of bytes renews them in a
commit of its own, which says why.
"""

from __future__ import annotations

import argparse
import json
import sys
import time

from .commands import COMMANDS
from .running import HASHES, SHARED_DATA, Hashes, differences, hashes_of, versions


def main() -> int:
    parser = argparse.ArgumentParser(description="Hash what commands make on the real data.")
    parser.add_argument("--write", action="store_true", help="make hashes.json again")
    parser.add_argument("--command", action="append", choices=list(COMMANDS), help="only this one")
    options = parser.parse_args()
    if not SHARED_DATA.is_dir():
        print(f"The real data is not in {SHARED_DATA}.", file=sys.stderr)
        return 2
    found: dict[str, Hashes] = {}
    for name in options.command or COMMANDS:
        begun = time.monotonic()
        found[name] = hashes_of(name)
        print(f"{name}: {len(found[name])} files, {time.monotonic() - begun:.1f} s", flush=True)
    return write(found) if options.write else compare(found)


def write(found: dict[str, Hashes]) -> int:
    """Write the hashes that were found; those of commands that were not run stay."""
    known = json.loads(HASHES.read_text()) if HASHES.exists() else {"commands": {}}
    commands = {**known["commands"], **found}
    content = {
        "versions": versions(),
        "commands": {name: commands[name] for name in COMMANDS if name in commands},
    }
    HASHES.write_text(json.dumps(content, indent=1) + "\n")
    return 0


def compare(found: dict[str, Hashes]) -> int:
    """Print what differs from hashes.json; 1 if anything does."""
    known = json.loads(HASHES.read_text())
    lines = [
        f"{name}: {line}"
        for name, hashes in found.items()
        for line in differences(known["commands"].get(name, {}), hashes)
    ]
    current = versions()
    lines += [
        f"{name} is {current[name]}, and hashes.json was made with {version}"
        for name, version in known["versions"].items()
        if current[name] != version
    ]
    print("\n".join(lines) or "All the same.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
