# Copyright: huaweicloud.vpn contributors
# GNU General Public License v3.0 or later (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Jobs of the sample project, started with ansible-runner as AWX starts them, against the emulator."""

from __future__ import annotations

import json
import os
import pathlib
import re

import controller
import estate
import pytest
from checks import FLEET, NEW_KEYS, assert_silent, secrets_of

SINGLE = "huaweicloud.vpn.vpn_connection"
PLAN = re.compile(r"v1\.[0-9a-f]{32}\.[0-9a-f]{32}")


def outcome(job, name):
    """Return the outcome of a node of a workflow."""
    return next(found for identifier, found in job if identifier == name)


# -- the workflow -----------------------------------------------------------------------------------------------------


def test_plan_approve_apply_verify(awx, cloud):
    seen = {}

    def between(identifier):
        seen[identifier] = len(cloud.writes())

    ran = awx.run_workflow("VPN rollout", lambda node, jobs: True, between=between)
    assert [identifier for identifier, _outcome in ran] == ["plan", "approve", "apply", "verify"]
    assert {found if found is True else found.status for _identifier, found in ran} == {True, "successful"}
    plan, apply, verify = outcome(ran, "plan"), outcome(ran, "apply"), outcome(ran, "verify")
    for job in (plan, apply, verify):
        assert_silent(job, cloud)

    # events carry diff, changed and the plan
    for job in (plan, apply):
        berlin, munich = (job.results(FLEET)[host] for host in ("vpngw-berlin", "vpngw-munich"))
        assert len(berlin) == len(munich) == 1
        assert berlin[0]["changed"] and not munich[0]["changed"]
        assert [item["before_header"] for item in berlin[0]["diff"]] and munich[0]["diff"] == []
        assert {item["after"]["name"] for item in berlin[0]["diff"]} == {"branch-hamburg", "branch-bremen-2"}
    planned = plan.results(FLEET)["vpngw-berlin"][0]["plan_id"]
    assert PLAN.fullmatch(planned)
    assert plan.artifacts["huaweicloud_vpn_plan_620d99b8_2222_4333_8444_0d1f5a2c7e11"] == planned
    assert len(plan.artifacts) == 2 and all(PLAN.fullmatch(text) for text in plan.artifacts.values())
    assert "branch-bremen-2 is new" in plan.stdout and "lifetime_seconds 86400 -> 28800" in plan.stdout

    # nothing was written before the approval, or after the application
    assert seen["plan"] == seen["approve"] == seen["apply"] == 0
    assert sorted(entry.operation for entry in cloud.writes()) == [
        "createResourceTags",
        "createVpnConnection",
        "updateVpnConnection",
    ]
    assert len(cloud.writes()) == seen["verify"]

    # the cloud matches the description, and the new connection has the second key of the credential
    bremen = cloud.configured(estate.named(cloud, "branch-bremen-2"))
    assert bremen["psk"] == NEW_KEYS[1]
    hamburg = cloud.connection(estate.named(cloud, "branch-hamburg"))
    assert hamburg["peer_subnets"] == ["192.168.20.0/24", "192.168.21.0/24"] and hamburg["tags"] == {"site": "hamburg"}
    assert cloud.configured(estate.named(cloud, "branch-hamburg"))["psk"] == estate.KEYS[0]
    assert "branch-bremen-2 is DOWN, as described" in verify.stdout


def test_what_changes_between_plan_and_application_stops_the_application(awx, cloud):
    def between(identifier):
        if identifier == "apply":
            cloud.remove_connection(estate.named(cloud, "branch-bremen-1"))

    ran = awx.run_workflow("VPN rollout", lambda node, jobs: True, between=between)
    assert [identifier for identifier, _outcome in ran] == ["plan", "approve", "apply", "diagnose"]
    apply = outcome(ran, "apply")
    assert apply.status == "failed" and not cloud.writes()
    assert "the plan is not the approved one" in apply.stdout
    failed = apply.results(FLEET)["vpngw-berlin"][0]
    assert PLAN.fullmatch(failed["plan_id"]) and failed["diff"]
    # the other gateway is still processed, and the report says what is missing
    assert not apply.results(FLEET)["vpngw-munich"][0].get("failed")
    report = outcome(ran, "diagnose")
    assert report.status == "successful" and "branch-bremen-1 is missing" in report.stdout
    assert_silent(apply, cloud)


def test_nothing_is_applied_without_a_plan(awx, cloud):
    job = awx.launch("VPN apply")
    assert job.status == "failed" and not cloud.writes()
    assert "There is no approved plan for vpngw-berlin" in job.stdout


