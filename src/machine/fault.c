// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fault plans: which steps fail for which blocks, how often, and with which errno. Random choices
 * follow from a seed, so that the same plan fails the same steps each time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"
#include "reboot.h"

#define NS_PER_MS 1000000ULL

/* @hits: steps that matched the plan since it was enabled; @failures: those that it failed */
struct machine_fault {
	struct machine_fault_plan plan;
	bool enabled;
	uint64_t hits;
	uint64_t failures;
	struct machine *machine;
	TAILQ_ENTRY(machine_fault) link;
};

static struct machine_fault *fault_make(struct machine *m)
{
	struct machine_fault *fault = calloc(1, sizeof(*fault));

	if (!fault)
		return NULL;
	fault->machine = m;
	TAILQ_INSERT_TAIL(&m->faults, fault, link);
	return fault;
}

/* Creates a plan from a description; 0 or -ENOMEM. */
static int fault_new(struct machine *m, const struct machine_fault_plan *plan,
		     struct machine_fault **ret_fault)
{
	char *name = strdup(plan->name);

	*ret_fault = name ? fault_make(m) : NULL;
	if (!*ret_fault) {
		free(name);
		return -ENOMEM;
	}
	(*ret_fault)->plan = *plan;
	(*ret_fault)->plan.name = name;
	return 0;
}

int machine_fault_new(struct machine *m, const char *name, struct machine_fault **ret_fault)
{
	const struct machine_fault_plan plan = {
		.name = (char *)name,
		.phase = HP_FAULT_GOING_ONLINE,
		.error = EBUSY,
		.number[MACHINE_FAULT_PROBABILITY] = 100,
	};

	return fault_new(m, &plan, ret_fault);
}

/* Ends the delay of a step that it holds. */
static void fault_let_go(struct machine_fault *fault)
{
	struct machine *m = fault->machine;

	if (fault->plan.phase == HP_FAULT_UEVENT)
		hp_uevents_deliver(m->hp);
	if (m->holding != fault)
		return;
	m->holding = NULL;
	hp_end_delay(m->hp);
}

void machine_fault_free(struct machine *m, struct machine_fault *fault)
{
	fault_let_go(fault);
	TAILQ_REMOVE(&m->faults, fault, link);
	free(fault->plan.name);
	free(fault);
}

void machine_fault_free_all(struct machine *m)
{
	struct machine_fault *fault;

	while ((fault = TAILQ_FIRST(&m->faults)))
		machine_fault_free(m, fault);
}

struct machine_fault *machine_fault_next(const struct machine *m, struct machine_fault *fault)
{
	return fault ? TAILQ_NEXT(fault, link) : TAILQ_FIRST(&m->faults);
}

const char *machine_fault_name(const struct machine_fault *fault)
{
	return fault->plan.name;
}

static int refuse_enabled(const struct machine_fault *fault)
{
	return machine_refuse(fault->machine, -EBUSY,
			      "the plan is enabled: write 0 to enabled first");
}

enum hp_fault machine_fault_phase(const struct machine_fault *fault)
{
	return fault->plan.phase;
}

int machine_fault_set_phase(struct machine_fault *fault, enum hp_fault phase)
{
	if (fault->enabled)
		return refuse_enabled(fault);
	fault->plan.phase = phase;
	return 0;
}

/* ---- the blocks of a plan -------------------------------------------------------------------- */

void machine_fault_print_block(const struct machine_fault *fault, struct base_buf *buf)
{
	machine_plan_print_block(&fault->plan, buf);
}

int machine_fault_set_block(struct machine_fault *fault, const char *text)
{
	if (fault->enabled)
		return refuse_enabled(fault);
	if (!machine_plan_parse_block(&fault->plan, text))
		return 0;
	return machine_refuse(fault->machine, -EINVAL,
			      "'%s' is not a valid block (use any, 32, 32-39, every 3, node 1 or "
			      "zone Movable)",
			      base_quote(text).s);
}

