"""One message over several channels: what fails brings in the next."""

import asyncio

import pytest

from custom_components.zhian.home import delivery
from custom_components.zhian.home.delivery import deliver
from custom_components.zhian.safety.vocabulary import Reason


class Channels:
    """Channels that work, fail or hang, and what was sent over them."""

    def __init__(self, *broken: str, hanging: tuple[str, ...] = ()) -> None:
        """Say which do not work."""
        self._broken = broken
        self._hanging = hanging
        self.sent: list[str] = []

    async def send(self, channel: str) -> Reason | None:
        """Send over one channel."""
        self.sent.append(channel)
        if channel in self._hanging:
            await asyncio.sleep(0.2)
            return Reason.TIMEOUT
        return Reason.ERROR if channel in self._broken else None


async def test_two_channels_carry_it_at_once() -> None:
    channels = Channels()
    assert await deliver("abc", 2, channels.send)
    assert channels.sent == ["a", "b"]


@pytest.mark.parametrize(
    ("broken", "sent"), [("a", "abc"), ("b", "abc"), ("ab", "abcd"), ("ac", "abcd")]
)
async def test_what_fails_brings_in_the_next(broken: str, sent: str) -> None:
    """So that two carry it as long as two work."""
    channels = Channels(*broken)
    assert await deliver("abcd", 2, channels.send)
    assert channels.sent == list(sent)


async def test_nothing_is_said_to_have_gone_out_that_has_not() -> None:
    channels = Channels("a", "b")
    assert not await deliver("ab", 2, channels.send)
    assert channels.sent == ["a", "b"]
    assert not await deliver("", 2, channels.send)


async def test_one_of_two_is_enough_where_there_are_no_more() -> None:
    assert await deliver("ab", 2, Channels("a").send)
    assert await deliver("a", 2, Channels().send)


async def test_a_channel_that_hangs_keeps_nobody_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The next begins beside it, and the answer of the slow one still counts."""
    monkeypatch.setattr(delivery, "HURRY", 0.01)
    channels = Channels(hanging=("a", "b"))
    began = asyncio.get_running_loop().time()
    assert await deliver("abcd", 2, channels.send)
    assert channels.sent == ["a", "b", "c", "d"]
    assert asyncio.get_running_loop().time() - began >= 0.2


def test_three_channels_of_which_two_hang_are_quick_enough() -> None:
    """GB/T 45839-2025 5.10.4: two kinds within 15 s."""
    assert 2 * delivery.HURRY + 1 < 15
