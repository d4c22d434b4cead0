/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What comes from outside, told and done again; and a machine and its tree as bytes. */
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
 * struct tree_input - something from outside that may change the machine
 * @when: by the machine's clock
 * @real_ns: since the epoch, outside: files' times follow from it
 * @ino: of the file or directory; of an interrupt: the id of the write that it is for; of a race
 *	 gate: its directory
 * @path: below the mount, for people
 * @text: what is written; the name of what is made or removed; of an interrupt "fatal" or "signal";
 *	  of a log its line; of a setattr and of a race gate their own notation
 *
 * All that a machine does and shows follows from its description and these. Interrupts, what race
 * gates have counted, and lines for machine/log from outside cannot be refused: they have happened
 * when they are told.
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
 * struct tree_journal - who writes inputs down; each 0, or -errno when it is not written
 * @begin: before anything happens; an error ends the call with EIO, and nothing has happened
 * @end: when it has its @result, which may be long after, and before anybody is told
 * @shown: somebody is about to be shown what the machine is at @when
 */
struct tree_journal {
	int (*begin)(void *ctx, const struct tree_input *input, uint64_t *ret_id);
	int (*end)(void *ctx, uint64_t id, const struct base_moment *when, ssize_t result);
	int (*shown)(void *ctx, const struct base_moment *when);
};

/**
 * tree_set_journal() - what comes from now on is told to @journal, which has all before; NULL: to
 *			nobody, once it has been told the present moment
 */
void tree_set_journal(struct tree *tree, const struct tree_journal *journal, void *ctx);
/**
 * tree_journal_works() - whether what is still to be written down, if anything, is now
 *
 * While it is not, the machine's time had better stand still.
 */
bool tree_journal_works(struct tree *tree);
/** tree_born_ns() - when the tree was made, since the epoch; files of boot have this time. */
uint64_t tree_born_ns(const struct tree *tree);
/** tree_set_born_ns() - it was at another time, before anything happened in it. */
void tree_set_born_ns(struct tree *tree, uint64_t ns);
/**
 * tree_replay() - have an input again, at the present time of the machine's clock
 * @req: for a write, which it may leave under way; @done is called as by tree_write(), and the file
 *	 (@file) is to be released after it. For an interrupt: that of the write.
 *
 * Permissions were checked the first time.
 *
 * Context: no process calls, see struct tree_caller: what race gates held has its place already.
 *
 * Return: the result of anything but a write, for which it is 0; -EINVAL: no such input.
 */
ssize_t tree_replay(struct tree *tree, const struct tree_input *input, struct tree_req *req);
/**
 * tree_save() - a machine and its tree as bytes: all that is in any file, now or later
 * @out: empty
 *
 * What is open, and who has looked up what, is not in it, nor is what has been removed. What the
 * journal does not know yet is written down first.
 *
 * Context: not from within anything that the machine does.
 *
 * Return: 0; -EBUSY while a call is under way, waits for the hotplug lock, or is held at a race
 * gate; -EIO when the journal does not work; -EINVAL for what could not be loaded; -ENOMEM.
 */
int tree_save(struct tree *tree, struct base_buf *out);
/**
 * tree_load() - a machine and its tree become what they were when they were saved
 * @tree: just made, as its machine, from the same description; without tree_add_devices()
 * @data: what tree_save() gave
 * @ret_when: the moment of the machine's clock then: it is to begin there, before anything else.
 *	      Timers are armed already, and due after that.
 * @ret_why: on an error: why, a text without a newline
 *
 * Return: 0; -EINVAL for what is damaged, or of another machine or build; -ENOMEM. After an error
 * both are good only to be freed.
 */
int tree_load(struct tree *tree, const void *data, size_t len, struct base_moment *ret_when,
	      struct base_buf *ret_why);

#endif
