/* The daemon process (Node), which is parent or child of the helper, and the signals for the daemon process. */
#ifndef KAHI_DAEMON_H
#define KAHI_DAEMON_H

/* The state of the connection to the daemon process. */
struct link {
  bool is_parent; /* mode `parent`: the daemon process is a child of the helper */
  bool is_up;     /* the daemon process can still send requests */
  bool has_ended; /* mode `parent`: the daemon process has exited since the last replace_daemon() */
};

extern struct link link_to_daemon;
extern pid_t daemon_pid;       /* 0 after the daemon process has exited */
extern int null_fd;            /* /dev/null */
extern const char *start_step; /* what the helper does at its start, for the message when it fails */
extern int signal_fd;          /* readable when a signal has arrived */

/* ---- signals.c ---- */

void reset_signals(void);
bool set_up_signals(void);
void drain_signals(void);
void keep_signals(void);
void deliver_kept_signals(void);
void stop_keeping_signals(void);
bool is_end_kept(void);

/* ---- daemon.c ---- */

bool has_ended_daemon(pid_t pid, int status);
bool has_terminal(void);
void give_terminal(pid_t pid);
void take_terminal(pid_t pid);
void handle_survive(struct request *request);
void handle_upgrade(struct request *request);
void handle_quit(struct request *request);
void cut_link(int code);
void greet(void);
void replace_daemon(void);
bool start_daemon(char **argv);

/* ---- main.c ---- */

bool set_up(void);

/* ---- message.c ---- */

void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
