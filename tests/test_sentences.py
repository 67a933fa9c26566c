"""The sentences: ours until the user touches them, and gone with the home."""

from pathlib import Path
from typing import Any

from homeassistant.core import HomeAssistant

import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
import yaml

from custom_components.zhian import sentences
from custom_components.zhian.home.intents import INTENTS
from custom_components.zhian.sentences import (
    async_install_sentences,
    async_withdraw_sentences,
)

FILES = ("en/zhian.yaml", "zh-CN/zhian.yaml")


@pytest.fixture
def folder(hass: HomeAssistant) -> Path:
    """Return the folder that Home Assistant reads sentences from."""
    return Path(hass.config.path("custom_sentences"))


def found(folder: Path) -> list[str]:
    """Return the files that are there."""
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file()
    )


def put(path: Path, text: str) -> None:
    """Write a file as a user would."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.mark.parametrize("name", FILES)
def test_every_intent_has_sentences_and_no_sentence_opens(name: str) -> None:
    """In each language; the folder is called as Home Assistant calls the language."""
    content = yaml.safe_load((sentences.PACKAGED / name).read_text("utf-8"))
    assert content["language"] == name.split("/", maxsplit=1)[0]
    assert set(content["intents"]) == {handler.intent_type for handler in INTENTS}
    said = [
        sentence
        for intent in content["intents"].values()
        for data in intent["data"]
        for sentence in data["sentences"]
    ]
    assert said
    for word in ("open", "turn on", "switch on", "打开", "开启", "开阀"):
        assert not [sentence for sentence in said if word in sentence.lower()]


async def test_sentences_are_installed_and_read(
    hass: HomeAssistant, folder: Path
) -> None:
    """Once: the next start writes nothing and disturbs nobody."""
    reloads = async_mock_service(hass, "conversation", "reload")
    await async_install_sentences(hass)
    assert found(folder) == list(FILES)
    for name in FILES:
        packaged = (sentences.PACKAGED / name).read_bytes()
        assert (folder / name).read_bytes() == packaged
    assert len(reloads) == 1
    await async_install_sentences(hass)
    assert len(reloads) == 1


async def test_a_users_edit_and_a_users_deletion_stay(
    hass: HomeAssistant, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also when a newer version comes."""
    await async_install_sentences(hass)
    (folder / FILES[0]).write_text("edited")
    (folder / FILES[1]).unlink()
    newer = tmp_path / "newer"
    for name in FILES:
        put(newer / name, "newer")
    monkeypatch.setattr(sentences, "PACKAGED", newer)
    await async_install_sentences(hass)
    assert found(folder) == [FILES[0]]
    assert (folder / FILES[0]).read_text() == "edited"


async def test_the_users_own_sentences_are_never_touched(
    hass: HomeAssistant, folder: Path
) -> None:
    """A file of that name may have been there before us."""
    put(folder / FILES[0], "mine")
    put(folder / "en" / "lights.yaml", "mine, too")
    await async_install_sentences(hass)
    await async_withdraw_sentences(hass)
    assert found(folder) == ["en/lights.yaml", FILES[0]]
    assert (folder / FILES[0]).read_text() == "mine"


async def test_sentences_go_with_the_home(hass: HomeAssistant, folder: Path) -> None:
    """Nobody would answer them any more; an edited file is the user's."""
    await async_install_sentences(hass)
    (folder / FILES[1]).write_text("edited")
    reloads = async_mock_service(hass, "conversation", "reload")
    await async_withdraw_sentences(hass)
    assert found(folder) == [FILES[1]]
    assert len(reloads) == 1
    await async_withdraw_sentences(hass)
    assert len(reloads) == 1


async def test_a_failure_is_logged_once_and_stops_nothing(
    hass: HomeAssistant,
    folder: Path,
    caplog: pytest.LogCaptureFixture,
    hass_storage: dict[str, Any],
) -> None:
    """The home is guarded without a voice."""
    put(folder, "a file where the folder should be")
    await async_install_sentences(hass)
    hass_storage["zhian.sentences"] = {"version": 99, "data": {}}
    await async_withdraw_sentences(hass)
    said = [r.levelname for r in caplog.records if "sentences could not" in r.message]
    assert said == ["WARNING", "WARNING"]
