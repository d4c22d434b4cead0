/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine as a whole: its lifetime, the events it reports, its log, CPUs and distances, on every
 * architecture.
 */
#include "world.h"

#define LOG_LIMIT (256 * 1024)

/* ---- events --------------------------------------------------------------------------------- */

struct news {
	struct base_buf text;
};

static void note(void *ctx, const char *what, uint64_t id)
{
	struct news *news = ctx;

	base_buf_printf(&news->text, "%s%" PRIu64 " ", what, id);
}

static void on_block_added(void *ctx, const struct hp_block *block)
{
	note(ctx, "+block", hp_block_id(block));
}

static void on_block_removed(void *ctx, const struct hp_block *block)
{
	note(ctx, "-block", hp_block_id(block));
}

static void on_block_changed(void *ctx, const struct hp_block *block)
{
	note(ctx, hp_state_names[hp_block_state(block)], hp_block_id(block));
}

static void on_node_added(void *ctx, int nid)
{
	note(ctx, "+node", (uint64_t)nid);
}

static void on_node_removed(void *ctx, int nid)
{
	note(ctx, "-node", (uint64_t)nid);
}

static void on_uevent(void *ctx, const struct hp_uevent *event)
{
	base_buf_printf(&((struct news *)ctx)->text, "%s@%s ", event->action,
			strrchr(event->devpath, '/') + 1);
}

static void on_log(void *ctx, const char *line)
{
	base_buf_printf(&((struct news *)ctx)->text, "[%.11s] ", line);
}

static void on_step(void *ctx, const char *name, const struct hp_fault_at *at)
{
}

static const struct hp_observer observer = {
	.block_added = on_block_added,
	.block_removed = on_block_removed,
	.block_changed = on_block_changed,
	.node_added = on_node_added,
	.node_removed = on_node_removed,
	.uevent = on_uevent,
	.step = on_step,
	.log = on_log,
};

struct bare {
	struct machine_spec *spec;
	struct base_clock *clock;
	struct machine *machine;
	struct hp_completion then;
	int result;
};

static void bare_done(struct hp_completion *then, int ret)
{
	base_container_of(then, struct bare, then)->result = ret;
}

static void bare_init(struct bare *b, const char *yaml)
{
	*b = (struct bare){ .clock = base_vclock_new(), .then.fn = bare_done };
	assert_int_equal(machine_spec_parse(yaml, strlen(yaml), "m", 1, stderr, &b->spec), 0);
	assert_int_equal(machine_new(b->spec, b->clock, &b->machine), 0);
}

static void bare_fini(struct bare *b)
{
	machine_free(b->machine);
	base_vclock_free(b->clock);
	machine_spec_free(b->spec);
}

static int plug(struct bare *b, struct machine_dimm *dimm, bool on)
{
	b->result = 1;
	machine_dimm_plug(b->machine, dimm, on, &b->then);
	return b->result;
}

static const char two_nodes[] = "possible_nodes: \"0-1\"\n" PC_LOW
				"  - {start: 1M, end: 0x1fffffff, node: 0}\n"
				"hotplug:\n  - {start: 4G, end: 0x1ffffffff, node: 1}\n";

