// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The description of a fault plan: which step fails, for which blocks, how often and how.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/spec.h"

void machine_plan_print_block(const struct machine_fault_plan *plan, struct base_buf *buf)
{
	static const char *const words[] = {
		[MACHINE_FAULT_EVERY] = "every",
		[MACHINE_FAULT_NODE] = "node",
	};

	if (plan->by == MACHINE_FAULT_ANY)
		base_buf_puts(buf, "any");
	else if (plan->by == MACHINE_FAULT_ZONE)
		base_buf_printf(buf, "zone %s", mm_zone_name((enum mm_zone_type)plan->low));
	else if (plan->by != MACHINE_FAULT_RANGE)
		base_buf_printf(buf, "%s %llu", words[plan->by], (unsigned long long)plan->low);
	else if (plan->high == plan->low)
		base_buf_printf(buf, "%llu", (unsigned long long)plan->low);
	else
		base_buf_printf(buf, "%llu-%llu", (unsigned long long)plan->low,
				(unsigned long long)plan->high);
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

int machine_plan_parse_block(struct machine_fault_plan *plan, const char *text)
{
	enum machine_fault_by by = MACHINE_FAULT_RANGE;
	uint64_t low = 0, high = 0;
	const char *rest;
	int ret = 0;

	if (!strcmp(text, "any")) {
		by = MACHINE_FAULT_ANY;
	} else if ((rest = behind(text, "every"))) {
		by = MACHINE_FAULT_EVERY;
		ret = base_kstrtoull(rest, 10, &low) || !low ? -EINVAL : 0;
	} else if ((rest = behind(text, "node"))) {
		by = MACHINE_FAULT_NODE;
		ret = base_kstrtoull(rest, 10, &low) || low >= BASE_MASK_BITS ? -EINVAL : 0;
	} else if ((rest = behind(text, "zone"))) {
		by = MACHINE_FAULT_ZONE;
		ret = parse_zone(rest, &low);
	} else {
		ret = parse_range(text, &low, &high);
	}
	if (ret)
		return -EINVAL;
	plan->by = by;
	plan->low = low;
	plan->high = high;
	return 0;
}

void machine_plan_print_errno(const struct machine_fault_plan *plan, struct base_buf *buf)
{
	const char *name = strerrorname_np(plan->error);

	if (name || !plan->error)
		base_buf_puts(buf, plan->error ? name : "none");
	else
		base_buf_printf(buf, "%d", plan->error);
}

int machine_plan_parse_errno(struct machine_fault_plan *plan, const char *text)
{
	if (!strcmp(text, "none")) {
		plan->error = 0;
		return 0;
	}
	for (int error = 1; error <= MACHINE_FAULT_MAX_ERRNO; error++) {
		const char *name = strerrorname_np(error);
		char number[8];

		snprintf(number, sizeof(number), "%d", error);
		if ((!name || strcmp(name, text)) && strcmp(number, text))
			continue;
		plan->error = error;
		return 0;
	}
	return -EINVAL;
}
