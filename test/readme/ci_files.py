# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands in files for CI systems, container engines and Kubernetes, and what these files must have."""
import itertools
import shlex

import yaml

WORKLOADS = ("Pod", "Job", "DaemonSet")


def pod_spec(data):
    """Return the description of the pods of an object of Kubernetes."""
    return data["spec"] if data["kind"] == "Pod" else data["spec"]["template"]["spec"]


def github_settings(job):
    """Return what a job exports, for each of the values of its matrix."""
    matrix = job.get("strategy", {}).get("matrix", {})
    names = {"${{ matrix.%s }}" % name: values for name, values in matrix.items()}
    exports = [["export %s=%s\n" % (key, shlex.quote(one)) for one in names.get(value, [value])]
               for key, value in job.get("env", {}).items()]
    return ["".join(settings) for settings in itertools.product(*exports)]


def github_commands(data):
    for job in data["jobs"].values():
        assert {"runs-on", "steps"} <= set(job), "a job needs runs-on and steps"
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step), "a step needs either uses or run"
            if "run" in step:
                yield from (settings + step["run"] for settings in github_settings(job))


def gitlab_commands(data):
    for name, job in data.items():
        assert name.startswith(".") or "script" in job, "a job needs a script"
        assert job.get("extends", name) in data, "a job extends one that does not exist"
        yield from job.get("before_script", [])
        yield from job.get("script", [])


def kubernetes_commands(data):
    assert {"apiVersion", "kind", "metadata", "spec"} <= set(data) and data["kind"] in WORKLOADS
    spec = pod_spec(data)
    names = {volume["name"] for volume in spec.get("volumes", [])}
    for container in spec["containers"] + spec.get("initContainers", []):
        assert {"name", "image"} <= set(container), "a container needs a name and an image"
        mounts = {mount["name"] for mount in container.get("volumeMounts", [])}
        assert mounts <= names, "a volume is missing"
        if "command" in container:
            yield shlex.join(container["command"] + container.get("args", []))


def commands(text):
    """Return the commands in a file in YAML; raise an error if it cannot be what it is meant to be."""
    data = yaml.safe_load(text)
    if "apiVersion" in data:
        return list(kubernetes_commands(data))
    if "services" in data:
        return [service["command"] for service in data["services"].values()]
    return list(github_commands(data) if "jobs" in data else gitlab_commands(data))
