#!/bin/sh
# This hook is hookkit's (@DIGEST@).
# It runs the hook that was here before, if there was one, and then the plugins that this repository has enabled.
# `hookkit install` writes it anew, `hookkit uninstall` takes it back; neither touches it once somebody has changed it.
python=@PYTHON@
# Where packages are: Python starts in less time if it does not have to find that out (-S).
packages=@PACKAGES@
if test ! -x "$python"; then
    echo "hookkit: $python is gone: run \`hookkit install\` again" >&2
@GONE@
fi
# Nobody wanted this hook when it ran last: if nothing has changed since that decides about that, nobody wants it now.
quiet="${GIT_DIR:-.git}/hookkit/quiet-@HOOK@"
if test -f "$quiet" &&
    { IFS= read -r account && IFS= read -r files && IFS= read -r known; } <"$quiet" &&
    test "$account" = "${HOME-}:${XDG_CONFIG_HOME-}:${PATH-}" &&
    test -z "${HOOKKIT_TRACE+x}${GIT_CONFIG_GLOBAL+x}${GIT_CONFIG_SYSTEM+x}${GIT_CONFIG_NOSYSTEM+x}"; then
    # What is not there is no failure: it was not there either.
    seen=$(IFS=: && set -f && exec stat -L --printf='@STAT@' -- $files 2>/dev/null)
    if test -n "$known" && test "$seen" = "$known"; then
        # What was here before has its turn, also where an uninstallation has just put it back.
        { read -r first && read -r second; } <"$0"
        case $second in "# This hook is hookkit's ("*) test -e "${0%/*}/@KEPT@@HOOK@" || exit 0 ;; esac
    fi
fi
HOOKKIT_QUIET=1 exec "$python" -I -S -X utf8 -c 'import sys
sys.path += filter(None, sys.argv.pop(1).split(":"))
try: from hookkit.start import main
except ImportError:
    import site
    site.main()
    try: from hookkit.start import main
    except ImportError: raise SystemExit("hookkit: it is no longer installed in this Python: install it there, or uninstall")
main()' "$packages" @HOOK@ "$0" "$@"
