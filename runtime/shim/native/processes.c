/* Reads processes from /proc, and kills the descendants of the helper or the guard. */
#include "shim.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum {
  MAX_ANCESTORS = 1000, /* steps up the tree; deeper processes do not count as descendants */
  MAX_DEPTH = 32        /* steps down the tree in one pass */
};

/* Reads state, parent, group and start time. False when there is no such process. */
bool read_process(pid_t pid, struct process *process) {
  char path[32], text[512];
  snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t size = read(fd, text, sizeof text - 1);
  close(fd);
  if (size <= 0) return false;
  text[size] = 0;
  const char *rest = strrchr(text, ')'); /* the program name before it may hold any character */
  return rest && sscanf(rest + 1, " %c %d %d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
                        &process->state, &process->parent, &process->group, &process->start) == 4;
}

/*
 * Gives whether the process is a descendant of this process. This process is a subreaper, so its descendants stay below
 * it when their parents exit.
 */
bool is_descendant(struct process process) {
  pid_t own = getpid();
  for (int steps = 0; steps < MAX_ANCESTORS && process.parent > 0; steps++) {
    if (process.parent == own) return true;
    if (!read_process(process.parent, &process)) return false;
  }
  return false;
}

void each_process(void (*act)(pid_t pid)) {
  DIR *directory = opendir("/proc");
  if (!directory) return;
  for (const struct dirent *entry; (entry = readdir(directory));) {
    long long pid;
    if (read_whole(entry->d_name, 10, INT32_MAX, &pid) && pid > 0) act((pid_t)pid);
  }
  closedir(directory);
}

/* Opens a descriptor that names one process also when its number belongs to another one. -1: an error in errno. */
static int open_process(pid_t pid) {
#ifdef SYS_pidfd_open
  return (int)syscall(SYS_pidfd_open, pid, 0);
#else
  (void)pid;
  errno = ENOSYS;
  return -1;
#endif
}

static int signal_process(int process, pid_t pid, int number) {
#ifdef SYS_pidfd_send_signal
  if (process >= 0) return (int)syscall(SYS_pidfd_send_signal, process, number, NULL, 0);
#endif
  (void)process;
  return kill(pid, number);
}

/*
 * Signals a process that `is_meant` accepts. Its parent may reap it at any time, and its number may be given to another
 * process: so a descriptor names the process between the check and the signal, where the kernel has such descriptors.
 */
static bool signal_if(pid_t pid, int number, bool (*is_meant)(pid_t pid, struct process process)) {
  struct process process;
  int fd = open_process(pid);
  if (fd < 0 && errno == ESRCH) return false;
  bool meant = read_process(pid, &process) && is_meant(pid, process);
  if (meant) signal_process(fd, pid, number);
  close_fd(&fd);
  return meant;
}

static bool is_below(pid_t pid, struct process process) {
  (void)pid;
  return is_descendant(process);
}

/* Opens the list of children of a process's main thread. NULL when the kernel has no such list. */
static FILE *open_children(pid_t pid) {
  char path[48];
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", (int)pid, (int)pid);
  return fopen(path, "re");
}

/*
 * Kills the children of a process and their descendants. Children of other threads become children of this process when
 * their parent ends.
 */
static int kill_below(FILE *children, pid_t except, int depth) {
  int pid, count = 0;
  while (fscanf(children, "%d", &pid) == 1) {
    if (pid == except || pid < 2) continue;
    FILE *below = depth < MAX_DEPTH ? open_children(pid) : NULL;
    count++;
    signal_if(pid, SIGKILL, is_below);
    if (!below) continue;
    kill_below(below, 0, depth + 1);
    fclose(below);
  }
  return count;
}

static int stray_signal, strays_seen;

/* Gives whether the process is below the helper, but neither the daemon process nor below it. */
static bool is_below_services(pid_t pid, struct process process) {
  for (int steps = 0; steps < MAX_ANCESTORS && pid != daemon_pid && process.parent > 0; steps++) {
    if (process.parent == getpid()) return true;
    pid = process.parent;
    if (!read_process(pid, &process)) return false;
  }
  return false;
}

static bool is_stray(pid_t pid, struct process process) {
  return process.state != 'Z' && !has_group(process.group) && is_below_services(pid, process);
}

static void signal_stray(pid_t pid) {
  if (signal_if(pid, stray_signal, is_stray)) strays_seen++;
}

/* Sends a signal to the descendants that have left the groups of their services. Gives how many there are. */
int signal_strays(int number) {
  stray_signal = number;
  strays_seen = 0;
  each_process(signal_stray);
  return strays_seen;
}

static pid_t spared;
static int children_seen;

static void kill_child(pid_t pid) {
  struct process process;
  if (pid == spared || !read_process(pid, &process) || process.parent != getpid()) return;
  children_seen++;
  kill(pid, SIGKILL);
}

/*
 * Sends SIGKILL to all descendants of this process, except `except` and its descendants. Gives whether this process has
 * another child than `except`.
 */
bool kill_descendants(pid_t except) {
  FILE *children = open_children(getpid());
  if (children) {
    int count = kill_below(children, except, 0);
    fclose(children);
    return count > 0;
  }
  spared = except;
  children_seen = 0;
  each_process(kill_child);
  return children_seen > 0;
}
