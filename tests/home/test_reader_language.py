"""A list that a dialog puts together is in the language of who reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers.http import current_request

from aiohttp.test_utils import make_mocked_request
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.zhian.home.reader_language import language_of_reader

from .flows import home_entry, nothing_is_set_up, reconfigure, register
from .test_configuration import put

GAS = {"entity_id": "binary_sensor.gas", "hazard": "gas", "name": "Gas"}
USER_STORE = "homeassistant.components.frontend.storage.async_user_store"


@contextmanager
def asked_by(user: User | None, accepts: str | None = None) -> Iterator[None]:
    """Do what follows within a request."""
    headers = {} if accepts is None else {"Accept-Language": accepts}
    request = make_mocked_request("POST", "/", headers=headers)
    if user is not None:
        request["hass_user"] = user
    token = current_request.set(request)
    try:
        yield
    finally:
        current_request.reset(token)


@pytest.mark.parametrize(
    ("accepts", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-Hans-CN", "zh-Hans"),
        ("zh-TW,zh;q=0.9", "zh-TW"),
        ("en-GB;q=0.9", "en-GB"),
        ("*", "de"),
        ("", "de"),
        (None, "de"),
    ],
)
async def test_the_browser_says_in_which_language_it_reads(
    hass: HomeAssistant, accepts: str | None, language: str
) -> None:
    hass.config.language = "de"
    with asked_by(MockUser().add_to_hass(hass), accepts):
        assert await language_of_reader(hass) == language


async def test_the_profile_goes_before_the_browser(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    user = MockUser().add_to_hass(hass)
    hass_storage[f"frontend.user_data_{user.id}"] = {
        "version": 1,
        "data": {"language": {"language": "zh-Hans", "number_format": "language"}},
    }
    hass.config.components.add("frontend")
    with asked_by(user, "en"):
        assert await language_of_reader(hass) == "zh-Hans"
    with asked_by(MockUser().add_to_hass(hass), "fr"):  # has chosen nothing
        assert await language_of_reader(hass) == "fr"


async def test_without_pages_no_profile_is_looked_for(hass: HomeAssistant) -> None:
    user = MockUser().add_to_hass(hass)
    with patch(USER_STORE, side_effect=AssertionError), asked_by(user, "en"):
        assert await language_of_reader(hass) == "en"


async def test_where_nobody_asks_it_is_the_language_of_the_home(
    hass: HomeAssistant,
) -> None:
    hass.config.language = "zh-Hans"
    assert await language_of_reader(hass) == "zh-Hans"
    with asked_by(None, "en"):
        assert await language_of_reader(hass) == "en"


async def test_what_a_dialog_lists_is_read_in_the_person_s_language(
    hass: HomeAssistant,
) -> None:
    """Wrong lines, what was left out, and what a plan always does."""
    register(hass, "binary_sensor.gas", "off", original_device_class="gas")
    register(hass, "cover.window", "closed", original_device_class="window")
    with nothing_is_set_up(), asked_by(None, "zh-CN"):
        entry = home_entry(hass)
        dialog = await reconfigure(hass, entry)
        await dialog.choose("import_configuration")
        await dialog.submit(configuration="zhian: 2")
        shown = dialog.result["description_placeholders"]
        assert shown["problems"].startswith("- 第 1 行")
        dialog = await reconfigure(hass, entry)
        await dialog.choose("plans")
        await dialog.submit(hazard="gas")
        shown = dialog.result["description_placeholders"]
        assert shown["hazard"] == "燃气"
        put(hass, entry, "detector", {**GAS})
        dialog = await reconfigure(hass, entry)
        await dialog.choose("find")
        shown = dialog.result["description_placeholders"]
        assert shown["left_out"] == "- 已在守护这个家： gas"
