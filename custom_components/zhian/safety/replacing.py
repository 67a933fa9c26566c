"""Making frozen values, and changed copies of them, at the speed of the safety path."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Final

type Set = Callable[[object, object], None]


def quick[T](kind: type[T]) -> type[T]:
    """Give a frozen, slotted dataclass an initializer that takes a third of the time.

    The one of the standard library has each field looked up by its name; this one calls
    the setter of each slot itself. For fields with plain defaults, as ours are.
    """
    scope: dict[str, object] = {}
    positional, by_name, lines = ["self"], list[str](), list[str]()
    for field in fields(kind):  # type: ignore[arg-type]
        name = field.name
        scope[f"set_{name}"] = getattr(kind, name).__set__
        lines.append(f"    set_{name}(self, {name})")
        if field.default is not MISSING:
            scope[f"default_{name}"] = field.default
            name = f"{name}=default_{name}"
        (by_name if field.kw_only else positional).append(name)
    named = ["*", *by_name] if by_name else []
    head = f"def __init__({', '.join((*positional, *named))}):"
    exec("\n".join((head, *lines)), scope)  # noqa: S102 - from the names of our own fields
    kind.__init__ = scope["__init__"]  # type: ignore[assignment]
    return kind


def _maker(kind: type) -> Callable[[object], object]:
    """Return what copies a slotted dataclass into its twin.

    A frozen class takes no assignments. So a copy is filled in as its twin, a class with
    the same slots that takes them, and becomes one of its own class at the end. That is
    written out field by field, as the standard library writes out the initializer of a
    dataclass: a plain assignment to a slot is the fastest thing that Python can do.
    """
    names = [field.name for field in fields(kind)]
    twin = type(kind.__name__, (), {"__slots__": tuple(names)})
    lines = [f"    copy.{name} = it.{name}" for name in names]
    source = "\n".join(
        ("def copied(it):", "    copy = twin()", *lines, "    return copy")
    )
    scope: dict[str, object] = {"twin": twin}
    exec(source, scope)  # noqa: S102 - from the names of our own fields
    copied: Callable[[object], object] = scope["copied"]  # type: ignore[assignment]
    return copied


_MAKERS: Final[dict[type, Callable[[Any], Any]]] = {}


def draft(instance: object) -> Any:
    """Return a copy that takes assignments, until it is finished."""
    kind = type(instance)
    try:
        copied = _MAKERS[kind]
    except KeyError:
        copied = _MAKERS[kind] = _maker(kind)
    return copied(instance)


def finished[T](draft: Any, kind: type[T]) -> T:
    """Return a draft as what it is a draft of; from now on it takes no assignments."""
    draft.__class__ = kind
    made: T = draft
    return made


def replace[T](instance: T, /, **changes: object) -> T:
    """Return a copy with some fields changed.

    It does what `dataclasses.replace` does for our slotted classes, without going through
    their initializer: several times as fast, and the kernel does little else.
    """
    copy = draft(instance)
    for name, value in changes.items():
        setattr(copy, name, value)
    return finished(copy, type(instance))


@cache
def setters(kind: type) -> Mapping[str, Set]:
    """Return what changes the fields of a copy that nobody else has seen yet."""
    return {field.name: kind.__dict__[field.name].__set__ for field in fields(kind)}
