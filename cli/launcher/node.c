/* Finds Node.js. Its version is checked by kahi.js, because a question to another process would cost as much as its start. */
#define _GNU_SOURCE
#include "launcher.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEEDED "Node.js 20.19 or newer"
/* Where sh searches when there is no PATH. Source: dash 0.5.12, defpathvar. */
static const char DEFAULT_PATH[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

static bool is_program(const char *path) {
  struct stat file;
  return stat(path, &file) == 0 && S_ISREG(file.st_mode) && access(path, X_OK) == 0;
}

/* Searches `name` in PATH; an empty part of PATH is the working directory. */
static bool search(const char *name, char path[PATH_BYTES]) {
  const char *part = getenv("PATH");
  if (part == NULL) part = DEFAULT_PATH;
  for (;; part++) {
    size_t length = strcspn(part, ":");
    int written = snprintf(path, PATH_BYTES, "%.*s%s%s", (int)length, part, length == 0 ? "" : "/", name);
    if (written < PATH_BYTES && is_program(path)) return true;
    part += length;
    if (*part == '\0') return false;
  }
}

static void use_named(struct node *node, const char *named) {
  node->word = named;
  node->source = "KAHI_NODE";
  if (strchr(named, '/') == NULL) {
    if (search(named, node->path)) return;
    refuse("KAHI_NODE names %s, which is not in PATH: set it to the path of " NEEDED ", or unset it", named);
  }
  bool fits = (size_t)snprintf(node->path, PATH_BYTES, "%s", named) < PATH_BYTES;
  if (fits && is_program(named)) return;
  const char *reason = access(named, F_OK) != 0 ? strerror(errno) : "it is no program that this user may execute";
  refuse("KAHI_NODE names %s, which cannot be run: %s: set it to the path of " NEEDED ", or unset it", named, reason);
}

void find_node(struct node *node, const struct places *places) {
  const char *named = getenv("KAHI_NODE");
  if (named != NULL && *named != '\0') {
    use_named(node, named);
    return;
  }
  native_path(places, "node", node->path);
  node->word = node->path;
  node->source = "beside kahi";
  if (is_program(node->path)) return;
  node->word = "node";
  node->source = "in PATH";
  if (search(node->word, node->path)) return;
  refuse("there is no program \"node\" in PATH: install " NEEDED ", or set KAHI_NODE to its path");
}
