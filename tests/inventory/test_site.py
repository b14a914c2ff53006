"""A site file is read strictly: what it means is data, and what is wrong is one sentence with its place."""

import contextlib
import re
import sys
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import Meta

from fairlead.contract import loader
from fairlead.inventory import site, types
from fairlead.inventory.hosts import HostSpec
from fairlead.model.errors import CommandLineError, FairleadError, SiteError
from fairlead.model.plan import System

CASES = Path(__file__).parent / "cases"


class End(msgspec.Struct):
    length: int = 1
    hosts: site.NodeSet = ""


class Ends(msgspec.Struct, frozen=True):
    bitter: End | None = None


class Splice(msgspec.Struct):
    at: int
    tape: bool = False


class Span(msgspec.Struct, rename={"begin": "from", "end": "to"}):
    begin: int
    end: int

    def __post_init__(self):
        if self.end <= self.begin:
            raise ValueError("`to` has to come after `from`")


class Bowline(msgspec.Struct, tag="bowline"):
    turns: int = 1


class Hitch(msgspec.Struct, tag="hitch"):
    loops: int = 1


class Rope(msgspec.Struct, frozen=True):
    """Forgets to forbid unknown fields, as a plugin may."""

    hosts: site.NodeSet = ""
    tag: Annotated[site.Tag, Meta(description="which one")] = "latest"
    flavor: Literal["auto", "hawser", "cable"] = "auto"
    sources: tuple[site.Url, ...] = ()
    splices: list[Splice] = []
    ends: Ends = Ends()
    version: site.Version = ""
    count: Annotated[int, Meta(ge=1, description="strands of a rope")] = 3
    limits: dict[str, int] = {}
    build_host: site.OneHost = ""
    every: Span | None = None
    strict: bool = False
    note: dict[str, Any] = {}
    knot: Bowline | Hitch | None = None
    marks: dict[site.Tag, str] = {}
    range: tuple[int, str] = (1, "m")


class Tide(msgspec.Struct):
    table: str
    hosts: tuple[str, ...] = ()
    berths: dict[site.OneHost, int] = {}
    ebb: End | None = None

    def clashes(self, found):
        """No berth twice, and none for a host that goes by another name."""
        taken = {}
        for host, number in self.berths.items():
            if number in taken:
                yield types.Clash(
                    ("berths", host),
                    f"berth {number} is that of",
                    ("berths", taken[number]),
                    "give it another",
                )
            taken[number] = host
        for number, name in enumerate(self.hosts):
            if name in found.hosts and found.hosts[name].address != name:
                yield types.Clash(("hosts", number), f"{name} goes by another name")


SYSTEMS = {
    "rope": System(name="rope", about="rope", section=Rope, components=("bitter",)),
    "tide": System(name="tide", about="tide", section=Tide, components=("table",)),
}


def cases(name: str) -> list:
    return [
        pytest.param(case, id=case["case"]) for case in yaml.safe_load((CASES / name).read_text())
    ]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "sites").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str, name: str = "s.yml") -> Path:
    path = folder / "sites" / name
    path.write_text(text)
    return path


def load(folder: Path, text: str) -> site.Site:
    return site.load(write(folder, text), SYSTEMS)


@pytest.mark.parametrize("case", cases("refused.yml"))
def test_what_is_wrong_is_one_sentence_with_its_place(case, folder):
    for name, text in case.get("files", {}).items():
        write(folder, text, name)
    with pytest.raises(SiteError) as error:
        load(folder, case["site"])
    assert str(error.value) == case["says"]


@pytest.mark.parametrize("case", cases("read.yml"))
def test_what_is_written_is_read(case, folder):
    for name, text in case.get("files", {}).items():
        write(folder, text, name)
    found = load(folder, case["site"])
    plain = msgspec.json.decode(msgspec.json.encode(found))
    for name, wanted in case.get("hosts", {}).items():
        assert {key: plain["hosts"][name][key] for key in wanted} == wanted
    assert list(found.hosts) == case.get("order", list(found.hosts))
    assert {key: plain["sections"]["rope"][key] for key in case.get("rope", ())} == case.get(
        "rope", {}
    )
    assert plain["ssh"] == case.get("ssh", plain["ssh"])
    if "of" in case:
        assert list(found.hosts_of("rope")) == case["of"]


def test_a_component_may_have_hosts_of_its_own(folder):
    found = load(
        folder, 'hosts: {"n[1-5]": {}}\nrope: {hosts: "n[1-3]", ends: {bitter: {hosts: n5}}}\n'
    )
    assert found.hosts_of("rope", "bitter") == ("n1", "n2", "n3")
    assert msgspec.structs.replace(found, sections={"rope": found.sections["rope"].ends}).hosts_of(
        "rope", "bitter"
    ) == ("n5",)


