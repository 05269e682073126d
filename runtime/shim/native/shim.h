/* What the parts of kahi-shim share: the limits of the protocol, what we hold, and who does what. */
#ifndef KAHI_SHIM_H
#define KAHI_SHIM_H
#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* The 16-bit calls of old 32-bit machines are of no use. */
#ifdef SYS_setuid32
#define CALL_SETUID SYS_setuid32
#define CALL_SETGID SYS_setgid32
#define CALL_SETGROUPS SYS_setgroups32
#else
#define CALL_SETUID SYS_setuid
#define CALL_SETGID SYS_setgid
#define CALL_SETGROUPS SYS_setgroups
#endif

enum {
  PROTOCOL = 1,
  BRAIN = 3,                /* the descriptor of the socket */
  LENGTH_BYTES = 4,         /* length field of a frame */
  HEADER_BYTES = 8,         /* version, opcode, reserved, request number */
  MAX_FRAME = 4 << 20,      /* bytes after the length field */
  MAX_ID = 1024,            /* bytes of a slot's name */
  MAX_SLOTS = 65536,
  MAX_NOTIFY = 1023,        /* number of a descriptor */
  MAX_NOTICE = 4095,        /* bytes of what a service says of itself; with a newline no more than a pipe takes at once */
  MAX_STRINGS = 65536,      /* arguments; variables */
  MAX_GROUPS = 65536,       /* supplementary groups, as in the kernel */
  MAX_CGROUPS = 16,         /* of one process: one, or one for each controller */
  MAX_NOTE = 4096,          /* bytes of what the brain leaves in a slot */
  QUICK_MS = 10000,         /* a brain that lived no longer did not really start */
  MAX_QUICK = 5,            /* so many of them in a row are the end */
  PAUSE_OUT = 1 << 20,      /* so much unsent: take no more requests */
  MAX_OUT = 8 << 20,        /* so much unsent: drop reports about orphans */
  STACK_BYTES = 64 << 10,   /* of a child before it executes its program */
  MAX_PIPES = 32 << 20,     /* sum of what enlarged pipes hold; the kernel counts it for each user */
  MAX_PIPE = 1 << 20,       /* what one pipe may hold without privileges */
  END_MS = 1000             /* how long our own end may wait for the killed */
};

enum opcode {
  SPAWN = 1, KILL = 2, FORGET = 3, ACKNOWLEDGE = 4, QUIT = 5, LIMIT = 6, END = 7, /* requests */
  ENLARGE = 16, SYSLOG = 17,
  BECOME = 18,
  SURVIVE = 19, LIST = 20, NOTE = 21, UPGRADE = 22,
  FIFO = 40, LOCK = 41, UNLOCK = 42,
  DONE = 64, FAILED = 65,                                     /* answers */
  HELLO = 128, EXITED = 129, ORPHAN = 130, SLOT = 131         /* reports */
};

/* ---- frames.c: to and from the brain ---------------------------------------------------------------------- */

void append(const void *data, size_t size);
uint32_t get_u32(const char *at);
size_t begin_frame(enum opcode opcode, uint32_t request);
void end_frame(size_t at);
void put_text(const char *key, const char *value);
void put_number(const char *key, long long value);
void answer_done(uint32_t request);
void answer_failed(uint32_t request, const char *step, int error, const char *detail);
bool flush(void);
bool receive(void);
size_t unsent(void);
void forget_frames(void);

/* ---- fields.c: what a request says ------------------------------------------------------------------------ */

struct request {
  uint32_t number;
  unsigned char opcode;
  char *next, *end; /* unread fields, `key=value` and a NUL each */
};

bool next_field(struct request *request, char **key, char **value, bool *bad);
bool read_number(const char *text, const char *stop, int base, long long max, long long *number);
bool read_whole(const char *text, int base, long long max, long long *number);

/* ---- doors.c: listening sockets ---------------------------------------------------------------------------- */

/* A socket that processes share as standard input: made for the first of them, closed when the last has ended. */
struct door {
  char *text;   /* as in the request; names it */
  char *path;   /* of a unix socket that is ours to remove; inside `text` */
  dev_t device; /* and its file */
  ino_t file;
  int fd;
  int users;
  struct door *next;
};

struct door *use_door(const char *text);
void leave_door(struct door **used);

/* ---- pipes.c: pipes, and conduits between services --------------------------------------------------------- */

/*
 * A pipe from the standard output of some services to the standard input of another. We hold both ends for the slots
 * that use it, so that neither side notices a restart of the other. When no slot is left, what has not been read stays.
 */
struct conduit {
  char *name;
  int ends[2]; /* the write end is -1 from END until the next process of either side */
  int users; /* slots */
  struct conduit *next;
};

bool make_pipe(int ends[2]);
void end_conduit(struct conduit *conduit);
void leave_conduit(struct conduit **used);
bool change_conduit(struct conduit **used, const char *name);
int open_end(int end, int flags);

/* ---- slots.c: services over their restarts, and process groups --------------------------------------------- */