def test_a_key_that_is_not_the_planned_one_is_not_the_plan(awx, cloud):
    plan = awx.launch("VPN plan", limit="vpngw-berlin")
    awx.credentials["VPN pre-shared key"]["inputs"] = {"preshared_key": "Entirely-Other-Key-3"}
    apply = awx.launch("VPN apply", limit="vpngw-berlin", extra_vars=plan.artifacts)
    assert apply.status == "failed" and not cloud.writes()
    assert "Entirely-Other-Key-3" not in apply.stdout


@pytest.fixture(autouse=True)
def credentials_as_they_were(records):
    before = json.dumps(records)
    yield
    records[:] = json.loads(before)


# -- drift ------------------------------------------------------------------------------------------------------------


def test_the_drift_report_reads_only_and_says_it_plainly(awx, cloud):
    stranger = {"name": "nobody-knows", "vgw_id": "7b31c0da-3333-4444-8555-1e2f6b3d8f22", "psk": "Of-Nobody-Key-1"}
    cloud.add_connection(**stranger)
    cloud.clear_journal()
    job = awx.launch("VPN drift report", job_type="run")
    assert job.status == "successful" and not cloud.writes()
    for line in (
        "vpngw-berlin HAS DRIFT",
        "branch-hamburg ikepolicy.lifetime_seconds is 86400, described is 28800",
        "branch-bremen-2 is missing",
        "vpngw-munich HAS DRIFT",
        "nobody-knows is there, but not described",
    ):
        assert line in job.stdout
    assert job.artifacts == {
        "huaweicloud_vpn_drift_620d99b8_2222_4333_8444_0d1f5a2c7e11": 2,
        "huaweicloud_vpn_drift_7b31c0da_3333_4444_8555_1e2f6b3d8f22": 1,
    }
    assert_silent(job, cloud)
    schedule = awx.objects("schedule")[0]
    assert awx.launch(schedule["unified_job_template"], extra_vars=schedule["extra_data"]).status == "failed"


def test_a_gateway_that_cannot_be_read_is_no_gateway_without_drift(awx, cloud):
    cloud.fault("status", operation="listVpnConnections", status=403, code="VPN.0003", times=1)
    job = awx.launch("VPN drift report")
    assert job.status == "failed"
    assert (
        job.stdout.count("CANNOT BE READ") >= 1
        and "no drift" not in job.stdout.split("CANNOT BE READ")[0].rsplit("TASK [Drift report]", 1)[1]
    )
    assert_silent(job, cloud)


def test_a_connection_that_cannot_be_as_described_does_not_silence_the_others(awx, cloud):
    hamburg = cloud.connection(estate.named(cloud, "branch-hamburg"))
    cloud.remove_connection(hamburg["id"])
    cloud.add_connection(
        name="branch-hamburg",
        vgw_id=hamburg["vgw_id"],
        vgw_ip=hamburg["vgw_ip"],
        cgw_id=hamburg["cgw_id"],
        style="policy",
        psk=estate.KEYS[0],
    )
    job = awx.launch("VPN drift report")
    assert job.status == "successful"
    assert (
        "branch-hamburg cannot be as described: style is fixed at creation" in job.stdout
        and "branch-bremen-2 is missing" in job.stdout
    )
    assert job.artifacts["huaweicloud_vpn_drift_620d99b8_2222_4333_8444_0d1f5a2c7e11"] == 2
    schedule = awx.objects("schedule")[0]
    assert awx.launch(schedule["unified_job_template"], extra_vars=schedule["extra_data"]).status == "failed"


# -- branches ---------------------------------------------------------------------------------------------------------

OPENING = {
    "vpn_site": "kiel",
    "vpn_gateway_name": "vpngw-munich",
    "vpn_device_address": "198.51.100.60",
    "vpn_peer_subnets": "192.168.60.0/24\n192.168.61.0/24\n",
}
CLOSING = {name: OPENING[name] for name in ("vpn_site", "vpn_gateway_name")}
SITE_PLAN = re.compile(r"site\.[0-9a-f]{32}")


def branch(awx, cloud, kind, answers, approved=True, between=None):
    """Run a workflow for a branch; return what ran and the operations that wrote, before and after the approval."""
    cloud.clear_journal()
    seen = []

    def approve(_node, _jobs):
        seen.append(len(cloud.writes()))
        return approved

    ran = awx.run_workflow(f"VPN branch {kind}", approve, answers=answers, between=between)
    for _identifier, job in ran:
        if isinstance(job, controller.Job):
            assert_silent(job, cloud)
    assert seen == [0]
    return ran, [entry.operation for entry in cloud.writes()]


