"""What quality_scale.yaml says is done, as far as the code itself can show it."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant.const import Platform

import pytest
import yaml

from scripts.coverage_gate import least

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / "zhian"
ANSWERS = yaml.safe_load((PACKAGE / "quality_scale.yaml").read_text("utf-8"))["rules"]
DOCUMENTS = "".join(
    path.read_text("utf-8")
    for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))
)

TOLD_TO_PEOPLE = {
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "ServiceValidationError",
}
NEVER_LEAVES_THE_DELIVERY = PACKAGE / "home" / "webhook.py"


@pytest.fixture(autouse=True)
def _auto_enable_custom_integrations() -> None:
    """No Home Assistant is needed here."""


def modules() -> Iterator[tuple[Path, ast.Module]]:
    """Yield every module of the package."""
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def is_done(rule: str) -> bool:
    """Whether a rule is said to be kept."""
    return bool(ANSWERS[rule] == "done")


def described(file: str) -> set[str]:
    """Return the names in one of the files that describe actions and automations."""
    names: dict[str, Any] = yaml.safe_load((PACKAGE / file).read_text("utf-8"))
    return {name for name in names if not name.startswith(".")}


@pytest.mark.parametrize(
    ("rule", "file"),
    [
        ("docs-actions", "services.yaml"),
        ("docs-conditions", "conditions.yaml"),
        ("docs-triggers", "triggers.yaml"),
    ],
)
def test_what_automations_can_use_is_in_the_documents(rule: str, file: str) -> None:
    assert is_done(rule)
    named = set(re.findall(r"`zhian\.([a-z_]+)`", DOCUMENTS))
    assert not described(file) - named


@pytest.mark.parametrize(
    ("rule", "step"),
    [
        ("discovery", "async_step_zeroconf"),
        ("reconfiguration-flow", "async_step_reconfigure"),
        ("reauthentication-flow", "async_step_reauth"),
    ],
)
def test_a_dialog_is_there_if_it_is_said_to_be(rule: str, step: str) -> None:
    steps = {
        node.name
        for _, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef)
    }
    assert (step in steps) is is_done(rule)


def test_every_platform_says_how_many_actions_run_at_once() -> None:
    assert is_done("parallel-updates")
    platforms = [p for p in Platform if (PACKAGE / f"{p}.py").exists()]
    assert len(platforms) > 5
    for platform in platforms:
        source = (PACKAGE / f"{platform}.py").read_text("utf-8")
        # Zero: an action on a safety actuator never queues behind another.
        assert "\nPARALLEL_UPDATES = 0" in source, platform


def test_every_error_that_people_see_is_translated() -> None:
    assert is_done("exception-translations")
    english = json.loads((PACKAGE / "translations" / "en.json").read_text("utf-8"))
    raised = 0
    for path, tree in modules():
        if path == NEVER_LEAVES_THE_DELIVERY:
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id not in TOLD_TO_PEOPLE:
                continue
            said = {keyword.arg: keyword.value for keyword in node.keywords}
            where = f"{path.name}, line {node.lineno}"
            assert {"translation_domain", "translation_key"} <= said.keys(), where
            raised += 1
            if isinstance(key := said["translation_key"], ast.Constant):
                assert key.value in english["exceptions"], where
    assert raised > 10


def test_nothing_is_kept_beside_the_entry_and_no_session_is_opened() -> None:
    assert is_done("runtime-data")
    assert is_done("inject-websession")
    for path, tree in modules():
        source = ast.unparse(tree)
        assert "hass.data[DOMAIN]" not in source, path.name
        assert not re.search(r"\bClientSession\(", source), path.name


def test_every_dialog_is_held_to_its_whole_coverage() -> None:
    assert is_done("config-flow-test-coverage")
    dialogs = {
        path
        for path, tree in modules()
        if path.name != "repairs.py"  # no set-up
        for node in ast.walk(tree)
        if isinstance(node, ast.AsyncFunctionDef)
        and node.name.startswith("async_step_")
    }
    assert len(dialogs) > 5
    assert not {p.name for p in dialogs if least(str(p)) < 100}
