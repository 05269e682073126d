/*
 * kahi-s6: commands of s6, s6-portable-utils, s6-overlay and execline in one program, for images without the originals.
 * The name of the call selects the command: a link `s6-svc`, or `kahi-s6 s6-svc …`. The commands work on service
 * directories of every supervisor. They do not connect to the daemon process.
 */
#define _GNU_SOURCE
#include "names.h"
#include "tool.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECLARE(name, function) tool_main function;
TOOLS(DECLARE)

#define ROW(name, function) { name, function },
static const struct {
  const char *name;
  tool_main *run;
} TABLE[] = { TOOLS(ROW) };

enum { TOOL_COUNT = sizeof TABLE / sizeof *TABLE };

tool_main *find_tool(const char *name) {
  for (int i = 0; i < TOOL_COUNT; i++)
    if (strcmp(TABLE[i].name, name) == 0) return TABLE[i].run;
  return NULL;
}

static const char *last_part(const char *path) {
  const char *slash = strrchr(path, '/');
  return slash == NULL ? path : slash + 1;
}

int main(int argc, char **argv) {
  tool_main *run = argc > 0 ? find_tool(last_part(argv[0])) : NULL;
  if (run == NULL && argc > 1 && strcmp(argv[1], "--list") == 0) {
    for (int i = 0; i < TOOL_COUNT; i++)
      puts(TABLE[i].name);
    return 0;
  }
  if (run == NULL) {
    argc--;
    argv++;
    run = argc > 0 ? find_tool(argv[0]) : NULL;
  }
  if (run == NULL) die_usage("kahi-s6 NAME [arguments...]; kahi-s6 --list names them all");
  program = last_part(argv[0]);
  return run(argc, argv);
}
