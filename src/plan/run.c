// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Running a plan: a machine boots with a policy, its devices are plugged one by one and onlined
 * according to the policy, unmovable memory is held in proportion, and at the end the devices are
 * unplugged, the last one first.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/sim.h"
#include "plan_private.h"

#define NS_PER_S 1000000000ULL
#define FIRMWARE_HOLES 0.01 /* the tolerance in the default of auto_movable_ratio, 301 */
#define SETTLE_S 30 /* of virtual time: the driver has then done what it can without a retry */

const unsigned int plan_ratios[PLAN_NR_RATIOS] = { 3, 4, 63 };

struct plan_job {
	const struct plan_course *course;
	struct plan_result *result;
	struct sim *sim;
	struct machine_workload *unmovable;
};

static int put(struct sim *sim, const char *dir, const char *attr, uint64_t value)
{
	char path[96], text[24];
	ssize_t ret;

	snprintf(path, sizeof(path), "%s/%s", dir, attr);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	ret = sim_write(sim, path, text, strlen(text));
	return ret < 0 ? (int)ret : 0;
}

static uint64_t get(struct sim *sim, const char *dir, const char *attr)
{
	struct base_buf text;
	uint64_t value = 0;
	char path[96];

	base_buf_init(&text);
	snprintf(path, sizeof(path), "%s/%s", dir, attr);
	if (sim_read(sim, path, &text) || !sim_text_number(base_buf_text(&text), &value))
		value = 0;
	base_buf_fini(&text);
	return value;
}

/* Each step has its own DIMM, each node its virtio-mem device. */
static void device_dir(char dir[64], const struct plan_growth *growth, unsigned int step)
{
	if (growth->virtio_mem)
		snprintf(dir, 64, "machine/virtio-mem/node%d", BASE_MAX(growth->nid, 0));
	else
		snprintf(dir, 64, "machine/dimm/plan%u", step);
}

/* ---- measurements ---------------------------------------------------------------------------- */

double plan_ratio(const struct plan_step *step)
{
	if (!step->kernel)
		return step->movable ? INFINITY : 0;
	return (double)step->movable / (double)step->kernel;
}

static uint64_t page_bytes(const struct sim *sim, uint64_t pages)
{
	return pages << sim->spec->page_shift;
}

static void measure_zones(const struct sim *sim, struct plan_step *step)
{
	const struct mm *mm = machine_mm(sim->machine);

	for (int nid = mm_node_next(mm, 0); nid >= 0; nid = mm_node_next(mm, nid + 1)) {
		for (int type = 0; type <= MM_ZONE_MOVABLE; type++) {
			struct mm_zone_info zone;

			mm_zone_info(mm, nid, type, &zone);
			if (type == MM_ZONE_MOVABLE) {
				step->movable += page_bytes(sim, zone.present);
				continue;
			}
			step->kernel += page_bytes(sim, zone.present);
			step->kernel_free += page_bytes(sim, zone.free);
		}
	}
	step->memmap = page_bytes(sim, mm_memmap_pages(mm) + mm_memmap_boot_pages(mm));
}

/* Finds how much of @want more bytes fits, by allocating it; all of it is freed again. */
static uint64_t room_for(struct plan_job *job, uint64_t held, uint64_t want)
{
	struct machine *m = job->sim->machine;
	uint64_t page = 1ULL << job->sim->spec->page_shift, room = 0;

	for (uint64_t more = want; more >= page && room < want;) {
		if (machine_workload_set_size(m, job->unmovable, held + room + more)) {
			more = more / 2 / page * page;
		} else {
			room += more;
			more = BASE_MIN(more, want - room);
		}
	}
	(void)machine_workload_set_size(m, job->unmovable, held);
	return room;
}

/*
 * Grows the workload to its share of memory, or sets it to the size that the course has. If that
 * does not fit, its size does not change, so that memory is left for the kernel itself.
 */
static void hold_unmovable(struct plan_job *job, struct plan_step *step, uint64_t want)
{
	struct machine *m = job->sim->machine;
	uint64_t page = 1ULL << job->sim->spec->page_shift;
	uint64_t total = page_bytes(job->sim, mm_total_managed(machine_mm(m)));
	uint64_t held = machine_workload_size(m, job->unmovable);
	struct plan_result *result = job->result;

	if (want == PLAN_SHARE)
		want = BASE_MAX(total / 100 * job->course->unmovable / page * page, held);
	if (want < held)
		(void)machine_workload_set_size(m, job->unmovable, want);
	if (want > held && machine_workload_set_size(m, job->unmovable, want) &&
	    result->exhausted == PLAN_NEVER) {
		result->exhausted = (int)(step - result->step);
		result->wanted = want - held - room_for(job, held, want - held);
	}
	step->unmovable = machine_workload_size(m, job->unmovable);
}

static void measure(struct plan_job *job, struct plan_step *step, uint64_t unmovable)
{
	struct plan_result *result = job->result;

	hold_unmovable(job, step, unmovable);
	measure_zones(job->sim, step);
	for (int i = 0; i < PLAN_NR_RATIOS; i++) {
		if (result->over[i] == PLAN_NEVER &&
		    plan_ratio(step) > plan_ratios[i] + FIRMWARE_HOLES)
			result->over[i] = (int)(step - result->step);
	}
}

