/* The daemon process as child of the helper: start, exit, and the start of the next daemon process. */
#include "shim.h"

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

pid_t daemon_pid;
struct link link_to_daemon = { .is_up = true };

static int daemon_status;
static pid_t last_daemon;
static pid_t in_front; /* the process that has the terminal of the helper; 0: none */

/*
 * In mode `parent` only. `survives`: the daemon process has asked to be started again after its exit. `upgrading`: the
 * daemon process will exit soon so that a new version can be started.
 */
static bool survives, upgrading;

/* Gives whether the process that ended was the daemon process, and notes its status. */
bool has_ended_daemon(pid_t pid, int status) {
  if (!link_to_daemon.is_parent || pid != daemon_pid) return false;
  daemon_pid = 0;
  daemon_status = status;
  link_to_daemon.has_ended = true;
  return true;
}

/* Gives whether there is a terminal whose foreground process group is that of the helper or of the daemon process. */
bool has_terminal(void) {
  pid_t front = tcgetpgrp(STDIN_FILENO);
  return in_front == 0 && front > 0 && (front == getpgrp() || front == last_daemon);
}

void give_terminal(pid_t pid) {
  in_front = pid;
}

/* Runs when a process has ended. If it had the terminal, the daemon process gets the terminal back, or else the helper. */
void take_terminal(pid_t pid) {
  if (pid != in_front) return;
  in_front = 0;
  tcsetpgrp(STDIN_FILENO, link_to_daemon.is_parent && daemon_pid > 0 ? daemon_pid : getpgrp());
}

/* Handles SURVIVE: from now on the daemon process handles signals. `on`: the helper starts it again after its exit. */
void handle_survive(struct request *request) {
  char *key = NULL, *value = NULL;
  bool bad = false, on = false, has_on = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    bad = strcmp(key, "on") != 0 || (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0);
    on = !bad && strcmp(value, "yes") == 0;
    has_on = true;
  }
  if (bad || !has_on || !link_to_daemon.is_parent) {
    answer_failed(request->number, "request", link_to_daemon.is_parent ? EINVAL : ENOTSUP,
                  "on = yes or no, to a parent");
    return;
  }
  survives = on;
  deliver_kept_signals();
  answer_done(request->number);
}

void handle_upgrade(struct request *request) {
  upgrading = survives;
  if (survives) keep_signals(); /* signals that arrive from now on are for the next daemon process */
  if (survives) answer_done(request->number);
  else answer_failed(request->number, "request", ENOTSUP, "SURVIVE first");
}

/* Closes the socket but keeps its number in use, so that the next socket can have the same number. */
static void close_link(void) {
  link_to_daemon.is_up = false;
  dup3(null_fd, LINK, O_CLOEXEC);
}

/*
 * Ends the exchange with the daemon process. In mode `child` the helper exits. In mode `parent` the helper waits for the
 * exit of the daemon process. Frames that are sent or received in part are dropped, so that the next daemon process does
 * not get them.
 */
void cut_link(int code) {
  if (!link_to_daemon.is_parent) finish(code);
  if (!survives) kill_everything();
  if (link_to_daemon.is_up) close_link();
  forget_frames();
  rest_journals();
  abandon_pending();
  if (survives) keep_signals();
}

void handle_quit(struct request *request) {
  survives = false;
  struct pollfd wait = { .fd = LINK, .events = POLLOUT };
  kill_everything();
  answer_done(request->number);
  while (flush() && unsent() > 0 && poll(&wait, 1, END_MS) > 0)
    continue;
  cut_link(0);
}

/* Gives the exit code of the daemon process; 128 + N after death by signal N, as in shells. */
static int daemon_code(void) {
  return WIFSIGNALED(daemon_status) ? 128 + WTERMSIG(daemon_status) : WEXITSTATUS(daemon_status);
}

void greet(void) {
  size_t frame = begin_frame(HELLO, 0);
  put_number("protocol", PROTOCOL);
  put_number("pid", getpid());
  put_text("mode", link_to_daemon.is_parent ? "parent" : "child");
  put_text("journals", "yes");
  end_frame(frame);
}

static char **daemon_argv;
static long long daemon_start_ms;
static int daemons, quick_deaths; /* how many were started; how many in a row died early */

