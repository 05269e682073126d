/*
 * kahi-shim: the parent of every service that kahi runs.
 *
 * The brain (a Node process) decides what runs; this program does what Node cannot: spawn quickly and
 * completely, make real pipes, reap everything, know exactly how a process ended. It holds no policy:
 * it restarts nothing but a brain that wanted it, and has no timers but for that and for its own end.
 *
 * Mode `child`: the brain starts us with a unix stream socket on descriptor 3 and speaks the frames of
 * protocol.md over it. We are the subreaper of all that the services leave behind. When the brain is
 * gone, so that descriptor 3 reaches its end, every process group that we started is killed.
 *
 * Mode `parent`: we start the brain, as PID 1 of a container or by hand, with its end of the socket on its
 * descriptor 3. We pass on every signal, reap every orphan and end with the brain's exit code. Without the
 * link (a brain that uses its fallback, or is about to end) we go on as a plain init.
 *
 * A parent that was told to SURVIVE keeps everything when its brain dies without a QUIT and starts the brain again, which
 * then asks for the LIST of what we hold. Signals that come before the new brain says that it hears them wait for it.
 *
 * Memory: a request is worked on inside the receive buffer (argv and environment point into it), so
 * spawning copies nothing. The child runs on a stack of its own in our memory until it has executed
 * its program (CLONE_VM | CLONE_VFORK), hence it may only make system calls and must not change a global.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef PR_SET_CHILD_SUBREAPER
#define PR_SET_CHILD_SUBREAPER 36
#endif
#ifndef PR_SET_NO_NEW_PRIVS
#define PR_SET_NO_NEW_PRIVS 38
#endif
#ifndef PR_CAP_AMBIENT
#define PR_CAP_AMBIENT 47
#define PR_CAP_AMBIENT_RAISE 2
#define PR_CAP_AMBIENT_CLEAR_ALL 4
#endif
#ifndef RLIMIT_RTTIME
#define RLIMIT_RTTIME 15
#endif

/* The 16-bit calls of old 32-bit machines are of no use. */
#ifdef SYS_setuid32
#define CALL_SETUID SYS_setuid32
#define CALL_SETGID SYS_setgid32
#define CALL_SETGROUPS SYS_setgroups32
#else
#define CALL_SETUID SYS_setuid
#define CALL_SETGID SYS_setgid
#define CALL_SETGROUPS SYS_setgroups
#endif

enum {
  PROTOCOL = 1,
  BRAIN = 3,                /* the descriptor of the socket */
  LENGTH_BYTES = 4,         /* length field of a frame */
  HEADER_BYTES = 8,         /* version, opcode, reserved, request number */
  MAX_FRAME = 4 << 20,      /* bytes after the length field */
  MAX_ID = 1024,            /* bytes of a slot's name */
  MAX_SLOTS = 65536,
  MAX_NOTIFY = 1023,        /* number of a descriptor */
  MAX_NOTICE = 4095,        /* bytes of what a service says of itself; with a newline no more than a pipe takes at once */
  MAX_STRINGS = 65536,      /* arguments; variables */
  MAX_GROUPS = 65536,       /* supplementary groups, as in the kernel */
  MAX_CGROUPS = 16,         /* of one process: one, or one for each controller */
  MAX_NOTE = 4096,          /* bytes of what the brain leaves in a slot */
  QUICK_MS = 10000,         /* a brain that lived no longer did not really start */
  MAX_QUICK = 5,            /* so many of them in a row are the end */
  PAUSE_OUT = 1 << 20,      /* so much unsent: take no more requests */
  MAX_OUT = 8 << 20,        /* so much unsent: drop reports about orphans */
  STACK_BYTES = 64 << 10,   /* of a child before it executes its program */
  MAX_PIPES = 32 << 20,     /* sum of what enlarged pipes hold; the kernel counts it for each user */
  MAX_PIPE = 1 << 20,       /* what one pipe may hold without privileges */
  END_MS = 1000             /* how long our own end may wait for the killed */
};

enum opcode {
  SPAWN = 1, KILL = 2, FORGET = 3, ACKNOWLEDGE = 4, QUIT = 5, LIMIT = 6, /* requests */
  ENLARGE = 16, SYSLOG = 17,
  BECOME = 18,
  SURVIVE = 19, LIST = 20, NOTE = 21, UPGRADE = 22,
  FIFO = 40, LOCK = 41, UNLOCK = 42,
  DONE = 64, FAILED = 65,                                     /* answers */
  HELLO = 128, EXITED = 129, ORPHAN = 130, SLOT = 131         /* reports */
};

/* ---- output: frames to the brain ------------------------------------------------------------------------- */

struct buffer {
  char *data;
  size_t start, end, capacity; /* what is in use lies from start to end */
};

static struct buffer out, in;

/* The brain when we are its parent; 0 otherwise, and when it has ended. */
static pid_t brain_pid;
static bool is_parent, brain_ended, linked = true;
static int brain_status;

/*
 * For a parent whose brain may come again. `survives`: the brain asked for that. `hears`: this brain has said that it
 * handles signals; the first one is not asked. `upgrading`: its end is meant to bring the next one.
 */
static bool survives, hears = true, upgrading;
static sigset_t held; /* signals for a brain that does not hear yet */

static _Noreturn void finish(int code);
static void handle_quit(uint32_t request);

/* Makes room for `more` bytes at the end. */
static bool reserve(struct buffer *b, size_t more) {
  if (b->start > 0) {
    memmove(b->data, b->data + b->start, b->end - b->start);
    b->end -= b->start;
    b->start = 0;
  }
  if (b->capacity - b->end >= more) return true;
  size_t capacity = b->capacity ? b->capacity : 65536;
  while (capacity - b->end < more) capacity *= 2;
  char *data = realloc(b->data, capacity);
  if (!data) return false;
  b->data = data;
  b->capacity = capacity;
  return true;
}

static void append(const void *data, size_t size) {
  if (out.capacity - out.end < size && !reserve(&out, size)) finish(1); /* without memory nothing can be kept */
  memcpy(out.data + out.end, data, size);
  out.end += size;
}

static void put_u32(char *at, uint32_t value) {
  for (int i = 0; i < 4; i++) at[i] = (char)(value >> 8 * i & 0xff);
}

static uint32_t get_u32(const char *at) {
  uint32_t value = 0;
  for (int i = 0; i < 4; i++) value |= (uint32_t)(unsigned char)at[i] << 8 * i;
  return value;
}

/* Starts a frame; its length is filled in by end_frame, for which the result is meant. */
static size_t begin_frame(enum opcode opcode, uint32_t request) {
  char header[LENGTH_BYTES + HEADER_BYTES] = {0, 0, 0, 0, PROTOCOL, (char)opcode, 0, 0};
  put_u32(header + 8, request);
  append(header, sizeof header);
  return out.end - out.start - sizeof header;
}

static void end_frame(size_t at) {
  size_t length = out.end - out.start - at - LENGTH_BYTES;
  put_u32(out.data + out.start + at, (uint32_t)length);
}

static void put_text(const char *key, const char *value) {
  append(key, strlen(key));
  append("=", 1);
  append(value, strlen(value) + 1);
}

static void put_number(const char *key, long long value) {
  char text[32];
  snprintf(text, sizeof text, "%lld", value);
  put_text(key, text);
}

