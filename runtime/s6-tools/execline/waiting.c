/* The commands wait and trap. Signals are blocked and read with sigwaitinfo or sigtimedwait; there are no handlers. */
#define _GNU_SOURCE
#include "execline.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* ---- wait -------------------------------------------------------------------------------------------------- */

struct waiting {
  pid_t *pids; /* the processes to wait for; NULL: all children */
  size_t count;
  bool is_for_any;
  pid_t last;  /* the process whose exit code counts when all are waited for */
  pid_t ended; /* the process that ended last */
  int code;    /* exit code; -1: none yet */
  bool is_over;
};

static bool takes(struct waiting *waiting, pid_t pid) {
  if (waiting->pids == NULL) return true;
  for (size_t i = 0; i < waiting->count; i++)
    if (waiting->pids[i] == pid) {
      waiting->pids[i] = waiting->pids[--waiting->count];
      return true;
    }
  return false;
}

/* Reaps children that have ended. With WNOHANG returns when no more have; otherwise waits until the wait is over. */
static void take_ended(struct waiting *waiting, int flags) {
  while (!waiting->is_over) {
    int status;
    pid_t pid = waitpid(-1, &status, flags);
    if (pid == 0) return;
    if (pid < 0 && errno == EINTR) continue;
    if (pid < 0 && errno != ECHILD) die_system("unable to wait");
    waiting->is_over = pid < 0;
    if (pid < 0 || !takes(waiting, pid)) continue;
    if (waiting->is_for_any || pid == waiting->last) waiting->code = code_of(status);
    waiting->ended = pid;
    waiting->is_over = waiting->is_for_any || (waiting->pids != NULL && waiting->count == 0);
  }
}

static void take_until(struct waiting *waiting, unsigned int ms, bool insists) {
  sigset_t child, before;
  int64_t deadline = clock_ms() + ms;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  signal(SIGCHLD, SIG_DFL);
  sigprocmask(SIG_BLOCK, &child, &before);
  for (take_ended(waiting, WNOHANG); !waiting->is_over; take_ended(waiting, WNOHANG)) {
    int rest = poll_time(deadline);
    struct timespec time = { rest / 1000, rest % 1000 * 1000000L };
    if (rest > 0) {
      sigtimedwait(&child, NULL, &time);
      continue;
    }
    errno = ETIMEDOUT;
    if (insists) die_system_with(EXIT_TIMEOUT, "unable to wait");
    waiting->code = -1;
    break;
  }
  sigprocmask(SIG_SETMASK, &before, NULL);
}

int el_wait(int argc, char **argv) {
  static const char usage[] = "wait [ -I | -i ] [ -a | -o ] [ -r | -t timeout ] { pids... } [ prog... ]";
  struct options at = { 0 };
  struct waiting waiting = { 0 };
  bool insists = false, has_limit = false;
  unsigned int ms = 0;
  for (int letter; (letter = next_option(argc, argv, "iIaort:", &at)) != -1;)
    switch (letter) {
      case 'i':
      case 'I': insists = letter == 'i'; break;
      case 'a':
      case 'o': waiting.is_for_any = letter == 'o'; break;
      case 'r':
      case 't':
        ms = 0;
        has_limit = true;
        if (letter == 't' && !read_number(at.word, &ms)) die_usage(usage);
        break;
      default: die_usage(usage);
    }
  argv += at.index;
  int length = open_block(argv);
  char **rest = length < 0 ? NULL : argv + length + 1;
  waiting.count = (size_t)(length < 0 ? argc - at.index : length);
  if (waiting.count > 0) waiting.pids = allocate(waiting.count, sizeof *waiting.pids);
  for (size_t i = 0; i < waiting.count; i++)
    if (!read_integer(argv[i], &waiting.pids[i])) die_usage(usage);
  if (waiting.count > 0) waiting.last = waiting.pids[waiting.count - 1];
  waiting.code = waiting.count > 0 || waiting.is_for_any ? -1 : 0;
  if (has_limit) take_until(&waiting, ms, insists);
  else take_ended(&waiting, 0);
  if (rest == NULL) return waiting.code >= 0 ? waiting.code : 127;
  if (!waiting.is_for_any) go_on_or_end(rest);
  set_next("?", NULL);
  set_next("!", NULL);
  if (waiting.code >= 0) {
    set_next_number("?", (unsigned int)waiting.code);
    set_next_number("!", (unsigned int)waiting.ended);
  }
  go_on_or_end(rest);
}

