/* Spawning, in the parent: streams, the child, the answer. */
#include "shim.h"

#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/*
 * A descriptor of ours becomes the same one of the process. Who had it before may have made it non-blocking; of a socket
 * that may be the brain, which must not wait for its reader.
 */
static void inherit(struct spawn *spawn, int fd) {
  struct stat status;
  int flags = fcntl(fd, F_GETFL);
  spawn->fd[fd] = fd;
  if (flags >= 0 && fstat(fd, &status) == 0 && !S_ISSOCK(status.st_mode)) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

/*
 * Sets spawn->fd, making the pipes that are missing. `made` says which; what is to be closed afterwards, the end that
 * becomes stdin and an end of a conduit, goes to `own`.
 */
static bool prepare_streams(struct spawn *spawn, struct slot *slot, bool made[2], int own[2]) {
  int ends[2];
  close_fd(&slot->stdin_writer);
  close_notify(slot);
  if (spawn->notify || spawn->notify_socket) {
    if (!make_pipe(ends)) return false;
    slot->notify_reader = ends[0];
    *(spawn->notify_socket ? &slot->notify_writer : &spawn->notify_writer) = ends[1];
    if (spawn->notify_socket && !open_notify(slot, spawn)) return false;
  }
  spawn->fd[0] = slot->door ? slot->door->fd : null_fd;
  if (slot->reads) {
    if ((spawn->fd[0] = own[0] = open_end(slot->reads->ends[0], O_RDONLY)) < 0) return false;
  } else if (spawn->stream[0] == STREAM_PIPE && !slot->door) {
    if (!make_pipe(ends)) return false;
    spawn->fd[0] = own[0] = ends[0];
    slot->stdin_writer = ends[1];
  } else if (spawn->stream[0] == STREAM_INHERIT && !slot->door) inherit(spawn, 0);
  if (slot->writes && (own[1] = open_end(slot->writes->ends[1], O_WRONLY)) < 0) return false;
  for (int i = 0; i < 2; i++) {
    spawn->fd[i + 1] = i == 0 && slot->writes ? own[1] : null_fd;
    if (i == 0 && slot->writes) continue;
    if (spawn->stream[i + 1] == STREAM_INHERIT) inherit(spawn, i + 1);
    if (spawn->stream[i + 1] == STREAM_STDOUT) spawn->fd[i + 1] = spawn->fd[1];
    if (spawn->stream[i + 1] != STREAM_PIPE) continue;
    if (slot->pipe[i][0] < 0) {
      if (!make_pipe(slot->pipe[i])) return false;
      made[i] = true;
    }
    spawn->fd[i + 1] = slot->pipe[i][1];
    fcntl(slot->pipe[i][1], F_SETFL, 0); /* the process before may have made it non-blocking */
  }
  for (int i = slot->door ? 1 : 0; i < 3; i++) /* owned by the service where that is possible; the mode is enough otherwise */
    if (spawn->uid >= 0 && spawn->fd[i] > STDERR_FILENO && spawn->fd[i] != null_fd && fchown(spawn->fd[i], (uid_t)spawn->uid, (gid_t)-1) < 0) continue;
  return true;
}

static char stack[STACK_BYTES] __attribute__((aligned(64)));

/*
 * Starts the child and waits until its program runs. Gives its pid, or 0 with *trouble filled in. The end of the
 * report pipe is what tells that exec worked: it is right even where CLONE_VM is only emulated by a fork.
 */
static pid_t start_child(struct spawn *spawn, struct trouble *trouble) {
  int report[2];
  ssize_t got;
  if (pipe2(report, O_CLOEXEC) < 0) {
    *trouble = (struct trouble){errno, "pipe"};
    return 0;
  }
  spawn->report = report[1];
  spawn->in_front = spawn->fd[0] == STDIN_FILENO && !spawn->session && has_terminal();
  pid_t pid = clone(run_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, spawn);
  int error = errno;
  close(report[1]);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); /* a change of ids in our memory took it: the brain could not open our pipes */
  if (pid < 0) {
    *trouble = (struct trouble){error, "fork"};
    close(report[0]);
    return 0;
  }
  do got = read(report[0], trouble, sizeof *trouble);
  while (got < 0 && errno == EINTR);
  close(report[0]);
  if (got != sizeof *trouble) return pid;
  while (waitpid(pid, NULL, 0) < 0 && errno == EINTR) continue;
  trouble->step[sizeof trouble->step - 1] = 0;
  return 0;
}

