"""What the quick answer of a shipped plugin may import: next to nothing, for most hook calls end there.

A plugin that comes with hookkit may register a module in the entry-point group ``hookkit.plugins.quick``. It is asked, in
the hook's own process and before anything else is imported, if that plugin is the only one to be called::

    def settled(call: Call) -> bool

True: everything is done that the plugin's hook would have done. False, or any exception: nothing counts as done, and the
hook is called as always. What it did until then must therefore be harmless to do again.
"""

from hookkit.detached import let_go, start_background
from hookkit.environment import account_folder, clean_environment, push_options, pusher
from hookkit.shortcut import FALSE, TRUE, Call
from hookkit.text import ago, redact, utf8

__all__ = [
    "FALSE",
    "TRUE",
    "Call",
    "account_folder",
    "ago",
    "clean_environment",
    "let_go",
    "push_options",
    "pusher",
    "redact",
    "start_background",
    "utf8",
]
