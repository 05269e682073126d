/* Waiting for services to change state. */
#ifndef KAHI_S6_LISTEN_H
#define KAHI_S6_LISTEN_H
#include "tool.h"

struct goal {
  bool up, ready; /* what every service shall be */
  bool restart;   /* it must have been down before */
  bool any;       /* one service is enough */
  bool down_ready; /* for a restart: down means that finish has ended too */
};

/* The goal behind one of the letters u U d D r R. */
struct goal goal_of(char letter);

struct listened {
  const char *directory;
  char *fifo;
  int fd, write_end;
  bool up, ready;
};

struct listener {
  struct listened *services;
  size_t count;
};

/* From now on no event of these services is missed. Dies when one cannot be listened to. */
void listen_to_services(struct listener *listener, char **directories);

/* Waits until the goal is reached, then gives 0. Dies with 99 when it is too late, and with how many failed for good. */
int wait_for_goal(struct listener *listener, struct goal goal, int64_t deadline);
int wait_for_services(char **directories, struct goal goal, int64_t deadline);

/* Reads the events that are there from one service; 0 when there were none. */
size_t read_events(const struct listened *service, char *events, size_t space);
void stop_listening(struct listener *listener);

#endif
