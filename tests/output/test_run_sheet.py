"""The hand-over sheet: what was to be done, what became of it, and who wanted it, in two forms."""

from typing import Any

import pytest

from fairlead.model.results import HostResult, ImageChange, RunResult, StepResult
from fairlead.output.run_sheet import RunRecord, sheet
from fairlead.output.sheet_formats import html, markdown
from tests.output.test_report_page import EVIL, Reader

OLD, NEW = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def row(host: str, state: str = "changed", **more: Any) -> HostResult:
    return HostResult(host=host, system="toy", component="", called="toy", state=state, **more)


def step(name: str, state: str = "changed", **more: Any) -> StepResult:
    return StepResult(name=name, state=state, **more)


def record(*rows: HostResult, **more: Any) -> RunRecord:
    fields: dict[str, Any] = {"verb": "toy.upgrade", "run": "20261128T120000-abc"} | more
    result = RunResult(site="prod", hosts=rows, **fields)
    return RunRecord(ended="2026-11-28T12:03:20Z", who="ann@desk", fairlead="1.0", result=result)


FILE = step("file", diff="--- a\n+++ b\n-old\n+new\n", seconds=0.04)
ROLL = record(
    row(
        "n1",
        steps=(step("pull", "ok", phase="pull", seconds=1.5), FILE),
        images=(ImageChange("web", "web:1", OLD, NEW),),
    ),
    row(
        "n2",
        steps=(step("pull", phase="pull", seconds=75), FILE),
        images=(ImageChange("web", "web:1", OLD, NEW),),
    ),
    row(
        "n3",
        "rolled-back",
        code=8,
        error="n3: not healthy; the version before is back",
        steps=(step("pull", phase="pull"), step("file", "undone")),
        images=(ImageChange("web", "web:1", "", "not known"),),
    ),
    row("n4", "skipped", code=1, error="n4: not upgraded because of n3"),
    reason="OPS-7 it is old",
    flags=("--skip-dump",),
    options={"skip_dump": True, "ship": "n1"},
    revision="c" * 40,
    notes=("go on: inv runs.resume",),
)

MARKDOWN = f"""\
# inv toy.upgrade on prod

- **outcome**: exit code 8: 1 rolled-back, 2 changed, 1 skipped
- **what**: inv toy.upgrade --skip-dump
- **with**: ship n1
- **why**: OPS-7 it is old
- **who**: ann@desk
- **began**: 2026-11-28 12:00:00 UTC
- **ended**: 2026-11-28 12:03:20 UTC
- **took**: 3 min 20 s
- **run**: 20261128T120000-abc
- **fairlead**: 1.0
- **revision of the site**: {"c" * 40}

## Hosts

| hosts | component | state | remark |
| --- | --- | --- | --- |
| n\\[1-2\\] | toy | changed |  |
| n3 | toy | rolled-back | n3: not healthy; the version before is back |
| n4 | toy | skipped | n4: not upgraded because of n3 |

## Images before and after

| hosts | container | image | before | after |
| --- | --- | --- | --- | --- |
| n\\[1-2\\] | web | web:1 | {OLD} | {NEW} |
| n3 | web | web:1 | none | not known |

## Plan, step by step

| step | phase | component | outcome | longest |
| --- | --- | --- | --- | --- |
| pull | pull | toy | n1 ok, n\\[2-3\\] changed | 1 min 15 s |
| file | - | toy | n\\[1-2\\] changed, n3 undone | 0 s |

## Differences

n\\[1-2\\]: toy: file (changed)

```diff
--- a
+++ b
-old
+new
```


## Notes

- go on: inv runs.resume
"""


def test_markdown_says_all_of_it() -> None:
    assert markdown(sheet(ROLL)) == MARKDOWN


def test_the_page_says_the_same() -> None:
    reader = Reader(html(sheet(ROLL)))
    text = " ".join(reader.texts)
    assert reader.open == []
    for _, fact in sheet(ROLL).facts:
        assert fact in text
    for table in sheet(ROLL).tables:
        for cells in table.rows:
            assert all(cell in text for cell in cells)
    assert (reader.texts.count("+new\n"), "-old" in text) == (0, True)
    assert all(word in text for word in ("n[1-2]: toy: file (changed)", "go on: inv runs.resume"))


def test_a_phase_that_the_first_host_has_not_stands_where_the_others_have_it() -> None:
    first = row("n1", steps=(step("resolve"), step("replace"), step("finish")))
    others = row("n2", steps=(step("pull"), step("replace")))
    late = row("n3", steps=(step("replace"), step("finish"), step("sweep")))
    plan = sheet(record(first, others, late)).tables[2]
    names = [cells[0] for cells in plan.rows]
    assert names == ["resolve", "pull", "replace", "finish", "sweep"]


def test_a_run_without_reason_or_revision_says_so() -> None:
    facts = dict(sheet(record(row("n1"))).facts)
    assert (facts["why"], facts["revision of the site"]) == ("no reason was given", "not known")


def test_of_what_is_only_in_the_journal_the_plan_is_not_known() -> None:
    import msgspec

    half = msgspec.structs.replace(record(row("n1")), is_whole=False)
    assert "what was planned and done is not remembered here any more" in markdown(sheet(half))
    assert "not remembered" in html(sheet(half))


def test_whatever_a_host_says_stays_text_in_a_page() -> None:
    act = step(EVIL, EVIL, phase=EVIL, diff=f"+{EVIL}")
    image = ImageChange(EVIL, EVIL, EVIL, EVIL)
    evil = row(EVIL, EVIL, code=1, error=EVIL, steps=(act,), images=(image,))
    text = html(sheet(record(evil, reason=EVIL, notes=(EVIL,), revision=EVIL, run=EVIL)))
    reader = Reader(text)
    assert {"script", "img", "link", "iframe", "a", "form"} & {*reader.tags} == set()
    assert not any(name.startswith("on") or name in ("href", "src") for name in reader.attributes)
    assert ("\x1b" in text, "\u202e" in text) == (False, False)


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ("a | b", "a \\| b"),
        ("two\nlines", "two lines"),
        ("<b> [x](y) `c` *d*", "\\<b\\> \\[x\\](y) \\`c\\` \\*d\\*"),
        ("\x1b[31mred", "red"),
    ],
)
def test_words_stay_words_in_markdown(words: str, line: str) -> None:
    text = markdown(sheet(record(row("n1", error=words))))
    assert f"| n1 | toy | changed | {line} |" in text.splitlines()


def test_a_fence_is_longer_than_any_in_a_difference() -> None:
    text = markdown(sheet(record(row("n1", steps=(step("file", diff="+````\n```"),)))))
    assert text.count("`````") == 2
