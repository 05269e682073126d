/* The file commands of s6-portable-utils. Each works as the usual command, but has fewer options. */
#define _GNU_SOURCE
#include "tool.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int s6_mkfifo(int argc, char **argv) {
  static const char usage[] = "s6-mkfifo [ -m mode ] fifo...";
  struct options at = { 0 };
  unsigned int mode = 0666;
  for (int letter; (letter = next_option(argc, argv, "m:", &at)) != -1;)
    if (letter == '?' || !read_octal(at.word, &mode)) die_usage(usage);
  if (at.index >= argc) die_usage(usage);
  umask(0111);
  for (int i = at.index; i < argc; i++)
    if (mkfifo(argv[i], mode) < 0) die_system("unable to mkfifo %s", argv[i]);
  return 0;
}

int s6_touch(int argc, char **argv) {
  if (argc < 2) die_usage("s6-touch file ...");
  for (int i = 1; i < argc; i++) {
    int fd = open(argv[i], O_WRONLY | O_CREAT | O_NONBLOCK | O_CLOEXEC, 0666);
    if (fd < 0 || futimens(fd, NULL) < 0) die_system("unable to touch %s", argv[i]);
    close(fd);
  }
  return 0;
}

int s6_chmod(int argc, char **argv) {
  unsigned int mode;
  if (argc < 3 || !read_octal(argv[1], &mode)) die_usage("s6-chmod mode file");
  if (chmod(argv[2], mode & 07777) < 0) die_system("unable to change mode of %s", argv[2]);
  return 0;
}

static unsigned int number_of_variable(const char *name) {
  unsigned int value;
  const char *word = getenv(name);
  if (word == NULL) die(EXIT_USAGE, "%s not set", name);
  if (!read_number(word, &value)) die(EXIT_USAGE, "invalid $%s", name);
  return value;
}

int s6_chown(int argc, char **argv) {
  static const char usage[] = "s6-chown [ -U ] [ -u uid ] [ -g gid ] file";
  struct options at = { 0 };
  unsigned int uid = (unsigned int)-1, gid = (unsigned int)-1;
  for (int letter; (letter = next_option(argc, argv, "Uu:g:", &at)) != -1;) {
    bool good = letter == 'U' || (letter != '?' && read_number(at.word, letter == 'u' ? &uid : &gid));
    if (!good) die_usage(usage);
    if (letter == 'U') uid = number_of_variable("UID"), gid = number_of_variable("GID");
  }
  if (at.index >= argc) die_usage(usage);
  if (chown(argv[at.index], uid, gid) < 0) die_system("unable to chown %s", argv[at.index]);
  return 0;
}

int s6_ls(int argc, char **argv) {
  static const char usage[] = "s6-ls [ -0 ] [ -a | -A ] [ -x exclude ] dir";
  struct options at = { 0 };
  const char *exclude = NULL;
  char delimiter = '\n';
  int dots = 0; /* 1: also names that begin with a dot; 2: also . and .. */
  for (int letter; (letter = next_option(argc, argv, "0aAx:", &at)) != -1;)
    switch (letter) {
      case '0': delimiter = '\0'; break;
      case 'a': dots = 1; break;
      case 'A': dots = 2; break;
      case 'x': exclude = at.word; break;
      default: die_usage(usage);
    }
  if (at.index >= argc) die_usage(usage);
  DIR *list = opendir(argv[at.index]);
  if (list == NULL) die_system("unable to open directory %s", argv[at.index]);
  for (struct dirent *entry; (entry = readdir(list)) != NULL;) {
    const char *name = entry->d_name;
    int level = *name != '.' ? 0 : strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? 2 : 1;
    if (level <= dots && (exclude == NULL || strcmp(name, exclude) != 0)) printf("%s%c", name, delimiter);
  }
  flush_output();
  return 0;
}

