"""What a look at a site says to programs that watch: a line for Nagios, a file for Prometheus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from fairlead.model.findings import (
    CRITICAL,
    STATES,
    UNKNOWN,
    WARNING,
    Finding,
    gravity,
    worst_state,
)
from fairlead.model.findings import OK as WELL
from fairlead.output.folding import common_text, grouped, impersonal
from fairlead.output.sanitize import visible

LONGEST = 400  # characters of the line for Nagios before its figures
METRICS: Mapping[str, str] = {  # name -> help; all of them are gauges
    "fairlead_watch_timestamp_seconds": "When the site was looked at, in seconds since the epoch",
    "fairlead_watch_duration_seconds": "How long that took",
    "fairlead_watch_state": "The worst of all: 0 ok, 1 warning, 2 critical, 3 not known",
    "fairlead_findings": "How many findings of this kind are in this state",
    "fairlead_status_state": "The status of a component on a host: 0 ok, 2 critical, 3 not known",
    "fairlead_drift_state": "Is it as the site says: 0 yes, 1 it would change, 3 not known",
    "fairlead_secret_state": "A secret: 0 ok, 1 ends soon, 2 not usable, 3 not known",
    "fairlead_secret_days": "How many days a secret or certificate is still good",
    "fairlead_run_state": "Runs on a host: 0 none is open, 1 some are left open, 3 not known",
}
LABELS = {"status": "component", "drift": "component", "secret": "secret", "run": ""}

Sample = tuple[str, Mapping[str, str], float]  # metric, labels, value


def exit_code(findings: Iterable[Finding]) -> int:
    """0 ok, 1 warning, 2 critical, 3 unknown."""
    return STATES.index(worst_state(findings))


def folded(findings: Iterable[Finding]) -> list[tuple[Finding, str, str]]:
    """(the first of those that say the same, sentence, command), the worst first."""
    by_gravity = sorted(findings, key=gravity, reverse=True)
    groups = grouped(by_gravity, _likeness)
    return [(group[0], *_common_words(group)) for group in groups]


def _likeness(finding: Finding) -> tuple[str, ...]:
    sentence = impersonal(finding.sentence, finding.host) if finding.host else finding.sentence
    return finding.kind, finding.name, finding.state, sentence


def _common_words(group: Sequence[Finding]) -> tuple[str, str]:
    hosts = [finding.host for finding in group]
    sentence = common_text([finding.sentence for finding in group], hosts)
    command = common_text([finding.command for finding in group], hosts)
    return sentence, command


def nagios_line(site: str, findings: Sequence[Finding]) -> str:
    """One line: the worst state, what is not well, how many there are of each state."""
    troubles = [finding for finding in findings if finding.state != WELL]
    sentences = [sentence for _, sentence, _ in folded(troubles)]
    text = "; ".join(sentences) or f"all {len(findings)} are as asked"
    if not findings:
        text = "nothing was learnt"
    counts = {state: _count(findings, state) for state in STATES}
    figures = " ".join(f"{state}={number}" for state, number in counts.items())
    head = f"FAIRLEAD {worst_state(findings).upper()} - {site}: {text}"
    return f"{_plain(head)} | {figures}"


def nagios_error(sentence: str) -> str:
    """The line where the site could not be looked at."""
    return _plain(f"FAIRLEAD {UNKNOWN.upper()} - {sentence}")


def _plain(text: str) -> str:
    """One line without the mark that begins the figures."""
    words = " ".join(visible(text).replace("|", "/").split())
    return words if len(words) <= LONGEST else f"{words[: LONGEST - 3]}..."


def _count(findings: Iterable[Finding], state: str) -> int:
    return sum(finding.state == state for finding in findings)


def trouble_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each that is not well, the command that mends it below."""
    troubles = [finding for finding in findings if finding.state != WELL]
    yield from finding_lines(troubles)


def finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each finding, the command that mends it below."""
    for finding, sentence, command in folded(findings):
        yield visible(f"{finding.state.upper():8}  {sentence}")
        if command:
            yield visible(f"{'':8}  {command}")


def prometheus_text(
    site: str,
    findings: Sequence[Finding],
    timestamp: float,
    seconds: float,
) -> str:
    """The whole file, as node_exporter's textfile collector reads it."""
    samples = list(_samples(site, findings, timestamp, seconds))
    lines: list[str] = []
    for metric, about in METRICS.items():
        own = [sample for sample in samples if sample[0] == metric]
        if own:
            lines.append(f"# HELP {metric} {about}")
            lines.append(f"# TYPE {metric} gauge")
            lines += [_sample_line(*sample) for sample in own]
    return "\n".join(lines) + "\n"


def _samples(
    site: str,
    findings: Sequence[Finding],
    timestamp: float,
    seconds: float,
) -> Iterator[Sample]:
    labels = {"site": site}
    yield "fairlead_watch_timestamp_seconds", labels, round(timestamp, 3)
    yield "fairlead_watch_duration_seconds", labels, round(seconds, 3)
    yield "fairlead_watch_state", labels, exit_code(findings)
    for kind in (*LABELS, "watch"):
        own = [finding for finding in findings if finding.kind == kind]
        for state in (WELL, WARNING, CRITICAL, UNKNOWN):
            number = _count(own, state)
            yield "fairlead_findings", {**labels, "kind": kind, "state": state}, number
    for finding in findings:
        yield from _finding_samples(site, finding)


def _finding_samples(site: str, finding: Finding) -> Iterator[Sample]:
    if finding.kind not in LABELS:
        return
    labels = {"site": site, "host": finding.host, LABELS[finding.kind]: finding.name}
    filled = {name: value for name, value in labels.items() if name and value}
    yield f"fairlead_{finding.kind}_state", filled, STATES.index(finding.state)
    if finding.days is not None:
        yield "fairlead_secret_days", filled, finding.days


def _sample_line(
    metric: str,
    labels: Mapping[str, str],
    value: float,
) -> str:
    pairs = ",".join(f'{name}="{_label_value(text)}"' for name, text in labels.items())
    return f"{metric}{{{pairs}}} {value}"


def _label_value(text: str) -> str:
    """Prometheus' text format, 0.0.4: backslash, quote and line feed are escaped."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
