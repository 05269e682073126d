/*
 * Children whose program does not run yet. Each child has a report pipe. When a step fails, the child writes to the pipe.
 * When the program is executed, the pipe is closed. The main loop waits for one of both, for a limited time: after the
 * change of its ids, the user of the service can stop the child. Its directory or program may also be on a file system
 * that does not answer.
 */
#include "shim.h"

#include <sys/wait.h>

struct pending {
  struct watch report;
  pid_t pid;
  struct slot *slot; /* NULL: the spawn failed, and the child only has to be reaped */
  uint32_t request;
  bool is_asked; /* the daemon process that sent the request still waits for the answer */
  bool fresh;    /* the slot was made for this spawn */
  bool made[2];  /* the pipes of stdout and stderr were made for this spawn */
  long long deadline;
  struct pending *next;
};

static struct pending *pendings;

static void forget_pending(struct pending *pending) {
  struct pending **link = &pendings;
  while (*link != pending)
    link = &(*link)->next;
  *link = pending->next;
  stop_watch(&pending->report);
  free(pending);
}

/* Answers DONE: the program runs. */
static void succeed(struct pending *pending) {
  struct slot *slot = pending->slot;
  slot->pending = NULL;
  slot->pid = pending->pid;
  if (pending->is_asked) {
    size_t frame = begin_frame(DONE, pending->request);
    put_number("pid", slot->pid);
    if (slot->stdin_writer >= 0) put_number("stdin", slot->stdin_writer);
    if (slot->notify_reader >= 0) put_number("notify", slot->notify_reader);
    if (pending->made[0]) put_number("stdout", slot->pipe[0][0]);
    if (pending->made[1]) put_number("stderr", slot->pipe[1][0]);
    if (pending->made[0] && slot->journal[0]) put_number("stdout-journal", journal_file(slot->journal[0]));
    if (pending->made[1] && slot->journal[1]) put_number("stderr-journal", journal_file(slot->journal[1]));
    end_frame(frame);
  }
  forget_pending(pending);
}

/* Restores the slot to its state before the failed spawn. */
void undo_slot(struct slot *slot, bool fresh, const bool made[2]) {
  slot->pending = NULL;
  leave_listener(&slot->listener);
  close_fd(&slot->stdin_writer);
  close_notify(slot);
  for (int i = 0; i < 2; i++)
    if (made[i]) close_journal(slot, i);
  for (int i = 0; i < 4; i++)
    if (made[i / 2]) close_fd(&slot->pipe[i / 2][i % 2]);
  if (fresh && !slot->note) remove_slot(slot); /* a slot with a note stays */
}

/* Answers FAILED: the program will never run. The child may not exit by itself, so the caller kills it if it still runs. */
static void fail(struct pending *pending, struct trouble *trouble) {
  trouble->step[sizeof trouble->step - 1] = 0;
  stop_watch(&pending->report);
  undo_slot(pending->slot, pending->fresh, pending->made);
  pending->slot = NULL;
  if (pending->is_asked) answer_failed(pending->request, trouble->step, trouble->error, NULL);
}

/* Reads the report of the child. The end of the pipe means that the program runs, or that the child was killed. */
static void take_report(struct watch *watch) {
  struct pending *pending = (struct pending *)watch; /* the watch is the first member of the struct */
  struct trouble trouble;
  ssize_t size = read(watch->fd, &trouble, sizeof trouble);
  if (size < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (size == sizeof trouble) {
    kill(pending->pid, SIGKILL);
    fail(pending, &trouble);
  } else succeed(pending);
}

/* Starts the child of a slot. The answer is sent after the child's report. False with *trouble when no child was started. */
bool start_pending(struct slot *slot, struct spawn *spawn, uint32_t request, bool fresh, const bool made[2],
                   struct trouble *trouble) {
  int ends[2] = { -1, -1 };
  struct pending *pending = calloc(1, sizeof *pending);
  *trouble = (struct trouble){ ENOMEM, "memory" };
  if (!pending) return false;
  pending->report.fd = -1;
  if (pipe2(ends, O_CLOEXEC) < 0 || fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ||
      !start_watch(&pending->report, ends[0], take_report)) {
    *trouble = (struct trouble){ errno, "pipe" };
    close_fd(&ends[1]);
    free(pending);
    return false;
  }
  spawn->report = ends[1];
  spawn->in_front = spawn->fd[0] == STDIN_FILENO && !spawn->session && has_terminal();
  pid_t pid = fork();
  if (pid == 0) run_child(spawn);
  *trouble = (struct trouble){ errno, "fork" };
  close(ends[1]);
  if (pid < 0 || !add_group(pid)) {
    if (pid > 0) kill(pid, SIGKILL);
    stop_watch(&pending->report);
    free(pending);
    return false;
  }
  if (spawn->in_front) give_terminal(pid);
  struct watch report = pending->report;
  *pending =
    (struct pending){ report, pid, slot, request, true, fresh, { made[0], made[1] }, now_ms() + SPAWN_MS, pendings };
  pendings = slot->pending = pending;
  slot->since_ms = now_ms();
  return true;
}

/* Runs when a child has exited. True when its spawn failed: then its exit must not be reported. */
bool end_pending(pid_t pid) {
  struct pending *pending = pendings;
  while (pending && pending->pid != pid)
    pending = pending->next;
  if (!pending) return false;
  struct trouble trouble;
  if (pending->slot && read(pending->report.fd, &trouble, sizeof trouble) != sizeof trouble) {
    succeed(pending); /* the program ran, or the child was killed before exec() */
    return false;
  }
  if (pending->slot) fail(pending, &trouble);
  forget_pending(pending);
  return true;
}

/* Treats all pending children as started: the next daemon process gets reports of their exits. */
void abandon_pending(void) {
  for (struct pending *next, *pending = pendings; pending; pending = next) {
    next = pending->next;
    pending->is_asked = false;
    if (pending->slot) succeed(pending);
  }
}

/* Fails the spawns whose children took too long. */
void check_pending(void) {
  struct trouble late = { ETIMEDOUT, "exec" };
  long long now = now_ms();
  for (struct pending *next, *pending = pendings; pending; pending = next) {
    next = pending->next;
    if (!pending->slot || now < pending->deadline) continue;
    kill(pending->pid, SIGKILL);
    fail(pending, &late);
  }
}

/* Gives the milliseconds until check_pending() must run; -1: there is no deadline. */
int pending_timeout(void) {
  long long first = -1;
  for (const struct pending *pending = pendings; pending; pending = pending->next)
    if (pending->slot && (first < 0 || pending->deadline < first)) first = pending->deadline;
  if (first < 0) return -1;
  long long left = first - now_ms();
  return left > 0 ? (int)left : 0;
}
