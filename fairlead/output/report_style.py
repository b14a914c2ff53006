"""How the page of a report looks: light and dark, wide and narrow. No script, nothing fetched."""

CSS = """
:root { color-scheme: light dark; --back: #fff; --text: #1c2024; --faint: #5a636d;
  --line: #d5dade; --panel: #f4f6f8; --good: #0a6b2d; --bad: #b3131b; --warn: #8a5200; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --text: #e6e9ec;
  --faint: #a3adb7; --line: #363d44; --panel: #1d2227; --good: #5fd38a; --bad: #ff8a8a;
  --warn: #f0b85c; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem; max-width: 1240px; background: var(--back);
  color: var(--text); font: 16px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; }
h2 { font-size: 1.15rem; margin: 1.8rem 0 .5rem; }
p { margin: .3rem 0; }
.faint, .none { color: var(--faint); }
code { font: .9em ui-monospace, monospace; background: var(--panel); padding: .1em .3em; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem .6rem;
  border-bottom: 1px solid var(--line); }
thead th { background: var(--panel); overflow-wrap: normal; }
tbody th { white-space: nowrap; }
.wide { overflow-x: auto; }
.wide th:first-child { position: sticky; left: 0; background: var(--panel); }
.state { font-weight: 600; color: var(--faint); }
.ok, .changed { color: var(--good); }
.failed, .unreachable, .expired, .missing, .unusable, .locked, .alone { color: var(--bad); }
.ending, .closed, .rolled-back { color: var(--warn); }
.counts span { margin-right: 1rem; }
.version { display: block; font-size: .86em; color: var(--faint); }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: .25rem 1rem;
  margin: .6rem 0; }
dt { color: var(--faint); }
dd { margin: 0; }
pre { font: .85em/1.4 ui-monospace, monospace; background: var(--panel); padding: .6rem;
  overflow-x: auto; white-space: pre-wrap; }
.added { color: var(--good); }
.removed { color: var(--bad); }
ul { padding: 0; list-style: none; }
li { border-left: 4px solid var(--bad); padding: .3rem .7rem; margin: .5rem 0;
  background: var(--panel); }
@media (max-width: 700px) {
  thead { position: absolute; left: -9999px; }
  table, tbody, tr, th, td { display: block; }
  tr { border: 1px solid var(--line); margin: 0 0 .7rem; }
  tbody th { background: var(--panel); white-space: normal; }
  td { display: grid; grid-template-columns: 7.5rem 1fr; gap: .5rem; }
  td::before { content: attr(data-label); color: var(--faint); }
  td.none { display: none; }
}
@media print { body { max-width: none; } }
"""
