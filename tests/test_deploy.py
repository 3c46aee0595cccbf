"""The deployment examples: locked down as they claim, and with settings that are accepted."""

import configparser
import re
from pathlib import Path

import pytest
import yaml

from sync.settings import load

DEPLOY = Path(__file__).parents[1] / "deploy"
WORKLOADS = ["followthrough.yaml", "cronjob.yaml"]
UNITS = ["followthrough.service", "followthrough-sync.service"]


def documents(name):
    return list(yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text("utf-8")))


def pod(name):
    (workload,) = (one for one in documents(name) if one["kind"] in {"Deployment", "CronJob"})
    spec = workload["spec"]
    return (spec.get("jobTemplate", {}).get("spec") or spec)["template"]["spec"]


def unit(name):
    parser = configparser.RawConfigParser(strict=False, delimiters=("=",))
    parser.optionxform = str
    parser.read_string((DEPLOY / "systemd" / name).read_text("utf-8"))
    return parser


@pytest.fixture
def service():
    compose = yaml.safe_load((DEPLOY / "compose" / "compose.yaml").read_text("utf-8"))
    return compose["services"]["followthrough"]


def test_compose_gives_the_container_nothing_it_does_not_need(service):
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["user"].endswith(":-10001}")
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])


def test_compose_hands_the_token_over_as_a_file(service):
    assert service["secrets"] == ["github"]
    assert "environment" not in service
    text = (DEPLOY / "compose" / "followthrough.toml.example").read_text("utf-8")
    assert "/run/secrets/github" in text


def test_compose_mounts_what_the_image_expects(service):
    targets = {re.sub(r":ro$", "", one).rpartition(":")[2] for one in service["volumes"]}
    assert {"/etc/followthrough/followthrough.toml", "/var/lib/followthrough"} <= targets


def test_the_settings_for_compose_are_accepted():
    loaded = load(DEPLOY / "compose" / "followthrough.toml.example", {}, secrets=False)
    assert list(loaded.settings.pairs) == ["payments"]


def test_the_settings_for_kubernetes_are_accepted(tmp_path):
    (settings,) = (one for one in documents("followthrough.yaml") if one["kind"] == "ConfigMap")
    ((name, text),) = settings["data"].items()
    (tmp_path / name).write_text(text)
    loaded = load(tmp_path / name, {}, secrets=False)
    (secret,) = loaded.secrets
    mounts = {
        one["name"]: one["mountPath"]
        for one in pod("followthrough.yaml")["containers"][0]["volumeMounts"]
    }
    assert str(secret).startswith(f"file {mounts['secrets']}/")


@pytest.mark.parametrize("name", WORKLOADS)
def test_kubernetes_gives_the_container_nothing_it_does_not_need(name):
    spec = pod(name)
    assert spec["automountServiceAccountToken"] is False
    around = spec["securityContext"]
    assert around["runAsNonRoot"] is True
    assert around["runAsUser"] == around["runAsGroup"] == around["fsGroup"] == 10001
    assert around["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = spec["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert "env" not in container
    assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", WORKLOADS)
def test_every_mount_has_its_volume(name):
    spec = pod(name)
    mounted = {one["name"] for one in spec["containers"][0]["volumeMounts"]}
    assert mounted == {one["name"] for one in spec["volumes"]}
    assert {"/etc/followthrough", "/var/lib/followthrough"} <= {
        one["mountPath"] for one in spec["containers"][0]["volumeMounts"]
    }


def test_no_two_processes_ever_share_one_state():
    (daemon,) = (one for one in documents("followthrough.yaml") if one["kind"] == "Deployment")
    assert daemon["spec"]["replicas"] == 1
    assert daemon["spec"]["strategy"] == {"type": "Recreate"}
    (job,) = documents("cronjob.yaml")
    assert job["spec"]["concurrencyPolicy"] == "Forbid"


@pytest.mark.parametrize("name", UNITS)
def test_systemd_gives_the_service_nothing_it_does_not_need(name):
    service = unit(name)["Service"]
    assert service["User"] == "followthrough"
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    assert service["LoadCredential"].startswith("github:")
    assert service["StateDirectory"] == "followthrough"


def test_systemd_does_not_restart_what_only_a_person_can_mend():
    service = unit("followthrough.service")["Service"]
    assert service["Restart"] == "on-failure"
    assert service["RestartPreventExitStatus"] == "2"
