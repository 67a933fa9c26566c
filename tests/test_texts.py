"""What looks whether everything is translated notices what is not."""

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import issue_registry as ir

import pytest

from custom_components.zhian.const import DOMAIN

from .home.flows import add, home_entry, nothing_is_set_up
from .texts import said, watched


@pytest.fixture(autouse=True)
def _every_word_is_translated() -> None:
    """Nobody else looks here."""


def test_an_error_without_a_text_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = watched(monkeypatch)
    for key, given in (("no_such_text", {}), ("code_without_right", None)):
        ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key=key,
            translation_placeholders=given,
        )
    assert texts.missing == ["exceptions.no_such_text.message"]


async def test_a_repair_that_names_what_it_is_not_given_is_noticed(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = watched(monkeypatch)
    ir.async_create_issue(
        hass,
        DOMAIN,
        "one",
        is_fixable=False,
        severity=ir.IssueSeverity.ERROR,
        translation_key="entity_missing",
        translation_placeholders={"entity_id": "valve.gas"},
    )
    assert "issues.entity_missing.title: {name}" in texts.missing


async def test_a_field_without_a_text_is_noticed(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = watched(monkeypatch)
    step = "config_subentries.contact.step.user"
    without = {p: t for p, t in said().items() if not p.startswith(f"{step}.data.")}
    monkeypatch.setattr("tests.texts.said", lambda: without)
    with nothing_is_set_up():
        await add(hass, home_entry(hass), "contact")
    assert texts.missing
    assert all(path.startswith(f"{step}.data.") for path in texts.missing)
