"""Goes on in build/venv, where what the tests are held against has the versions asked for."""
import os
import sys


def enter(venv, wanted):
    """Starts the test anew there, if it does not run there yet. Skips it (77) without `wanted`."""
    if os.path.realpath(sys.prefix) == os.path.realpath(venv):
        return
    python = os.path.join(venv, "bin", "python")
    if not os.path.exists(python):
        print(f"skipped: there is no {wanted} in build/venv; ./dev test puts it there")
        sys.exit(77)
    os.execv(python, [python] + sys.argv)
