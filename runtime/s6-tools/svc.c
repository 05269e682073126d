/* s6-svc and s6-svscanctl: send commands to supervisors. */
#define _GNU_SOURCE
#include "directory.h"
#include "listen.h"
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

enum { MAX_COMMANDS = 63, NOT_LISTENING = 102 };

static const char SVC_USAGE[] =
  "s6-svc [ -wu | -wU | -wd | -wD | -wr | -wR ] [ -T timeout ] [ -s signal | -abqhkti12pcyrlPCK ] [ -oduDUxOQ ] "
  "servicedirs...";

/* Gives the command letter for a signal, or 0. */
static char letter_of_signal(const char *word) {
  static const struct {
    int number;
    char letter;
  } LETTERS[] = {
    { SIGALRM, 'a' }, { SIGABRT, 'b' }, { SIGQUIT, 'q' }, { SIGHUP, 'h' },  { SIGKILL, 'k' }, { SIGTERM, 't' },
    { SIGINT, 'i' },  { SIGUSR1, '1' }, { SIGUSR2, '2' }, { SIGSTOP, 'p' }, { SIGCONT, 'c' }, { SIGWINCH, 'y' },
  };
  int number;
  if (!signal_number(word, &number)) die(EXIT_USAGE, "invalid signal: %s", word);
  for (size_t i = 0; i < sizeof LETTERS / sizeof *LETTERS; i++)
    if (LETTERS[i].number == number) return LETTERS[i].letter;
  die(EXIT_USAGE, "%s is not in the list of user-available signals", word);
}

struct letters {
  char text[MAX_COMMANDS + 1];
  size_t count;
};

static void add_letter(struct letters *letters, int letter, size_t limit) {
  if (letters->count == limit) die(EXIT_USAGE, "too many commands");
  letters->text[letters->count++] = (char)letter;
}

/* Sends the commands to every service. Gives the exit code. */
static int send_to_all(char **directories, const char *letters) {
  int code = 0;
  for (; *directories != NULL; directories++)
    switch (send_commands(*directories, "supervise", letters)) {
      case SENT: break;
      case NO_READER:
        warn("unable to control %s: supervisor not listening", *directories);
        code = NOT_LISTENING;
        break;
      case BROKEN:
        warn_system("something is wrong with the %s/supervise directory", *directories);
        code = 1;
        break;
      case FAILED:
        warn_system("unable to control %s", *directories);
        code = EXIT_SYSTEM;
        break;
    }
  return code;
}

/* Gives the state to wait for. Without notification-fd a service cannot report readiness, so the wait is for up only. */
static char possible_wait(char mode, const char *directory) {
  if ((mode != 'U' && mode != 'R') || has_file(directory, "notification-fd")) return mode;
  warn("%s/notification-fd not present - ignoring request for readiness notification", directory);
  return mode == 'U' ? 'u' : 'r';
}

/* Listens for events before it sends the commands, so that no event is missed. */
static int send_and_wait(char **directories, const char *letters, struct goal goal, unsigned int timeout) {
  if (*letters == '\0') {
    program = "s6-svwait";
    return wait_for_services(directories, goal, deadline_after(timeout));
  }
  program = "s6-svlisten";
  struct listener listener;
  listen_to_services(&listener, directories);
  program = "s6-svc";
  send_to_all(directories, letters);
  program = "s6-svlisten";
  goal.down_ready = true;
  return wait_for_goal(&listener, goal, deadline_after(timeout));
}

int s6_svc(int argc, char **argv) {
  struct options at = { 0 };
  struct letters letters = { .count = 0 };
  unsigned int timeout = 0;
  char mode = 0;
  for (int letter; (letter = next_option(argc, argv, "s:abqhkti12pcyrlPCKoduDUxOQT:w:", &at)) != -1;)
    switch (letter) {
      case 'T':
        if (!read_number(at.word, &timeout)) die_usage(SVC_USAGE);
        break;
      case 'w':
        if (*at.word == '\0' || strchr("dDuUrR", *at.word) == NULL) die_usage(SVC_USAGE);
        mode = *at.word;
        break;
      case '?': die_usage(SVC_USAGE);
      default: add_letter(&letters, letter == 's' ? letter_of_signal(at.word) : letter, MAX_COMMANDS - 1);
    }
  if (at.index >= argc) die_usage(SVC_USAGE);
  char **directories = argv + at.index;
  if (**directories == '\0') die(EXIT_USAGE, "invalid service path");
  letters.text[letters.count] = '\0';
  if (mode == 0) return send_to_all(directories, letters.text);
  return send_and_wait(directories, letters.text, goal_of(possible_wait(mode, *directories)), timeout);
}

int s6_svscanctl(int argc, char **argv) {
  static const char usage[] = "s6-svscanctl [ -zabhitqnN ] svscandir";
  struct options at = { 0 };
  struct letters letters = { .count = 0 };
  for (int letter; (letter = next_option(argc, argv, "zabhitqnN", &at)) != -1;) {
    if (letter == '?') die_usage(usage);
    add_letter(&letters, letter, MAX_COMMANDS);
  }
  if (at.index >= argc) die_usage(usage);
  letters.text[letters.count] = '\0';
  const char *directory = argv[at.index];
  switch (send_commands(directory, ".s6-svscan", letters.text)) {
    case SENT: return 0;
    case NO_READER: die(EXIT_USAGE, "unable to control %s: supervisor not listening", directory);
    case BROKEN:
      die_system_with(EXIT_USAGE, "something is wrong with the %s/.s6-svscan directory. errno reported", directory);
    case FAILED: die_system("unable to control %s", directory);
  }
  return EXIT_SYSTEM;
}
