"""Sum up JUnit files in one plain line: N passed, N failed, N skipped.

python scripts/count_results.py FILE...
"""

from pathlib import Path
import sys
from xml.etree import ElementTree as ET


def main() -> int:
    """Print the sum; fail if a file cannot be counted."""
    total = failed = skipped = unreadable = 0
    for name in sys.argv[1:]:
        path = Path(name)
        if not path.exists():  # a shell pattern that matched nothing
            continue
        try:
            suites = ET.parse(path).getroot().iter("testsuite")  # noqa: S314 - our own
            for suite in suites:
                total += int(suite.get("tests", 0))
                failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
                skipped += int(suite.get("skipped", 0))
        except ET.ParseError as error:
            print(f"{path}: {error}")
            unreadable += 1
    print(f"{total - failed - skipped} passed, {failed} failed, {skipped} skipped")
    return 1 if unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
