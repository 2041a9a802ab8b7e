"""Installing hookkit in a repository, and taking it out again.

:func:`install` and :func:`uninstall` are the doors. Behind them: ``needs`` asks the plugins, ``plan`` decides what is to
change (where: ``layout``, which hooks: ``selection``), ``slot`` and ``config_file`` change one hook and the configuration
in steps that can be interrupted, and ``manifest`` records what was done.
"""

from hookkit.installation.installer import Report, install
from hookkit.installation.inventory import installed_hooks, is_installed, needed_hooks
from hookkit.installation.uninstaller import Undone, uninstall

__all__ = ["Report", "Undone", "install", "installed_hooks", "is_installed", "needed_hooks", "uninstall"]
