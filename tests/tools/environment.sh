# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash

# To be read by a script with the arguments of environments.py, of which it uses the first Python that can run it. Sets
#   ROOT         the checkout, which becomes the working directory
#   PATH         with the environment in front
#   WORK         .build/NAME, for what the script writes
#   VENV         the environment itself
#   COLLECTIONS  a folder where Ansible finds the collection
#   LINK         a temporary folder with a plain name, removed at the end; in it, "venv" is the environment, "work" is WORK
# Nothing of the caller's Ansible, Python or cloud account is left in the environment.
# The variable PYTHON names a Python to prefer, CORE the ansible-core (for example 2.21).

ROOT=$(realpath "$(dirname "${BASH_SOURCE[0]}")/../..")
cd "$ROOT" || exit
for python in "${PYTHON:-false}" python3 python3.{13,12,11} none; do
  if "$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then break; fi
done
if [ "$python" = none ]; then
  echo "Python 3.11 or newer with venv is needed (Debian, Ubuntu: apt install python3-venv)." >&2
  exit 3
fi
commands=$("$python" -I tests/tools/environments.py "$@") || exit 3
eval "$commands"
