/*
 * kahi-s6: commands of s6, s6-portable-utils, s6-overlay and execline in one program, for images without the originals.
 * The name of the call selects the command: a link `s6-svc`, or `kahi-s6 s6-svc …`. The commands work on service
 * directories of every supervisor. They do not connect to the daemon process.
 */
#define _GNU_SOURCE
#include "tool.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One line for each tool: its name and its function. */
#define TOOLS(TOOL)                             \
  TOOL("s6-svc", s6_svc)                        \
  TOOL("s6-svstat", s6_svstat)                  \
  TOOL("s6-svok", s6_svok)                      \
  TOOL("s6-svwait", s6_svwait)                  \
  TOOL("s6-svlisten", s6_svlisten)              \
  TOOL("s6-svlisten1", s6_svlisten1)            \
  TOOL("s6-svdt", s6_svdt)                      \
  TOOL("s6-svdt-clear", s6_svdt_clear)          \
  TOOL("s6-permafailon", s6_permafailon)        \
  TOOL("s6-svscanctl", s6_svscanctl)            \
  TOOL("s6-notifyoncheck", s6_notifyoncheck)    \
  TOOL("s6-setuidgid", s6_setuidgid)            \
  TOOL("s6-envuidgid", s6_envuidgid)            \
  TOOL("s6-applyuidgid", s6_applyuidgid)        \
  TOOL("s6-envdir", s6_envdir)                  \
  TOOL("s6-setsid", s6_setsid)                  \
  TOOL("s6-softlimit", s6_softlimit)            \
  TOOL("s6-setlock", s6_setlock)                \
  TOOL("s6-log", s6_log)                        \
  TOOL("s6-basename", s6_basename)              \
  TOOL("s6-cat", s6_cat)                        \
  TOOL("s6-chmod", s6_chmod)                    \
  TOOL("s6-chown", s6_chown)                    \
  TOOL("s6-dirname", s6_dirname)                \
  TOOL("s6-dumpenv", s6_dumpenv)                \
  TOOL("s6-echo", s6_echo)                      \
  TOOL("s6-env", s6_env)                        \
  TOOL("s6-false", s6_false)                    \
  TOOL("s6-head", s6_head)                      \
  TOOL("s6-hiercopy", s6_hiercopy)              \
  TOOL("s6-ln", s6_ln)                          \
  TOOL("s6-ls", s6_ls)                          \
  TOOL("s6-maximumtime", s6_maximumtime)        \
  TOOL("s6-mkdir", s6_mkdir)                    \
  TOOL("s6-mkfifo", s6_mkfifo)                  \
  TOOL("s6-nice", s6_nice)                      \
  TOOL("s6-pause", s6_pause)                    \
  TOOL("s6-printenv", s6_printenv)              \
  TOOL("s6-rename", s6_rename)                  \
  TOOL("s6-rmrf", s6_rmrf)                      \
  TOOL("s6-seq", s6_seq)                        \
  TOOL("s6-sleep", s6_sleep)                    \
  TOOL("s6-sort", s6_sort)                      \
  TOOL("s6-sync", s6_sync)                      \
  TOOL("s6-test", s6_test)                      \
  TOOL("eltest", s6_test)                       \
  TOOL("s6-touch", s6_touch)                    \
  TOOL("s6-true", s6_true)                      \
  TOOL("with-contenv", with_contenv)            \
  TOOL("printcontenv", printcontenv)            \
  TOOL("logutil-service", logutil_service)      \
  TOOL("with-retries", with_retries)            \
  TOOL("background", el_background)             \
  TOOL("backtick", el_backtick)                 \
  TOOL("case", el_case)                         \
  TOOL("cd", el_cd)                             \
  TOOL("define", el_define)                     \
  TOOL("dollarat", el_dollarat)                 \
  TOOL("elgetopt", el_elgetopt)                 \
  TOOL("elgetpositionals", el_elgetpositionals) \
  TOOL("elglob", el_elglob)                     \
  TOOL("emptyenv", el_emptyenv)                 \
  TOOL("envfile", el_envfile)                   \
  TOOL("exec", el_exec)                         \
  TOOL("execline-cd", el_cd)                    \
  TOOL("execline-umask", el_umask)              \
  TOOL("execlineb", execlineb)                  \
  TOOL("exit", el_exit)                         \
  TOOL("export", el_export)                     \
  TOOL("export-array", el_export_array)         \
  TOOL("fdblock", el_fdblock)                   \
  TOOL("fdclose", el_fdclose)                   \
  TOOL("fdmove", el_fdmove)                     \
  TOOL("fdreserve", el_fdreserve)               \
  TOOL("fdswap", el_fdswap)                     \
  TOOL("forbacktickx", el_forbacktickx)         \
  TOOL("foreground", el_foreground)             \
  TOOL("forstdin", el_forstdin)                 \
  TOOL("forx", el_forx)                         \
  TOOL("getcwd", el_getcwd)                     \
  TOOL("getpid", el_getpid)                     \
  TOOL("heredoc", el_heredoc)                   \
  TOOL("homeof", el_homeof)                     \
  TOOL("if", el_if)                             \
  TOOL("ifelse", el_ifelse)                     \
  TOOL("ifte", el_ifte)                         \
  TOOL("ifthenelse", el_ifthenelse)             \
  TOOL("importas", el_importas)                 \
  TOOL("loopwhilex", el_loopwhilex)             \
  TOOL("multidefine", el_multidefine)           \
  TOOL("multisubstitute", el_multisubstitute)   \
  TOOL("pipeline", el_pipeline)                 \
  TOOL("piperw", el_piperw)                     \
  TOOL("posix-cd", el_posix_cd)                 \
  TOOL("posix-umask", el_posix_umask)           \
  TOOL("redirfd", el_redirfd)                   \
  TOOL("runblock", el_runblock)                 \
  TOOL("shift", el_shift)                       \
  TOOL("trap", el_trap)                         \
  TOOL("tryexec", el_tryexec)                   \
  TOOL("umask", el_umask)                       \
  TOOL("unexport", el_unexport)                 \
  TOOL("wait", el_wait)                         \
  TOOL("withstdinas", el_withstdinas)

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
