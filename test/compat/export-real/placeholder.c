// Runs in place of the programs of a configuration: `placeholder WORD…` appends to /play/log what it was started with, each
// signal that it gets, and its exit, one line of JSON each. It ends after a signal, or with exit code N after SIGRTMIN+N.
// Where /play/fails exists it ends with 1 at once.

#define _GNU_SOURCE
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

static char line[1 << 18];
static size_t used;

static void put(const char *format, ...) {
    va_list values;
    va_start(values, format);
    used += (size_t)vsnprintf(line + used, sizeof line - used, format, values);
    va_end(values);
    if (used >= sizeof line) abort();
}

static void put_text(const char *text) {
    put("\"");
    for (const unsigned char *at = (const unsigned char *)text; *at; at++)
        put(*at < 32 || *at > 126 || *at == '"' || *at == '\\' ? "\\u%04x" : "%c", *at);
    put("\"");
}

static void put_list(const char *name, char **texts) {
    put(", \"%s\": [", name);
    for (char **at = texts; *at; at++) {
        if (at != texts) put(", ");
        put_text(*at);
    }
    put("]");
}

/** One write for each line, so that lines of several processes do not mix. */
static void note(void) {
    put("}\n");
    int fd = open("/play/log", O_WRONLY | O_APPEND | O_CLOEXEC);
    if (fd < 0 || write(fd, line, used) != (ssize_t)used) abort();
    close(fd);
    used = 0;
}

static void note_start(char **argv) {
    gid_t groups[256];
    int count = getgroups(256, groups);
    char cwd[4096] = "";
    if (!getcwd(cwd, sizeof cwd)) cwd[0] = 0;
    mode_t mask = umask(0);
    umask(mask);
    put("{\"event\": \"start\", \"pid\": %d", getpid());
    put_list("argv", argv + 1);
    put_list("environment", environ);
    put(", \"directory\": ");
    put_text(cwd);
    put(", \"uid\": %d, \"gid\": %d, \"umask\": %d, \"nice\": %d, \"groups\": [", geteuid(), getegid(), mask,
        getpriority(PRIO_PROCESS, 0));
    for (int i = 0; i < count; i++) put("%s%d", i ? ", " : "", groups[i]);
    put("]");
    note();
}

int main(int argc, char **argv) {
    if (argc < 1) return 1;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    note_start(argv);
    if (access("/play/fails", F_OK) == 0 && (argc < 2 || strcmp(argv[1], "--sentinel") != 0)) return 1;
    for (;;) {
        int signal;
        if (sigwait(&all, &signal)) return 1;
        if (signal == SIGCHLD || signal == SIGCONT || signal == SIGWINCH) continue;
        if (signal >= SIGRTMIN) return signal - SIGRTMIN;
        put("{\"event\": \"signal\", \"pid\": %d, \"signal\": \"%s\"", getpid(), sigabbrev_np(signal));
        note();
        return 0;
    }
}
