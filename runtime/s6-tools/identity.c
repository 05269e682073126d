/* s6-setuidgid, s6-envuidgid and s6-applyuidgid: execute a program as another user. */
#define _GNU_SOURCE
#include "tool.h"
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct groups {
  gid_t list[NGROUPS_MAX];
  int count; /* -1: do not change the groups */
};

struct identity {
  unsigned int uid, gid; /* 0: do not change it */
  struct groups groups;
};

static struct identity identity = { .groups = { .count = -1 } }; /* too large for a stack */

/* Reads numbers with commas between them. An empty text is an empty list. */
static bool read_groups(const char *text, struct groups *groups) {
  groups->count = 0;
  while (*text != '\0') {
    char word[16];
    unsigned int gid;
    size_t length = strcspn(text, ",");
    if (length >= sizeof word || groups->count == NGROUPS_MAX) return false;
    memcpy(word, text, length);
    word[length] = '\0';
    if (!read_number(word, &gid)) return false;
    groups->list[groups->count++] = gid;
    text += length + (text[length] == ',');
  }
  return true;
}

static void apply(const struct identity *as) {
  gid_t gid = as->gid != 0 ? as->gid : getegid();
  if (as->groups.count >= 0) {
    /* The new group is the first of the list: some systems take the first group of the list as effective group. */
    gid_t list[as->groups.count + 1];
    int count = 0;
    list[count++] = gid;
    for (int i = 0; i < as->groups.count; i++)
      if (as->groups.list[i] != gid) list[count++] = as->groups.list[i];
    if (setgroups((size_t)count, list) < 0) die_system("unable to set supplementary group list");
  }
  if (as->gid != 0 && setgid(as->gid) < 0) die_system("unable to setgid");
  if (as->uid != 0 && setuid(as->uid) < 0) die_system("unable to setuid");
}

static const char *required(const char *name) {
  const char *value = getenv(name);
  if (value == NULL) die(EXIT_USAGE, "%s not set", name);
  return value;
}

/* Reads the variables UID, GID and GIDLIST, which s6-envuidgid sets. */
static void read_variables(struct identity *as) {
  if (!read_number(required("UID"), &as->uid)) die(EXIT_USAGE, "invalid $UID");
  if (!read_number(required("GID"), &as->gid)) die(EXIT_USAGE, "invalid $GID");
  if (!read_groups(required("GIDLIST"), &as->groups)) die(EXIT_USAGE, "invalid $GIDLIST");
}

int s6_applyuidgid(int argc, char **argv) {
  static const char usage[] = "s6-applyuidgid [ -z ] [ -u uid ] [ -g gid ] [ -G gidlist ] [ -U ] prog...";
  struct options at = { 0 };
  bool forget = false;
  for (int letter; (letter = next_option(argc, argv, "zUu:g:G:", &at)) != -1;)
    switch (letter) {
      case 'z': forget = true; break;
      case 'U': read_variables(&identity); break;
      case 'u':
        if (!read_number(at.word, &identity.uid)) die_usage(usage);
        break;
      case 'g':
        if (!read_number(at.word, &identity.gid)) die_usage(usage);
        break;
      case 'G':
        if (!read_groups(at.word, &identity.groups)) die_usage(usage);
        break;
      default: die_usage(usage);
    }
  if (at.index >= argc) die_usage(usage);
  apply(&identity);
  if (forget) {
    change_variable("UID", NULL);
    change_variable("GID", NULL);
    change_variable("GIDLIST", NULL);
  }
  become(argv + at.index);
}

/* ---- accounts and groups ----------------------------------------------------------------------------------- */

/* Finds the groups that have the account as member. */
static void find_groups(const char *account, struct groups *groups) {
  groups->count = 0;
  setgrent();
  for (struct group *group; groups->count < NGROUPS_MAX && (group = getgrent()) != NULL;)
    for (char **member = group->gr_mem; *member != NULL; member++)
      if (strcmp(*member, account) == 0) {
        groups->list[groups->count++] = group->gr_gid;
        break;
      }
  endgrent();
}

static void find_account(const char *name, struct identity *as) {
  struct passwd *account = getpwnam(name);
  if (account == NULL) die(1, "unknown user: %s", name);
  as->uid = account->pw_uid;
  as->gid = account->pw_gid;
  find_groups(name, &as->groups);
}

