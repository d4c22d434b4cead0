/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The first process of the guest in which live.py records. The first line on the port, "run CPU
 * ARGUMENT...", starts memhpsim on that CPU, with the port as its standard input and output. How it
 * ends is printed on the console.
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGS 16

static void mount_at(const char *type, const char *dir)
{
	mkdir(dir, 0755);
	mount(type, dir, type, 0, NULL);
}

/* The port appears a moment after boot. */
static int open_port(void)
{
	int fd = -1;

	while (fd < 0) {
		fd = open("/dev/vport0p1", O_RDWR);
		usleep(5000);
	}
	return fd;
}

static pid_t start(char *line, int port)
{
	char program[] = "/memhpsim", *args[MAX_ARGS + 1] = { program }, *save, *cpu;
	cpu_set_t cpus;
	int nr = 1;
	pid_t pid;

	strtok_r(line, " \n", &save);
	cpu = strtok_r(NULL, " \n", &save);
	CPU_ZERO(&cpus);
	CPU_SET(cpu ? atoi(cpu) : 0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	while (nr < MAX_ARGS && (args[nr] = strtok_r(NULL, " \n", &save)))
		nr++;
	pid = fork();
	if (!pid) {
		dup2(port, STDIN_FILENO);
		dup2(port, STDOUT_FILENO);
		close(port);
		execv(args[0], args);
		_exit(127);
	}
	close(port);
	return pid;
}

int main(void)
{
	char line[256] = "";
	size_t len = 0;
	int port, status;
	pid_t pid;

	mount_at("proc", "/proc");
	mount_at("sysfs", "/sys");
	mount_at("devtmpfs", "/dev");
	mount_at("debugfs", "/sys/kernel/debug");
	mount_at("tmpfs", "/tmp");
	port = open_port();
	dprintf(port, "ready\n");
	/* one byte at a time: what follows is memhpsim's */
	while (len < sizeof(line) - 1 && read(port, &line[len], 1) == 1 && line[len] != '\n')
		len++;
	pid = start(line, port);
	waitpid(pid, &status, 0);
	printf("memhpsim: exit %d\n",
	       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	fflush(stdout);
	for (;;)
		pause();
}
