# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection huaweicloud.vpn and may change at any time. Do not use it elsewhere.

from __future__ import annotations


class ModuleDocFragment:
    # What all modules have in common that bring one object to a described state
    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(present) creates the object if it does not exist, and changes it if it differs.
      - V(absent) deletes it. If it does not exist, nothing happens.
    type: str
    choices:
      - present
      - absent
    default: present
  create:
    description:
      - Whether O(state=present) may create the object. With V(false), the task fails if the object does not exist,
        so that a mistyped name does not create a second one.
    type: bool
    default: true
  tags:
    description:
      - Tags of the object, as a dictionary of keys and values. At most 20.
      - A key has 1 to 128 characters, a value up to 255. Allowed are letters, digits, spaces and C(_.:=+-@). A value may be empty.
        Numbers and booleans are converted to strings, V(true) and V(false) in lowercase.
      - Tags that are missing or have a different value are set. Other tags are kept, unless O(purge_tags=true).
      - System tags, whose keys begin with C(_sys_), are never changed.
    type: dict
  purge_tags:
    description:
      - Whether to remove tags that are not listed in O(tags). Has no effect without O(tags).
      - With O(tags={}), all tags except system tags are removed.
    type: bool
    default: false
  wait:
    description:
      - Whether to wait after a change until it is complete, and to verify it by reading the object back.
      - With V(false), only the response to the change is verified.
    type: bool
    default: true
notes:
  - Options that correspond to members of the API have the names and values of the API.
    An unknown value is sent with a warning, because the cloud may be newer than this collection.
    A value that differs from a known one only by case, hyphens or a missing prefix is an error. The message contains the correct value.
  - Options that are fixed at creation may be set for an existing object if they match it.
    If any differ, the task fails, names all of them, and sends nothing.
    Options that the API does not return are not compared.
  - Options that only repeat what the API returns, such as timestamps, are accepted and ignored,
    so that the result of the info module can be used as options.
"""

    # What all modules that write have in common
    PLAN = r"""
options:
  expect_plan:
    description:
      - The RV(plan_id) of an earlier run, usually a dry run that somebody has approved.
      - If the current plan is a different one, the task fails before it writes anything, also in check mode.
        The message states whether the state found or the intended changes differ. The result contains the current plan.
      - The approval applies to the whole run. If the cloud is busy or a response is lost, the task reads the object again. It continues only
        if it finds the approved state or the result of its own changes.
      - If there is nothing to change, the task succeeds regardless of this option.
    type: str
"""
