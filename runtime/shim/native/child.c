/* What a child does between fork and exec: it sets the attributes that the SPAWN request names. */
#include "shim.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

gid_t group_list[MAX_GROUPS];

/* Reports the failed step to the helper, and exits. */
static _Noreturn void give_up(const struct spawn *spawn, const char *step) {
  struct trouble trouble = { .error = errno };
  for (size_t i = 0; i + 1 < sizeof trouble.step && step[i]; i++)
    trouble.step[i] = step[i];
  ssize_t sent;
  do
    sent = write(spawn->report, &trouble, sizeof trouble);
  while (sent < 0 && errno == EINTR);
  _exit(127);
}

/* Closes the descriptors from `first` to `last` with one call. False when the kernel does not have that call. */
bool close_between(int first, int last) {
  if (first > last) return true;
#ifdef SYS_close_range
  return syscall(SYS_close_range, first, last, 0) == 0;
#else
  return false;
#endif
}

/*
 * Closes all descriptors except 0 to 2, `report`, and `notify` (the descriptor for readiness, -1: the child has none).
 * exec() closes them too. But a child that waits before exec() would keep pipes of other programs open.
 */
static void close_others(int report, int notify) {
  int low = notify > 2 && notify < report ? notify : report, high = low == report ? notify : report;
  close_between(STDERR_FILENO + 1, low - 1);
  close_between(low + 1, high > low ? high - 1 : INT32_MAX);
  if (high > low) close_between(high + 1, INT32_MAX);
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

/* The limit of open files for programs without a limit in their request. A hard limit of 0: the limit of the helper. */
struct rlimit program_files;

/* Sets cgroups, priorities and limits. The child still has the user id of the helper, which may be required for this. */
static void take_place(const struct spawn *spawn) {
  for (int i = 0; i < spawn->cgroup_count; i++)
    if (!write_file(spawn->cgroups[i], "0")) give_up(spawn, "cgroup"); /* 0 means the writing process */
  if (spawn->nice && setpriority(PRIO_PROCESS, 0, atoi(spawn->nice)) < 0) give_up(spawn, "nice");
  if (spawn->oom_score_adj && !write_file("/proc/self/oom_score_adj", spawn->oom_score_adj)) give_up(spawn, "oom");
  for (int i = 0; i <= RLIMIT_RTTIME; i++)
    if (spawn->limited[i] && prlimit(0, i, &spawn->limits[i], NULL) < 0) give_up(spawn, "setrlimit");
  if (program_files.rlim_max > 0 && !spawn->limited[RLIMIT_NOFILE] &&
      prlimit(0, RLIMIT_NOFILE, &program_files, NULL) < 0)
    give_up(spawn, "setrlimit");
}

/*
 * Removes capabilities from the bounding set, so that no later program regains them. Runs before the ids change, and lets
 * the child keep its other capabilities over that change.
 */
static void drop_bounding(const struct spawn *spawn) {
  int has, capability = 0;
  for (; capability < 64 && (has = prctl(PR_CAPBSET_READ, capability, 0, 0, 0)) >= 0; capability++) {
    bool keep = spawn->capabilities >> capability & 1;
    if (has > 0 && !keep && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) give_up(spawn, "capability");
  }
  errno = EINVAL;
  if (capability < 64 && spawn->capabilities >> capability) give_up(spawn, "capability"); /* not in this kernel */
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) give_up(spawn, "capability");
}

/*
 * Runs after the ids have changed. Sets exactly the requested capabilities, so that the program has them after exec()
 * even if its file has no capabilities.
 */
