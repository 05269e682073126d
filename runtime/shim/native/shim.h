/* What the source files of kahi-shim share: limits, data structures, and the functions of each file. */
#ifndef KAHI_SHIM_H
#define KAHI_SHIM_H
#define _GNU_SOURCE

#include "protocol.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

/* Old 32-bit machines have two sets of these calls. The set with 16-bit ids is too small. */
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
  LINK = 3,              /* the descriptor of the socket to the daemon process */
  QUICK_MS = 10000,      /* a daemon process that ran for less time counts as a failed start */
  MAX_QUICK = 5,         /* the helper exits after this number of failed starts in a row */
  SAME_SIGNAL_MS = 1000, /* equal signals within this time count as one: some senders signal a process and its group */
  SPAWN_MS = 10000,      /* how long a child may take until its program runs */
  END_MS = 3000,         /* how long the helper waits for killed processes before it exits */
  PAUSE_OUT = 1 << 20,   /* with more unsent bytes than this, the helper reads no requests */
  MAX_OUT = 8 << 20,     /* with more unsent bytes than this, the helper drops reports about orphans */
  MAX_ANSWER = 16 << 10, /* no answer and no report is longer */
  MAX_DETAIL = 256,      /* bytes of the field `detail` of a FAILED frame */
  MAX_PIPES = 32 << 20,  /* bytes that all enlarged pipes may hold together; the kernel counts them for each user */
  MAX_PIPE = 1 << 20     /* bytes that one pipe may hold without privileges */
};

/* ---- frames.c: frames to and from the daemon process ------------------------------------------------------- */

bool has_room(void);
uint32_t get_u32(const char *at);
size_t begin_frame(enum opcode opcode, uint32_t request);
void end_frame(size_t at);
void put_text(const char *key, const char *value);
void put_number(const char *key, long long value);
void answer_done(uint32_t request);
void answer_failed(uint32_t request, const char *step, int error, const char *detail);
bool flush(void);
bool receive(void);
bool work(void);
size_t unsent(void);
void forget_frames(void);

/* ---- fields.c: the fields of a request --------------------------------------------------------------------- */

struct request {
  uint32_t number;
  unsigned char opcode;
  char *next, *end; /* the fields that are not read yet; each is `key=value` and a NUL */
};

bool next_field(struct request *request, char **key, char **value, bool *bad);
bool read_number(const char *text, const char *stop, int base, long long max, long long *number);
bool read_whole(const char *text, int base, long long max, long long *number);

/* ---- watch.c: descriptors that call a function when they are readable, or writable -------------------------- */

struct watch {
  int fd; /* -1: the watch has no descriptor */
  void (*ready)(struct watch *watch);
  bool for_output; /* the function is called when the descriptor is writable */
};

extern int watch_epoll; /* readable when the descriptor of a watch is readable */

bool open_watches(void);
bool start_watch(struct watch *watch, int fd, void (*ready)(struct watch *watch));
void pause_watch(struct watch *watch);
bool resume_watch(struct watch *watch);
void stop_watch(struct watch *watch);
void call_watches(void);

/* ---- listen.c: listener sockets ---------------------------------------------------------------------------- */

/* A socket that processes share as standard input. It is made for the first process and closed after the last one. */
struct listener {
  char *text;   /* the text of the request; equal texts mean the same socket */
  char *path;   /* the file of a unix socket, which the helper removes; points into `text` */
  dev_t device; /* device and inode number of that file */
  ino_t file;
  int fd;
  int users;
  struct listener *next;
};

struct listener *use_listener(const char *text);
void leave_listener(struct listener **used);

/* ---- pipes.c: pipes, and conduits between services --------------------------------------------------------- */

/*
 * A pipe from the standard output of some services to the standard input of another. The helper keeps both ends open
 * while slots use the conduit, so neither side notices a restart of the other. Unread data stays after the last slot.
 */
struct conduit {
  char *name;
  int ends[2]; /* the write end is -1 from an END request until the next process of either side */
  int users;   /* number of slots that use it */
  struct conduit *next;
};

bool make_pipe(int ends[2]);
void end_conduit(struct conduit *conduit);
void leave_conduit(struct conduit **used);
bool change_conduit(struct conduit **used, const char *name);
int open_end(int end, int flags);

/* ---- slots.c: what is kept across restarts ----------------------------------------------------------------- */

/* A slot holds the state of one service across all its restarts. Unused descriptors are -1. */
struct slot {
  char *id;
  pid_t pid;               /* the running process; 0: none runs */
  struct pending *pending; /* the child whose program does not run yet; NULL: there is none */
  long long since_ms;      /* when the newest process was started, on the monotonic clock */
  long long ended_ms;      /* when that process ended */
  char *note;              /* a text that the daemon process keeps here for its successor; NULL: none */
  pid_t ended_pid;         /* the process whose exit is not acknowledged yet; 0: there is none */
  bool untold;             /* that exit is not reported yet, because memory was short */
  int status;              /* of ended_pid, as wait4 gave it; kept for a daemon process that missed the report */
  struct rusage usage;     /* of ended_pid */
  int stdin_writer;
  struct listener *listener;      /* the socket that is standard input; NULL: none */
  struct conduit *reads, *writes; /* the conduits that are standard input and output; NULL: none */
  int notify_reader;              /* the daemon process reads readiness here */
  int notify_socket;              /* a process with this socket sends readiness to it */
  int notify_writer;              /* the helper writes messages of notify_socket here; -1 without that socket */
  uid_t uid;                      /* the user id that the process was started with */
  int pipe[2][2];                 /* read end and write end, for stdout and stderr */
  int pipe_bytes[2];              /* capacity of a pipe that was enlarged; 0: not enlarged */
  struct journal *journal[2];     /* output that is not in a log yet; NULL: no journal */
};

