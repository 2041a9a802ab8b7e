"""Every link from one page to another leads somewhere: to a file that is there, and a heading in it."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md")))
_LINK = re.compile(r"\]\(\s*([^)\s]+)\s*\)")


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text(page: Path) -> str:
    """A page without its blocks of code, where brackets are no links, and headings are comments."""
    return re.sub(r"^(`{3,}).*?^\1$", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)


def anchors(page: Path) -> set[str]:
    """What code hosts, and MyST, make of headings."""
    headings = re.findall(r"^#+ (.+)$", text(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def broken(page: Path, content: str) -> list[str]:
    """The links of ``content``, taken as a page at ``page``, that lead nowhere."""
    wrong = []
    for link in _LINK.findall(content):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            wrong.append(link)
    return wrong


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page, text(page)) == []


def test_a_broken_link_is_found() -> None:
    page = ROOT / "docs" / "index.md"
    assert (
        broken(page, "[a](tutorial.md) [b](tutorial.md#push-to-one-look-at-the-other) [c](https://example.org/x)") == []
    )
    wrong = ["no-such.md", "tutorial.md#no-such", "#no-such"]
    assert broken(page, " ".join(f"[text]({link})" for link in wrong)) == wrong


@pytest.mark.parametrize("page", [each for each in PAGES if each.is_relative_to(ROOT / "docs")], ids=name)
def test_every_page_is_in_the_contents(page: Path) -> None:
    index = (ROOT / "docs" / "index.md").read_text()
    entry = str(page.relative_to(ROOT / "docs")).removesuffix(".md")
    assert entry == "index" or re.search(rf"^{re.escape(entry)}$", index, re.MULTILINE)
