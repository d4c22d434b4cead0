// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The kernel command line: words NAME or NAME=VALUE, optionally in double quotes; - and _ are the
 * same in names (the kernel's kernel/params.c). Words that are not in the table of cmdline.c have
 * no effect. The kernel reports unknown words. As the table lacks many words that the kernel knows,
 * only those that are suspiciously similar to one in the table are reported here.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "cmdline.h"

/*
 * Takes the next word from @text, without the quotes around the word or its value
 * (next_arg()). NULL at the end.
 */
static char *next_word(char **text, char **ret_value)
{
	char *start = *text + strspn(*text, " \t\n"), *end, *value = NULL;
	bool quoted = *start == '"', in_quotes = quoted;

	if (!*start)
		return NULL;
	start += quoted;
	for (end = start; *end && (in_quotes || !strchr(" \t\n", *end)); end++) {
		if (*end == '=' && !value)
			value = end + 1;
		if (*end == '"')
			in_quotes = !in_quotes;
	}
	*text = *end ? end + 1 : end;
	*end = '\0';
	if (value) {
		value[-1] = '\0';
		if (*value == '"') {
			value++;
			if (end > value && end[-1] == '"')
				end[-1] = '\0';
		}
	}
	if (quoted && end > start && end[-1] == '"')
		end[-1] = '\0';
	*ret_value = value;
	return start;
}

/*
 * The result of parsing a command line.
 * @args, @env: words that the kernel does not know, for init: those without and with a value
 * @idle: words that have no effect here, but may have one in the kernel
 * @remarks: a line for each invalid word; NULL: not wanted
 */
struct cmdline {
	struct machine *machine;
	struct base_buf args;
	struct base_buf env;
	struct base_buf idle;
	struct base_buf *remarks;
};

static void put_word(struct base_buf *buf, const char *word, const char *value)
{
	base_buf_printf(buf, " %s%s%s", word, value ? "=" : "", value ? value : "");
}

static void __attribute__((format(printf, 4, 5)))
remark(struct cmdline *line, const char *word, const char *value, const char *fmt, ...)
{
	va_list ap;

	if (!line->remarks)
		return;
	base_buf_printf(line->remarks, "\"%s%s%s\" ", word, value ? "=" : "", value ? value : "");
	va_start(ap, fmt);
	base_buf_vprintf(line->remarks, fmt, ap);
	va_end(ap);
	base_buf_puts(line->remarks, "\n");
}

/* Unknown words are passed to init, except those with a dot, which are for modules. */
static void pass_on(struct cmdline *line, const char *word, const char *value)
{
	put_word(strchr(word, '.') ? &line->idle : value ? &line->env : &line->args, word, value);
}

static void word_unknown(struct cmdline *line, const char *word, const char *value)
{
	const struct cmdline_param *meant = cmdline_meant(word);

	if (!meant) {
		put_word(&line->idle, word, value);
		return;
	}
	pass_on(line, word, value);
	if (!machine_spec_has(line->machine->spec, meant->needs) &&
	    cmdline_name_matches(word, meant->name, false))
		remark(line, word, value, "has no effect (the kernel is built without %s)",
		       machine_config_name(meant->needs));
	else if (cmdline_name_matches(word, meant->name, false))
		remark(line, word, value, "has no effect without a value (%s)", meant->allowed);
	else
		remark(line, word, value, "has no effect (did you mean %s?)", meant->name);
}

static void word_known(struct cmdline *line, const struct cmdline_param *param, const char *word,
		       const char *value)
{
	struct machine *m = line->machine;
	int ret = param->fn(m, value);

	if (ret)
		remark(line, word, value, "is not understood (%s)", param->allowed);
	if (ret >= 0)
		return;
	if (param->form == CMDLINE_EARLY)
		base_buf_printf(&m->log, "Malformed early option '%s'\n", word);
	else if (param->form == CMDLINE_MODULE)
		base_buf_printf(&m->log, "Booting kernel: `%s' invalid for parameter `%s'\n",
				value ? value : "", word);
	else
		pass_on(line, word, value);
}

/* The kernel parses its command line twice: for early parameters, then for all others. */
static int cmdline_pass(struct cmdline *line, const char *cmdline, bool early)
{
	char *copy = strdup(cmdline), *text = copy, *word, *value;

	if (!copy)
		return -ENOMEM;
	while ((word = next_word(&text, &value))) {
		const struct cmdline_param *param = cmdline_find(line->machine, word, value);

		/* The words after it are for init. */
		if (!strcmp(word, "--") && !value)
			break;
		if (param && early == (param->form == CMDLINE_EARLY))
			word_known(line, param, word, value);
		else if (!param && !early)
			word_unknown(line, word, value);
	}
	free(copy);
	return 0;
}

static int cmdline_apply(struct machine *m, const char *cmdline, struct base_buf *remarks)
{
	struct cmdline line = { .machine = m, .remarks = remarks };
	int ret;

	base_buf_init(&line.args);
	base_buf_init(&line.env);
	base_buf_init(&line.idle);
	ret = cmdline_pass(&line, cmdline, true);
	if (!ret)
		ret = cmdline_pass(&line, cmdline, false);
	/* Those without a value first (print_unknown_bootoptions()). */
	base_buf_puts(&line.args, base_buf_text(&line.env));
	if (line.args.len)
		base_buf_printf(&m->log,
				"Unknown kernel command line parameters \"%s\", "
				"will be passed to user space.\n",
				base_buf_text(&line.args) + 1);
	if (line.idle.len)
		base_buf_printf(&m->log, "machine: cmdline: no effect here:%s\n",
				base_buf_text(&line.idle));
	if (line.args.failed || line.env.failed || line.idle.failed)
		ret = -ENOMEM;
	base_buf_fini(&line.args);
	base_buf_fini(&line.env);
	base_buf_fini(&line.idle);
	return ret;
}

int machine_cmdline_apply(struct machine *m)
{
	m->mem_limit = UINT64_MAX;
	m->boot_params = hp_default_params;
	m->boot_params.auto_online = m->spec->auto_online;
	return cmdline_apply(m, m->cmdline, NULL);
}

/* Parse it with a scratch machine, so that the same words are valid here and at boot. */
int machine_cmdline_check(const struct machine_spec *spec, const char *cmdline,
			  struct base_buf *remarks)
{
	struct machine *m = calloc(1, sizeof(*m));
	int ret;

	if (!m)
		return -ENOMEM;
	m->spec = spec;
	m->mem_limit = UINT64_MAX;
	base_buf_init(&m->log);
	ret = cmdline_apply(m, cmdline, remarks);
	if (!ret)
		ret = machine_limit_memory(m);
	if (ret == -EINVAL) {
		base_buf_puts(remarks, "mem= leaves no page of memory\n");
		ret = 0;
	}
	if (!ret && remarks->failed)
		ret = -ENOMEM;
	free(m->memory);
	base_buf_fini(&m->log);
	free(m);
	return ret;
}

/* ---- the limit set by mem= ------------------------------------------------------------------- */

static int by_start(const void *a, const void *b)
{
	const struct machine_range *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/* On x86, mem= is the highest address; elsewhere, it is the amount of memory. */
int machine_limit_memory(struct machine *m)
{
	const struct machine_spec *spec = m->spec;
	uint64_t left = m->mem_limit, page = 1ULL << spec->page_shift;
	bool has_page = false;

	m->memory = calloc(spec->nr_memory + m->nr_mapped, sizeof(*m->memory));
	if (!m->memory)
		return -ENOMEM;
	for (size_t i = 0; i < spec->nr_memory + m->nr_mapped; i++) {
		struct machine_range r = i < spec->nr_memory ? spec->memory[i] :
							       m->mapped[i - spec->nr_memory];
		uint64_t most = r.end - r.start + 1;

		if (spec->arch->mem_limits_amount)
			most = BASE_MIN(most, left);
		else
			most = r.start < left ? BASE_MIN(most, left - r.start) : 0;
		if (!most)
			continue;
		if (spec->arch->mem_limits_amount && left != UINT64_MAX)
			left -= most;
		r.end = r.start + most - 1;
		m->memory[m->nr_memory++] = r;
		has_page |= BASE_ROUND_UP(r.start, page) < BASE_ROUND_DOWN(r.end + 1, page);
	}
	if (m->nr_mapped)
		qsort(m->memory, m->nr_memory, sizeof(*m->memory), by_start);
	return has_page ? 0 : -EINVAL;
}
