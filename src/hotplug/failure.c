// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory failures: soft_offline_page, hard_offline_page and debugfs's hwpoison (the kernel's
 * mm/memory-failure.c). Blocks determine which pages exist, mm what happens to them.
 */
#include <errno.h>

#include "hp_private.h"

enum presence {
	PAGE_ABSENT,  /* no struct page */
	PAGE_OFFLINE, /* a struct page that is not in use */
	PAGE_ONLINE,
};

static enum presence page_presence(const struct hp *hp, uint64_t pfn)
{
	const struct hp_block *block = hp_block_find(hp, pfn / hp_block_pages(hp));

	if (!block)
		return PAGE_ABSENT;
	if (mm_pfn_online(hp->mm, pfn))
		return PAGE_ONLINE;
	/* A whole section has struct pages, but those of a hole are not in use. */
	return block->state == HP_STATE_OFFLINE || mm_early_section(hp->mm, pfn) ? PAGE_OFFLINE :
										   PAGE_ABSENT;
}

int hp_soft_offline(struct hp *hp, uint64_t addr)
{
	uint64_t pfn = addr >> mm_config(hp->mm)->page_shift;
	enum presence presence = page_presence(hp, pfn);
	int ret;

	if (presence != PAGE_ONLINE)
		return presence == PAGE_ABSENT ? -ENXIO : -EIO;
	if (!hp->params.enable_soft_offline) {
		if (!hp->told_no_soft_offline)
			hp_log(hp, "Soft offline: disabled by /proc/sys/vm/enable_soft_offline");
		hp->told_no_soft_offline = true;
		return -EOPNOTSUPP;
	}
	if (mm_is_poisoned(hp->mm, pfn)) {
		hp_log(hp, "Soft offline: 0x%llx: page already poisoned", (unsigned long long)pfn);
		return 0;
	}
	ret = mm_poison_soft(hp->mm, pfn);
	if (ret == -EIO)
		hp_log(hp, "Memory failure: 0x%llx: unhandlable page.", (unsigned long long)pfn);
	else if (ret == -EBUSY || ret == -ENOSYS)
		hp_log(hp, "Soft offline: 0x%llx: page migration failed", (unsigned long long)pfn);
	return ret;
}

static void log_action(struct hp *hp, uint64_t pfn, const char *page, const char *result)
{
	hp_log(hp, "Memory failure: 0x%llx: recovery action for %s page: %s",
	       (unsigned long long)pfn, page, result);
}

/* memory_failure(): 0 also for pages that the injector's filter rejects */
static int memory_failure(struct hp *hp, uint64_t pfn, const struct mm_use *use)
{
	enum mm_failure failure;
	int ret;

	/* The kernel checks the filter only for pages in use that it could handle. */
	if (use && mm_kind_info(use->kind)->migrates && !hp_poison_filter_passes(hp, use))
		return 0;
	ret = mm_poison_hard(hp->mm, pfn, &failure);
	if (ret == -EHWPOISON)
		log_action(hp, pfn, "already poisoned", "Failed");
	else if (ret == -EBUSY)
		log_action(hp, pfn, "get hwpoison", "Ignored");
	else if (!ret)
		log_action(hp, pfn, use ? mm_kind_info(use->kind)->name : "free buddy",
			   "Recovered");
	return ret;
}

int hp_hard_offline(struct hp *hp, uint64_t addr)
{
	uint64_t pfn = addr >> mm_config(hp->mm)->page_shift;
	struct mm_use use;

	if (page_presence(hp, pfn) != PAGE_ONLINE) {
		hp_log(hp, "Memory failure: 0x%llx: memory outside kernel control",
		       (unsigned long long)pfn);
		return -ENXIO;
	}
	return memory_failure(hp, pfn, mm_use_find(hp->mm, pfn, pfn + 1, &use) ? &use : NULL);
}

int hp_corrupt(struct hp *hp, uint64_t pfn)
{
	struct mm_use use, *in_use;

	if (page_presence(hp, pfn) == PAGE_ONLINE) {
		in_use = mm_use_find(hp->mm, pfn, pfn + 1, &use) ? &use : NULL;
		if (!hp_poison_filter_sees(hp, in_use) || !hp_poison_filter_passes(hp, in_use))
			return 0;
	}
	return hp_hard_offline(hp, pfn << mm_config(hp->mm)->page_shift);
}

int hp_unpoison(struct hp *hp, uint64_t pfn)
{
	if (page_presence(hp, pfn) != PAGE_ONLINE)
		return -EIO;
	return mm_unpoison(hp->mm, pfn);
}
