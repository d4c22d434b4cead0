// SPDX-License-Identifier: GPL-2.0-or-later
/* The monitor's socket: a path in the filesystem, or a port of the loopback interface. */
#include "monitor.h"

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "monitor_private.h"

#define MONITOR_FILE "machine", "qmp"
#define CLIENTS_MAX 4096
#define TCP "tcp:"
#define UNIX "unix:"

/* ---- listening ------------------------------------------------------------------------------- */

/* A socket of a program that has been killed is in the way, one of a program that runs stays. */
static int remove_stale(const struct sockaddr_un *address)
{
	struct stat st;
	int fd, ret = 0;

	if (lstat(address->sun_path, &st) || !S_ISSOCK(st.st_mode))
		return 0;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)))
		ret = -EADDRINUSE;
	else if (errno == ECONNREFUSED && unlink(address->sun_path))
		ret = -errno;
	close(fd);
	return ret;
}

/* The program may change its directory later. */
static char *absolute(const char *path)
{
	char *dir = NULL, *text = NULL;

	if (*path == '/')
		return strdup(path);
	dir = getcwd(NULL, 0);
	if (dir && asprintf(&text, "%s/%s", dir, path) < 0)
		text = NULL;
	free(dir);
	return text;
}

static int listen_path(struct monitor *m, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int ret;

	if (!*path || strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	ret = remove_stale(&address);
	if (ret)
		return ret;
	m->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->fd < 0)
		return -errno;
	/* Who may connect rules the machine. */
	mask = umask(0177);
	ret = bind(m->fd, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	umask(mask);
	if (ret)
		return ret;
	m->path = absolute(path);
	if (!m->path || asprintf(&m->where, UNIX "%s", m->path) < 0)
		return -ENOMEM;
	return 0;
}

/* "127.0.0.1:PORT"; no other address, as there are no passwords. */
static int parse_port(const char *text, struct sockaddr_in *ret_address)
{
	static const char *const hosts[] = { "127.0.0.1:", "localhost:" };
	uint64_t port;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(hosts); i++) {
		size_t len = strlen(hosts[i]);

		if (strncmp(text, hosts[i], len) || base_kstrtoull(text + len, 10, &port) ||
		    port > UINT16_MAX)
			continue;
		*ret_address = (struct sockaddr_in){
			.sin_family = AF_INET,
			.sin_port = htons((uint16_t)port),
			.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		};
		return 0;
	}
	return -EINVAL;
}

static int listen_port(struct monitor *m, const char *text)
{
	struct sockaddr_in address;
	socklen_t len = sizeof(address);
	int on = 1;

	if (parse_port(text, &address))
		return -EINVAL;
	m->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->fd < 0)
		return -errno;
	(void)setsockopt(m->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(m->fd, (struct sockaddr *)&address, sizeof(address)) ||
	    getsockname(m->fd, (struct sockaddr *)&address, &len))
		return -errno;
	if (asprintf(&m->where, TCP "127.0.0.1:%u", ntohs(address.sin_port)) < 0)
		return -ENOMEM;
	return 0;
}

static int start_listening(struct monitor *m, const char *address)
{
	int ret;

	if (!strncmp(address, TCP, strlen(TCP)))
		ret = listen_port(m, address + strlen(TCP));
	else if (!strncmp(address, UNIX, strlen(UNIX)))
		ret = listen_path(m, address + strlen(UNIX));
	else
		ret = listen_path(m, address);
	return ret ? ret : listen(m->fd, SOMAXCONN) ? -errno : 0;
}

/* ---- clients --------------------------------------------------------------------------------- */

static void on_connect(void *ctx)
{
	struct monitor *m = ctx;
	int fd = accept4(m->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	if (m->nr_clients < CLIENTS_MAX)
		monitor_client_new(m, fd);
	else
		close(fd);
}

/* Each client takes a descriptor. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

static int find_file(struct monitor *m)
{
	static const char *const names[] = { MONITOR_FILE };
	uint64_t dir = TREE_ROOT_INO;
	struct tree_attr attr;
	bool fixed;

	for (size_t i = 0; i < BASE_ARRAY_SIZE(names); i++) {
		int ret = tree_lookup(m->tree, dir, names[i], &attr, &fixed);

		if (ret)
			return ret;
		/* They are the root's, which stays without a reference. */
		tree_forget(m->tree, attr.ino, 1);
		dir = attr.ino;
	}
	m->ino = dir;
	return 0;
}

int monitor_new(struct tree *tree, struct loop *loop, const char *address, void (*quit)(void *ctx),
		void *ctx, struct monitor **ret_monitor)
{
	struct monitor *m = calloc(1, sizeof(*m));
	int ret;

	if (!m)
		return -ENOMEM;
	*m = (struct monitor){
		.tree = tree, .loop = loop, .fd = -1, .quit = quit, .quit_ctx = ctx
	};
	TAILQ_INIT(&m->clients);
	TAILQ_INIT(&m->rates);
	raise_limit();
	ret = start_listening(m, address);
	if (!ret)
		ret = find_file(m);
	if (!ret) {
		m->watch = loop_watch_fd(loop, m->fd, on_connect, m);
		ret = m->watch ? 0 : -ENOMEM;
	}
	if (ret) {
		warnx("--qmp=%s: %s", address,
		      ret == -EINVAL ? "only " TCP "127.0.0.1:PORT is possible" : strerror(-ret));
		monitor_free(m);
		return ret;
	}
	tree_set_monitor(tree, &monitor_calls, m);
	*ret_monitor = m;
	return 0;
}

void monitor_free(struct monitor *m)
{
	struct monitor_client *c;

	if (!m)
		return;
	tree_set_monitor(m->tree, NULL, NULL);
	loop_clock(m->loop)->stop(loop_clock(m->loop), &m->ending);
	loop_unwatch(m->watch);
	while ((c = TAILQ_FIRST(&m->clients)))
		monitor_client_free(c);
	monitor_rates_free(m);
	if (m->fd >= 0)
		close(m->fd);
	if (m->path)
		unlink(m->path);
	free(m->path);
	free(m->where);
	free(m);
}
