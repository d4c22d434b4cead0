// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Offlining the pages of a block: memory_block_offline() with offline_pages(), with its checks and
 * roll-back in the kernel's order. Migration takes time, so the coroutine sleeps after each batch.
 * While nothing moves it retries forever, and only a signal ends that.
 */
#include <errno.h>

#include "hp_private.h"

#define NS_PER_MS 1000000ULL
#define BATCH_MS 10 /* long enough to make the cost of the timer negligible */
#define RETRY_MS 10

static void log_use(struct hp *hp, const struct mm_use *use, const char *what)
{
	hp_log(hp, "page: pfn:0x%llx held by %s (%s), %llu pages",
	       (unsigned long long)use->start_pfn, use->owner ? use->owner : "nobody",
	       mm_kind_info(use->kind)->name, (unsigned long long)use->nr_pages);
	hp_log(hp, "page dumped because: %s", what);
}

/* The kernel prints this only at debug level; here users need it. */
static int offline_failed(struct hp *hp, const struct hp_notify *arg, const char *reason, int err)
{
	unsigned int shift = mm_config(hp->mm)->page_shift;

	hp_log(hp, "memory offlining [mem 0x%08llx-0x%08llx] failed due to %s",
	       (unsigned long long)(arg->start_pfn << shift),
	       (unsigned long long)(((arg->start_pfn + arg->nr_pages) << shift) - 1), reason);
	return err;
}

/* What migrate_pages() returns: -ENOMEM, or how many folios did not move. */
static long long migrate_result(const struct hp *hp)
{
	const struct hp_offlining *off = &hp->offlining;

	if (mm_kind_migrates(hp->mm, off->stuck.kind) && !off->stuck.busy_until)
		return -ENOMEM;
	return (long long)(off->left / mm_round_up_unit(hp->mm, off->stuck.kind, 1));
}

/*
 * Only attempts whose number is a power of two are logged. The kernel does not try to migrate pages
 * of its own, which only the final check finds (test_pages_isolated()), and says nothing.
 */
