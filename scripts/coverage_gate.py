"""Hold every module to its coverage, not only their average.

python scripts/coverage_gate.py COVERAGE_JSON

Home Assistant's quality scale asks for more than 95 % of each module and for the
whole of a configuration flow.
"""

import json
from pathlib import Path, PurePath
import sys

LEAST = 95.0
DIALOGS = {"options.py"}


def least(path: str) -> float:
    """Return the percentage that this module has to reach."""
    name = PurePath(path).name
    return 100.0 if name in DIALOGS or name.endswith("flow.py") else LEAST


def main() -> int:
    """Print the modules that fall short; fail if there are any."""
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    short = []
    for path, module in sorted(report["files"].items()):
        reached = module["summary"]["percent_covered"]
        if reached < least(path):
            lines = ", ".join(map(str, module["missing_lines"][:12]))
            more = " ..." if len(module["missing_lines"]) > 12 else ""
            short.append(
                f"  {path}: {reached:.1f} % of at least {least(path):.0f} %"
                f" (not run: lines {lines}{more})"
            )
    total = report["totals"]["percent_covered"]
    print(f"coverage: {len(report['files'])} modules, {total:.1f} % in all")
    if not report["files"]:
        print("  no module was measured")
        return 1
    if short:
        print("below their gate:", *short, sep="\n")
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