def test_a_component_that_is_left_out_is_on_no_host(folder):
    found = load(folder, "hosts: {n1: {}}\nrope: {hosts: n1}\ntide: {table: t, hosts: [n1]}\n")
    assert (
        found.hosts_of("tide", "ebb"),
        found.hosts_of("rope", "knot"),
        found.hosts_of("rope", "ends"),
    ) == ((), (), ("n1",))


def test_hosts_may_be_a_list_where_the_plugin_says_so(folder):
    assert load(
        folder, 'hosts: {"n[1-5]": {}}\ntide: {table: t, hosts: ["n[1-2]", n5]}\n'
    ).hosts_of("tide") == ("n1", "n2", "n5")
    with pytest.raises(
        SiteError, match=r"sites/s.yml:3: tide.hosts: no such host 'n9'; known: n\[1-5\]"
    ):
        load(folder, 'hosts: {"n[1-5]": {}}\ntide:\n  hosts: [n1, n9]\n  table: t\n')


def test_a_section_without_hosts_says_so_when_they_are_wanted(folder):
    with pytest.raises(
        SiteError, match=r"sites/s.yml: rope.hosts: no hosts are named; add the key hosts"
    ):
        load(folder, "rope:\n").hosts_of("rope")
    with pytest.raises(SiteError, match=r"sites/s.yml: has no section 'tide'; known: rope"):
        load(folder, "rope:\n").hosts_of("tide")


def test_sections_keep_the_order_of_the_file(folder):
    assert list(load(folder, "tide: {table: t}\nrope:\n").sections) == ["tide", "rope"]


def test_an_operators_hosts_are_united(folder):
    found = load(folder, 'hosts: {"n[1-5]": {}}\n')
    assert found.resolve("n5", "n[1-2]") == ("n1", "n2", "n5")
    with pytest.raises(CommandLineError, match="--host is empty: an unset variable"):
        found.resolve("")


def test_what_is_not_utf8_is_told_with_its_line(folder):
    path = write(folder, "")
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(SiteError, match=r"sites/s.yml:2: is not UTF-8; save it as UTF-8"):
        site.load(path, SYSTEMS)


@pytest.mark.parametrize(
    "text",
    [
        "x-a: &a [1,1,1,1,1,1,1,1,1,1]\n"
        + "\n".join(
            f"x-{chr(98 + i)}: &{chr(98 + i)} [" + ",".join([f"*{chr(97 + i)}"] * 10) + "]"
            for i in range(9)
        ),
        "rope: " + "[" * 100_000,
        "rope: " + "[{a: " * 20_000,
        "rope: " + "- " * 100_000 + "1",
        "x-a: [" + "1," * 30_000 + "1]\n",
        "x-a: " + "1" * (1 << 20) + "\n",
        "rope: {count: " + "9" * 5000 + "}\n",
    ],
    ids=[
        "aliases of aliases",
        "brackets",
        "brackets and braces",
        "dashes",
        "a long list",
        "a large file",
        "a long number",
    ],
)
def test_a_hostile_file_is_refused_at_once(text, folder):
    began = time.monotonic()
    with pytest.raises(SiteError):
        load(folder, text)
    assert time.monotonic() - began < 1


_WORDS = [
    "hosts",
    "rope",
    "n1",
    "n[1-3]",
    ": ",
    "\n",
    "\n  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "&a ",
    "*a",
    "<<",
    "@io",
    "%",
    "extends",
    "s.yml",
    "'",
    '"',
    "4.10",
    "ends",
    "\t",
]


@given(st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_WORDS), max_size=25).map("".join)))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_text_is_a_site_or_a_sentence(folder, text):
    path = folder / "sites" / "s.yml"
    path.write_bytes(text.encode(errors="surrogatepass"))
    with contextlib.suppress(SiteError):
        site.load(path, SYSTEMS)


def test_three_hundred_hosts_load_at_once(folder):
    text = "hosts:\n" + "".join(
        f'  "r{rack}n[1-10]": {{address: "10.0.{rack}.%", user: root}}\n' for rack in range(15)
    )
    text += (
        "".join(f"  ps{i}.example.org: {{address: 10.1.0.{i}, port: 2222}}\n" for i in range(150))
        + 'rope: {hosts: "@all"}\n'
    )
    path = write(folder, text)
    assert len(site.load(path, SYSTEMS).hosts) == 301
    assert min(_seconds(lambda: site.load(path, SYSTEMS)) for _ in range(5)) < 0.1


def _seconds(work) -> float:
    began = time.monotonic()
    work()
    return time.monotonic() - began


