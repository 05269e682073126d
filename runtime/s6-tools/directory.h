/* The files of a service directory that tools and supervisors share (docs/compat/s6.md). */
#ifndef KAHI_S6_DIRECTORY_H
#define KAHI_S6_DIRECTORY_H
#include "tool.h"

/* Gives 1 when a supervisor holds the lock of the directory, 0 when none does, -1 with errno. */
int is_supervised(const char *directory);

/* Sends commands to the process that reads the FIFO DIRECTORY/PART/control. */
enum reached { SENT, NO_READER, BROKEN, FAILED }; /* BROKEN and FAILED set errno */
enum reached send_commands(const char *directory, const char *part, const char *letters);

struct status {
  struct stamp changed, ready_changed;
  pid_t pid; /* the process of run or finish */
  int wait_status;
  bool paused, finishing, wants_up, ready;
};

/* Reads supervise/status. False with errno. */
bool read_status(const char *directory, struct status *status);
bool is_up(const struct status *status);
bool was_never_started(const struct status *status);

/* Gives whether DIRECTORY/NAME exists. Dies when this cannot be determined. */
bool has_file(const char *directory, const char *name);

#endif
