"""Is what was said so? Each claim of the command line beside the truth of the host."""

from collections.abc import Iterator
from typing import Any

from tests.e2e.faults.arena import Arena
from tests.e2e.faults.truth import Truth
from tests.e2e.faults.words import Words

BACK = (
    "the old one is back",
    "what was begun is undone",
    "undid everything by itself",
)
# With these words nobody says that all runs that ran before, whoever has undone what he began.
UNWELL_NOW = ("its status now: not well", "its status now: not known")
WELL_NOW = "its status now: well"
UNTOUCHED = ("nothing was changed", "nothing else was changed", "was not touched")
CHANGING = ("upgrade", "up", "restart", "rollback")


def untruths(
    arena: Arena,
    words: Words,
    before: Truth,
    after: Truth,
    target: str,
    *,
    asked: Truth | None = None,
    alone: bool = True,
) -> list[str]:
    """What was said and is not so, a sentence each. `before`: the truth before the run that is
    spoken of; `asked`: that in which a status was asked, where it is another; `target`: the release
    that an upgrade was to bring; not `alone`: somebody else has changed the host too, and only
    health is compared.
    """
    claims = [*_of_any(words), *_of_rows(arena, words, after)]
    text = words.text
    claim = _claim_of_before(text)
    has_changed = words.code == 0 and words.verb in CHANGING
    if claim and alone and not has_changed:  # else it is a note on a run before this one
        is_told = any(word in text for word in UNWELL_NOW) and BACK[0] not in text
        # without an engine nobody sees its containers
        stands = not after.has_engine or after.stands(arena) == before.images(arena)
        if not (is_told and stands):
            claims += _is_back(arena, before, after, claim)
    if WELL_NOW in text and not after.healthy:
        claims.append("says that its status is well, and it does not answer")
    if has_changed:
        claims += _is_as_asked(arena, words, before, after, target if alone else "")
    if words.verb == "status":
        claims += _status(arena, words, asked or before, after, alone=alone)
    if " works on " in text and asked and not _is_held(asked) and not _is_held(after):
        claims.append("says that somebody works there, and nobody does")
    if "nothing is left of it" in text and (left := after.open or after.kept(arena)):
        claims.append(f"says that nothing is left of it: {left}")
    if "nothing to recover" in text and after.open:
        claims.append(f"says that nothing was left open: {after.open}")
    return [f"{words} {claim} ({after})" for claim in dict.fromkeys(claims)]


def _claim_of_before(text: str) -> str:
    """How the words say that the host is as it was before; "" where they do not."""
    if any(claim in text for claim in BACK):
        return "says that the old one is back"
    is_untouched = any(claim in text for claim in UNTOUCHED)
    return "says that nothing was changed" if is_untouched else ""


def _is_held(truth: Truth) -> bool:
    return bool(truth.leases or truth.working)


def _of_any(words: Words) -> Iterator[str]:
    if "Traceback" in words.err:
        yield f"ends in a traceback: {words.err.strip().splitlines()[-1]}"
    document = words.document
    if "code" in document and document["code"] != words.code:
        yield f"ends with {words.code}, and its document says {document['code']}"
    if "ok" in document and document["ok"] != (words.code == 0):
        yield f"ends with {words.code}, and its document says ok: {document['ok']}"


def _of_rows(arena: Arena, words: Words, after: Truth) -> Iterator[str]:
    """A row that is well in a document that is not, or without a word why not."""
    for row in words.rows:
        is_told = row.get("error") or row.get("checks") or row.get("fields")
        if row["state"] in ("failed", "rolled-back") and not is_told:
            yield f"says {row['state']} of {row['host']} and not why"
        if words.code == 0 and row["state"] not in ("ok", "changed"):
            yield f"says {row['state']} of {row['host']} with exit code 0"


def _is_back(arena: Arena, before: Truth, after: Truth, claim: str) -> Iterator[str]:
    if after.images(arena) != before.images(arena):
        yield f"{claim}, and another one or none runs"
    elif before.healthy and not after.healthy:
        yield f"{claim}, and it does not answer"
    if kept := after.kept(arena):
        yield f"{claim}, and {kept[0]}.kept stands there"
    if before.marks and after.marks != before.marks:
        yield f"{claim}, and its state is another"


def _is_as_asked(
    arena: Arena, words: Words, before: Truth, after: Truth, target: str
) -> Iterator[str]:
    if not after.healthy:
        yield "says that all is as asked, and it does not answer"
    if words.verb == "upgrade" and target and after.healthy and after.release != target:
        yield f"says that all is as asked, and {after.release or 'nothing'} runs, not {target}"
    if before.marks and after.marks != before.marks:
        yield "says that all is as asked, and state is lost"
    if kept := after.kept(arena):
        yield f"says that all is as asked, and {kept[0]}.kept stands there"


def _says_unwell(row: dict[str, Any]) -> bool:
    """Failed, and not because the site has changed and is not brought into service yet."""
    made_from = row.get("fields", {}).get("made from", "")
    return bool(row["state"] == "failed" and not made_from.startswith("another site"))


def _status(
    arena: Arena, words: Words, before: Truth, after: Truth, *, alone: bool
) -> Iterator[str]:
    """`before` and `after`: how it was before it was asked, and is afterwards; not `alone`: in the
    middle of what somebody else did, it was asked of something that neither of them has seen."""
    rows = words.of_host(arena.host)
    says_well = words.code == 0 and all(row["state"] == "ok" for row in rows)
    if says_well and not (before.healthy or after.healthy):
        yield "says ok of what does not answer"
    steady = before.healthy and after.healthy and before.images(arena) == after.images(arena)
    if alone and rows and not says_well and steady and all(map(_says_unwell, rows)):
        yield "says that it is not well, and it is"
    if "left in the middle" in words.text and not (before.open or after.open):
        yield "says that a run was left open, and none was"
