// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of a plan: growths ("+4G x 8 on node 0", "virtio-mem to 48G") and policies
 * ("auto-movable,ratio=401"), and whether a machine can grow like this.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan_private.h"

struct plan_text plan_size(uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	struct plan_text text;
	unsigned int unit = 0;
	double value = (double)bytes / 1024;

	while (value >= 1024 && units[unit + 1]) {
		value /= 1024;
		unit++;
	}
	if (!bytes)
		snprintf(text.text, sizeof(text.text), "0");
	else if (value == floor(value) || value >= 100)
		snprintf(text.text, sizeof(text.text), "%.0f%c", value, units[unit]);
	else
		snprintf(text.text, sizeof(text.text), "%.1f%c", value, units[unit]);
	return text;
}

#define MAX_WORDS 12
#define MAX_WORD 64
#define VIRTIO_MEM_ALIGN (2ULL << 20) /* the device's block size */
#define MAX_COUNT 4096

struct words {
	char word[MAX_WORDS][MAX_WORD];
	unsigned int nr;
	unsigned int next;
};

static bool split(const char *text, struct words *words, struct base_buf *what)
{
	words->nr = words->next = 0;
	for (text += strspn(text, " \t"); *text; text += strspn(text, " \t")) {
		size_t len = strcspn(text, " \t");

		if (words->nr == MAX_WORDS || len >= MAX_WORD) {
			base_buf_printf(what, "\"%s\" is too much", text);
			return false;
		}
		memcpy(words->word[words->nr], text, len);
		words->word[words->nr++][len] = '\0';
		text += len;
	}
	return true;
}

/* Returns the next word; "" at the end. */
static const char *take(struct words *words)
{
	return words->next < words->nr ? words->word[words->next++] : "";
}

static bool take_if(struct words *words, const char *word)
{
	if (words->next == words->nr || strcmp(words->word[words->next], word))
		return false;
	words->next++;
	return true;
}

static bool take_size(struct words *words, uint64_t *ret_size, struct base_buf *what)
{
	const char *word = take(words);

	if (*word == '+')
		word++;
	if (!base_parse_size(word, ret_size) && *ret_size)
		return true;
	base_buf_printf(what, "\"%s\" is not a valid size (use 4G or 512M)", word);
	return false;
}

static bool parse_number(const char *word, unsigned int least, unsigned int most,
			 unsigned int *ret_number, struct base_buf *what)
{
	if (!base_kstrtouint(word, 10, ret_number) && *ret_number >= least && *ret_number <= most)
		return true;
	base_buf_printf(what, "\"%s\" is not a number from %u to %u", word, least, most);
	return false;
}

/* Parses "x 5" or "x5", if it is there. */
static bool take_count(struct words *words, unsigned int *ret_count, struct base_buf *what)
{
	const char *word = words->next < words->nr ? words->word[words->next] : "";

	if (*word != 'x')
		return true;
	words->next++;
	return parse_number(word[1] ? word + 1 : take(words), 1, MAX_COUNT, ret_count, what);
}

bool plan_parse_growth(const char *text, struct plan_growth *ret_growth, struct base_buf *what)
{
	struct plan_growth growth = {
		.text = text, .count = 1, .nid = -1, .unmovable = PLAN_SHARE
	};
	struct words words;
	unsigned int nid;

	if (!split(text, &words, what))
		return false;
	growth.virtio_mem = take_if(&words, "virtio-mem");
	if (growth.virtio_mem && !take_if(&words, "to")) {
		base_buf_printf(what, "\"to SIZE\" must follow virtio-mem, not \"%s\"",
				take(&words));
		return false;
	}
	if (!growth.virtio_mem && words.nr && words.word[0][0] != '+') {
		base_buf_printf(what,
				"\"%s\" is not a valid growth (+SIZE [x COUNT] [on node N], or "
				"virtio-mem to SIZE [on node N])",
				words.word[0]);
		return false;
	}
	if (!take_size(&words, &growth.size, what))
		return false;
	if (!growth.virtio_mem && !take_count(&words, &growth.count, what))
		return false;
	if (take_if(&words, "on")) {
		if (!take_if(&words, "node")) {
			base_buf_printf(what, "\"node\" must follow on, not \"%s\"", take(&words));
			return false;
		}
		if (!parse_number(take(&words), 0, BASE_MASK_BITS - 1, &nid, what))
			return false;
		growth.nid = (int)nid;
	}
	if (words.next < words.nr) {
		base_buf_printf(what, "\"%s\" is not understood", take(&words));
		return false;
	}
	*ret_growth = growth;
	return true;
}

bool plan_same_device(const struct plan_growth *a, const struct plan_growth *b)
{
	return a->virtio_mem && b->virtio_mem && BASE_MAX(a->nid, 0) == BASE_MAX(b->nid, 0);
}

bool plan_check_growth(const struct plan_course *course, unsigned int index,
		       const struct machine_spec *spec, struct base_buf *what)
{
	const struct plan_growth *growth = &course->growth[index];
	struct base_buf nodes;
	bool possible;

	if (growth->virtio_mem && !BASE_ALIGNED(growth->size, VIRTIO_MEM_ALIGN)) {
		base_buf_printf(what, "\"%s\": %s is not a multiple of %s", growth->text,
				plan_size(growth->size).text, plan_size(VIRTIO_MEM_ALIGN).text);
		return false;
	}
	for (unsigned int i = 0; i < index; i++) {
		const struct plan_growth *other = &course->growth[i];

		if (plan_same_device(other, growth) && other->size >= growth->size) {
			base_buf_printf(what, "\"%s\" is not a growth after \"%s\"", growth->text,
					other->text);
			return false;
		}
	}
	if (!growth->virtio_mem && !BASE_ALIGNED(growth->size, spec->block_size)) {
		base_buf_printf(what, "\"%s\": %s is not a multiple of the block size, %s",
				growth->text, plan_size(growth->size).text,
				plan_size(spec->block_size).text);
		return false;
	}
	if (growth->nid < 0)
		return true;
	base_buf_init(&nodes);
	possible = machine_spec_has_node(spec, (uint64_t)growth->nid, &nodes);
	if (!possible)
		base_buf_printf(what, "\"%s\": the machine has no node %d (%s)", growth->text,
				growth->nid, base_buf_text(&nodes));
	base_buf_fini(&nodes);
	return possible;
}

