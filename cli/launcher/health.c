/*
 * `kahi healthcheck`: asks the daemon over its unix socket whether its processes are ready, GET /readyz. A container runs this
 * command every few seconds, so it starts no Node.js. cli/commands/healthcheck.ts gives the same answers where this program
 * is missing, and for what only the complete parser knows.
 */
#define _GNU_SOURCE
#include "launcher.h"
#include "request.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEFAULT_TIMEOUT_S = 10, MOST_TIMEOUT_S = 86400, UNAVAILABLE = 503, OK = 200 };

struct question {
  const char *socket; /* as it was written: a path, or unix://PATH */
  int timeout_s;
  char **names;
  int name_count;
};

/* Reads a whole number of seconds; 0 when it is none. */
static int read_seconds(const char *text) {
  char *end;
  long number = isdigit((unsigned char)*text) ? strtol(text, &end, 10) : 0;
  return number >= 1 && number <= MOST_TIMEOUT_S && *end == '\0' ? (int)number : 0;
}

/* Reads the arguments. Gives false for every word that only the complete parser can explain. */
static bool read_arguments(const struct call *call, struct question *question) {
  for (int i = 2; i < call->argc; i++) {
    char *word = call->argv[i];
    bool is_socket = strcmp(word, "-s") == 0 || strcmp(word, "--socket") == 0;
    if (is_socket || strcmp(word, "--timeout") == 0) {
      if (++i == call->argc || *call->argv[i] == '-') return false;
      if (is_socket) question->socket = call->argv[i];
      else if ((question->timeout_s = read_seconds(call->argv[i])) == 0) return false;
    } else if (*word == '-') return false;
    else question->names[question->name_count++] = word;
  }
  if (question->socket == NULL) question->socket = getenv("KAHI_SOCKET");
  return question->socket == NULL || strncmp(question->socket, "http://", 7) != 0;
}

/* Writes the path of the socket: that of the question, else the default (cli/default-socket.ts). */
static bool socket_path(const struct question *question, char path[PATH_BYTES]) {
  const char *named = question->socket, *runtime = getenv("XDG_RUNTIME_DIR");
  int length;
  if (named != NULL && *named != '\0')
    length = snprintf(path, PATH_BYTES, "%s", strncmp(named, "unix://", 7) == 0 ? named + 7 : named);
  else if (getuid() == 0) length = snprintf(path, PATH_BYTES, "/run/kahi.sock");
  else if (runtime != NULL && *runtime == '/') length = snprintf(path, PATH_BYTES, "%s/kahi.sock", runtime);
  else length = snprintf(path, PATH_BYTES, "/tmp/kahi-%u/kahi.sock", (unsigned)getuid());
  return length < PATH_BYTES;
}

/* Whether another user could have made the directory of the default socket in /tmp, and answers there. Writes its path. */
static bool is_foreign(const char *path, char directory[PATH_BYTES]) {
  struct stat there;
  snprintf(directory, PATH_BYTES, "/tmp/kahi-%u", (unsigned)getuid());
  size_t length = strlen(directory);
  if (strncmp(path, directory, length) != 0 || strcmp(path + length, "/kahi.sock") != 0) return false;
  if (lstat(directory, &there) < 0) return false;
  return !S_ISDIR(there.st_mode) || there.st_uid != getuid() || (there.st_mode & 077) != 0;
}

/* Makes the text of the request; NULL without memory. Every byte of a name that is no letter or digit is written as %XX. */
static char *request_text(const struct question *question) {
  static const char begin[] = "GET /readyz", end[] = " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  size_t size = sizeof begin + sizeof end + sizeof "?process=";
  for (int i = 0; i < question->name_count; i++)
    size += 3 * strlen(question->names[i]) + 1;
  char *text = malloc(size), *at = text;
  if (text == NULL) return NULL;
  at = stpcpy(at, begin);
  for (int i = 0; i < question->name_count; i++) {
    at = stpcpy(at, i == 0 ? "?process=" : ",");
    for (const char *byte = question->names[i]; *byte != '\0'; byte++)
      if (isalnum((unsigned char)*byte)) *at++ = *byte;
      else at += sprintf(at, "%%%02X", (unsigned char)*byte);
  }
  strcpy(at, end);
  return text;
}

static void print_line(FILE *stream, const char *first, const char *second) {
  fprintf(stream, "%s%s%s\n", first, *second == '\0' ? "" : ": ", second);
  fflush(stream);
}

static int explain_answer(const struct answer *answer) {
  static char names[ANSWER_BYTES];
  if (answer->status == OK) {
    print_line(stdout, "ready", "");
    return 0;
  }
  json_text(answer->body, answer->status == UNAVAILABLE ? "pending" : "error", names);
  if (answer->status == UNAVAILABLE) print_line(stderr, "not ready", names);
  else if (*names != '\0') print_line(stderr, "error", names);
  else fprintf(stderr, "error: unexpected answer with status %d; is this a kahi daemon?\n", answer->status);
  return EXIT_NO;
}

static int explain_failure(const char *path, int timeout_s, int error) {
  static const char hint[] = "\n  hint: name its socket with --socket PATH or the variable KAHI_SOCKET\n";
  bool is_hint_useful = error == ENOENT || error == ECONNREFUSED;
  fprintf(stderr, "error: %s: ", path);
  if (error == ETIMEDOUT) fprintf(stderr, "the daemon does not answer within %d s", timeout_s);
  else if (error == ENOENT) fputs("there is no such socket: no daemon runs, or it listens elsewhere", stderr);
  else if (error == ECONNREFUSED) fputs("no daemon listens on this socket", stderr);
  else if (error == EACCES) fputs("this user must not connect to the daemon", stderr);
  else if (error == ECONNRESET) fputs("the daemon closed the connection", stderr);
  else fputs(strerror(error), stderr);
  fputs(is_hint_useful ? hint : "\n", stderr);
  return EXIT_NO;
}

int check_health(const struct call *call) {
  static struct answer answer;
  char path[PATH_BYTES], directory[PATH_BYTES], *names[call->argc];
  struct question question = { NULL, DEFAULT_TIMEOUT_S, names, 0 };
  if (!read_arguments(call, &question) || !socket_path(&question, path)) return -1;
  if ((question.socket == NULL || *question.socket == '\0') && is_foreign(path, directory)) {
    fprintf(stderr, "error: %s is not a directory that only you can enter; remove it or name a socket\n", directory);
    return EXIT_NO;
  }
  char *text = request_text(&question);
  int error = text == NULL ? ENOMEM : ask(path, text, question.timeout_s, &answer);
  free(text);
  return error == 0 ? explain_answer(&answer) : explain_failure(path, question.timeout_s, error);
}