static void answer_done(uint32_t request) {
  end_frame(begin_frame(DONE, request));
}

/* `step` names what failed, `error` is an errno; `detail` may be NULL. */
static void answer_failed(uint32_t request, const char *step, int error, const char *detail) {
  size_t frame = begin_frame(FAILED, request);
  put_text("step", step);
  put_number("errno", error);
  if (detail) put_text("detail", detail);
  end_frame(frame);
}

/* Sends what fits. False when the brain is gone. */
static bool flush(void) {
  while (out.start < out.end) {
    ssize_t n = write(BRAIN, out.data + out.start, out.end - out.start);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN;
    out.start += (size_t)n;
  }
  out.start = out.end = 0;
  return true;
}

/* ---- input: the fields of a request ---------------------------------------------------------------------- */

struct request {
  uint32_t number;
  unsigned char opcode;
  char *next, *end; /* unread fields, `key=value` and a NUL each */
};

/* Splits off the next field. False at the end, or when it has no `=`: then *bad is set. */
static bool next_field(struct request *request, char **key, char **value, bool *bad) {
  if (request->next == request->end) return false;
  *key = request->next;
  request->next += strlen(request->next) + 1; /* the last byte of a request is a NUL: checked on arrival */
  char *equals = strchr(*key, '=');
  if (!equals) {
    *bad = true;
    return false;
  }
  *equals = 0;
  *value = equals + 1;
  return true;
}

/* Reads a plain number in `base`, from 0 to `max`, up to `stop`. */
static bool read_number(const char *text, const char *stop, int base, long long max, long long *number) {
  long long value = 0;
  if (text == stop) return false;
  for (; text < stop; text++) {
    int digit = *text - '0';
    if (digit < 0 || digit >= base) return false;
    value = value * base + digit;
    if (value > max) return false;
  }
  *number = value;
  return true;
}

static bool read_whole(const char *text, int base, long long max, long long *number) {
  return read_number(text, text + strlen(text), base, max, number);
}

/* ---- listening sockets ----------------------------------------------------------------------------------- */

/* A socket that processes share as standard input: made for the first of them, closed when the last has ended. */
struct door {
  char *text;   /* as in the request; names it */
  char *path;   /* of a unix socket that is ours to remove; inside `text` */
  dev_t device; /* and its file */
  ino_t file;
  int fd;
  int users;
  struct door *next;
};

static struct door *doors;

/* Removes what lies in the way of a unix socket: a socket to which nobody answers. */
static bool clear_path(const struct sockaddr_un *address) {
  struct stat status;
  if (lstat(address->sun_path, &status) < 0) return errno == ENOENT;
  int fd = S_ISSOCK(status.st_mode) ? socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
  bool is_dead = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED;
  if (fd >= 0) close(fd);
  errno = EADDRINUSE;
  return is_dead && unlink(address->sun_path) == 0;
}

/* The file gets its mode when it is made and its owner before anybody can connect; no link is followed. */
static bool own_path(struct door *door, long long uid, long long gid) {
  struct stat status;
  int fd = open(door->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  bool good = fstat(fd, &status) == 0 && (S_ISSOCK(status.st_mode) || (errno = ENOTSOCK, false));
  door->device = status.st_dev;
  door->file = status.st_ino;
  good = good && ((uid < 0 && gid < 0) || fchownat(fd, "", (uid_t)uid, (gid_t)gid, AT_EMPTY_PATH) == 0);
  int error = errno;
  close(fd);
  errno = error;
  return good;
}

static void remove_path(const struct door *door) {
  struct stat status;
  if (door->path && lstat(door->path, &status) == 0 && status.st_dev == door->device && status.st_ino == door->file)
    unlink(door->path);
}

/* numbers: mode, uid, gid, backlog. */
static bool open_unix(struct door *door, const long long *numbers) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  errno = ENAMETOOLONG;
  if (strlen(door->path) >= sizeof address.sun_path) return false;
  strcpy(address.sun_path, door->path);
  if (!clear_path(&address)) return false;
  door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (door->fd < 0 || fchmod(door->fd, (mode_t)numbers[0]) < 0) return false;
  mode_t before = umask(0); /* the file's mode is that of the socket */
  bool bound = bind(door->fd, (struct sockaddr *)&address, sizeof address) == 0;
  umask(before);
  if (bound && own_path(door, numbers[1], numbers[2]) && listen(door->fd, (int)numbers[3]) == 0) return true;
  int error = errno;
  if (bound) remove_path(door);
  errno = error;
  return false;
}

/* numbers: backlog, port. */
static bool open_tcp(struct door *door, const char *host, const long long *numbers) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)numbers[1])};
  int on = 1;
  errno = EINVAL;
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return false;
  door->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return door->fd >= 0 && setsockopt(door->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
         bind(door->fd, (struct sockaddr *)&address, sizeof address) == 0 && listen(door->fd, (int)numbers[0]) == 0;
}

/* `count` numbers, a colon after each; -1 is the highest id. Gives what follows them, NULL for nonsense. */
static char *split_numbers(char *text, long long *numbers, int count) {
  for (int i = 0; i < count; i++) {
    char *stop = strchr(text, ':');
    if (stop && stop - text == 2 && memcmp(text, "-1", 2) == 0) numbers[i] = -1;
    else if (!stop || !read_number(text, stop, 10, UINT32_MAX, &numbers[i])) return NULL;
    text = stop + 1;
  }
  return text;
}

static bool open_door(struct door *door) {
  long long numbers[4];
  bool is_unix = strncmp(door->text, "unix:", 5) == 0;
  char *rest = is_unix || strncmp(door->text, "tcp:", 4) == 0 ? strchr(door->text, ':') + 1 : NULL;
  rest = rest ? split_numbers(rest, numbers, is_unix ? 4 : 2) : NULL;
  errno = EINVAL;
  if (!rest) return false;
  if (is_unix) door->path = rest;
  return is_unix ? open_unix(door, numbers) : open_tcp(door, rest, numbers);
}

/* One more user of the socket; it is opened when it is the first. NULL with errno when that fails. */
static struct door *use_door(const char *text) {
  struct door *door = doors;
  while (door && strcmp(door->text, text) != 0) door = door->next;
  if (!door) {
    if (!(door = calloc(1, sizeof *door)) || !(door->text = strdup(text))) {
      free(door);
      return NULL;
    }
    door->fd = -1;
    if (!open_door(door)) {
      int error = errno;
      if (door->fd >= 0) close(door->fd);
      free(door->text);
      free(door);
      errno = error;
      return NULL;
    }
    door->next = doors;
    doors = door;
  }
  door->users++;
  return door;
}

static void leave_door(struct door **used) {
  struct door *door = *used;
  *used = NULL;
  if (!door || --door->users > 0) return;
  struct door **link = &doors;
  while (*link != door) link = &(*link)->next;
  *link = door->next;
  remove_path(door);
  close(door->fd);
  free(door->text);
  free(door);
}

/* ---- conduits -------------------------------------------------------------------------------------------- */

/*
 * A pipe from the standard output of some services to the standard input of another. We hold both ends for the slots
 * that use it, so that neither side notices a restart of the other. When no slot is left, what has not been read stays.
 */