/* A policy has at most one of several words that answer the same question. */
enum question {
	ASK_STATE,
	ASK_POLICY,
	ASK_RATIO,
	ASK_NUMA_AWARE,
	ASK_MEMMAP,
	ASK_MOVABLE_NODE,
	ASK_KERNELCORE,
	ASK_MOVABLECORE,
	NR_QUESTIONS,
};

/* @takes: VALUE follows after '=' */
static const struct policy_word {
	const char *word;
	const char *cmdline;
	bool takes;
	enum question question;
} policy_words[] = {
	{ "online", "memhp_default_state=online", false, ASK_STATE },
	{ "online_kernel", "memhp_default_state=online_kernel", false, ASK_STATE },
	{ "online_movable", "memhp_default_state=online_movable", false, ASK_STATE },
	{ "offline", "memhp_default_state=offline", false, ASK_STATE },
	{ "contig-zones", "memory_hotplug.online_policy=contig-zones", false, ASK_POLICY },
	{ "auto-movable", "memory_hotplug.online_policy=auto-movable", false, ASK_POLICY },
	{ "ratio", "memory_hotplug.auto_movable_ratio=", true, ASK_RATIO },
	{ "numa_aware", "memory_hotplug.auto_movable_numa_aware=", true, ASK_NUMA_AWARE },
	{ "memmap_on_memory", "memory_hotplug.memmap_on_memory=", true, ASK_MEMMAP },
	{ "movable_node", "movable_node", false, ASK_MOVABLE_NODE },
	{ "kernelcore", "kernelcore=", true, ASK_KERNELCORE },
	{ "movablecore", "movablecore=", true, ASK_MOVABLECORE },
};

/* Appends the meaning of a word to @cmdline; NULL if it is unknown. */
static const struct policy_word *parse_word(const char *word, size_t len, struct base_buf *cmdline)
{
	size_t name = strcspn(word, "=,");

	/* The kernel would see more than one word. */
	if (strcspn(word, " \t\n\"") < len)
		return NULL;
	for (size_t i = 0; i < BASE_ARRAY_SIZE(policy_words); i++) {
		const struct policy_word *known = &policy_words[i];

		if (strlen(known->word) != name || strncmp(known->word, word, name) ||
		    known->takes != (name + 1 < len))
			continue;
		base_buf_printf(cmdline, "%s%.*s", known->cmdline,
				known->takes ? (int)(len - name - 1) : 0, word + name + 1);
		return known;
	}
	return NULL;
}

static void say_unknown(const char *word, size_t len, struct base_buf *what)
{
	base_buf_printf(what, "\"%.*s\" is not a valid policy word (", (int)len, word);
	for (size_t i = 0; i < BASE_ARRAY_SIZE(policy_words); i++)
		base_buf_printf(what, "%s%s%s", i ? ", " : "", policy_words[i].word,
				policy_words[i].takes ? "=VALUE" : "");
	base_buf_puts(what, ")");
}

bool plan_parse_policy(const char *text, struct plan_policy *ret_policy, struct base_buf *what)
{
	const struct policy_word *answers[NR_QUESTIONS] = { NULL }, *known;
	struct plan_policy policy = { .text = text };

	base_buf_init(&policy.cmdline);
	for (const char *word = text;;) {
		size_t len = strcspn(word, ",");

		known = parse_word(word, len, &policy.cmdline);
		if (!known) {
			say_unknown(word, len, what);
			break;
		}
		if (answers[known->question]) {
			base_buf_printf(what, "\"%.*s\" contradicts \"%s\" (use one of them)",
					(int)len, word, answers[known->question]->word);
			break;
		}
		answers[known->question] = known;
		base_buf_puts(&policy.cmdline, " ");
		if (!word[len]) {
			if (!answers[ASK_STATE])
				base_buf_puts(&policy.cmdline, "memhp_default_state=online ");
			*ret_policy = policy;
			return true;
		}
		word += len + 1;
	}
	base_buf_fini(&policy.cmdline);
	return false;
}

/* The kernel's parsers find invalid values; messages name the user's word instead of theirs. */
bool plan_check_policy(const struct plan_policy *policy, const struct machine_spec *spec,
		       struct base_buf *what)
{
	bool good = true;

	for (const char *word = policy->text; good && *word; word += *word == ',') {
		size_t len = strcspn(word, ",");
		struct base_buf cmdline, remarks;

		base_buf_init(&cmdline);
		base_buf_init(&remarks);
		(void)parse_word(word, len, &cmdline);
		good = !machine_cmdline_check(spec, base_buf_text(&cmdline), &remarks) &&
		       !remarks.len;
		if (!good) {
			const char *remark = base_buf_text(&remarks);
			size_t quoted = BASE_MIN(remarks.len, cmdline.len + 2);

			base_buf_printf(what, "\"%.*s\"%.*s", (int)len, word,
					(int)strcspn(remark + quoted, "\n"), remark + quoted);
		}
		base_buf_fini(&cmdline);
		base_buf_fini(&remarks);
		word += len;
	}
	return good;
}
