/* Finds where kahi is installed: the launcher may be called through any number of links. */
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

/* Joins; gives false when the result is too long. */
static bool join(char path[PATH_BYTES], const char *folder, const char *name) {
  return (size_t)snprintf(path, PATH_BYTES, "%s/%s", folder, name) < PATH_BYTES;
}

void native_path(const struct places *places, const char *name, char path[PATH_BYTES]) {
  if (!join(path, places->folder, name)) refuse("the path %s/%s is too long", places->folder, name);
}

/* Removes the last part of a path. */
static void leave(char *path) {
  char *slash = strrchr(path, '/');
  if (slash == path) path[1] = '\0';
  else if (slash != NULL) *slash = '\0';
}

/* The file of this process, without links. A root may have no /proc; then the path of the call is resolved. */
static bool find_self(char path[PATH_BYTES], const char *executed) {
  ssize_t length = readlink("/proc/self/exe", path, PATH_BYTES - 1);
  if (length > 0 && length < PATH_BYTES - 1) {
    path[length] = '\0';
    if (access(path, F_OK) == 0) return true;
  }
  char *resolved = realpath(executed, NULL);
  bool fits = resolved != NULL && strlen(resolved) < PATH_BYTES;
  if (fits) strcpy(path, resolved);
  free(resolved);
  return fits;
}

void find_places(struct places *places, const char *executed) {
  char package[PATH_BYTES];
  if (!find_self(places->folder, executed)) refuse("cannot find the file of %s: %s", executed, strerror(errno));
  leave(places->folder);
  native_path(places, "kahi.js", places->bundle);
  if (access(places->bundle, F_OK) == 0) return;
  strcpy(package, places->folder); /* PACKAGE/native/linux-x64 */
  leave(package);
  leave(package);
  if (join(places->bundle, package, "dist/kahi.js") && access(places->bundle, F_OK) == 0) return;
  native_path(places, "kahi.js", places->bundle);
}
