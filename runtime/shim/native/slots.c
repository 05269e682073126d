/* Slots: what the helper keeps for services across their restarts. */
#include "shim.h"

#include <time.h>

struct slot **slots;
size_t slot_count;
static size_t slot_capacity;
static int enlarged_bytes; /* sum of all pipe_bytes */

/* Makes room for one more element of `size` bytes. False when there is no memory. */
bool grow(void **array, size_t count, size_t *capacity, size_t size) {
  if (count < *capacity) return true;
  size_t wanted = *capacity ? *capacity * 2 : 64;
  void *data = realloc(*array, wanted * size);
  if (!data) return false;
  *array = data;
  *capacity = wanted;
  return true;
}

void close_fd(int *fd) {
  if (*fd >= 0) close(*fd);
  *fd = -1;
}

void close_notify(struct slot *slot) {
  close_fd(&slot->notify_reader);
  close_fd(&slot->notify_writer);
  close_notify_socket(slot);
}

struct slot *find_slot(const char *id) {
  for (size_t i = 0; i < slot_count; i++)
    if (strcmp(slots[i]->id, id) == 0) return slots[i];
  return NULL;
}

struct slot *find_process(pid_t pid) {
  for (size_t i = 0; i < slot_count; i++)
    if (slots[i]->pid == pid) return slots[i];
  return NULL;
}

struct slot *add_slot(const char *id) {
  if (slot_count >= MAX_SLOTS || !grow((void **)&slots, slot_count, &slot_capacity, sizeof *slots)) return NULL;
  struct slot *slot = calloc(1, sizeof *slot);
  if (!slot || !(slot->id = strdup(id))) {
    free(slot);
    return NULL;
  }
  slot->notify_reader = slot->notify_writer = slot->notify_socket = -1;
  slot->stdin_writer = slot->pipe[0][0] = slot->pipe[0][1] = slot->pipe[1][0] = slot->pipe[1][1] = -1;
  return slots[slot_count++] = slot;
}

void remove_slot(struct slot *slot) {
  leave_listener(&slot->listener);
  leave_conduit(&slot->reads);
  leave_conduit(&slot->writes);
  close_fd(&slot->stdin_writer);
  close_notify(slot);
  close_journal(slot, 0);
  close_journal(slot, 1);
  for (int i = 0; i < 4; i++)
    close_fd(&slot->pipe[i / 2][i % 2]);
  enlarged_bytes -= slot->pipe_bytes[0] + slot->pipe_bytes[1];
  for (size_t i = 0; i < slot_count; i++)
    if (slots[i] == slot) slots[i] = slots[--slot_count];
  free(slot->id);
  free(slot->note);
  free(slot);
}

long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Enlarges a pipe of a slot, if all enlarged pipes together stay below MAX_PIPES. Gives 0 or an errno. */
int enlarge_pipe(struct slot *slot, int stream, int bytes) {
  if (slot->pipe[stream][0] < 0) return EBADF;
  if (enlarged_bytes - slot->pipe_bytes[stream] + bytes > MAX_PIPES) return ENOMEM;
  int size = fcntl(slot->pipe[stream][1], F_SETPIPE_SZ, bytes);
  if (size < 0) return errno;
  enlarged_bytes += size - slot->pipe_bytes[stream];
  slot->pipe_bytes[stream] = size;
  return 0;
}
