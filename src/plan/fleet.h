/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Fleets: many machines, each of which grows by a course of its own, under the same policies. What
 * happens to each is an outcome; the outcomes of all of them are added up at the end, so that it
 * makes no difference which process, or which computer, found which of them.
 */
#ifndef PLAN_FLEET_H
#define PLAN_FLEET_H

#include "plan_private.h"

#define FLEET_BINS 10
#define FLEET_GIB (1ULL << 30)
#define FLEET_BLOCK (128ULL << 20) /* of machines that are made up */

/**
 * struct fleet_row - a line of the file: machines that are alike
 * @name: for people; "" when it has none
 * @machine: a file, the name of a machine, or a size such as 8G or 2x64G; NULL: the default one
 * @count: how many there are
 * @line: where it is in the file
 */
struct fleet_row {
	char *name;
	char *machine;
	struct plan_course course;
	unsigned int count;
	unsigned int line;
};

/**
 * struct fleet - machines
 * @text: the file; the texts of growths are in it
 * @kept: other texts that belong to it
 * @hash: of everything that the outcomes depend on, so that parts of different fleets are not mixed
 */
struct fleet {
	struct fleet_row *row;
	unsigned int nr;
	char *text;
	char **kept;
	size_t nr_kept;
	uint64_t hash;
};

/**
 * struct fleet_outcome - what a policy does to the machines of a row
 * @is_known: it has been found
 * @error: why the machine does not boot; 0: it does
 * @nr_unusable: how many steps added nothing that can be used
 * @exhausted: the step at which kernel memory runs out, or PLAN_NEVER
 * @ratio: the highest MOVABLE:KERNEL; -1 if there was no kernel memory at all
 * @added, @removed, @certain: in bytes; see struct plan_step
 */
struct fleet_outcome {
	bool is_known;
	int error;
	unsigned int nr_unusable;
	int exhausted;
	double ratio;
	uint64_t added, removed, certain;
};

/** struct fleet_sum - what a policy does to a fleet; all numbers are of machines or of bytes */
struct fleet_sum {
	const struct plan_policy *policy;
	uint64_t machines, failed, unusable, exhausted;
	uint64_t within, within_exhausted; /* which never pass 3:1, and of these */
	uint64_t beyond, beyond_exhausted; /* which pass it */
	double added, removed, certain;
	uint64_t best_bins[FLEET_BINS], certain_bins[FLEET_BINS];
	unsigned int rank; /* 1: the best one */
};

/** fleet_read() - read and check a file of machines; explains what is wrong on stderr */
int fleet_read(const char *path, const struct plan_options *options, struct fleet *ret_fleet);
/** fleet_of_one() - the machine and the growths of the options as a fleet */
int fleet_of_one(const struct plan_options *options, struct fleet *ret_fleet);
/** fleet_keep() - copy a text for as long as the fleet is there; NULL when out of memory */
char *fleet_keep(struct fleet *fleet, const char *text);
void fleet_fini(struct fleet *fleet);
/** fleet_parse_sizes() - parse "8G", and "2x64G": two nodes of 64 GiB */
bool fleet_parse_sizes(const char *text, unsigned int *ret_nodes, uint64_t *ret_size);
/** fleet_spec() - the description of a row's machine */
int fleet_spec(const struct fleet_row *row, struct machine_spec **ret_spec);

/** fleet_outcomes_new() - memory that processes share; NULL when out of memory */
struct fleet_outcome *fleet_outcomes_new(unsigned int nr_rows, unsigned int nr_policies);
void fleet_outcomes_free(struct fleet_outcome *outcomes, unsigned int nr_rows,
			 unsigned int nr_policies);
/**
 * fleet_run() - find the outcomes of a shard with several processes
 * @until_exhausted: that of one machine is enough
 *
 * Return: 0; -ENOMEM; -EIO when a process died.
 */
int fleet_run(const struct fleet *fleet, const struct plan_options *options, bool until_exhausted,
	      struct fleet_outcome *outcomes);

/** fleet_part_print() - print the outcomes of a shard */
int fleet_part_print(const struct fleet *fleet, const struct plan_options *options,
		     const struct fleet_outcome *outcomes, FILE *out);
/**
 * fleet_parts_read() - read the outcomes that shards have printed, and @ret_fleet's names and
 * counts; the policies of @options become theirs
 */
int fleet_parts_read(struct plan_options *options, struct fleet *ret_fleet,
		     struct fleet_outcome **ret_outcomes);

/** fleet_add_up() - fill @sums, one for each policy, and rank them */
void fleet_add_up(const struct fleet *fleet, const struct plan_options *options,
		  const struct fleet_outcome *outcomes, struct fleet_sum *sums);
void fleet_print_text(const struct fleet *fleet, const struct plan_options *options,
		      const struct fleet_outcome *outcomes, const struct fleet_sum *sums,
		      FILE *out);
int fleet_print_json(const struct plan_options *options, const struct fleet_sum *sums, FILE *out);
void fleet_print_svg(const struct plan_options *options, const struct fleet_sum *sums, FILE *out);

/** fleet_main() - --fleet, --shard and --merge; returns the exit status */
int fleet_main(struct plan_options *options);
/** search_main() - --search; returns the exit status */
int search_main(struct plan_options *options);

#endif
