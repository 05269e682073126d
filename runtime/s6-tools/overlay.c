/*
 * The commands of s6-overlay: with-contenv, printcontenv, logutil-service. The environment of the container is in files.
 * Services may change these files at run time, so each call reads them.
 * Source: s6-overlay 3.2.3.2, /command.
 */
#define _GNU_SOURCE
#include "environment.h"
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char CONTAINER_ENVIRONMENT[] = "/run/s6/container_environment";

enum { NOBODY = 65534 };

/* Gives whether S6_KEEP_ENV is set: then every process inherits the environment of the container. */
static bool keeps_environment(void) {
  const char *word = getenv("S6_KEEP_ENV");
  return word != NULL && strtol(word, NULL, 10) != 0;
}

/*
 * Gives whether the bytes of a file are the value without change, so that an empty file is an empty value. This is the rule of
 * s6-overlay 1 and 2. kahi writes `raw` to the file .kahi when its files follow this rule.
 */
static bool are_files_raw(void) {
  char word[4];
  int fd = open("/run/s6/container_environment/.kahi", O_RDONLY | O_CLOEXEC);
  bool raw = fd >= 0 && read(fd, word, sizeof word) == 3 && memcmp(word, "raw", 3) == 0;
  if (fd >= 0) close(fd);
  return raw;
}

int with_contenv(int argc, char **argv) {
  if (argc < 2) die_usage("with-contenv prog...");
  if (keeps_environment()) become(argv + 1);
  struct reading how = { .whole = true, .no_limit = true, .zero_becomes = '\n' };
  how.keep_ends = how.keep_empty = are_files_raw();
  const char *path = getenv("PATH");
  char *kept = path == NULL ? NULL : strdup(path);
  clearenv();
  if (kept != NULL) change_variable("PATH", kept);
  if (!read_environment(CONTAINER_ENVIRONMENT, how)) die_system("unable to envdir %s", CONTAINER_ENVIRONMENT);
  use_new_path();
  become(argv + 1);
}

/* Gives the value of a variable of the container, or NULL. */
static const char *container_variable(const char *name) {
  if (keeps_environment()) return getenv(name);
  static char value[1 << 20];
  char file[sizeof CONTAINER_ENVIRONMENT + strlen(name) + 1];
  sprintf(file, "%s/%s", CONTAINER_ENVIRONMENT, name);
  int fd = strchr(name, '/') == NULL && *name != '\0' ? open(file, O_RDONLY | O_CLOEXEC) : -1;
  ssize_t length = fd < 0 ? -1 : read(fd, value, sizeof value - 1);
  if (fd >= 0) close(fd);
  if (length < 0) return NULL;
  if (length > 0 && value[length - 1] == '\n' && are_files_raw()) length--;
  value[length] = '\0';
  return value;
}

int printcontenv(int argc, char **argv) {
  if (argc < 2) die(EXIT_USAGE, "too few arguments");
  const char *value = container_variable(argv[1]);
  if (value == NULL || (keeps_environment() && *value == '\0')) return 1;
  puts(value);
  flush_output();
  return 0;
}

/* ---- logutil-service --------------------------------------------------------------------------------------- */

static void read_from(const char *fifo) {
  int fd = open(fifo, O_RDONLY | O_NONBLOCK);
  if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0 || dup2(fd, 0) < 0) die_system("unable to open %s for reading", fifo);
  if (fd > 0) close(fd);
}

static void become_nobody(void) {
  struct passwd *nobody = getpwnam("nobody");
  gid_t gid = nobody == NULL ? NOBODY : nobody->pw_gid;
  uid_t uid = nobody == NULL ? NOBODY : nobody->pw_uid;
  if (setgroups(1, &gid) < 0) die_system("unable to set supplementary group list");
  if (setgid(gid) < 0) die_system("unable to setgid");
  if (setuid(uid) < 0) die_system("unable to setuid");
}

int logutil_service(int argc, char **argv) {
  struct options at = { 0 };
  const char *fifo = NULL, *set = container_variable("S6_LOGGING_SCRIPT");
  for (int letter; (letter = next_option(argc, argv, "f:", &at)) != -1; fifo = at.word)
    if (letter == '?') die_usage("logutil-service [ -f fifo ] dir");
  if (at.index >= argc) return 1;
  char *script = strdup(set == NULL ? "n20 s1000000 T" : set);
  char **words = script == NULL ? NULL : calloc(strlen(script) / 2 + 6, sizeof *words);
  if (words == NULL) die_system("unable to initialize script");
  int count = 0;
  words[count++] = "s6-log";
  words[count++] = "-b";
  words[count++] = "--";
  for (char *word = strtok(script, " \t\n"); word != NULL; word = strtok(NULL, " \t\n"))
    words[count++] = word;
  words[count++] = argv[at.index];
  if (fifo != NULL) read_from(fifo);
  become_nobody();
  clearenv();
  program = words[0];
  return find_tool(program)(count, words);
}