def test_the_site_is_the_one_asked_for(folder):
    for name in ("lab.yml", "triumf.yml", "example.yml"):
        write(folder, "", name)
    lab, triumf = folder / "sites/lab.yml", folder / "sites/triumf.yml"
    assert site.find("lab", {"FAIRLEAD_SITE": "triumf"}, folder) == lab
    assert site.find("sites/lab.yml", {}, folder) == lab
    assert site.find("lab.yml", {}, folder) == lab
    assert site.find(str(lab), {}, folder) == lab
    assert site.find("", {"FAIRLEAD_SITE": "triumf"}, folder, "lab") == triumf
    assert site.find("", {}, folder, "lab") == lab


def test_the_only_site_need_not_be_named(folder):
    write(folder, "", "example.yml")
    write(folder, "hosts: {}\n", "common.yml")
    write(folder, "extends: common.yml  # shared\n", "lab.yml")
    assert site.find("", {}, folder) == folder / "sites/lab.yml"


@pytest.mark.parametrize(
    ("files", "option", "environment", "sentence"),
    [
        (
            [],
            "",
            {},
            "sites: no site file here; copy sites/example.yml to sites/NAME.yml and fill it in",
        ),
        (
            ["example.yml"],
            "",
            {},
            "sites: no site file here; copy sites/example.yml to sites/NAME.yml and fill it in",
        ),
        (["a.yml", "b.yml"], "", {}, "--site: which one? there are a, b; for instance --site=a"),
        (
            ["a.yml", "b.yml"],
            "c",
            {},
            "--site: no such site 'c': sites/c.yml is not there; there are: a, b",
        ),
        (
            ["a.yml"],
            "",
            {"FAIRLEAD_SITE": "x/y.yml"},
            "FAIRLEAD_SITE: no such site 'x/y.yml': x/y.yml is not there; there are: a",
        ),
    ],
)
def test_a_site_that_cannot_be_found_says_what_there_is(
    files, option, environment, sentence, folder
):
    for name in files:
        write(folder, "", name)
    with pytest.raises(FairleadError) as error:
        site.find(option, environment, folder)
    assert str(error.value) == sentence


def test_a_file_that_cannot_be_read_says_so(folder):
    with pytest.raises(
        SiteError, match="sites: cannot be read: Is a directory; give the path of a site file"
    ):
        site.load(Path("sites"), SYSTEMS)


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case["type"])
        for case in yaml.safe_load((CASES / "values.yml").read_text())
    ],
)
def test_typed_values_take_what_they_are_and_nothing_else(case):
    kind = getattr(site, case["type"])
    assert [site.value(text, kind, "--x") for text in case["good"]] == case["good"]
    for text in case["bad"]:
        with pytest.raises(CommandLineError, match="--x: .* is not an? .*; wanted "):
            site.value(text, kind, "--x")


def test_a_flag_is_a_typed_value_too():
    assert site.value("3", Annotated[int, Meta(ge=1)], "--count") == 3
    with pytest.raises(
        CommandLineError, match="^--count: wanted a whole number, found the text 'x'$"
    ):
        site.value("x", int, "--count")
    with pytest.raises(
        CommandLineError, match="^--state: wanted off or on, found 'of'; did you mean off"
    ):
        site.value("of", Literal["off", "on"], "--state")


class Flags(msgspec.Struct, kw_only=True):
    url: site.Url
    also: tuple[site.Url, ...] = ()
    dry_count: Annotated[int, Meta(ge=1)] = 1
    force: bool = False


def test_flags_become_their_struct():
    assert types.flags(
        {"url": "https://h", "also": ["https://i"], "dry_count": "3", "force": True, "other": 1},
        Flags,
    ) == Flags(url="https://h", also=("https://i",), dry_count=3, force=True)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({}, "--url: must be given; write --url=..."),
        (
            {"url": "htp:/x"},
            "--url: 'htp:/x' is not a URL; wanted http(s)://HOST/PATH or file:///PATH",
        ),
        (
            {"url": "https://h", "also": ["https://i", "i;id"]},
            "--also: 'i;id' is not a URL; wanted http(s)://HOST/PATH",
        ),
        (
            {"url": "https://h", "dry_count": "x"},
            "--dry-count: wanted a whole number, found the text 'x'",
        ),
        ({"url": "https://h", "dry_count": "0"}, "--dry-count: has to be >= 1, found 0"),
    ],
)
def test_a_wrong_flag_is_one_sentence(given, sentence):
    with pytest.raises(CommandLineError) as error:
        types.flags(given, Flags)
    assert str(error.value).startswith(sentence)


