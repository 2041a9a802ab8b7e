"""Which host a URL leads to."""

import pytest

from hookkit_plugins.mirror.hosts import host_of


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("git@bravo:project.git", "bravo"),
        ("bravo:project.git", "bravo"),
        ("git@Bravo.example.org:a/b:c.git", "bravo.example.org"),
        ("[::1]:project.git", "[::1]"),
        ("git@[fe80::1]:project.git", "[fe80::1]"),
        ("ssh://git@bravo/project.git", "bravo"),
        ("ssh://git@bravo:2222/~/project.git", "bravo:2222"),
        ("ssh://[::1]:2222/project.git", "[::1]:2222"),
        ("https://dana:hunter2@bravo/project.git", "bravo"),
        ("/srv/git/project.git", "/srv/git"),
        ("../project.git", ".."),
        ("./odd:name.git", "."),
        ("project.git", "."),
        ("/project.git/", "/"),
        ("file:///srv/git/project.git", "/srv/git"),
        ("1a://srv/git/project.git", "1a://srv/git"),
    ],
)
def test_host_of(url: str, host: str) -> None:
    assert host_of(url) == host