/* Makes a directory. After an error it prints a message and gives 111. */
static int make_directory(const char *path, unsigned int mode, bool verbose, bool may_exist) {
  if (mkdir(path, mode) == 0) {
    if (verbose) fprintf(stderr, "%s: created directory %s\n", program, path);
    return 0;
  }
  if (may_exist && errno == EEXIST) return 0;
  warn_system("unable to mkdir %s", path);
  return EXIT_SYSTEM;
}

static int make_parents(char *path, unsigned int mode, bool verbose) {
  for (char *slash = path; (slash = strchr(slash + 1, '/')) != NULL;) {
    *slash = '\0';
    int code = make_directory(path, mode, verbose, true);
    *slash = '/';
    if (code != 0) return code;
  }
  return make_directory(path, mode, verbose, true);
}

int s6_mkdir(int argc, char **argv) {
  struct options at = { 0 };
  unsigned int mode = 0777;
  bool parents = false, verbose = false;
  int code = 0;
  for (int letter; (letter = next_option(argc, argv, "pvm:", &at)) != -1;) {
    if (letter == '?' || (letter == 'm' && !read_octal(at.word, &mode)))
      die_usage("s6-mkdir [ -p ] [ -v ] [ -m mode ] dir");
    parents = parents || letter == 'p';
    verbose = verbose || letter == 'v';
    if (letter == 'm') umask(0);
  }
  for (int i = at.index; i < argc; i++)
    code |= parents ? make_parents(argv[i], mode, verbose) : make_directory(argv[i], mode, verbose, false);
  return code;
}

/* ---- s6-ln ------------------------------------------------------------------------------------------------- */

struct linking {
  bool symbolic, follow, force;
};

static int make_link(const char *from, const char *to, struct linking how) {
  return how.symbolic ? symlink(from, to) : linkat(AT_FDCWD, from, AT_FDCWD, to, how.follow ? AT_SYMLINK_FOLLOW : 0);
}

static int link_one(const char *from, const char *to, struct linking how) {
  char fresh[strlen(to) + 32];
  if (make_link(from, to, how) == 0) return 0;
  if (!how.force || errno != EEXIST) {
    warn_system("unable to make a link from %s to %s", to, from);
    return 1;
  }
  sprintf(fresh, "%s:s6-ln:%d", to, (int)getpid());
  if (make_link(from, fresh, how) < 0) {
    warn_system("unable to make a link to %s", from);
    return 1;
  }
  int done = rename(fresh, to);
  if (done < 0) warn_system("unable to atomically replace %s", to);
  unlink(fresh); /* rename() keeps it when both names are the same file */
  return done < 0;
}

static int link_into(const char *from, const char *directory, struct linking how) {
  char *name = strdup(from), *to;
  if (name == NULL || asprintf(&to, "%s/%s", directory, basename(name)) < 0) die_system("unable to link %s", from);
  int failures = link_one(from, to, how);
  free(to);
  free(name);
  return failures;
}

int s6_ln(int argc, char **argv) {
  static const char usage[] = "s6-ln [ -n ] [ -s ] [ -f ] [ -L ] [ -P ] src... dest";
  struct options at = { 0 };
  struct linking how = { false, false, false };
  bool no_directory = false;
  for (int letter; (letter = next_option(argc, argv, "nsfLP", &at)) != -1;)
    switch (letter) {
      case 'n': no_directory = true; break;
      case 's': how.symbolic = true; break;
      case 'f': how.force = true; break;
      case 'L':
      case 'P': how.follow = letter == 'L'; break;
      default: die_usage(usage);
    }
  int count = argc - at.index - 1, failures = 0;
  if (count < 1) die_usage(usage);
  const char *target = argv[argc - 1];
  struct stat found;
  int there = no_directory ? lstat(target, &found) : stat(target, &found);
  if (count == 1 && there < 0 && errno != ENOENT) die_system("unable to stat %s", target);
  if (count == 1 && (there < 0 || !S_ISDIR(found.st_mode))) return link_one(argv[at.index], target, how);
  for (int i = at.index; i < argc - 1; i++)
    failures += link_into(argv[i], target, how);
  return failures;
}

