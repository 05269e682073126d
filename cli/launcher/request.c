/* Sends a request to the daemon, with one limit of time for everything, and reads its answer. */
#define _GNU_SOURCE
#include "request.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static long long now_ms(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Waits until the socket is ready. Gives 0, ETIMEDOUT or another error. */
static int wait_for(int socket, short events, long long deadline_ms) {
  for (;;) {
    long long left = deadline_ms - now_ms();
    struct pollfd wait = { .fd = socket, .events = events };
    int ready = poll(&wait, 1, left < 0 ? 0 : (int)left);
    if (ready > 0) return 0;
    if (ready == 0) return ETIMEDOUT;
    if (errno != EINTR) return errno;
  }
}

/* Connects. A full queue of connections is tried again after a short time. */
static int connect_to(int fd, const char *path, long long deadline_ms) {
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  if (strlen(path) >= sizeof address.sun_path) return ENAMETOOLONG;
  strcpy(address.sun_path, path);
  while (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
    if (errno != EAGAIN && errno != EINTR) return errno;
    if (now_ms() >= deadline_ms) return ETIMEDOUT;
    poll(NULL, 0, 10);
  }
  return 0;
}

static int send_all(int fd, const char *text, long long deadline_ms) {
  for (size_t left = strlen(text); left > 0;) {
    ssize_t sent = send(fd, text, left, MSG_NOSIGNAL);
    if (sent > 0) {
      text += sent;
      left -= (size_t)sent;
      continue;
    }
    int error = errno == EAGAIN ? wait_for(fd, POLLOUT, deadline_ms) : errno == EINTR ? 0 : errno;
    if (error == EPIPE) return 0; /* the daemon has answered already */
    if (error != 0) return error;
  }
  return 0;
}

/* Reads until the end of the answer, or until the buffer is full. */
static int read_all(int fd, struct answer *answer, long long deadline_ms) {
  size_t used = 0;
  while (used < sizeof answer->bytes - 1) {
    ssize_t got = read(fd, answer->bytes + used, sizeof answer->bytes - 1 - used);
    if (got == 0) break;
    if (got > 0) {
      used += (size_t)got;
      continue;
    }
    int error = errno == EAGAIN ? wait_for(fd, POLLIN, deadline_ms) : errno == EINTR ? 0 : errno;
    if (error != 0) return error;
  }
  answer->bytes[used] = '\0';
  const char *end = strstr(answer->bytes, "\r\n\r\n");
  if (end == NULL || sscanf(answer->bytes, "HTTP/1.%*d %d", &answer->status) != 1) return ECONNRESET;
  answer->body = end + 4;
  return 0;
}

int ask(const char *path, const char *request, int timeout_s, struct answer *answer) {
  long long deadline_ms = now_ms() + timeout_s * 1000LL;
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return errno;
  int error = connect_to(fd, path, deadline_ms);
  if (error == 0) error = send_all(fd, request, deadline_ms);
  if (error == 0) error = read_all(fd, answer, deadline_ms);
  close(fd);
  return error;
}

/*
 * Copies a JSON string from behind its first quote; gives where it ends. Escapes of control characters stay as they are; a
 * control character that the sender did not escape becomes `?`, so an answer cannot write to a terminal.
 */
static const char *copy_string(const char *json, char **text, const char *end) {
  for (; *json != '\0' && *json != '"'; json++) {
    if (*json == '\\' && (json[1] == '"' || json[1] == '\\' || json[1] == '/')) json++;
    if (*text < end) *(*text)++ = (unsigned char)*json < ' ' || *json == 127 ? '?' : *json;
  }
  return *json == '"' ? json + 1 : json;
}

void json_text(const char *json, const char *name, char text[ANSWER_BYTES]) {
  const char *end = text + ANSWER_BYTES - 3;
  char key[32], *at = text;
  snprintf(key, sizeof key, "\"%s\":", name);
  const char *value = strstr(json, key);
  *at = '\0';
  if (value == NULL) return;
  value += strlen(key);
  bool is_list = *value == '[';
  if (is_list) value++;
  while (*value == '"') {
    value = copy_string(value + 1, &at, end);
    if (!is_list || *value != ',') break;
    value++;
    if (at < end) at = stpcpy(at, ", ");
  }
  *at = '\0';
}
