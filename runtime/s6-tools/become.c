/* Most tools change something about themselves and then become another program: chain loading. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *path; /* NULL: PATH has not been changed, use it */

void keep_path(void) {
  if (path != NULL) return;
  const char *set = getenv("PATH");
  path = strdup(set != NULL ? set : "/usr/bin:/bin");
  if (path == NULL) die_system("unable to copy PATH");
}

void use_new_path(void) {
  path = NULL;
  keep_path();
}

void change_variable(const char *name, const char *value) {
  keep_path();
  if (value == NULL ? unsetenv(name) : setenv(name, value, 1)) die_system("unable to set %s", name);
}

/* Unlike execvp(), try_file() does not run a file without #! by a shell. */
void try_file(const char *file, char **argv, char **environment) {
  keep_path();
  if (strchr(file, '/') != NULL) {
    execve(file, argv, environment);
    return;
  }
  int refusal = ENOENT;
  for (const char *at = path;; at++) {
    size_t length = strcspn(at, ":");
    char candidate[length + strlen(file) + 2];
    memcpy(candidate, at, length);
    candidate[length] = '/';
    strcpy(candidate + length + 1, file);
    if (length > 0) {
      execve(candidate, argv, environment);
      if (errno != ENOENT) refusal = errno;
      if (errno != ENOENT && errno != EACCES && errno != EPERM && errno != EISDIR && errno != ENOTDIR) break;
    }
    at += length;
    if (*at == '\0') break;
  }
  errno = refusal;
}

void die_exec(const char *file) {
  die_system_with(errno == ENOENT ? 127 : 126, "unable to exec %s", file);
}

void become_file(const char *file, char **argv, char **environment) {
  try_file(file, argv, environment);
  die_exec(file);
}

void become(char **argv) {
  become_file(argv[0], argv, environ);
}

/* Runs in the child: sets descriptors and executes the program. Gives errno when this fails. */
static int become_child(const struct start *how) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  if (how->from >= 0 && how->from == how->to) fcntl(how->from, F_SETFD, 0);
  else if (how->from >= 0 && dup2(how->from, how->to) < 0) return errno;
  if (how->argv[0] == NULL) _exit(0);
  try_file(how->argv[0], how->argv, how->environment);
  return errno;
}

pid_t start_process(const struct start *how) {
  keep_path();
  volatile int refusal = 0; /* the child writes it: after vfork() both share this memory until exec */
  pid_t pid = vfork();
  if (pid == 0) {
    refusal = become_child(how);
    _exit(127);
  }
  if (pid < 0) return 0;
  if (refusal == 0) return pid;
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
    continue;
  errno = refusal;
  return 0;
}

pid_t start_program(char **argv) {
  return start_process(&(struct start){ .argv = argv, .environment = environ, .from = -1 });
}

/* Runs in the grandchild. */
static _Noreturn void become_grandchild(const struct start *how) {
  char name[64];
  snprintf(name, sizeof name, "%s (grandchild)", program);
  program = name;
  errno = become_child(how);
  die_exec(how->argv[0]);
}

pid_t start_detached(const struct start *how) {
  int ends[2], status;
  pid_t grandchild = 0;
  keep_path();
  if (pipe2(ends, O_CLOEXEC) < 0) return 0;
  pid_t child = fork();
  if (child == 0) {
    grandchild = fork();
    if (grandchild == 0) become_grandchild(how);
    _exit(grandchild < 0 || write(ends[1], &grandchild, sizeof grandchild) < 0);
  }
  close(ends[1]);
  if (child < 0 || read(ends[0], &grandchild, sizeof grandchild) != sizeof grandchild) grandchild = 0;
  close(ends[0]);
  while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  return grandchild;
}
