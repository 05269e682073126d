/*
 * Events of services. A supervisor writes each event as one byte to every FIFO in the directory event/ of the service
 * whose name begins with `ftrig1:`. A listener makes a FIFO whose name begins with a dot, opens it, and gives it the name
 * with `ftrig1:`. The listener removes the FIFO before it exits, also when a signal ends the listener.
 */
#define _GNU_SOURCE
#include "listen.h"
#include "directory.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

static struct listener *active; /* the listener whose FIFOs a signal handler removes */

void stop_listening(struct listener *listener) {
  for (size_t i = 0; i < listener->count; i++)
    if (listener->services[i].fifo != NULL) unlink(listener->services[i].fifo);
  active = NULL;
}

static void end_by_signal(int number) {
  if (active != NULL) stop_listening(active);
  signal(number, SIG_DFL);
  raise(number);
}

static void clean_up_on_signals(struct listener *listener) {
  static const int ENDING[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
  struct sigaction was, ending = { .sa_handler = end_by_signal, .sa_flags = SA_RESETHAND | SA_NODEFER };
  active = listener;
  for (size_t i = 0; i < sizeof ENDING / sizeof *ENDING; i++)
    if (sigaction(ENDING[i], NULL, &was) == 0 && was.sa_handler == SIG_DFL) sigaction(ENDING[i], &ending, NULL);
  signal(SIGPIPE, SIG_IGN);
}

/* Makes event/, if the supervisor has not made it yet. */
static void make_event_directory(const char *directory) {
  if (mkdir(directory, 0700) == 0 && chown(directory, (uid_t)-1, getegid()) == 0) chmod(directory, 03730);
}

static void random_letters(char *text, size_t count) {
  static const char LETTERS[65] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  unsigned char bytes[count];
  if (getrandom(bytes, count, GRND_NONBLOCK) < 0) memset(bytes, getpid() & 0xff, count);
  for (size_t i = 0; i < count; i++)
    text[i] = LETTERS[bytes[i] & 63];
  text[count] = '\0';
}

static bool open_fifo(struct listened *service) {
  char stamp[STAMP_TEXT + 1], letters[7], hidden[strlen(service->directory) + 64];
  stamp_format(stamp_now(), stamp);
  random_letters(letters, 6);
  sprintf(hidden, "%s/event", service->directory);
  make_event_directory(hidden);
  sprintf(hidden, "%s/event/.ftrig1:%s:%s", service->directory, stamp, letters);
  if (asprintf(&service->fifo, "%s/event/ftrig1:%s:%s", service->directory, stamp, letters) < 0) return false;
  mode_t mask = umask(0);
  int made = mkfifo(hidden, 0622);
  umask(mask);
  if (made < 0) return false;
  service->fd = open(hidden, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  service->write_end =
    service->fd < 0 ? -1 : open(hidden, O_WRONLY | O_NONBLOCK | O_CLOEXEC); /* prevents end of file */
  if (service->write_end >= 0 && rename(hidden, service->fifo) == 0) return true;
  int error = errno;
  unlink(hidden);
  errno = error;
  return false;
}

void listen_to_services(struct listener *listener, char **directories) {
  size_t count = 0;
  while (directories[count] != NULL)
    count++;
  struct listened *services = calloc(count, sizeof *services);
  if (services == NULL) die_system("unable to listen");
  *listener = (struct listener){ services, 0 };
  clean_up_on_signals(listener);
  for (; listener->count < count; listener->count++) {
    struct listened *service = &services[listener->count];
    struct status status;
    service->directory = directories[listener->count];
    if (!open_fifo(service)) {
      int error = errno;
      stop_listening(listener);
      errno = error;
      die_system("unable to subscribe to events for %s", service->directory);
    }
    if (!read_status(service->directory, &status)) {
      int error = errno;
      listener->count++;
      stop_listening(listener);
      errno = error;
      die_system("unable to s6_svstatus_read");
    }
    service->up = is_up(&status);
    service->ready = status.ready;
  }
}

size_t read_events(const struct listened *service, char *events, size_t space) {
  ssize_t count = read(service->fd, events, space);
  return count > 0 ? (size_t)count : 0;
}

struct goal goal_of(char letter) {
  bool ready = letter == 'U' || letter == 'D' || letter == 'R';
  return (
    struct goal){ .up = letter != 'd' && letter != 'D', .ready = ready, .restart = letter == 'r' || letter == 'R' };
}

static bool is_reached(const struct listener *listener, struct goal goal) {
  for (size_t i = 0; i < listener->count; i++) {
    const struct listened *service = &listener->services[i];
    bool there = service->up == goal.up && (service->ready || !goal.ready);
    if (there == goal.any) return goal.any;
  }
  return !goal.any;
}

/*
 * Takes one event. Gives 1 when the service failed permanently. Such a service then counts as if it had reached the goal,
 * so that the wait continues for the others.
 */
static int take_event(struct listened *service, char event, struct goal goal) {
  bool is_lost = event == 'x' || (event == 'O' && goal.up);
  if (is_lost) {
    int failed = event == 'O' || service->up != goal.up || service->ready != goal.ready;
    service->up = goal.up;
    service->ready = goal.ready;
    return failed;
  }
  if (strchr("uUdD", event) != NULL) {
    service->up = event == 'u' || event == 'U';
    service->ready = event == 'U' || event == 'D';
  }
  return 0;
}

static struct pollfd *poll_list(const struct listener *listener) {
  struct pollfd *list = calloc(listener->count, sizeof *list);
  if (list == NULL) die_system("unable to listen");
  for (size_t i = 0; i < listener->count; i++)
    list[i] = (struct pollfd){ .fd = listener->services[i].fd, .events = POLLIN };
  return list;
}

/* Waits for the goal. Gives how many services failed permanently. */
static int wait_for_state(struct listener *listener, struct goal goal, int64_t deadline) {
  struct pollfd *list = poll_list(listener);
  int failures = 0;
  while (!is_reached(listener, goal)) {
    int count = poll(list, (nfds_t)listener->count, poll_time(deadline));
    if (count < 0 && errno != EINTR) die_system("unable to iopause");
    if (count == 0 && deadline != NEVER && clock_ms() >= deadline) {
      stop_listening(listener);
      die(EXIT_TIMEOUT, "timed out");
    }
    for (size_t i = 0; count > 0 && i < listener->count; i++) {
      char events[256];
      size_t length = list[i].revents == 0 ? 0 : read_events(&listener->services[i], events, sizeof events);
      for (size_t j = 0; j < length && !is_reached(listener, goal); j++)
        failures += take_event(&listener->services[i], events[j], goal);
    }
  }
  free(list);
  return failures;
}

int wait_for_goal(struct listener *listener, struct goal goal, int64_t deadline) {
  struct goal down = { .up = false, .ready = goal.down_ready, .any = goal.any };
  int failures = goal.restart ? wait_for_state(listener, down, deadline) : 0;
  if (failures == 0) failures = wait_for_state(listener, goal, deadline);
  stop_listening(listener);
  if (failures > 0) die(failures, "some services reported permanent failure or their supervisor died");
  return 0;
}

int wait_for_services(char **directories, struct goal goal, int64_t deadline) {
  struct listener listener;
  listen_to_services(&listener, directories);
  return wait_for_goal(&listener, goal, deadline);
}