static bool fault_matches(const struct machine_fault *fault, const struct hp_fault_at *at)
{
	switch (fault->plan.by) {
	case MACHINE_FAULT_ANY:
		return true;
	case MACHINE_FAULT_RANGE:
		return at->first_block <= fault->plan.high && at->last_block >= fault->plan.low;
	case MACHINE_FAULT_EVERY:
		return at->last_block / fault->plan.low * fault->plan.low >= at->first_block;
	case MACHINE_FAULT_NODE:
		return at->nid == (int)fault->plan.low;
	case MACHINE_FAULT_ZONE:
		return at->zone == (enum mm_zone_type)fault->plan.low;
	}
	return false;
}

/* ---- the errno and the numbers of a plan ----------------------------------------------------- */

void machine_fault_print_errno(const struct machine_fault *fault, struct base_buf *buf)
{
	machine_plan_print_errno(&fault->plan, buf);
}

int machine_fault_set_errno(struct machine_fault *fault, const char *text)
{
	if (fault->enabled)
		return refuse_enabled(fault);
	if (!machine_plan_parse_errno(&fault->plan, text))
		return 0;
	return machine_refuse(fault->machine, -EINVAL,
			      "'%s' is not a valid errno (use EBUSY, 16 or none)",
			      base_quote(text).s);
}

uint64_t machine_fault_get(const struct machine_fault *fault, enum machine_fault_field field)
{
	return field == MACHINE_FAULT_HITS     ? fault->hits :
	       field == MACHINE_FAULT_FAILURES ? fault->failures :
						 fault->plan.number[field];
}

int machine_fault_set(struct machine_fault *fault, enum machine_fault_field field, uint64_t value)
{
	if (fault->enabled)
		return refuse_enabled(fault);
	if (field == MACHINE_FAULT_PROBABILITY && value > 100)
		return machine_refuse(fault->machine, -EINVAL, "%llu is more than 100 percent",
				      (unsigned long long)value);
	if (field == MACHINE_FAULT_DELAY_MS && value != MACHINE_FAULT_HANG &&
	    value > MACHINE_FAULT_MAX_DELAY_MS)
		return machine_refuse(fault->machine, -ERANGE,
				      "%llu ms are too long: %llu at most, or hang",
				      (unsigned long long)value, MACHINE_FAULT_MAX_DELAY_MS);
	fault->plan.number[field] = value;
	return 0;
}

bool machine_fault_enabled(const struct machine_fault *fault)
{
	return fault->enabled;
}

int machine_fault_enable(struct machine_fault *fault, bool enable)
{
	if (enable && !fault->enabled) {
		fault->hits = 0;
		fault->failures = 0;
	}
	fault->enabled = enable;
	if (!enable)
		fault_let_go(fault);
	return 0;
}

static bool fault_fires(struct machine_fault *fault)
{
	uint64_t count = fault->plan.number[MACHINE_FAULT_COUNT];

	if (++fault->hits <= fault->plan.number[MACHINE_FAULT_AFTER])
		return false;
	if (count && fault->failures >= count)
		return false;
	if (base_percent(fault->plan.number[MACHINE_FAULT_SEED], fault->hits) >=
	    fault->plan.number[MACHINE_FAULT_PROBABILITY])
		return false;
	fault->failures++;
	return true;
}

static uint64_t fault_delay(struct machine *m, struct machine_fault *fault,
			    const struct hp_fault_at *at)
{
	uint64_t ms = fault->plan.number[MACHINE_FAULT_DELAY_MS];
	unsigned long long block = at->first_block;

	/* An event that is late holds up nothing, and a message takes no time. */
	if (fault->plan.phase != HP_FAULT_UEVENT && fault->plan.phase != HP_FAULT_QMP)
		m->holding = ms ? fault : NULL;
	if (!ms)
		return 0;
	if (ms == MACHINE_FAULT_HANG) {
		hp_log(m->hp, "fault %s: %s of memory%llu hangs", fault->plan.name,
		       hp_fault_names[fault->plan.phase], block);
		return HP_FOR_EVER;
	}
	hp_log(m->hp, "fault %s: %s of memory%llu takes %llu ms", fault->plan.name,
	       hp_fault_names[fault->plan.phase], block, (unsigned long long)ms);
	return ms * NS_PER_MS;
}

