/* s6-svwait, s6-svlisten and s6-svlisten1: wait until services are in a state. The last two also run a program. */
#define _GNU_SOURCE
#include "listen.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Reads the options -uUdDrR and -t, and for some tools -a and -o. */
static void read_goal(int argc, char **argv, bool has_any, struct goal *goal, unsigned int *timeout, int *index,
                      const char *usage) {
  struct options at = { 0 };
  const char *letters = has_any ? "uUdDrRaot:" : "uUdDrRt:";
  bool any = false;
  *goal = goal_of('u');
  for (int letter; (letter = next_option(argc, argv, letters, &at)) != -1;)
    switch (letter) {
      case '?': die_usage(usage);
      case 'a': any = false; break;
      case 'o': any = true; break;
      case 't':
        if (!read_number(at.word, timeout)) die_usage(usage);
        break;
      default: *goal = goal_of((char)letter);
    }
  goal->any = any;
  *index = at.index;
}

int s6_svwait(int argc, char **argv) {
  struct goal goal;
  unsigned int timeout = 0;
  int index;
  read_goal(argc, argv, true, &goal, &timeout, &index,
            "s6-svwait [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir...");
  if (index >= argc) return 0;
  return wait_for_services(argv + index, goal, deadline_after(timeout));
}

static int listen_while(char **directories, char **command, struct goal goal, unsigned int timeout) {
  struct listener listener;
  struct sigaction unawaited = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT }; /* the kernel reaps the children */
  int64_t deadline = deadline_after(timeout);
  sigaction(SIGCHLD, &unawaited, NULL);
  listen_to_services(&listener, directories);
  goal.down_ready = true;
  if (start_program(command) == 0) {
    stop_listening(&listener);
    die_system("unable to spawn %s", command[0]);
  }
  return wait_for_goal(&listener, goal, deadline);
}

int s6_svlisten1(int argc, char **argv) {
  static const char usage[] = "s6-svlisten1 [ -U | -u | -d | -D | -r | -R ] [ -t timeout ] servicedir prog...";
  struct goal goal;
  unsigned int timeout = 0;
  int index;
  read_goal(argc, argv, false, &goal, &timeout, &index, usage);
  if (argc - index < 2) die_usage(usage);
  char *directories[] = { argv[index], NULL };
  return listen_while(directories, argv + index + 1, goal, timeout);
}

int s6_svlisten(int argc, char **argv) {
  static const char usage[] =
    "s6-svlisten [ -U | -u | -d | -D | -r | -R ] [ -a | -o ] [ -t timeout ] servicedir... \"\" prog...";
  struct goal goal;
  unsigned int timeout = 0;
  int index;
  read_goal(argc, argv, true, &goal, &timeout, &index, usage);
  if (argc - index < 3) die_usage(usage);
  int end = index; /* an empty word ends the block; execlineb puts a blank before the other words */
  for (; end < argc && *argv[end] != '\0'; end++)
    if (*argv[end] == ' ') argv[end]++;
  if (end == argc - 1) die_usage(usage);
  if (end == argc) die(EXIT_USAGE, "unterminated servicedir block");
  if (end == index) become(argv + end + 1);
  if (goal.restart && goal.any)
    warn("-o is unsupported when combined with -%c- using -a instead", goal.ready ? 'R' : 'r');
  goal.any = goal.any && !goal.restart;
  argv[end] = NULL;
  return listen_while(argv + index, argv + end + 1, goal, timeout);
}
