"""mirror: every push goes to all remotes.

Nothing here: :mod:`~hookkit_plugins.mirror.quick` is imported by most hook calls. What the plugin is, says
:mod:`~hookkit_plugins.mirror.plugin`.
"""
