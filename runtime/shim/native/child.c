/* Between the spawn and the program: the child makes itself what it was asked to be. */
#include "shim.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

gid_t group_list[MAX_GROUPS];
static const int ignored[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU};

/* Tells the parent what went wrong and ends. */
static _Noreturn void give_up(const struct spawn *spawn, const char *step) {
  struct trouble trouble = {.error = errno};
  for (size_t i = 0; i + 1 < sizeof trouble.step && step[i]; i++) trouble.step[i] = step[i];
  ssize_t sent;
  do sent = write(spawn->report, &trouble, sizeof trouble);
  while (sent < 0 && errno == EINTR);
  _exit(127);
}

/* Ignores, but for `except`, what is meant for the brain or comes from terminals and pipes. */
void ignore_signals(const sigset_t *except) {
  struct sigaction action = {.sa_handler = SIG_IGN};
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    if (!sigismember(except, ignored[i])) sigaction(ignored[i], &action, NULL);
}

/* All signals as a new process expects them. Those not in `ignored` got their default when we started. */
void reset_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigset_t none;
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) sigaction(ignored[i], &action, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t written = write(fd, text, strlen(text));
  int error = errno;
  close(fd);
  errno = error;
  return written >= 0;
}

/* How many files programs may open unless they have a limit of their own; a hard limit of 0: as many as we. */
struct rlimit program_files;

/* What only the user that we still are may do: the place in the tree of cgroups, priorities, limits. */
static void take_place(const struct spawn *spawn) {
  for (int i = 0; i < spawn->cgroup_count; i++)
    if (!write_file(spawn->cgroups[i], "0")) give_up(spawn, "cgroup"); /* 0 is whoever writes */
  if (spawn->nice && setpriority(PRIO_PROCESS, 0, atoi(spawn->nice)) < 0) give_up(spawn, "nice");
  if (spawn->oom_score_adj && !write_file("/proc/self/oom_score_adj", spawn->oom_score_adj)) give_up(spawn, "oom");
  for (int i = 0; i <= RLIMIT_RTTIME; i++)
    if (spawn->limited[i] && prlimit(0, i, &spawn->limits[i], NULL) < 0) give_up(spawn, "setrlimit");
  if (program_files.rlim_max > 0 && !spawn->limited[RLIMIT_NOFILE] && prlimit(0, RLIMIT_NOFILE, &program_files, NULL) < 0)
    give_up(spawn, "setrlimit");
}

/* Before the ids change: what no program that is run later may regain, and that the change leaves us the rest. */
static void drop_bounding(const struct spawn *spawn) {
  int has, capability = 0;
  for (; capability < 64 && (has = prctl(PR_CAPBSET_READ, capability, 0, 0, 0)) >= 0; capability++) {
    bool keep = spawn->capabilities >> capability & 1;
    if (has > 0 && !keep && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) give_up(spawn, "capability");
  }
  errno = EINVAL;
  if (capability < 64 && spawn->capabilities >> capability) give_up(spawn, "capability"); /* this kernel has no such */
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) give_up(spawn, "capability");
}

/* After the ids have changed: exactly those to be kept, also over exec of a program without capabilities of its own. */
static void set_capabilities(const struct spawn *spawn) {
  struct { uint32_t version; int pid; } header = {0x20080522, 0};
  struct { uint32_t effective, permitted, inheritable; } sets[2];
  for (int i = 0; i < 2; i++)
    sets[i].effective = sets[i].permitted = sets[i].inheritable = (uint32_t)(spawn->capabilities >> 32 * i);
  if (syscall(SYS_capset, &header, sets) < 0) give_up(spawn, "capability");
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return; /* a kernel before 4.3 */
  if (geteuid() == 0) return;
  for (int i = 0; i < 64; i++)
    if (spawn->capabilities >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0) give_up(spawn, "capability");
}

/* Last, because changes of ids undo it: a signal for the case that we end. Whoever ended already sends none. */
static void follow_parent(const struct spawn *spawn) {
  if (prctl(PR_SET_PDEATHSIG, (unsigned long)spawn->death_signal, 0, 0, 0) < 0) give_up(spawn, "pdeathsig");
  errno = ESRCH;
  if (getppid() != spawn->parent) give_up(spawn, "pdeathsig");
}

/*
 * The write end of the pipe for readiness, on the number that was asked for. Our own report may have that number: it
 * moves out of the way. The parent knows its end by another variable, so that changing it here does no harm.
 */
static void give_notify(struct spawn *spawn) {
  int wanted = (int)spawn->notify;
  if (spawn->report == wanted && (spawn->report = fcntl(wanted, F_DUPFD_CLOEXEC, wanted + 1)) < 0) _exit(127);
  if (spawn->notify_writer == wanted ? fcntl(wanted, F_SETFD, 0) < 0 : dup2(spawn->notify_writer, wanted) < 0)
    give_up(spawn, "notify");
}

/*
 * The child's life before exec, in the order of supervisord (ids before directory: the user must be able to
 * enter it). Raw calls for ids: the C library's may want to tell other threads, of which there are none.
 * Source: supervisor 4.2.5, Subprocess._spawn_as_child and ServerOptions.drop_privileges (which does
 * nothing when the process already runs as that user).
 */
int run_child(void *argument) {
  struct spawn *spawn = argument;
  if (spawn->session ? setsid() < 0 : setpgid(0, 0) < 0) give_up(spawn, spawn->session ? "setsid" : "setpgid");
  if (spawn->in_front) tcsetpgrp(STDIN_FILENO, getpid()); /* while SIGTTOU, which whoever is not in front gets for it, is ignored */
  reset_signals();
  for (int i = 0; i < 3; i++)
    if (dup2(spawn->fd[i], i) < 0) give_up(spawn, "dup2");
  if (spawn->notify) give_notify(spawn);
  take_place(spawn);
  if (spawn->restricted) drop_bounding(spawn);
  if (spawn->uid < 0 || (uid_t)spawn->uid != getuid()) {
    if (spawn->group_count >= 0 && syscall(CALL_SETGROUPS, spawn->group_count, group_list) < 0) give_up(spawn, "setgroups");
    if (spawn->gid >= 0 && syscall(CALL_SETGID, (gid_t)spawn->gid) < 0) give_up(spawn, "setgid");
    if (spawn->uid >= 0 && syscall(CALL_SETUID, (uid_t)spawn->uid) < 0) give_up(spawn, "setuid");
  }
  if (spawn->directory && chdir(spawn->directory) < 0) give_up(spawn, "chdir");
  if (spawn->umask >= 0) umask((mode_t)spawn->umask);
  if (spawn->restricted) set_capabilities(spawn);
  errno = EINVAL;
  if (spawn->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) give_up(spawn, "nonewprivs");
  if (spawn->death_signal) follow_parent(spawn);
  execve(spawn->file, spawn->argv, spawn->envp);
  give_up(spawn, "exec");
}
