/*
 * kahi: the launcher. It finds out which program the call is for and executes this program in its own place, under the name
 * of the call:
 *
 *   - a command of s6 or execline, by its name or as `kahi s6-…`: kahi-s6;
 *   - `kahi version` and `kahi healthcheck`: done here, without Node.js;
 *   - all others: kahi.js with Node.js. For a daemon the launcher first prepares the environment (start.c).
 *
 * The launcher is static and needs no shell, no C library and no /proc. kahi.sh starts it from an npm package, and
 * takes its place where no compiler could build it.
 */
#define _GNU_SOURCE
#include "launcher.h"
#include "../../runtime/s6-tools/names.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

static void say(const char *format, va_list values) {
  char line[2 * PATH_BYTES];
  size_t used = (size_t)snprintf(line, sizeof line, "kahi: ");
  int length = vsnprintf(line + used, sizeof line - used - 1, format, values);
  if (length > 0) used += (size_t)length;
  if (used > sizeof line - 2) used = sizeof line - 2;
  line[used++] = '\n';
  if (write(2, line, used) < 0) return;
}

void complain(const char *format, ...) {
  va_list values;
  va_start(values, format);
  say(format, values);
  va_end(values);
}

void refuse(const char *format, ...) {
  va_list values;
  va_start(values, format);
  say(format, values);
  va_end(values);
  _exit(EXIT_REFUSED);
}

#define NAME(name, function) name,
static const char *const TOOL_NAMES[] = { TOOLS(NAME) };

static bool is_tool(const char *name) {
  for (size_t i = 0; i < sizeof TOOL_NAMES / sizeof *TOOL_NAMES; i++)
    if (strcmp(TOOL_NAMES[i], name) == 0) return true;
  return false;
}

/* Executes kahi-s6, which takes the command from argv[0]. */
static _Noreturn void become_tool(const struct places *places, char **argv) {
  char path[PATH_BYTES];
  native_path(places, "kahi-s6", path);
  execv(path, argv);
  refuse("cannot run %s: %s: install kahi again", path, strerror(errno));
}

static int print_version(void) {
  static const char version[] = KAHI_VERSION "\n";
  return write(1, version, sizeof version - 1) == sizeof version - 1 ? 0 : EXIT_REFUSED;
}

/* Words that need no Node.js count only under the own name: to other names they are arguments. */
static bool is_native(const struct call *call, const char *word) {
  return strcmp(call->name, "kahi") == 0 && strcmp(call->word, word) == 0;
}

/*
 * The path that was given to execve(): for a link the path of that link, as `$0` in a script. The launcher in sh, which an npm
 * package starts first, passes its own.
 */
static const char *path_of_call(char **argv) {
  const char *passed = getenv("KAHI_CALLED_AS"), *executed = (const char *)getauxval(AT_EXECFN);
  if (passed != NULL && *passed != '\0') {
    char *copy = strdup(passed);
    unsetenv("KAHI_CALLED_AS");
    if (copy != NULL) return copy;
  }
  return executed != NULL ? executed : argv[0] != NULL ? argv[0] : "kahi";
}

int main(int argc, char **argv) {
  const char *executed = (const char *)getauxval(AT_EXECFN), *called_as = path_of_call(argv);
  struct call call = { called_as, last_part(called_as), argc > 1 ? argv[1] : "", argc, argv };
  static struct places places;
  bool is_alone = argc == 2;
  if (is_alone && (is_native(&call, "version") || is_native(&call, "--version"))) return print_version();
  if (is_native(&call, "healthcheck")) {
    int code = check_health(&call);
    if (code >= 0) return code;
  }
  find_places(&places, executed != NULL ? executed : called_as);
  if (is_tool(call.name)) {
    argv[0] = (char *)call.name;
    become_tool(&places, argv);
  }
  if (strncmp(call.word, "s6-", 3) == 0 && is_tool(call.word)) become_tool(&places, argv + 1);
  start_bundle(&call, &places);
}