struct conduit {
  char *name;
  int ends[2];
  int users; /* slots */
  struct conduit *next;
};

static struct conduit *conduits;

static bool make_pipe(int ends[2]);

/* One more user of the conduit of that name; it is made when there is none. NULL with errno when that fails. */
static struct conduit *use_conduit(const char *name) {
  struct conduit *conduit = conduits;
  while (conduit && strcmp(conduit->name, name) != 0) conduit = conduit->next;
  if (!conduit) {
    if (!(conduit = calloc(1, sizeof *conduit)) || !(conduit->name = strdup(name)) || !make_pipe(conduit->ends)) {
      int error = errno;
      if (conduit) free(conduit->name);
      free(conduit);
      errno = error;
      return NULL;
    }
    conduit->next = conduits;
    conduits = conduit;
  }
  conduit->users++;
  return conduit;
}

static void leave_conduit(struct conduit **used) {
  struct conduit *conduit = *used;
  int unread = 0;
  *used = NULL;
  if (!conduit || --conduit->users > 0) return;
  if (ioctl(conduit->ends[0], FIONREAD, &unread) == 0 && unread > 0) return; /* for the next of that name */
  struct conduit **link = &conduits;
  while (*link != conduit) link = &(*link)->next;
  *link = conduit->next;
  close(conduit->ends[0]);
  close(conduit->ends[1]);
  free(conduit->name);
  free(conduit);
}

/* Uses the conduit of that name, or none for NULL, instead of the one before. */
static bool change_conduit(struct conduit **used, const char *name) {
  struct conduit *next = name ? use_conduit(name) : NULL;
  if (name && !next) return false;
  leave_conduit(used);
  *used = next;
  return true;
}

/* An end that shares no flags with anybody: a writer that makes its own non-blocking harms no other. -1 with errno. */
static int open_end(int end, int flags) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", end);
  return open(path, flags | O_CLOEXEC);
}

/* ---- slots and groups ------------------------------------------------------------------------------------ */

/* A slot is one service over all its restarts. Unused descriptors are -1. */
struct slot {
  char *id;
  pid_t pid;           /* of the live process, 0 without one */
  long long since_ms;  /* when the process that is or was last there came to life; monotonic */
  long long ended_ms;  /* when it ended */
  char *note;          /* what the brain wants to be told of it after its own death; NULL without one */
  pid_t ended_pid;     /* of the process whose end the brain has not acknowledged, 0 without one */
  int status;          /* of that process, as wait4 gave it; kept for a brain that missed the report */
  struct rusage usage; /* of that process */
  int stdin_writer;
  struct door *door;   /* what is its standard input instead; NULL without one */
  struct conduit *reads, *writes; /* what standard input and output are instead; NULL without one */
  int notify_reader;   /* where the process says that it is ready */
  int notify_socket;   /* where it says so instead, for us to write it to notify_writer, which else is its own */
  int notify_writer;
  uid_t uid;           /* that the process was started with */
  int pipe[2][2];      /* of stdout and stderr: read end, write end */
  int pipe_bytes[2];   /* what they hold, where that was enlarged; else 0 */
};

static struct slot **slots;
static size_t slot_count, slot_capacity;
static int enlarged_bytes; /* sum of all pipe_bytes */

/* A process group that we made. It outlives its leader while it has members. */
struct group {
  pid_t id;
  bool led; /* the leader has not been reaped, so the number cannot belong to anybody else */
};

static struct group *groups;
static size_t group_count, group_capacity;

/* Room for one more element of `size` bytes. */
static bool grow(void **array, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return true;
  size_t wanted = *capacity ? *capacity * 2 : 64;
  void *data = realloc(*array, wanted * size);
  if (!data) return false;
  *array = data;
  *capacity = wanted;
  return true;
}

static void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

static void close_notify(struct slot *slot) {
  close_fd(&slot->notify_reader);
  close_fd(&slot->notify_writer);
  close_fd(&slot->notify_socket);
}

static struct slot *find_slot(const char *id) {
  for (size_t i = 0; i < slot_count; i++)
    if (strcmp(slots[i]->id, id) == 0) return slots[i];
  return NULL;
}

static struct slot *find_process(pid_t pid) {
  for (size_t i = 0; i < slot_count; i++)
    if (slots[i]->pid == pid) return slots[i];
  return NULL;
}

static struct group *find_group(pid_t id) {
  for (size_t i = 0; i < group_count; i++)
    if (groups[i].id == id) return &groups[i];
  return NULL;
}

static struct slot *add_slot(const char *id) {
  if (slot_count >= MAX_SLOTS || !grow((void **)&slots, slot_count, &slot_capacity, sizeof *slots)) return NULL;
  struct slot *slot = calloc(1, sizeof *slot);
  if (!slot || !(slot->id = strdup(id))) {
    free(slot);
    return NULL;
  }
  slot->notify_reader = slot->notify_writer = slot->notify_socket = -1;
  slot->stdin_writer = slot->pipe[0][0] = slot->pipe[0][1] = slot->pipe[1][0] = slot->pipe[1][1] = -1;
  return slots[slot_count++] = slot;
}

static void remove_slot(struct slot *slot) {
  leave_door(&slot->door);
  leave_conduit(&slot->reads);
  leave_conduit(&slot->writes);
  close_fd(&slot->stdin_writer);
  close_notify(slot);
  for (int i = 0; i < 4; i++) close_fd(&slot->pipe[i / 2][i % 2]);
  enlarged_bytes -= slot->pipe_bytes[0] + slot->pipe_bytes[1];
  for (size_t i = 0; i < slot_count; i++)
    if (slots[i] == slot) slots[i] = slots[--slot_count];
  free(slot->id);
  free(slot->note);
  free(slot);
}

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Forgets groups that have lost their leader and are empty now: their numbers may be given away again. */
static void prune_groups(void) {
  for (size_t i = 0; i < group_count;) {
    if (!groups[i].led && kill(-groups[i].id, 0) < 0 && errno == ESRCH) groups[i] = groups[--group_count];
    else i++;
  }
}

/* ---- spawning: in the child ------------------------------------------------------------------------------ */

enum stream { STREAM_NULL, STREAM_PIPE, STREAM_STDOUT };

struct spawn {
  const char *id, *file, *directory;
  const char *listen;        /* the socket that is standard input; NULL = none */
  const char *reads, *writes; /* conduits that are standard input and output; NULL = none */
  char **argv, **envp;
  size_t args, envs;
  long long uid, gid, umask; /* -1 = leave alone */
  int group_count;           /* -1 = leave alone */
  bool session;
  const char *cgroups[MAX_CGROUPS]; /* paths of cgroup.procs */
  int cgroup_count;
  const char *nice, *oom_score_adj; /* as texts, checked; NULL = leave alone */
  struct rlimit limits[RLIMIT_RTTIME + 1];
  bool limited[RLIMIT_RTTIME + 1];
  bool restricted;           /* keep no capabilities but those in `capabilities` */
  uint64_t capabilities;
  bool no_new_privs;
  long long death_signal;    /* 0 = none */
  pid_t parent;
  enum stream stream[3];
  int fd[3];                 /* what becomes descriptor 0, 1, 2 */
  long long notify;          /* number of a descriptor for readiness; 0 = none */
  int notify_writer;         /* what becomes it */
  bool notify_socket;        /* readiness is told to a socket */
  int report;                /* where the child writes a struct trouble; closed by exec */
};

