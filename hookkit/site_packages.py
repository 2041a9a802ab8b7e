"""What the stub has Python leave out of its start (``-S``), made good for those who need it.

The stub says where packages are, and hookkit's own need nothing else. Others' may come through a ``.pth`` file, as what is
installed for editing does, or want ``sitecustomize``; https://docs.python.org/3/library/site.html.
"""

import site
import sys

_left_out = sys.flags.no_site


def complete() -> None:
    """Have this interpreter be as it is without ``-S``."""
    global _left_out  # noqa: PLW0603 - of this process there is one
    if _left_out:
        _left_out = 0
        site.main()
