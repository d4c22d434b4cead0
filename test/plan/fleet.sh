#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# fleet.sh MEMHPSIM SOURCE-DIR - verify memhpsim plan for fleets
#
# The outcomes of a fleet are those of its machines' own plans, however it is split; the rule of thumb
# of the kernel's guide, and what --search finds; and what is refused.
set -u
sim=$(realpath "$1") top=$(realpath "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failed=0

fail() {
	echo "FAILED: $*"
	failed=1
}

plan() { "$sim" plan "$@" 2>err || fail "plan $*: $(cat err)"; }

cat >fleet.csv <<-END
	# machines of a small company
	name,machine,grow,unmovable,count,use
	small,8G,+8G x 5,25,1000,
	db,2x64G,"+32G x 4 on node 1",15,200,
	"web, ""old""",16G,virtio-mem to 48G,10,5000,
	ci,$top/machines/vm-8g.yaml,+4G,,10,12G:2G;20G:3G;44G:6G;30G:4G
	late,4G,+4G x 2;virtio-mem to 8G,40,3,
END
plan --fleet fleet.csv --json >whole.json

# Single plans say the same of each policy and row. A time series grows like its steps.
python3 - "$sim" "$top" <<-'END' || fail "the fleet differs from its machines: see above"
	import json, subprocess, sys
	sim, top = sys.argv[1:]
	def plan(*args):
	    return json.loads(subprocess.run([sim, "plan", "--json", *args], stdout=-1, check=True).stdout)["policies"]
	rows = [(1000, ["-m", top + "/machines/vm-8g.yaml", "-g", "+8G x 5", "-u", "25"]),
	        (10, ["-m", top + "/machines/vm-8g.yaml", "-g", "+4G", "-g", "+4G x 2", "-g", "+4G x 6"])]
	for name, text in (("a", "small,8G,+8G x 5,25,1000,\n"),
	                   ("b", f"ci,{top}/machines/vm-8g.yaml,+4G,0,10,12G:0;20G:0;44G:0\n")):
	    open(name + ".csv", "w").write("name,machine,grow,unmovable,count,use\n" + text)
	    fleet = json.loads(subprocess.run([sim, "plan", "--fleet", name + ".csv", "--json"], stdout=-1).stdout)
	    count, args = rows[name == "b"]
	    for got, one in zip(fleet["policies"], plan(*args, *([] if name == "a" else ["-u", "0"]))):
	        steps = one["steps"]
	        added = sum(s["added"] for s in steps)
	        want = {"machines": count,
	                "kernel_memory_out": count if one["kernel_memory_out_at_step"] is not None else 0,
	                "beyond_3:1": count if one["ratio_passed_at_step"]["3:1"] is not None else 0,
	                "removed_share": sum(s["removed"] for s in steps) / added,
	                "certain_share": sum(s["certain"] for s in steps) / added}
	        for key, value in want.items():
	            if abs(got[key] - value) > 1e-3:
	                sys.exit(f"{name}, {got['policy']}: {key} is {got[key]}, not {value}")
END

# However many processes and shards there are, the result is the same.
plan --fleet fleet.csv --json --jobs 1 | cmp - whole.json || fail "--jobs 1 differs"
for n in 1 3 9; do
	for i in $(seq $n); do
		plan --fleet fleet.csv --shard "$i/$n" >"part$i-$n.json"
	done
	plan --merge part?-$n.json --json | cmp - whole.json || fail "$n shards differ"
done
plan --merge part*-3.json >text
plan --fleet fleet.csv | cmp - text || fail "the text of merged parts differs"
plan --merge part*-3.json --svg fleet.svg >text
grep -q 'runs out on small (step 3), late (step ' text || fail "the names: $(cat text)"
python3 - <<-'END' || fail "the picture: see above"
	import json, sys, xml.etree.ElementTree as xml
	root = xml.parse("fleet.svg")
	texts = [e.text for e in root.iter("{http://www.w3.org/2000/svg}text")]
	whole = json.load(open("whole.json"))["policies"]
	assert texts[0].startswith("6213 machines"), texts
	for p in whole:
	    assert f"{p['rank']}. {p['policy']}" in texts, texts
	    assert f"kernel memory runs out: {p['kernel_memory_out']} of 6213" in texts, texts
	    assert sum(p["certain_share_machines"]) == sum(p["removed_share_machines"]) == 6213
END

# The rule of thumb: machines that stay within 3:1 and of whose memory a sixth or less cannot move
# never run out, whatever the policy; and beyond 4:1 machines of which a quarter cannot move do.
{
	echo machine,grow,unmovable
	for size in 8 16 64; do
		for times in 1 2 3 5 6; do
			for unmovable in 5 16 25; do
				echo "${size}G,+${size}G x $times,$unmovable"
			done
		done
	done
} >thumb.csv
grep -v ',25$' thumb.csv >modest.csv
plan --fleet modest.csv --json >modest.json
{ head -n 1 thumb.csv && grep 'x [56],25$' thumb.csv; } >bold.csv
plan --fleet bold.csv -p online_movable --json >bold.json
python3 - <<-'END' || fail "the rule of thumb: see above"
	import json
	for p in json.load(open("modest.json"))["policies"]:
	    assert p["within_3:1"] and not p["within_3:1_out"], p
	bold, = json.load(open("bold.json"))["policies"]
	assert bold["beyond_3:1"] == bold["beyond_3:1_out"] == bold["machines"] == 6, bold
END

# The largest ratio: it is safe, and the next one is not.
plan --search ratio --fleet fleet.csv --json >found.json
ratio=$(python3 -c 'import json; f = json.load(open("found.json")); assert f["unsafe_ratio"] == f["safe_ratio"] + 1; print(f["safe_ratio"])')
plan --fleet fleet.csv -p auto-movable,ratio="$ratio" -p auto-movable,ratio=$((ratio + 1)) --json |
	python3 -c 'import json, sys; p = json.load(sys.stdin)["policies"]; assert not p[0]["kernel_memory_out"] and p[1]["kernel_memory_out"], p' ||
	fail "ratio $ratio is not the largest one"
out=$(plan --search ratio -m "$top/machines/vm-8g.yaml" -g '+8G x 5' -u 25)
[[ $out == *"safe up to ratio=300:"*"With ratio=301, that of the machine does at step 3."* ]] || fail "$out"
out=$(plan --search ratio -m "$top/machines/vm-8g.yaml" -g '+8G' -u 0)
[[ $out == *"safe with every ratio"* ]] || fail "$out"

# wrong TEXT OPTION... - check that it is refused with TEXT before anything is tried
wrong() {
	local text=$1 status

	shift
	"$sim" plan "$@" >out 2>err
	status=$?
	[ $status -eq 2 ] || [ $status -eq 64 ] || fail "plan $*: exit status $status"
	grep -qF -- "$text" err || fail "plan $*: $(cat err)"
	[ -s out ] && fail "plan $*: prints something"
}

# row TEXT HEADER ROW - check that a file with this row is refused
row() {
	printf '%s\n%s\n' "$2" "$3" >wrong.csv
	wrong "wrong.csv:2: $1" --fleet wrong.csv
}


row 'machine: see above' machine,grow nosuch,+1G
row 'machine: "100M": a machine has' machine,grow 100M,+1G
row 'grow: "1G" is not a valid growth' machine,grow 8G,1G
row 'grow: "+1G on node 3": the machine has no node 3' machine,grow '2x8G,+1G on node 3'
row 'grow: nothing grows' machine,grow 8G,
row 'unmovable: "120" is not a valid percentage' grow,unmovable +1G,120
row 'count: "0" is not a number' grow,count +1G,0
row 'use: "5G" is not a valid sample' grow,use +1G,5G
row 'use: "5G:6G" is not a valid sample' grow,use +1G,5G:6G
row 'use: the column grow must have' grow,use '+1G x 2,9G:1G'
row '3 fields, and there are 2 columns' machine,grow 8G,+1G,
row 'a quote is missing' machine,grow '8G,"+1G'
printf 'machine,size\n' >wrong.csv
wrong 'wrong.csv:1: "size" is not a valid column, or there twice (use name, machine, grow, unmovable, count, use)' \
	--fleet wrong.csv
echo grow >wrong.csv
wrong 'there is no machine in it' --fleet wrong.csv
wrong 'No such file or directory' --fleet nosuch.csv
wrong '"0/3" is not a part' --fleet fleet.csv --shard 0/3
wrong '--shard needs --fleet' -g +1G --shard 1/2
wrong 'the machines and growths of a fleet are in its file' --fleet fleet.csv -g +1G
wrong '"size" cannot be searched for (use ratio)' --search size
wrong '--search takes at most one --policy' --search ratio -g +1G -p online -p offline
wrong '"0" is not a number from 1 to 256' --fleet fleet.csv --jobs 0
wrong 'shard 2/3 is missing' --merge part1-3.json part3-3.json
wrong 'its shard has been merged before' --merge part1-3.json part1-3.json
wrong 'a part of another fleet' --merge part1-3.json part1-9.json
wrong 'not what --shard printed' --merge whole.json
wrong 'fleet.csv: ' --merge fleet.csv

exit $failed
