// SPDX-License-Identifier: GPL-2.0-or-later
/* Random operations: memory in use, pools of huge pages, pages that go bad. */
#include <string.h>

#include "random_private.h"

/*
 * What no operation takes away: a real kernel needs memory for itself and for the program that
 * performs the operations.
 */
#define RESERVE_KB (256ULL << 10)
#define HARD_OFFLINE RANDOM_MEMORY "/hard_offline_page"
#define SOFT_OFFLINE RANDOM_MEMORY "/soft_offline_page"
#define MAX_POOL 150 /* huge pages */

/* ---- pages that go bad ----------------------------------------------------------------------- */

/*
 * Bad pages in boot memory are left to others: which of them the kernel itself uses is not known
 * here.
 */
void random_gen_offline_page(struct random *r)
{
	const struct hp_block *block = random_block(r);
	uint64_t page = 1ULL << r->sim->spec->page_shift, addr;
	struct base_buf text;
	bool hard = random_chance(&r->dice, 40);

	if (!block || hp_block_id(block) < r->boot_blocks)
		return;
	addr = hp_block_id(block) * r->sim->spec->block_size;
	addr += random_roll(&r->dice, r->sim->spec->block_size / page) * page;
	base_buf_init(&text);
	base_buf_printf(&text, "0x%llx", (unsigned long long)addr);
	if (random_chance(&r->dice, 10)) {
		base_buf_reset(&text);
		random_value(r, addr, &text);
	}
	random_write(r, hard ? HARD_OFFLINE : SOFT_OFFLINE, &text);
	/* Once more: of a page that is bad already. */
	if (random_chance(&r->dice, 15))
		random_write(r, HARD_OFFLINE, &text);
	base_buf_fini(&text);
}

/* ---- pools ----------------------------------------------------------------------------------- */

static bool pool_dir(struct random *r, int nid, char dir[96])
{
	char size[RANDOM_NAME], hugepages[64];

	snprintf(hugepages, sizeof(hugepages), RANDOM_NODE "/node%d/hugepages", nid);
	if (!random_name(r, hugepages, "hugepages-", size))
		return false;
	snprintf(dir, 96, "%s/%s", hugepages, size);
	return true;
}

static uint64_t pool_kb(const char *dir)
{
	uint64_t kb = 0;

	for (const char *p = strrchr(dir, '-') + 1; *p >= '0' && *p <= '9'; p++)
		kb = kb * 10 + (uint64_t)(*p - '0');
	return kb;
}

/* The free memory of a node, or of all (-1), that may be taken. */
static uint64_t spare_kb(struct random *r, int nid)
{
	uint64_t all = random_number(r, "MemFree", "proc/meminfo"), kb = all;

	if (nid >= 0)
		kb = random_number(r, "MemFree", RANDOM_NODE "/node%d/meminfo", nid);
	if (all < RESERVE_KB * 2 || kb < RESERVE_KB)
		return 0;
	return (BASE_MIN(kb, all - RESERVE_KB) - RESERVE_KB) / 2;
}

void random_gen_pool(struct random *r)
{
	int nid = random_node(r);
	struct base_buf text;
	char dir[96], path[128];
	uint64_t most, now;

	if (!pool_dir(r, nid, dir))
		return;
	now = random_number(r, NULL, "%s/nr_hugepages", dir);
	most = BASE_MIN(now + spare_kb(r, nid) / pool_kb(dir), MAX_POOL);
	snprintf(path, sizeof(path), "%s/%s", dir,
		 random_chance(&r->dice, 95) ? "nr_hugepages" :
		 random_chance(&r->dice, 50) ? "free_hugepages" :
					       "surplus_hugepages");
	base_buf_init(&text);
	base_buf_printf(&text, "%llu", (unsigned long long)random_roll(&r->dice, most + 1));
	if (random_chance(&r->dice, 15)) {
		static const char *const wrong[] = { "",   "\n",  "x",	"-1", "0x2", "3 ",
						     " 3", "0\n", "1k", "07", NULL };

		base_buf_reset(&text);
		base_buf_puts(&text, random_of(&r->dice, wrong));
	}
	random_write(r, path, &text);
	base_buf_fini(&text);
}

void random_gen_demote(struct random *r)
{
	static const char *const sizes[] = { "2M", "64K", "2048K", "0x200000", "1G",
					     "4k", "2",	  "32M",   "",	       NULL };
	struct base_buf text;
	char dir[96], path[128];

	if (!pool_dir(r, random_node(r), dir))
		return;
	snprintf(path, sizeof(path), "%s/demote", dir);
	if (!random_exists(r, path))
		return;
	base_buf_init(&text);
	if (random_chance(&r->dice, 30)) {
		snprintf(path, sizeof(path), "%s/demote_size", dir);
		random_word(r, sizes, &text);
	} else {
		random_value(r, random_roll(&r->dice, 3), &text);
	}
	random_write(r, path, &text);
	random_do(r, "read %s/demote_size", dir);
	base_buf_fini(&text);
}

/* ---- memory in use --------------------------------------------------------------------------- */

bool random_has_hold(struct random *r)
{
	char name[RANDOM_NAME];

	return random_object(r, "machine/workload", 'h', name);
}

/* Bytes of huge pages that are free: more would end the process that touches them. */
static uint64_t spare_huge(struct random *r, int nid)
{
	uint64_t size = random_number(r, "Hugepagesize", "proc/meminfo") << 10;
	uint64_t spare = random_number(r, "HugePages_Free", "proc/meminfo");
	uint64_t reserved = random_number(r, "HugePages_Rsvd", "proc/meminfo"), here;

	spare -= BASE_MIN(reserved, spare);
	if (nid >= 0) {
		here = random_number(r, "HugePages_Free", RANDOM_NODE "/node%d/meminfo", nid);
		spare = BASE_MIN(spare, here);
	}
	return spare ? size * (1 + random_roll(&r->dice, spare)) : 0;
}

void random_gen_hold(struct random *r)
{
	static const char *const kinds[] = { "anon",	"anon",	   "mlock", "shmem",
					     "hugetlb", "hugetlb", NULL };
	const char *kind = random_of(&r->dice, kinds);
	int nid = random_chance(&r->dice, 70) ? random_node(r) : -1;
	uint64_t page = 1ULL << r->sim->spec->page_shift, bytes, kb;

	if (!strcmp(kind, "hugetlb")) {
		bytes = spare_huge(r, nid);
	} else {
		kb = BASE_MIN(spare_kb(r, nid), 512ULL << 10) / (1 + random_roll(&r->dice, 16));
		bytes = kb ? random_roll(&r->dice, kb) * 1024 / page * page : 0;
	}
	if (bytes)
		random_do(r, "hold h%u %s %llu %d", r->nr_made++, kind, (unsigned long long)bytes,
			  nid);
}

void random_gen_free(struct random *r)
{
	char name[RANDOM_NAME];

	if (random_object(r, "machine/workload", 'h', name))
		random_do(r, "free %s", name);
}
