// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Fault plans: which steps fail for which blocks, how often, and with what. All that is random
 * about them follows from a seed, so that the same plan fails the same steps each time.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"

#define MAX_ERRNO 133
#define NS_PER_MS 1000000ULL
#define MAX_DELAY_MS (UINT64_MAX / NS_PER_MS - 1)

enum fault_blocks {
	FAULT_ANY,
	FAULT_RANGE,
	FAULT_EVERY,
	FAULT_NODE,
	FAULT_ZONE,
};

/*
 * @blocks, @low, @high: which blocks: numbers, a node, or a zone
 * @hits: steps that the plan is about, since it was enabled; @failures: those that it failed
 */
struct machine_fault {
	char *name;
	bool enabled;
	enum hp_fault phase;
	enum fault_blocks blocks;
	uint64_t low;
	uint64_t high;
	int error;
	uint64_t field[MACHINE_FAULT_NR_FIELDS];
	uint64_t hits;
	uint64_t failures;
	struct machine *machine; /* NULL: only described */
	TAILQ_ENTRY(machine_fault) link;
};

int machine_fault_alloc(const char *name, struct machine_fault **ret_fault)
{
	struct machine_fault *fault = calloc(1, sizeof(*fault));

	if (!fault)
		return -ENOMEM;
	fault->name = strdup(name);
	if (!fault->name) {
		free(fault);
		return -ENOMEM;
	}
	fault->phase = HP_FAULT_GOING_ONLINE;
	fault->error = EBUSY;
	fault->field[MACHINE_FAULT_PROBABILITY] = 100;
	*ret_fault = fault;
	return 0;
}

void machine_fault_dealloc(struct machine_fault *fault)
{
	if (!fault)
		return;
	free(fault->name);
	free(fault);
}

int machine_fault_new(struct machine *m, const char *name, struct machine_fault **ret_fault)
{
	int ret = machine_fault_alloc(name, ret_fault);

	if (ret)
		return ret;
	(*ret_fault)->machine = m;
	TAILQ_INSERT_TAIL(&m->faults, *ret_fault, link);
	return 0;
}

/* What it holds up goes on. */
static void fault_let_go(struct machine_fault *fault)
{
	struct machine *m = fault->machine;

	if (m->holding != fault)
		return;
	m->holding = NULL;
	hp_end_delay(m->hp);
}

void machine_fault_free(struct machine *m, struct machine_fault *fault)
{
	fault_let_go(fault);
	TAILQ_REMOVE(&m->faults, fault, link);
	machine_fault_dealloc(fault);
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
	return fault->name;
}

static int refuse_enabled(const struct machine_fault *fault)
{
	return machine_refuse(fault->machine, -EBUSY,
			      "the plan is enabled: write 0 to enabled first");
}

enum hp_fault machine_fault_phase(const struct machine_fault *fault)
{
	return fault->phase;
}

int machine_fault_set_phase(struct machine_fault *fault, enum hp_fault phase)
{
	if (fault->enabled)
		return refuse_enabled(fault);
	fault->phase = phase;
	return 0;
}

/* ---- which blocks ---------------------------------------------------------------------------- */

void machine_fault_print_block(const struct machine_fault *fault, struct base_buf *buf)
{
	switch (fault->blocks) {
	case FAULT_ANY:
		base_buf_puts(buf, "any");
		break;
	case FAULT_RANGE:
		base_buf_printf(buf, "%llu", (unsigned long long)fault->low);
		if (fault->high != fault->low)
			base_buf_printf(buf, "-%llu", (unsigned long long)fault->high);
		break;
	case FAULT_EVERY:
		base_buf_printf(buf, "every %llu", (unsigned long long)fault->low);
		break;
	case FAULT_NODE:
		base_buf_printf(buf, "node %llu", (unsigned long long)fault->low);
		break;
	case FAULT_ZONE:
		base_buf_printf(buf, "zone %s", mm_zone_name((enum mm_zone_type)fault->low));
		break;
	}
}

/* "3-5", or "4" */
static int parse_range(const char *text, uint64_t *ret_low, uint64_t *ret_high)
{
	size_t digits = strspn(text, "0123456789");
	char low[24];

	if (!digits || digits >= sizeof(low) || (text[digits] && text[digits] != '-'))
		return -EINVAL;
	memcpy(low, text, digits);
	low[digits] = '\0';
	if (base_kstrtoull(low, 10, ret_low))
		return -EINVAL;
	*ret_high = *ret_low;
	if (text[digits] && base_kstrtoull(text + digits + 1, 10, ret_high))
		return -EINVAL;
	return *ret_high < *ret_low ? -EINVAL : 0;
}

static int parse_zone(const char *text, uint64_t *ret_zone)
{
	for (int type = 0; type < MM_NR_ZONES; type++) {
		if (strcmp(text, mm_zone_name(type)))
			continue;
		*ret_zone = (uint64_t)type;
		return 0;
	}
	return -EINVAL;
}

