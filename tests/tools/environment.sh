# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash

# Scripts source this file with the arguments of environments.py, which it runs with the first suitable Python. It sets
#   ROOT         the checkout, which becomes the working directory
#   PATH         with the virtual environment first
#   WORK         .build/NAME, the folder for the script's files
#   VENV         the virtual environment
#   COLLECTIONS  a folder where Ansible finds the collection
#   LINK         a temporary folder whose path contains no spaces, removed at the end; "venv" in it links to VENV, "work"
#                to WORK
# and unsets the caller's variables for Ansible, Python and cloud accounts.
# The variable PYTHON names a preferred Python, CORE the version of ansible-core (for example 2.21).

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
