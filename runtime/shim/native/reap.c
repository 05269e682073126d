/* The ends: of processes, which are collected and told, and our own, with which every group ends. */
#include "shim.h"

#include <poll.h>
#include <sys/wait.h>

/* `id` is the slot's, NULL for an orphan. */
void report_end(const char *id, pid_t pid, int status, const struct rusage *usage) {
  size_t frame = begin_frame(id ? EXITED : ORPHAN, 0);
  if (id) put_text("id", id);
  put_number("pid", pid);
  put_number("status", status);
  put_number("utime-us", usage->ru_utime.tv_sec * 1000000LL + usage->ru_utime.tv_usec);
  put_number("stime-us", usage->ru_stime.tv_sec * 1000000LL + usage->ru_stime.tv_usec);
  put_number("maxrss-kb", usage->ru_maxrss);
  end_frame(frame);
}

/* Collects everything that has ended, ours or not. */
void reap(bool tell) {
  struct rusage usage;
  int status;
  pid_t pid;
  while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0 || (pid < 0 && errno == EINTR)) {
    if (pid < 0) continue;
    if (is_brain(pid, status)) continue;
    struct slot *slot = find_process(pid);
    if (slot) {
      struct group *group = find_group(pid);
      if (group) group->led = false;
      slot->pid = 0;
      take_terminal(pid);
      leave_door(&slot->door);
      slot->ended_pid = pid;
      slot->status = status;
      slot->usage = usage;
      slot->ended_ms = now_ms();
      if (tell) report_end(slot->id, pid, status, &usage);
    } else if (tell && unsent() < MAX_OUT) report_end(NULL, pid, status, &usage);
  }
  prune_groups();
}

/* Kills what is left, group by group, and waits a moment for it to be gone. */
void kill_groups(void) {
  for (size_t i = 0; i < group_count; i++) kill(-groups[i].id, SIGKILL);
  long long deadline = now_ms() + END_MS, left = END_MS;
  for (reap(false); group_count > 0 && left > 0; left = deadline - now_ms()) {
    struct pollfd wait = {.fd = signal_fd, .events = POLLIN};
    poll(&wait, 1, (int)(left < 20 ? left : 20)); /* members of a group that are not our children tell us nothing */
    drain_signals();
    reap(false);
  }
}

_Noreturn void finish(int code) {
  stop_keeping_signals();
  kill_groups();
  exit(code);
}
