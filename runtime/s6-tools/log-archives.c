/* Archives in a log directory. A name is `@`, the time when the file was closed (TAI64N), and `.s` or `.u`. */
#define _GNU_SOURCE
#include "log.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES = STAMP_TEXT + 2 };

struct archive {
  char name[NAME_BYTES + 1];
  uint64_t size;
};

static bool is_archive(const char *name) {
  return strlen(name) == NAME_BYTES && name[0] == '@' && strspn(name + 1, "0123456789abcdef") == 24 &&
         name[25] == '.' && (name[26] == 's' || name[26] == 'u');
}

static int by_name(const void *a, const void *b) {
  return memcmp(((const struct archive *)a)->name, ((const struct archive *)b)->name, STAMP_TEXT);
}

/* Gives all archives, the oldest first. NULL when there are none or the directory cannot be read. */
static struct archive *list_archives(const struct log_directory *log, size_t *count) {
  struct archive *list = NULL;
  DIR *directory = fdopendir(openat(log->directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  *count = 0;
  if (directory == NULL) return NULL;
  for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
    struct stat found;
    if (!is_archive(entry->d_name) || fstatat(log->directory, entry->d_name, &found, 0) < 0) continue;
    struct archive *longer = realloc(list, (*count + 1) * sizeof *list);
    if (longer == NULL) break;
    list = longer;
    memcpy(list[*count].name, entry->d_name, NAME_BYTES + 1);
    list[(*count)++].size = (uint64_t)found.st_size;
  }
  closedir(directory);
  if (*count > 0) qsort(list, *count, sizeof *list, by_name);
  return list;
}

static void remove_surplus(const struct log_directory *log) {
  const struct keeping *keeping = &log->keeping;
  size_t count;
  uint64_t total = 0;
  struct archive *list = list_archives(log, &count);
  for (size_t i = 0; i < count; i++)
    total += list[i].size;
  for (size_t i = 0; i < count; i++) {
    if (count - i <= keeping->count && (keeping->total_bytes == 0 || total <= keeping->total_bytes)) break;
    if (unlinkat(log->directory, list[i].name, 0) < 0 && !is_quiet)
      warn_system("unable to unlink %s/%s", log->name, list[i].name);
    total -= list[i].size;
  }
  free(list);
}

bool keep_archive(const struct log_directory *log, const char *name, char suffix) {
  struct stat found;
  if (fstatat(log->directory, name, &found, 0) < 0) return errno == ENOENT;
  if (found.st_nlink == 1 && found.st_size > 0) {
    char archive[NAME_BYTES + 1];
    stamp_format(stamp_now(), archive);
    archive[STAMP_TEXT] = '.';
    archive[STAMP_TEXT + 1] = suffix;
    archive[STAMP_TEXT + 2] = '\0';
    if (linkat(log->directory, name, log->directory, archive, 0) < 0) return false;
  }
  if (unlinkat(log->directory, name, 0) < 0) return false;
  remove_surplus(log);
  return true;
}
