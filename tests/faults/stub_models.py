"""The command line with stand-ins for the models that ``pseudo`` loads."""

from __future__ import annotations

from unittest import mock

from trashdata.__main__ import main

if __name__ == "__main__":
    from helpers.pseudo_label import stub

    with mock.patch("trashdata.pseudo_label.inputs.load_models", return_value=stub()):
        main()
