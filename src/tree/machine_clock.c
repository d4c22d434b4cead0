// SPDX-License-Identifier: GPL-2.0-or-later
/* machine/clock/: the machine's time, and how much work is done in it. */
#include <errno.h>

#include "machine_tree.h"

static struct base_clock *clock_of(const struct tree_obj *obj)
{
	return hp_config(obj->tree->hp)->clock;
}

int tree_clock_mode_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	base_buf_puts(buf, clock_of(obj)->advance ? "virtual\n" : "real\n");
	return 0;
}

int tree_clock_now_show(struct tree_obj *obj, const struct tree_row *row, struct base_buf *buf)
{
	struct base_clock *clock = clock_of(obj);

	base_buf_printf(buf, "%llu\n", (unsigned long long)clock->now_ns(clock));
	return 0;
}

ssize_t tree_clock_advance_store(struct tree_obj *obj, const struct tree_row *row, const char *text,
				 size_t len, struct tree_req *req)
{
	struct base_clock *clock = clock_of(obj);
	uint64_t ns;
	int ret;

	if (!clock->advance)
		return machine_refuse(obj->tree->machine, -EINVAL,
				      "time is real here, and passes by itself: memhpsim's can be "
				      "advanced");
	ret = tree_take_number(obj, row, text, &ns);
	if (ret)
		return ret;
	ret = clock->advance(clock, ns);
	if (ret)
		return machine_refuse(obj->tree->machine, ret, "time is just being advanced");
	return ret ? ret : (ssize_t)len;
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
