/* What Node cannot do with files: FIFOs, locks, and messages to the syslog daemon. */
#include "shim.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>

/* A lock that the helper holds on a file until UNLOCK. The helper must not open and close that file: this ends the lock. */
struct lock {
  char *path;
  int fd;
  struct lock *next;
};

static struct lock *locks;

/* Makes a FIFO with its final mode. A later chmod could change the file of another user at the same path. */
static int make_fifo(const char *path, mode_t mode) {
  struct stat status;
  mode_t before = umask(0);
  int error = mkfifo(path, mode) < 0 ? errno : 0;
  umask(before);
  if (error != EEXIST) return error;
  bool is_fifo = lstat(path, &status) == 0 && S_ISFIFO(status.st_mode);
  return is_fifo ? 0 : EEXIST; /* an existing FIFO keeps its mode, which an administrator may have set */
}

static int hold_lock(const char *path) {
  struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
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
  while (*link && strcmp((*link)->path, path) != 0)
    link = &(*link)->next;
  struct lock *lock = *link;
  if (!lock) return ENOENT;
  *link = lock->next;
  close(lock->fd);
  free(lock->path);
  free(lock);
  return 0;
}

/* Handles FIFO, LOCK and UNLOCK. */
void handle_file(struct request *request) {
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

/* Gives the length of the address of the socket at `path`; `@` is the abstract name space. 0: the path is too long. */
socklen_t address_of(const char *path, struct sockaddr_un *address) {
  *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
  if (strlen(path) >= sizeof address->sun_path) return 0;
  strcpy(address->sun_path, path);
  if (path[0] != '@') return sizeof *address;
  address->sun_path[0] = 0;
  return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
}

/* Sends one message to the datagram socket at `path` without waiting. The first call makes the socket. */
static int send_to_syslog(const char *path, const char *message) {
  static int fd = -1;
  struct sockaddr_un address;
  socklen_t size = address_of(path, &address);
  if (size == 0) return ENAMETOOLONG;
  if (fd < 0) fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return errno;
  ssize_t sent = sendto(fd, message, strlen(message), MSG_NOSIGNAL, (struct sockaddr *)&address, size);
  return sent < 0 ? errno : 0;
}

/* Handles SYSLOG: Node has no unix datagram sockets. Messages that the syslog daemon does not take at once are dropped. */
void handle_syslog(struct request *request) {
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
