// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Offlining the pages of a block: memory_block_offline() with offline_pages(), its checks and its
 * ways back in the kernel's order. Moving pages takes time: a step moves some and a timer brings
 * the next. While nothing moves it is tried again for ever; only a signal ends that.
 */
#include <errno.h>

#include "hp_private.h"

#define NS_PER_MS 1000000ULL
#define BATCH_MS 10 /* seldom enough that others do not notice */
#define RETRY_MS 10

static struct hp_notify offline_arg(const struct hp *hp)
{
	return hp_block_range(hp, hp->offlining.block);
}

static void log_use(struct hp *hp, const struct mm_use *use, const char *what)
{
	hp_log(hp, "page: pfn:0x%llx held by %s (%s), %llu pages",
	       (unsigned long long)use->start_pfn, use->owner ? use->owner : "nobody",
	       mm_kind_info(use->kind)->name, (unsigned long long)use->nr_pages);
	hp_log(hp, "page dumped because: %s", what);
}

/* The kernel prints this at debug level only; here it is what people come for. */
static int offline_failed(struct hp *hp, const struct hp_notify *arg, const char *reason, int err)
{
	unsigned int shift = mm_config(hp->mm)->page_shift;

	hp_log(hp, "memory offlining [mem 0x%08llx-0x%08llx] failed due to %s",
	       (unsigned long long)(arg->start_pfn << shift),
	       (unsigned long long)(((arg->start_pfn + arg->nr_pages) << shift) - 1), reason);
	return err;
}

static void offline_end(struct hp *hp, int ret)
{
	struct hp_offlining *off = &hp->offlining;

	if (off->call)
		off->call->on_interrupt = NULL;
	hp->config.clock->stop(hp->config.clock, &off->timer);
	off->pages.fn(&off->pages, ret);
}

/* Everything back as it was. */
static void offline_cancel(struct hp *hp, const struct hp_notify *arg, int ret)
{
	mm_unisolate(hp->mm, arg->start_pfn, arg->nr_pages);
	hp_notify(hp, HP_CANCEL_OFFLINE, arg);
	offline_end(hp, ret);
}

static void offline_finish(struct hp *hp, const struct hp_notify *arg)
{
	struct hp_block *block = hp->offlining.block;
	uint64_t start_pfn = hp_block_start_pfn(hp, block), nr_pages = hp_block_pages(hp);

	if (block->altmap_pages)
		mm_altmap_release(hp->mm, start_pfn, block->altmap_pages);
	mm_zone_remove_pages(hp->mm, block->nid, block->zone, start_pfn, nr_pages);
	hp_group_account(block->group, block->zone, nr_pages, false);
	mm_wmark_update(hp->mm);
	if (!mm_zone_populated(hp->mm, block->nid, block->zone))
		hp_log_zonelists(hp);
	hp_notify(hp, HP_OFFLINED, arg);
	mm_zone_drop_range(hp->mm, block->nid, block->zone, start_pfn, nr_pages);
	block->zone = MM_NR_ZONES;
	hp_notify(hp, HP_FINISH_OFFLINE, arg);
	offline_end(hp, 0);
}

static void offline_step(struct hp *hp);

static void offline_timer(struct base_timer *timer)
{
	hp_task_run(base_container_of(timer, struct hp, offlining.timer), offline_step);
}

void hp_offlining_give_up(struct hp *hp)
{
	hp->offlining.interrupted = true;
	offline_step(hp);
}

static void offline_interrupt(struct hp_call *call)
{
	hp_task_run(call->hp, offline_step);
}

/* A page that will not move is worth a line, now and then. */
static void log_stuck(struct hp *hp)
{
	struct hp_offlining *off = &hp->offlining;

	if ((off->rounds & (off->rounds - 1)) == 0) {
		hp_log(hp, "migrating pfn %llx failed ret:1, %llu pages left, round %llu",
		       (unsigned long long)off->stuck.start_pfn, (unsigned long long)off->left,
		       (unsigned long long)off->rounds);
		log_use(hp, &off->stuck, "migration failure");
		hp_explain_stuck(hp);
	}
}

static void offline_again(struct hp *hp, const struct hp_notify *arg, uint64_t delay_ms)
{
	struct hp_offlining *off = &hp->offlining;

	if (off->call)
		off->call->on_interrupt = offline_interrupt;
	if (hp->config.clock->start(hp->config.clock, &off->timer, delay_ms * NS_PER_MS))
		offline_cancel(hp, arg, -ENOMEM);
}

static int dissolve_huge(struct hp *hp, const struct hp_notify *arg)
{
	int ret = mm_dissolve_huge(hp->mm, arg->start_pfn, arg->nr_pages);

	if (ret)
		hp_explain(hp, hp->offlining.block->id,
			   "no room for the page structures that its "
			   "free huge pages have given up");
	return ret;
}