/* Waits before the next daemon process is started: no wait after one early death, then a wait that doubles each time. */
static void pause_before_next(void) {
  long long left = quick_deaths < 2 ? 0 : 100LL << (quick_deaths - 2), deadline = now_ms() + left;
  for (; left > 0; left = deadline - now_ms()) {
    struct pollfd wait[2] = { { .fd = signal_fd, .events = POLLIN }, { .fd = watch_epoll, .events = POLLIN } };
    poll(wait, 2, (int)left);
    call_watches();
    drain_signals();
    reap(false);
  }
}

/* Runs when the daemon process has exited. The helper exits too, or starts a new daemon process. */
void replace_daemon(void) {
  bool was_quick = now_ms() - daemon_start_ms < QUICK_MS;
  if (link_to_daemon.is_up) cut_link(1);
  write_outboxes();
  quick_deaths = upgrading || !was_quick ? 0 : quick_deaths + 1;
  if (!survives || quick_deaths >= MAX_QUICK || (quick_deaths > 1 && is_end_kept())) finish(daemon_code());
  if (!upgrading) complain("kahi has ended with %d; starting it again, programs keep running", daemon_code());
  upgrading = link_to_daemon.has_ended = false;
  pause_before_next();
  if (!start_daemon(daemon_argv)) {
    complain("cannot start kahi again: %s", strerror(errno));
    finish(1);
  }
  greet();
}

/*
 * Runs in the child: becomes the daemon process. It gets a process group of its own. So the terminal sends Ctrl-C only to
 * the daemon process. Otherwise the helper would get Ctrl-C too, and pass on a second signal.
 */
static _Noreturn void run_daemon(int socket) {
  char link[48];
  bool at_terminal = has_terminal();
  setpgid(0, 0);
  if (at_terminal) tcsetpgrp(STDIN_FILENO, getpid());
  reset_signals();
  bool is_linked = dup2(socket, LINK) == LINK; /* before the outboxes: the socket may have a number of theirs */
  int written = snprintf(link, sizeof link, "%d:%d:%d", (int)getppid(), LINK, daemons);
  if (give_outboxes(LINK + 1)) snprintf(link + written, sizeof link - (size_t)written, ":%d", LINK + 1);
  if (is_linked && setenv("KAHI_SHIM_PARENT", link, 1) == 0) execvp(*daemon_argv, daemon_argv);
  int error = errno;
  complain("cannot run %s: %s", *daemon_argv, strerror(error));
  _exit(error == ENOENT ? 127 : 126);
}

/* Descriptors in reserve for the start of the next daemon process, in case services use all others. */
static int spares[4] = { -1, -1, -1, -1 };

static void keep_spares(bool keep) {
  for (size_t i = 0; i < sizeof spares / sizeof *spares; i++) {
    close_fd(&spares[i]);
    if (keep) spares[i] = fcntl(null_fd, F_DUPFD_CLOEXEC, LINK + 1);
  }
}

/* Makes a socket pair. One end becomes LINK. Gives the other end, or -1 with errno. */
static int open_link(void) {
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return -1;
  bool is_good = ends[0] == LINK || (dup3(ends[0], LINK, O_CLOEXEC) == LINK && close(ends[0]) == 0);
  if (is_good && fcntl(LINK, F_SETFL, O_NONBLOCK) == 0) return ends[1];
  close(ends[1]);
  return -1;
}

/* Makes the socket pair and starts the daemon process with the other end. */
bool start_daemon(char **argv) {
  int fd = LINK;
  while (daemons == 0 && (fd = open("/dev/null", O_RDWR)) >= 0 && fd < LINK)
    continue; /* the descriptors 0, 1 and 2 must be open */
  if (fd < 0 || (daemons == 0 && close(fd) < 0)) return false;
  start_step = "make the socket to kahi";
  keep_spares(false);
  int other = open_link();
  if (other < 0 || (daemons == 0 && !set_up())) return false;
  if (daemons == 0) open_outboxes();
  daemon_argv = argv;
  daemon_start_ms = now_ms();
  start_step = "start kahi";
  daemon_pid = fork();
  if (daemon_pid == 0) run_daemon(other);
  close(other);
  keep_spares(true);
  last_daemon = daemon_pid;
  daemons++;
  link_to_daemon.is_up = true;
  return daemon_pid > 0;
}
