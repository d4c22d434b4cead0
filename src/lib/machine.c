// SPDX-License-Identifier: GPL-2.0-or-later
/* Machines: what they are made from, booting, and their end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib_private.h"
#include "memhp/cli/warn.h"
#include "memhp/record.h"

const char *memhp_version(void)
{
	return MEMHP_VERSION;
}

/* ---- their beginning and end ----------------------------------------------------------------- */

static struct lib_spec *spec_share(struct machine_spec *spec)
{
	struct lib_spec *shared = malloc(sizeof(*shared));

	if (!shared) {
		machine_spec_free(spec);
		return NULL;
	}
	atomic_init(&shared->refs, 1);
	shared->spec = spec;
	return shared;
}

struct lib_spec *lib_spec_ref(struct lib_spec *spec)
{
	atomic_fetch_add(&spec->refs, 1);
	return spec;
}

void lib_spec_unref(struct lib_spec *spec)
{
	if (!spec || atomic_fetch_sub(&spec->refs, 1) > 1)
		return;
	machine_spec_free(spec->spec);
	free(spec);
}

static void destroy(struct memhp *m)
{
	if (m->sim) {
		lib_requests_forget(m);
		lib_serve_end(m, true);
		if (!m->abandoned)
			lib_end(m->sim);
		lib_listen_forget(m);
	}
	lib_spec_unref(m->spec);
	free(m->kernel);
	base_buf_fini(&m->cmdline);
	base_buf_fini(&m->warnings);
	base_buf_fini(&m->error);
	free(m);
}

struct memhp *lib_new(void)
{
	struct memhp *m = calloc(1, sizeof(*m));

	if (!m)
		return NULL;
	base_buf_init(&m->error);
	base_buf_init(&m->warnings);
	base_buf_init(&m->cmdline);
	TAILQ_INIT(&m->requests);
	SLIST_INIT(&m->waits);
	STAILQ_INIT(&m->listeners.traced);
	m->destroy = destroy;
	return m;
}

int memhp_new(struct memhp **ret_machine)
{
	struct memhp *m = lib_new();

	if (!m)
		return -ENOMEM;
	*ret_machine = m;
	return 0;
}

void memhp_free(struct memhp *m)
{
	if (!m || lib_enter(m, LIB_ANY))
		return;
	m->doomed = true;
	lib_leave(m, 0);
}

/* ---- descriptions ---------------------------------------------------------------------------- */

/**
 * struct words - a stream whose text becomes the words of an error
 */
struct words {
	FILE *file;
	char *text;
	size_t len;
};

static int words_open(struct words *words)
{
	words->file = open_memstream(&words->text, &words->len);
	return words->file ? 0 : -ENOMEM;
}

/* Takes what was written as the words of @ret, unless that is 0; returns it. */
static int words_close(struct memhp *m, struct words *words, int ret)
{
	if (fclose(words->file))
		ret = ret ? ret : -ENOMEM;
	while (words->len && words->text[words->len - 1] == '\n')
		words->text[--words->len] = '\0';
	if (ret)
		lib_fail(m, ret, "%s", words->len ? words->text : strerror(-ret));
	free(words->text);
	return ret;
}

static int take_spec(struct memhp *m, struct machine_spec *spec)
{
	struct lib_spec *shared = spec_share(spec);

	if (!shared)
		return lib_fail(m, -ENOMEM, "out of memory");
	lib_spec_unref(m->spec);
	m->spec = shared;
	return 0;
}

int memhp_load(struct memhp *m, const char *what)
{
	struct machine_spec *spec;
	struct words words;
	int ret = lib_enter(m, LIB_NEW);

	if (ret)
		return ret;
	ret = words_open(&words);
	if (!ret)
		ret = words_close(m, &words, record_load(what, words.file, &spec));
	if (!ret)
		ret = take_spec(m, spec);
	return lib_leave(m, ret);
}

int memhp_load_text(struct memhp *m, const char *text, size_t len)
{
	struct machine_spec *spec;
	struct words words;
	int ret = lib_enter(m, LIB_NEW);

	if (ret)
		return ret;
	ret = words_open(&words);
	if (!ret)
		ret = words_close(m, &words,
				  machine_spec_parse(text, len, "machine", 1, words.file, &spec));
	if (!ret)
		ret = take_spec(m, spec);
	return lib_leave(m, ret);
}

int memhp_set_kernel(struct memhp *m, const char *release)
{
	struct machine_kernel kernel;
	struct base_buf words;
	char *copy;
	int ret = lib_enter(m, LIB_NEW);

	if (ret)
		return ret;
	if (machine_kernel_parse(release, &kernel)) {
		base_buf_init(&words);
		warn_versions(release, &words);
		ret = lib_fail(m, -EINVAL, "%s", base_buf_text(&words));
		base_buf_fini(&words);
		return lib_leave(m, ret);
	}
	copy = strdup(release);
	if (copy) {
		free(m->kernel);
		m->kernel = copy;
	}
	return lib_leave(m, copy ? 0 : lib_fail(m, -ENOMEM, "out of memory"));
}

int memhp_add_cmdline(struct memhp *m, const char *words)
{
	int ret = lib_enter(m, LIB_NEW);

	if (ret)
		return ret;
	if (m->cmdline.len)
		base_buf_puts(&m->cmdline, " ");
	base_buf_puts(&m->cmdline, words);
	if (m->cmdline.failed)
		ret = lib_fail(m, -ENOMEM, "out of memory");
	return lib_leave(m, ret);
}

/* ---- booting --------------------------------------------------------------------------------- */

static int take_default(struct memhp *m)
{
	struct machine_spec *spec;
	int ret = machine_spec_default(&spec);

	return ret ? ret : take_spec(m, spec);
}

/* Applies what was set; nobody else has the description yet. */
static int describe(struct memhp *m)
{
	struct machine_spec *spec;
	int ret = m->spec ? 0 : take_default(m);

	if (ret)
		return ret;
	spec = m->spec->spec;
	if (m->kernel)
		ret = machine_spec_set_kernel(spec, m->kernel);
	if (!ret && m->cmdline.len)
		ret = machine_spec_add_cmdline(spec, base_buf_text(&m->cmdline));
	if (!ret)
		ret = machine_cmdline_check(spec, spec->cmdline, &m->warnings);
	return ret;
}

int memhp_boot(struct memhp *m)
{
	struct words words;
	int ret = lib_enter(m, LIB_NEW);

	if (ret)
		return ret;
	ret = words_open(&words);
	if (ret)
		return lib_leave(m, lib_fail(m, ret, "out of memory"));
	ret = describe(m);
	if (!ret)
		ret = sim_new(m->spec->spec, words.file, &m->sim);
	ret = words_close(m, &words, ret);
	m->broken = ret;
	if (!ret)
		lib_listen_trace(m);
	return lib_leave(m, ret);
}

const char *memhp_warnings(struct memhp *m)
{
	return base_buf_text(&m->warnings);
}
