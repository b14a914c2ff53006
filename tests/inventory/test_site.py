"""A site file is read strictly: it means data, or one sentence says what is wrong and where."""

import time
from pathlib import Path

import msgspec
import pytest

from fairlead.inventory import site
from fairlead.model.errors import CommandLineError, FairleadError, SiteError
from tests.inventory.ropes import SYSTEMS, cases, load, write


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
    read = load(folder, case["site"])
    plain = msgspec.json.decode(msgspec.json.encode(read))
    for name, expected in case.get("hosts", {}).items():
        assert {key: plain["hosts"][name][key] for key in expected} == expected
    assert list(read.hosts) == case.get("order", list(read.hosts))
    assert {key: plain["sections"]["rope"][key] for key in case.get("rope", ())} == case.get(
        "rope", {}
    )
    assert plain["ssh"] == case.get("ssh", plain["ssh"])
    if "of" in case:
        assert list(read.hosts_of("rope")) == case["of"]


def test_a_component_may_have_hosts_of_its_own(folder):
    read = load(
        folder, 'hosts: {"n[1-5]": {}}\nrope: {hosts: "n[1-3]", ends: {bitter: {hosts: n5}}}\n'
    )
    assert read.hosts_of("rope", "bitter") == ("n1", "n2", "n3")
    assert msgspec.structs.replace(read, sections={"rope": read.sections["rope"].ends}).hosts_of(
        "rope", "bitter"
    ) == ("n5",)


def test_a_component_that_is_left_out_is_on_no_host(folder):
    read = load(folder, "hosts: {n1: {}}\nrope: {hosts: n1}\ntide: {table: t, hosts: [n1]}\n")
    assert (
        read.hosts_of("tide", "ebb"),
        read.hosts_of("rope", "knot"),
        read.hosts_of("rope", "ends"),
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
    read = load(folder, 'hosts: {"n[1-5]": {}}\n')
    assert read.resolve("n5", "n[1-2]") == ("n1", "n2", "n5")
    with pytest.raises(CommandLineError, match="--host is empty: an unset variable"):
        read.resolve("")


def test_what_is_not_utf8_is_told_with_its_line(folder):
    path = write(folder, "")
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(SiteError, match=r"sites/s.yml:2: is not UTF-8; save it as UTF-8"):
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
    began = time.process_time()
    work()
    return time.process_time() - began


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
            "sites: no site file here; inv init --site=NAME writes one",
        ),
        (
            ["example.yml"],
            "",
            {},
            "sites: no site file here; inv init --site=NAME writes one",
        ),
        (
            ["a.yml", "b.yml"],
            "",
            {},
            "--site: which one? there are a, b; say --site=a, or for good in invoke.yaml: "
            "fairlead: {site: a}",
        ),
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
