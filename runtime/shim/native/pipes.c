/* Pipes of slots, and conduits from one service to another. */
#include "shim.h"

#include <stdio.h>
#include <sys/ioctl.h>

/* Makes a pipe whose ends a process may open again through /proc, so that /dev/stdout works for every user. */
bool make_pipe(int ends[2]) {
  if (pipe2(ends, O_CLOEXEC) < 0) return false;
  fchmod(ends[0], 0666); /* one inode for both ends; only a process with an end, or its tracer, reaches it */
  return true;
}

static struct conduit *conduits;

/* Opens an end again, with flags of its own: a writer that sets O_NONBLOCK affects no other writer. -1 with errno. */
int open_end(int end, int flags) {
  char path[32];
  snprintf(path, sizeof path, "/proc/self/fd/%d", end);
  return open(path, flags | O_CLOEXEC);
}

/* Adds a user to the conduit of that name. The first user makes it. NULL with errno when this fails. */
static struct conduit *use_conduit(const char *name) {
  struct conduit *conduit = conduits;
  while (conduit && strcmp(conduit->name, name) != 0)
    conduit = conduit->next;
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

/* Closes the write end of the helper. The reader gets end of file when all writers have exited and all data is read. */
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
  if (ioctl(conduit->ends[0], FIONREAD, &unread) == 0 && unread > 0) return; /* the next conduit user reads this data */
  struct conduit **link = &conduits;
  while (*link != conduit)
    link = &(*link)->next;
  *link = conduit->next;
  end_conduit(conduit);
  close(conduit->ends[0]);
  free(conduit->name);
  free(conduit);
}

/* Replaces the conduit of a slot by the one of that name; NULL: by none. */
bool change_conduit(struct conduit **used, const char *name) {
  struct conduit *next = name ? use_conduit(name) : NULL;
  if (name && !next) return false;
  leave_conduit(used);
  *used = next;
  return true;
}
