# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash

# What tests/awx/run and tests/awx/rehearse share. To be read by them, in the root of the collection. Makes what is missing
# below $WORK/awx (WORK is .build unless given), and sets
#   AWX          that folder
#   PATH         with a Python that has ansible-runner, ansible-builder and the emulator's requirements in front
#   COLLECTIONS  a folder where Ansible finds the collection
# CORE=2.16 chooses another ansible-core than the newest for the Python, and INTERPRETER another Python than python3.
# Nothing of the caller's Ansible, Python or cloud account is left in the environment.

for variable in $(compgen -e); do
  case $variable in ANSIBLE_* | AWX_* | CONTROLLER_* | COVERAGE_* | HUAWEICLOUD_* | HW_* | PYTEST_* | PYTHON* | TOWER_*) unset "$variable" ;; esac
done

AWX=$(realpath -m "${WORK:-.build}")/awx
mkdir -p "$AWX"

# made anew when the requirements or the place change
key=$( (echo "$AWX ${CORE:-} ${INTERPRETER:-}" && cat tests/awx/requirements.txt) | git hash-object --stdin | cut -c 1-10)
if [ ! -e "$AWX/venv-$key/complete" ]; then
  echo "Setting up, once: Ansible, ansible-runner and ansible-builder go into $AWX"
  python=${INTERPRETER:-python3}
  if [ -z "${CORE:-}" ]; then rm -rf "$AWX"/venv-*; fi
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed." >&2 && exit 3; }
  "$python" -m venv "$AWX/venv-$key" || { echo "Debian, Ubuntu: apt install python3-venv" >&2 && exit 3; }
  "$AWX/venv-$key/bin/python" -m pip install -qq --disable-pip-version-check --requirement=tests/awx/requirements.txt ${CORE:+"ansible-core~=$CORE.0"}
  touch "$AWX/venv-$key/complete"
fi

# awx.awx comes in the Python package "ansible", which is large: only this collection is kept
if [ -n "${NEEDS_AWX_COLLECTION:-}" ] && [ ! -e "$AWX/awx-collection/complete" ]; then
  echo "Setting up, once: the collection awx.awx goes into $AWX"
  rm -rf "$AWX"/{awx-collection,download}
  "$AWX/venv-$key/bin/python" -m pip download -qq --disable-pip-version-check --no-deps --only-binary=:all: --dest "$AWX/download" ansible
  "$AWX/venv-$key/bin/python" -c '
import pathlib, sys, zipfile
wheel = zipfile.ZipFile(next(pathlib.Path(sys.argv[1]).glob("ansible-*.whl")))
wheel.extractall(sys.argv[2], [name for name in wheel.namelist() if name.startswith("ansible_collections/awx/awx/")])
' "$AWX/download" "$AWX/awx-collection"
  rm -rf "$AWX/download"
  touch "$AWX/awx-collection/complete"
fi

COLLECTIONS=$AWX/collections
mkdir -p "$COLLECTIONS/ansible_collections/huaweicloud" "$AWX/home" "$AWX/tmp"
ln -sfn "$PWD" "$COLLECTIONS/ansible_collections/huaweicloud/vpn"

# A short path without spaces for what does not quote, such as "#!" lines
LINK=$(mktemp -d /tmp/huaweicloud.vpn-XXXXXX)
trap 'rm -rf "$LINK"' EXIT
ln -s "$AWX" "$LINK/awx"
export PATH=$LINK/awx/venv-$key/bin:$PATH HOME=$AWX/home TMPDIR=$LINK/awx/tmp COLLECTIONS AWX
export LC_ALL=C.UTF-8
