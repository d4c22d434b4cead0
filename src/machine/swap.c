// SPDX-License-Identifier: GPL-2.0-or-later
/* Swap areas, and swapon(2) and swapoff(2) (the kernel's mm/swapfile.c). */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "machine_private.h"

#define OFF (-1)

/* @area: its number in mm, or OFF */
struct machine_swap {
	char *name;
	char *path;
	uint64_t field[MACHINE_SWAP_NR_FIELDS];
	int area;
	TAILQ_ENTRY(machine_swap) link;
};

int machine_swap_new(struct machine *m, const char *name, struct machine_swap **ret_swap)
{
	struct machine_swap *swap = calloc(1, sizeof(*swap));

	if (!swap)
		return -ENOMEM;
	swap->area = OFF;
	swap->field[MACHINE_SWAP_PRIORITY] = (uint64_t)MM_SWAP_PRIO_AUTO;
	swap->name = strdup(name);
	if (!swap->name || asprintf(&swap->path, "/dev/%s", name) < 0) {
		free(swap->name);
		free(swap);
		return -ENOMEM;
	}
	TAILQ_INSERT_TAIL(&m->swaps, swap, link);
	*ret_swap = swap;
	return 0;
}

static void swap_destroy(struct machine *m, struct machine_swap *swap)
{
	TAILQ_REMOVE(&m->swaps, swap, link);
	free(swap->name);
	free(swap->path);
	free(swap);
}

struct machine_swap *machine_swap_next(const struct machine *m, struct machine_swap *swap)
{
	return swap ? TAILQ_NEXT(swap, link) : TAILQ_FIRST(&m->swaps);
}

static int refuse_on(struct machine *m)
{
	return machine_refuse(m, -EBUSY, "it is in use: write 0 to on first");
}

int machine_swap_free(struct machine *m, struct machine_swap *swap)
{
	if (swap->area != OFF)
		return refuse_on(m);
	swap_destroy(m, swap);
	return 0;
}

void machine_swap_free_all(struct machine *m)
{
	struct machine_swap *swap;

	while ((swap = TAILQ_FIRST(&m->swaps)))
		swap_destroy(m, swap);
}

const char *machine_swap_name(const struct machine_swap *swap)
{
	return swap->name;
}

uint64_t machine_swap_get(const struct machine *m, const struct machine_swap *swap,
			  enum machine_swap_field field)
{
	struct mm_swap_info info = { 0 };

	if (field != MACHINE_SWAP_USED)
		return swap->field[field];
	if (swap->area != OFF)
		mm_swap_info(m->mm, swap->area, &info);
	return info.used << m->spec->page_shift;
}

int machine_swap_set(struct machine *m, struct machine_swap *swap, enum machine_swap_field field,
		     uint64_t value)
{
	if (swap->area != OFF)
		return refuse_on(m);
	swap->field[field] = value;
	return 0;
}

const char *machine_swap_path(const struct machine_swap *swap)
{
	return swap->path;
}

int machine_swap_set_path(struct machine *m, struct machine_swap *swap, const char *path)
{
	char *copy;

	if (swap->area != OFF)
		return refuse_on(m);
	if (!machine_spec_is_path(path))
		return machine_refuse(m, -EINVAL,
				      "'%s' is not a valid path (use up to 255 printable "
				      "characters, the first one a /)",
				      base_quote(path).s);
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	free(swap->path);
	swap->path = copy;
	return 0;
}

bool machine_swap_is_on(const struct machine_swap *swap)
{
	return swap->area != OFF;
}

struct machine_swap *machine_swap_at(const struct machine *m, int area)
{
	struct machine_swap *swap;

	TAILQ_FOREACH(swap, &m->swaps, link) {
		if (swap->area == area)
			break;
	}
	return swap;
}

/* ---- beginning and ending its use ------------------------------------------------------------ */

/* 0, or a refusal. */
static int check_path(struct machine *m, const struct machine_swap *swap)
{
	const struct machine_swap *other;

	TAILQ_FOREACH(other, &m->swaps, link) {
		if (other->area != OFF && !strcmp(other->path, swap->path))
			return machine_refuse(m, -EBUSY, "%s is in use by %s",
					      base_quote(swap->path).s, base_quote(other->name).s);
	}
	return 0;
}

