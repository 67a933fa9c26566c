"""The rules of the repository and of the package's papers.

Home Assistant's own checks need Docker and run in public CI; these are the same rules
as far as they touch us, and our own. A file that is missing is a failure, not a skip.
"""

import ast
from collections.abc import Iterator
from functools import cache
import json
from pathlib import Path
import re
import string
import struct
import subprocess
import sys
import tomllib
from typing import Any

from homeassistant.const import Platform

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
import pytest
import yaml

from custom_components.zhian.safety.vocabulary import Hazard

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "custom_components" / "zhian"
LANGUAGES = ("en", "zh-Hans")

RULES = {
    "bronze": """
        action-setup appropriate-polling brands common-modules config-flow
        config-flow-test-coverage dependency-transparency docs-actions docs-conditions
        docs-high-level-description docs-installation-instructions
        docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
        has-entity-name runtime-data test-before-configure test-before-setup
        unique-config-entry
    """,
    "silver": """
        action-exceptions config-entry-unloading docs-configuration-parameters
        docs-installation-parameters entity-unavailable integration-owner
        log-when-unavailable parallel-updates reauthentication-flow test-coverage
    """,
    "gold": """
        devices diagnostics discovery discovery-update-info docs-data-update
        docs-examples docs-known-limitations docs-supported-devices
        docs-supported-functions docs-troubleshooting docs-use-cases dynamic-devices
        entity-category entity-device-class entity-disabled-by-default
        entity-translations exception-translations icon-translations
        reconfiguration-flow repair-issues stale-devices
    """,
    "platinum": "async-dependency inject-websession strict-typing",
}

# What hassfest takes for an address in a text: it refuses those, since a translator
# could change them.
ADDRESS = re.compile(
    r"(((ftp|scp|http|mqtt)s?|socket|socks5)://|www\.)[a-z0-9]+([.-][a-z0-9]+)*\.[a-z]{2,5}",
    re.IGNORECASE,
)

# They hold us to the rules of today, whichever those are.
ALWAYS_THE_NEWEST = {"hacs/action@main", "home-assistant/actions/hassfest@master"}

# What hassfest lets an integration import without naming it in the manifest.
FREE_TO_IMPORT = {platform.value for platform in Platform} | {
    "automation",
    "device_automation",
    "frontend",
    "group",
    "homeassistant",
    "media_source",
    "persistent_notification",
    "person",
    "script",
    "sun",
    "system_log",
    "timer",
    "webhook",
    "websocket_api",
    "zone",
}


@pytest.fixture(autouse=True)
def _auto_enable_custom_integrations() -> None:
    """No Home Assistant is needed here."""


class Lenient(yaml.SafeLoader):
    """YAML with Home Assistant's tags (!input, !secret) and without duplicate keys."""

    def construct_mapping(
        self, node: yaml.MappingNode, deep: bool = False
    ) -> dict[Any, Any]:
        """Refuse a key that stands twice: the first would be lost silently."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := {str(key) for key in keys if keys.count(key) > 1}:
            raise yaml.constructor.ConstructorError(
                None, None, f"stands twice: {', '.join(twice)}", node.start_mark
            )
        return super().construct_mapping(node, deep)


Lenient.add_multi_constructor("!", lambda loader, suffix, node: f"!{suffix}")


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make a JSON object, refusing a key that stands twice."""
    keys = [key for key, _ in pairs]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise ValueError(f"stands twice: {', '.join(sorted(twice))}")
    return dict(pairs)


@cache
def repository_files() -> tuple[Path, ...]:
    """Return what is committed or about to be: nothing that git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    files = (ROOT / name for name in listed.split("\0") if name)
    return tuple(sorted(path for path in files if path.is_file()))


def with_suffix(*suffixes: str) -> list[Path]:
    """Return the repository's files of a kind."""
    return [path for path in repository_files() if path.suffix in suffixes]


def name_of(path: Path) -> str:
    """Return a path as a person names it."""
    return path.relative_to(ROOT).as_posix()


def existing(path: Path) -> Path:
    """Return a file that has to be there."""
    assert path.is_file(), f"{name_of(path)} is missing"
    return path


def load_json(path: Path) -> Any:
    """Read a JSON file that has to be there."""
    return json.loads(existing(path).read_text("utf-8"), object_pairs_hook=once)


def load_yaml(path: Path) -> Any:
    """Read a YAML file that has to be there."""
    return yaml.load(existing(path).read_text("utf-8"), Loader=Lenient)


