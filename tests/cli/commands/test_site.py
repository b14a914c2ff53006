"""`inv site.*` tells what the file means, to people and to programs."""

import json
from types import SimpleNamespace
from typing import Literal

import msgspec
import pytest

from fairlead.cli.commands import site as chores
from fairlead.inventory import site, types
from fairlead.inventory.schema import schema
from fairlead.model.errors import CommandLineError
from fairlead.model.plan import System
from fairlead.output.text import table_lines


class Bitt(msgspec.Struct):
    turns: int = 2


class Rope(msgspec.Struct):
    hosts: types.NodeSet = ""
    tag: types.Tag = "latest"
    sources: tuple[types.Url, ...] = ()
    flavor: Literal["auto", "cable"] = "auto"
    strict: bool = True
    bitts: dict[str, Bitt] = {}


SYSTEMS = {"rope": System(name="rope", about="rope for all", section=Rope, components=("rope",))}
SITE = """
hosts:
  bastion: {address: 192.0.2.1, user: ops, port: 2222}
  n[1-3]: {address: "10.0.3.%", via: bastion, sudo: true}
groups: {io: "n[1-2]"}
offline: n3
ssh: {config: config}
rope: {hosts: "@io", sources: [https://a.example/1], bitts: {port: {turns: 3}}}
"""


@pytest.fixture
def context(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.yml").write_text(SITE.replace("config: config", f"config: {tmp_path}/config"))
    loaded = site.load(tmp_path / "s.yml", SYSTEMS)
    return SimpleNamespace(
        site=lambda: loaded,
        plugins=SimpleNamespace(systems=SYSTEMS, settings=dict, sources={}),
    )


CONFIG = "Host bastion\n ProxyJump gate:22\nHost *\n Port 99 # remark\n User ivana\n"
COMMON = SimpleNamespace(hosts=(), fanout=8)


def test_show_tells_the_site_with_every_default(context):
    assert [*table_lines(chores.show(context, COMMON).listing)] == [
        "s.yml",
        "  hosts    bastion,n[1-3]",
        "  offline  n3",
        "  @io      n[1-2]",
        "",
        "rope",
        "  hosts             @io",
        "  tag               latest",
        "  sources           [https://a.example/1]",
        "  flavor            auto",
        "  strict            true",
        "  bitts.port.turns  3",
    ]


def test_show_is_a_document_too(context):
    data = json.loads(json.dumps(chores.show(context, COMMON).data))
    assert list(data) == [
        *("name", "path", "hosts", "groups", "sections", "ssh", "stores", "sources"),
        *("windows", "requires_reason", "announcements", "syslog"),
    ]
    assert data["sections"]["rope"]["bitts"] == {"port": {"turns": 3}}


def test_hosts_lists_the_way_to_each(context, tmp_path):
    (tmp_path / "config").write_text(CONFIG)
    table = [*table_lines(chores.hosts(context, COMMON).listing)]
    assert table == [
        "host     address    user   port  via      key  carrier  sudo  offline",
        "bastion  192.0.2.1  ops    2222  gate:22  -    ssh      -     -",
        "n1       10.0.3.1   ivana  99    bastion  -    ssh      yes   -",
        "n2       10.0.3.2   ivana  99    bastion  -    ssh      yes   -",
        "n3       10.0.3.3   ivana  99    bastion  -    ssh      yes   yes",
        "local    127.0.0.1  -      22    -        -    local    -     -",
    ]


def test_hosts_tells_what_ssh_makes_of_them_and_what_is_wrong(context, tmp_path):
    (tmp_path / "config").write_text(CONFIG)
    row = chores.hosts(context, SimpleNamespace(hosts=("n1",), fanout=8)).data[0]
    assert (row["port"], row["ssh"]["port"], row["ssh"]["user"]) == (22, 99, "ivana")
    (tmp_path / "config").write_text("Host *\n ProxyJump gate\n")
    (table,) = chores.hosts(context, SimpleNamespace(hosts=("bastion",), fanout=8)).listing
    assert table.rows[1][:5] == ("bastion", "192.0.2.1", "ops", "2222", "gate")
    (tmp_path / "config").write_text("Host *\n Prot 22\n")
    sentence = chores.hosts(context, SimpleNamespace(hosts=("n1",), fanout=8)).text
    assert sentence == (
        f"{tmp_path}/config: cannot be read ({tmp_path}/config: line 2: Bad configuration option: "
        "prot); mend it; ssh -G shows what ssh makes of it"
    )


def test_how_the_file_says_a_port_is_no_key_of_the_document(context):
    hosts = chores.show(context, COMMON).data["hosts"].values()
    rows = chores.hosts(context, COMMON).data
    assert [row for row in (*hosts, *rows) if "has_port" in row] == []


def test_hosts_lists_those_asked_for(context):
    assert [
        row["name"] for row in chores.hosts(context, SimpleNamespace(hosts=("@io",), fanout=8)).data
    ] == [
        "n1",
        "n2",
    ]
    with pytest.raises(CommandLineError, match="--host: no such host 'n9'"):
        chores.hosts(context, SimpleNamespace(hosts=("n9",), fanout=8))


def test_validate_says_what_is_there(context):
    answer = chores.validate(context, COMMON)
    assert (answer.text, answer.code) == ("s.yml: 4 hosts, 1 section: ok", 0)
    assert answer.data == {"path": "s.yml", "hosts": 4, "sections": ["rope"], "ok": True}


def test_schema_is_the_schema(context):
    answer = chores.schema(context, COMMON)
    assert json.loads(answer.text) == answer.data == schema(SYSTEMS)