/* Why a child did not come to life. */
struct trouble {
  int error;
  char step[12];
};

static gid_t group_list[MAX_GROUPS];
static char stack[STACK_BYTES] __attribute__((aligned(64)));
static const int ignored[] = {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGTTIN, SIGTTOU};

/* Tells the parent what went wrong and ends. */
static _Noreturn void give_up(const struct spawn *spawn, const char *step) {
  struct trouble trouble = {.error = errno};
  for (size_t i = 0; i + 1 < sizeof trouble.step && step[i]; i++) trouble.step[i] = step[i];
  ssize_t sent;
  do sent = write(spawn->report, &trouble, sizeof trouble);
  while (sent < 0 && errno == EINTR);
  _exit(127);
}

/* All signals as a new process expects them. Those not in `ignored` got their default when we started. */
static void reset_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigset_t none;
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++) sigaction(ignored[i], &action, NULL);
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
}

static bool write_file(const char *path, const char *text) {
  int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  ssize_t written = write(fd, text, strlen(text));
  int error = errno;
  close(fd);
  errno = error;
  return written >= 0;
}

/* How many files programs may open unless they have a limit of their own; a hard limit of 0: as many as we. */
static struct rlimit program_files;

/* What only the user that we still are may do: the place in the tree of cgroups, priorities, limits. */
static void take_place(const struct spawn *spawn) {
  for (int i = 0; i < spawn->cgroup_count; i++)
    if (!write_file(spawn->cgroups[i], "0")) give_up(spawn, "cgroup"); /* 0 is whoever writes */
  if (spawn->nice && setpriority(PRIO_PROCESS, 0, atoi(spawn->nice)) < 0) give_up(spawn, "nice");
  if (spawn->oom_score_adj && !write_file("/proc/self/oom_score_adj", spawn->oom_score_adj)) give_up(spawn, "oom");
  for (int i = 0; i <= RLIMIT_RTTIME; i++)
    if (spawn->limited[i] && prlimit(0, i, &spawn->limits[i], NULL) < 0) give_up(spawn, "setrlimit");
  if (program_files.rlim_max > 0 && !spawn->limited[RLIMIT_NOFILE] && prlimit(0, RLIMIT_NOFILE, &program_files, NULL) < 0)
    give_up(spawn, "setrlimit");
}

/* Before the ids change: what no program that is run later may regain, and that the change leaves us the rest. */
static void drop_bounding(const struct spawn *spawn) {
  int has, capability = 0;
  for (; capability < 64 && (has = prctl(PR_CAPBSET_READ, capability, 0, 0, 0)) >= 0; capability++) {
    bool keep = spawn->capabilities >> capability & 1;
    if (has > 0 && !keep && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) give_up(spawn, "capability");
  }
  errno = EINVAL;
  if (capability < 64 && spawn->capabilities >> capability) give_up(spawn, "capability"); /* this kernel has no such */
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0) give_up(spawn, "capability");
}

/* After the ids have changed: exactly those to be kept, also over exec of a program without capabilities of its own. */
static void set_capabilities(const struct spawn *spawn) {
  struct { uint32_t version; int pid; } header = {0x20080522, 0};
  struct { uint32_t effective, permitted, inheritable; } sets[2];
  for (int i = 0; i < 2; i++)
    sets[i].effective = sets[i].permitted = sets[i].inheritable = (uint32_t)(spawn->capabilities >> 32 * i);
  if (syscall(SYS_capset, &header, sets) < 0) give_up(spawn, "capability");
  if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0) return; /* a kernel before 4.3 */
  if (geteuid() == 0) return;
  for (int i = 0; i < 64; i++)
    if (spawn->capabilities >> i & 1 && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0) give_up(spawn, "capability");
}

/* Last, because changes of ids undo it: a signal for the case that we end. Whoever ended already sends none. */
static void follow_parent(const struct spawn *spawn) {
  if (prctl(PR_SET_PDEATHSIG, (unsigned long)spawn->death_signal, 0, 0, 0) < 0) give_up(spawn, "pdeathsig");
  errno = ESRCH;
  if (getppid() != spawn->parent) give_up(spawn, "pdeathsig");
}

/*
 * The write end of the pipe for readiness, on the number that was asked for. Our own report may have that number: it
 * moves out of the way. The parent knows its end by another variable, so that changing it here does no harm.
 */
static void give_notify(struct spawn *spawn) {
  int wanted = (int)spawn->notify;
  if (spawn->report == wanted && (spawn->report = fcntl(wanted, F_DUPFD_CLOEXEC, wanted + 1)) < 0) _exit(127);
  if (spawn->notify_writer == wanted ? fcntl(wanted, F_SETFD, 0) < 0 : dup2(spawn->notify_writer, wanted) < 0)
    give_up(spawn, "notify");
}

/*
 * The child's life before exec, in the order of supervisord (ids before directory: the user must be able to
 * enter it). Raw calls for ids: the C library's may want to tell other threads, of which there are none.
 * Source: supervisor 4.2.5, Subprocess._spawn_as_child and ServerOptions.drop_privileges (which does
 * nothing when the process already runs as that user).
 */
static int run_child(void *argument) {
  struct spawn *spawn = argument;
  reset_signals();
  if (spawn->session ? setsid() < 0 : setpgid(0, 0) < 0) give_up(spawn, spawn->session ? "setsid" : "setpgid");
  for (int i = 0; i < 3; i++)
    if (dup2(spawn->fd[i], i) < 0) give_up(spawn, "dup2");
  if (spawn->notify) give_notify(spawn);
  take_place(spawn);
  if (spawn->restricted) drop_bounding(spawn);
  if (spawn->uid < 0 || (uid_t)spawn->uid != getuid()) {
    if (spawn->group_count >= 0 && syscall(CALL_SETGROUPS, spawn->group_count, group_list) < 0) give_up(spawn, "setgroups");
    if (spawn->gid >= 0 && syscall(CALL_SETGID, (gid_t)spawn->gid) < 0) give_up(spawn, "setgid");
    if (spawn->uid >= 0 && syscall(CALL_SETUID, (uid_t)spawn->uid) < 0) give_up(spawn, "setuid");
  }
  if (spawn->directory && chdir(spawn->directory) < 0) give_up(spawn, "chdir");
  if (spawn->umask >= 0) umask((mode_t)spawn->umask);
  if (spawn->restricted) set_capabilities(spawn);
  errno = EINVAL;
  if (spawn->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) give_up(spawn, "nonewprivs");
  if (spawn->death_signal) follow_parent(spawn);
  execve(spawn->file, spawn->argv, spawn->envp);
  give_up(spawn, "exec");
}

/* ---- spawning: in the parent ----------------------------------------------------------------------------- */

static int null_fd = -1;

/* `1,2,3` into group_list; an empty text is no group at all. */
static bool read_groups(const char *text, int *count) {
  for (*count = 0; *text; (*count)++) {
    const char *stop = strchrnul(text, ',');
    long long id;
    if (*count == MAX_GROUPS || !read_number(text, stop, 10, UINT32_MAX, &id)) return false;
    group_list[*count] = (gid_t)id;
    if (*stop && !stop[1]) return false;
    text = *stop ? stop + 1 : stop;
  }
  return true;
}

