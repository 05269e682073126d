/* The brain as our child: its signals, its end, its successor. */
#include "shim.h"

#include <poll.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* The brain when we are its parent; 0 otherwise, and when it has ended. */
static pid_t brain_pid;
static int brain_status;
struct link link_to_brain = {.is_up = true};

static pid_t last_brain;
static pid_t in_front; /* the process that has our terminal, 0 without one */

/*
 * For a parent whose brain may come again. `survives`: the brain asked for that. `hears`: this brain has said that it
 * handles signals; the first one is not asked. `upgrading`: its end is meant to bring the next one.
 */
static bool survives, hears = true, upgrading;
static sigset_t held; /* signals for a brain that does not hear yet */

/* Whether it was the brain that ended so. */
bool is_brain(pid_t pid, int status) {
  if (pid != brain_pid) return false;
  brain_pid = 0;
  brain_status = status;
  link_to_brain.has_ended = true;
  return true;
}

/* Whether our terminal is there and listens to us or to the brain. */
bool has_terminal(void) {
  pid_t front = tcgetpgrp(STDIN_FILENO);
  return front > 0 && (front == getpgrp() || front == last_brain);
}

void give_terminal(pid_t pid) {
  in_front = pid;
}

/* The process has ended. When it had our terminal, that goes back to the brain, or waits for the next one. */
void take_terminal(pid_t pid) {
  if (pid != in_front) return;
  in_front = 0;
  tcsetpgrp(STDIN_FILENO, brain_pid > 0 ? brain_pid : getpgrp());
}

static bool asks_for_end(int number) {
  return number == SIGTERM || number == SIGINT || number == SIGQUIT;
}

static bool end_is_held(void) {
  return sigismember(&held, SIGTERM) == 1 || sigismember(&held, SIGINT) == 1 || sigismember(&held, SIGQUIT) == 1;
}

/* To the brain, or kept for it. Who asks twice for the end, while no brain hears, gets it. */
static void pass_on(int number) {
  if (hears) {
    if (brain_pid > 0) kill(brain_pid, number);
    return;
  }
  if (asks_for_end(number) && end_is_held()) {
    if (brain_pid > 0) kill(brain_pid, SIGKILL);
    finish(128 + number);
  }
  sigaddset(&held, number);
}

/* For our end: nobody hears, but nothing is to be kept any more. */
void stop_keeping_signals(void) {
  hears = true;
}

/* Takes the signals that came: those for the brain go on to it, what SIGCHLD is about is found by reap. */
void drain_signals(void) {
  struct signalfd_siginfo info[16];
  ssize_t size;
  while ((size = read(signal_fd, info, sizeof info)) > 0)
    for (size_t i = 0; i < (size_t)size / sizeof *info; i++)
      if (info[i].ssi_signo != SIGCHLD) pass_on((int)info[i].ssi_signo);
}

/* The brain hears signals from now on; `on` says whether it is to be started again when it dies. */
void handle_survive(struct request *request) {
  char *key = NULL, *value = NULL;
  bool bad = false, on = false, said = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    bad = strcmp(key, "on") != 0 || (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0);
    on = !bad && strcmp(value, "yes") == 0;
    said = true;
  }
  if (bad || !said || !link_to_brain.is_parent) {
    answer_failed(request->number, "request", link_to_brain.is_parent ? EINVAL : ENOTSUP, "on = yes or no, to a parent");
    return;
  }
  survives = on;
  hears = true;
  for (int number = 1; number <= 64 && brain_pid > 0; number++)
    if (sigismember(&held, number) == 1) kill(brain_pid, number);
  sigemptyset(&held);
  answer_done(request->number);
}

void handle_upgrade(uint32_t request) {
  upgrading = survives;
  if (survives) hears = false; /* what comes from now on is for the next one */
  if (survives) answer_done(request);
  else answer_failed(request, "request", ENOTSUP, "SURVIVE first");
}

/*
 * From here on nobody can ask us anything. A child of the brain has no other purpose; a parent waits for the brain. When
 * the next brain is to find everything as it is, what the last one has not read or not finished saying is dropped.
 */