/* ---- trap -------------------------------------------------------------------------------------------------- */

enum { SIGNAL_LIMIT = 65 };

struct trap {
  char **blocks[SIGNAL_LIMIT]; /* by signal; index 0 is for all signals without a block */
  pid_t running[SIGNAL_LIMIT]; /* the process that runs the block of a signal; 0: none */
  pid_t main;
  sigset_t all, caught;
};

static void read_directives(struct trap *trap, char **argv, char **end) {
  while (argv < end) {
    const char *word = *argv++;
    int number = 0, length = open_block(argv);
    if (!signal_number(word, &number) && strcasecmp(word, "default") != 0)
      die(EXIT_USAGE, "unrecognized directive: %s", word);
    if (length < 0 || argv + length >= end) die(EXIT_USAGE, "unterminated internal block for directive %s", word);
    bool is_possible = number >= 0 && number < SIGNAL_LIMIT && number != SIGCHLD;
    if (number != 0 && !(is_possible && sigismember(&trap->all, number) > 0))
      die(EXIT_USAGE, "SIG%s (%d) cannot be trapped", signal_name(number), number);
    if (trap->blocks[number] != NULL) die(EXIT_USAGE, "duplicate directive: %s", word);
    trap->blocks[number] = argv;
    argv[length] = NULL;
    argv += length + 1;
  }
}

/* Runs the block of a signal, unless that block is running already. Without a block the program gets the signal. */
static void act_on(struct trap *trap, int number) {
  char **block = trap->blocks[number];
  if (block == NULL) {
    kill(trap->main, number);
    return;
  }
  if (trap->running[number] != 0) return;
  set_next_number("!", (unsigned int)trap->main);
  set_next_number("SIGNAL", (unsigned int)number);
  char **environment = next_environment();
  trap->running[number] = start_process(&(struct start){ block, environment, -1, -1 });
  if (trap->running[number] == 0) die_system("unable to spawn %s", block[0]);
  free(environment);
}

static void reap(struct trap *trap) {
  int status;
  for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == trap->main) _exit(code_of(status));
    for (int i = 0; i < SIGNAL_LIMIT; i++)
      if (trap->running[i] == pid) trap->running[i] = 0;
  }
}

static _Noreturn void serve(struct trap *trap) {
  for (;;) {
    siginfo_t about;
    int number = sigwaitinfo(&trap->caught, &about);
    if (number == SIGCHLD) reap(trap);
    else if (number > 0) act_on(trap, number);
  }
}

int el_trap(int argc, char **argv) {
  static const char usage[] = "trap [ -x ] { signal { cmdline } ... } prog...";
  struct options at = { 0 };
  struct trap trap = { 0 };
  bool passes_on = false;
  for (int letter; (letter = next_option(argc, argv, "x", &at)) != -1; passes_on = true)
    if (letter == '?') die_usage(usage);
  if (at.index >= argc) die_usage(usage);
  argv += at.index;
  char **end = argv + need_block(argv, NOT_EMPTY), **rest = end + 1;
  if (*rest == NULL) die_usage(usage);
  sigfillset(&trap.all);
  sigdelset(&trap.all, SIGKILL);
  sigdelset(&trap.all, SIGSTOP);
  read_directives(&trap, argv, end);
  sigemptyset(&trap.caught);
  sigaddset(&trap.caught, SIGCHLD);
  for (int i = 1; i < SIGNAL_LIMIT; i++) {
    if (sigismember(&trap.all, i) <= 0) continue;
    if (trap.blocks[i] == NULL && i != SIGCHLD) trap.blocks[i] = trap.blocks[0];
    if (!passes_on && trap.blocks[i] == NULL) continue;
    sigaddset(&trap.caught, i);
  }
  /* Programs would inherit that a signal is ignored. */
  for (int i = 1; i < SIGNAL_LIMIT; i++)
    if (sigismember(&trap.caught, i) > 0) signal(i, SIG_DFL);
  sigprocmask(SIG_BLOCK, &trap.caught, NULL);
  trap.main = start_program(rest);
  if (trap.main == 0) die_system("unable to spawn %s", rest[0]);
  serve(&trap);
}