static void log_stuck(struct hp *hp)
{
	struct hp_offlining *off = &hp->offlining;

	if (off->rounds & (off->rounds - 1))
		return;
	if (!mm_kind_blocks(hp->mm, off->stuck.kind)) {
		hp_log(hp, "migrating pfn %llx failed ret:%lld, %llu pages left, round %llu",
		       (unsigned long long)off->stuck.start_pfn, migrate_result(hp),
		       (unsigned long long)off->left, (unsigned long long)off->rounds);
		log_use(hp, &off->stuck, "migration failure");
	}
	hp_explain_stuck(hp);
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

/* Waits for the next attempt, or until the mode of the offlining ends it. */
static int offline_sleep(struct hp *hp, uint64_t ns)
{
	switch (hp->offlining.mode) {
	case HP_OFFLINE_AT_ONCE:
		return -EINTR;
	case HP_OFFLINE_INTERRUPTIBLE:
		return hp_sleep(hp, ns, HP_WAIT_INTERRUPTIBLE);
	default:
		return hp_sleep(hp, ns, HP_WAIT_UNINTERRUPTIBLE);
	}
}

static bool offline_has_signal(const struct hp *hp)
{
	return hp->offlining.mode == HP_OFFLINE_INTERRUPTIBLE && hp_signal_pending(hp);
}

static int unmovable_page(struct hp *hp, const struct hp_notify *arg, int err)
{
	struct hp_offlining *off = &hp->offlining;

	log_use(hp, &off->stuck, "unmovable page");
	offline_failed(hp, arg, "unmovable page", err);
	hp_explain_pages(hp, off->block, &off->stuck, "keep the block from going offline");
	return err;
}

/*
 * When to try again: as soon as pages that are busy cease to be, because the kernel tries all the
 * time; with a fixed step, a period of the same length could miss it for ever.
 */
static uint64_t retry_ns(const struct hp *hp)
{
	uint64_t until = hp->offlining.stuck.first_idle, ns = RETRY_MS * NS_PER_MS;

	if (!until || until == UINT64_MAX)
		return ns;
	return BASE_MIN(ns, until - hp->config.clock->now_ns(hp->config.clock));
}

/*
 * The inner loop of offline_pages(): scan_movable_pages() and do_migrate_range(), until the block
 * has no page in use.
 */
static int migrate_all(struct hp *hp, const struct hp_notify *arg)
{
	struct hp_offlining *off = &hp->offlining;
	int ret;

	for (;;) {
		uint64_t rate = hp->params.migrate_pages_per_ms, moved;
		uint64_t most = rate ? rate * BATCH_MS : UINT64_MAX / 2, ns = RETRY_MS * NS_PER_MS;

		if (offline_has_signal(hp))
			return offline_failed(hp, arg, "signal backoff", -EINTR);
		/* An injected failure leaves the pages as the last attempt found them. */
		if (!hp_fault_block(hp, HP_FAULT_MIGRATE, off->block, off->block->zone)) {
			ret = mm_migrate(hp->mm, arg->start_pfn, arg->nr_pages, most, &moved,
					 &off->left, &off->stuck);
			if (ret)
				return unmovable_page(hp, arg, ret);
			if (!off->left && (!moved || !rate))
				return 0;
			if (!moved) {
				off->rounds++;
				log_stuck(hp);
			}
			ns = moved && rate ? (moved + rate - 1) / rate * NS_PER_MS : retry_ns(hp);
		}
		ret = offline_sleep(hp, ns);
		if (ret == -EINTR)
			return offline_failed(hp, arg, "signal backoff", ret);
		if (ret)
			return ret;
	}
}

/* The checks of offline_pages() before it calls the notifiers; isolates the pages. */
static int check_and_isolate(struct hp *hp, const struct hp_block *block,
			     const struct hp_notify *arg)
{
	unsigned int shift = mm_config(hp->mm)->page_shift;
	struct mm_use use;
	int ret;

	/* A boot block of several zones or nodes; the kernel logs nothing. */
	if (block->zone == MM_NR_ZONES) {
		hp_explain_mixed(hp, block);
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
		hp_explain_pages(hp, block, &use,
				 mm_kind_info(use.kind)->is_huge ||
						 mm_kind_info(use.kind)->is_pool ?
					 "cannot migrate on this architecture, not even free ones: "
					 "they have to leave their pool" :
					 "cannot be moved, only given back");
		return ret;
	}
	return 0;
}

/* The end of offline_pages(): the pages leave their zone. */
static void pages_leave(struct hp *hp, struct hp_block *block, const struct hp_notify *arg)
{
	uint64_t start_pfn = hp_block_start_pfn(hp, block), nr_pages = hp_block_pages(hp);

	/* memory_block_offline() first releases the block's own memmap. */
	if (block->altmap_pages)
		mm_altmap_release(hp->mm, start_pfn, block->altmap_pages);
	/* __offline_isolated_pages(), adjust_managed_page_count(), adjust_present_page_count() */
	mm_zone_remove_pages(hp->mm, block->nid, block->zone, start_pfn, nr_pages);
	hp_group_account(block->group, block->zone, nr_pages, false);
	/* init_per_zone_wmark_min() */
	hp_wmark_update(hp);
	/* build_all_zonelists() if this was the last memory of the zone */
	if (!mm_zone_populated(hp->mm, block->nid, block->zone))
		hp_build_zonelists(hp);
	hp_notify(hp, HP_OFFLINED, arg);
	/* remove_pfn_range_from_zone() */
	mm_zone_drop_range(hp->mm, block->nid, block->zone, start_pfn, nr_pages);
	block->zone = MM_NR_ZONES;
}

/* offline_pages() */
static int offline_pages(struct hp *hp, struct hp_block *block, const struct hp_notify *arg)
{
	int ret;

	if (hp->config.no_hotremove) {
		hp_explain(hp, block->id,
			   "the kernel is built without MEMORY_HOTREMOVE, and no memory goes "
			   "offline");
		return -EINVAL;
	}
	ret = check_and_isolate(hp, block, arg);
	if (ret)
		return ret;

	/* node_states_check_changes_offline(), memory_notify(MEM_GOING_OFFLINE) */
	ret = hp_fault_block(hp, HP_FAULT_GOING_OFFLINE, block, block->zone);
	if (!ret)
		ret = hp_notify(hp, HP_GOING_OFFLINE, arg);
	if (ret) {
		offline_failed(hp, arg, "notifier failure", ret);
		goto failed_removal;
	}

	ret = migrate_all(hp, arg);
	if (ret)
		goto failed_removal;

	/* dissolve_free_hugetlb_folios() */
	ret = hp_fault_block(hp, HP_FAULT_DISSOLVE, block, block->zone);
	if (!ret)
		ret = dissolve_huge(hp, arg);
	if (ret) {
		offline_failed(hp, arg, "failure to dissolve huge pages", ret);
		goto failed_removal;
	}

	pages_leave(hp, block, arg);
	return 0;

failed_removal:
	mm_unisolate(hp->mm, arg->start_pfn, arg->nr_pages);
	hp_notify(hp, HP_CANCEL_OFFLINE, arg);
	return ret;
}

int hp_block_pages_offline(struct hp *hp, struct hp_block *block)
{
	const struct hp_notify arg = hp_block_range(hp, block);
	int ret = offline_pages(hp, block, &arg);

	if (!ret)
		hp_notify(hp, HP_FINISH_OFFLINE, &arg);
	return ret;
}
