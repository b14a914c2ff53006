"""A recipe as data: where its packages come from, what ends it, which image it makes."""

from msgspec.structs import replace

from fairlead.model.plan import Ask, Noun, Target, argvs
from fairlead.operations.image import build_checks, builds, recipes, tree
from fairlead.operations.image.recipes import Recipe, Repository, Stanza

RECIPE = Recipe(
    method="dnf",
    release="9",
    repositories=(
        Repository("baseos", "https://a/9", "https://a/KEY"),
        Repository("own", "file:///srv/own", "/etc/KEY"),
        Repository("plain", "http://b/c"),
    ),
    stanzas=(Stanza(name="system", packages=("bash",)),),
    finish=("sh", "-c", "true", "end"),
    changes=('CMD ["/sbin/init"]', "ENV a=b"),
)
TARGET = Target("test", "n1", "a", "b", None, ("n1",))
ASK: Ask[Noun] = Ask(verb="build", target=TARGET, facts={}, options=Noun())


def test_each_repository_is_as_strict_as_its_key_or_as_the_host() -> None:
    named = "name=packages of the image\n"
    assert recipes.repositories(RECIPE) == (
        f"[baseos]\n{named}baseurl=https://a/9\nenabled=1\ngpgcheck=1\ngpgkey=https://a/KEY\n"
        f"[own]\n{named}baseurl=file:///srv/own\nenabled=1\ngpgcheck=1\ngpgkey=file:///etc/KEY\n"
        f"[plain]\n{named}baseurl=http://b/c\nenabled=1\n"
    )
    host = replace(RECIPE, repositories=())
    assert recipes.repositories(host) == ""
    assert "--setopt=reposdir=/w/repositories,/w/tree/etc/yum.repos.d" in recipes.line(
        RECIPE, "/w", RECIPE.stanzas[0]
    )
    assert not any("reposdir" in word for word in recipes.line(host, "/w", host.stanzas[0]))


def test_what_ends_a_recipe_is_run_in_the_tree_before_it_is_packed() -> None:
    steps = {step.name: step for step in tree.steps(RECIPE, "a", "/w", None)}
    assert list(steps)[-3:] == ["a: slim", "a: finish", "a: tarball"]
    (words,) = argvs(steps["a: finish"].do)
    assert words[-6:] == ("chroot", "/w/tree", *RECIPE.finish)
    assert words[:4] == ("unshare", "--mount", "--pid", "--fork")


def test_an_image_of_another_recipe_is_another_and_its_instructions_go_with_it() -> None:
    first = builds.plain("a", RECIPE, "site/a:1", "/scratch")
    again = builds.plain("a", replace(RECIPE), "site/a:1", "/scratch")
    other = builds.plain("a", replace(RECIPE, changes=()), "site/a:1", "/scratch")
    assert (first.digest == again.digest, first.digest == other.digest) == (True, False)
    assert first.work == "/scratch/a"
    (imported,) = tuple(builds.steps(ASK, first, builds.is_built(first)))[-1:]
    (words,) = argvs(imported.do)
    assert words[-2:] == RECIPE.changes
    assert imported.unless == builds.sh("built", "docker", "site/a:1", first.digest)


def test_the_programs_of_a_recipe_are_those_of_its_method() -> None:
    assert build_checks.tools((RECIPE,)) == ("dnf", "unshare", "rpm")
    debian = replace(RECIPE, method="debootstrap")
    assert build_checks.tools((debian,)) == ("debootstrap", "unshare")
