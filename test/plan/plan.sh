#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# plan.sh MEMHPSIM SOURCE-DIR - verify the results of memhpsim plan
#
# Verifies the worked examples of the kernel's documentation, messages about wrong words, and the
# example in README.md.
set -u
sim=$(realpath "$1") top=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

fail() {
	echo "FAILED: $*"
	failed=1
}

# plan OPTION... - write the plan in JSON to $work/out
plan() {
	"$sim" plan --json "$@" >"$work/out" 2>"$work/err" || fail "plan $*: $(cat "$work/err")"
}

# is EXPRESSION... - check that each Python expression is true of p, the list of policies
is() {
	python3 - "$work/out" "$@" <<-'END' || fail "see above"
		import json, sys
		G = 1 << 30
		p = json.load(open(sys.argv[1]))["policies"]
		def zones(policy, step):
		    return {b["zone"] for b in policy["steps"][step]["blocks"]}
		wrong = [text for text in sys.argv[2:] if not eval(text)]
		print("\n".join(wrong), end="\n" if wrong else "")
		sys.exit(bool(wrong))
	END
}

vm=$top/machines/vm-8g.yaml

# If 24 GiB are plugged into a machine with 8 GiB at a ratio of 301 %, all of them are Movable, in
# whatever pieces they are plugged.
for pieces in '+24G' '+8G x 3' '+1G x 24'; do
	plan -m "$vm" -g "$pieces" -p auto-movable,ratio=301
	is 'all(zones(p[0], i) == {"Movable"} for i in range(1, len(p[0]["steps"])))'
	is 'p[0]["steps"][-1]["movable"] == 24 * G'
	is 'p[0]["ratio_passed_at_step"] == {"3:1": None, "4:1": None, "63:1": None}'
done
# One more block is not.
plan -m "$vm" -g '+24G' -g '+128M' -p auto-movable,ratio=301
is 'zones(p[0], 1) == {"Movable"} and zones(p[0], 2) == {"Normal"}'
# At 300 %, the holes that firmware leaves prevent this for the last GiB.
plan -m "$vm" -g '+1G x 24' -p auto-movable,ratio=300
is 'zones(p[0], 23) == {"Movable"} and zones(p[0], 24) == {"Normal"}'

# A DIMM becomes Movable as a whole or not at all, even if there is room for a part of it.
plan -m "$vm" -g '+32G' -g '+16G' -p auto-movable
is 'zones(p[0], 1) == {"Normal"} and zones(p[0], 2) == {"Movable"}'

# A virtio-mem device is split: what the ratio allows is Movable; of the rest, one block in four
# belongs to the kernel's zones, which makes room for three Movable ones.
plan -m "$vm" -g 'virtio-mem to 24G' -g 'virtio-mem to 40G' -p auto-movable -u 0
is 'zones(p[0], 1) == {"Movable"} and zones(p[0], 2) == {"Normal", "Movable"}' \
	'p[0]["steps"][2]["movable"] == 36 * G and p[0]["steps"][2]["kernel"] > 11.9 * G' \
	'[b["last"] - b["first"] + 1 for b in p[0]["steps"][2]["blocks"][:4]] == [1, 3, 1, 3]' \
	'p[0]["steps"][1]["removed"] == 24 * G and p[0]["steps"][2]["certain"] == 12 * G'
# This device is as large as the DIMM above, which was not split.
plan -m "$vm" -g 'virtio-mem to 32G' -p auto-movable
is 'p[0]["steps"][1]["movable"] == 30 * G and p[0]["steps"][1]["added"] == 32 * G'
# One device grows; there is one for each node.
plan -m "$top/machines/default.yaml" -g 'virtio-mem to 1G on node 0' -g 'virtio-mem to 2G' \
	-g 'virtio-mem to 1G on node 1' -p online_movable
is '[s["added"] for s in p[0]["steps"][1:]] == [G, G, G]' \
	'[s["removed"] for s in p[0]["steps"][1:]] == [G, G, G]'

