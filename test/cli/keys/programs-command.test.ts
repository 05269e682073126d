// Keys of [programs.X]: the command, its directory, user, files and variables.

import { expect } from 'vitest'
import { eventually } from '../../helpers/wait.ts'
import { isMadeBefore, key, program, says } from './declare.ts'

program(
  'command',
  `command = ["/bin/sh", "-c", "echo one: $1, two: $2; exec sleep 1000", "sh", "a b", "%(here)s"]`,
  async ({ daemon, folder }) => {
    await daemon.line(`one: a b, two: ${folder}`)
  },
)
for (const [scan, where] of [
  ['', 'DIR'],
  ['[supervisor]\nscan_directory = "DIR/scan"\n', 'DIR/scan/p'],
] as const)
  key(
    'programs.service_files',
    `${scan}[programs.p]\nservice_files = "DIR"\ncommand = ["/bin/sh", "-c", "echo $(pwd -P): $(ls -d sub); exec sleep 1000"]`,
    async ({ daemon, folder }) => {
      await daemon.line(`${where.replace('DIR', folder)}: sub`)
    },
  )
key(
  'programs.service_directory',
  `[supervisor]\nscan_directory = "DIR/scan"\n[programs.p]\nservice_files = "DIR"\nservice_directory = "DIR/dirs/p"\ncommand = ["/bin/sh", "-c", "pwd -P; cd DIR/scan/p && pwd -P; exec sleep 1000"]`,
  async ({ daemon, folder }) => {
    await daemon.line(`${folder}/dirs/p`)
    await eventually(() => expect(daemon.output().split(`${folder}/dirs/p"`)).toHaveLength(3))
  },
  { needsHelper: true },
)
program(
  'process_name numprocs numprocs_start',
  'process_name = "p-%(process_num)02d"\nnumprocs = 3\nnumprocs_start = 7',
  async ({ daemon, ctl }) => {
    await daemon.line("spawned: 'p-09'")
    expect((await ctl('status')).match(/^p:p-\d\d/gm)).toEqual(['p:p-07', 'p:p-08', 'p:p-09'])
  },
)
key(
  'programs.log_to',
  `[programs.p]
command = '/bin/sh -c "echo out; echo err >&2; exec sleep 1000"'
redirect_stderr = true
log_to = "reader"
[programs.reader]
command = '/bin/sh -c "while read -r line; do echo read $line; done"'`,
  async ({ daemon, ctl }) => {
    await daemon.line(/"message":"read out"/)
    await daemon.line(/"message":"read err"/)
    await isMadeBefore(daemon, 'reader', 'p')
    expect(await ctl('stop', 'reader')).toBe('p: stopped (depends on reader)\nreader: stopped\n')
    expect(await ctl('status', 'p')).toContain('STOPPED')
  },
)
program(
  'directory',
  `command = "/bin/sh -c 'pwd; exec sleep 1000'"\ndirectory = "DIR/sub"`,
  async ({ daemon, folder }) => {
    await daemon.line(`${folder}/sub`)
  },
)
program(
  'stdio',
  `command = "/bin/sh -c 'readlink /proc/self/fd/0; echo mine; echo yours >&2; exec sleep 1000'"\nstdio = "inherit"`,
  async ({ daemon, ctl }) => {
    await daemon.line(/^\/dev\/null$/)
    await daemon.line(/^mine$/)
    await daemon.line(/^yours$/)
    expect(await ctl('tail', 'p')).toBe('p: ERROR (no log file)\n')
  },
)
program('umask', `command = "/bin/sh -c 'echo mask $(umask); exec sleep 1000'"\numask = "0027"`, says('mask 0027'))
program(
  'environment',
  `command = "/bin/sh -c 'echo $A $FROM_OUTSIDE $SUPERVISOR_PROCESS_NAME; exec sleep 1000'"\nenvironment = { A = "x y" }`,
  says('x y yes p'),
)
program(
  'user',
  `command = "/bin/sh -c 'echo ids $(id -u) $(id -g); exec sleep 1000'"\nuser = "nobody"`,
  says(/"message":"ids 65534 \d+"/),
  { needsRoot: true },
)
program(
  'serverurl',
  `command = "/bin/sh -c 'echo url $SUPERVISOR_SERVER_URL; exec sleep 1000'"\nserverurl = "http://elsewhere:1"`,
  says('url http://elsewhere:1'),
)