def steps(ran):
    return [(identifier, found if isinstance(found, bool) else found.status) for identifier, found in ran]


APPROVED = [("plan", "successful"), ("approve", True), ("apply", "successful")]


def test_a_branch_from_a_survey_approved_and_opened_and_closed(awx, cloud):
    before = sorted(item["name"] for item in cloud.connections())
    ran, writes = branch(awx, cloud, "opening", OPENING)
    assert steps(ran) == APPROVED
    assert sorted(writes) == sorted(
        ["createCustomerGateway", *["createVpnConnection"] * 2, *["createConnectionMonitor"] * 2]
    )
    plan, apply = outcome(ran, "plan"), outcome(ran, "apply")
    assert "customer gateway kiel: would be created" in plan.stdout
    assert plan.artifacts == apply.artifacts and list(plan.artifacts) == ["huaweicloud_vpn_plan_kiel"]
    assert SITE_PLAN.fullmatch(plan.artifacts["huaweicloud_vpn_plan_kiel"])
    # What the answers, the common settings of the project and the credential say
    found = [cloud.connection(estate.named(cloud, name)) for name in ("kiel-1", "kiel-2")]
    assert [cloud.configured(item["id"])["psk"] for item in found] == list(NEW_KEYS)
    for item in found:
        assert item["peer_subnets"] == ["192.168.60.0/24", "192.168.61.0/24"] and item["style"].lower() == "static"
        assert item["ikepolicy"]["dh_group"] == "group20" and item["ipsecpolicy"]["lifetime_seconds"] == 3600
    (device,) = [item for item in cloud.customer_gateways() if item["name"] == "kiel"]
    assert device["id_value"] == "198.51.100.60"

    ran, writes = branch(awx, cloud, "opening", OPENING)
    assert steps(ran) == APPROVED and writes == []

    ran, writes = branch(awx, cloud, "closing", CLOSING)
    assert steps(ran) == APPROVED
    assert writes == [*["deleteConnectionMonitor", "deleteVpnConnection"] * 2, "deleteCustomerGateway"]
    assert "customer gateway kiel: would be deleted" in outcome(ran, "plan").stdout
    assert sorted(item["name"] for item in cloud.connections()) == before
    assert not [item for item in cloud.customer_gateways() if item["name"] == "kiel"]


def test_a_branch_that_nobody_approves(awx, cloud):
    ran, writes = branch(awx, cloud, "opening", OPENING, approved=False)
    assert steps(ran) == [("plan", "successful"), ("approve", False)] and writes == []


def test_what_is_done_to_a_branch_between_plan_and_approval(awx, cloud):
    """If there is more or less than when the plan was made, nothing is written, neither to open nor to close it."""

    def intrude(identifier):
        if identifier == "apply":
            cloud.add_customer_gateway(name="kiel", id_value="198.51.100.60")

    ran, writes = branch(awx, cloud, "opening", OPENING, between=intrude)
    assert steps(ran)[-1] == ("apply", "failed") and writes == []
    assert "The plan is no longer the approved one" in outcome(ran, "apply").stdout
    _ran, writes = branch(awx, cloud, "opening", OPENING)
    assert "createCustomerGateway" not in writes and len(writes) == 4

    def remove(identifier):
        if identifier == "apply":
            cloud.remove_connection(estate.named(cloud, "kiel-2"))

    ran, writes = branch(awx, cloud, "closing", CLOSING, between=remove)
    assert steps(ran)[-1] == ("apply", "failed") and writes == []


@pytest.mark.parametrize("kind, answers", [("opening", OPENING), ("closing", CLOSING)])
def test_no_branch_is_opened_or_closed_without_an_approved_plan(awx, cloud, kind, answers):
    job = awx.launch(f"VPN branch {kind}", job_type="run", extra_vars=answers)
    assert job.status == "failed" and not cloud.journal()
    assert "There is no approved plan for kiel" in job.stdout


# -- why tunnels are down ---------------------------------------------------------------------------------------------


