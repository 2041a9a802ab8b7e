"""cluster: the same refs on every node, and nothing acknowledged is lost.

Nothing here: :mod:`~hookkit_plugins.cluster.quick` is imported before every push. What the plugin is, says
:mod:`~hookkit_plugins.cluster.plugin`.
"""
