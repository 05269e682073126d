/* The functions for the other requests, and the table that assigns a function to each opcode. */
#include "shim.h"

#include <sys/prctl.h>
#include <sys/syscall.h>

/* Signals only processes of slots and groups of the helper, never a foreign process with a reused number. 0 or an errno. */
static int send_signal(pid_t pid, int number, bool group) {
  if (group) return signal_group(pid, number);
  if (!find_process(pid)) return ESRCH;
  return kill(pid, number) < 0 ? errno : 0;
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

/* Handles FORGET, END and ACKNOWLEDGE: requests about one slot (`id=`) or about its ended process (`pid=`). */
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
  else if (request->opcode == FORGET && (slot->pid || slot->pending))
    answer_failed(request->number, "slot", EBUSY, NULL);
  else if (request->opcode == ACKNOWLEDGE && (pid == 0 || slot->ended_pid != pid)) {
    answer_failed(request->number, "slot", ESRCH, NULL);
  } else {
    if (request->opcode == FORGET) remove_slot(slot);
    else if (request->opcode == END) end_conduit(slot->reads);
    else {
      slot->ended_pid = 0;
      close_fd(&slot->stdin_writer); /* not earlier: the daemon process may open it until ACKNOWLEDGE */
      close_notify(slot);
    }
    answer_done(request->number);
  }
}

/*
 * Sets the soft limit of the helper, which new processes inherit. A hard limit below that value is raised. For open files
 * the value applies to programs only: the helper's own soft limit is then the hard limit, because the helper holds about
 * five descriptors for each program.
 */
static int set_limit(int resource, rlim_t soft) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) < 0) return errno;
  limit.rlim_cur = soft;
  if (limit.rlim_max < soft) limit.rlim_max = soft;
  struct rlimit own = { resource == RLIMIT_NOFILE ? limit.rlim_max : soft, limit.rlim_max };
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

/* Handles the ids of BECOME: the helper takes the ids of a daemon process that gave up root before the first spawn. */
static int change_ids(uid_t uid, gid_t gid, int count) {
  if (uid == getuid()) return 0;
  if (syscall(CALL_SETGROUPS, count, group_list) < 0 || syscall(CALL_SETGID, gid) < 0 || syscall(CALL_SETUID, uid) < 0)
    return errno;
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

/* Stores a text in a slot. Makes the slot if there is none, so a service that never ran can have a note too. */
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
  if (slot->journal[0]) put_number("stdout-journal", journal_file(slot->journal[0]));
  if (slot->journal[1]) put_number("stderr-journal", journal_file(slot->journal[1]));
  if (slot->notify_reader >= 0) put_number("notify", slot->notify_reader);
  if (slot->note) put_text("note", slot->note);
  end_frame(frame);
}

/* Handles LIST: sends one SLOT report for each slot, so that no frame gets long. The answer DONE follows the last one. */
static void handle_list(struct request *request) {
  long long now = now_ms();
  for (size_t i = 0; i < slot_count; i++) {
    report_slot(slots[i], now);
    if (has_room()) continue;
    answer_failed(request->number, "memory", ENOMEM, NULL); /* has_room() has reserved memory for this answer */
    return;
  }
  answer_done(request->number);
}

static void handle_strays(struct request *request) {
  char *key = NULL, *value = NULL;
  long long number = -1;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad))
    bad = strcmp(key, "signal") != 0 || !read_whole(value, 10, 64, &number);
  if (bad || number < 0) {
    answer_failed(request->number, "request", EINVAL, "signal");
    return;
  }
  size_t frame = begin_frame(DONE, request->number);
  put_number("count", signal_strays((int)number));
  end_frame(frame);
}

static void handle_ping(struct request *request) {
  if (is_guard_well()) answer_done(request->number);
  else answer_failed(request->number, "guard", EBUSY, "it is stopped");
}

/* The function for each opcode of a request (opcodes.h). */
static void (*const handlers[MAX_REQUEST + 1])(struct request *request) = {
  [SPAWN] = handle_spawn,     [KILL] = handle_kill,       [FORGET] = handle_slot,   [ACKNOWLEDGE] = handle_slot,
  [QUIT] = handle_quit,       [LIMIT] = handle_limit,     [END] = handle_slot,      [PING] = handle_ping,
  [STRAYS] = handle_strays,   [ENLARGE] = handle_enlarge, [SYSLOG] = handle_syslog, [BECOME] = handle_become,
  [SURVIVE] = handle_survive, [LIST] = handle_list,       [NOTE] = handle_note,     [UPGRADE] = handle_upgrade,
  [COLLECT] = handle_collect, [FIFO] = handle_file,       [LOCK] = handle_file,     [UNLOCK] = handle_file,
};

/* Handles one frame, which is given without its length field. */
void handle_frame(char *frame, size_t size) {
  struct request request = {
    .number = get_u32(frame + 4),
    .opcode = (unsigned char)frame[1],
    .next = frame + HEADER_BYTES,
    .end = frame + size,
  };
  if (frame[0] != PROTOCOL) answer_failed(request.number, "version", EPROTONOSUPPORT, NULL);
  else if (frame[2] || frame[3]) answer_failed(request.number, "request", EINVAL, "reserved bytes");
  else if (size > HEADER_BYTES && frame[size - 1] != 0)
    answer_failed(request.number, "request", EINVAL, "last field has no end");
  else if (request.opcode > MAX_REQUEST || !handlers[request.opcode])
    answer_failed(request.number, "opcode", ENOSYS, NULL);
  else handlers[request.opcode](&request);
}
