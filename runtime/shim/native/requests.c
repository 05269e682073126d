/* The other requests, one function each, and which function a frame is for. */
#include "shim.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

/* Signals only what is ours, so that an old number can never hit a stranger. Gives 0 or an errno. */
static int send_signal(pid_t pid, int number, bool group) {
  if (group ? !find_group(pid) : !find_process(pid)) return ESRCH;
  int error = kill(group ? -pid : pid, number) < 0 ? errno : 0;
  if (group && error == ESRCH) prune_groups();
  return error;
}

static void handle_kill(struct request *request) {
  char *key = NULL, *value = NULL;
  long long pid = 0, number = -1;
  bool bad = false, group = false, aimed = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "pid") == 0) bad = !read_whole(value, 10, INT32_MAX, &pid);
    else if (strcmp(key, "signal") == 0) bad = !read_whole(value, 10, 64, &number);
    else if (strcmp(key, "target") == 0) {
      group = strcmp(value, "group") == 0;
      aimed = group || strcmp(value, "process") == 0;
    } else bad = true;
  }
  if (bad || pid < 2 || number < 0 || !aimed) {
    answer_failed(request->number, "request", EINVAL, "pid, signal, target");
    return;
  }
  int error = send_signal((pid_t)pid, (int)number, group);
  if (error) answer_failed(request->number, "kill", error, NULL);
  else answer_done(request->number);
}

/* FORGET, END and ACKNOWLEDGE: requests about one slot (`id=`) or about its ended process (`pid=`). */
static void handle_slot(struct request *request) {
  char *key = NULL, *value = NULL;
  struct slot *slot = NULL;
  long long pid = 0;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "id") == 0) slot = find_slot(value);
    else bad = request->opcode != ACKNOWLEDGE || strcmp(key, "pid") != 0 || !read_whole(value, 10, INT32_MAX, &pid);
  }
  if (bad) answer_failed(request->number, "request", EINVAL, key);
  else if (!slot) answer_failed(request->number, "slot", ENOENT, NULL);
  else if (request->opcode == FORGET && slot->pid) answer_failed(request->number, "slot", EBUSY, NULL);
  else if (request->opcode == ACKNOWLEDGE && (pid == 0 || slot->ended_pid != pid)) {
    answer_failed(request->number, "slot", ESRCH, NULL);
  } else {
    if (request->opcode == FORGET) remove_slot(slot);
    else if (request->opcode == END) end_conduit(slot->reads);
    else {
      slot->ended_pid = 0;
      close_fd(&slot->stdin_writer); /* not before: until now the brain may have been about to open it */
      close_notify(slot);
    }
    answer_done(request->number);
  }
}

/* Sets our own soft limit, which processes inherit from now on; the hard one is raised when it stands in the way. */
/* We hold five descriptors for a program, so our own soft limit of them is the hard one. */
int set_limit(int resource, rlim_t soft) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0) return errno;
  limit.rlim_cur = soft;
  if (limit.rlim_max < soft) limit.rlim_max = soft;
  struct rlimit own = {resource == RLIMIT_NOFILE ? limit.rlim_max : soft, limit.rlim_max};
  if (setrlimit(resource, &own) < 0) return errno;
  if (resource == RLIMIT_NOFILE) program_files = limit;
  return 0;
}

static void handle_limit(struct request *request) {
  char *key = NULL, *value = NULL;
  int resource = -1;
  long long soft = -1;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "soft") == 0) bad = !read_whole(value, 10, INT64_MAX, &soft);
    else if (strcmp(key, "resource") != 0) bad = true;
    else if (strcmp(value, "nofile") == 0) resource = RLIMIT_NOFILE;
    else if (strcmp(value, "nproc") == 0) resource = RLIMIT_NPROC;
    else bad = true;
  }
  if (bad || resource < 0 || soft < 0) {
    answer_failed(request->number, "request", EINVAL, "resource, soft");
    return;
  }
  int error = set_limit(resource, (rlim_t)soft);
  if (error) answer_failed(request->number, "setrlimit", error, NULL);
  else answer_done(request->number);
}

static void handle_enlarge(struct request *request) {
  char *key = NULL, *value = NULL;
  struct slot *slot = NULL;
  int stream = -1;
  long long bytes = 0;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "id") == 0) slot = find_slot(value);
    else if (strcmp(key, "bytes") == 0) bad = !read_whole(value, 10, MAX_PIPE, &bytes);
    else if (strcmp(key, "stream") != 0) bad = true;
    else if (strcmp(value, "stdout") == 0) stream = 0;
    else if (strcmp(value, "stderr") == 0) stream = 1;
    else bad = true;
  }
  if (bad || stream < 0 || bytes < 1) {
    answer_failed(request->number, "request", EINVAL, "id, stream, bytes");
    return;
  }
  int error = slot ? enlarge_pipe(slot, stream, (int)bytes) : ENOENT;
  if (error) answer_failed(request->number, "enlarge", error, NULL);
  else answer_done(request->number);
}

