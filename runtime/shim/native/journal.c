/*
 * Journals: output of a service that the daemon process has not written to a log yet. A daemon process that formats lines
 * would lose the output that it has read from the pipe when it is killed. So the helper moves the output from the pipe
 * into a memory file and reports this to the daemon process. The daemon process notes in the file up to which position
 * the output is in the log. The next daemon process continues from that position.
 */
#include "shim.h"

#include <sys/mman.h>

enum {
  JOURNAL_START = 4096, /* position of the first output; the notes of the daemon process are before it */
  FREE_STEP = 64 << 10, /* memory is freed in steps of at least this size */
  MAX_JOURNAL = 1 << 20 /* bytes that wait for the daemon process; more output stays in the pipe */
};

struct journal {
  struct watch pipe; /* a duplicate of the read end */
  bool waits;        /* the watch is active: the next output is reported to the daemon process */
  struct slot *slot;
  int stream;
  int file;
  off_t end, freed;
};

static void output_comes(struct watch *watch);

/* Opens a journal. If the kernel has no memory files, there is no journal, and the daemon process reads the pipe. */
void open_journal(struct slot *slot, int stream) {
  int file = memfd_create("kahi-journal", MFD_CLOEXEC);
  int pipe = fcntl(slot->pipe[stream][0], F_DUPFD_CLOEXEC, LINK + 1);
  struct journal *journal = file < 0 || pipe < 0 ? NULL : calloc(1, sizeof *journal);
  double start = JOURNAL_START;
  if (!journal || pwrite(file, &start, sizeof start, 0) != sizeof start || ftruncate(file, JOURNAL_START) < 0) {
    free(journal);
    close_fd(&file);
    close_fd(&pipe);
    return;
  }
  *journal = (struct journal){ .pipe = { .fd = pipe, .ready = output_comes },
                               .slot = slot,
                               .stream = stream,
                               .file = file,
                               .end = JOURNAL_START,
                               .freed = JOURNAL_START };
  slot->journal[stream] = journal;
}

static void stop_waiting(struct journal *journal) {
  if (journal->waits) pause_watch(&journal->pipe);
  journal->waits = false;
}

void close_journal(struct slot *slot, int stream) {
  struct journal *journal = slot->journal[stream];
  if (!journal) return;
  stop_waiting(journal);
  close_fd(&journal->pipe.fd);
  close(journal->file);
  free(journal);
  slot->journal[stream] = NULL;
}

/* Gives the descriptor of the memory file, which the daemon process opens through /proc. */
int journal_file(const struct journal *journal) {
  return journal->file;
}

/* Gives the position up to which the output is in the log. It is the first number in the file. */
static off_t done_with(const struct journal *journal) {
  double done = 0;
  if (pread(journal->file, &done, sizeof done, 0) != sizeof done) return JOURNAL_START;
  return done >= JOURNAL_START && done <= (double)journal->end ? (off_t)done : JOURNAL_START;
}

static void free_done(struct journal *journal) {
  off_t done = done_with(journal) & ~(off_t)(JOURNAL_START - 1);
  if (done - journal->freed < FREE_STEP) return;
  fallocate(journal->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, journal->freed, done - journal->freed);
  journal->freed = done;
}

/* Moves output from the pipe to the file. The kernel moves it in one step, so a crash of the helper loses nothing. */
static bool gather(struct journal *journal) {
  off_t before = journal->end, done = done_with(journal);
  while (journal->end - done < MAX_JOURNAL) {
    loff_t at = journal->end;
    ssize_t count = splice(journal->pipe.fd, NULL, journal->file, &at, MAX_PIPE, SPLICE_F_NONBLOCK);
    if (count <= 0) break;
    journal->end += count;
  }
  return journal->end > before;
}

static void tell(struct journal *journal) {
  if (!link_to_daemon.is_up || !has_room()) return;
  size_t frame = begin_frame(OUTPUT, 0);
  put_text("id", journal->slot->id);
  put_text("stream", journal->stream == 0 ? "stdout" : "stderr");
  end_frame(frame);
}

static void output_comes(struct watch *watch) {
  struct journal *journal = (struct journal *)watch; /* the watch is the first member of the struct */
  stop_waiting(journal);
  gather(journal);
  tell(journal);
}

/* Runs before the exit of a process is reported, so that the journals of its slot hold all its output. */
void gather_output(const struct slot *slot) {
  for (int stream = 0; stream < 2; stream++) {
    struct journal *journal = slot->journal[stream];
    if (!journal || !gather(journal) || !journal->waits) continue;
    stop_waiting(journal);
    tell(journal);
  }
}

/* Stops all watches: without a daemon process the output waits in the pipes. */
void rest_journals(void) {
  for (size_t i = 0; i < slot_count; i++)
    for (int stream = 0; stream < 2; stream++)
      if (slots[i]->journal[stream]) stop_waiting(slots[i]->journal[stream]);
}

void handle_collect(struct request *request) {
  char *key = NULL, *value = NULL;
  struct slot *slot = NULL;
  int stream = -1;
  long long position = -1;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "id") == 0) slot = find_slot(value);
    else if (strcmp(key, "position") == 0) bad = !read_whole(value, 10, INT64_MAX, &position);
    else if (strcmp(key, "stream") != 0) bad = true;
    else if (strcmp(value, "stdout") == 0) stream = 0;
    else if (strcmp(value, "stderr") == 0) stream = 1;
    else bad = true;
  }
  struct journal *journal = !bad && slot && stream >= 0 ? slot->journal[stream] : NULL;
  if (bad || stream < 0 || position < 0) answer_failed(request->number, "request", EINVAL, "id, stream, position");
  else if (!journal) answer_failed(request->number, "slot", ENOENT, NULL);
  else {
    answer_done(request->number);
    free_done(journal);
    stop_waiting(journal);
    gather(journal);
    if (journal->end > position) tell(journal);
    else journal->waits = resume_watch(&journal->pipe);
  }
}
