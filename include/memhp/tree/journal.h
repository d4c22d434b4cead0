/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal of external inputs, their replay, and saved machines with their trees. */
#ifndef MEMHP_TREE_JOURNAL_H
#define MEMHP_TREE_JOURNAL_H

#include "memhp/base/buf.h"
#include "memhp/base/clock.h"
#include "memhp/tree/request.h"

enum tree_input_op {
	TREE_INPUT_WRITE,
	TREE_INPUT_INTERRUPT,
	TREE_INPUT_MKDIR,
	TREE_INPUT_RMDIR,
	TREE_INPUT_SETATTR,
	TREE_INPUT_GATE,
	TREE_INPUT_LOG,
	TREE_NR_INPUTS,
};
extern const char *const tree_input_names[TREE_NR_INPUTS];

/**
 * struct tree_input - an external event that may change the machine
 * @when: by the machine's clock
 * @real_ns: host time since the epoch, from which timestamps of files are derived
 * @ino: of the file or directory; for an interrupt: the id of the write that it interrupts; for a
 *	 race gate: its directory
 * @path: below the mount, for human readers
 * @text: what is written; the name of what is made or removed; for an interrupt "fatal" or
 *	  "signal"; for a log its line; for a setattr and a race gate their own notation
 *
 * Everything that a machine does and shows follows from its description and its inputs. Interrupts,
 * the counts of race gates, and external lines for machine/log cannot be refused: they have already
 * happened when they are reported.
 */
struct tree_input {
	enum tree_input_op op;
	struct base_moment when;
	uint64_t real_ns;
	uint64_t ino;
	const char *path;
	const char *text;
	size_t len;
};

/**
 * struct tree_journal - records inputs; each hook returns 0, or -errno when it could not record
 * @begin: before anything happens; an error ends the call with EIO, without any effect
 * @end: when the @result is known, possibly long after, and before it is reported to anyone
 * @shown: the state of the machine at @when is about to be shown
 */
struct tree_journal {
	int (*begin)(void *ctx, const struct tree_input *input, uint64_t *ret_id);
	int (*end)(void *ctx, uint64_t id, const struct base_moment *when, ssize_t result);
	int (*shown)(void *ctx, const struct base_moment *when);
};

/**
 * tree_set_journal() - report further inputs to @journal, which has all earlier ones
 * @journal: NULL: stop, after the present moment has been reported
 */
void tree_set_journal(struct tree *tree, const struct tree_journal *journal, void *ctx);
/**
 * tree_journal_works() - try to record whatever is still unrecorded; true if that succeeds
 *
 * While it fails, the machine's time should stand still.
 */
bool tree_journal_works(struct tree *tree);
/** tree_born_ns() - when the tree was made, since the epoch; files made at boot have this time. */
uint64_t tree_born_ns(const struct tree *tree);
/** tree_set_born_ns() - set that time, before anything happens in the tree. */
void tree_set_born_ns(struct tree *tree, uint64_t ns);
/**
 * tree_replay() - repeat an input at the present time of the machine's clock
 * @req: for a write, which may remain in progress; @done is called as by tree_write(), and the file
 *	 (@file) is to be released after it. For an interrupt: the interrupted write.
 *
 * Permissions were checked the first time.
 *
 * Context: called by no process, see struct tree_caller: the order that race gates imposed is that
 * of the inputs.
 *
 * Return: the result of the input, 0 for a write; -EINVAL when there is no such input.
 */
ssize_t tree_replay(struct tree *tree, const struct tree_input *input, struct tree_req *req);
/**
 * tree_save() - save a machine and its tree: everything that any file shows, now or later
 * @out: an empty buffer
 *
 * Open files, lookup references and removed objects are not saved. Unrecorded inputs are recorded
 * in the journal first.
 *
 * Context: not called from within anything that the machine does.
 *
 * Return: 0; -EBUSY while a call is in progress, waits for the hotplug lock, or is held at a race
 * gate; -EIO when the journal does not work; -EINVAL for what could not be loaded; -ENOMEM.
 */
int tree_save(struct tree *tree, struct base_buf *out);
/**
 * tree_load() - restore a machine and its tree to their saved state
 * @tree: just made, as its machine, from the same description; without tree_add_devices()
 * @data: what tree_save() gave
 * @ret_when: the time of the machine's clock at saving: the clock must start there, before anything
 *	      else. Timers are already armed, and due after it.
 * @ret_why: on an error: the reason, a text without a newline
 *
 * Return: 0; -EINVAL for damaged data, or data of another machine or build; -ENOMEM. After an error
 * both can only be freed.
 */
int tree_load(struct tree *tree, const void *data, size_t len, struct base_moment *ret_when,
	      struct base_buf *ret_why);

#endif
