"""What a look at a site says to programs: one line, one file, whatever stands in the names."""

from prometheus_client.parser import text_string_to_metric_families

from fairlead.model.findings import Finding, worst_state
from fairlead.output.monitoring import exit_code, finding_lines, nagios_line, prometheus_text


def finding(state: str, host: str = "n1", name: str = "toy", **more: object) -> Finding:
    sentence = more.pop("sentence", f"{host} {name} is {state}")
    return Finding(kind="status", host=host, name=name, state=state, sentence=sentence, **more)


def test_what_is_critical_is_worse_than_what_is_not_known_and_that_than_a_warning():
    assert worst_state([finding("ok"), finding("warning")]) == "warning"
    assert worst_state([finding("unknown"), finding("warning")]) == "unknown"
    assert worst_state([finding("unknown"), finding("critical")]) == "critical"


def test_of_nothing_nothing_is_known():
    assert exit_code([]) == 3
    assert nagios_line("s", []).startswith("FAIRLEAD UNKNOWN - s: nothing was learnt | ok=0")


def test_the_line_is_one_line_of_bounded_length_with_its_figures_behind_the_only_bar():
    evil = [finding("critical", f"n{n}", sentence=f"n{n} a|b\nc\x1b[31m {n}") for n in range(99)]
    line = nagios_line("s", evil)
    head, figures = line.split(" | ")
    assert len(head) <= 400
    assert ("\n" in line, "\x1b" in line) == (False, False)
    assert figures == "ok=0 warning=0 critical=99 unknown=0"


def test_hosts_of_which_the_same_is_to_be_said_are_one_line_and_one_command():
    commands = [finding("critical", f"n{n}", command=f"inv toy.up --host=n{n}") for n in (1, 2, 3)]
    assert [*finding_lines(commands)] == [
        "CRITICAL  n[1-3] toy is critical",
        "          inv toy.up --host=n[1-3]",
    ]


def test_labels_come_back_as_they_were():
    name = 'a"b\\c\nd'
    text = prometheus_text('s"\\', [finding("ok", name, name)], 1.5, 0.25)
    families = {family.name: family for family in text_string_to_metric_families(text)}
    (sample,) = families["fairlead_status_state"].samples
    assert (sample.labels, sample.value) == (
        {"site": 's"\\', "host": name, "component": name},
        0,
    )
    assert families["fairlead_watch_timestamp_seconds"].samples[0].value == 1.5