/* Spawns into the slot and answers. */
static void spawn_into(struct slot *slot, struct spawn *spawn, uint32_t request) {
  bool made[2] = {false, false};
  int own[2] = {-1, -1};
  struct trouble trouble = {0, "pipe"};
  pid_t pid = 0;
  bool connected = change_conduit(&slot->reads, spawn->reads) && change_conduit(&slot->writes, spawn->writes);
  if (!connected) trouble.error = errno;
  else if (spawn->listen && !(slot->door = use_door(spawn->listen))) trouble = (struct trouble){errno, "listen"};
  else if (!prepare_streams(spawn, slot, made, own)) trouble.error = errno;
  else pid = start_child(spawn, &trouble);
  close_fd(&own[0]);
  close_fd(&own[1]);
  close_fd(&spawn->notify_writer);
  if (pid == 0) {
    leave_door(&slot->door);
    close_fd(&slot->stdin_writer);
    close_notify(slot);
    for (int i = 0; i < 4; i++)
      if (made[i / 2]) close_fd(&slot->pipe[i / 2][i % 2]);
    answer_failed(request, trouble.step, trouble.error, NULL);
    return;
  }
  slot->pid = pid;
  if (spawn->in_front) give_terminal(pid);
  slot->since_ms = now_ms();
  groups[group_count++] = (struct group){.id = pid, .led = true}; /* room was made before */
  size_t frame = begin_frame(DONE, request);
  put_number("pid", pid);
  if (slot->stdin_writer >= 0) put_number("stdin", slot->stdin_writer);
  if (slot->notify_reader >= 0) put_number("notify", slot->notify_reader);
  if (made[0]) put_number("stdout", slot->pipe[0][0]);
  if (made[1]) put_number("stderr", slot->pipe[1][0]);
  end_frame(frame);
}

/* Spawns what `spawn` says, if the slot is free. */
static void spawn_checked(struct spawn *spawn, uint32_t request) {
  struct slot *slot = find_slot(spawn->id);
  if (slot && (slot->pid || slot->ended_pid)) {
    answer_failed(request, "slot", EBUSY, slot->pid ? "it has a process" : "its last process is not acknowledged");
    return;
  }
  bool fresh = !slot;
  if (fresh) slot = add_slot(spawn->id);
  if (!slot || !has_room_for_group()) {
    answer_failed(request, "slot", ENOMEM, NULL);
    if (slot && fresh) remove_slot(slot);
    return;
  }
  spawn_into(slot, spawn, request);
  if (fresh && !slot->pid) remove_slot(slot); /* one that was made for a note stays */
}

/* Strings in a request: an upper bound of what argv and environment need. */
static size_t count_strings(const struct request *request) {
  size_t count = 0;
  for (const char *at = request->next; at < request->end; at++) count += *at == 0;
  return count < MAX_STRINGS ? count : MAX_STRINGS;
}

void handle_spawn(struct request *request) {
  struct spawn spawn = {.uid = -1, .gid = -1, .umask = -1, .group_count = -1, .notify_writer = -1, .parent = getpid()};
  char *key = NULL, *value = NULL;
  bool bad = false;
  size_t room = count_strings(request) + 2; /* NOTIFY_SOCKET; the end */
  spawn.argv = calloc(room, sizeof *spawn.argv);
  spawn.envp = calloc(room, sizeof *spawn.envp);
  if (!spawn.argv || !spawn.envp) answer_failed(request->number, "memory", ENOMEM, NULL);
  else {
    while (!bad && next_field(request, &key, &value, &bad)) bad = !take_field(&spawn, key, value);
    if (bad) answer_failed(request->number, "request", EINVAL, key);
    else if (!spawn.id || !spawn.file || spawn.args == 0) answer_failed(request->number, "request", EINVAL, "id, file, arg");
    else spawn_checked(&spawn, request->number);
  }
  free(spawn.argv);
  free(spawn.envp);
}