int s6_setuidgid(int argc, char **argv) {
  if (argc < 3) die_usage("s6-setuidgid username prog...");
  char *account = argv[1], *colon = strchr(account, ':');
  if (*account == '\0') become(argv + 2);
  if (colon != NULL) {
    *colon = '\0';
    program = "s6-applyuidgid";
    if (!read_number(account, &identity.uid) || !read_number(colon + 1, &identity.gid))
      die_usage("s6-applyuidgid [ -z ] [ -u uid ] [ -g gid ] [ -G gidlist ] [ -U ] prog...");
    identity.groups.count = 0;
  } else {
    program = "s6-envuidgid";
    find_account(account, &identity);
    program = "s6-applyuidgid";
    change_variable("UID", NULL);
    change_variable("GID", NULL);
    change_variable("GIDLIST", NULL);
  }
  apply(&identity);
  become(argv + 2);
}

static void export_number(const char *name, unsigned int number) {
  char text[16];
  snprintf(text, sizeof text, "%u", number);
  change_variable(name, text);
}

static void export_groups(const struct groups *groups) {
  char *text = malloc((size_t)groups->count * 11 + 1), *end = text;
  if (text == NULL) die_system("unable to list groups");
  *end = '\0';
  for (int i = 0; i < groups->count; i++)
    end += sprintf(end, "%s%u", i == 0 ? "" : ",", groups->list[i]);
  change_variable("GIDLIST", text);
  free(text);
}

/* Reads UID:GID:GIDLIST. A missing id is 0, a missing list is empty. */
static bool read_defaults(char *text, struct identity *as) {
  char *gid = strchr(text, ':'), *groups = NULL;
  if (gid != NULL) {
    *gid++ = '\0';
    groups = strchr(gid, ':');
  }
  if (groups != NULL) *groups++ = '\0';
  as->uid = as->gid = 0;
  if (*text == '\0' && gid == NULL) return false;
  if (*text != '\0' && !read_number(text, &as->uid)) return false;
  if (gid != NULL && *gid != '\0' && !read_number(gid, &as->gid)) return false;
  return read_groups(groups == NULL ? "" : groups, &as->groups);
}

enum { THE_USER = 1, THE_GROUP = 2, THE_GROUPS = 4, ACCOUNT = 7 };

struct question {
  int what;
  bool numbers; /* an unknown name may be a number */
  bool defaults;
};

static void find_user(const char *name, const struct question *q) {
  struct passwd *account = getpwnam(name);
  if (account != NULL) identity.uid = account->pw_uid;
  else if (!(q->numbers && read_number(name, &identity.uid)) && !q->defaults) die(1, "unknown user: %s", name);
  if (account == NULL || q->what != ACCOUNT) return;
  find_groups(name, &identity.groups);
  identity.gid = account->pw_gid;
}

static void find_group(const char *name, const struct question *q) {
  struct group *group = getgrnam(name);
  if (group != NULL) identity.gid = group->gr_gid;
  else if (!(q->numbers && read_number(name, &identity.gid)) && !q->defaults) die(1, "unknown group: %s", name);
}

static void answer(char *name, const struct question *q) {
  char *user = q->what == THE_GROUP ? NULL : name, *group = q->what == THE_GROUP ? name : NULL;
  char *colon = q->what == (THE_USER | THE_GROUP) ? strchr(name, ':') : NULL;
  if (colon != NULL) {
    *colon = '\0';
    group = colon[1] == '\0' ? NULL : colon + 1;
    user = colon == name ? NULL : name;
  }
  if (group != NULL) find_group(group, q);
  if (user != NULL) find_user(user, q);
}

int s6_envuidgid(int argc, char **argv) {
  static const char usage[] =
    "s6-envuidgid [ -i | -D defaultuid:defaultgid:defaultgidlist ] [ -u | -g | -B ] [ -n ] account prog...";
  struct options at = { 0 };
  struct question q = { .what = ACCOUNT };
  identity.groups.count = 0;
  for (int letter; (letter = next_option(argc, argv, "ugBniD:", &at)) != -1;)
    switch (letter) {
      case 'u': q.what = THE_USER; break;
      case 'g': q.what = THE_GROUP; break;
      case 'B': q.what = THE_USER | THE_GROUP; break;
      case 'n': q.what &= ~THE_GROUPS, q.numbers = true; break;
      case 'i': q.defaults = false; break;
      case 'D':
        if (!read_defaults((char *)at.word, &identity)) die_usage(usage);
        q.defaults = true;
        break;
      default: die_usage(usage);
    }
  if (argc - at.index < 2) die_usage(usage);
  answer(argv[at.index], &q);
  if (q.what & THE_USER) export_number("UID", identity.uid);
  if (q.what & THE_GROUP) export_number("GID", identity.gid);
  if (q.what & THE_GROUPS) export_groups(&identity.groups);
  become(argv + at.index + 1);
}