def test_the_doctor_reports_and_exports_numbers(awx, cloud):
    cloud.add_connection(name="branch-fulda", vgw_id="7b31c0da-3333-4444-8555-1e2f6b3d8f22", psk=estate.KEYS[2])
    cloud.clear_journal()
    job = awx.launch("VPN doctor", job_type="run")
    assert job.status == "successful" and not cloud.writes()
    assert "branch-fulda" in job.stdout and set(job.artifacts) == {
        "huaweicloud_vpn_doctor_620d99b8_2222_4333_8444_0d1f5a2c7e11",
        "huaweicloud_vpn_doctor_7b31c0da_3333_4444_8555_1e2f6b3d8f22",
    }
    munich = job.artifacts["huaweicloud_vpn_doctor_7b31c0da_3333_4444_8555_1e2f6b3d8f22"]
    assert munich["down"] == 1 and set(munich) == {"down", "at_risk", "weak"}
    assert not list(job.folder.parent.parent.joinpath("project").glob("vpn_doctor*"))
    assert_silent(job, cloud)
    assert awx.launch("VPN doctor", extra_vars={"vpn_fail_on": "down"}).status == "failed"
    berlin = awx.launch("VPN doctor", extra_vars={"vpn_fail_on": "down"}, limit="vpngw-berlin")
    assert berlin.status == "successful" and len(berlin.artifacts) == 1 and "branch-fulda" not in berlin.stdout


# -- single connections -----------------------------------------------------------------------------------------------


def test_one_connection_from_a_survey_checked_and_then_changed(awx, cloud):
    answers = {"vpn_connection_name": "branch-ulm", "vpn_peer_subnets": "192.168.40.0/24\n192.168.41.0/24\n"}
    check = awx.launch("VPN connection", answers=answers)
    result = check.results(SINGLE)["localhost"][0]
    assert (
        check.status == "successful" and result["changed"] and PLAN.fullmatch(result["plan_id"]) and not cloud.writes()
    )
    assert result["diff"]["before"] != result["diff"]["after"]
    assert check.artifacts == {"huaweicloud_vpn_plan_branch_ulm": result["plan_id"]}
    run = awx.launch(
        "VPN connection", job_type="run", diff=False, answers=dict(answers, vpn_expect_plan=result["plan_id"])
    )
    done = run.results(SINGLE)["localhost"][0]
    assert (
        run.status == "successful" and done["changed"] and done["plan_id"] == result["plan_id"] and "diff" not in done
    )
    assert cloud.connection(estate.named(cloud, "branch-ulm"))["peer_subnets"] == ["192.168.40.0/24", "192.168.41.0/24"]
    for job in (check, run):
        assert_silent(job, cloud)


def test_blank_answers_change_nothing(awx, cloud):
    job = awx.launch("VPN connection", job_type="run", answers={"vpn_connection_name": "branch-ulm"})
    assert job.status == "successful" and not job.results(SINGLE)["localhost"][0]["changed"] and not cloud.writes()


def test_new_keys_for_a_pair(awx, cloud):
    cloud.add_connection(
        name="branch-bremen-2", vgw_id="620d99b8-2222-4333-8444-0d1f5a2c7e11", psk=estate.KEYS[1], status="ACTIVE"
    )
    cloud.switch(reset_down=1)
    ids = [estate.named(cloud, name) for name in ("branch-bremen-1", "branch-bremen-2")]
    seen = []
    cloud.on_request(lambda entry: seen.append([cloud.connection(one)["status"] for one in ids]))
    cloud.clear_journal()
    answers = {"vpn_connection_name": "branch-bremen-1", "vpn_connection_name_2": "branch-bremen-2"}
    check = awx.launch("VPN key rotation", answers=answers)
    assert check.status == "successful" and not cloud.writes()
    assert "branch-bremen-2 psk a key is sent (after reset)" in check.stdout
    assert "branch-bremen-2 reset the tunnel is re-established (immediately)" in check.stdout
    answers["vpn_expect_plan"] = check.artifacts["huaweicloud_vpn_plan_branch_bremen_1_key"]
    run = awx.launch("VPN key rotation", job_type="run", answers=answers)
    assert run.status == "successful"
    for name, key in zip(("branch-bremen-1", "branch-bremen-2"), NEW_KEYS):
        assert cloud.negotiated(estate.named(cloud, name))["psk"] == key, (
            "the key is in use, since the tunnel was reset"
        )
    cloud.service.listeners.clear()
    assert all("ACTIVE" in statuses for statuses in seen) and ["DOWN", "ACTIVE"] in seen, "never both at once"
    for job in (check, run):
        assert_silent(job, cloud)


