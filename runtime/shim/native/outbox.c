/*
 * Outboxes: standard output, standard error and the syslog messages of a daemon process that may be killed and started
 * again. The next daemon process cannot find out how much the previous one has written into a pipe. So the daemon process
 * appends its output to a memory file, and the helper, which keeps running, writes it to the destination. The file begins
 * with notes: the daemon process notes up to which position its output is complete, and the helper how much it has written.
 */
#include "shim.h"

#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

enum {
  OUTBOX_START = 4096,  /* position of the first output; the notes are before it */
  FREE_STEP = 64 << 10, /* memory is freed in steps of at least this size */
  PIECE = 64 << 10,     /* bytes that are written at once; no syslog message is longer */
  SHORT_PIECE = 4096,   /* what a pipe takes without a wait when it is writable */
  LAST_MS = 1000        /* how long the helper waits for a slow reader before it exits */
};

/* The notes at the beginning of an outbox. Only the daemon process writes the first one, only the helper the others. */
struct notes {
  double complete; /* the output before this position may be written */
  double sent;     /* the output before this position was written, or dropped */
  double error;    /* the errno of the last write; 0: it succeeded */
  double dropped;  /* the number of dropped bytes; for syslog the number of dropped messages */
};

struct outbox {
  struct watch ready; /* calls when the destination is writable again */
  bool waits;         /* that watch is active */
  ssize_t (*put)(struct outbox *box, const char *bytes, size_t count);
  size_t most; /* bytes for one call of `put` */
  int file;
  off_t freed;
  struct notes notes;
};

static struct outbox boxes[OUTBOXES] = { { .file = -1 }, { .file = -1 }, { .file = -1 } };
static struct watch bell = { .fd = -1 }; /* readable when the daemon process has written to an outbox */

static ssize_t put_bytes(struct outbox *box, const char *bytes, size_t count) {
  return write(box->ready.fd, bytes, count);
}

