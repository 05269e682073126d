/* Waiting for services to change state. */
#ifndef KAHI_S6_LISTEN_H
#define KAHI_S6_LISTEN_H
#include "tool.h"

struct goal {
  bool up, ready;  /* the state that every service must reach */
  bool restart;    /* every service must be down first */
  bool any;        /* one service is enough */
  bool down_ready; /* for a restart: a service is down only after finish has ended */
};

/* Gives the goal for one of the letters u U d D r R. */
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

/* Starts to collect the events of these services. Dies when this fails for one service. */
void listen_to_services(struct listener *listener, char **directories);

/*
 * Waits until the goal is reached, then gives 0. Dies with 99 after the deadline. Dies with the number of services that
 * failed permanently.
 */
int wait_for_goal(struct listener *listener, struct goal goal, int64_t deadline);
int wait_for_services(char **directories, struct goal goal, int64_t deadline);

/* Reads the waiting events of one service without blocking. Gives their number. */
size_t read_events(const struct listened *service, char *events, size_t space);
void stop_listening(struct listener *listener);

#endif
