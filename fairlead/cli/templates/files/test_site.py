"""Everything that a site names can be planned, on hosts that do not exist: a dry run without any.

What only a real host or an open secret could tell is skipped with its reason: it is not known.
"""

from pathlib import Path

import pytest

from fairlead.testing import plugins_in, rehearsals, sites_in

ROOT = Path(__file__).resolve().parents[1]
PLUGINS = plugins_in(ROOT / "plugins")
REHEARSALS = [one for path in sites_in(ROOT) for one in rehearsals(PLUGINS, path)]


@pytest.mark.parametrize("rehearsal", REHEARSALS, ids=str)
def test_it_can_be_planned(rehearsal):
    if rehearsal.unknown:
        pytest.skip(f"not known: {rehearsal.unknown}")
    assert rehearsal.faults == ()
