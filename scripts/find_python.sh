# Sourced by scripts/serve and scripts/test: sets $root and $python (3.11 or newer), or says what to do and stops.

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)

python=
for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
        python=$candidate
        break
    fi
done

if [ -z "$python" ]; then
    echo "Kindred needs Python 3.11 or newer, and none was found." >&2
    echo "Install one (on Debian and Ubuntu: apt install python3 python3-venv), then start again." >&2
    exit 1
fi
