// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The words of a plan: growths ("+4G x 8 on node 0", "virtio-mem to 48G") and policies
 * ("auto-movable,ratio=401"), and whether a machine can grow so.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "plan.h"

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

/* The next word; "" at the end. */
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
	base_buf_printf(what, "\"%s\" is no size (as in 4G or 512M)", word);
	return false;
}

static bool take_number(struct words *words, uint64_t most, uint64_t *ret_number,
			struct base_buf *what)
{
	const char *word = take(words);

	if (!base_kstrtoull(word, 10, ret_number) && *ret_number <= most)
		return true;
	base_buf_printf(what, "\"%s\" is no number up to %llu", word, (unsigned long long)most);
	return false;
}

bool plan_parse_growth(const char *text, struct plan_growth *ret_growth, struct base_buf *what)
{
	struct plan_growth growth = { .text = text, .count = 1, .nid = -1 };
	uint64_t number;
	struct words words;

	if (!split(text, &words, what))
		return false;
	growth.virtio_mem = take_if(&words, "virtio-mem");
	if (growth.virtio_mem && !take_if(&words, "to")) {
		base_buf_printf(what, "\"to SIZE\" must follow virtio-mem, not \"%s\"",
				take(&words));
		return false;
	}
	if (!growth.virtio_mem && words.nr && words.word[0][0] != '+') {
		base_buf_printf(what, "\"%s\" is no growth (+SIZE [x COUNT] [on node N], or "
				      "virtio-mem to SIZE [on node N])",
				words.word[0]);
		return false;
	}
	if (!take_size(&words, &growth.size, what))
		return false;
	if (!growth.virtio_mem && take_if(&words, "x")) {
		if (!take_number(&words, MAX_COUNT, &number, what))
			return false;
		growth.count = (unsigned int)number;
	}
	if (take_if(&words, "on")) {
		if (!take_if(&words, "node")) {
			base_buf_printf(what, "\"node\" must follow on, not \"%s\"", take(&words));
			return false;
		}
		if (!take_number(&words, BASE_MASK_BITS - 1, &number, what))
			return false;
		growth.nid = (int)number;
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

bool plan_check_growth(const struct plan_options *options, unsigned int index,
		       const struct machine_spec *spec, struct base_buf *what)
{
	const struct plan_growth *growth = &options->growth[index];
	struct base_buf nodes;

	if (growth->virtio_mem && !BASE_ALIGNED(growth->size, VIRTIO_MEM_ALIGN)) {
		base_buf_printf(what, "\"%s\": %s is no multiple of %s", growth->text,
				plan_size(growth->size).text, plan_size(VIRTIO_MEM_ALIGN).text);
		return false;
	}
	for (unsigned int i = 0; i < index; i++) {
		const struct plan_growth *other = &options->growth[i];

		if (plan_same_device(other, growth) && other->size >= growth->size) {
			base_buf_printf(what, "\"%s\" is no growth after \"%s\"", growth->text,
					other->text);
			return false;
		}
	}
	if (!growth->virtio_mem && !BASE_ALIGNED(growth->size, spec->block_size)) {
		base_buf_printf(what, "\"%s\": %s is no multiple of the block size, %s",
				growth->text, plan_size(growth->size).text,
				plan_size(spec->block_size).text);
		return false;
	}
	if (growth->nid < 0 || base_mask_test(&spec->possible_nodes, (unsigned int)growth->nid))
		return true;
	base_buf_init(&nodes);
	base_mask_print_list(&spec->possible_nodes, &nodes);
	base_buf_printf(what, "\"%s\": the machine has no node %d (%s)", growth->text, growth->nid,
			base_buf_text(&nodes));
	base_buf_fini(&nodes);
	return false;
}

/* @takes: VALUE follows after '='; @state: says how blocks come online */
static const struct {
	const char *word;
	const char *cmdline;
	bool takes;
	bool state;
} policy_words[] = {
	{ "online", "memhp_default_state=online", false, true },
	{ "online_kernel", "memhp_default_state=online_kernel", false, true },
	{ "online_movable", "memhp_default_state=online_movable", false, true },
	{ "offline", "memhp_default_state=offline", false, true },
	{ "contig-zones", "memory_hotplug.online_policy=contig-zones", false, false },
	{ "auto-movable", "memory_hotplug.online_policy=auto-movable", false, false },
	{ "ratio", "memory_hotplug.auto_movable_ratio=", true, false },
	{ "numa_aware", "memory_hotplug.auto_movable_numa_aware=", true, false },
	{ "memmap_on_memory", "memory_hotplug.memmap_on_memory=", true, false },
	{ "movable_node", "movable_node", false, false },
	{ "kernelcore", "kernelcore=", true, false },
	{ "movablecore", "movablecore=", true, false },
};

static bool policy_word(const char *word, size_t len, struct plan_policy *policy, bool *state)
{
	size_t name = strcspn(word, "=,");

	for (size_t i = 0; i < BASE_ARRAY_SIZE(policy_words); i++) {
		if (strlen(policy_words[i].word) != name ||
		    strncmp(policy_words[i].word, word, name) ||
		    policy_words[i].takes != (name + 1 < len))
			continue;
		base_buf_printf(&policy->cmdline, "%s%.*s ", policy_words[i].cmdline,
				policy_words[i].takes ? (int)(len - name - 1) : 0, word + name + 1);
		*state = *state || policy_words[i].state;
		return true;
	}
	return false;
}

static void policy_say_words(struct base_buf *what)
{
	for (size_t i = 0; i < BASE_ARRAY_SIZE(policy_words); i++)
		base_buf_printf(what, "%s%s%s", i ? ", " : "", policy_words[i].word,
				policy_words[i].takes ? "=VALUE" : "");
}

bool plan_parse_policy(const char *text, struct plan_policy *ret_policy, struct base_buf *what)
{
	struct plan_policy policy = { .text = text };
	bool state = false;

	base_buf_init(&policy.cmdline);
	for (const char *word = text;;) {
		size_t len = strcspn(word, ",");

		if (!policy_word(word, len, &policy, &state)) {
			base_buf_printf(what, "\"%.*s\" is no word of a policy (", (int)len, word);
			policy_say_words(what);
			base_buf_puts(what, ")");
			base_buf_fini(&policy.cmdline);
			return false;
		}
		if (!word[len])
			break;
		word += len + 1;
	}
	if (!state)
		base_buf_puts(&policy.cmdline, "memhp_default_state=online ");
	*ret_policy = policy;
	return true;
}