/* Changes our own ids to those of a brain that gave up root, before anything was started. */
static int change_ids(uid_t uid, gid_t gid, int count) {
  if (uid == getuid()) return 0;
  if (syscall(CALL_SETGROUPS, count, group_list) < 0 || syscall(CALL_SETGID, gid) < 0 || syscall(CALL_SETUID, uid) < 0) return errno;
  return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0 ? errno : 0;
}

static void handle_become(struct request *request) {
  char *key = NULL, *value = NULL;
  long long uid = -1, gid = -1;
  int count = -1;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "uid") == 0) bad = !read_whole(value, 10, UINT32_MAX, &uid);
    else if (strcmp(key, "gid") == 0) bad = !read_whole(value, 10, UINT32_MAX, &gid);
    else bad = strcmp(key, "groups") != 0 || !read_groups(value, &count);
  }
  if (bad || uid < 0 || gid < 0 || count < 0) {
    answer_failed(request->number, "request", EINVAL, "uid, gid, groups");
    return;
  }
  int error = change_ids((uid_t)uid, (gid_t)gid, count);
  if (error) answer_failed(request->number, "setuid", error, NULL);
  else answer_done(request->number);
}

/* Leaves a text in a slot, which is made where there is none: also what never ran can be remembered. */
static int keep_note(const char *id, const char *text) {
  struct slot *slot = find_slot(id);
  char *note = strdup(text);
  if (!note || (!slot && !(slot = add_slot(id)))) {
    free(note);
    return ENOMEM;
  }
  free(slot->note);
  slot->note = note;
  return 0;
}

static void handle_note(struct request *request) {
  char *key = NULL, *value = NULL;
  const char *id = NULL, *text = NULL;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "id") == 0) id = value;
    else if (strcmp(key, "text") == 0) text = value;
    else bad = true;
  }
  if (bad || !id || !*id || strlen(id) > MAX_ID || !text || strlen(text) > MAX_NOTE) {
    answer_failed(request->number, "request", EINVAL, "id, text");
    return;
  }
  int error = keep_note(id, text);
  if (error) answer_failed(request->number, "memory", error, NULL);
  else answer_done(request->number);
}

static void report_slot(const struct slot *slot, long long now) {
  size_t frame = begin_frame(SLOT, 0);
  put_text("id", slot->id);
  if (slot->pid) put_number("pid", slot->pid);
  if (slot->pid || slot->ended_pid) put_number("age-ms", now - slot->since_ms);
  if (slot->ended_pid) {
    put_number("ended-pid", slot->ended_pid);
    put_number("status", slot->status);
    put_number("ended-ms", now - slot->ended_ms);
  }
  if (slot->stdin_writer >= 0) put_number("stdin", slot->stdin_writer);
  if (slot->pipe[0][0] >= 0) put_number("stdout", slot->pipe[0][0]);
  if (slot->pipe[1][0] >= 0) put_number("stderr", slot->pipe[1][0]);
  if (slot->notify_reader >= 0) put_number("notify", slot->notify_reader);
  if (slot->note) put_text("note", slot->note);
  end_frame(frame);
}

/* One report a slot, so that no frame gets long; the answer says that there are no more. */
static void handle_list(struct request *request) {
  long long now = now_ms();
  for (size_t i = 0; i < slot_count; i++) report_slot(slots[i], now);
  answer_done(request->number);
}

/* Works on one frame without its length field. */
void handle_frame(char *frame, size_t size) {
  struct request request = {
    .number = get_u32(frame + 4), .opcode = (unsigned char)frame[1], .next = frame + HEADER_BYTES, .end = frame + size};
  if (frame[0] != PROTOCOL) answer_failed(request.number, "version", EPROTONOSUPPORT, NULL);
  else if (frame[2] || frame[3]) answer_failed(request.number, "request", EINVAL, "reserved bytes");
  else if (size > HEADER_BYTES && frame[size - 1] != 0) answer_failed(request.number, "request", EINVAL, "last field has no end");
  else if (request.opcode == SPAWN) handle_spawn(&request);
  else if (request.opcode == KILL) handle_kill(&request);
  else if (request.opcode == FORGET || request.opcode == END || request.opcode == ACKNOWLEDGE) handle_slot(&request);
  else if (request.opcode == LIMIT) handle_limit(&request);
  else if (request.opcode == ENLARGE) handle_enlarge(&request);
  else if (request.opcode == SYSLOG) handle_syslog(&request);
  else if (request.opcode == BECOME) handle_become(&request);
  else if (request.opcode == NOTE) handle_note(&request);
  else if (request.opcode == LIST) handle_list(&request);
  else if (request.opcode == SURVIVE) handle_survive(&request);
  else if (request.opcode == UPGRADE) handle_upgrade(request.number);
  else if (request.opcode == FIFO || request.opcode == LOCK || request.opcode == UNLOCK) handle_file(&request);
  else if (request.opcode == QUIT) handle_quit(request.number);
  else answer_failed(request.number, "opcode", ENOSYS, NULL);
}