static void offline_step(struct hp *hp)
{
	struct hp_offlining *off = &hp->offlining;
	struct hp_notify arg = offline_arg(hp);
	uint64_t rate = hp->params.migrate_pages_per_ms, moved;
	uint64_t most = rate ? rate * BATCH_MS : UINT64_MAX / 2, delay_ms = RETRY_MS;
	int ret;

	hp->config.clock->stop(hp->config.clock, &off->timer);
	if (off->call)
		off->call->on_interrupt = NULL;
	if (off->interrupted || (off->call && off->call->interrupted)) {
		offline_cancel(hp, &arg, offline_failed(hp, &arg, "signal backoff", -EINTR));
		return;
	}
	/* What is kept from moving stays as it was found the last time. */
	if (hp_fault_block(hp, HP_FAULT_MIGRATE, off->block, off->block->zone)) {
		offline_again(hp, &arg, RETRY_MS);
		return;
	}
	ret = mm_migrate(hp->mm, arg.start_pfn, arg.nr_pages, most, &moved, &off->left,
			 &off->stuck);
	if (ret) {
		log_use(hp, &off->stuck, "unmovable page");
		ret = offline_failed(hp, &arg, "unmovable page", ret);
		hp_explain_pages(hp, off->block, &off->stuck, "keep the block from going offline");
		offline_cancel(hp, &arg, ret);
		return;
	}
	if (!off->left && (!moved || !rate)) {
		ret = hp_fault_block(hp, HP_FAULT_DISSOLVE, off->block, off->block->zone);
		if (!ret)
			ret = dissolve_huge(hp, &arg);
		if (ret)
			offline_cancel(hp, &arg,
				       offline_failed(hp, &arg, "failure to dissolve huge pages",
						      ret));
		else
			offline_finish(hp, &arg);
		return;
	}
	if (!moved) {
		off->rounds++;
		log_stuck(hp);
	} else if (rate) {
		delay_ms = (moved + rate - 1) / rate;
	}
	offline_again(hp, &arg, delay_ms);
}

static int offline_checks(struct hp *hp, const struct hp_block *block, const struct hp_notify *arg)
{
	unsigned int shift = mm_config(hp->mm)->page_shift;
	struct mm_use use;
	int ret;

	/* A boot block of several zones or nodes; the kernel says nothing at all. */
	if (block->zone == MM_NR_ZONES) {
		hp_explain(hp, block->id,
			   "boot memory of several zones or nodes, which cannot go "
			   "offline");
		return -EINVAL;
	}
	if (!hp_resource_is_ram(hp, arg->start_pfn << shift, arg->nr_pages << shift)) {
		hp_explain(hp, block->id,
			   "not all of it is System RAM, see proc/iomem: with holes "
			   "it cannot go offline");
		return offline_failed(hp, arg, "memory holes", -EINVAL);
	}
	ret = hp_fault_block(hp, HP_FAULT_ISOLATE, block, block->zone);
	if (ret)
		return offline_failed(hp, arg, "failure to isolate range", ret);
	if (mm_isolate(hp->mm, arg->start_pfn, arg->nr_pages, &use)) {
		log_use(hp, &use, "unmovable page");
		ret = offline_failed(hp, arg, "failure to isolate range", -EBUSY);
		hp_explain_pages(hp, block, &use, "cannot be moved, only given back");
		return ret;
	}
	return 0;
}

void hp_block_pages_offline(struct hp *hp, struct hp_block *block)
{
	struct hp_notify arg = offline_arg(hp);
	int ret;

	hp->offlining.timer.fn = offline_timer;
	ret = offline_checks(hp, block, &arg);
	if (ret) {
		offline_end(hp, ret);
		return;
	}
	ret = hp_fault_block(hp, HP_FAULT_GOING_OFFLINE, block, block->zone);
	if (!ret)
		ret = hp_notify(hp, HP_GOING_OFFLINE, &arg);
	if (ret) {
		offline_cancel(hp, &arg, offline_failed(hp, &arg, "notifier failure", ret));
		return;
	}
	offline_step(hp);
}

const struct hp_block *hp_offlining_stuck(const struct hp *hp, struct mm_use *ret_use,
					  uint64_t *ret_left, uint64_t *ret_rounds)
{
	*ret_use = hp->offlining.stuck;
	*ret_left = hp->offlining.left;
	*ret_rounds = hp->offlining.rounds;
	return hp->offlining.block;
}

void hp_offlining_fini(struct hp *hp)
{
	if (hp->offlining.block)
		hp->config.clock->stop(hp->config.clock, &hp->offlining.timer);
}
