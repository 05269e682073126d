/* The files of a service directory that tools and supervisors share (docs/compat/s6.md). */
#ifndef KAHI_S6_DIRECTORY_H
#define KAHI_S6_DIRECTORY_H
#include "tool.h"

/* Whether a supervisor holds the directory: 1, 0, or -1 with errno. */
int is_supervised(const char *directory);

/* Sends commands to whoever reads DIRECTORY/PART/control. */
enum reached { SENT, NOBODY, BROKEN, FAILED }; /* BROKEN, FAILED: see errno */
enum reached send_commands(const char *directory, const char *part, const char *letters);

struct status {
  struct stamp changed, ready_changed;
  pid_t pid; /* of run, or of finish */
  int wait_status;
  bool paused, finishing, wants_up, ready;
};

/* What supervise/status says; false with errno. */
bool read_status(const char *directory, struct status *status);
bool is_up(const struct status *status);
bool was_never_started(const struct status *status);

/* Whether DIRECTORY/NAME is there; dies when that cannot be known. */
bool has_file(const char *directory, const char *name);

#endif
