"""The remote templates that TAB offers are those that the test points list, without passwords."""

from fairlead.contract.loader import Plugins
from fairlead.testing import BASE, ask_for

LISTED = """\
[
   {
      "url" : "https://psconfig.example.org/mesh.json"
   },
   {
      "configure-archives" : true,
      "url" : "https://me:sesame@psconfig.example.org/ours.json"
   }
]
"""


def test_a_list_of_remotes_is_learned_but_for_urls_with_a_password(plugins: Plugins):
    section = {"hosts": "n1", "image": "perfsonar/testpoint"}
    asked = ask_for(plugins, "perfsonar.psconfig", "list", section=section, facts=BASE)
    session = plugins.ask(asked)
    assert session.lists.kind == "perfsonar.remotes"
    assert list(session.lists.read(LISTED)) == ["https://psconfig.example.org/mesh.json"]
