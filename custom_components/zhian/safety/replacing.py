"""A changed copy of a frozen value, at the speed of the safety path."""

from collections.abc import Callable
from dataclasses import fields
from functools import cache

type _Set = Callable[[object, object], None]


@cache
def _maker(kind: type) -> tuple[Callable[[object], object], dict[str, _Set]]:
    """Return what copies a slotted dataclass, and the setters of its fields.

    The copier is written out for the class, as the standard library writes out the
    initializer of a dataclass: a loop over the fields would take twice as long.
    """
    names = [field.name for field in fields(kind)]
    setters: dict[str, _Set] = {name: kind.__dict__[name].__set__ for name in names}
    lines = [f"    put_{name}(copy, it.{name})" for name in names]
    source = "\n".join(
        ("def copied(it):", "    copy = new(kind)", *lines, "    return copy")
    )
    scope: dict[str, object] = {"new": object.__new__, "kind": kind}
    scope |= {f"put_{name}": put for name, put in setters.items()}
    exec(source, scope)  # noqa: S102 - from the names of our own fields
    copied: Callable[[object], object] = scope["copied"]  # type: ignore[assignment]
    return copied, setters


def replace[T](instance: T, /, **changes: object) -> T:
    """Return a copy with some fields changed.

    It does what `dataclasses.replace` does for our slotted classes, without going through
    their initializer: several times as fast, and the kernel does little else.
    """
    kind: type = type(instance)
    copied, setters = _maker(kind)
    copy: T = copied(instance)  # type: ignore[assignment]
    for name, value in changes.items():
        setters[name](copy, value)
    return copy


def put(instance: object, name: str, value: object) -> None:
    """Change a field of a copy that nobody else has seen yet."""
    kind: type = type(instance)
    _maker(kind)[1][name](instance, value)
