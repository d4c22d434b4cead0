// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/clock/: the machine's time, and how much work is done in it. */
#include <errno.h>
#include <inttypes.h>

#include "machine_tree.h"

static struct base_clock *clock_of(const struct tree_obj *obj)
{
	return hp_config(obj->tree->hp)->clock;
}

int tree_clock_mode_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, clock_of(obj)->set_rate ? "real\n" : "virtual\n");
	return 0;
}

int tree_clock_now_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct base_clock *clock = clock_of(obj);

	base_buf_printf(buf, "%llu\n", (unsigned long long)clock->now_ns(clock));
	return 0;
}

static int advance(struct tree_obj *obj, uint64_t ns)
{
	struct base_clock *clock = clock_of(obj);
	int ret = clock->advance(clock, ns);

	if (ret == -EBUSY)
		return machine_refuse(obj->tree->machine, ret, "time is just being advanced");
	if (ret == -EAGAIN)
		return machine_refuse(obj->tree->machine, ret,
				      "so much happened that time has only come to %" PRIu64
				      " ns: advance it again",
				      clock->now_ns(clock));
	return ret;
}

ssize_t tree_clock_advance_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	uint64_t ns;
	int ret = tree_take_number(obj, row, text, &ns);

	if (!ret)
		ret = advance(obj, ns);
	return ret ? ret : (ssize_t)len;
}

uint64_t tree_clock_rate(const struct tree_obj *obj, unsigned int arg)
{
	return hp_params(obj->tree->hp)->clock_rate_ppm;
}

int tree_clock_set_rate(struct tree_obj *obj, unsigned int arg, uint64_t value)
{
	struct base_clock *clock = clock_of(obj);
	uint64_t due_ns;

	if (value != TREE_RATE_SKIP) {
		hp_set_clock_rate(obj->tree->hp, value);
		return 0;
	}
	if (!clock->due(clock, &due_ns))
		return machine_refuse(obj->tree->machine, -ENOENT,
				      "nothing is going to happen by itself");
	return advance(obj, due_ns - clock->now_ns(clock));
}

int tree_clock_migrate_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_printf(buf, "%u\n", hp_params(obj->tree->hp)->migrate_pages_per_ms);
	return 0;
}

ssize_t tree_clock_migrate_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	int ret = base_kstrtouint(text, 0, &hp_params(obj->tree->hp)->migrate_pages_per_ms);

	return ret ? tree_refuse_text(obj, row, text, ret) : (ssize_t)len;
}