static void passes_news_on(void **state)
{
	struct news news = { .text = { .len = 0 } };
	struct machine_dimm *dimm;
	struct bare b;

	bare_init(&b, two_nodes);
	assert_int_equal(machine_dimm_new(b.machine, &dimm), 0);
	assert_int_equal(machine_dimm_set(b.machine, dimm, MACHINE_DIMM_SIZE, MIB(256)), 0);
	assert_int_equal(machine_dimm_set(b.machine, dimm, MACHINE_DIMM_NODE, 1), 0);
	/* Without an observer, only the reports are lost. */
	assert_int_equal(plug(&b, dimm, true), 0);
	assert_int_equal(plug(&b, dimm, false), 0);
	machine_set_observer(b.machine, &observer, &news);
	assert_int_equal(plug(&b, dimm, true), 0);
	assert_string_equal(base_buf_text(&news.text),
			    "+block32 add@memory32 +block33 add@memory33 +node1 add@node1 ");
	base_buf_reset(&news.text);
	assert_int_equal(plug(&b, dimm, false), 0);
	assert_string_equal(
		base_buf_text(&news.text),
		"remove@memory32 -block32 remove@memory33 -block33 remove@node1 -node1 ");
	base_buf_reset(&news.text);
	assert_int_equal(hp_uevent_synth(machine_hp(b.machine), "/x", "x", NULL, "nonsense", 8),
			 -EINVAL);
	assert_string_equal(base_buf_text(&news.text), "[synth ueven] ");
	machine_set_observer(b.machine, NULL, NULL);
	hp_log(machine_hp(b.machine), "unheard");
	assert_string_equal(base_buf_text(&news.text), "[synth ueven] ");
	base_buf_fini(&news.text);
	bare_fini(&b);
}

/* ---- lifetime ------------------------------------------------------------------------------- */

static void free_nothing(void **state)
{
	machine_free(NULL);
}

/* DIMMs, plugged or not, are freed with their machine. */
static void free_with_dimms(void **state)
{
	struct machine_dimm *dimm, *inert;
	struct bare b;

	bare_init(&b, two_nodes);
	assert_int_equal(machine_dimm_new(b.machine, &dimm), 0);
	assert_int_equal(machine_dimm_new(b.machine, &inert), 0);
	assert_int_equal(machine_dimm_set(b.machine, dimm, MACHINE_DIMM_SIZE, MIB(256)), 0);
	assert_int_equal(machine_dimm_set(b.machine, dimm, MACHINE_DIMM_NODE, 1), 0);
	assert_int_equal(plug(&b, dimm, true), 0);
	assert_true(machine_dimm_plugged(dimm));
	assert_int_equal(machine_dimm_free(b.machine, dimm), -EBUSY);
	bare_fini(&b);
}

static void several_at_once(void **state)
{
	struct bare b[3];

	for (size_t i = 0; i < BASE_ARRAY_SIZE(b); i++)
		bare_init(&b[i], two_nodes);
	hp_log(machine_hp(b[1].machine), "only here");
	assert_string_equal(base_buf_text(machine_log_text(b[0].machine)), "");
	assert_string_equal(base_buf_text(machine_log_text(b[1].machine)), "only here\n");
	for (size_t i = 0; i < BASE_ARRAY_SIZE(b); i++)
		bare_fini(&b[i]);
}

static void accessors(void **state)
{
	struct world *w = *state;

	assert_ptr_equal(machine_spec(w->machine), w->spec);
	assert_ptr_equal(hp_mm(machine_hp(w->machine)), machine_mm(w->machine));
	assert_int_equal(hp_config(w->hp)->block_size, MIB(128));
	assert_int_equal(hp_config(w->hp)->phys_bits, 40);
	assert_int_equal(mm_config(w->mm)->page_shift, 12);
	assert_int_equal(mm_config(w->mm)->section_pages, 32768);
}

/* ---- the log -------------------------------------------------------------------------------- */

static void log_is_bounded(void **state)
{
	struct bare b;
	const struct base_buf *log;
	const char *text;
	unsigned int first, nr = 0;

	bare_init(&b, two_nodes);
	log = machine_log_text(b.machine);
	for (unsigned int i = 0; i < 20000; i++) {
		hp_log(machine_hp(b.machine), "line %05u of many, each of which has some length",
		       i);
		assert_true(log->len <= LOG_LIMIT);
		/* after it has filled up, a large part is always kept */
		assert_true(log->len > LOG_LIMIT / 3 || i < LOG_LIMIT / 50);
	}
	/* The kept part is the end of the log, in whole lines. */
	text = base_buf_text(log);
	assert_int_equal(strlen(text), log->len);
	assert_true(log->len > LOG_LIMIT / 3);
	assert_int_equal(sscanf(text, "line %5u of many", &first), 1);
	for (const char *at = text; *at; at = strchr(at, '\n') + 1, nr++) {
		char line[16];

		snprintf(line, sizeof(line), "line %05u ", first + nr);
		assert_memory_equal(at, line, strlen(line));
	}
	assert_int_equal(first + nr, 20000);
	bare_fini(&b);
}

