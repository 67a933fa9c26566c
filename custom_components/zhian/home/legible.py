"""A message as a person can read it: the same words, one under the other."""

import json
import re
from typing import Final

_BETWEEN: Final = re.compile(r">\s*<")


def legible(message: bytes) -> str:
    """Return JSON and XML in lines, anything else as it is."""
    text = message.decode(errors="replace").strip()
    if text.startswith("<"):
        return _BETWEEN.sub(">\n<", text)
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text