static const char *behind(const char *text, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(text, word, len) && text[len] == ' ' ? text + len + 1 : NULL;
}

int machine_fault_set_block(struct machine_fault *fault, const char *text)
{
	uint64_t low = 0, high = 0;
	enum fault_blocks blocks;
	const char *rest;
	int ret = 0;

	if (fault->enabled)
		return refuse_enabled(fault);
	if (!strcmp(text, "any")) {
		blocks = FAULT_ANY;
	} else if ((rest = behind(text, "every"))) {
		blocks = FAULT_EVERY;
		ret = base_kstrtoull(rest, 10, &low) || !low ? -EINVAL : 0;
	} else if ((rest = behind(text, "node"))) {
		blocks = FAULT_NODE;
		ret = base_kstrtoull(rest, 10, &low) || low >= BASE_MASK_BITS ? -EINVAL : 0;
	} else if ((rest = behind(text, "zone"))) {
		blocks = FAULT_ZONE;
		ret = parse_zone(rest, &low);
	} else {
		blocks = FAULT_RANGE;
		ret = parse_range(text, &low, &high);
	}
	if (ret)
		return machine_refuse(fault->machine, ret,
				      "'%s' is not a valid block (use any, 32, 32-39, every 3, "
				      "node 1 or zone Movable)",
				      base_quote(text).s);
	fault->blocks = blocks;
	fault->low = low;
	fault->high = high;
	return 0;
}

struct machine_fault_reach machine_fault_reach(const struct machine_fault *fault)
{
	struct machine_fault_reach reach = { .last = UINT64_MAX, .nid = -1, .zone = MM_NR_ZONES };

	if (fault->blocks == FAULT_NODE)
		reach.nid = (int)fault->low;
	else if (fault->blocks == FAULT_ZONE)
		reach.zone = (enum mm_zone_type)fault->low;
	else if (fault->blocks == FAULT_RANGE)
		reach = (struct machine_fault_reach){ fault->low, fault->high, -1, MM_NR_ZONES };
	return reach;
}

static bool fault_matches(const struct machine_fault *fault, const struct hp_fault_at *at)
{
	switch (fault->blocks) {
	case FAULT_ANY:
		return true;
	case FAULT_RANGE:
		return at->first_block <= fault->high && at->last_block >= fault->low;
	case FAULT_EVERY:
		return at->last_block / fault->low * fault->low >= at->first_block;
	case FAULT_NODE:
		return at->nid == (int)fault->low;
	case FAULT_ZONE:
		return at->zone == (enum mm_zone_type)fault->low;
	}
	return false;
}

/* ---- with what, how often -------------------------------------------------------------------- */

void machine_fault_print_errno(const struct machine_fault *fault, struct base_buf *buf)
{
	const char *name = strerrorname_np(fault->error);

	if (name || !fault->error)
		base_buf_puts(buf, fault->error ? name : "none");
	else
		base_buf_printf(buf, "%d", fault->error);
}

int machine_fault_set_errno(struct machine_fault *fault, const char *text)
{
	if (fault->enabled)
		return refuse_enabled(fault);
	if (!strcmp(text, "none")) {
		fault->error = 0;
		return 0;
	}
	for (int error = 1; error <= MAX_ERRNO; error++) {
		const char *name = strerrorname_np(error);
		char number[8];

		snprintf(number, sizeof(number), "%d", error);
		if ((!name || strcmp(name, text)) && strcmp(number, text))
			continue;
		fault->error = error;
		return 0;
	}
	return machine_refuse(fault->machine, -EINVAL,
			      "'%s' is not a valid errno (use EBUSY, 16 "
			      "or none)",
			      base_quote(text).s);
}

uint64_t machine_fault_get(const struct machine_fault *fault, enum machine_fault_field field)
{
	return field == MACHINE_FAULT_HITS     ? fault->hits :
	       field == MACHINE_FAULT_FAILURES ? fault->failures :
						 fault->field[field];
}

int machine_fault_set(struct machine_fault *fault, enum machine_fault_field field, uint64_t value)
{
	if (fault->enabled)
		return refuse_enabled(fault);
	if (field == MACHINE_FAULT_PROBABILITY && value > 100)
		return machine_refuse(fault->machine, -EINVAL, "%llu is more than 100 percent",
				      (unsigned long long)value);
	if (field == MACHINE_FAULT_DELAY_MS && value != MACHINE_FAULT_HANG && value > MAX_DELAY_MS)
		return machine_refuse(fault->machine, -ERANGE,
				      "%llu ms are too long: %llu at most, or hang",
				      (unsigned long long)value, MAX_DELAY_MS);
	fault->field[field] = value;
	return 0;
}

bool machine_fault_enabled(const struct machine_fault *fault)
{
	return fault->enabled;
}

