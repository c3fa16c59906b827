"""Forms of a set that other tools read.

To add one: write its module here, with a `FORM` as `trashdata.export.forms.form` describes it,
and add its name to `trashdata.export.options.FormName`.
"""

from __future__ import annotations

from importlib import import_module

from trashdata.export.forms.form import Form
from trashdata.export.options import FormName


def load_form(name: FormName) -> Form:
    """Load the form of a name from the module of that name."""
    form: Form = import_module(f"{__name__}.{name.replace('-', '_')}").FORM
    return form
