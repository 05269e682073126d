/* Pipes: those of a slot, and conduits from one service to another. */
#include "shim.h"

#include <stdio.h>
#include <sys/ioctl.h>

/* A pipe that any holder of one end may open again by its /proc name (so /dev/stdout works for every user). */
bool make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0) return false;
  fchmod(ends[0], 0666); /* both ends are one inode; reaching it takes an open end or the right to trace its holder */
  return true;
}

static struct conduit *conduits;

/* An end that shares no flags with anybody: a writer that makes its own non-blocking harms no other. -1 with errno. */
int open_end(int end, int flags) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", end);
  return open(path, flags | O_CLOEXEC);
}

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
  if (conduit->ends[1] < 0 && (conduit->ends[1] = open_end(conduit->ends[0], O_WRONLY)) < 0) return NULL;
  conduit->users++;
  return conduit;
}

/* Whoever reads it comes to its end when all writers have ended and everything is read. */
void end_conduit(struct conduit *conduit) {
  if (!conduit || conduit->ends[1] < 0) return;
  close(conduit->ends[1]);
  conduit->ends[1] = -1;
}

void leave_conduit(struct conduit **used) {
  struct conduit *conduit = *used;
  int unread = 0;
  *used = NULL;
  if (!conduit || --conduit->users > 0) return;
  if (ioctl(conduit->ends[0], FIONREAD, &unread) == 0 && unread > 0) return; /* for the next of that name */
  struct conduit **link = &conduits;
  while (*link != conduit) link = &(*link)->next;
  *link = conduit->next;
  end_conduit(conduit);
  close(conduit->ends[0]);
  free(conduit->name);
  free(conduit);
}

/* Uses the conduit of that name, or none for NULL, instead of the one before. */
bool change_conduit(struct conduit **used, const char *name) {
  struct conduit *next = name ? use_conduit(name) : NULL;
  if (name && !next) return false;
  leave_conduit(used);
  *used = next;
  return true;
}
