"""What README and docs name exists: actions, triggers, conditions, files and options."""

import json
from pathlib import Path
import re

import pytest
import yaml

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / "zhian"
DOCUMENTS = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])

NAMED = re.compile(r"`zhian\.([a-z_]+)`|(?:action|trigger|condition): zhian\.([a-z_]+)")
PROGRAMS = re.compile(r"^(scripts/\w+)([^\n#]*)", re.MULTILINE)
LINKS = re.compile(r"\]\(((?!https?:|#)[^)#]+)(?:#([^)]+))?\)")
PATHS = re.compile(r"`((?:tests|docs|scripts|benchmarks|link|station|home)/[\w/.]+)`")
BELOW = ("", "custom_components/zhian", "tests")


@pytest.fixture(autouse=True)
def _auto_enable_custom_integrations() -> None:
    """No Home Assistant is needed here."""


def known() -> set[str]:
    """Return all that can be written after `zhian.`."""
    names: set[str] = set()
    for file in ("services", "triggers", "conditions"):
        names |= set(yaml.safe_load((PACKAGE / f"{file}.yaml").read_text("utf-8")))
    return names


def anchors(document: Path) -> set[str]:
    """Return what can be linked to in a document."""
    text = document.read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    } | set(re.findall(r'<a id="([^"]+)"', text))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_names_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    named = {name for pair in NAMED.findall(text) for name in pair if name}
    assert named - known() == set()
    for target, anchor in LINKS.findall(text):
        path = (document.parent / target).resolve()
        assert path.exists(), target
        assert not anchor or anchor in anchors(path), f"{target}#{anchor}"
    own = re.findall(r"\]\(#([^)]+)\)", text)
    assert set(own) <= anchors(document)
    for path in PATHS.findall(text):
        assert any((ROOT / below / path).exists() for below in BELOW), path


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_program_and_option_of_a_document_is_in_its_source(
    document: Path,
) -> None:
    for program, rest in PROGRAMS.findall(document.read_text("utf-8")):
        source = (ROOT / program).read_text("utf-8")
        if program == "scripts/demo":
            source += "".join(
                p.read_text("utf-8") for p in (ROOT / "demo").glob("*.py")
            )
        for folder in (ROOT / "tests").glob("*/__main__.py"):
            source += folder.read_text("utf-8")
        for word in rest.split():
            option = word.strip("`.,)")
            if option.startswith("--"):
                assert option in source, f"{program} {option}"


def test_links_of_repairs_lead_to_a_place_in_the_documents() -> None:
    """*Learn more* of a repair opens the paragraph about it."""
    found = 0
    for path in PACKAGE.rglob("*.py"):
        for file, anchor in re.findall(
            r"blob/main/([\w/]+\.md)(?:#([\w-]+))?", path.read_text("utf-8")
        ):
            found += 1
            assert (ROOT / file).exists(), file
            assert not anchor or anchor in anchors(ROOT / file), f"{file}#{anchor}"
    assert found
    issues = json.loads((PACKAGE / "translations" / "en.json").read_text("utf-8"))
    upkeep = anchors(ROOT / "docs" / "upkeep.md")
    for key in issues["issues"]:
        if key.startswith("upkeep_"):
            assert key.removeprefix("upkeep_").replace("_", "-") in upkeep, key