int s6_rename(int argc, char **argv) {
  if (argc < 3) die_usage("s6-rename old new");
  if (rename(argv[1], argv[2]) < 0) die_system("unable to rename %s to %s", argv[1], argv[2]);
  return 0;
}

/* ---- trees ------------------------------------------------------------------------------------------------- */

static int remove_entry(const char *path, const struct stat *found, int kind, struct FTW *at) {
  (void)found, (void)kind, (void)at;
  return remove(path);
}

int s6_rmrf(int argc, char **argv) {
  if (argc < 2) die_usage("s6-rmrf file ...");
  for (int i = 1; i < argc; i++)
    if (nftw(argv[i], remove_entry, 32, FTW_DEPTH | FTW_PHYS) < 0 && errno != ENOENT)
      die_system("unable to remove %s", argv[i]);
  return 0;
}

static const char *copy_to;
static size_t root_length; /* length of the source path without slashes at its end */

/* Copies a file. Only its owner can read it until it has its final owner and mode. */
static bool copy_contents(const char *from, const char *to) {
  char buffer[65536];
  int in = open(from, O_RDONLY | O_CLOEXEC);
  int out = in < 0 ? -1 : open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  ssize_t count = out < 0 ? -1 : 0;
  while (out >= 0 && (count = read(in, buffer, sizeof buffer)) > 0)
    if (write(out, buffer, (size_t)count) != count) count = -1;
  if (in >= 0) close(in);
  if (out >= 0 && close(out) < 0) count = -1;
  return count == 0;
}

static bool copy_node(const char *from, const char *to, const struct stat *found) {
  if (S_ISDIR(found->st_mode)) return mkdir(to, 0700) == 0 || errno == EEXIST;
  if (S_ISREG(found->st_mode)) return copy_contents(from, to);
  if (!S_ISLNK(found->st_mode)) return mknod(to, found->st_mode, found->st_rdev) == 0;
  char target[4096];
  ssize_t length = readlink(from, target, sizeof target - 1);
  if (length < 0) return false;
  target[length] = '\0';
  return symlink(target, to) == 0;
}

static char *destination_of(const char *path) {
  char *to;
  if (asprintf(&to, "%s%s", copy_to, path + root_length) < 0) die_system("unable to copy %s", path);
  return to;
}

static int copy_entry(const char *path, const struct stat *found, int kind, struct FTW *at) {
  (void)kind, (void)at;
  char *to = destination_of(path);
  bool good = copy_node(path, to, found);
  if (good && geteuid() == 0) good = lchown(to, found->st_uid, found->st_gid) == 0;
  if (good && S_ISREG(found->st_mode))
    good = chmod(to, found->st_mode & 07777) == 0; /* chown may have removed mode bits */
  free(to);
  return good ? 0 : -1;
}

/* Sets the modes of directories last, because no file can be made in a directory without write permission. */
static int copy_directory_mode(const char *path, const struct stat *found, int kind, struct FTW *at) {
  (void)at;
  if (kind != FTW_DP) return 0;
  char *to = destination_of(path);
  int done = chmod(to, found->st_mode & 07777);
  free(to);
  return done;
}

int s6_hiercopy(int argc, char **argv) {
  if (argc < 3) die_usage("s6-hiercopy src dst");
  umask(0);
  char *from = argv[1];
  size_t length = root_length = strlen(from);
  while (root_length > 0 && from[root_length - 1] == '/')
    root_length--;
  if (root_length > 0) from[root_length] = '\0';
  else if (length > 0) from = "/"; /* for the root directory, this slash starts the paths of all entries */
  copy_to = argv[2];
  if (nftw(from, copy_entry, 32, FTW_PHYS) < 0 || nftw(from, copy_directory_mode, 32, FTW_PHYS | FTW_DEPTH) < 0)
    die_system("unable to copy hierarchy from %s to %s", from, copy_to);
  return 0;
}
