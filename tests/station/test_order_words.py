"""An order is shown in the station's language, with what to do about it."""

from datetime import UTC, datetime

import pytest

from custom_components.zhian.link.orders import StationOrder
from custom_components.zhian.station import order_words
from custom_components.zhian.station.orders import Order

ORDER = Order(
    StationOrder(
        id="7",
        text="Close the *gate*.\nThen call.",
        by="Desk 1",
        at=datetime(2026, 11, 23, tzinfo=UTC),
    ),
    "County",
    household=None,
    receiver=None,
)


@pytest.mark.parametrize(
    ("language", "title", "hint"),
    [
        ("en", "Order of County", "Sign for an order"),
        ("de", "Order of County", "Sign for an order"),
        ("zh-Hans", "County的指令", "签收指令"),
    ],
)
def test_an_order_says_that_it_is_one_and_how_to_sign(
    language: str, title: str, hint: str
) -> None:
    assert order_words.title(ORDER, language) == title
    quoted, _, rest = order_words.text(ORDER, language).partition("\n\n")
    assert quoted.splitlines() == [
        "    Close the *gate*.",
        "    Then call.",
        "    — Desk 1",
    ]
    assert hint in rest
    assert "`7`" in rest
