// Writes the same services in two forms: a supervisord.conf and an s6 scan directory.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The services of a run. */
export interface Work {
  readonly programs: number
  /** The output of the first program: none, this number of MiB, or lines without end. The other programs only wait. */
  readonly flood?: number | 'forever'
  /** This number of programs write lines without end instead, into small files. */
  readonly floods?: number
  /** The supervisor starts the programs when it starts. This is the usual case. */
  readonly autostart?: boolean
  /** Also writes a kahi.toml in which a program depends on the programs with these numbers. */
  readonly needs?: (index: number) => readonly number[]
  /** Further keys of a program in that kahi.toml. Each ends with a newline. */
  readonly keys?: (index: number) => string
}

/** The files of one run. */
export interface Setup {
  readonly folder: string
  readonly conf: string
  readonly toml: string
  readonly scan: string
  readonly socket: string
  readonly marks: string
}

/** Names of the programs: s0000, s0001 … */
export function programName(index: number): string {
  return `s${String(index).padStart(4, '0')}`
}

/** Writes all files below an existing folder. `service` is the compiled bench/service.c. */
export function layOut(folder: string, service: string, work: Work): Setup {
  const setup = {
    folder,
    conf: join(folder, 'supervisord.conf'),
    toml: join(folder, 'kahi.toml'),
    scan: join(folder, 'scan'),
    socket: join(folder, 'control.sock'),
    marks: join(folder, 'marks'),
  }
  writeFileSync(setup.marks, '')
  const names = Array.from({ length: work.programs }, (_, index) => programName(index))
  const commands = names.map((name, index) => [service, setup.marks, name, ...modeOf(work, index)].join(' '))
  if (work.needs !== undefined) writeFileSync(setup.toml, tomlText(setup, commands, work.needs, work.keys))
  writeFileSync(setup.conf, confText(setup, names, commands, work))
  for (const [index, name] of names.entries()) {
    const isLogged = index === 0 && work.flood !== undefined
    writeService(join(setup.scan, name), commands[index] ?? '', isLogged ? join(folder, `${name}-log`) : undefined)
  }
  return setup
}

function modeOf({ flood, floods = 0 }: Work, index: number): string[] {
  if (index < floods) return ['forever']
  if (flood === undefined || index > 0) return []
  return flood === 'forever' ? ['forever'] : ['flood', String(flood)]
}

function confText(setup: Setup, names: string[], commands: string[], { autostart = true, floods }: Work): string {
  const size = floods === undefined ? '' : 'stdout_logfile_maxbytes=1MB\nstdout_logfile_backups=1\n'
  const { folder, socket } = setup
  // when root runs it, supervisord warns about a missing user
  const user = process.getuid?.() === 0 ? 'user=root\n' : ''
  // a program needs up to six descriptors of its supervisor
  const files = names.length > 150 ? `minfds=${names.length * 6 + 200}\n` : ''
  const head = `[supervisord]
logfile=${folder}/daemon.log
pidfile=${folder}/daemon.pid
childlogdir=${folder}
nodaemon=true
${user}${files}
[unix_http_server]
file=${socket}

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
`
  const programs = names.map(
    (name, index) => `
[program:${name}]
command=${commands[index]}
autostart=${autostart}
autorestart=true
startsecs=0
stdout_logfile=${folder}/${name}.log
stderr_logfile=${folder}/${name}.err
${size}`,
  )
  return head + programs.join('')
}

function tomlText(
  { folder, socket }: Setup,
  commands: string[],
  needs: (index: number) => readonly number[],
  keys: (index: number) => string = () => '',
): string {
  const head = `[supervisor]\nlogfile = "${folder}/daemon.log"\n[server.unix]\nfile = "${socket}"\n`
  const programs = commands.map((command, index) => {
    const names = needs(index).map((need) => `"${programName(need)}"`)
    return `
[programs.${programName(index)}]
command = "${command}"
autorestart = true
startsecs = 0
stdout_logfile = "${folder}/${programName(index)}.log"
stderr_logfile = "${folder}/${programName(index)}.err"
depends_on = [${names.join(', ')}]
${keys(index)}`
  })
  return head + programs.join('')
}

/** A service of s6. It gets a logger if the other supervisors write a log file. */
function writeService(folder: string, command: string, logFolder: string | undefined): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'run'), `#!/bin/sh\nexec ${command}\n`, { mode: 0o755 })
  if (logFolder === undefined) return
  mkdirSync(join(folder, 'log'))
  writeFileSync(join(folder, 'log/run'), `#!/bin/sh\nexec s6-log n10 s50000000 ${logFolder}\n`, { mode: 0o755 })
}
