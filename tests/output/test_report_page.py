"""The page of a status: everything escaped, nothing fetched, versions against the majority."""

from html.parser import HTMLParser
from typing import Any

from fairlead.model.results import HostResult, RunResult
from fairlead.output.majority import comparisons
from fairlead.output.report_page import EndingSecret, LastRun, Page, html

DIGEST = "sha256:" + "a" * 64


def row(host: str, component: str = "toy", state: str = "ok", **more: Any) -> HostResult:
    return HostResult(host=host, system=component, component="", state=state, **more)


def page(*rows: HostResult, **more: Any) -> Page:
    defaults: dict[str, Any] = {
        "secrets": (),
        "secrets_trouble": "",
        "runs": (),
        "time": "2026-11-28 12:00 UTC",
        "who": "ann@desk",
        "version": "1.0",
        "revision": "",
    }
    result = RunResult(verb="status", site="prod", run="r", hosts=rows)
    return Page(result=result, **defaults | more)


class Reader(HTMLParser):
    """Reads a page as a browser does: its tags, its attributes, its text, in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.texts.append(data)


EVIL = "<script>alert(1)</script>\"'&\x1b[31m\u202e"


def test_whatever_a_host_says_stays_text() -> None:
    evil = row(
        EVIL, EVIL, "failed", code=1, error=f"{EVIL}: broke", fields={f"version{EVIL}": EVIL}
    )
    secret = EndingSecret(EVIL, EVIL, EVIL, EVIL, 3)
    run = LastRun(EVIL, EVIL, EVIL, EVIL, 1, EVIL)
    full = page(evil, secrets=(secret,), runs=(run,), who=EVIL, revision=EVIL, version=EVIL)
    text = html(full)
    reader = Reader(text)
    assert reader.open == []
    assert {"script", "img", "link", "iframe", "a", "form"} & {*reader.tags} == set()
    assert not any(name.startswith("on") or name in ("href", "src") for name in reader.attributes)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "".join(reader.texts).count("<script>alert(1)</script>") >= 15


def test_nothing_is_fetched_and_no_script_may_run() -> None:
    text = html(page(row("n1")))
    assert "default-src &#x27;none&#x27;" in text
    assert not any(word in text for word in ("http://", "https://", "url(", "@import"))


def test_hosts_stand_against_components_with_state_and_version() -> None:
    rows = [
        row("n1", "toy", fields={"image": f"r/x@{DIGEST}"}),
        row("n2", "toy", "failed", code=1, error="n2: not well; inv toy.up --host=n2"),
        row("n1", "rope", fields={"knots": 3}),
    ]
    texts = [text for text in Reader(html(page(*rows))).texts if text.strip()]
    begin = texts.index("Hosts and components")
    assert texts[begin + 1 : begin + 12] == [
        "host",
        "toy",
        "rope",
        "n1",
        "ok",
        f"x@{DIGEST[:19]}",
        "ok",
        "n2",
        "failed",
        "-",
        "Versions, and hosts that differ",
    ]
    assert "n2: not well; inv toy.up --host=n2" in "".join(texts)


def compared(**values: str) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    rows = [row(host, fields={"version": value}) for host, value in values.items()]
    return [(entry.hosts, entry.common, entry.others) for entry in comparisons(rows)]


def test_outliers_stand_against_the_majority() -> None:
    assert compared(n1="1", n2="1", n3="2", n4="1") == [("n[1-2,4]", "1", (("n3", "2"),))]


def test_half_of_the_hosts_are_no_majority() -> None:
    assert compared(n1="1", n2="2") == [("", "", (("n1", "1"), ("n2", "2")))]


def test_a_field_that_differs_everywhere_and_tells_no_version_is_left_out() -> None:
    rows = [row(host, fields={"since": host * 2}) for host in ("n1", "n2", "n3")]
    assert comparisons(rows) == []


def test_a_field_that_few_differ_in_is_shown_whatever_it_is_called() -> None:
    rows = [row(host, fields={"mode": "a" if host < "n3" else "b"}) for host in ("n1", "n2", "n3")]
    (entry,) = comparisons(rows)
    assert (entry.field, entry.common, entry.others) == ("mode", "a", (("n3", "b"),))


def test_secrets_that_are_not_known_are_not_called_none() -> None:
    text = html(page(row("n1"), secrets_trouble="not known (secrets/x: cannot be opened)"))
    assert "not known (secrets/x: cannot be opened)" in text


def test_a_host_that_is_marked_offline_is_skipped_and_not_unwell() -> None:
    text = html(page(row("n1"), row("n2", state="skipped", error="n2: is marked offline in s.yml")))
    assert ("Not well" in text, ">skipped<" in text) == (False, True)