static void set_capabilities(const struct spawn *spawn) {
  struct {
    uint32_t version;
    int pid;
  } header = { 0x20080522, 0 };
  struct {
    uint32_t effective, permitted, inheritable;
  } sets[2];
  for (int i = 0; i < 2; i++)
    sets[i].effective = sets[i].permitted = sets[i].inheritable = (uint32_t)(spawn->capabilities >> 32 * i);
  if (syscall(SYS_capset, &header, sets) < 0) give_up(spawn, "capability");
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return; /* a kernel before 4.3 */
  if (geteuid() == 0) return;
  for (int i = 0; i < 64; i++)
    if (spawn->capabilities >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
      give_up(spawn, "capability");
}

/*
 * Requests a signal for the time when the helper ends, so that SIGKILL to the helper and the guard ends the program too.
 * This step is the last one, because a change of ids cancels the request. If the helper has ended already, the kernel
 * sends no signal, so the child checks its parent.
 */
static void follow_parent(const struct spawn *spawn) {
  if (prctl(PR_SET_PDEATHSIG, (unsigned long)spawn->death_signal, 0, 0, 0) < 0) give_up(spawn, "pdeathsig");
  errno = ESRCH;
  if (getppid() != spawn->parent) give_up(spawn, "pdeathsig");
}

/*
 * Gives the write end of the pipe for readiness the requested number. If the report pipe of the child has that number,
 * the report pipe gets another one first.
 */
static void give_notify(struct spawn *spawn) {
  int wanted = (int)spawn->notify;
  if (spawn->report == wanted && (spawn->report = fcntl(wanted, F_DUPFD_CLOEXEC, wanted + 1)) < 0) _exit(127);
  if (spawn->notify_writer == wanted ? fcntl(wanted, F_SETFD, 0) < 0 : dup2(spawn->notify_writer, wanted) < 0)
    give_up(spawn, "notify");
}

/*
 * Changes user and groups. Before, the child becomes undumpable: its memory is a copy of the helper's memory, and the new
 * user must not read there about other programs.
 */
static void change_ids(const struct spawn *spawn) {
  if (spawn->uid >= 0 && (uid_t)spawn->uid == getuid()) return;
  if (spawn->uid >= 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0) give_up(spawn, "setuid");
  if (spawn->group_count >= 0 && syscall(CALL_SETGROUPS, spawn->group_count, group_list) < 0)
    give_up(spawn, "setgroups");
  if (spawn->gid >= 0 && syscall(CALL_SETGID, (gid_t)spawn->gid) < 0) give_up(spawn, "setgid");
  if (spawn->uid >= 0 && syscall(CALL_SETUID, (uid_t)spawn->uid) < 0) give_up(spawn, "setuid");
}

/*
 * Runs in the child, from fork to exec. The order of the steps is that of supervisord: ids change before the directory,
 * because the new user must be able to enter it. The child has its own copy of the helper's memory, so it cannot harm the
 * helper. The ids are set by raw system calls: the functions of the C library also change other threads, and there are
 * none.
 * Source: supervisor 4.2.5, Subprocess._spawn_as_child and ServerOptions.drop_privileges (which does
 * nothing when the process already runs as that user).
 */
_Noreturn void run_child(struct spawn *spawn) {
  if (spawn->session ? setsid() < 0 : setpgid(0, 0) < 0) give_up(spawn, spawn->session ? "setsid" : "setpgid");
  if (spawn->in_front)
    tcsetpgrp(STDIN_FILENO, getpid()); /* a background process gets SIGTTOU for this call; it is still ignored here */
  reset_signals();
  for (int i = 0; i < 3; i++)
    if (dup2(spawn->fd[i], i) < 0) give_up(spawn, "dup2");
  if (spawn->notify) give_notify(spawn);
  close_others(spawn->report, spawn->notify ? (int)spawn->notify : -1);
  take_place(spawn);
  if (spawn->restricted) drop_bounding(spawn);
  change_ids(spawn);
  if (spawn->directory && chdir(spawn->directory) < 0) give_up(spawn, "chdir");
  if (spawn->umask >= 0) umask((mode_t)spawn->umask);
  if (spawn->restricted) set_capabilities(spawn);
  errno = EINVAL;
  if (spawn->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) give_up(spawn, "nonewprivs");
  follow_parent(spawn);
  execve(spawn->file, spawn->argv, spawn->envp);
  give_up(spawn, "exec");
}
