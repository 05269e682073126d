/* Most tools change something about themselves and then become another program: chain loading. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static const char *path; /* NULL: PATH of the environment, which is still as it was */

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

/* Unlike execvp it gives no file without #! to a shell. Returns only with an error. */
static void execute(char **argv) {
  const char *file = argv[0];
  keep_path();
  if (strchr(file, '/') != NULL) {
    execve(file, argv, environ);
    return;
  }
  int refusal = ENOENT;
  for (const char *at = path; *file != '\0'; at++) {
    size_t length = strcspn(at, ":");
    char candidate[length + strlen(file) + 2];
    memcpy(candidate, at, length);
    candidate[length] = '/';
    strcpy(candidate + length + 1, file);
    if (length > 0) {
      execve(candidate, argv, environ);
      if (errno != ENOENT) refusal = errno;
      if (errno != ENOENT && errno != EACCES && errno != EPERM && errno != EISDIR && errno != ENOTDIR) break;
    }
    at += length;
    if (*at == '\0') break;
  }
  errno = refusal;
}

void become(char **argv) {
  execute(argv);
  die_system_with(errno == ENOENT ? 127 : 126, "unable to exec %s", argv[0]);
}

pid_t start_program(char **argv) {
  keep_path();
  volatile int refusal = 0; /* written by the child, which shares our memory until it has become the program */
  pid_t pid = vfork();
  if (pid == 0) {
    execute(argv);
    refusal = errno;
    _exit(127);
  }
  if (pid < 0) return 0;
  if (refusal == 0) return pid;
  errno = refusal;
  return 0;
}
