/*
 * Process groups that the helper made. A group continues to exist after its leader while it has members. During this time
 * no new process gets the number of the group. The kernel reports the exit of a member only to its parent. So the helper
 * chooses one member of a group without leader, the anchor: a child of its own, or another descendant, which it watches.
 * When the anchor exits, the helper looks for another member. If there is none, the helper forgets the group before a new
 * process can get its number.
 *
 * The helper may miss that an anchor has left the group: no event says that a process changes its group, each watch needs a
 * descriptor, so the number of watches is limited, and a kernel before 5.3 has none. So the anchor is checked before each
 * signal. If it is no member any more, only a member can prove the group that was started before the last successful
 * check. Any other process may be in a new group with the same number.
 */
#include "shim.h"

#include <sys/syscall.h>
#include <time.h>

/* A service may leave a process behind at each restart. The limit saves descriptors of the helper. Tests build with 0. */
#ifndef MAX_ANCHOR_WATCHES
#define MAX_ANCHOR_WATCHES 128
#endif

struct group {
  struct watch anchor_watch;
  pid_t id;
  bool led; /* the leader is not reaped yet, so no other process can have its number */
  bool needs_anchor;
  bool seen; /* the end of the last anchor was reported at once, so a group with members is still the helper's group */
  pid_t anchor;
  unsigned long long anchor_start;
  unsigned long long proven; /* when the group was last known to be the helper's, in the unit of start times */
};

static struct group **groups;
static size_t group_count, group_capacity;
static int anchor_watches;
static bool some_need_anchor;

static struct group *find_group(pid_t id) {
  for (size_t i = 0; i < group_count; i++)
    if (groups[i]->id == id) return groups[i];
  return NULL;
}

static void stop_anchor_watch(struct group *group) {
  if (group->anchor_watch.fd >= 0) anchor_watches--;
  stop_watch(&group->anchor_watch);
}

static void remove_group(struct group *group) {
  stop_anchor_watch(group);
  for (size_t i = 0; i < group_count; i++)
    if (groups[i] == group) groups[i] = groups[--group_count];
  free(group);
}

/* Adds the group of a new leader. False when there is no memory. */
bool add_group(pid_t id) {
  struct group *old = find_group(id);
  if (old) remove_group(old); /* the kernel has reused the number, so the old group is empty */
  struct group *group = calloc(1, sizeof *group);
  if (!group || !grow((void **)&groups, group_count, &group_capacity, sizeof(struct group *))) {
    free(group);
    return false;
  }
  *group = (struct group){ .anchor_watch.fd = -1, .id = id, .led = true };
  groups[group_count++] = group;
  return true;
}

static bool is_empty(const struct group *group) {
  return kill(-group->id, 0) < 0 && errno == ESRCH;
}

/* Gives the time in the unit of the start times in /proc: clock ticks since the boot. */
static unsigned long long now_ticks(void) {
  struct timespec now;
  long ticks = sysconf(_SC_CLK_TCK);
  clock_gettime(CLOCK_BOOTTIME, &now);
  return (unsigned long long)now.tv_sec * (unsigned long long)ticks +
         (unsigned long long)now.tv_nsec / (1000000000ULL / (unsigned long long)ticks);
}

static void need_anchor(struct group *group, bool seen) {
  stop_anchor_watch(group);
  group->anchor = 0;
  group->seen = seen;
  group->needs_anchor = some_need_anchor = true;
}

/* Notes that a child of the helper was reaped: it may have been the leader or the anchor of a group. */
void leave_groups(pid_t pid) {
  for (size_t i = 0; i < group_count; i++) {
    struct group *group = groups[i];
    if (group->led ? group->id != pid : group->anchor != pid) continue;
    if (group->led) group->proven = now_ticks();
    group->led = false;
    need_anchor(group, true);
  }
}

static void anchor_ended(struct watch *watch) {
  need_anchor((struct group *)watch, true); /* the watch is the first member of the struct */
  look_after_groups();
}

static bool is_member(pid_t pid, pid_t id, struct process *process) {
  return read_process(pid, process) && process->group == id && process->state != 'Z' && process->state != 'X';
}

/* Watches the process, if the kernel can do this and the limit allows it. The pid may belong to a new process by now. */
static void watch_anchor(struct group *group, pid_t pid) {
#ifdef SYS_pidfd_open
  if (anchor_watches >= MAX_ANCHOR_WATCHES) return;
  int fd = (int)syscall(SYS_pidfd_open, pid, 0);
  if (fd >= 0 && start_watch(&group->anchor_watch, fd, anchor_ended)) anchor_watches++;
#else
  (void)group, (void)pid;
#endif
}

/* Makes the process the anchor of its group, if the group needs one and the process proves the group. */
static void consider_anchor(pid_t pid, bool child) {
  struct process process, again;
  struct group *group = find_group(getpgid(pid));
  if (!group || !group->needs_anchor || !is_member(pid, group->id, &process)) return;
  if (child ? process.parent != getpid() : !is_descendant(process)) return;
  if (!group->seen && process.start >= group->proven) return;
  if (!child) watch_anchor(group, pid);
  if (!is_member(pid, group->id, &again) || again.start != process.start) {
    stop_anchor_watch(group);
    return;
  }
  group->anchor = pid;
  group->anchor_start = process.start;
  group->proven = now_ticks();
  group->needs_anchor = false;
}

/* A child is the best anchor: it is reaped here, so it needs no watch. */
static void consider_child(pid_t pid) {
  consider_anchor(pid, true);
}

static void consider_descendant(pid_t pid) {
  consider_anchor(pid, false);
}

static bool do_some_need_anchor(void) {
  bool any = false;
  for (size_t i = 0; i < group_count; i++)
    any = any || groups[i]->needs_anchor;
  return any;
}

/* Forgets empty groups without leader, and looks for an anchor for each group that needs one. */
void look_after_groups(void) {
  struct process process;
  for (size_t i = 0; i < group_count;) {
    struct group *group = groups[i];
    bool is_gone = !group->led && (is_empty(group) || (group->needs_anchor && read_process(group->id, &process)));
    if (is_gone) remove_group(group); /* a process with this number is a new one: the leader was reaped */
    else i++;
  }
  if (!some_need_anchor) return;
  some_need_anchor = false;
  if (do_some_need_anchor()) each_process(consider_child);
  if (do_some_need_anchor()) each_process(consider_descendant);
  for (size_t i = 0; i < group_count;) {
    if (groups[i]->needs_anchor) remove_group(groups[i]);
    else i++;
  }
}

/* Gives whether the group is still the one that the helper made. */
static bool is_ours(struct group *group) {
  struct process process;
  if (group->led) return true;
  if (is_member(group->anchor, group->id, &process) && process.start == group->anchor_start) {
    group->proven = now_ticks();
    return true;
  }
  pid_t id = group->id;
  need_anchor(group, false);
  look_after_groups();
  return find_group(id) != NULL;
}

/* Signals a group, but never a foreign process that has a reused number. Gives 0 or an errno. */
int signal_group(pid_t id, int number) {
  struct group *group = find_group(id);
  if (!group || !is_ours(group)) return ESRCH;
  int error = kill(-id, number) < 0 ? errno : 0;
  if (error == ESRCH) look_after_groups();
  return error;
}

void signal_all_groups(int number) {
  for (size_t i = group_count; i > 0; i--)
    if (i <= group_count) signal_group(groups[i - 1]->id, number);
}

size_t count_groups(void) {
  return group_count;
}

bool has_group(pid_t id) {
  return find_group(id) != NULL;
}
