"""docs/ufuncs.md is what the table of ufuncs says."""

import pathlib

from gain import _ufunc_page


def test_page_is_up_to_date():
    page = pathlib.Path(__file__).parents[2] / "docs" / "ufuncs.md"
    assert page.read_text(encoding="utf-8") == _ufunc_page.page(), "run python -m gain._ufunc_page > docs/ufuncs.md"
