import pytest

from hookkit.errors import UsageError
from hookkit.installation.selection import select

NEEDED = {"pre-receive": (), "post-receive": ("mirror",)}


@pytest.mark.parametrize(
    ("asked", "before", "hooks"),
    [
        (None, (), ["pre-receive", "post-receive"]),
        (None, ("pre-push",), ["pre-push", "pre-receive", "post-receive"]),
        (("post-receive",), (), ["post-receive"]),
        (("post-receive", "commit-msg"), ("pre-push",), ["commit-msg", "post-receive"]),
        (("post-receive", "post-receive"), (), ["post-receive"]),
    ],
)
def test_what_is_asked_for_goes_before_what_is_needed(asked, before, hooks):
    assert select(asked, before, NEEDED, {})[0] == hooks


def test_a_plugin_whose_hook_is_not_asked_for_is_mentioned():
    hooks, notes = select(("pre-receive",), (), NEEDED, {})
    assert hooks == ["pre-receive"]
    assert notes == ["post-receive is left out (--hooks does not name it), but mirror would use it"]


def test_a_needed_hook_that_cannot_be_had_is_left_out_and_mentioned():
    needed = {**NEEDED, "update": ("guard", "scripts")}
    hooks, notes = select(None, (), needed, {"update": "it is gitolite's"})
    assert hooks == ["pre-receive", "post-receive"]
    assert notes == ["update is left out (it is gitolite's), but guard and scripts would use it"]


def test_a_hook_of_the_core_that_is_left_out_is_not_worth_a_word():
    assert select(("post-receive",), (), NEEDED, {})[1] == []


def test_asking_for_what_cannot_be_had_is_an_error_with_a_way_out():
    with pytest.raises(UsageError) as caught:
        select(("update",), (), NEEDED, {"update": "it is gitolite's"})
    assert caught.value.cause == "it is gitolite's"
    assert "pre-receive" in caught.value.hint


@pytest.mark.parametrize(("name", "meant"), [("post-recieve", "post-receive"), ("prereceive", "pre-receive")])
def test_an_unknown_hook_names_the_nearest(name, meant):
    with pytest.raises(UsageError, match=f"no git hook '{name}'") as caught:
        select((name,), (), NEEDED, {})
    assert caught.value.hint == f"did you mean {meant}?"