def test_the_keys_of_a_pair_on_two_gateways_are_not_rotated_in_one_job(awx, cloud):
    answers = {"vpn_connection_name": "branch-bremen-1", "vpn_connection_name_2": "branch-ulm"}
    job = awx.launch("VPN key rotation", job_type="run", answers=answers)
    assert job.status == "failed" and not cloud.writes()
    assert "branch-bremen-1 and branch-ulm are not on the same VPN gateway" in re.sub(r"\s+", " ", job.stdout)


# -- credentials ------------------------------------------------------------------------------------------------------


def test_blank_fields_and_another_way_to_authenticate(awx, cloud):
    inputs = {field["id"]: "" for field in awx.types["Huawei Cloud"]["inputs"]["fields"]}
    inputs.update(
        region=cloud.region,
        user_name=cloud.user_name,
        password=cloud.password,
        domain_name=cloud.domain_name,
        endpoint=cloud.url,
        auth_url=cloud.url,
        security_token=None,
    )
    awx.credentials["Huawei Cloud VPN"]["inputs"] = inputs
    assert set(awx.update_inventory()["vpn_gateways"]["hosts"]) == {"vpngw-berlin", "vpngw-munich"}
    assert {entry.auth for entry in cloud.journal() if not entry.iam} == {"token"}


def use(awx, name):
    """Let the inventory source and the job templates use a credential instead of the one with a key of the account."""
    for item in awx.objects("inventory_source"):
        item["credential"] = name
    for item in awx.objects("job_template"):
        item["credentials"] = [name if entry == "Huawei Cloud VPN" else entry for entry in item["credentials"]]


def test_an_agency_of_another_account(awx, cloud):
    use(awx, "Huawei Cloud VPN agency")
    assert set(awx.update_inventory()["vpn_gateways"]["hosts"]) == {"vpngw-berlin", "vpngw-munich"}
    job = awx.launch("VPN plan", limit="vpngw-berlin")
    assert job.status == "successful" and job.artifacts
    assert {entry.path.split("/")[2] for entry in cloud.journal() if not entry.iam} == {cloud.other_project_id}
    assert_silent(job, cloud)
    assert_no_key_that_arose(job, cloud)


def test_an_id_token_in_a_file(awx, cloud):
    path = pathlib.Path(awx.credentials["Huawei Cloud VPN ID token"]["inputs"]["id_token_file"])
    path.write_text(cloud.id_token() + "\n", encoding="utf-8")
    use(awx, "Huawei Cloud VPN ID token")
    assert set(awx.update_inventory()["vpn_gateways"]["hosts"]) == {"vpngw-berlin", "vpngw-munich"}
    job = awx.launch("VPN plan", limit="vpngw-berlin")
    assert job.status == "successful" and job.artifacts
    exchanged = [entry.operation for entry in cloud.journal() if entry.iam]
    assert set(exchanged) == {"exchangeIdToken", "createTemporaryKeys"}
    assert_silent(job, cloud)
    assert_no_key_that_arose(job, cloud)
    path.unlink()
    assert awx.launch("VPN plan", limit="vpngw-berlin").status == "failed"


def assert_no_key_that_arose(job, cloud):
    arisen = {text for keys in cloud.service.identity._keys.values() if keys.token for text in keys}
    left = "".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in job.folder.rglob("*")
        if path.is_file() and path.name != "command"
    )
    assert arisen and not [text for text in arisen if text in left + job.stdout]


def test_ca_certificates_arrive_in_a_file(awx, tmp_path):
    definition = awx.types["Huawei Cloud"]
    inputs = {"region": "eu-test-1", "ca_certificates": "-----BEGIN CERTIFICATE-----\n"}
    made = controller.inject(definition, inputs, tmp_path)
    with open(made["REQUESTS_CA_BUNDLE"], encoding="utf-8") as stream:
        assert stream.read() == inputs["ca_certificates"]
    assert controller.inject(definition, {"region": "eu-test-1"}, tmp_path)["REQUESTS_CA_BUNDLE"] == ""


def test_awx_shows_no_secret_of_a_credential(awx, cloud, tmp_path):
    _real, shown = awx.injected(["Huawei Cloud VPN", "VPN pre-shared key"], tmp_path)
    assert not [secret for secret in secrets_of(cloud) if secret in json.dumps(shown)]
    assert (
        shown["HW_ACCESS_KEY"] == shown["HW_VPN_PRESHARED_KEY_2"] == controller.MASK
        and shown["HW_REGION_NAME"] == cloud.region
    )


def test_the_environment_of_the_tests_has_no_credentials_itself():
    assert not [name for name in os.environ if name.startswith("HW_")]
