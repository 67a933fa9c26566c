"""What rings through the silence of a phone, and what waits until morning."""

from homeassistant.core import HomeAssistant

import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from custom_components.zhian.home.channels import Letter, call_for
from custom_components.zhian.home.contact_options import ChannelOptions
from custom_components.zhian.home.notices import Notice
from custom_components.zhian.safety.vocabulary import Message

from .house import PHONE

DANGER = {
    Message.ALARM,
    Message.PRE_ALARM,
    Message.UNCONFIRMED,
    Message.UNANSWERED,
    Message.HELP,
    Message.DURESS,
    Message.RISEN,
}
"""Somebody may be hurt."""

UNPROTECTED = {
    Message.STEP_FAILED,
    Message.OBSTRUCTED,
    Message.STILL_FLOWING,
    Message.STILL_RISING,
    Message.REOPENED,
    Message.PROTECTION_LOST,
    Message.MANY_LOST,
    Message.WATCH_LOST,
}
"""What should keep people safe does not."""

WANTED = {Message.ASK, Message.QUESTION}
"""Somebody waits for an answer."""


@pytest.mark.parametrize("message", Message)
def test_a_phone_rings_for_danger_failure_and_questions_alone(
    hass: HomeAssistant, message: Message
) -> None:
    async_mock_service(hass, *PHONE.split("."))
    letter = Letter(message, Notice("A title", "A text"), "a tag")
    call = call_for(hass, ChannelOptions.notify(PHONE), letter)
    assert ("push" in call.data["data"]) is (message in DANGER | UNPROTECTED | WANTED)
