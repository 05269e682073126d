/* s6-envdir, s6-env, s6-printenv and s6-dumpenv: read environments from directories and write them there. */
#define _GNU_SOURCE
#include "environment.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

enum { LIMIT = 4095, LARGEST = 8 << 20 /* more than exec() accepts */ };

/* Gives the bytes of a file, with room for one more byte. NULL with errno. */
static char *read_file(int directory, const char *name, size_t limit, size_t *length) {
  int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno == ENOENT) errno = EIDRM; /* the file was removed meanwhile; ENOENT would mean a missing directory */
    return NULL;
  }
  size_t capacity = limit;
  struct stat found;
  if (limit > LIMIT && fstat(fd, &found) == 0 && found.st_size < LARGEST) capacity = (size_t)found.st_size + 4096;
  char *text = malloc(capacity + 1);
  ssize_t count = 0;
  *length = 0;
  while (text != NULL && *length < capacity && (count = read(fd, text + *length, capacity - *length)) > 0)
    *length += (size_t)count;
  close(fd);
  if (count >= 0) return text;
  free(text);
  return NULL;
}

/* Gives how many bytes of the text belong to the value. */
static size_t value_length(const char *text, size_t length, struct reading how) {
  if (how.whole) return length - (!how.keep_ends && length > 0 && text[length - 1] == '\n');
  const char *end = memchr(text, '\n', length);
  if (end != NULL) length = (size_t)(end - text);
  while (!how.keep_ends && length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
    length--;
  return length;
}

static bool read_variable(int directory, const char *name, struct reading how) {
  size_t length;
  char *text = read_file(directory, name, how.no_limit ? LARGEST : LIMIT, &length);
  if (text == NULL) return false;
  if (length == 0 && !how.keep_empty) change_variable(name, NULL);
  else {
    length = value_length(text, length, how);
    for (size_t i = 0; i < length; i++)
      if (text[i] == '\0') text[i] = how.zero_becomes;
    text[length] = '\0';
    change_variable(name, text);
  }
  free(text);
  return true;
}

bool read_environment(const char *directory, struct reading how) {
  DIR *list = opendir(directory);
  if (list == NULL) return false;
  bool good = true;
  struct dirent *entry;
  while (good && (errno = 0, entry = readdir(list)) != NULL)
    if (entry->d_name[0] != '.' && strchr(entry->d_name, '=') == NULL)
      good = read_variable(dirfd(list), entry->d_name, how);
  int error = errno;
  closedir(list);
  errno = error;
  return good && error == 0;
}

int s6_envdir(int argc, char **argv) {
  static const char usage[] = "s6-envdir [ -I | -i ] [ -n ] [ -f ] [ -L ] [ -c nullchar ] dir prog...";
  struct options at = { 0 };
  struct reading how = { .zero_becomes = '\n' };
  bool insist = true;
  for (int letter; (letter = next_option(argc, argv, "IinfLc:", &at)) != -1;)
    switch (letter) {
      case 'I': insist = false; break;
      case 'i': insist = true; break;
      case 'n': how.keep_ends = true; break;
      case 'f': how.whole = true; break;
      case 'L': how.no_limit = true; break;
      case 'c': how.zero_becomes = *at.word; break;
      default: die_usage(usage);
    }
  if (argc - at.index < 2) die_usage(usage);
  const char *directory = argv[at.index];
  if (!read_environment(directory, how) && (insist || errno != ENOENT)) die_system("unable to envdir %s", directory);
  become(argv + at.index + 1);
}

static void print_all(char delimiter, bool ends) {
  for (char **variable = environ; *variable != NULL; variable++) {
    fputs(*variable, stdout);
    if (ends || variable[1] != NULL) putchar(delimiter);
  }
  flush_output();
}

int s6_printenv(int argc, char **argv) {
  struct options at = { 0 };
  char delimiter = '\n';
  bool ends = true;
  for (int letter; (letter = next_option(argc, argv, "nd:0", &at)) != -1;)
    switch (letter) {
      case 'n': ends = false; break;
      case 'd': delimiter = *at.word; break;
      case '0': delimiter = '\0'; break;
      default: die_usage("s6-printenv [ -n ] [ -0 | -d delimchar ]");
    }
  print_all(delimiter, ends);
  return 0;
}

int s6_env(int argc, char **argv) {
  struct options at = { 0 };
  for (int letter; (letter = next_option(argc, argv, "i", &at)) != -1;) {
    if (letter == '?') die_usage("s6-env [ -i ] [ name=value... ] prog...");
    keep_path();
    clearenv();
  }
  for (char *equals; at.index < argc && (equals = strchr(argv[at.index], '=')) != NULL; at.index++) {
    *equals = '\0';
    change_variable(argv[at.index], equals + 1);
  }
  if (at.index < argc) become(argv + at.index);
  print_all('\n', true);
  return 0;
}

static void dump(int directory, const char *variable, bool newline) {
  size_t length = strcspn(variable, "=");
  char name[length + 1], fresh[length + sizeof "=.tmp"];
  memcpy(name, variable, length);
  name[length] = '\0';
  sprintf(fresh, "%s=.tmp", name);
  int fd = openat(directory, fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
  if (file == NULL) die_system("unable to open %s", name);
  fprintf(file, "%s%s", variable + length + (variable[length] == '='), newline ? "\n" : "");
  if (fclose(file) != 0 || renameat(directory, fresh, directory, name) < 0) die_system("unable to open %s", name);
}

int s6_dumpenv(int argc, char **argv) {
  static const char usage[] = "s6-dumpenv [ -N | -n ] [ -m mode ] envdir";
  struct options at = { 0 };
  unsigned int mode = 0755;
  bool newline = false;
  for (int letter; (letter = next_option(argc, argv, "nNm:", &at)) != -1;) {
    if (letter == '?' || (letter == 'm' && !read_octal(at.word, &mode))) die_usage(usage);
    if (letter != 'm') newline = letter == 'N';
  }
  if (at.index >= argc) die_usage(usage);
  const char *directory = argv[at.index];
  if (mkdir(directory, mode) < 0 && errno != EEXIST) die_system("unable to mkdir %s", directory);
  int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) die_system("unable to mkdir %s", directory);
  for (char **variable = environ; *variable != NULL; variable++)
    dump(fd, *variable, newline);
  return 0;
}
