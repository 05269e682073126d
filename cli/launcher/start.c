/* Starts kahi.js. For daemons it keeps what Node.js would change, and makes the native helper the parent where needed. */
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/*
 * Flags for daemons. No work on an idle heap, which would wake the daemon; one helper thread, because each of the usual four
 * costs memory. Unlike most flags these leave Node.js its compiled modules (runtime/system/heap.ts sets the others). Node.js
 * 20 to 26 know both.
 */
static char *const DAEMON_FLAGS[] = { "--no-memory-reducer", "--v8-pool-size=1" };
enum { DAEMON_FLAG_COUNT = sizeof DAEMON_FLAGS / sizeof *DAEMON_FLAGS, MOST_OWN_WORDS = 8 };

static bool is_one_of(const char *word, const char *const *words) {
  while (*words != NULL && strcmp(*words, word) != 0)
    words++;
  return *words != NULL;
}

static bool is_daemon(const struct call *call) {
  static const char *const names[] = { "supervisord", "init", "manager", NULL };
  static const char *const words[] = { "daemon", "supervisord", "init-s6", "run", "manager", NULL };
  return is_one_of(call->name, names) || is_one_of(call->word, words);
}

/*
 * Node.js 20 reads extra certificates at its start, which costs 55 ms; the daemon passes the variable on to programs.
 * Node.js raises its soft limit of open files; programs get the limit that was there.
 */
static void prepare_environment(void) {
  const char *certificates = getenv("NODE_EXTRA_CA_CERTS");
  char text[24] = "unlimited";
  struct rlimit files;
  if (certificates != NULL && *certificates != '\0') {
    setenv("KAHI_NODE_EXTRA_CA_CERTS", certificates, 1);
    unsetenv("NODE_EXTRA_CA_CERTS");
  }
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  if (files.rlim_cur != RLIM_INFINITY) snprintf(text, sizeof text, "%llu", (unsigned long long)files.rlim_cur);
  setenv("KAHI_NOFILE", text, 1);
}

/*
 * Whether the native helper becomes the parent of the daemon: Node.js reaps no orphans and cannot start itself again, so as
 * PID 1, and with --survive. Not when KAHI_SHIM forbids it, and not when the helper is the parent already.
 */
static bool wants_parent(const struct call *call) {
  const char *shim = getenv("KAHI_SHIM"), *link = getenv("KAHI_SHIM_PARENT");
  bool wants = getpid() == 1, has_command = strcmp(call->word, "run") == 0 || strcmp(call->name, "manager") == 0;
  for (int i = 1; i < call->argc && !wants && !has_command; i++)
    wants = strcmp(call->argv[i], "--survive") == 0;
  if (!wants || (shim != NULL && strcmp(shim, "none") == 0)) return false;
  char *end = NULL;
  return link == NULL || strtol(link, &end, 10) != getppid() || *end != ':';
}

/* Whether the helper can be executed here: it answers to --version. */
static bool runs(char *shim) {
  posix_spawn_file_actions_t actions;
  pid_t pid;
  int status = -1;
  char *argv[] = { shim, "--version", NULL };
  if (posix_spawn_file_actions_init(&actions) != 0) return false;
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, 1, 2);
  if (posix_spawnp(&pid, shim, &actions, NULL, argv, environ) != 0) return false;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
    continue;
  return status == 0;
}

/* Gives the path of the helper, or NULL when it cannot be executed. */
static char *find_helper(const struct places *places) {
  static char beside[PATH_BYTES];
  char *named = getenv("KAHI_SHIM");
  if (named != NULL && *named != '\0') return runs(named) ? named : NULL;
  native_path(places, "kahi-shim", beside);
  return runs(beside) ? beside : NULL;
}

/* A file that exists and cannot be executed: often it is made for another processor, or another C library. */
static _Noreturn void refuse_node(const struct node *node) {
  static const char needed[] =
    "install a Node.js 20.19 or newer that is made for this system, or set KAHI_NODE to its path";
  int error = errno;
  if (error == ENOENT) refuse("%s (%s) needs a C library that is not here: %s", node->path, node->source, needed);
  if (error == ENOEXEC) refuse("%s (%s) is made for another processor: %s", node->path, node->source, needed);
  refuse("cannot run %s (%s): %s: %s", node->path, node->source, strerror(error), needed);
}

void start_bundle(const struct call *call, const struct places *places) {
  static struct node node;
  char *words[MOST_OWN_WORDS + call->argc], **word = words + 2; /* room for the helper */
  if (access(places->bundle, R_OK) != 0)
    refuse("cannot read %s: %s: install kahi again", places->bundle, strerror(errno));
  find_node(&node, places);
  *word++ = (char *)node.word;
  char *helper = NULL;
  if (is_daemon(call)) {
    prepare_environment();
    for (int i = 0; i < DAEMON_FLAG_COUNT; i++)
      *word++ = DAEMON_FLAGS[i];
    if (wants_parent(call)) helper = find_helper(places);
  }
  *word++ = (char *)places->bundle;
  for (int i = 1; i <= call->argc; i++)
    *word++ = i < call->argc ? call->argv[i] : NULL;
  setenv("KAHI_ARGV0", call->called_as, 1);
  if (helper != NULL) {
    words[0] = helper;
    words[1] = "parent";
    execvp(helper, words);
  }
  execv(node.path, words + 2);
  refuse_node(&node);
}
