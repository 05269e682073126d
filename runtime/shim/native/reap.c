/* Reaps and reports processes that have ended, and ends the helper together with all its descendants. */
#include "shim.h"

#include <poll.h>
#include <sys/wait.h>

static bool some_untold;

/* Reports an exit. `id` is the id of the slot; NULL: an orphan. False when there is no memory. */
static bool report_end(const char *id, pid_t pid, int status, const struct rusage *usage) {
  if (!has_room()) return false;
  size_t frame = begin_frame(id ? EXITED : ORPHAN, 0);
  if (id) put_text("id", id);
  put_number("pid", pid);
  put_number("status", status);
  put_number("utime-us", usage->ru_utime.tv_sec * 1000000LL + usage->ru_utime.tv_usec);
  put_number("stime-us", usage->ru_stime.tv_sec * 1000000LL + usage->ru_stime.tv_usec);
  put_number("maxrss-kb", usage->ru_maxrss);
  end_frame(frame);
  return true;
}

static void end_slot(struct slot *slot, int status, const struct rusage *usage, bool tell) {
  slot->ended_pid = slot->pid;
  slot->pid = 0;
  leave_listener(&slot->listener);
  slot->status = status;
  slot->usage = *usage;
  slot->ended_ms = now_ms();
  slot->untold = tell && !report_end(slot->id, slot->ended_pid, status, usage);
  some_untold = some_untold || slot->untold;
}

/* Reports exits that could not be reported earlier because memory was short. */
void tell_untold(void) {
  if (!some_untold) return;
  some_untold = false;
  for (size_t i = 0; i < slot_count; i++) {
    struct slot *slot = slots[i];
    slot->untold =
      slot->untold && slot->ended_pid && !report_end(slot->id, slot->ended_pid, slot->status, &slot->usage);
    some_untold = some_untold || slot->untold;
  }
}

/* Reaps all children that have ended: processes of slots and orphans. */
void reap(bool tell) {
  struct rusage usage;
  int status;
  pid_t pid;
  while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0 || (pid < 0 && errno == EINTR)) {
    if (pid < 0 || has_ended_daemon(pid, status)) continue;
    bool is_failure = end_pending(pid);
    struct slot *slot = find_process(pid);
    if (slot) gather_output(slot);
    leave_groups(pid);
    take_terminal(pid);
    if (slot) end_slot(slot, status, &usage, tell);
    else if (tell && !is_failure && unsent() < MAX_OUT) report_end(NULL, pid, status, &usage);
  }
  look_after_groups();
}

/*
 * Kills all groups and all other descendants of the helper, and waits up to END_MS for their end. Children of a process
 * that ends become children of the helper, so at last only a daemon process is left.
 */
void kill_everything(void) {
  pid_t spared = link_to_daemon.is_parent ? daemon_pid : 0;
  signal_all_groups(SIGKILL);
  for (long long deadline = now_ms() + END_MS, left = END_MS; left > 0; left = deadline - now_ms()) {
    bool any = kill_descendants(spared);
    reap(false);
    if (!any && count_groups() == 0) return;
    struct pollfd wait = { .fd = signal_fd, .events = POLLIN };
    poll(&wait, 1, (int)(left < 20 ? left : 20)); /* only children cause SIGCHLD: look again after 20 ms */
    drain_signals();
    reap(false);
  }
}

_Noreturn void finish(int code) {
  stop_keeping_signals();
  kill_everything();
  finish_outboxes();
  exit(code);
}
