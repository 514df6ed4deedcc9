# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Runs the workflow of docs/awx once: plan, approve, apply, verify, drift report.

Playbooks, workflow and configuration are those that a team would use, unchanged.
"""

from __future__ import annotations

import argparse
import os
import pathlib
import re
import shutil
import sys
import tempfile
import textwrap

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import controller
import estate
from emulator import Emulator

NEW_KEYS = {"HW_VPN_PRESHARED_KEY": "Rehearsal-Key-Number-1", "HW_VPN_PRESHARED_KEY_2": "Rehearsal-Key-Number-2"}
NODES = {
    "plan": (
        "Plan: what would change?",
        "A Check job with Show Changes. It passes a plan ID for each gateway to the nodes that follow.",
    ),
    "approve": ("Approve", "Somebody reads the output of the plan, and approves it."),
    "apply": (
        "Apply: carry out exactly the approved plan",
        "The job gets the plan IDs. If anything has moved since, it writes nothing.",
    ),
    "verify": (
        "Verify: read everything back",
        "A connection that was just created is down until the other end is configured.",
    ),
    "diagnose": ("The application failed, so the workflow asks for a drift report", ""),
}


class Story:
    """Prints headings, what jobs print, and what the cloud saw."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.chapter = 0

    def heading(self, title, text=""):
        self.chapter += 1
        print(f"\n\n──── {self.chapter}. {title}\n", flush=True)
        if text:
            print(textwrap.fill(text, 110) + "\n", flush=True)

    def announce(self, node):
        self.heading(*NODES[node["identifier"]])

    @staticmethod
    def show(text):
        """Print part of a job's output, without separators and positions in files, and with plans shortened."""
        text = re.sub(
            r"(?ms)^    connections:$.*?(?=^    msg:)", "    (the plan as it is now)\n", text.replace("\r", "")
        )
        text = re.sub(r"(?m)^(Origin: .*|\s*\d+ .*|\s*\d+|\s*\^ column.*|PLAY (\[|RECAP).*)$", "", text)
        for line in text.splitlines():
            line = re.sub(r" ?\*{3,}$", "", line)
            line = re.sub(r"(v1\.[0-9a-f]{8})[0-9a-f]{56}(\.[0-9a-f]{8})[0-9a-f]{56}", r"\1…\2…", line)
            if line.strip():
                print("  " + line, flush=True)

    def seen(self, label):
        """Print how many requests the cloud received since the last call."""
        entries = self.cloud.journal()
        writes = [entry for entry in entries if entry.write]
        told = f"{len(writes)} of them writes:" if writes else "none of them a write"
        print(f"\n  {label}: {len(entries)} requests, {told}")
        for entry in writes:
            path = re.sub(r"^/v5/[^/]+|([0-9a-z]{8})[0-9a-z-]{24,28}", r"\1", entry.path)
            print(f"    {entry.method} {path}")
        self.cloud.clear_journal()


def approval(ask):
    def approve(node, ran):
        plans = ran[-1][1].artifacts
        for name, plan in sorted(plans.items()):
            Story.show(f"{name} = {plan}")
        if not ask:
            print("\n  Approved.")
            return True
        return input("\n  Approve this plan? [y/N] ").strip().lower().startswith("y")

    return approve