/* ---- CPUs and distances --------------------------------------------------------------------- */

static void assert_cpus(struct world *w, int nid, const char *list)
{
	struct base_mask cpus;
	struct base_buf text;

	base_buf_init(&text);
	memset(&cpus, 0xff, sizeof(cpus));
	if (nid >= 0)
		machine_node_cpus(w->machine, nid, &cpus);
	else
		machine_all_cpus(w->machine, &cpus);
	base_mask_print_list(&cpus, &text);
	assert_string_equal(base_buf_text(&text), list);
	base_buf_fini(&text);
}

static void cpus(void **state)
{
	struct world *w = world_new(PC_LOW "  - {start: 1M, end: 0x1fffffff, node: 0}\n"
					   "cpus:\n"
					   "  - {list: \"0-3,8\", node: 0}\n"
					   "  - {list: \"5-6\", node: 1023}\n"
					   "  - {list: \"1023\", node: 3}\n");

	assert_cpus(w, 0, "0-3,8");
	assert_cpus(w, 3, "1023");
	assert_cpus(w, 1023, "5-6");
	assert_cpus(w, 1, "");
	assert_cpus(w, -1, "0-3,5-6,8,1023");
	assert_int_equal(mm_config(w->mm)->nr_cpus, 8);
	world_free(w);
}

static void distances(void **state)
{
	struct world *w = *state;

	assert_int_equal(machine_node_distance(w->machine, 0, 0), 10);
	assert_int_equal(machine_node_distance(w->machine, 1, 1), 10);
	assert_int_equal(machine_node_distance(w->machine, 0, 1), 20);
	assert_int_equal(machine_node_distance(w->machine, 1, 0), 20);
}

/* ---- architectures -------------------------------------------------------------------------- */

/* The zones of the same GiB, and the result of offlining a block in the middle. */
static void architectures(void **state)
{
	static const struct {
		const char *yaml, *zone;
		int offline;
	} cases[] = {
		{ "arch: x86_64\nmemory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n", "DMA32\n",
		  7 },
		{ "arch: arm64\nmemory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n", "DMA\n",
		  -EPERM },
		{ "arch: ppc64le\nblock_size: 128M\n"
		  "memory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n",
		  "Normal\n", 7 },
		{ "arch: s390x\nblock_size: 256M\n"
		  "memory:\n  - {start: 1G, end: 0x7fffffff, node: 0}\n",
		  "DMA\n", 7 },
	};

	for (size_t i = 0; i < BASE_ARRAY_SIZE(cases); i++) {
		struct world *w = world_new(cases[i].yaml);
		const char *block = SYS_MEMORY "memory5/state";

		if (hp_config(w->hp)->block_size == MIB(128))
			block = SYS_MEMORY "memory10/state";
		assert_string_equal(world_read(w, hp_config(w->hp)->block_size == MIB(128) ?
							  SYS_MEMORY "memory10/valid_zones" :
							  SYS_MEMORY "memory5/valid_zones"),
				    cases[i].zone);
		assert_writes(w, block, "offline", cases[i].offline);
		assert_true(world_number(w, "proc/meminfo", "MemTotal:") > 0);
		world_free(w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(passes_news_on),
		cmocka_unit_test(free_nothing),
		cmocka_unit_test(free_with_dimms),
		cmocka_unit_test(several_at_once),
		WORLD_TEST(accessors),
		cmocka_unit_test(log_is_bounded),
		cmocka_unit_test(cpus),
		WORLD_TEST(distances),
		cmocka_unit_test(architectures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) != 0;
}
