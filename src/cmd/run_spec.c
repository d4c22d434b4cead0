// SPDX-License-Identifier: GPL-2.0-or-later
/* Descriptions of faults, such as "going_online memory33 2 EBUSY". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memhp/spec.h"
#include "run_trial.h"

#define SLOW_MS "2000"
#define LATE_MS "1000"

static const char *const operations[] = { "open", "read", "write", "mkdir", "rmdir" };

static bool is_phase(const char *word)
{
	for (int i = 0; i < HP_NR_FAULTS; i++) {
		if (!strcmp(word, hp_fault_names[i]))
			return true;
	}
	return false;
}

static bool is_operation(const char *word)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(operations); i++) {
		if (!strcmp(word, operations[i]))
			return true;
	}
	return false;
}

/* "3": the third passing, "3+": all from the third on, "all". */
static bool parse_passing(const char *word, struct run_fault *fault)
{
	unsigned long long number = 1;
	char *end = (char *)word;

	if (strcmp(word, "all") != 0) {
		number = strtoull(word, &end, 10);
		if (end == word || !number || *word == '-' || (*end && strcmp(end, "+") != 0))
			return false;
		fault->once = !*end;
	}
	fault->after = number - 1;
	return true;
}

static bool parse_delay(const char *word, struct run_fault *fault)
{
	size_t digits = strspn(word, "0123456789");

	if (!strcmp(word, "hang"))
		strcpy(fault->delay, "hang");
	else if (!strcmp(word, "slow"))
		strcpy(fault->delay, SLOW_MS);
	else if (!strcmp(word, "late") && !strcmp(fault->what, "uevent"))
		strcpy(fault->delay, LATE_MS);
	else if (digits && digits < 10 && !strcmp(word + digits, "ms"))
		snprintf(fault->delay, sizeof(fault->delay), "%.*s", (int)digits, word);
	return *fault->delay;
}

static bool parse_plan(const char *action, struct run_fault *fault, const char **why)
{
	struct machine_fault_plan plan = { .name = NULL };
	const char *blocks = fault->object;

	if (!strncmp(blocks, "memory", 6))
		memmove(fault->object, blocks + 6, strlen(blocks + 6) + 1);
	*why = "the second word must be blocks, such as memory33, memory32-39 or any";
	if (machine_plan_parse_block(&plan, blocks))
		return false;
	strcpy(fault->error, "none");
	if (parse_delay(action, fault))
		return true;
	if (!strcmp(action, "lost") && !strcmp(fault->what, "uevent"))
		action = "ENOBUFS";
	*why = "the last word must be an errno, hang, slow, or a time such as 50ms; of a uevent "
	       "also lost or late";
	if (!strcmp(action, "none") || strlen(action) >= sizeof(fault->error) ||
	    machine_plan_parse_errno(&plan, action))
		return false;
	strcpy(fault->error, action);
	return true;
}

static bool parse_gate(const char *action, struct run_fault *fault, const char **why)
{
	static const struct {
		const char *word;
		enum run_action action;
		bool at_answer;
	} actions[] = {
		{ "kill", RUN_KILL, false },
		{ "kill-after", RUN_KILL, true },
		{ "vanish", RUN_VANISH, false },
		{ "hang", RUN_HOLD, false },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(actions); i++) {
		if (strcmp(action, actions[i].word) != 0)
			continue;
		fault->action = actions[i].action;
		fault->at_answer = actions[i].at_answer;
		*why = "what cannot be done after an open or a read";
		return !fault->at_answer ||
		       (strcmp(fault->what, "open") != 0 && strcmp(fault->what, "read") != 0);
	}
	*why = "the last word must be kill, kill-after, vanish or hang";
	return false;
}

bool run_fault_parse(const char *text, struct run_fault *fault, const char **why)
{
	char passing[24], action[32], more;
	int nr;

	*fault = (struct run_fault){ .action = RUN_PLAN };
	nr = sscanf(text, "%31s %255s %23s %31s %c", fault->what, fault->object, passing, action,
		    &more);
	*why = "four words are needed: STEP BLOCKS PASSING ACTION or OPERATION PATH PASSING ACTION";
	if (nr != 4)
		return false;
	*why = "the third word must be a passing: 1, 2, ..., 1+, or all";
	if (!parse_passing(passing, fault))
		return false;
	if (is_phase(fault->what))
		return parse_plan(action, fault, why);
	*why = "the first word must be a phase of machine/fault (see memhpfs(7)), or open, read, "
	       "write, mkdir or rmdir";
	return is_operation(fault->what) && parse_gate(action, fault, why);
}
