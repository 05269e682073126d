/*
 * s6-notifyoncheck: for a program that cannot report its readiness. The process becomes the program. A child repeats a
 * check. When the check succeeds, the child writes the newline that reports readiness. The child exits when the program
 * dies: then the service directory, which is the current directory, has the event `d`.
 */
#define _GNU_SOURCE
#include "directory.h"
#include "listen.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

static const char USAGE[] =
  "s6-notifyoncheck [ -d ] [ -3 fd ] [ -s initialsleep ] [ -T globaltimeout ] [ -t localtimeout ] "
  "[ -w waitingtime ] [ -n tries ] [ -c \"checkprog...\" ] prog...";

struct plan {
  unsigned int fd, first_pause, pause, tries, check_ms, total_ms;
  bool has_fd, detached;
  char **command;
};

static unsigned int number_for(const char *name, const char *word) {
  unsigned int value;
  if (!read_number(word, &value)) die(EXIT_USAGE, "%s must be an unsigned integer", name);
  return value;
}

/* Gives the check as argv. A check is an execline script. If it is only words, execlineb is not needed. */
static char **command_of(const char *line) {
  char **words = calloc(strlen(line) / 2 + 5, sizeof *words), *copy = strdup(line);
  if (words == NULL || copy == NULL) die_system("unable to read the check");
  size_t count = 0;
  if (strpbrk(line, "\"\\{}#") != NULL) {
    words[count++] = "execlineb";
    words[count++] = "-Pc";
    words[count++] = copy;
  } else
    for (char *word = strtok(copy, " \t\r\n"); word != NULL; word = strtok(NULL, " \t\r\n"))
      words[count++] = word;
  if (count == 0) words[count++] = "s6-true"; /* an empty script succeeds */
  return words;
}

static void read_plan(int argc, char **argv, struct plan *plan, int *index) {
  struct options at = { 0 };
  for (int letter; (letter = next_option(argc, argv, "d3:s:T:t:w:n:c:", &at)) != -1;)
    switch (letter) {
      case 'd': plan->detached = true; break;
      case '3': plan->fd = number_for("notification-fd", at.word), plan->has_fd = true; break;
      case 's': plan->first_pause = number_for("initial-sleep", at.word); break;
      case 'T': plan->total_ms = number_for("global-timeout", at.word); break;
      case 't': plan->check_ms = number_for("local-timeout", at.word); break;
      case 'w': plan->pause = number_for("waiting-time", at.word); break;
      case 'n': plan->tries = number_for("tries", at.word); break;
      case 'c': plan->command = command_of(at.word); break;
      default: die_usage(USAGE);
    }
  if (at.index >= argc) die_usage(USAGE);
  *index = at.index;
}

static unsigned int configured_fd(void) {
  char text[16];
  unsigned int fd;
  int file = open("notification-fd", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
  if (length < 0) die_system("unable to read ./notification-fd");
  close(file);
  text[length] = '\0';
  text[strcspn(text, "\n")] = '\0';
  if (!read_number(text, &fd)) die(EXIT_USAGE, "invalid ./notification-fd");
  return fd;
}

static bool program_died(const struct listener *listener) {
  char events[64];
  size_t length = read_events(&listener->services[0], events, sizeof events);
  return memchr(events, 'd', length) != NULL;
}

/*
 * Sleeps until `until`, or waits for `pid`. True with the status when `pid` ended in time. Exits when the program has died
 * or the total time is over.
 */
static bool wait_for_child(struct listener *listener, int children, pid_t pid, int64_t until, int64_t total,
                           int *status) {
  struct pollfd list[] = { { .fd = listener->services[0].fd, .events = POLLIN }, { .fd = children, .events = POLLIN } };
  for (;;) {
    if (pid > 0 && waitpid(pid, status, WNOHANG) == pid) return true;
    int count = poll(list, pid > 0 ? 2 : 1, poll_time(earlier(until, total)));
    if (count < 0 && errno != EINTR) die_system("unable to iopause");
    bool died = program_died(listener);
    bool over = total != NEVER && clock_ms() >= total;
    if (died || over) {
      if (pid > 0) kill(pid, SIGTERM);
      stop_listening(listener);
      _exit(died ? 2 : 3);
    }
    struct signalfd_siginfo seen;
    if (count > 0 && list[1].revents != 0 && read(children, &seen, sizeof seen) < 0) continue;
    if (until != NEVER && clock_ms() >= until) return false;
  }
}

static _Noreturn void try_checks(const struct plan *plan, struct listener *listener, int children, int64_t total) {
  unsigned int pause = plan->first_pause;
  for (unsigned int tried = 0; plan->tries == 0 || tried < plan->tries; tried++, pause = plan->pause) {
    int status;
    wait_for_child(listener, children, 0, clock_ms() + pause, total, &status);
    pid_t pid = start_program(plan->command);
    if (pid == 0) {
      warn_system("unable to spawn %s", plan->command[0]);
      continue;
    }
    if (!wait_for_child(listener, children, pid, deadline_after(plan->check_ms), total, &status)) continue;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) continue;
    int code = write((int)plan->fd, "\n", 1) == 1 ? 0 : EXIT_SYSTEM;
    stop_listening(listener);
    _exit(code);
  }
  stop_listening(listener);
  _exit(1);
}

/*
 * Runs in the child. It listens for events before the program starts, so it misses no death. It writes one byte to `ready`
 * when it listens.
 */
static _Noreturn void watch(const struct plan *plan, int ready) {
  struct listener listener;
  char *here[] = { ".", NULL };
  sigset_t child;
  int64_t total = deadline_after(plan->total_ms);
  program = "s6-notifyoncheck (child)";
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  int children = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
  sigset_t was;
  sigprocmask(SIG_BLOCK, &child, &was);
  if (children < 0) die_system("unable to selfpipe_init");
  listen_to_services(&listener, here);
  if (write(ready, "", 1) < 1) die_system("unable to synchronize with parent");
  close(ready);
  try_checks(plan, &listener, children, total);
}

int s6_notifyoncheck(int argc, char **argv) {
  char *check[] = { "./data/check", NULL };
  struct plan plan = { .first_pause = 10, .pause = 1000, .tries = 7, .command = check };
  int index, pair[2];
  read_plan(argc, argv, &plan, &index);
  if (!plan.has_fd) plan.fd = configured_fd();
  if (fcntl((int)plan.fd, F_GETFD) < 0) die_system("notification-fd sanity check failed");
  int supervised = is_supervised(".");
  if (supervised < 0) die_system("unable to sanity-check current service directory");
  if (supervised == 0) die(EXIT_USAGE, "s6-supervise not running.");
  if (pipe2(pair, O_CLOEXEC) < 0) die_system("unable to pipe");
  pid_t pid = fork();
  if (pid < 0) die_system("unable to fork");
  if (pid == 0) {
    close(pair[0]);
    if (plan.detached && fork() != 0) _exit(0); /* the grandchild is no child of the program */
    watch(&plan, pair[1]);
  }
  close(pair[1]);
  close((int)plan.fd);
  if (plan.detached) waitpid(pid, NULL, 0);
  char byte;
  if (read(pair[0], &byte, 1) < 1) die(EXIT_SYSTEM, "unable to synchronize with child");
  close(pair[0]);
  become(argv + index);
}
