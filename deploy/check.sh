#!/bin/bash
# Checks the container, compose and Kubernetes files with whatever is installed, and
# says what it could not check. Fails only on a real fault. Starts no container.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
faults=0
skipped=()

has() { command -v "$1" >/dev/null 2>&1; }
skip() { skipped+=("$1"); }
check() { # what, command...
	local what=$1
	shift
	if "$@" >"$work/out" 2>&1; then
		echo "ok     $what"
	else
		echo "FAULT  $what"
		sed 's/^/       /' "$work/out"
		faults=$((faults + 1))
	fi
}

# --- scripts

scripts=(deploy/check.sh deploy/postgres/init.sh deploy/temporal/schema.sh deploy/temporal/namespace.sh deploy/mail/install.sh)
for s in "${scripts[@]}"; do check "syntax of $s" "$(sed -n '1s/^#!//p' "$s")" -n "$s"; done
if has shellcheck; then check "shellcheck" shellcheck --severity warning "${scripts[@]}"; else skip "scripts beyond their syntax: no shellcheck"; fi

# Runs init.sh against a private cluster, and sees whether the roles are kept apart.
# Needs "bash -e": as a condition, a function would go on after a failure.
init_databases() {
	bin=$1 script=$PWD/deploy/postgres/init.sh as=() dir=$(mktemp -d /tmp/rekindle-check.XXXXXX)
	if [ "$(id -u)" = 0 ]; then as=(runuser -u nobody --) && chown nobody "$dir"; fi
	cd "$dir" || exit
	trap '"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1; cd /; rm -rf "$dir"' EXIT
	echo super >password
	export PGHOST=127.0.0.1 PGPORT=$((20000 + RANDOM % 12000)) PGPASSWORD=super
	"${as[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A scram-sha-256 --pwfile="$dir/password" >/dev/null
	"${as[@]}" "$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
		-o "-c listen_addresses=127.0.0.1 -c port=$PGPORT -c unix_socket_directories= -c fsync=off" start >/dev/null
	POSTGRES_USER=postgres REKINDLE_DB_PASSWORD="r'1" TEMPORAL_DB_PASSWORD="t'2" bash "$script"

	run() { PGPASSWORD=$2 psql -X -q -v ON_ERROR_STOP=1 -U "$1" -d "$3" -c "$4"; } # role, password, database, statement
	run rekindle "r'1" rekindle 'CREATE TABLE t (id int)'
	run temporal "t'2" temporal 'CREATE TABLE t (id int)'
	run temporal "t'2" temporal_visibility 'CREATE EXTENSION btree_gin'
	for other in temporal temporal_visibility postgres; do
		if run rekindle "r'1" "$other" '' 2>/dev/null; then echo "rekindle can connect to $other" && exit 1; fi
	done
	if run temporal "t'2" rekindle '' 2>/dev/null; then echo "temporal can connect to rekindle" && exit 1; fi
}
pg=$(for d in "${PG_BIN:-}" /usr/lib/postgresql/*/bin "$(dirname "$(command -v postgres 2>/dev/null)" 2>/dev/null)"; do
	[ -x "$d/initdb" ] && [ -x "$d/pg_ctl" ] && echo "$d"
done | tail -1)
if [ -n "$pg" ] && has psql && { [ "$(id -u)" != 0 ] || has runuser; }; then
	check "deploy/postgres/init.sh creates databases and keeps the roles apart" bash -euc "$(declare -f init_databases); init_databases '$pg'"
else
	skip "deploy/postgres/init.sh at work: no PostgreSQL binaries"
fi

# --- Dockerfile

if has hadolint; then
	check "hadolint deploy/Dockerfile" hadolint deploy/Dockerfile
else
	skip "the Dockerfile's style: no hadolint"
fi
if docker info >/dev/null 2>&1 && docker buildx version >/dev/null 2>&1; then
	check "docker build --check" docker buildx build --check -f deploy/Dockerfile .
	skip "that the image builds: run docker build -f deploy/Dockerfile ."
else
	skip "docker build --check, and that the image builds and its base images exist: no Docker engine with buildx"
fi

# --- compose

sed -E 's/^([A-Z_]+)=$/\1=x/' .env.example >"$work/env"
if docker compose version >/dev/null 2>&1; then
	check "docker compose config" env -i PATH="$PATH" HOME="$HOME" docker compose --env-file "$work/env" config --quiet
	for secret in POSTGRES_PASSWORD REKINDLE_DB_PASSWORD TEMPORAL_DB_PASSWORD SMTP_URL REKINDLE_SECRET_KEY; do
		sed "s/^$secret=.*/$secret=/" "$work/env" >"$work/without"
		check "compose refuses an empty $secret" bash -c \
			'! env -i PATH="$PATH" HOME="$HOME" docker compose --env-file "$1" config --quiet' - "$work/without"
	done
else
	skip "docker compose config: no compose plugin"
fi
if has check-jsonschema; then
	check "docker-compose.yml against the Compose schema" check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml
else
	skip "docker-compose.yml against the Compose schema: no check-jsonschema"
fi
skip "that the containers start and become healthy: run docker compose up --build --wait"

# --- Kubernetes

rendered=
if has kubectl; then render=(kubectl kustomize deploy/kubernetes); else render=(kustomize build deploy/kubernetes); fi
if has "${render[0]}"; then
	check "kustomize renders deploy/kubernetes" bash -c '"${@:2}" >"$1"' - "$work/rendered.yaml" "${render[@]}"
	rendered=$work/rendered.yaml
	if has kubeconform; then
		check "kubeconform" kubeconform -strict "$rendered"
	elif has kubernetes-validate; then
		check "kubernetes-validate" kubernetes-validate --strict "$rendered"
	else
		skip "the manifests against Kubernetes' schemas: neither kubeconform nor kubernetes-validate"
	fi
else
	skip "the rendered manifests: neither kubectl nor kustomize"
fi
skip "that the manifests run: no cluster was asked"

# --- our own rules, on the parsed files

if has python3 && python3 -c 'import yaml' 2>/dev/null; then
	check "house rules for Dockerfile, compose and manifests" python3 - "$rendered" <<'PY'
import os, re, sys, yaml

faults = []
def want(ok, fault):
    if not ok: faults.append(fault)

# Dockerfile: known instructions, known stages, an unprivileged end.
text = re.sub(r"\\\n", " ", open("deploy/Dockerfile").read())
lines = [l.split(None, 1) for l in text.splitlines() if l.strip() and not l.lstrip().startswith("#")]
known = "FROM ARG ENV RUN COPY ADD WORKDIR USER EXPOSE LABEL ENTRYPOINT CMD HEALTHCHECK STOPSIGNAL VOLUME SHELL ONBUILD".split()
stages, last = [], {}
for word, rest in lines:
    want(word in known, f"Dockerfile: unknown instruction {word}")
    if word == "FROM":
        last = {}
        want(re.search(r":\S+", rest), f"Dockerfile: {rest} is not pinned")
        stages += re.findall(r" AS (\S+)", rest)
    for source in re.findall(r"--from=(\S+)", rest):
        want(source in stages, f"Dockerfile: no stage {source}")
    last[word] = rest
want(last.get("USER", "root").strip() not in ("root", "0"), "Dockerfile: the image runs as root")
want(last.get("ENTRYPOINT") == '["/rekindle"]', 'Dockerfile: the entrypoint is not ["/rekindle"]')
image = re.search(r"golang:(\d+)\.(\d+)\.(\d+)", text)
needed = re.search(r"^go (\d+)\.(\d+)(?:\.(\d+))?", open("go.mod").read(), re.M) if os.path.exists("go.mod") else None
if image and needed:
    want([int(n) for n in image.groups()] >= [int(n or 0) for n in needed.groups()], "Dockerfile: its Go is older than go.mod asks for")

# Compose.
raw = open("docker-compose.yml").read()
file = yaml.safe_load(raw)
services = file["services"]
awaited = {d for s in services.values() for d, c in s.get("depends_on", {}).items() if c["condition"] == "service_completed_successfully"}
for name, s in services.items():
    at = f"compose: {name}"
    want("image" in s, f"{at}: no image")
    want(re.search(r":[^:]+$", s.get("image", "")) and not s["image"].endswith(":latest"), f"{at}: its image has no fixed tag")
    want("restart" in s, f"{at}: no restart policy")
    if name in awaited:
        want(s["restart"] == "no", f"{at}: runs once, yet restarts")
    else:
        want("healthcheck" in s, f"{at}: no health check")
        want(s["restart"] == "unless-stopped", f"{at}: does not restart")
    for other, c in s.get("depends_on", {}).items():
        want(other in services, f"{at}: waits for {other}, which does not exist")
        want(c["condition"] in ("service_healthy", "service_completed_successfully"), f"{at}: waits for {other} without a condition")
    for port in s.get("ports", []):
        want(str(port).startswith("127.0.0.1:"), f"{at}: publishes {port} to the world")
    for net in s.get("networks", []):
        want(net in file["networks"], f"{at}: unknown network {net}")
    for volume in s.get("volumes", []):
        source = volume.split(":")[0]
        want(os.path.isfile(source) if source.startswith(".") else source in file["volumes"], f"{at}: no volume or file {source}")
example = dict(re.findall(r"^([A-Z_]+)=(.*)$", open(".env.example").read(), re.M))
used = dict(re.findall(r"\$\{([A-Z_]+)([^}]*)\}", raw))
want(set(used) == set(example), f".env.example and docker-compose.yml disagree on {sorted(set(used) ^ set(example))}")
for name, default in re.findall(r"\$\{([A-Z_]+)([^}]*)\}", raw):
    if re.search("PASSWORD|SECRET|KEY|SMTP_URL", name):
        want(default.startswith(":?"), f"compose: {name} has a default or may be empty")
        want(example.get(name) == "", f".env.example: {name} is not empty")

# Kubernetes.
if sys.argv[1]:
    docs = [d for d in yaml.safe_load_all(open(sys.argv[1])) if d]
    kinds = [(d["kind"], d["metadata"]["name"]) for d in docs]
    want(len(kinds) == len(set(kinds)), "kubernetes: an object is there twice")
    want(all(k != "Secret" for k, _ in kinds), "kubernetes: a Secret is included")
    pods = {}
    for d in docs:
        if d["kind"] not in ("Deployment", "Job"): continue
        at, template = f"kubernetes: {d['kind']} {d['metadata']['name']}", d["spec"]["template"]
        pods[at] = template["metadata"]["labels"]
        if d["kind"] == "Deployment":
            want(d["spec"]["selector"]["matchLabels"].items() <= pods[at].items(), f"{at}: does not select its own pods")
        want(template["spec"].get("securityContext", {}).get("runAsNonRoot"), f"{at}: may run as root")
        for c in template["spec"]["containers"]:
            sc = c.get("securityContext", {})
            want(sc.get("readOnlyRootFilesystem"), f"{at}: writable root file system")
            want(sc.get("allowPrivilegeEscalation") is False, f"{at}: may gain privileges")
            want(sc.get("capabilities", {}).get("drop") == ["ALL"], f"{at}: keeps capabilities")
            want("memory" in c.get("resources", {}).get("limits", {}) and "requests" in c["resources"], f"{at}: no resources")
            want(":" in c["image"] and not c["image"].endswith(":latest"), f"{at}: its image has no fixed tag")
            if d["kind"] == "Deployment":
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    want(probe in c, f"{at}: no {probe}")
                    port = c.get(probe, {}).get("httpGet", {}).get("port")
                    want(port in [p["name"] for p in c["ports"]], f"{at}: {probe} asks an unknown port")
    for d in docs:
        if d["kind"] in ("Service", "PodDisruptionBudget"):
            chosen = d["spec"]["selector"]
            chosen = chosen.get("matchLabels", chosen)
            want(any(chosen.items() <= labels.items() for labels in pods.values()), f"kubernetes: {d['kind']} {d['metadata']['name']} selects no pod")

print("\n".join(faults))
sys.exit(bool(faults))
PY
else
	skip "the house rules for Dockerfile, compose and manifests: no python3 with yaml"
fi

echo
for s in "${skipped[@]}"; do echo "not checked: $s"; done
[ "$faults" = 0 ] || { echo && echo "$faults faults" && exit 1; }