static ssize_t put_packet(struct outbox *box, const char *bytes, size_t count) {
  return send(box->ready.fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Writes to a pipe or terminal that cannot be opened a second time. A write that waits would stop the helper. */
static ssize_t put_if_ready(struct outbox *box, const char *bytes, size_t count) {
  struct pollfd wait = { .fd = box->ready.fd, .events = POLLOUT };
  if (poll(&wait, 1, 0) == 1) return write(box->ready.fd, bytes, count);
  errno = EAGAIN;
  return -1;
}

static void set_waiting(struct outbox *box, bool waits) {
  if (waits == box->waits) return;
  if (!waits) pause_watch(&box->ready);
  box->waits = waits && resume_watch(&box->ready);
}

/* Connects the socket for messages: epoll then reports when the receiver has room again. Gives 0 or an errno. */
static int connect_to(struct outbox *box, const char *path) {
  struct sockaddr_un address;
  socklen_t size = address_of(path, &address);
  set_waiting(box, false);
  close_fd(&box->ready.fd);
  if (size == 0) return ENAMETOOLONG;
  box->ready.fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (box->ready.fd < 0) return errno;
  int error = connect(box->ready.fd, (struct sockaddr *)&address, size) < 0 ? errno : 0;
  if (error) close_fd(&box->ready.fd);
  return error;
}

/* Sends a message. After an error connects once more: the receiver may be a new process. 0 or an errno; EAGAIN: no room yet. */
static int send_message(struct outbox *box, const char *path, const char *message) {
  for (int attempt = 0, error = 0;; attempt++) {
    if (box->ready.fd < 0) error = connect_to(box, path);
    if (error) return error == EAGAIN ? ECONNREFUSED : error;
    if (send(box->ready.fd, message, strlen(message), MSG_NOSIGNAL) >= 0) return 0;
    if (errno == EAGAIN || errno == EMSGSIZE || attempt > 0) return errno;
    set_waiting(box, false);
    close_fd(&box->ready.fd);
  }
}

/*
 * Sends the complete messages of `bytes`: each is the path of the socket, NUL, the message, NUL. All have the same path.
 * Gives the length of the messages that are done: the receiver may have no room for the last ones yet.
 */
static ssize_t put_messages(struct outbox *box, const char *bytes, size_t count) {
  size_t used = 0;
  for (;;) {
    const char *path = bytes + used, *end = bytes + count;
    const char *message = memchr(path, 0, (size_t)(end - path));
    const char *stop = message ? memchr(message + 1, 0, (size_t)(end - message - 1)) : NULL;
    if (!stop) break;
    int error = send_message(box, path, message + 1);
    if (error == EAGAIN && used > 0) return (ssize_t)used;
    errno = error;
    if (error == EAGAIN) return -1;
    box->notes.error = error;
    box->notes.dropped += error != 0;
    used = (size_t)(stop + 1 - bytes);
  }
  return used ? (ssize_t)used : (ssize_t)count;
}

/* Gives the position up to which the output is complete. */
static off_t complete_end(const struct outbox *box) {
  double end = 0;
  if (pread(box->file, &end, sizeof end, 0) != sizeof end || end < box->notes.sent) return (off_t)box->notes.sent;
  return (off_t)end;
}

static void free_sent(struct outbox *box) {
  off_t sent = (off_t)box->notes.sent & ~(off_t)(OUTBOX_START - 1);
  if (sent - box->freed < FREE_STEP) return;
  fallocate(box->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, box->freed, sent - box->freed);
  box->freed = sent;
}

/* Writes as much as the destination takes without a wait. Output for a destination that fails is dropped and counted. */
static bool pump(struct outbox *box) {
  static char piece[PIECE];
  off_t at = (off_t)box->notes.sent, end = complete_end(box), before = at;
  bool waits = false;
  while (at < end && !waits) {
    size_t size = (size_t)(end - at) < box->most ? (size_t)(end - at) : box->most;
    ssize_t got = pread(box->file, piece, size, at);
    if (got <= 0) break;
    ssize_t count = box->put(box, piece, (size_t)got);
    if (count >= 0 && box->put != put_messages) box->notes.error = 0;
    waits = count < 0 && (errno == EAGAIN || errno == EINTR);
    if (count < 0 && !waits) {
      box->notes.error = errno;
      box->notes.dropped += (double)(count = got);
    }
    if (count > 0) at += count;
  }
  box->notes.sent = (double)at;
  if (at > before) {
    const char *own = (const char *)&box->notes + sizeof box->notes.complete;
    ssize_t size = sizeof box->notes - sizeof box->notes.complete;
    if (pwrite(box->file, own, (size_t)size, sizeof box->notes.complete) == size) free_sent(box);
  }
  set_waiting(box, waits);
  return !waits;
}

static void write_more(struct watch *watch) {
  pump((struct outbox *)watch); /* the watch is the first member of the struct */
}

/* Writes the new output in the outboxes. */
void write_outboxes(void) {
  for (int i = 0; i < OUTBOXES; i++)
    if (boxes[i].file >= 0) pump(&boxes[i]);
}

static void bell_rings(struct watch *watch) {
  uint64_t rings;
  if (read(watch->fd, &rings, sizeof rings) == sizeof rings) write_outboxes();
}

/* Writes the remaining output before the helper exits. Waits a short time for slow readers. */
void finish_outboxes(void) {
  long long deadline = now_ms() + LAST_MS, left = LAST_MS;
  for (int i = 0; i < OUTBOXES; i++)
    for (; boxes[i].file >= 0 && !pump(&boxes[i]) && left > 0; left = deadline - now_ms()) {
      struct pollfd wait = { .fd = boxes[i].ready.fd, .events = POLLOUT };
      poll(&wait, 1, (int)left);
    }
}

/*
 * Chooses how to write to standard output or standard error. A pipe or terminal is opened a second time: O_NONBLOCK on that
 * descriptor does not affect other processes.
 */
static void choose_way(struct outbox *box, int fd) {
  char path[32];
  struct stat status;
  box->ready = (struct watch){ .fd = fd, .ready = write_more, .for_output = true };
  box->put = put_bytes;
  box->most = PIECE;
  if (fstat(fd, &status) < 0) return;
  if (S_ISSOCK(status.st_mode)) box->put = put_packet;
  if (!S_ISFIFO(status.st_mode) && !isatty(fd)) return;
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int own = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  if (own >= 0) box->ready.fd = own;
  else box->put = put_if_ready;
  if (own < 0) box->most = SHORT_PIECE;
}

static bool open_outbox(struct outbox *box) {
  int file = memfd_create("kahi-outbox", MFD_CLOEXEC);
  box->notes = (struct notes){ .complete = OUTBOX_START, .sent = OUTBOX_START };
  box->freed = OUTBOX_START;
  if (file >= 0 && pwrite(file, &box->notes, sizeof box->notes, 0) == sizeof box->notes &&
      ftruncate(file, OUTBOX_START) == 0)
    box->file = file;
  else close_fd(&file);
  return box->file >= 0;
}

/* Opens the outboxes. If the kernel has no memory files, there are none, and the daemon process writes itself. */
void open_outboxes(void) {
  int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  choose_way(&boxes[0], STDOUT_FILENO);
  choose_way(&boxes[1], STDERR_FILENO);
  boxes[2] = (struct outbox){
    .file = -1, .ready = { .fd = -1, .ready = write_more, .for_output = true }, .put = put_messages, .most = PIECE
  };
  bool is_good = fd >= 0 && start_watch(&bell, fd, bell_rings);
  for (int i = 0; i < OUTBOXES; i++)
    is_good = is_good && open_outbox(&boxes[i]);
  for (int i = 0; i < OUTBOXES && !is_good; i++)
    close_fd(&boxes[i].file);
  if (!is_good) stop_watch(&bell);
}

/* Runs in the child that becomes the daemon process: gives it the bell and the outboxes as descriptors from `first` on. */
bool give_outboxes(int first) {
  int given[OUTBOXES + 1] = { bell.fd, boxes[0].file, boxes[1].file, boxes[2].file };
  if (bell.fd < 0) return false;
  for (int i = 0; i <= OUTBOXES; i++)
    if ((given[i] = fcntl(given[i], F_DUPFD_CLOEXEC, first + OUTBOXES + 1)) < 0) return false;
  for (int i = 0; i <= OUTBOXES; i++)
    if (dup2(given[i], first + i) < 0) return false;
  return true;
}