static int swap_on(struct machine *m, struct machine_swap *swap)
{
	unsigned int shift = m->spec->page_shift;
	uint64_t pages = swap->field[MACHINE_SWAP_SIZE] >> shift, kb;
	int most = machine_spec_max_swap(m->spec), area;
	struct mm_swap_info info;

	if (pages < MACHINE_SWAP_PAGES_MIN || pages > MACHINE_SWAP_PAGES_MAX)
		return machine_refuse(m, -EINVAL,
				      "its size cannot be that of a swap area (write %s to %s to "
				      "size first)",
				      base_size_text((uint64_t)MACHINE_SWAP_PAGES_MIN << shift).s,
				      base_size_text((uint64_t)MACHINE_SWAP_PAGES_MAX << shift).s);
	if (check_path(m, swap))
		return -EBUSY;
	/* The first page is the header. */
	area = mm_swap_on(m->mm, pages - 1, (int)swap->field[MACHINE_SWAP_PRIORITY], most);
	if (area < 0)
		return machine_refuse(m, area, "the kernel can have %d swap areas", most);
	swap->area = area;
	mm_swap_info(m->mm, area, &info);
	kb = info.pages << (shift - 10);
	hp_log(m->hp, "Adding %lluk swap on %s.  Priority:%d extents:1 across:%lluk ",
	       (unsigned long long)kb, swap->path, info.prio, (unsigned long long)kb);
	return 0;
}

/*
 * Brings back what is in the area. In the kernel, the OOM killer would kill the program that calls
 * swapoff(2), first of all.
 */
static int swap_off(struct machine *m, struct machine_swap *swap)
{
	struct machine_workload *w = NULL;
	struct mm_swap_info info;

	mm_swap_retire(m->mm, swap->area, true);
	while ((w = machine_workload_next(m, w)) && !machine_workload_leave_swap(m, w, swap->area))
		;
	if (w) {
		mm_swap_retire(m->mm, swap->area, false);
		mm_swap_info(m->mm, swap->area, &info);
		return machine_refuse(m, -ENOMEM,
				      "no room for the %s in it: free memory, or add another swap "
				      "area first",
				      base_size_text(info.used << m->spec->page_shift).s);
	}
	mm_swap_off(m->mm, swap->area);
	swap->area = OFF;
	return 0;
}

int machine_swap_turn(struct machine *m, struct machine_swap *swap, bool on)
{
	if (on == machine_swap_is_on(swap))
		return 0;
	return on ? swap_on(m, swap) : swap_off(m, swap);
}

static int swap_boot(struct machine *m, const struct machine_swap_area *area, size_t i)
{
	struct machine_swap *swap;
	char name[32];
	int ret;

	snprintf(name, sizeof(name), "swap%zu", i);
	ret = machine_swap_new(m, name, &swap);
	if (!ret)
		ret = machine_swap_set_path(m, swap, area->path);
	if (ret)
		return ret;
	swap->field[MACHINE_SWAP_SIZE] = area->size;
	swap->field[MACHINE_SWAP_TYPE] = area->type;
	if (area->priority != MACHINE_SWAP_PRIO_AUTO)
		swap->field[MACHINE_SWAP_PRIORITY] = area->priority;
	return machine_swap_turn(m, swap, true);
}

int machine_swap_boot(struct machine *m)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < m->spec->nr_swap; i++)
		ret = swap_boot(m, &m->spec->swap[i], i);
	return ret;
}

/* ---- saving and loading ---------------------------------------------------------------------- */

static void swap_check(struct base_save *s, struct machine_swap *swap, struct machine *m)
{
	struct mm_swap_info info;

	swap->area =
		(int)base_save_below(s, (uint64_t)(swap->area - OFF), MM_MAX_SWAP_AREAS + 1) + OFF;
	if (!swap->name || !swap->path || swap->field[MACHINE_SWAP_TYPE] >= MACHINE_NR_SWAP_TYPES ||
	    (swap->area != OFF && !mm_swap_info(m->mm, swap->area, &info)))
		base_save_fail(s, -EINVAL, "a swap area is invalid");
}

#define SWAP_ROWS(ROW)                                                                             \
	ROW(STRING, name)                                                                          \
	ROW(STRING, path)                                                                          \
	ROW(NUMBERS, field)                                                                        \
	ROW(WITH, area, swap_check)                                                                \
	ROW(SKIP, link, "linkage of the list")
BASE_SAVE_STRUCT(swap_save, struct machine_swap, struct machine, SWAP_ROWS)

static struct machine_swap *swap_make(struct machine *m)
{
	struct machine_swap *swap = calloc(1, sizeof(*swap));

	if (!swap)
		return NULL;
	swap->area = OFF;
	TAILQ_INSERT_TAIL(&m->swaps, swap, link);
	return swap;
}

void machine_swaps_save(struct machine *m, struct base_save *s)
{
	BASE_SAVE_TAILQ(s, &m->swaps, link, swap_save, m, swap_make(m));
}