# Plugged memory in the kernel's zones does not count for other DIMMs.
plan -m "$vm" -g '+32G' -g '+24G' -g '+1G' -p auto-movable
is '[zones(p[0], i) for i in (1, 2, 3)] == [{"Normal"}, {"Movable"}, {"Normal"}]'

# Other policies are compared in one run, with the ratio and the step at which it is passed.
plan -m "$vm" -g '+8G x 5' -p online_kernel -p online_movable -p offline
is 'p[0]["steps"][5]["kernel"] > 47.9 * G and p[0]["steps"][5]["movable"] == 0' \
	'p[1]["steps"][5]["movable"] == 40 * G' \
	'p[1]["ratio_passed_at_step"] == {"3:1": 4, "4:1": 5, "63:1": None}' \
	'zones(p[2], 3) == {"offline"} and p[2]["steps"][5]["movable"] == 0'
# The memmap takes 1/64: 1 GiB of memory costs 16 MiB.
is 'p[1]["steps"][5]["memmap"] - p[1]["steps"][0]["memmap"] == 40 * G // 64'
# Movable memory can be removed again.
is 'all(s["removed"] == s["certain"] == 8 * G for s in p[1]["steps"][1:])' \
	'not any(s["certain"] for s in p[0]["steps"][1:])'

# The kernel's zones may be too small for the unmovable memory.
plan -m "$vm" -g '+8G x 5' -p online_movable -p online_kernel -u 25
is 'p[0]["kernel_memory_out_at_step"] == 3 and p[1]["kernel_memory_out_at_step"] is None'
# Memory in which there are unmovable pages cannot be removed.
is 'p[1]["steps"][1]["removed"] == 0 and p[1]["steps"][1]["stays"]["pages"] == "unmovable"'

# There may be no room for the memmap: 512 MiB cannot hold that of 32 GiB, unless that memory
# holds its own.
sed 's/end: 0x4ffffffff/end: 0x13ffffffff/' "$top/machines/small-vm.yaml" >"$work/m.yaml"
plan -m "$work/m.yaml" -g '+16G x 3' -p online_movable -p online_movable,memmap_on_memory=Y -u 0
is '[s["error"] for s in p[0]["steps"]] == [None, None, "ENOMEM", "ENOMEM"]' \
	'p[0]["steps"][3]["movable"] == 16 * G' \
	'p[1]["steps"][3]["movable"] == 48 * G and p[1]["ratio_passed_at_step"]["63:1"] == 2'

# The machine's own memory hotplug parameters have an effect.
plan -m "$vm" -g '+1G' -p memmap_on_memory=Y,online_movable
is 'p[0]["steps"][1]["memmap"] - p[0]["steps"][0]["memmap"] == G // 64' \
	'p[0]["steps"][1]["kernel_free"] > p[0]["steps"][0]["kernel_free"] - 110 * 2**20'

# wrong TEXT OPTION... - check that the plan is refused with TEXT
wrong() {
	local text=$1 status

	shift
	"$sim" plan "$@" >"$work/out" 2>"$work/err"
	status=$?
	[ $status -eq 2 ] || fail "plan $*: exit status $status"
	grep -qF -- "$text" "$work/err" || fail "plan $*: $(cat "$work/err")"
	[ -s "$work/out" ] && fail "plan $*: prints something"
}

wrong '"+100M": 100M is not a multiple of the block size, 128M' -g +100M
wrong '"+1G on node 7": the machine has no node 7 (0-1)' -g '+1G on node 7'
wrong '"1G" is not a valid growth' -g 1G
wrong '"1000000" is not a number from 1 to 4096' -g '+1G x1000000'
wrong '"many" is not a number' -g '+1G x many'
wrong '"nod"' -g '+1G on nod 1'
wrong '"" is not a valid size' -g 'virtio-mem to'
wrong '"at"' -g 'virtio-mem at 4G'
wrong '"virtio-mem to 1G" is not a growth after "virtio-mem to 2G on node 0"' \
	-g 'virtio-mem to 2G on node 0' -g 'virtio-mem to 1G'