def translations(language: str) -> dict[str, Any]:
    """Return one language's texts."""
    texts: dict[str, Any] = load_json(PACKAGE / "translations" / f"{language}.json")
    return texts


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Walk over the texts of a tree of objects, with their dotted paths."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from leaves(value, f"{path}.{key}" if path else key)
    else:
        assert isinstance(tree, str), f"{path} is not a text"
        yield path, tree


def placeholders(text: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


# --- the manifest and its companions -----------------------------------------------


def test_manifest_keys_are_sorted_and_complete() -> None:
    manifest = load_json(PACKAGE / "manifest.json")
    keys = list(manifest)
    assert keys == ["domain", "name", *sorted(set(keys) - {"domain", "name"})]
    required = {
        "codeowners",
        "config_flow",
        "documentation",
        "integration_type",
        "iot_class",
        "issue_tracker",
        "requirements",
        "version",
    }
    assert not required - set(keys)
    assert manifest["domain"] == PACKAGE.name
    assert "quality_scale" not in keys, "no badge for a custom integration"
    assert manifest["documentation"].startswith("https://")
    assert manifest["issue_tracker"].startswith("https://")
    assert all(owner.startswith("@") for owner in manifest["codeowners"])
    AwesomeVersion(manifest["version"], ensure_strategy=AwesomeVersionStrategy.SEMVER)


def imported_integrations(path: Path) -> set[str]:
    """Return the integrations of Home Assistant that a module imports at run time."""
    found: set[str] = set()

    def visit(node: ast.AST) -> None:
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            return
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            names = []
        found.update(
            name.split(".")[2]
            for name in names
            if name.startswith("homeassistant.components.")
        )
        for child in ast.iter_child_nodes(node):
            visit(child)

    visit(ast.parse(path.read_text("utf-8")))
    return found


def test_every_integration_that_is_imported_is_in_the_manifest() -> None:
    manifest = load_json(PACKAGE / "manifest.json")
    named = {*manifest.get("dependencies", []), *manifest.get("after_dependencies", [])}
    unnamed = {
        f"{name_of(path)} imports {integration}"
        for path in PACKAGE.rglob("*.py")
        for integration in imported_integrations(path)
        # A platform file may import the integration whose platform it is.
        if integration not in named | FREE_TO_IMPORT | {path.stem}
    }
    assert not unnamed


def test_package_with_actions_declares_that_it_has_no_yaml() -> None:
    source = existing(PACKAGE / "__init__.py").read_text("utf-8")
    assert "async def async_setup_entry(" in source
    if "async def async_setup(" in source:
        assert "CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)" in source


def test_marketplace_knows_every_key_of_hacs_json() -> None:
    hacs = load_json(ROOT / "hacs.json")
    assert hacs["name"] == "Zhi'an"
    assert not set(hacs) - {
        "content_in_root",
        "country",
        "filename",
        "hacs",
        "hide_default_branch",
        "homeassistant",
        "name",
        "persistent_directory",
        "render_readme",
        "zip_release",
    }
    assert hacs["zip_release"] is True
    assert hacs["filename"] == "zhian.zip"
    assert existing(ROOT / "README.md").stat().st_size > 0
    assert "Apache License" in existing(ROOT / "LICENSE").read_text("utf-8")


def test_quality_scale_answers_every_rule() -> None:
    answers = load_yaml(PACKAGE / "quality_scale.yaml")["rules"]
    rules = {rule for tier in RULES.values() for rule in tier.split()}
    assert len(rules) == 54
    assert set(answers) == rules
    for rule, answer in answers.items():
        if isinstance(answer, str):
            assert answer in {"done", "todo"}, rule
            continue
        assert set(answer) <= {"status", "comment"}, rule
        assert answer["status"] in {"done", "exempt", "todo"}, rule
        if answer["status"] == "exempt":
            assert answer.get("comment"), f"{rule}: exempt, but why?"


@pytest.mark.parametrize(
    ("picture", "size"),
    [("icon", (256, 256)), ("icon@2x", (512, 512)), ("logo", None), ("logo@2x", None)],
)
@pytest.mark.parametrize("theme", ["", "dark_"])
def test_brand_pictures_have_the_size_that_home_assistant_asks_for(
    theme: str, picture: str, size: tuple[int, int] | None
) -> None:
    head = existing(PACKAGE / "brand" / f"{theme}{picture}.png").read_bytes()[:24]
    assert head.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", head[16:])
    if size is not None:
        assert (width, height) == size
    else:
        least = 256 if picture.endswith("@2x") else 128
        assert least <= min(width, height) <= 2 * least


# --- texts ---------------------------------------------------------------------------


def test_texts_live_in_translations_alone() -> None:
    assert not (PACKAGE / "strings.json").exists()
    found = {path.stem for path in (PACKAGE / "translations").glob("*.json")}
    assert found == set(LANGUAGES)


def test_languages_have_the_same_keys() -> None:
    english, chinese = (dict(leaves(translations(code))) for code in LANGUAGES)
    assert not set(english) - set(chinese), "not said in Chinese"
    assert not set(chinese) - set(english), "not said in English"


def test_languages_have_the_same_placeholders() -> None:
    english, chinese = (dict(leaves(translations(code))) for code in LANGUAGES)
    # Home Assistant drops a translation whose placeholders differ.
    assert not [
        path
        for path in english.keys() & chinese.keys()
        if placeholders(english[path]) != placeholders(chinese[path])
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_plain_and_not_empty(language: str) -> None:
    for path, text in leaves(translations(language)):
        assert text.strip() == text, f"{path}: blanks around it"
        assert text, f"{path} is empty"
        assert not re.search(r"<[a-z/]", text), f"{path}: no HTML"
        assert "[%key" not in text, f"{path}: a reference that only core resolves"
        assert not ADDRESS.search(text), f"{path}: an address is no text"
        assert not re.search(r"'{\w+}'", text), f"{path}: a placeholder in quotes"
        assert re.fullmatch(r"[a-z0-9_.-]+", path), (
            f"{path}: a key is a lower-case slug"
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_of_a_form_is_named_and_described(language: str) -> None:
    texts = translations(language)
    flows = {
        "config": texts["config"],
        "options": texts.get("options", {}),
        **{f"{key} subentry": flow for key, flow in texts["config_subentries"].items()},
    }
    for flow, content in flows.items():
        for step, form in content.get("step", {}).items():
            parts = [form, *form.get("sections", {}).values()]
            for part in parts:
                assert set(part.get("data", {})) == set(
                    part.get("data_description", {})
                ), f"{flow}, step {step}"


def test_actions_have_a_text_for_every_field_and_an_icon() -> None:
    actions = load_yaml(PACKAGE / "services.yaml")
    icons = load_json(PACKAGE / "icons.json")["services"]
    assert set(icons) == set(actions)
    for language in LANGUAGES:
        texts = translations(language)["services"]
        assert set(texts) == set(actions), language
        for action, description in actions.items():
            fields = (description or {}).get("fields", {})
            said = texts[action].get("fields", {})
            assert set(said) == set(fields), f"{action} in {language}"
            for text in (texts[action], *said.values()):
                assert text.keys() >= {"name", "description"}, f"{action} in {language}"
            for field in fields.values():
                if key := (field["selector"].get("select") or {}).get(
                    "translation_key"
                ):
                    named = translations(language)["selector"][key]["options"]
                    assert set(field["selector"]["select"]["options"]) <= set(named)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_has_no_device_class_says_what_on_and_off_mean(language: str) -> None:
    """Home Assistant's own words would be "On" and "Off", also for "Ready to arm"."""
    sensors = translations(language)["entity"]["binary_sensor"]
    for name in sensors.keys() - {"gas", "carbon_monoxide", "smoke", "water"}:
        assert sensors[name]["state"].keys() == {"on", "off"}, name


def test_incidents_of_every_hazard_can_be_asked_for() -> None:
    fields = load_yaml(PACKAGE / "services.yaml")["get_incidents"]["fields"]
    assert fields["hazard"]["selector"]["select"]["options"] == [*Hazard]


@pytest.mark.parametrize("kind", ["trigger", "condition"])
def test_triggers_and_conditions_have_a_text_for_every_field_and_an_icon(
    kind: str,
) -> None:
    described = load_yaml(PACKAGE / f"{kind}s.yaml")
    described = {key: item for key, item in described.items() if key[0] != "."}
    icons = load_json(PACKAGE / "icons.json")[f"{kind}s"]
    assert set(icons) == set(described)
    for language in LANGUAGES:
        texts = translations(language)
        said = texts[f"{kind}s"]
        assert set(said) == set(described), language
        for key, item in described.items():
            assert set(said[key]["fields"]) == set(item["fields"]), f"{key}, {language}"
            for text in (said[key], *said[key]["fields"].values()):
                assert set(text) >= {"name", "description"}, f"{key}, {language}"
            for field in item["fields"].values():
                if select := field["selector"].get("select"):
                    options = texts["selector"][select["translation_key"]]["options"]
                    assert set(options) == set(select["options"])


def test_icons_are_material_and_belong_to_something_that_has_a_name() -> None:
    icons = load_json(PACKAGE / "icons.json")
    for path, icon in leaves(icons):
        assert icon.startswith("mdi:"), path
    named = translations("en")["entity"]
    for platform, keys in icons.get("entity", {}).items():
        assert not set(keys) - set(named.get(platform, {})), platform


# --- the package -----------------------------------------------------------------------


def test_kernel_imports_only_itself_and_pure_python() -> None:
    """No clock, no disk, no network, no Home Assistant: nothing that could bring them."""
    impure = {"asyncio", "os", "pathlib", "socket", "sqlite3", "threading", "time"}
    strangers = []
    for path in (PACKAGE / "safety").rglob("*.py"):
        depth = len(path.relative_to(PACKAGE / "safety").parts)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                if node.level:
                    modules = [] if node.level <= depth else ["." * node.level]
                else:
                    modules = [node.module or ""]
            else:
                continue
            strangers += [
                f"{name_of(path)} imports {module}"
                for module in modules
                if module.split(".")[0] not in sys.stdlib_module_names - impure
            ]
    assert not strangers


# --- the repository --------------------------------------------------------------------


def test_every_json_yaml_and_toml_file_can_be_read() -> None:
    for path in with_suffix(".json"):
        load_json(path)
    for path in with_suffix(".yaml", ".yml"):
        list(yaml.load_all(path.read_text("utf-8"), Loader=Lenient))
    for path in with_suffix(".toml"):
        tomllib.loads(path.read_text("utf-8"))


def test_no_file_records_where_packages_came_from() -> None:
    """A checkout installs from whichever index its machine has."""
    hosts = [
        "py" + "pi.org",
        "python" + "hosted.org",
        "registry.npm" + "js.org",
        "registry.yarn" + "pkg.com",
        "npm" + "mirror.com",
        "--index" + "-url ",
        "--extra-index" + "-url",
    ]
    found = [
        f"{name_of(path)}: {host}"
        for path in repository_files()
        for host in hosts
        if host.encode() in path.read_bytes()
    ]
    assert not found


def test_no_file_pins_one_machine() -> None:
    unwanted = {"uv.lock", ".python-version"}
    assert not [name_of(path) for path in repository_files() if path.name in unwanted]


@pytest.mark.parametrize("name", ["test", "run", "voice", "uv", "node"])
def test_requirements_are_pinned_with_hashes(name: str) -> None:
    text = existing(ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    packages = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert packages
    for line in packages:
        assert re.match(r"[\w.\[\],-]+==\S+ ", line), line
        assert line.endswith("\\"), f"{line}: no hash"
    wanted = existing(ROOT / "requirements" / f"{name}.in").read_text("utf-8")
    pinned = {re.split(r"[=\[]", line)[0].lower() for line in packages}
    for line in wanted.splitlines():
        if package := re.match(r"[\w-]+", line.partition("#")[0]):
            assert package[0].lower() in pinned, f"{name}.txt is older than {name}.in"


def test_workflows_ask_for_no_more_than_they_need() -> None:
    workflows = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
    assert {path.name for path in workflows} >= {
        "release.yml",
        "tests.yml",
        "validate.yml",
    }
    for path in workflows:
        workflow = load_yaml(path)
        assert set(workflow["permissions"].values() or ["read"]) == {"read"}, path.name
        for job in workflow["jobs"].values():
            assert job["timeout-minutes"] <= 60, path.name
            for step in job["steps"]:
                if (action := step.get("uses")) and action not in ALWAYS_THE_NEWEST:
                    # A tag can be moved to other code, a commit cannot.
                    assert re.search(r"@[0-9a-f]{40}$", action), path.name


def test_what_is_counted_needs_no_plural() -> None:
    """A unit has one form: it would be "1 incidents". The name says what is counted."""
    for language in ("en", "zh-Hans"):
        for platform, named in translations(language)["entity"].items():
            for key, texts in named.items():
                assert "unit_of_measurement" not in texts, f"{platform}.{key}"
