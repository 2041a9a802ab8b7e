#!/bin/sh
# This hook is hookkit's (@DIGEST@).
# It runs the hook that was here before, if there was one, and then the plugins that this repository has enabled.
# `hookkit install` writes it anew, `hookkit uninstall` takes it back; neither touches it once somebody has changed it.
python=@PYTHON@
if test ! -x "$python"; then
    echo "hookkit: $python is gone: run \`hookkit install\` again" >&2
@GONE@
fi
exec "$python" -I -X utf8 -c 'try: from hookkit.start import main
except ImportError: raise SystemExit("hookkit: it is no longer installed in this Python: install it there, or uninstall")
main()' @HOOK@ "$0" "$@"
