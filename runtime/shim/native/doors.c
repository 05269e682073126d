/* Listening sockets that processes share as their standard input. */
#include "shim.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

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
struct door *use_door(const char *text) {
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

void leave_door(struct door **used) {
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
