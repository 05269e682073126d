/* Readiness messages that a process sends to a datagram socket, as under systemd. */
#include "shim.h"

#include <stdio.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

/* Watches the readiness sockets of all slots. */
int notify_epoll = -1;

bool open_notices(void) {
  notify_epoll = epoll_create1(EPOLL_CLOEXEC);
  return notify_epoll >= 0;
}

/*
 * Opens the socket where the process may report readiness. Its abstract name needs no file and no permissions, and works
 * under any root directory.
 */
bool open_notify(struct slot *slot, struct spawn *spawn) {
  static char variable[64];
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  struct epoll_event event = { .events = EPOLLIN, .data.ptr = slot };
  socklen_t size = sizeof address;
  int on = 1;
  int fd = slot->notify_socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) return false;
  if (bind(fd, (struct sockaddr *)&address, sizeof address.sun_family) < 0)
    return false; /* the kernel chooses a name */
  if (getsockname(fd, (struct sockaddr *)&address, &size) < 0 || epoll_ctl(notify_epoll, EPOLL_CTL_ADD, fd, &event) < 0)
    return false;
  int length = (int)(size - sizeof address.sun_family) - 1;
  snprintf(variable, sizeof variable, "NOTIFY_SOCKET=@%.*s", length, address.sun_path + 1);
  spawn->envp[spawn->envs++] = variable;
  slot->uid = spawn->uid < 0 ? getuid() : (uid_t)spawn->uid;
  return fcntl(slot->notify_writer, F_SETFL, O_NONBLOCK) == 0;
}

void close_notify_socket(struct slot *slot) {
  if (slot->notify_socket < 0) return;
  epoll_ctl(notify_epoll, EPOLL_CTL_DEL, slot->notify_socket,
            NULL); /* closing alone is not enough: a child may still share the socket */
  close_fd(&slot->notify_socket);
}

/* Gives whether the sender is in the group or session of the service. An exited sender must have the service's user. */
static bool is_own(const struct slot *slot, const struct ucred *sender) {
  if (sender->pid < 1 || slot->pid == 0) return false;
  if (getpgid(sender->pid) == slot->pid || getsid(sender->pid) == slot->pid) return true;
  return kill(sender->pid, 0) < 0 && errno == ESRCH && sender->uid == slot->uid;
}

/* Writes one datagram of a process to the pipe that the daemon process reads. Drops it when the pipe has no room. */
static void take_notice(const struct slot *slot) {
  char text[MAX_NOTICE + 1];
  union {
    struct cmsghdr header;
    char data[CMSG_SPACE(sizeof(struct ucred))];
  } control;
  struct iovec part = { text, MAX_NOTICE };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  ssize_t size =
    recvmsg(slot->notify_socket, &message, MSG_CMSG_CLOEXEC); /* no room for descriptors: the kernel closes them */
  struct cmsghdr *header = size > 0 ? CMSG_FIRSTHDR(&message) : NULL;
  if (!header || header->cmsg_type != SCM_CREDENTIALS || message.msg_flags & MSG_TRUNC) return;
  struct ucred sender;
  memcpy(&sender, CMSG_DATA(header), sizeof sender);
  if (memchr(text, 0, (size_t)size) || !is_own(slot, &sender)) return;
  text[size] = '\n';
  if (write(slot->notify_writer, text, (size_t)size + 1) < 0) return;
}

void take_notices(void) {
  struct epoll_event events[16];
  int count = epoll_wait(notify_epoll, events, 16, 0);
  for (int i = 0; i < count; i++)
    take_notice(events[i].data.ptr);
}