static bool read_stream(const char *text, bool may_share, enum stream *stream) {
  if (strcmp(text, "null") == 0) *stream = STREAM_NULL;
  else if (strcmp(text, "pipe") == 0) *stream = STREAM_PIPE;
  else if (may_share && strcmp(text, "stdout") == 0) *stream = STREAM_STDOUT;
  else return false;
  return true;
}

/* Whether the text is a whole number from `least` to `most`. */
static bool is_between(const char *text, int least, int most) {
  long long number;
  const char *digits = text + (*text == '-');
  if (!read_whole(digits, 10, INT32_MAX, &number)) return false;
  if (digits != text) number = -number;
  return number >= least && number <= most;
}

static const struct {
  const char *name;
  int number;
} resources[] = {
  {"as", RLIMIT_AS}, {"core", RLIMIT_CORE}, {"cputime", RLIMIT_CPU}, {"data", RLIMIT_DATA}, {"fsize", RLIMIT_FSIZE},
  {"locks", RLIMIT_LOCKS}, {"memlock", RLIMIT_MEMLOCK}, {"msgqueue", RLIMIT_MSGQUEUE}, {"nice", RLIMIT_NICE},
  {"nofile", RLIMIT_NOFILE}, {"nproc", RLIMIT_NPROC}, {"rss", RLIMIT_RSS}, {"rtprio", RLIMIT_RTPRIO},
  {"rttime", RLIMIT_RTTIME}, {"sigpending", RLIMIT_SIGPENDING}, {"stack", RLIMIT_STACK}};

static bool read_limit(const char *text, const char *stop, rlim_t *limit) {
  long long number;
  *limit = RLIM_INFINITY;
  if (stop - text == 9 && memcmp(text, "unlimited", 9) == 0) return true;
  if (!read_number(text, stop, 10, INT64_MAX, &number)) return false;
  *limit = (rlim_t)number;
  return true;
}

/* `NAME:SOFT:HARD` of a limit. */
static bool take_limit(struct spawn *spawn, const char *text) {
  const char *soft = strchr(text, ':'), *hard = soft ? strchr(soft + 1, ':') : NULL;
  if (!hard) return false;
  for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
    size_t length = strlen(resources[i].name);
    if (length != (size_t)(soft - text) || memcmp(resources[i].name, text, length) != 0) continue;
    struct rlimit *limit = &spawn->limits[resources[i].number];
    spawn->limited[resources[i].number] = true;
    return read_limit(soft + 1, hard, &limit->rlim_cur) && read_limit(hard + 1, hard + strlen(hard), &limit->rlim_max);
  }
  return false;
}

/* `1,5,12` as a set of capabilities; an empty text keeps none. */
static bool take_capabilities(struct spawn *spawn, const char *text) {
  spawn->restricted = true;
  spawn->capabilities = 0;
  while (*text) {
    const char *stop = strchrnul(text, ',');
    long long number;
    if (!read_number(text, stop, 10, 63, &number) || (*stop && !stop[1])) return false;
    spawn->capabilities |= (uint64_t)1 << number;
    text = *stop ? stop + 1 : stop;
  }
  return true;
}

/* The fields that most processes do without. */
static bool take_attribute(struct spawn *spawn, const char *key, char *value) {
  if (strcmp(key, "nice") == 0) return is_between(value, -20, 19) && (spawn->nice = value);
  if (strcmp(key, "oom-score-adj") == 0) return is_between(value, -1000, 1000) && (spawn->oom_score_adj = value);
  if (strcmp(key, "rlimit") == 0) return take_limit(spawn, value);
  if (strcmp(key, "cgroup") == 0) return spawn->cgroup_count < MAX_CGROUPS && (spawn->cgroups[spawn->cgroup_count++] = value);
  if (strcmp(key, "capabilities") == 0) return take_capabilities(spawn, value);
  if (strcmp(key, "no-new-privs") == 0) return spawn->no_new_privs = strcmp(value, "yes") == 0;
  if (strcmp(key, "notify") == 0 && strcmp(value, "socket") == 0) return spawn->notify_socket = true;
  if (strcmp(key, "notify") == 0) return read_whole(value, 10, MAX_NOTIFY, &spawn->notify) && spawn->notify > 0;
  if (strcmp(key, "listen") == 0) return *value && (spawn->listen = value);
  if (strcmp(key, "reads") == 0) return *value && strlen(value) <= MAX_ID && (spawn->reads = value);
  if (strcmp(key, "writes") == 0) return *value && strlen(value) <= MAX_ID && (spawn->writes = value);
  if (strcmp(key, "pdeathsig") == 0) return read_whole(value, 10, 64, &spawn->death_signal) && spawn->death_signal > 0;
  return false;
}

/* Takes one field of a SPAWN request. False when it is unknown or its value makes no sense. */
static bool take_field(struct spawn *spawn, const char *key, char *value) {
  if (strcmp(key, "env") == 0) return spawn->envs < MAX_STRINGS && (spawn->envp[spawn->envs++] = value);
  if (strcmp(key, "arg") == 0) return spawn->args < MAX_STRINGS && (spawn->argv[spawn->args++] = value);
  if (strcmp(key, "id") == 0) return *value && strlen(value) <= MAX_ID && (spawn->id = value);
  if (strcmp(key, "file") == 0) return *value && (spawn->file = value);
  if (strcmp(key, "directory") == 0) return *value && (spawn->directory = value);
  if (strcmp(key, "umask") == 0) return read_whole(value, 8, 0777, &spawn->umask);
  if (strcmp(key, "uid") == 0) return read_whole(value, 10, UINT32_MAX, &spawn->uid);
  if (strcmp(key, "gid") == 0) return read_whole(value, 10, UINT32_MAX, &spawn->gid);
  if (strcmp(key, "groups") == 0) return read_groups(value, &spawn->group_count);
  if (strcmp(key, "stdin") == 0) return read_stream(value, false, &spawn->stream[0]);
  if (strcmp(key, "stdout") == 0) return read_stream(value, false, &spawn->stream[1]);
  if (strcmp(key, "stderr") == 0) return read_stream(value, true, &spawn->stream[2]);
  if (strcmp(key, "isolation") != 0) return take_attribute(spawn, key, value);
  spawn->session = strcmp(value, "session") == 0;
  return spawn->session || strcmp(value, "process-group") == 0;
}

/* A pipe that any holder of one end may open again by its /proc name (so /dev/stdout works for every user). */
static bool make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0) return false;
  fchmod(ends[0], 0666); /* both ends are one inode; reaching it takes an open end or the right to trace its holder */
  return true;
}

/* Sockets of readiness, with their slots; one descriptor tells of all. */
static int notify_epoll = -1;