/* The first plan that fires for the step decides; all of them count it. */
static struct machine_fault *fault_find(struct machine *m, enum hp_fault phase,
					const struct hp_fault_at *at)
{
	struct machine_fault *fault, *found = NULL;

	TAILQ_FOREACH(fault, &m->faults, link) {
		if (!fault->enabled || fault->plan.phase != phase || !fault_matches(fault, at))
			continue;
		if (found)
			fault->hits++;
		else if (fault_fires(fault))
			found = fault;
	}
	return found;
}

static int fault_asked(void *ctx, enum hp_fault phase, const struct hp_fault_at *at,
		       uint64_t *ret_delay_ns)
{
	struct machine *m = ctx;
	struct machine_fault *fault = fault_find(m, phase, at);

	if (!fault)
		return 0;
	*ret_delay_ns = fault_delay(m, fault, at);
	if (!fault->plan.error)
		return 0;
	hp_log(m->hp, "fault %s: %s of memory%llu fails with %s", fault->plan.name,
	       hp_fault_names[phase], (unsigned long long)at->first_block,
	       strerrorname_np(fault->plan.error) ?: "an errno");
	return -fault->plan.error;
}

/* Creates and enables a plan of the machine file. */
static int fault_boot(struct machine *m, const struct machine_fault_plan *plan)
{
	struct machine_fault *fault;
	int ret = fault_new(m, plan, &fault);

	return ret ? ret : machine_fault_enable(fault, true);
}

void machine_fault_listen(struct machine *m)
{
	hp_set_fault(m->hp, fault_asked, m);
}

int machine_fault_boot(struct machine *m)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < m->spec->nr_faults; i++)
		ret = fault_boot(m, &m->spec->faults[i]);
	return ret;
}

/* ---- saving and loading ---------------------------------------------------------------------- */

/* Checks what is used as an index or a divisor. */
static void fault_check(struct base_save *s, struct machine_fault *fault, struct machine *m)
{
	if (!fault->plan.name || (fault->plan.by == MACHINE_FAULT_EVERY && !fault->plan.low) ||
	    (fault->plan.by == MACHINE_FAULT_ZONE && fault->plan.low >= MM_NR_ZONES))
		base_save_fail(s, -EINVAL, "a fault plan is invalid");
}

#define PLAN_ROWS(ROW)                                                                             \
	ROW(STRING, name)                                                                          \
	ROW(BELOW, phase, HP_NR_FAULTS)                                                            \
	ROW(BELOW, by, MACHINE_FAULT_ZONE + 1)                                                     \
	ROW(NUMBER, low)                                                                           \
	ROW(NUMBER, high)                                                                          \
	ROW(BELOW, error, MACHINE_FAULT_MAX_ERRNO + 1)                                             \
	ROW(NUMBERS, number)
BASE_SAVE_STRUCT(plan_save, struct machine_fault_plan, void, PLAN_ROWS)

static void fault_plan(struct base_save *s, struct machine_fault *fault, struct machine *m)
{
	BASE_SAVE_ONE(s, plan_save, &fault->plan, NULL);
}

#define FAULT_ROWS(ROW)                                                                            \
	ROW(WITH, plan, fault_plan)                                                                \
	ROW(NUMBER, enabled)                                                                       \
	ROW(NUMBER, hits)                                                                          \
	ROW(NUMBER, failures)                                                                      \
	ROW(WITH, machine, fault_check)                                                            \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(fault_save, struct machine_fault, struct machine, FAULT_ROWS)

void machine_faults_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->faults, link, fault_save, m, fault_make(m));
}
