/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * With -o cache: what the kernel keeps indefinitely and must drop when a block goes. A thread
 * notifies it, since the kernel may need locks whose holder waits for this daemon: that of a
 * directory, during a lookup in it, and that of a page, during a read. The loop continues and
 * answers these.
 *
 * Answers of reads and writes wait until earlier notifications are processed, so that no caller
 * finds anything that is gone. A caller that waits for such an answer holds neither lock: a write
 * holds that of its file, a read none, except reads into the page cache, whose answers do not wait.
 *
 * But a task may hold one of them indefinitely, e.g. when it lists a directory into memory whose
 * pages are never delivered (a userfaultfd, or its own file system). So when the kernel takes
 * longer than MEMFUSE_PATIENCE_NS for one notification, answers are sent without it; the kernel
 * then drops the entry later than it should.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "fuse_private.h"

/*
 * struct memfuse_news - a name or a text that is gone, or an answer to @req
 * @len: the length of @bytes, the name or what was read; for a write: the number of bytes accepted
 */
struct memfuse_news {
	TAILQ_ENTRY(memfuse_news) link;
	fuse_ino_t node;
	bool is_name;
	fuse_req_t req;
	bool is_write;
	size_t len;
	char bytes[];
};

TAILQ_HEAD(memfuse_news_list, memfuse_news);

/*
 * struct memfuse_teller - the thread that notifies the kernel
 * @nr: pending notifications, including the one in progress
 * @since: when the one in progress began; 0: there is none
 */
struct memfuse_teller {
	struct fuse_session *session;
	struct base_clock *clock;
	uint64_t since;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct memfuse_news_list news;
	size_t nr;
	bool ends;
};

static void news_tell(struct fuse_session *session, const struct memfuse_news *news)
{
	if (news->req && news->is_write)
		fuse_reply_write(news->req, news->len);
	else if (news->req)
		fuse_reply_buf(news->req, news->bytes, news->len);
	else if (news->is_name)
		fuse_lowlevel_notify_inval_entry(session, news->node, news->bytes, news->len);
	else
		fuse_lowlevel_notify_inval_inode(session, news->node, 0, 0);
}

static void *teller_run(void *ctx)
{
	struct memfuse_teller *teller = ctx;
	struct memfuse_news *news;

	pthread_mutex_lock(&teller->lock);
	for (;;) {
		news = TAILQ_FIRST(&teller->news);
		if (!news && teller->ends)
			break;
		if (!news) {
			pthread_cond_wait(&teller->more, &teller->lock);
			continue;
		}
		TAILQ_REMOVE(&teller->news, news, link);
		teller->since = teller->clock->now_ns(teller->clock);
		pthread_mutex_unlock(&teller->lock);
		news_tell(teller->session, news);
		free(news);
		pthread_mutex_lock(&teller->lock);
		teller->nr--;
		teller->since = 0;
	}
	pthread_mutex_unlock(&teller->lock);
	return NULL;
}

int memfuse_teller_new(struct fuse_session *session, struct base_clock *clock,
		       struct memfuse_teller **ret_teller)
{
	struct memfuse_teller *teller = calloc(1, sizeof(*teller));
	sigset_t all, before;
	int err;

	if (!teller)
		return -ENOMEM;
	teller->session = session;
	teller->clock = clock;
	TAILQ_INIT(&teller->news);
	pthread_mutex_init(&teller->lock, NULL);
	pthread_cond_init(&teller->more, NULL);
	/* the loop handles signals */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(&teller->thread, NULL, teller_run, teller);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (err) {
		free(teller);
		return -err;
	}
	*ret_teller = teller;
	return 0;
}

void memfuse_teller_free(struct memfuse_teller *teller)
{
	if (!teller)
		return;
	pthread_mutex_lock(&teller->lock);
	teller->ends = true;
	pthread_cond_signal(&teller->more);
	pthread_mutex_unlock(&teller->lock);
	pthread_join(teller->thread, NULL);
	pthread_cond_destroy(&teller->more);
	pthread_mutex_destroy(&teller->lock);
	free(teller);
}

