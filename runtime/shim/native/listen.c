/* Listener sockets that processes share as their standard input. */
#include "shim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

static struct listener *listeners;

/* Removes a socket file at the path, if no process listens on it. False when another file is there. */
static bool clear_path(const struct sockaddr_un *address) {
  struct stat status;
  if (lstat(address->sun_path, &status) < 0) return errno == ENOENT;
  int fd = S_ISSOCK(status.st_mode) ? socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0) : -1;
  bool is_dead = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) < 0 && errno == ECONNREFUSED;
  if (fd >= 0) close(fd);
  errno = EADDRINUSE;
  return is_dead && unlink(address->sun_path) == 0;
}

/*
 * Sets the owner of the socket file and notes which file it is. Runs before listen(), so no client can connect earlier.
 * Follows no symbolic link.
 */
static bool own_path(struct listener *listener, long long uid, long long gid) {
  struct stat status;
  int fd = open(listener->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
  if (fd < 0) return false;
  bool good = fstat(fd, &status) == 0 && (S_ISSOCK(status.st_mode) || (errno = ENOTSOCK, false));
  listener->device = status.st_dev;
  listener->file = status.st_ino;
  good = good && ((uid < 0 && gid < 0) || fchownat(fd, "", (uid_t)uid, (gid_t)gid, AT_EMPTY_PATH) == 0);
  int error = errno;
  close(fd);
  errno = error;
  return good;
}

static void remove_path(const struct listener *listener) {
  struct stat status;
  if (listener->path && lstat(listener->path, &status) == 0 && status.st_dev == listener->device &&
      status.st_ino == listener->file)
    unlink(listener->path);
}

/* Opens a unix socket. numbers: mode, uid, gid, backlog. */
static bool open_unix(struct listener *listener, const long long *numbers) {
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  errno = ENAMETOOLONG;
  if (strlen(listener->path) >= sizeof address.sun_path) return false;
  strcpy(address.sun_path, listener->path);
  if (!clear_path(&address)) return false;
  listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener->fd < 0 || fchmod(listener->fd, (mode_t)numbers[0]) < 0) return false;
  mode_t before = umask(0); /* bind() gives the file the mode of the socket */
  bool bound = bind(listener->fd, (struct sockaddr *)&address, sizeof address) == 0;
  umask(before);
  if (bound && own_path(listener, numbers[1], numbers[2]) && listen(listener->fd, (int)numbers[3]) == 0) return true;
  int error = errno;
  if (bound) remove_path(listener);
  errno = error;
  return false;
}

/* Opens a TCP socket. numbers: backlog, port. */
static bool open_tcp(struct listener *listener, const char *host, const long long *numbers) {
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)numbers[1]) };
  int on = 1;
  errno = EINVAL;
  if (inet_pton(AF_INET, host, &address.sin_addr) != 1) return false;
  listener->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  return listener->fd >= 0 && setsockopt(listener->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
         bind(listener->fd, (struct sockaddr *)&address, sizeof address) == 0 &&
         listen(listener->fd, (int)numbers[0]) == 0;
}

/* Reads `count` numbers with a colon after each; -1 is allowed. Gives the rest of the text, or NULL for invalid text. */
static char *split_numbers(char *text, long long *numbers, int count) {
  for (int i = 0; i < count; i++) {
    char *stop = strchr(text, ':');
    if (stop && stop - text == 2 && memcmp(text, "-1", 2) == 0) numbers[i] = -1;
    else if (!stop || !read_number(text, stop, 10, UINT32_MAX, &numbers[i])) return NULL;
    text = stop + 1;
  }
  return text;
}

static bool open_listener(struct listener *listener) {
  long long numbers[4];
  bool is_unix = strncmp(listener->text, "unix:", 5) == 0;
  char *rest = is_unix || strncmp(listener->text, "tcp:", 4) == 0 ? strchr(listener->text, ':') + 1 : NULL;
  rest = rest ? split_numbers(rest, numbers, is_unix ? 4 : 2) : NULL;
  errno = EINVAL;
  if (!rest) return false;
  if (is_unix) listener->path = rest;
  return is_unix ? open_unix(listener, numbers) : open_tcp(listener, rest, numbers);
}

/* Adds a user to the socket of that text. The first user opens the socket. NULL with errno when this fails. */
struct listener *use_listener(const char *text) {
  struct listener *listener = listeners;
  while (listener && strcmp(listener->text, text) != 0)
    listener = listener->next;
  if (!listener) {
    if (!(listener = calloc(1, sizeof *listener)) || !(listener->text = strdup(text))) {
      free(listener);
      return NULL;
    }
    listener->fd = -1;
    if (!open_listener(listener)) {
      int error = errno;
      if (listener->fd >= 0) close(listener->fd);
      free(listener->text);
      free(listener);
      errno = error;
      return NULL;
    }
    listener->next = listeners;
    listeners = listener;
  }
  listener->users++;
  return listener;
}

void leave_listener(struct listener **used) {
  struct listener *listener = *used;
  *used = NULL;
  if (!listener || --listener->users > 0) return;
  struct listener **link = &listeners;
  while (*link != listener)
    link = &(*link)->next;
  *link = listener->next;
  remove_path(listener);
  close(listener->fd);
  free(listener->text);
  free(listener);
}
