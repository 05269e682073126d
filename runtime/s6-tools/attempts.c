/* Tools that run a program for a limited time: s6-maximumtime, with-retries. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Gives whether the program ended before the deadline. Sets `status` only then. */
static bool ends_in_time(pid_t pid, int64_t deadline, int *status) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  for (;;) {
    if (waitpid(pid, status, WNOHANG) == pid) return true;
    int rest = poll_time(deadline);
    if (rest == 0) return false;
    struct timespec time = { rest / 1000, rest % 1000 * 1000000L };
    if (rest < 0) sigwaitinfo(&child, NULL);
    else sigtimedwait(&child, NULL, &time);
  }
}

/* Starts the program with SIGCHLD unblocked, then blocks SIGCHLD in this process again. */
static pid_t start_watched(char **argv) {
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  sigprocmask(SIG_UNBLOCK, &child, NULL);
  pid_t pid = start_program(argv);
  int error = errno;
  sigprocmask(SIG_BLOCK, &child, NULL);
  errno = error;
  return pid;
}

static int run_at_most(unsigned int ms, char **argv, int signal_to_send) {
  int status;
  pid_t pid = start_watched(argv);
  if (pid == 0) die_system("unable to spawn %s", argv[0]);
  if (!ends_in_time(pid, deadline_after(ms), &status)) {
    kill(pid, signal_to_send);
    errno = ETIMEDOUT;
    warn_system("unable to wait for child process");
    return EXIT_TIMEOUT;
  }
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  warn("child process crashed");
  return EXIT_SYSTEM;
}

int s6_maximumtime(int argc, char **argv) {
  static const char usage[] = "s6-maximumtime [ -0 | -a | -b | -i | -k | -q | -t | -x | -1 | -2 ] milliseconds prog...";
  static const char letters[] = "0abikqtx12";
  static const int SIGNALS[] = { 0, SIGALRM, SIGABRT, SIGINT, SIGKILL, SIGQUIT, SIGTERM, SIGXCPU, SIGUSR1, SIGUSR2 };
  struct options at = { 0 };
  int to_send = SIGTERM;
  unsigned int ms;
  for (int letter; (letter = next_option(argc, argv, letters, &at)) != -1;) {
    if (letter == '?') die_usage(usage);
    to_send = SIGNALS[strchr(letters, letter) - letters];
  }
  if (argc - at.index < 2 || !read_number(argv[at.index], &ms)) die_usage(usage);
  return run_at_most(ms, argv + at.index + 1, to_send);
}

/* A tool of s6-overlay. Runs a program until it succeeds, at most `-n` times, each time for at most `-t` milliseconds. */
int with_retries(int argc, char **argv) {
  static const char usage[] = "with-retries [ -n retries ] [ -t milliseconds ] prog...";
  struct options at = { 0 };
  unsigned int retries = 3, ms = 500;
  for (int letter; (letter = next_option(argc, argv, "n:t:", &at)) != -1;) {
    bool good = letter == 'n' ? read_number(at.word, &retries) : letter == 't' && read_number(at.word, &ms);
    if (!good) die_usage(usage);
  }
  if (at.index >= argc) die_usage(usage);
  for (unsigned int tried = 0; tried < retries; tried++)
    if (run_at_most(ms, argv + at.index, SIGTERM) == 0) return 0;
  return 1;
}