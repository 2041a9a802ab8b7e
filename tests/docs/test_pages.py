"""Every page that shows commands is carried out on real servers, and must show what they print.

``HOOKKIT_WRITE_DOCS=1 pytest tests/docs`` writes into the pages what was seen instead.
"""

import os
from pathlib import Path

import pytest
from support import pages
from support.lab import Lab
from support.requirements import require
from support.stage import Stage

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))
PLAYS = [page for page in PAGES if any(block.kind == "stage" for block in pages.blocks(page.read_text()))]


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PLAYS, ids=name)
def test_what_a_page_shows_is_what_happens(page: Path, lab: Lab) -> None:
    text = page.read_text()
    require("sshd", *(["gitolite"] if "stage: gitolite" in text else []))
    seen = Stage(lab).perform(text)
    if os.environ.get("HOOKKIT_WRITE_DOCS") == "1":
        page.write_text(seen)
    else:
        assert seen == text, f"{name(page)} shows something else than what happens; to write it: make docs-write"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_and_files_of_a_page_have_a_stage(page: Path) -> None:
    """What looks like output was seen: no ``console`` block, and no named file, on a page that is not carried out."""
    if page not in PLAYS:
        assert not [block.line for block in pages.blocks(page.read_text()) if block.kind in ("console", "file")]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_python_blocks_run(page: Path) -> None:
    """Those that are files of an example are run by being used."""
    for block in pages.blocks(page.read_text()):
        if block.kind == "python":
            code = compile("\n" * (block.line - 1) + block.text, page, "exec")
            exec(code, {"__name__": page.stem})