/* The socket where the process may say that it is ready, with an abstract name: no file, no rights, any root directory. */
static bool open_notify(struct slot *slot, struct spawn *spawn) {
  static char variable[64];
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = slot};
  socklen_t size = sizeof address;
  int on = 1;
  int fd = slot->notify_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) return false;
  if (bind(fd, (struct sockaddr *)&address, sizeof address.sun_family) < 0) return false; /* the kernel finds a name */
  if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 || epoll_ctl(notify_epoll, EPOLL_CTL_ADD, fd, &event) < 0) return false;
  int length = (int)(size - sizeof address.sun_family) - 1;
  snprintf(variable, sizeof variable, "NOTIFY_SOCKET=@%.*s", length, address.sun_path + 1);
  spawn->envp[spawn->envs++] = variable;
  slot->uid = spawn->uid < 0 ? getuid() : (uid_t)spawn->uid;
  return fcntl(slot->notify_writer, F_SETFL, O_NONBLOCK) == 0;
}

/* Whether the sender is of the service's group or session; who is gone already is taken by the user. */
static bool is_own(const struct slot *slot, const struct ucred *sender) {
  if (sender->pid < 1 || slot->pid == 0) return false;
  if (getpgid(sender->pid) == slot->pid || getsid(sender->pid) == slot->pid) return true;
  return kill(sender->pid, 0) < 0 && errno == ESRCH && sender->uid == slot->uid;
}

/* Hands one datagram of a service on to the brain, which reads the pipe; what does not fit is dropped. */
static void take_notice(const struct slot *slot) {
  char text[MAX_NOTICE + 1];
  union { struct cmsghdr header; char data[CMSG_SPACE(sizeof(struct ucred))]; } control;
  struct iovec part = {text, MAX_NOTICE};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t size = recvmsg(slot->notify_socket, &message, MSG_CMSG_CLOEXEC); /* descriptors have no room and are closed */
  struct cmsghdr *header = size > 0 ? CMSG_FIRSTHDR(&message) : NULL;
  if (!header || header->cmsg_type != SCM_CREDENTIALS || message.msg_flags & MSG_TRUNC) return;
  struct ucred sender;
  memcpy(&sender, CMSG_DATA(header), sizeof sender);
  if (memchr(text, 0, (size_t)size) || !is_own(slot, &sender)) return;
  text[size] = '\n';
  if (write(slot->notify_writer, text, (size_t)size + 1) < 0) return;
}

static void take_notices(void) {
  struct epoll_event events[16];
  int count = epoll_wait(notify_epoll, events, 16, 0);
  for (int i = 0; i < count; i++) take_notice(events[i].data.ptr);
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
  }
  if (slot->writes && (own[1] = open_end(slot->writes->ends[1], O_WRONLY)) < 0) return false;
  for (int i = 0; i < 2; i++) {
    spawn->fd[i + 1] = i == 0 && slot->writes ? own[1] : null_fd;
    if (i == 0 && slot->writes) continue;
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
    if (spawn->uid >= 0 && spawn->fd[i] != null_fd && fchown(spawn->fd[i], (uid_t)spawn->uid, (gid_t)-1) < 0) continue;
  return true;
}

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
  if (!slot || !grow((void **)&groups, group_count, &group_capacity, sizeof *groups)) {
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

static void handle_spawn(struct request *request) {
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

/* ---- the other requests ---------------------------------------------------------------------------------- */

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

/* FORGET and ACKNOWLEDGE: requests about one slot (`id=`) or about its ended process (`pid=`). */
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
static int set_limit(int resource, rlim_t soft) {
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

/* Makes a pipe of a slot hold more, as long as all such pipes together stay small. */
static int enlarge_pipe(struct slot *slot, int stream, int bytes) {
  if (slot->pipe[stream][0] < 0) return EBADF;
  if (enlarged_bytes - slot->pipe_bytes[stream] + bytes > MAX_PIPES) return ENOMEM;
  int size = fcntl(slot->pipe[stream][1], F_SETPIPE_SZ, bytes);
  if (size < 0) return errno;
  enlarged_bytes += size - slot->pipe_bytes[stream];
  slot->pipe_bytes[stream] = size;
  return 0;
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

/* Sends one message to the syslog daemon at `path` without waiting; the socket is made on first use. */
static int send_to_syslog(const char *path, const char *message) {
  static int fd = -1;
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) return ENAMETOOLONG;
  strcpy(address.sun_path, path);
  if (fd < 0) fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  ssize_t sent = sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address, sizeof address);
  return sent < 0 ? errno : 0;
}

/* Node has no unix datagram sockets. What the daemon does not take at once is dropped and counted. */
static void handle_syslog(struct request *request) {
  char *key = NULL, *value = NULL;
  const char *path = NULL;
  int dropped = 0, last_error = 0;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "path") == 0) path = value;
    else if (strcmp(key, "message") != 0 || !path) bad = true;
    else {
      int error = send_to_syslog(path, value);
      if (error) last_error = error;
      dropped += error != 0;
    }
  }
  if (bad || !path) {
    answer_failed(request->number, "request", EINVAL, "path, then message");
    return;
  }
  size_t frame = begin_frame(DONE, request->number);
  put_number("dropped", dropped);
  put_number("errno", last_error);
  end_frame(frame);
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

/* A lock that we hold on a file, as long as nobody asks us to let go. Opening and closing the file again would lose it. */
struct lock {
  char *path;
  int fd;
  struct lock *next;
};

static struct lock *locks;

static int make_fifo(const char *path, mode_t mode) {
  struct stat status;
  if (mkfifo(path, 0600) == 0) return chmod(path, mode) < 0 ? errno : 0;
  if (errno != EEXIST) return errno;
  return lstat(path, &status) == 0 && S_ISFIFO(status.st_mode) ? 0 : EEXIST; /* its mode may be somebody's choice */
}

