/* Watches: descriptors whose function is called when they are readable, or writable. */
#include "shim.h"

#include <sys/epoll.h>

int watch_epoll = -1;

bool open_watches(void) {
  watch_epoll = epoll_create1(EPOLL_CLOEXEC);
  return watch_epoll >= 0;
}

/* Starts or resumes the calls of the function. False with errno when this fails. */
bool resume_watch(struct watch *watch) {
  struct epoll_event event = { .events = watch->for_output ? EPOLLOUT : EPOLLIN, .data.ptr = watch };
  return epoll_ctl(watch_epoll, EPOLL_CTL_ADD, watch->fd, &event) == 0;
}

/* Stops the calls of the function. The descriptor stays open. */
void pause_watch(struct watch *watch) {
  epoll_ctl(watch_epoll, EPOLL_CTL_DEL, watch->fd, NULL);
}

/* Starts a watch, which owns `fd` from now on. Closes `fd` when the start fails. */
bool start_watch(struct watch *watch, int fd, void (*ready)(struct watch *watch)) {
  watch->fd = fd;
  watch->ready = ready;
  if (resume_watch(watch)) return true;
  close_fd(&watch->fd);
  return false;
}

/*
 * Stops a watch and closes its descriptor. Closing alone is not enough: a child that has not executed its program yet may
 * share the open file.
 */
void stop_watch(struct watch *watch) {
  if (watch->fd < 0) return;
  pause_watch(watch);
  close_fd(&watch->fd);
}

/* Calls the functions of all watches that are ready. Takes one event at a time, because a function may stop another watch. */
void call_watches(void) {
  struct epoll_event event;
  while (epoll_wait(watch_epoll, &event, 1, 0) == 1) {
    struct watch *watch = event.data.ptr;
    watch->ready(watch);
  }
}
