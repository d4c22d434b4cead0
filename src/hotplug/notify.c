// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The memory notifier chain, and its two built-in listeners: the error injector
 * (memory-notifier-error-inject) and the guard of boot memory on arm64.
 */
#include <errno.h>

#include "hp_private.h"

void hp_notifier_register(struct hp *hp, struct hp_notifier *notifier)
{
	struct hp_notifier *n;

	TAILQ_FOREACH(n, &hp->notifiers, link) {
		if (n->priority < notifier->priority) {
			TAILQ_INSERT_BEFORE(n, notifier, link);
			return;
		}
	}
	TAILQ_INSERT_TAIL(&hp->notifiers, notifier, link);
}

void hp_notifier_unregister(struct hp *hp, struct hp_notifier *notifier)
{
	TAILQ_REMOVE(&hp->notifiers, notifier, link);
}

int hp_notify(struct hp *hp, enum hp_action action, const struct hp_notify *arg)
{
	struct hp_notifier *n;

	TAILQ_FOREACH(n, &hp->notifiers, link) {
		int ret = n->call(n, action, arg);

		if (!ret)
			continue;
		hp_explain_veto(hp, n, action, arg, ret);
		return ret;
	}
	return 0;
}

static int injector_call(struct hp_notifier *notifier, enum hp_action action,
			 const struct hp_notify *arg)
{
	static const struct {
		enum hp_action action;
		const char *name;
	} known[HP_NR_INJECTS] = {
		[HP_INJECT_GOING_ONLINE] = { HP_GOING_ONLINE, "MEM_GOING_ONLINE" },
		[HP_INJECT_GOING_OFFLINE] = { HP_GOING_OFFLINE, "MEM_GOING_OFFLINE" },
	};
	struct hp *hp = base_container_of(notifier, struct hp, injector);

	for (size_t i = 0; i < BASE_ARRAY_SIZE(known); i++) {
		if (known[i].action != action || !hp->inject[i])
			continue;
		hp_log(hp, "Injecting error (%d) to %s", hp->inject[i], known[i].name);
		return hp->inject[i];
	}
	return 0;
}

int *hp_inject_error(struct hp *hp, enum hp_inject inject)
{
	return &hp->inject[inject];
}

static int boot_veto_call(struct hp_notifier *notifier, enum hp_action action,
			  const struct hp_notify *arg)
{
	struct hp *hp = base_container_of(notifier, struct hp, boot_veto);
	const struct mm_config *mm = mm_config(hp->mm);

	if (action != HP_GOING_OFFLINE)
		return 0;
	for (uint64_t pfn = arg->start_pfn; pfn < arg->start_pfn + arg->nr_pages;
	     pfn += mm->section_pages) {
		if (!mm_early_section(hp->mm, pfn))
			continue;
		hp_log(hp, "Boot memory [%llx %llx] offlining attempted",
		       (unsigned long long)(arg->start_pfn << mm->page_shift),
		       (unsigned long long)((arg->start_pfn + arg->nr_pages) << mm->page_shift));
		return -EPERM;
	}
	return 0;
}

void hp_notify_init(struct hp *hp)
{
	TAILQ_INIT(&hp->notifiers);
	hp->injector.name = "notifier-error-inject";
	hp->injector.call = injector_call;
	hp->boot_veto.name = "the guard of boot memory";
	hp->boot_veto.call = boot_veto_call;
	if (!hp->config.boot_offline)
		hp_notifier_register(hp, &hp->boot_veto);
	hp_notifier_register(hp, &hp->injector);
}