static int hold_lock(const char *path) {
  struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
  for (const struct lock *lock = locks; lock; lock = lock->next)
    if (strcmp(lock->path, path) == 0) return 0;
  struct lock *lock = calloc(1, sizeof *lock);
  if (!lock || !(lock->path = strdup(path))) {
    free(lock);
    return ENOMEM;
  }
  lock->fd = open(path, O_WRONLY | O_CREAT | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (lock->fd < 0 || fcntl(lock->fd, F_SETLK, &whole) < 0) {
    int error = errno == EACCES && lock->fd >= 0 ? EAGAIN : errno;
    close_fd(&lock->fd);
    free(lock->path);
    free(lock);
    return error;
  }
  lock->next = locks;
  locks = lock;
  return 0;
}

static int leave_lock(const char *path) {
  struct lock **link = &locks;
  while (*link && strcmp((*link)->path, path) != 0) link = &(*link)->next;
  struct lock *lock = *link;
  if (!lock) return ENOENT;
  *link = lock->next;
  close(lock->fd);
  free(lock->path);
  free(lock);
  return 0;
}

/* FIFO, LOCK and UNLOCK: what Node cannot do with files. */
static void handle_file(struct request *request) {
  char *key = NULL, *value = NULL;
  const char *path = NULL;
  long long mode = 0600;
  bool bad = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    if (strcmp(key, "path") == 0) path = value;
    else bad = request->opcode != FIFO || strcmp(key, "mode") != 0 || !read_whole(value, 8, 07777, &mode);
  }
  if (bad || !path || *path != '/') {
    answer_failed(request->number, "request", EINVAL, "path, mode");
    return;
  }
  bool is_fifo = request->opcode == FIFO;
  int error = is_fifo ? make_fifo(path, (mode_t)mode) : request->opcode == LOCK ? hold_lock(path) : leave_lock(path);
  if (error) answer_failed(request->number, is_fifo ? "fifo" : "lock", error, NULL);
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

/* The brain hears signals from now on; `on` says whether it is to be started again when it dies. */
static void handle_survive(struct request *request) {
  char *key = NULL, *value = NULL;
  bool bad = false, on = false, said = false;
  while (!bad && next_field(request, &key, &value, &bad)) {
    bad = strcmp(key, "on") != 0 || (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0);
    on = !bad && strcmp(value, "yes") == 0;
    said = true;
  }
  if (bad || !said || !is_parent) {
    answer_failed(request->number, "request", is_parent ? EINVAL : ENOTSUP, "on = yes or no, to a parent");
    return;
  }
  survives = on;
  hears = true;
  for (int number = 1; number <= 64 && brain_pid > 0; number++)
    if (sigismember(&held, number) == 1) kill(brain_pid, number);
  sigemptyset(&held);
  answer_done(request->number);
}

static void handle_upgrade(uint32_t request) {
  upgrading = survives;
  if (survives) hears = false; /* what comes from now on is for the next one */
  if (survives) answer_done(request);
  else answer_failed(request, "request", ENOTSUP, "SURVIVE first");
}

/* Works on one frame without its length field. */
static void handle_frame(char *frame, size_t size) {
  struct request request = {
    .number = get_u32(frame + 4), .opcode = (unsigned char)frame[1], .next = frame + HEADER_BYTES, .end = frame + size};
  if (frame[0] != PROTOCOL) answer_failed(request.number, "version", EPROTONOSUPPORT, NULL);
  else if (frame[2] || frame[3]) answer_failed(request.number, "request", EINVAL, "reserved bytes");
  else if (size > HEADER_BYTES && frame[size - 1] != 0) answer_failed(request.number, "request", EINVAL, "last field has no end");
  else if (request.opcode == SPAWN) handle_spawn(&request);
  else if (request.opcode == KILL) handle_kill(&request);
  else if (request.opcode == FORGET || request.opcode == ACKNOWLEDGE) handle_slot(&request);
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

/* Reads once and works on every complete frame. False when the brain is gone or talks nonsense. */
static bool receive(void) {
  if (!reserve(&in, 65536)) return false;
  ssize_t n = read(BRAIN, in.data + in.end, in.capacity - in.end);
  if (n < 0) return errno == EAGAIN || errno == EINTR;
  if (n == 0) return false;
  in.end += (size_t)n;
  while (in.end - in.start >= LENGTH_BYTES) {
    uint32_t length = get_u32(in.data + in.start);
    if (length < HEADER_BYTES || length > MAX_FRAME) {
      answer_failed(0, "length", EMSGSIZE, NULL); /* where the next frame starts is unknown now */
      flush();
      return false;
    }
    if (in.end - in.start - LENGTH_BYTES < length) break;
    char *frame = in.data + in.start + LENGTH_BYTES;
    in.start += LENGTH_BYTES + length;
    handle_frame(frame, length);
    if (!linked || !flush()) return false;
  }
  return true;
}

/* ---- reaping --------------------------------------------------------------------------------------------- */

/* `id` is the slot's, NULL for an orphan. */
static void report_end(const char *id, pid_t pid, int status, const struct rusage *usage) {
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
static void reap(bool tell) {
  struct rusage usage;
  int status;
  pid_t pid;
  while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0 || (pid < 0 && errno == EINTR)) {
    if (pid < 0) continue;
    if (pid == brain_pid) {
      brain_pid = 0;
      brain_ended = true;
      brain_status = status;
      continue;
    }
    struct slot *slot = find_process(pid);
    if (slot) {
      struct group *group = find_group(pid);
      if (group) group->led = false;
      slot->pid = 0;
      leave_door(&slot->door);
      slot->ended_pid = pid;
      slot->status = status;
      slot->usage = usage;
      slot->ended_ms = now_ms();
      if (tell) report_end(slot->id, pid, status, &usage);
    } else if (tell && out.end - out.start < MAX_OUT) report_end(NULL, pid, status, &usage);
  }
  prune_groups();
}

/* ---- the end, the beginning and what lies between -------------------------------------------------------- */

static int signal_fd = -1;

static bool asks_for_end(int number) {
  return number == SIGTERM || number == SIGINT || number == SIGQUIT;
}

static bool end_is_held(void) {
  return sigismember(&held, SIGTERM) == 1 || sigismember(&held, SIGINT) == 1 || sigismember(&held, SIGQUIT) == 1;
}

/* To the brain, or kept for it. Who asks twice for the end, while no brain hears, gets it. */
static void pass_on(int number) {
  if (hears) {
    if (brain_pid > 0) kill(brain_pid, number);
    return;
  }
  if (asks_for_end(number) && end_is_held()) {
    if (brain_pid > 0) kill(brain_pid, SIGKILL);
    finish(128 + number);
  }
  sigaddset(&held, number);
}

/* Takes the signals that came: those for the brain go on to it, what SIGCHLD is about is found by reap. */
static void drain_signals(void) {
  struct signalfd_siginfo info[16];
  ssize_t size;
  while ((size = read(signal_fd, info, sizeof info)) > 0)
    for (size_t i = 0; i < (size_t)size / sizeof *info; i++)
      if (info[i].ssi_signo != SIGCHLD) pass_on((int)info[i].ssi_signo);
}

/* Kills what is left, group by group, and waits a moment for it to be gone. */
static void kill_groups(void) {
  for (size_t i = 0; i < group_count; i++) kill(-groups[i].id, SIGKILL);
  long long deadline = now_ms() + END_MS, left = END_MS;
  for (reap(false); group_count > 0 && left > 0; left = deadline - now_ms()) {
    struct pollfd wait = {.fd = signal_fd, .events = POLLIN};
    poll(&wait, 1, (int)(left < 20 ? left : 20)); /* members of a group that are not our children tell us nothing */
    drain_signals();
    reap(false);
  }
}

static _Noreturn void finish(int code) {
  hears = true; /* nobody does, but no more signals are to be kept */
  kill_groups();
  exit(code);
}

/*
 * From here on nobody can ask us anything. A child of the brain has no other purpose; a parent waits for the brain. When
 * the next brain is to find everything as it is, what the last one has not read or not finished saying is dropped.
 */
static void cut_link(int code) {
  if (!is_parent) finish(code);
  if (!survives) kill_groups();
  if (linked) close(BRAIN);
  linked = false;
  in.start = in.end = out.start = out.end = 0;
  if (survives) hears = false;
}

static void handle_quit(uint32_t request) {
  survives = false;
  struct pollfd wait = {.fd = BRAIN, .events = POLLOUT};
  kill_groups();
  answer_done(request);
  while (flush() && out.start < out.end && poll(&wait, 1, END_MS) > 0) continue;
  cut_link(0);
}

/* Closes what a careless starter left open from `first` on; everything of ours closes itself on exec. */
static void close_inherited(int first) {
#ifdef SYS_close_range
  if (syscall(SYS_close_range, first, ~0U, 0) == 0) return;
#endif
  long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = first; fd < (limit > 0 && limit < 65536 ? limit : 65536); fd++) close(fd);
}

/* All signals but those by which the kernel tells us of our own mistakes. */
static void fill_forwarded(sigset_t *set) {
  static const int faults[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGABRT, SIGTRAP, SIGSYS, SIGPIPE, SIGTTIN, SIGTTOU};
  sigfillset(set);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(set, faults[i]);
}

/*
 * Signals: all default, then those ignored that are meant for the brain; SIGCHLD comes as a readable descriptor. The
 * brain's parent ignores only what a terminal and pipes send, and reads all others from that descriptor.
 */
static bool set_up_signals(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigset_t set;
  for (int number = 1; number <= 64; number++) sigaction(number, &action, NULL);
  action.sa_handler = SIG_IGN;
  sigemptyset(&set);
  sigaddset(&set, SIGCHLD);
  if (is_parent) fill_forwarded(&set);
  for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
    if (!sigismember(&set, ignored[i])) sigaction(ignored[i], &action, NULL);
  if (sigprocmask(SIG_SETMASK, &set, NULL) < 0) return false;
  signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  return signal_fd >= 0;
}

static bool set_up(void) {
  int type = 0;
  socklen_t size = sizeof type;
  while ((null_fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && null_fd < BRAIN) /* 0, 1 and 2 must be taken */
    if (fcntl(null_fd, F_SETFD, 0) < 0) return false;
  if (getsockopt(BRAIN, SOL_SOCKET, SO_TYPE, &type, &size) < 0 || type != SOCK_STREAM) return false;
  if ((notify_epoll = epoll_create1(EPOLL_CLOEXEC)) < 0) return false;
  if (null_fd < 0 || fcntl(BRAIN, F_SETFD, FD_CLOEXEC) < 0 || fcntl(BRAIN, F_SETFL, O_NONBLOCK) < 0) return false;
  return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0 && set_up_signals();
}

/* 128 + N for death by signal N, as shells have it. */
static int brain_code(void) {
  return WIFSIGNALED(brain_status) ? 128 + WTERMSIG(brain_status) : WEXITSTATUS(brain_status);
}

static void greet(void) {
  size_t frame = begin_frame(HELLO, 0);
  put_number("protocol", PROTOCOL);
  put_number("pid", getpid());
  put_text("mode", is_parent ? "parent" : "child");
  end_frame(frame);
}

static bool start_brain(void);

static char **brain_argv;
static long long brain_start_ms;
static pid_t last_brain;
static int brains, quick_deaths; /* started so far; that died soon after their start, in a row */

/* Waits before the next brain is started: not at all after one death, ever longer after several. */
static void pause_before_next(void) {
  long long left = quick_deaths < 2 ? 0 : 100LL << (quick_deaths - 2), deadline = now_ms() + left;
  for (; left > 0; left = deadline - now_ms()) {
    struct pollfd wait = {.fd = signal_fd, .events = POLLIN};
    poll(&wait, 1, (int)left);
    drain_signals();
    reap(false);
  }
}

/* The brain is gone. Either that is the end of all, or its place is taken by a new one, which asks what we hold. */
static void replace_brain(void) {
  bool was_quick = now_ms() - brain_start_ms < QUICK_MS;
  if (linked) cut_link(1);
  quick_deaths = upgrading || !was_quick ? 0 : quick_deaths + 1;
  if (!survives || quick_deaths >= MAX_QUICK || (quick_deaths > 1 && end_is_held())) finish(brain_code());
  if (!upgrading) fprintf(stderr, "kahi-shim: kahi has ended with %d; starting it again, programs go on\n", brain_code());
  upgrading = brain_ended = false;
  pause_before_next();
  if (!start_brain()) finish(1);
  linked = true;
  greet();
}

static _Noreturn void serve(void) {
  greet();
  for (;;) {
    if (linked && !flush()) cut_link(1);
    if (brain_ended) replace_brain(); /* here, because cutting the link may have reaped it already */
    size_t unsent = out.end - out.start;
    struct pollfd wait[3] = {
      {.fd = linked ? BRAIN : -1}, {.fd = signal_fd, .events = POLLIN}, {.fd = linked ? notify_epoll : -1, .events = POLLIN}};
    wait[0].events = (short)((unsent > 0 ? POLLOUT : 0) | (unsent < PAUSE_OUT ? POLLIN : 0));
    if (poll(wait, 3, -1) < 0) {
      if (errno != EINTR) finish(1);
      continue;
    }
    if (wait[2].revents) take_notices(); /* before the end of who said it is told */
    if (wait[1].revents) {
      drain_signals();
      reap(linked);
    }
    if (brain_ended) continue;
    if (wait[0].revents & (POLLHUP | POLLERR)) cut_link(1);
    else if (wait[0].revents & POLLIN && !receive()) cut_link(1);
  }
}

/* Becomes the brain. Its group is its own, so that a terminal tells only it of Ctrl-C and not us, who would tell it again. */
static _Noreturn void run_brain(int socket) {
  char link[48];
  bool at_terminal = tcgetpgrp(STDIN_FILENO) == (brains == 0 ? getpgrp() : last_brain);
  setpgid(0, 0);
  if (at_terminal) tcsetpgrp(STDIN_FILENO, getpid());
  reset_signals();
  snprintf(link, sizeof link, "%d:%d:%d", (int)getppid(), BRAIN, brains);
  if (dup2(socket, BRAIN) == BRAIN && setenv("KAHI_SHIM_PARENT", link, 1) == 0) execvp(*brain_argv, brain_argv);
  fprintf(stderr, "kahi-shim: cannot run %s: %s\n", *brain_argv, strerror(errno));
  _exit(errno == ENOENT ? 127 : 126);
}

/* Makes the socket, our end of it on BRAIN, and starts the brain with the other one. */
static bool start_brain(void) {
  int ends[2], fd;
  while ((fd = open("/dev/null", O_RDWR)) >= 0 && fd < BRAIN) continue; /* 0, 1 and 2 must be taken */
  if (fd < 0 || close(fd) < 0) return false;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) return false; /* BRAIN is the lowest free number */
  if (ends[0] != BRAIN || !(brains == 0 ? set_up() : fcntl(BRAIN, F_SETFL, O_NONBLOCK) == 0)) return false;
  brain_start_ms = now_ms();
  brain_pid = fork();
  if (brain_pid == 0) run_brain(ends[1]);
  close(ends[1]);
  last_brain = brain_pid;
  brains++;
  return brain_pid > 0;
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "--version") == 0) {
    printf("kahi-shim protocol %d\n", PROTOCOL);
    return 0;
  }
  is_parent = argc > 2 && strcmp(argv[1], "parent") == 0;
  if (!is_parent && (argc != 2 || strcmp(argv[1], "child") != 0)) {
    fprintf(stderr, "usage: kahi-shim parent PROGRAM [ARGUMENT ...]\n"
      "Runs PROGRAM (kahi daemon) as its parent, for instance as PID 1: passes on signals, reaps orphans, ends with its code.\n"
      "kahi itself starts kahi-shim child, with a unix stream socket on descriptor 3.\n");
    return 2;
  }
  close_inherited(is_parent ? BRAIN : BRAIN + 1);
  brain_argv = argv + 2;
  if (is_parent ? !start_brain() : !set_up()) {
    perror("kahi-shim: cannot start");
    return 2;
  }
  serve();
}
