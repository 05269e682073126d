/* The helper's part of a spawn: reading the request and preparing the streams. */
#include "shim.h"

/*
 * Lets the process inherit descriptor `fd` of the helper. An earlier process may have set O_NONBLOCK there, so it is
 * cleared. It stays set on a socket: there the daemon process may have set it, because it must not wait for the reader.
 */
static void inherit(struct spawn *spawn, int fd) {
  struct stat status;
  int flags = fcntl(fd, F_GETFL);
  spawn->fd[fd] = fd;
  if (flags >= 0 && fstat(fd, &status) == 0 && !S_ISSOCK(status.st_mode)) fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}

/*
 * Fills in spawn->fd and makes missing pipes. `made` says which pipes are new. `own` gets the descriptors that the caller
 * must close after the fork: the end that becomes stdin, and an end of a conduit.
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
  spawn->fd[0] = slot->listener ? slot->listener->fd : null_fd;
  if (slot->reads) {
    if ((spawn->fd[0] = own[0] = open_end(slot->reads->ends[0], O_RDONLY)) < 0) return false;
  } else if (spawn->stream[0] == STREAM_PIPE && !slot->listener) {
    if (!make_pipe(ends)) return false;
    spawn->fd[0] = own[0] = ends[0];
    slot->stdin_writer = ends[1];
  } else if (spawn->stream[0] == STREAM_INHERIT && !slot->listener) inherit(spawn, 0);
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
      if (spawn->journal[i]) open_journal(slot, i);
    }
    spawn->fd[i + 1] = slot->pipe[i][1];
    fcntl(slot->pipe[i][1], F_SETFL, 0); /* the process before may have set O_NONBLOCK */
  }
  /* The user of the service becomes owner of the pipes. If this fails, their mode still allows access. */
  for (int i = slot->listener ? 1 : 0; i < 3; i++)
    if (spawn->uid >= 0 && spawn->fd[i] > STDERR_FILENO && spawn->fd[i] != null_fd &&
        fchown(spawn->fd[i], (uid_t)spawn->uid, (gid_t)-1) < 0)
      continue;
  return true;
}

/* Starts the child in the slot. A failure is answered at once, a success when the program runs. */
static void spawn_into(struct slot *slot, struct spawn *spawn, uint32_t request, bool fresh) {
  bool made[2] = { false, false };
  int own[2] = { -1, -1 };
  struct trouble trouble = { 0, "pipe" };
  bool started = false;
  bool connected = change_conduit(&slot->reads, spawn->reads) && change_conduit(&slot->writes, spawn->writes);
  if (!connected) trouble.error = errno;
  else if (spawn->listen && !(slot->listener = use_listener(spawn->listen)))
    trouble = (struct trouble){ errno, "listen" };
  else if (!prepare_streams(spawn, slot, made, own)) trouble.error = errno;
  else started = start_pending(slot, spawn, request, fresh, made, &trouble);
  close_fd(&own[0]);
  close_fd(&own[1]);
  close_fd(&spawn->notify_writer);
  if (started) return;
  undo_slot(slot, fresh, made);
  answer_failed(request, trouble.step, trouble.error, NULL);
}

/* Spawns the process, if the slot is free. */
static void spawn_checked(struct spawn *spawn, uint32_t request) {
  struct slot *slot = find_slot(spawn->id);
  if (slot && (slot->pid || slot->pending || slot->ended_pid)) {
    answer_failed(request, "slot", EBUSY,
                  slot->ended_pid ? "its last process is not acknowledged" : "it has a process");
    return;
  }
  bool fresh = !slot;
  if (fresh && !(slot = add_slot(spawn->id))) answer_failed(request, "slot", ENOMEM, NULL);
  else spawn_into(slot, spawn, request, fresh);
}

/* Counts the strings in a request: an upper bound for argv and for the environment. */
static size_t count_strings(const struct request *request) {
  size_t count = 0;
  for (const char *at = request->next; at < request->end; at++)
    count += *at == 0;
  return count < MAX_STRINGS ? count : MAX_STRINGS;
}

void handle_spawn(struct request *request) {
  struct spawn spawn = {
    .uid = -1,
    .gid = -1,
    .umask = -1,
    .group_count = -1,
    .notify_writer = -1,
    .death_signal = SIGKILL,
    .parent = getpid(),
  };
  char *key = NULL, *value = NULL;
  bool bad = false;
  size_t room = count_strings(request) + 2; /* for NOTIFY_SOCKET and for the NULL at the end */
  spawn.argv = calloc(room, sizeof *spawn.argv);
  spawn.envp = calloc(room, sizeof *spawn.envp);
  if (!spawn.argv || !spawn.envp) answer_failed(request->number, "memory", ENOMEM, NULL);
  else {
    while (!bad && next_field(request, &key, &value, &bad))
      bad = !take_field(&spawn, key, value);
    if (bad) answer_failed(request->number, "request", EINVAL, key);
    else if (!spawn.id || !spawn.file || spawn.args == 0)
      answer_failed(request->number, "request", EINVAL, "id, file, arg");
    else spawn_checked(&spawn, request->number);
  }
  free(spawn.argv);
  free(spawn.envp);
}
