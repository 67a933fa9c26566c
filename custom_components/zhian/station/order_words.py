"""How an order is shown to those who are to sign for it, in both languages."""

from typing import Final

from .orders import Order

_TITLE: Final = {
    "en": "Order of {station}",
    "zh-Hans": "{station}的指令",
}
_SIGN: Final = {
    "en": "Whoever takes it signs with the action *Sign for an order*"
    " (`zhian.sign_order`). Its id: `{id}`",
    "zh-Hans": "接手的人请用操作“签收指令”（`zhian.sign_order`）签收。编号：`{id}`",
}


def title(order: Order, language: str) -> str:
    """Return who orders something."""
    return _TITLE[_known(language)].format(station=order.station)


def text(order: Order, language: str) -> str:
    """Return the order, and how to sign for it."""
    said = f"{order.said.text}\n— {order.said.by}"
    # Text of somebody else: nothing in it is markup.
    quoted = "\n".join(f"    {line}" for line in said.splitlines())
    return f"{quoted}\n\n{_SIGN[_known(language)].format(id=order.id)}"


def _known(language: str) -> str:
    return "zh-Hans" if language.lower().startswith("zh") else "en"
