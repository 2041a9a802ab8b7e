"""The plugins that ship with hookkit, each written against :mod:`hookkit.api` only."""