/* A slot is one service over all its restarts. Unused descriptors are -1. */
struct slot {
  char *id;
  pid_t pid;           /* of the live process, 0 without one */
  long long since_ms;  /* when the process that is or was last there came to life; monotonic */
  long long ended_ms;  /* when it ended */
  char *note;          /* what the brain wants to be told of it after its own death; NULL without one */
  pid_t ended_pid;     /* of the process whose end the brain has not acknowledged, 0 without one */
  int status;          /* of that process, as wait4 gave it; kept for a brain that missed the report */
  struct rusage usage; /* of that process */
  int stdin_writer;
  struct door *door;   /* what is its standard input instead; NULL without one */
  struct conduit *reads, *writes; /* what standard input and output are instead; NULL without one */
  int notify_reader;   /* where the process says that it is ready */
  int notify_socket;   /* where it says so instead, for us to write it to notify_writer, which else is its own */
  int notify_writer;
  uid_t uid;           /* that the process was started with */
  int pipe[2][2];      /* of stdout and stderr: read end, write end */
  int pipe_bytes[2];   /* what they hold, where that was enlarged; else 0 */
};

/* A process group that we made. It outlives its leader while it has members. */
struct group {
  pid_t id;
  bool led; /* the leader has not been reaped, so the number cannot belong to anybody else */
};

extern struct slot **slots;
extern size_t slot_count;
extern struct group *groups;
extern size_t group_count;

void close_fd(int *fd);
void close_notify(struct slot *slot);
struct slot *find_slot(const char *id);
struct slot *find_process(pid_t pid);
struct group *find_group(pid_t id);
struct slot *add_slot(const char *id);
void remove_slot(struct slot *slot);
long long now_ms(void);
bool has_room_for_group(void);
void prune_groups(void);
int enlarge_pipe(struct slot *slot, int stream, int bytes);

/* ---- child.c: between the spawn and the program ------------------------------------------------------------ */

enum stream { STREAM_NULL, STREAM_PIPE, STREAM_INHERIT, STREAM_STDOUT };

struct spawn {
  const char *id, *file, *directory;
  const char *listen;        /* the socket that is standard input; NULL = none */
  const char *reads, *writes; /* conduits that are standard input and output; NULL = none */
  char **argv, **envp;
  size_t args, envs;
  long long uid, gid, umask; /* -1 = leave alone */
  int group_count;           /* -1 = leave alone */
  bool session;
  const char *cgroups[MAX_CGROUPS]; /* paths of cgroup.procs */
  int cgroup_count;
  const char *nice, *oom_score_adj; /* as texts, checked; NULL = leave alone */
  struct rlimit limits[RLIMIT_RTTIME + 1];
  bool limited[RLIMIT_RTTIME + 1];
  bool restricted;           /* keep no capabilities but those in `capabilities` */
  uint64_t capabilities;
  bool no_new_privs;
  long long death_signal;    /* 0 = none */
  pid_t parent;
  enum stream stream[3];
  int fd[3];                 /* what becomes descriptor 0, 1, 2 */
  long long notify;          /* number of a descriptor for readiness; 0 = none */
  int notify_writer;         /* what becomes it */
  bool notify_socket;        /* readiness is told to a socket */
  bool in_front;             /* gets our terminal */
  int report;                /* where the child writes a struct trouble; closed by exec */
};

/* Why a child did not come to life. */
struct trouble {
  int error;
  char step[12];
};

extern struct rlimit program_files;
extern gid_t group_list[MAX_GROUPS]; /* of the request that is worked on */

void ignore_signals(const sigset_t *except);
void reset_signals(void);
int run_child(void *argument);

/* ---- requests: spawn-fields.c, spawn.c, files.c, and the rest in requests.c -------------------------------- */

bool read_groups(const char *text, int *count);
bool take_field(struct spawn *spawn, const char *key, char *value);
void handle_spawn(struct request *request);
void handle_file(struct request *request);
void handle_syslog(struct request *request);
int set_limit(int resource, rlim_t soft);
void handle_frame(char *frame, size_t size);

/* ---- notify.c: readiness told to a socket ------------------------------------------------------------------ */

extern int notify_epoll; /* readable when a service told something; -1 before open_notices() */

bool open_notices(void);
bool open_notify(struct slot *slot, struct spawn *spawn);
void take_notices(void);

/* ---- reap.c: the ends of processes, and our own ------------------------------------------------------------ */

void report_end(const char *id, pid_t pid, int status, const struct rusage *usage);
void reap(bool tell);
void kill_groups(void);
_Noreturn void finish(int code);

/* ---- brain.c: the brain as our child ----------------------------------------------------------------------- */

/* How we stand to the brain. */
struct link {
  bool is_parent; /* it is our child, not our parent */
  bool is_up;     /* it can still ask us something */
  bool has_ended; /* the brain of a parent, since the last replace_brain() */
};

extern struct link link_to_brain;

bool is_brain(pid_t pid, int status);
bool has_terminal(void);
void give_terminal(pid_t pid);
void take_terminal(pid_t pid);
void stop_keeping_signals(void);
void drain_signals(void);
void handle_survive(struct request *request);
void handle_upgrade(uint32_t request);
void cut_link(int code);
void handle_quit(uint32_t request);
void greet(void);
void replace_brain(void);
bool start_brain(char **argv);

/* ---- main.c ------------------------------------------------------------------------------------------------ */

extern int null_fd;   /* /dev/null */
extern int signal_fd; /* readable when a signal came */

bool set_up(void);

#endif