/* Called with the lock held. */
static bool is_stuck(const struct memfuse_teller *teller)
{
	return teller->since &&
	       teller->clock->now_ns(teller->clock) - teller->since >= MEMFUSE_PATIENCE_NS;
}

bool memfuse_teller_busy(struct memfuse_teller *teller)
{
	bool busy;

	if (!teller)
		return false;
	pthread_mutex_lock(&teller->lock);
	busy = teller->nr && !is_stuck(teller);
	pthread_mutex_unlock(&teller->lock);
	return busy;
}

bool memfuse_teller_stuck(struct memfuse_teller *teller)
{
	struct memfuse_news_list answers = TAILQ_HEAD_INITIALIZER(answers);
	struct memfuse_news *news, *next;
	bool stuck;

	if (!teller)
		return false;
	pthread_mutex_lock(&teller->lock);
	stuck = is_stuck(teller);
	for (news = stuck ? TAILQ_FIRST(&teller->news) : NULL; news; news = next) {
		next = TAILQ_NEXT(news, link);
		if (!news->req)
			continue;
		TAILQ_REMOVE(&teller->news, news, link);
		TAILQ_INSERT_TAIL(&answers, news, link);
		teller->nr--;
	}
	pthread_mutex_unlock(&teller->lock);
	while ((news = TAILQ_FIRST(&answers))) {
		TAILQ_REMOVE(&answers, news, link);
		news_tell(teller->session, news);
		free(news);
	}
	return stuck;
}

static int teller_add(struct memfuse_teller *teller, const struct memfuse_news *what,
		      const void *bytes)
{
	size_t len = bytes ? what->len : 0;
	struct memfuse_news *news = malloc(sizeof(*news) + len + 1);

	if (!news)
		return -ENOMEM;
	*news = *what;
	if (len)
		memcpy(news->bytes, bytes, len);
	news->bytes[len] = '\0';
	pthread_mutex_lock(&teller->lock);
	TAILQ_INSERT_TAIL(&teller->news, news, link);
	teller->nr++;
	pthread_cond_signal(&teller->more);
	pthread_mutex_unlock(&teller->lock);
	return 0;
}

int memfuse_tell_name(struct memfuse_teller *teller, fuse_ino_t dir, const char *name)
{
	return teller_add(
		teller, &(struct memfuse_news){ .node = dir, .is_name = true, .len = strlen(name) },
		name);
}

int memfuse_tell_text(struct memfuse_teller *teller, fuse_ino_t node)
{
	return teller_add(teller, &(struct memfuse_news){ .node = node }, NULL);
}

/* ---- answers that wait for notifications ----------------------------------------------------- */

static void patience_over(struct base_timer *timer)
{
	struct memfuse *fuse = base_container_of(timer, struct memfuse, patience);

	if (!memfuse_teller_stuck(fuse->teller) && memfuse_teller_busy(fuse->teller))
		(void)fuse->clock->start(fuse->clock, timer, MEMFUSE_PATIENCE_NS);
}

static int teller_answer(struct memfuse *fuse, const struct memfuse_news *what, const void *bytes)
{
	/* from here on it belongs to the thread, and is no longer interruptible */
	fuse_req_interrupt_func(what->req, NULL, NULL);
	fuse->patience.fn = patience_over;
	if (!fuse->patience.impl &&
	    fuse->clock->start(fuse->clock, &fuse->patience, MEMFUSE_PATIENCE_NS))
		return -ENOMEM;
	return teller_add(fuse->teller, what, bytes);
}

int memfuse_answer_read(struct memfuse *fuse, fuse_req_t req, const char *data, size_t len)
{
	return teller_answer(fuse, &(struct memfuse_news){ .req = req, .len = len }, data);
}

int memfuse_answer_write(struct memfuse *fuse, fuse_req_t req, size_t len)
{
	return teller_answer(fuse,
			     &(struct memfuse_news){ .req = req, .is_write = true, .len = len },
			     NULL);
}