extern struct slot **slots;
extern size_t slot_count;

bool grow(void **array, size_t count, size_t *capacity, size_t size);
void close_fd(int *fd);
void close_notify(struct slot *slot);
struct slot *find_slot(const char *id);
struct slot *find_process(pid_t pid);
struct slot *add_slot(const char *id);
void remove_slot(struct slot *slot);
long long now_ms(void);
int enlarge_pipe(struct slot *slot, int stream, int bytes);

/* ---- journal.c: output until it is written to a log -------------------------------------------------------- */

void open_journal(struct slot *slot, int stream);
void close_journal(struct slot *slot, int stream);
int journal_file(const struct journal *journal);
void gather_output(const struct slot *slot);
void rest_journals(void);
void handle_collect(struct request *request);

/* ---- outbox.c: output of a daemon process that may be killed -------------------------------------------------- */

enum { OUTBOXES = 3 }; /* standard output, standard error, syslog */

void open_outboxes(void);
bool give_outboxes(int first);
void write_outboxes(void);
void finish_outboxes(void);

/* ---- groups.c: process groups of the helper ---------------------------------------------------------------- */

bool add_group(pid_t id);
void leave_groups(pid_t pid);
void look_after_groups(void);
int signal_group(pid_t id, int number);
void signal_all_groups(int number);
size_t count_groups(void);
bool has_group(pid_t id);

/* ---- processes.c: what /proc says of processes ------------------------------------------------------------- */

struct process {
  char state; /* `Z` for a zombie */
  pid_t parent, group;
  unsigned long long start; /* pid and start time together identify one process */
};

bool read_process(pid_t pid, struct process *process);
bool is_descendant(struct process process);
void each_process(void (*act)(pid_t pid));
bool kill_descendants(pid_t except);
int signal_strays(int number);

/* ---- child.c: between the spawn and the program ------------------------------------------------------------ */

enum stream { STREAM_NULL, STREAM_PIPE, STREAM_INHERIT, STREAM_STDOUT };

struct spawn {
  const char *id, *file, *directory;
  const char *listen;         /* the socket that is standard input; NULL: none */
  const char *reads, *writes; /* conduits that are standard input and output; NULL: none */
  char **argv, **envp;
  size_t args, envs;
  long long uid, gid, umask; /* -1: keep those of the helper */
  int group_count;           /* -1: keep the groups of the helper */
  bool session;
  const char *cgroups[MAX_CGROUPS]; /* paths of cgroup.procs */
  int cgroup_count;
  const char *nice, *oom_score_adj; /* checked texts; NULL: keep the value of the helper */
  struct rlimit limits[RLIMIT_RTTIME + 1];
  bool limited[RLIMIT_RTTIME + 1];
  bool restricted; /* the program keeps only the capabilities in `capabilities` */
  uint64_t capabilities;
  bool no_new_privs;
  long long death_signal; /* what the kernel sends when the helper ends; default SIGKILL */
  pid_t parent;
  enum stream stream[3];
  bool journal[2];    /* whether stdout and stderr get one, if they are pipes of the slot */
  int fd[3];          /* the descriptors that become 0, 1 and 2 */
  long long notify;   /* number of the descriptor for readiness; 0: none */
  int notify_writer;  /* the descriptor that gets this number */
  bool notify_socket; /* readiness is reported to a socket */
  bool in_front;      /* the process group gets the terminal of the helper */
  int report;         /* where the child writes a struct trouble; closed by exec */
};

/* Why a child could not execute its program. */
struct trouble {
  int error;
  char step[12];
};

extern struct rlimit program_files;
extern gid_t group_list[MAX_GROUPS]; /* supplementary groups in the request that is being handled */

bool close_between(int first, int last);
_Noreturn void run_child(struct spawn *spawn);

/* ---- requests: spawn-fields.c, spawn.c, pending.c, files.c; all others in requests.c ------------------------- */

bool read_groups(const char *text, int *count);
bool take_field(struct spawn *spawn, const char *key, char *value);
void handle_spawn(struct request *request);
void handle_file(struct request *request);
struct sockaddr_un;
socklen_t address_of(const char *path, struct sockaddr_un *address);
void handle_syslog(struct request *request);
void handle_frame(char *frame, size_t size);

bool start_pending(struct slot *slot, struct spawn *spawn, uint32_t request, bool fresh, const bool made[2],
                   struct trouble *trouble);
void undo_slot(struct slot *slot, bool fresh, const bool made[2]);
bool end_pending(pid_t pid);
void abandon_pending(void);
void check_pending(void);
int pending_timeout(void);

/* ---- notify.c: readiness reported to a socket ---------------------------------------------------------------- */

extern int notify_epoll; /* readable when a process has sent a message; -1 before open_notices() */

bool open_notices(void);
bool open_notify(struct slot *slot, struct spawn *spawn);
void close_notify_socket(struct slot *slot);
void take_notices(void);

/* ---- reap.c: exits of processes and of the helper --------------------------------------------------------- */

void reap(bool tell);
void tell_untold(void);
void kill_everything(void);
_Noreturn void finish(int code);

/* ---- guard.c: the process above the helper that outlives it ------------------------------------------------ */

extern pid_t guard_pid; /* 0 in parent mode */

bool start_guard(void);
bool is_guard_well(void);

/* ---- signals.c, daemon.c, main.c: see there ---------------------------------------------------------------- */

#include "daemon.h"

#endif