static int runs_add(struct plan_runs *runs, const struct plan_run *next)
{
	struct plan_run *last = runs->nr ? &runs->run[runs->nr - 1] : NULL, *grown;

	if (last && last->last + 1 == next->first && last->state == next->state &&
	    last->zone == next->zone && last->step == next->step) {
		last->last = next->last;
		return 0;
	}
	grown = reallocarray(runs->run, runs->nr + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	runs->run = grown;
	grown[runs->nr++] = *next;
	return 0;
}

static unsigned int step_of_block(const struct plan_result *result, uint64_t id)
{
	for (unsigned int i = 1; i < result->nr_steps; i++) {
		if (result->step[i].added && result->step[i].first_block <= id &&
		    id <= result->step[i].last_block)
			return i;
	}
	return 0;
}

static int collect_blocks(struct plan_job *job)
{
	const struct hp *hp = machine_hp(job->sim->machine);

	for (struct hp_block *b = hp_block_next(hp, 0); b;
	     b = hp_block_next(hp, hp_block_id(b) + 1)) {
		enum mm_zone_type zones[3];
		struct plan_run run = {
			.first = hp_block_id(b),
			.last = hp_block_id(b),
			.state = hp_block_state(b),
			.zone = MM_NR_ZONES,
			.step = step_of_block(job->result, hp_block_id(b)),
		};

		if (run.state == HP_STATE_ONLINE && hp_block_valid_zones(hp, b, zones) == 1)
			run.zone = zones[0];
		if (runs_add(&job->result->blocks, &run))
			return -ENOMEM;
	}
	return 0;
}

/*
 * Finds the memory that cannot contain unmovable pages: DIMMs that are entirely Movable or offline,
 * and such blocks of virtio-mem devices, which are unplugged in parts.
 */
static void find_certain(struct plan_job *job)
{
	struct plan_result *result = job->result;

	for (unsigned int i = 1; i < result->nr_steps; i++)
		result->step[i].certain = result->step[i].added;
	for (size_t i = 0; i < result->blocks.nr; i++) {
		const struct plan_run *run = &result->blocks.run[i];
		struct plan_step *step = &result->step[run->step];
		uint64_t size = (run->last - run->first + 1) * job->sim->spec->block_size;

		if (run->zone == MM_ZONE_MOVABLE || run->state == HP_STATE_OFFLINE)
			continue;
		if (!step->virtio_mem || size > step->certain)
			size = step->certain;
		step->certain -= size;
	}
}

/* ---- growing and shrinking ------------------------------------------------------------------- */

static int plug(struct sim *sim, const char *dir, uint64_t size, int nid)
{
	int ret = sim_make(sim, TREE_OP_MKDIR, dir);

	if (!ret)
		ret = put(sim, dir, "size", size);
	if (!ret && nid >= 0)
		ret = put(sim, dir, "node", (uint64_t)nid);
	return ret ? ret : put(sim, dir, "plugged", 1);
}

/* Requests a size of a virtio-mem device, and waits for it; returns the plugged size. */
static uint64_t resize(struct sim *sim, const char *dir, uint64_t size)
{
	(void)put(sim, dir, "requested_size", size);
	base_vclock_advance(sim->clock, SETTLE_S * NS_PER_S);
	return get(sim, dir, "plugged_size");
}

/* The first growth of a virtio-mem device plugs it, with the largest size of all growths. */
static int grow_virtio_mem(struct plan_job *job, const struct plan_growth *growth, const char *dir,
			   struct plan_step *step)
{
	uint64_t largest = 0;
	int ret = 0;

	for (unsigned int i = 0; i < job->course->nr_growths; i++) {
		if (plan_same_device(&job->course->growth[i], growth))
			largest = BASE_MAX(largest, job->course->growth[i].size);
	}
	if (!get(job->sim, dir, "plugged"))
		ret = plug(job->sim, dir, largest, growth->nid);
	if (ret)
		return ret;
	step->before = get(job->sim, dir, "plugged_size");
	step->added = resize(job->sim, dir, growth->size) - step->before;
	return 0;
}

/* If there is no block, the kernel did not add the memory. */
static int find_error(const struct plan_job *job, const struct plan_step *step)
{
	const struct hp *hp = machine_hp(job->sim->machine);
	const struct hp_block *b = hp_block_next(hp, step->first_block);

	return b && hp_block_id(b) <= step->last_block ? 0 : -ENOMEM;
}

static void grow(struct plan_job *job, const struct plan_growth *growth, struct plan_step *step)
{
	uint64_t block_size = job->sim->spec->block_size, addr;
	char dir[64];

	if (!growth->size) {
		snprintf(step->label, sizeof(step->label), "as before");
		measure(job, step, growth->unmovable);
		return;
	}
	device_dir(dir, growth, (unsigned int)(step - job->result->step));
	snprintf(step->label, sizeof(step->label), growth->nid < 0 ? "%s%s" : "%s%s node %d",
		 growth->virtio_mem ? "virtio-mem " : "+", plan_size(growth->size).text,
		 growth->nid);
	step->virtio_mem = growth->virtio_mem;
	step->size = growth->size;
	if (step->virtio_mem) {
		step->error = grow_virtio_mem(job, growth, dir, step);
	} else {
		step->error = plug(job->sim, dir, growth->size, growth->nid);
		step->added = step->error ? 0 : growth->size;
	}
	if (step->error == -ENOSPC)
		step->room = machine_region_room(job->sim->machine);
	if (!step->error) {
		addr = get(job->sim, dir, "addr") + step->before;
		step->first_block = BASE_ROUND_UP(addr, block_size) / block_size;
		step->last_block = (addr + growth->size - step->before - 1) / block_size;
		step->error = find_error(job, step);
	}
	measure(job, step, growth->unmovable);
}

/* Finds pages in blocks [first, last] that cannot migrate. */
static void find_reason(const struct plan_job *job, struct plan_step *step, uint64_t first,
			uint64_t last)
{
	const struct mm *mm = machine_mm(job->sim->machine);
	uint64_t pages = mm_config(mm)->block_pages;
	uint64_t pfn = first * pages, end = (last + 1) * pages;
	struct mm_use use;

	for (; mm_use_find(mm, pfn, end, &use); pfn = use.start_pfn + use.nr_pages) {
		if (!mm_kind_blocks(mm, use.kind) || use.kind == MM_KIND_ALTMAP)
			continue;
		step->stays = use.kind == MM_KIND_MEMMAP ? "memmap" : "unmovable";
		step->stays_block = use.start_pfn / pages;
		return;
	}
	step->stays = "in use";
}

/* A virtio-mem device may unplug, and fail to unplug, memory of any step. */
static void shrink(struct plan_job *job, const struct plan_growth *growth, struct plan_step *step)
{
	uint64_t block_size = job->sim->spec->block_size, had, addr;
	char dir[64];

	if (!step->added)
		return;
	device_dir(dir, growth, (unsigned int)(step - job->result->step));
	if (growth->virtio_mem) {
		had = get(job->sim, dir, "plugged_size");
		step->removed = had - resize(job->sim, dir, step->before);
		addr = get(job->sim, dir, "addr");
		if (step->removed < step->added)
			find_reason(job, step, addr / block_size,
				    (addr + get(job->sim, dir, "size") - 1) / block_size);
		return;
	}
	if (!put(job->sim, dir, "plugged", 0))
		step->removed = step->added;
	else
		find_reason(job, step, step->first_block, step->last_block);
}

static const struct plan_growth *growth_of_step(const struct plan_course *course, unsigned int step)
{
	unsigned int i = 0;

	while (step > course->growth[i].count)
		step -= course->growth[i++].count;
	return &course->growth[i];
}

static int run_steps(struct plan_job *job)
{
	struct plan_result *result = job->result;
	struct machine *m = job->sim->machine;
	int ret;

	ret = machine_workload_new(m, "unmovable", &job->unmovable);
	if (!ret)
		ret = machine_workload_set_kind(m, job->unmovable, "kernel");
	if (ret)
		return ret;
	snprintf(result->step[0].label, sizeof(result->step[0].label), "boot");
	measure(job, &result->step[0], PLAN_SHARE);
	for (unsigned int i = 1; i < result->nr_steps; i++)
		grow(job, growth_of_step(job->course, i), &result->step[i]);
	ret = collect_blocks(job);
	find_certain(job);
	for (unsigned int i = result->nr_steps - 1; !ret && i > 0; i--)
		shrink(job, growth_of_step(job->course, i), &result->step[i]);
	machine_workload_free(m, job->unmovable);
	return ret;
}

int plan_run(const struct plan_course *course, const struct plan_policy *policy,
	     struct machine_spec *spec, struct plan_result *ret_result)
{
	struct plan_result result = {
		.policy = policy,
		.nr_steps = 1,
		.over = { PLAN_NEVER, PLAN_NEVER, PLAN_NEVER },
		.exhausted = PLAN_NEVER,
		.block_size = spec->block_size,
	};
	struct plan_job job = { .course = course, .result = &result };
	int ret;

	for (unsigned int i = 0; i < course->nr_growths; i++)
		result.nr_steps += course->growth[i].count;
	result.step = calloc(result.nr_steps, sizeof(*result.step));
	ret = result.step ? machine_spec_add_cmdline(spec, base_buf_text(&policy->cmdline)) :
			    -ENOMEM;
	if (!ret)
		ret = sim_new(spec, stderr, &job.sim);
	if (!ret) {
		ret = run_steps(&job);
		sim_free(job.sim);
	}
	machine_spec_free(spec);
	if (ret)
		plan_result_fini(&result);
	else
		*ret_result = result;
	return ret;
}

void plan_result_fini(struct plan_result *result)
{
	free(result->step);
	free(result->blocks.run);
}