int machine_fault_enable(struct machine_fault *fault, bool enable)
{
	if (enable && fault->field[MACHINE_FAULT_DELAY_MS] && hp_allow_delays(fault->machine->hp))
		return -ENOMEM;
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
	uint64_t count = fault->field[MACHINE_FAULT_COUNT];

	if (++fault->hits <= fault->field[MACHINE_FAULT_AFTER])
		return false;
	if (count && fault->failures >= count)
		return false;
	if (base_percent(fault->field[MACHINE_FAULT_SEED], fault->hits) >=
	    fault->field[MACHINE_FAULT_PROBABILITY])
		return false;
	fault->failures++;
	return true;
}

static uint64_t fault_delay(struct machine *m, struct machine_fault *fault,
			    const struct hp_fault_at *at)
{
	uint64_t ms = fault->field[MACHINE_FAULT_DELAY_MS];
	unsigned long long block = at->first_block;

	m->holding = ms ? fault : NULL;
	if (!ms)
		return 0;
	if (ms == MACHINE_FAULT_HANG) {
		hp_log(m->hp, "fault %s: %s of memory%llu hangs", fault->name,
		       hp_fault_names[fault->phase], block);
		return HP_FOR_EVER;
	}
	hp_log(m->hp, "fault %s: %s of memory%llu takes %llu ms", fault->name,
	       hp_fault_names[fault->phase], block, (unsigned long long)ms);
	return ms * NS_PER_MS;
}

/* The first plan that is about the step decides. */
static int fault_asked(void *ctx, enum hp_fault phase, const struct hp_fault_at *at,
		       uint64_t *ret_delay_ns)
{
	struct machine *m = ctx;
	struct machine_fault *fault;

	TAILQ_FOREACH(fault, &m->faults, link) {
		if (!fault->enabled || fault->phase != phase || !fault_matches(fault, at) ||
		    !fault_fires(fault))
			continue;
		*ret_delay_ns = fault_delay(m, fault, at);
		if (!fault->error)
			return 0;
		hp_log(m->hp, "fault %s: %s of memory%llu fails with %s", fault->name,
		       hp_fault_names[phase], (unsigned long long)at->first_block,
		       strerrorname_np(fault->error) ?: "an errno");
		return -fault->error;
	}
	return 0;
}

/* One of the machine file's. */
static int fault_boot(struct machine *m, const struct machine_fault *plan)
{
	struct machine_fault *fault;
	int ret = machine_fault_new(m, plan->name, &fault);

	if (ret)
		return ret;
	fault->phase = plan->phase;
	fault->blocks = plan->blocks;
	fault->low = plan->low;
	fault->high = plan->high;
	fault->error = plan->error;
	memcpy(fault->field, plan->field, sizeof(fault->field));
	return machine_fault_enable(fault, true);
}

int machine_fault_boot(struct machine *m)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < m->spec->nr_faults; i++)
		ret = fault_boot(m, m->spec->faults[i]);
	hp_set_fault(m->hp, fault_asked, m);
	return ret;
}

/* ---- as bytes -------------------------------------------------------------------------------- */

/* What of a plan is used as an index or divides. */
static void fault_check(struct base_save *s, struct machine_fault *fault, struct machine *m)
{
	if (!fault->name || (fault->blocks == FAULT_EVERY && !fault->low) ||
	    (fault->blocks == FAULT_ZONE && fault->low >= MM_NR_ZONES))
		base_save_fail(s, -EINVAL, "a fault plan makes no sense");
	if (base_save_loads(s) && fault->enabled && fault->field[MACHINE_FAULT_DELAY_MS] &&
	    hp_allow_delays(m->hp))
		base_save_fail(s, -ENOMEM, "out of memory");
}

#define FAULT_ROWS(ROW)                                                                            \
	ROW(STRING, name)                                                                          \
	ROW(NUMBER, enabled)                                                                       \
	ROW(BELOW, phase, HP_NR_FAULTS)                                                            \
	ROW(BELOW, blocks, FAULT_ZONE + 1)                                                         \
	ROW(NUMBER, low)                                                                           \
	ROW(NUMBER, high)                                                                          \
	ROW(BELOW, error, MAX_ERRNO + 1)                                                           \
	ROW(NUMBERS, field)                                                                        \
	ROW(NUMBER, hits)                                                                          \
	ROW(NUMBER, failures)                                                                      \
	ROW(WITH, machine, fault_check)                                                            \
	ROW(SKIP, link, "the list's")
BASE_SAVE_STRUCT(fault_save, struct machine_fault, struct machine, FAULT_ROWS)

static struct machine_fault *fault_make(struct machine *m)
{
	struct machine_fault *fault = calloc(1, sizeof(*fault));

	if (!fault)
		return NULL;
	fault->machine = m;
	TAILQ_INSERT_TAIL(&m->faults, fault, link);
	return fault;
}

void machine_faults_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->faults, link, fault_save, m, fault_make(m));
}