wrong '"virtio-mem to 3M": 3M is not a multiple of 2M' -g 'virtio-mem to 3M'
wrong '"auto_movable" is not a valid policy word' -g +1G -p auto_movable
wrong '"ratio" is not a valid policy word' -g +1G -p auto-movable,ratio
wrong '"101" is not a valid percentage' -g +1G -u 101
wrong 'nothing grows' -p online
wrong '/nowhere/m.yaml' -m /nowhere/m.yaml -g +1G
wrong 'No such file or directory' -g +1G -s /nowhere/plan.svg

# doc/plan.svg is the picture of the plan that README.md shows.
command=$(sed -n 's/^    \$ \(build\/memhpsim plan [^|]*\)|.*$/\1/p' "$top/README.md")
[ -n "$command" ] || fail "README.md shows no plan"
(cd "$top" && eval "${command/build\/memhpsim/$sim} --svg $work/plan.svg") >/dev/null || fail "README.md's plan"
cmp "$top/doc/plan.svg" "$work/plan.svg" || fail "doc/plan.svg differs"

# The picture: a title, a label for each step, an axis, marks, and a legend of what is there.
cat >"$work/look.py" <<-'END'
	import sys, xml.etree.ElementTree as xml
	root = xml.parse(sys.argv[1])
	texts = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
	tips = [e.text for e in root.iter("{http://www.w3.org/2000/svg}title")]
	def y(text):
	    return [float(e.get("y")) for e in root.iter("{http://www.w3.org/2000/svg}text") if e.text == text]
	def width(tip):
	    return [float(e.get("width")) for e in root.iter("{http://www.w3.org/2000/svg}rect")
	            if len(e) and tip in e[0].text]
	wrong = [text for text in sys.argv[2:] if not eval(text)]
	print("\n".join(wrong), end="\n" if wrong else "")
	sys.exit(bool(wrong))
END
picture() { python3 "$work/look.py" "$work/plan.svg" "$@" || fail "the picture: see above"; }
picture 'texts[0] == "vm-8g, +8G x 5; 25 % unmovable"' 'texts.count("+8G") == 10' \
	'all(texts.count(t) == 2 for t in ("0", "8G", "48G", "boot"))' \
	'texts.count("kernel memory runs out at step 3: 639M do not fit") == 2' \
	'texts.count("passes 3:1") == texts.count("passes 4:1") == 1' \
	'y("passes 3:1")[0] > y("online_movable")[0] > y("auto-movable")[0]' \
	'"Movable" in texts and "cannot be unplugged again" in texts and "offline" not in texts' \
	'"memory320-383: 8G Normal" in tips' \
	'"cannot be unplugged again: unmovable pages in memory320" in tips' \
	'"step 5, +8G: 1.2G of 8.0G are free" in tips'
# Growth that is small beside the boot memory is no sliver, and many small steps have no labels
# over each other. Zones that alternate often are one above the other.
sed 's/end: 0x23fffffff/end: 0x3fffffffff/;s/start: 16G, end: 0x21ffffffff/start: 256G, end: 0x7fffffffff/' \
	"$vm" >"$work/m.yaml"
"$sim" plan -m "$work/m.yaml" -g '+1G x 40' -g 'virtio-mem to 256M' -p offline \
	-p auto-movable -s "$work/plan.svg" -H "$work/plan.html" >"$work/text"
picture 'sum(width(": 1G offline")) > 600' 'texts.count("+1G") == 0' '"offline" in texts' \
	'2 <= texts.count("40") + texts.count("39") <= 4' '"passes 3:1" not in texts'
"$sim" plan -m "$vm" -g 'virtio-mem to 8G' -g 'virtio-mem to 110G' -p auto-movable,ratio=101 \
	-s "$work/plan.svg" >"$work/text"
picture 'any(t.startswith("mixed: ") and t.endswith("Movable") for t in tips)'
for text in '<svg ' '<pre ' 'policy auto-movable' 'memory can be unplugged\|can be unplugged again'; do
	grep -q "$text" "$work/plan.html" || fail "the page has no $text"
done
wrong 'No such file or directory' -g +1G -H /nowhere/plan.html
wrong 'No space left on device' -g +1G -s /dev/full

exit $failed
