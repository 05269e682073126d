/* Reads the fields of a SPAWN request into a struct spawn. */
#include "shim.h"

/* Reads `1,2,3` into group_list. An empty text means no supplementary group. */
bool read_groups(const char *text, int *count) {
  for (*count = 0; *text; (*count)++) {
    const char *stop = strchrnul(text, ',');
    long long id;
    if (*count == MAX_GROUPS || !read_number(text, stop, 10, UINT32_MAX, &id)) return false;
    group_list[*count] = (gid_t)id;
    if (*stop && !stop[1]) return false;
    text = *stop ? stop + 1 : stop;
  }
  return true;
}

static bool read_stream(const char *text, bool may_share, enum stream *stream) {
  if (strcmp(text, "null") == 0) *stream = STREAM_NULL;
  else if (strcmp(text, "pipe") == 0) *stream = STREAM_PIPE;
  else if (strcmp(text, "inherit") == 0) *stream = STREAM_INHERIT;
  else if (may_share && strcmp(text, "stdout") == 0) *stream = STREAM_STDOUT;
  else return false;
  return true;
}

/* Gives whether the text is a whole number from `least` to `most`. */
static bool is_between(const char *text, int least, int most) {
  long long number;
  const char *digits = text + (*text == '-');
  if (!read_whole(digits, 10, INT32_MAX, &number)) return false;
  if (digits != text) number = -number;
  return number >= least && number <= most;
}

static const struct {
  const char *name;
  int number;
} resources[] = { { "as", RLIMIT_AS },           { "core", RLIMIT_CORE },         { "cputime", RLIMIT_CPU },
                  { "data", RLIMIT_DATA },       { "fsize", RLIMIT_FSIZE },       { "locks", RLIMIT_LOCKS },
                  { "memlock", RLIMIT_MEMLOCK }, { "msgqueue", RLIMIT_MSGQUEUE }, { "nice", RLIMIT_NICE },
                  { "nofile", RLIMIT_NOFILE },   { "nproc", RLIMIT_NPROC },       { "rss", RLIMIT_RSS },
                  { "rtprio", RLIMIT_RTPRIO },   { "rttime", RLIMIT_RTTIME },     { "sigpending", RLIMIT_SIGPENDING },
                  { "stack", RLIMIT_STACK } };

static bool read_limit(const char *text, const char *stop, rlim_t *limit) {
  long long number;
  *limit = RLIM_INFINITY;
  if (stop - text == 9 && memcmp(text, "unlimited", 9) == 0) return true;
  if (!read_number(text, stop, 10, INT64_MAX, &number)) return false;
  *limit = (rlim_t)number;
  return true;
}

/* Reads a limit, `NAME:SOFT:HARD`. False for an invalid text. */
static bool take_limit(struct spawn *spawn, const char *text) {
  const char *soft = strchr(text, ':'), *hard = soft ? strchr(soft + 1, ':') : NULL;
  if (!hard) return false;
  for (size_t i = 0; i < sizeof resources / sizeof *resources; i++) {
    size_t length = strlen(resources[i].name);
    if (length != (size_t)(soft - text) || memcmp(resources[i].name, text, length) != 0) continue;
    struct rlimit *limit = &spawn->limits[resources[i].number];
    spawn->limited[resources[i].number] = true;
    return read_limit(soft + 1, hard, &limit->rlim_cur) && read_limit(hard + 1, hard + strlen(hard), &limit->rlim_max);
  }
  return false;
}

/* Reads `1,5,12` as the capabilities that the program keeps. An empty text keeps none. */
static bool take_capabilities(struct spawn *spawn, const char *text) {
  spawn->restricted = true;
  spawn->capabilities = 0;
  while (*text) {
    const char *stop = strchrnul(text, ',');
    long long number;
    if (!read_number(text, stop, 10, 63, &number) || (*stop && !stop[1])) return false;
    spawn->capabilities |= (uint64_t)1 << number;
    text = *stop ? stop + 1 : stop;
  }
  return true;
}

/* Takes one of the fields that few requests have. */
static bool take_attribute(struct spawn *spawn, const char *key, char *value) {
  if (strcmp(key, "journal") == 0 && strcmp(value, "stdout") == 0) return spawn->journal[0] = true;
  if (strcmp(key, "journal") == 0) return spawn->journal[1] = strcmp(value, "stderr") == 0;
  if (strcmp(key, "nice") == 0) return is_between(value, -20, 19) && (spawn->nice = value);
  if (strcmp(key, "oom-score-adj") == 0) return is_between(value, -1000, 1000) && (spawn->oom_score_adj = value);
  if (strcmp(key, "rlimit") == 0) return take_limit(spawn, value);
  if (strcmp(key, "cgroup") == 0)
    return spawn->cgroup_count < MAX_CGROUPS && (spawn->cgroups[spawn->cgroup_count++] = value);
  if (strcmp(key, "capabilities") == 0) return take_capabilities(spawn, value);
  if (strcmp(key, "no-new-privs") == 0) return spawn->no_new_privs = strcmp(value, "yes") == 0;
  if (strcmp(key, "notify") == 0 && strcmp(value, "socket") == 0) return spawn->notify_socket = true;
  if (strcmp(key, "notify") == 0) return read_whole(value, 10, MAX_NOTIFY, &spawn->notify) && spawn->notify > 0;
  if (strcmp(key, "listen") == 0) return *value && (spawn->listen = value);
  if (strcmp(key, "reads") == 0) return *value && strlen(value) <= MAX_ID && (spawn->reads = value);
  if (strcmp(key, "writes") == 0) return *value && strlen(value) <= MAX_ID && (spawn->writes = value);
  if (strcmp(key, "pdeathsig") == 0) return read_whole(value, 10, 64, &spawn->death_signal) && spawn->death_signal > 0;
  return false;
}

/* Takes one field of a SPAWN request. False when the field is unknown or its value is invalid. */
bool take_field(struct spawn *spawn, const char *key, char *value) {
  if (strcmp(key, "env") == 0) return spawn->envs < MAX_STRINGS && (spawn->envp[spawn->envs++] = value);
  if (strcmp(key, "arg") == 0) return spawn->args < MAX_STRINGS && (spawn->argv[spawn->args++] = value);
  if (strcmp(key, "id") == 0) return *value && strlen(value) <= MAX_ID && (spawn->id = value);
  if (strcmp(key, "file") == 0) return *value && (spawn->file = value);
  if (strcmp(key, "directory") == 0) return *value && (spawn->directory = value);
  if (strcmp(key, "umask") == 0) return read_whole(value, 8, 0777, &spawn->umask);
  if (strcmp(key, "uid") == 0) return read_whole(value, 10, UINT32_MAX, &spawn->uid);
  if (strcmp(key, "gid") == 0) return read_whole(value, 10, UINT32_MAX, &spawn->gid);
  if (strcmp(key, "groups") == 0) return read_groups(value, &spawn->group_count);
  if (strcmp(key, "stdin") == 0) return read_stream(value, false, &spawn->stream[0]);
  if (strcmp(key, "stdout") == 0) return read_stream(value, false, &spawn->stream[1]);
  if (strcmp(key, "stderr") == 0) return read_stream(value, true, &spawn->stream[2]);
  if (strcmp(key, "isolation") != 0) return take_attribute(spawn, key, value);
  spawn->session = strcmp(value, "session") == 0;
  return spawn->session || strcmp(value, "process-group") == 0;
}