def main():
    parser = argparse.ArgumentParser(prog="tests/awx/rehearse", description=__doc__)
    parser.add_argument("--ask", action="store_true", help="wait for your approval instead of approving everything")
    ask = parser.parse_args().ask
    folder = pathlib.Path(tempfile.mkdtemp(dir=os.environ["TMPDIR"], prefix="rehearsal-"))
    try:
        with Emulator(dwell=0.3) as cloud:
            return rehearse(cloud, folder, ask)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rehearse(cloud, folder, ask):
    """Run all steps; return the exit status (int)."""
    estate.fill(cloud)
    story = Story(cloud)
    environment = controller.base_environment(folder, os.environ["COLLECTIONS"])
    print(
        f"An emulator of the cloud listens at {cloud.url}. The jobs below are those of docs/awx/project, started with\n"
        "ansible-runner as AWX starts them: credentials injected, the inventory synchronized, artifacts passed on."
    )

    story.heading(
        "Configure the controller",
        "docs/awx/controller/configure.yml, with modules that only record what AWX would receive.",
    )
    (folder / "configuration").mkdir()
    awx = controller.Controller(
        folder,
        environment,
        controller.configure(folder / "configuration", dict(environment, **NEW_KEYS, **cloud.environment())),
    )
    for module in controller.MODULES:
        names = ", ".join(item["name"] for item in awx.objects(module))
        print(f"  {module.replace('_', ' '):22} {names}")

    story.heading(
        "Synchronize the inventory",
        "Each VPN gateway is a host, and its connections are variables. Two requests, however many there are.",
    )
    hostvars = awx.update_inventory()["_meta"]["hostvars"]
    for host in awx.hosts():
        connections = ", ".join(f"{item['name']} ({item['status']})" for item in hostvars[host]["vpn_connections"])
        print(f"  {host:14} {connections}")
    story.seen("The cloud saw")

    ran = dict(awx.run_workflow("VPN rollout", approval(ask), announce=story.announce, show=story.show))
    story.seen("The cloud saw, in this workflow")
    if "verify" not in ran or ran["verify"].status != "successful":
        print(f"\nThe rollout ended after {list(ran)[-1]}.")
        return 0 if not ran.get("approve", True) else 1

    story.heading(
        "Somebody changes a connection by hand, and creates another",
        "In the console: branch-ulm gets a shorter lifetime, and forgotten-test appears on the gateway vpngw-munich.",
    )
    ulm = cloud.connection(estate.named(cloud, "branch-ulm"))
    cloud.remove_connection(ulm["id"])
    kept = ("id", "name", "style", "vgw_id", "vgw_ip", "cgw_id", "peer_subnets", "policy_rules", "ipsecpolicy")
    cloud.add_connection(
        **{name: ulm[name] for name in kept}, psk=estate.KEYS[2], ikepolicy=dict(estate.PHASE1, lifetime_seconds=600)
    )
    cloud.add_connection(name="forgotten-test", vgw_id=ulm["vgw_id"], psk="Of-Nobody-Key-1")
    print("  Done.")
    cloud.clear_journal()

    story.heading(
        "Drift report, as the schedule starts it",
        "It reads only, and fails because the schedule asks for that, so that a notification goes out.",
    )
    schedule = awx.objects("schedule")[0]
    report = awx.launch(schedule["unified_job_template"], extra_vars=schedule["extra_data"], show=story.show)
    print(f"\n  The job {report.status}.")
    story.seen("The cloud saw")

    story.heading("Somebody applies the old approval again", "The plan is not the approved one any more.")
    again = awx.launch("VPN apply", extra_vars=ran["plan"].artifacts, limit="vpngw-munich", show=story.show)
    print(f"\n  The job {again.status}.")
    story.seen("The cloud saw")

    leaks = [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and "artifacts" in path.parts
        and path.name != "command"
        and any(
            secret in path.read_text(encoding="utf-8", errors="replace")
            for secret in (*NEW_KEYS.values(), cloud.secret_key, cloud.access_key)
        )
    ]
    story.heading("What stays behind")
    files = [path for path in folder.rglob("*") if path.is_file() and "artifacts" in path.parts]
    print(
        f"  The jobs left {len(files)} files of output, events and artifacts. "
        f"{len(leaks) or 'None'} of them contain a key or a credential."
    )
    print('  (Not counted: ansible-runner\'s own file "command", which holds the environment of the job.)')
    return 0 if (report.status, again.status, leaks) == ("failed", "failed", []) else 1


if __name__ == "__main__":
    sys.exit(main())