def test_a_map_or_a_path_may_be_read_as_often_as_one_likes():
    """msgspec 0.22.0 gives a reference to the pattern of such a text away each time, until Python ends with a segmentation fault."""
    path = types.text("/read/often", "a path", "/read/often")
    kind, pattern = dict[str, Any] | Annotated[str, path], re.compile(path.pattern)
    before = sys.getrefcount(pattern)
    assert types.value("/read/often", kind, "config") == "/read/often"
    with pytest.raises(CommandLineError, match="'/else' is not a path; wanted /read/often"):
        types.value("/else", kind, "config")
    assert sys.getrefcount(pattern) >= before


def test_every_key_of_a_section_is_known():
    assert set(site.keys(Rope)) >= {
        "hosts",
        "splices.at",
        "ends.bitter.length",
        "every.from",
        "knot.turns",
        "knot.loops",
    }


def test_editors_get_a_schema():
    schema = site.schema(SYSTEMS)
    assert list(schema["properties"]) == [
        "extends",
        "hosts",
        "groups",
        "offline",
        "ssh",
        "secrets",
        "rope",
        "tide",
    ]
    rope = schema["$defs"]["Rope"]
    assert (rope["additionalProperties"], rope["patternProperties"]) == (False, {"^x-": {}})
    assert rope["properties"]["tag"]["pattern"].startswith("^(?:")
    assert schema["$defs"]["HostSpec"]["properties"]["port"] == {
        "type": "integer",
        "minimum": 1,
        "maximum": 65535,
        "description": "of sshd",
        "default": 22,
    }


ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def real():
    """Every system of this repository."""
    return loader.load([ROOT / "plugins"], entry_points=False).systems


def test_the_example_is_a_site(real, monkeypatch):
    monkeypatch.chdir(ROOT)
    found = site.load(
        ROOT / "sites" / "example.yml",
        real,
        loader.load([ROOT / "plugins"], entry_points=False).settings(),
    )
    assert list(found.sections) == [name for name in found.sections if name in real]
    assert [found.hosts[name].address for name in ("bastion", "n3", "ps002")] == [
        "192.0.2.10",
        "10.0.3.3",
        "ps002.example.org",
    ]


def test_the_example_holds_every_store_and_its_keys():
    stores = loader.load([ROOT / "plugins"], entry_points=False).settings()
    told = yaml.safe_load((ROOT / "sites" / "example.yml").read_text())["secrets"]
    assert {name: list(told[name] or ()) for name in told} == {
        name: list(site.keys(kind)) for name, kind in stores.items()
    }


def test_the_example_holds_every_key_of_every_system(real):
    text = (ROOT / "sites" / "example.yml").read_text()
    told = yaml.safe_load(text)
    kinds = {"hosts": HostSpec, "ssh": site.Ssh} | {
        name: system.section for name, system in real.items()
    }
    missing = [
        f"{name}.{key}"
        for name, kind in kinds.items()
        for key in site.keys(kind)
        if not _told(told.get(name), key.split("."))
    ]
    assert missing == []


def _told(data: Any, keys: list[str]) -> bool:
    """Does the key path occur, in whatever map or list of the user's own?"""
    if not keys:
        return True
    if isinstance(data, dict) and keys[0] in data:
        return _told(data[keys[0]], keys[1:])
    return any(
        _told(part, keys)
        for part in (
            data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
        )
    )


def _manual() -> list[tuple[str, str]]:
    """Every YAML block of the manual, with the error that follows it or ""."""
    blocks = re.findall(
        r"^```(\w+)\n(.*?)^```$", (ROOT / "docs" / "sites.md").read_text(), re.MULTILINE | re.DOTALL
    )
    after = [*blocks[1:], ("", "")]
    return [
        (text, next_text.strip() if next_kind == "error" else "")
        for (kind, text), (next_kind, next_text) in zip(blocks, after, strict=True)
        if kind == "yaml"
    ]


@pytest.mark.parametrize(("text", "says"), _manual())
def test_the_manual_tells_the_truth(text, says, real, folder):
    path = write(folder, text)
    if not says:
        assert site.load(path, real)
        return
    with pytest.raises(SiteError) as error:
        site.load(path, real)
    start, _, end = says.partition("...")
    assert str(error.value).startswith(start)
    assert end or str(error.value) == says or "..." in says


def test_the_manuals_types_for_plugin_authors_are_there():
    code = re.search(
        r"^```python\n(.*?)^```$",
        (ROOT / "docs" / "sites.md").read_text(),
        re.MULTILINE | re.DOTALL,
    )
    there: dict[str, Any] = {}
    exec(code[1], there)  # noqa: S102
    with pytest.raises(
        CommandLineError, match="'X' is not a pool name; wanted lower case letters, digits and _"
    ):
        site.value("X", there["Pool"], "--pool")