void cut_link(int code) {
  if (!link_to_brain.is_parent) finish(code);
  if (!survives) kill_groups();
  if (link_to_brain.is_up) close(BRAIN);
  link_to_brain.is_up = false;
  forget_frames();
  if (survives) hears = false;
}

void handle_quit(uint32_t request) {
  survives = false;
  struct pollfd wait = {.fd = BRAIN, .events = POLLOUT};
  kill_groups();
  answer_done(request);
  while (flush() && unsent() > 0 && poll(&wait, 1, END_MS) > 0) continue;
  cut_link(0);
}

/* 128 + N for death by signal N, as shells have it. */
static int brain_code(void) {
  return WIFSIGNALED(brain_status) ? 128 + WTERMSIG(brain_status) : WEXITSTATUS(brain_status);
}

void greet(void) {
  size_t frame = begin_frame(HELLO, 0);
  put_number("protocol", PROTOCOL);
  put_number("pid", getpid());
  put_text("mode", link_to_brain.is_parent ? "parent" : "child");
  end_frame(frame);
}

static char **brain_argv;
static long long brain_start_ms;
static int brains, quick_deaths; /* started so far; that died soon after their start, in a row */

/* Waits before the next brain is started: not at all after one death, ever longer after several. */
static void pause_before_next(void) {
  long long left = quick_deaths < 2 ? 0 : 100LL << (quick_deaths - 2), deadline = now_ms() + left;
  for (; left > 0; left = deadline - now_ms()) {
    struct pollfd wait = {.fd = signal_fd, .events = POLLIN};
    poll(&wait, 1, (int)left);
    drain_signals();
    reap(false);
  }
}

/* The brain is gone. Either that is the end of all, or its place is taken by a new one, which asks what we hold. */
void replace_brain(void) {
  bool was_quick = now_ms() - brain_start_ms < QUICK_MS;
  if (link_to_brain.is_up) cut_link(1);
  quick_deaths = upgrading || !was_quick ? 0 : quick_deaths + 1;
  if (!survives || quick_deaths >= MAX_QUICK || (quick_deaths > 1 && end_is_held())) finish(brain_code());
  if (!upgrading) fprintf(stderr, "kahi-shim: kahi has ended with %d; starting it again, programs go on\n", brain_code());
  upgrading = link_to_brain.has_ended = false;
  pause_before_next();
  if (!start_brain(brain_argv)) finish(1);
  link_to_brain.is_up = true;
  greet();
}

/* Becomes the brain. Its group is its own, so that a terminal tells only it of Ctrl-C and not us, who would tell it again. */
static _Noreturn void run_brain(int socket) {
  char link[48];
  bool at_terminal = has_terminal();
  setpgid(0, 0);
  if (at_terminal) tcsetpgrp(STDIN_FILENO, getpid());
  reset_signals();
  snprintf(link, sizeof link, "%d:%d:%d", (int)getppid(), BRAIN, brains);
  if (dup2(socket, BRAIN) == BRAIN && setenv("KAHI_SHIM_PARENT", link, 1) == 0) execvp(*brain_argv, brain_argv);
  fprintf(stderr, "kahi-shim: cannot run %s: %s\n", *brain_argv, strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

/* Makes the socket, our end of it on BRAIN, and starts the brain with the other one. */
bool start_brain(char **argv) {
  int ends[2], fd;
  while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < BRAIN) continue; /* 0, 1 and 2 must be taken */
  if (fd < 0 || close(fd) < 0) return false;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return false; /* BRAIN is the lowest free number */
  if (ends[0] != BRAIN || !(brains == 0 ? set_up() : fcntl(BRAIN, F_SETFL, O_NONBLOCK) == 0)) return false;
  brain_argv = argv;
  brain_start_ms = now_ms();
  brain_pid = fork();
  if (brain_pid == 0) run_brain(ends[1]);
  close(ends[1]);
  last_brain = brain_pid;
  brains++;
  return brain_pid > 0;
}
