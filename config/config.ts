// What was asked for, complete: validated, expanded, with every default filled in. This is the narrow
// waist of kahi: the converters and the TOML reader end in a Config, the runtime starts from one.
// Field names are those of kahi.toml (config/keys/); times named …secs are seconds, sizes are bytes.

import type { Dependency, Graph, Ready } from './dependencies.ts'
import type { Diagnostic } from './diagnostic.ts'
import type { DynamicPrograms } from './dynamic.ts'
import type { EndSettings } from './ends.ts'
import type { Limits } from './resource-limits.ts'
import type { GroupRole } from './roles.ts'

/** Where the output of a stream goes: nowhere, a file that kahi names, a path, or the daemon's own stdout or stderr. */
export type LogFile =
  | { readonly kind: 'none' }
  | { readonly kind: 'auto' }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'stdout'; readonly path: string }
  | { readonly kind: 'stderr'; readonly path: string }

/** stdout or stderr of a process. */
export interface StreamSettings {
  readonly logfile: LogFile
  /** Rotation starts at this size in bytes; 0 or less never rotates. */
  readonly logfile_maxbytes: number
  /** Old files kept as `.1`, `.2` …; 0 truncates instead. */
  readonly logfile_backups: number
  readonly capture_maxbytes: number
  readonly events_enabled: boolean
  readonly syslog: boolean
  /** Whether rotated logs are compressed, as `.1.gz` … */
  readonly logfile_compress: boolean
}

/** What the standard descriptors of a program are: pipes of kahi's, or those of the daemon. */
export type Stdio = 'pipes' | 'inherit'

/** How the lines of a program are written: as they are, after time and name, or as objects. */
export type StreamFormat = 'raw' | 'prefix' | 'json'

/** A user as the kernel knows it. */
export interface UserIds {
  readonly uid: number
  readonly gid: number
  /** Supplementary groups, the primary one included. */
  readonly groups: readonly number[]
}

/** One process that kahi keeps: a program has `numprocs` of them. */
export interface ProcessSettings extends EndSettings {
  /** Name within its group. */
  readonly name: string
  readonly group: string
  /** Name of the table it comes from: the X of `[programs.X]`. */
  readonly program: string
  /** Not in the file: it came while the daemon ran. */
  readonly dynamic: boolean
  /** As the role of its group. */
  readonly kind: GroupRole['kind']
  /** As written, expanded: a line to be split into words, or the exact argv. */
  readonly command: string | readonly string[]
  /** The words of the command; undefined when it cannot be split, with the reason in `commandError`. */
  readonly argv: readonly string[] | undefined
  readonly commandError: string | undefined
  /** Variables of `[supervisor]` and of the program, which win over the daemon's own. */
  readonly environment: Readonly<Record<string, string>>
  readonly directory: string | undefined
  readonly user: UserIds | undefined
  readonly umask: number | undefined
  readonly nice: number | undefined
  readonly oom_score_adj: number | undefined
  readonly limits: Limits | undefined
  /** Numbers of those to keep; undefined keeps all. */
  readonly capabilities: readonly number[] | undefined
  readonly no_new_privs: boolean
  /** Signal for the case that the parent ends; 0 or undefined sends none. */
  readonly pdeathsig: number | undefined
  /** Whether it leads a session of its own. */
  readonly session: boolean
  /** Whether HOME, USER, LOGNAME and SHELL are those of its user. */
  readonly login_env: boolean
  readonly service_files: string | undefined
  readonly priority: number
  readonly depends_on: readonly Dependency[]
  readonly ready: Ready | undefined
  /** Seconds that it may take to be up; 0 = for ever. */
  readonly timeout_up: number
  /** Seconds that others wait for its end; 0 = for ever. */
  readonly timeout_down: number
  readonly autostart: boolean
  readonly startsecs: number
  readonly startretries: number
  /** Signal number; 0 sends nothing. */
  readonly stopsignal: number
  readonly stopwaitsecs: number
  /** Seconds, instead of stopwaitsecs; 0 = SIGKILL is never sent. */
  readonly timeout_kill: number | undefined
  /** What is run instead of sending the stop signal. */
  readonly stop_command: string | readonly string[] | undefined
  /** Only the end of the daemon stops it. */
  readonly essential: boolean
  readonly stopasgroup: boolean
  readonly killasgroup: boolean
  readonly redirect_stderr: boolean
  readonly stdio: Stdio
  /** Id of the process whose standard input is its standard output. */
  readonly log_to: string | undefined
  /** Whether its standard input is what others write. */
  readonly is_logger: boolean
  /** For SUPERVISOR_SERVER_URL instead of the first server's; undefined = the first server's. */
  readonly serverurl: string | undefined
  readonly log_format: StreamFormat
  /** Most bytes kept in memory of a stream that goes to the daemon's own stdout or stderr. */
  readonly ring_buffer: number
  readonly stdout: StreamSettings
  readonly stderr: StreamSettings
}

/** Commands that are run once: one to bring something up, one to take it down. */
export interface Oneshot {
  readonly name: string
  /** How `up` is run; an empty command is done at once. What is said of restarts means nothing here. */
  readonly up: ProcessSettings
  /** How `down` is run. */
  readonly down: ProcessSettings | undefined
  /** Seconds; 0 = for ever. */
  readonly timeout_up: number
  readonly timeout_down: number
}

/** A name for several others. */
export interface Bundle {
  readonly name: string
  readonly contents: readonly string[]
}

/** Processes controlled together as `group:name`. */
export interface Group {
  readonly name: string
  readonly priority: number
  readonly role: GroupRole
  /** In start order. */
  readonly processes: readonly ProcessSettings[]
  /** Another group of the same name comes first, so this one never runs. Source: supervisor 4.2.5, add_process_group. */
  readonly shadowed: boolean
}

/** Log levels of the daemon, quietest first. Source: supervisor 4.2.5, loggers.LevelsByDescription. */
export const LOG_LEVELS = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'] as const

/** One of LOG_LEVELS. */
export type LogLevel = (typeof LOG_LEVELS)[number]

/** How the daemon writes its own log: `auto` is text on a terminal and in files, JSON elsewhere. */
export type LogFormat = 'auto' | 'text' | 'json'

/** The daemon itself. */
export interface SupervisorSettings {
  readonly identifier: string
  readonly directory: string | undefined
  readonly user: UserIds | undefined
  /** The user as written, for messages. */
  readonly userName: string | undefined
  readonly umask: number
  readonly environment: Readonly<Record<string, string>>
  /** Absolute path of the activity log, `syslog`, or undefined for standard output only. */
  readonly logfile: string | undefined
  readonly logfile_maxbytes: number
  readonly logfile_backups: number
  readonly log_level: LogLevel
  readonly log_format: LogFormat
  /** Absolute path, or undefined for none. */
  readonly pidfile: string | undefined
  readonly childlogdir: string
  readonly minfds: number
  readonly minprocs: number
  readonly nocleanup: boolean
  readonly nodaemon: boolean
  readonly silent: boolean
  readonly strip_ansi: boolean
  /** Seconds from the first stop request to SIGKILL for everything; 0 = as long as the programs' own stopwaitsecs need. */
  readonly shutdown_timeout: number
  /** Names of what is started, with all it needs, instead of everything with autostart. */
  readonly boot: readonly string[] | undefined
  /** Programs outlive a kahi that is killed; a new one takes them over. */
  readonly survive: boolean
  /** Where s6's tools find the programs, and the age of those tools. */
  readonly scan_directory: string | undefined
  readonly scan_layout: 's6' | 's6-2.10'
  /** Where the daemon's variables are written; programs then have only PATH of them. */
  readonly environment_directory: string | undefined
  /** Where the exit code stands. */
  readonly exit_code_file: string | undefined
  /** The program whose end is that of the daemon: its processes have on_exit and on_fatal set. */
  readonly main: string | undefined
}

/** Who may use a server: HTTP Basic authentication. `password` is plain or `{SHA}` + hex SHA-1. */
export interface Credentials {
  readonly username: string
  readonly password: string
}

/** Where clients of the daemon connect. Credentials with an empty username ask for none. */
export type Server =
  | {
      readonly kind: 'unix'
      /** Absolute path of the socket. */
      readonly file: string
      readonly chmod: number
      /** -1 leaves that id alone. */
      readonly chown: { readonly uid: number; readonly gid: number }
      readonly credentials: Credentials | undefined
    }
  | {
      readonly kind: 'http'
      /** Empty = every interface. */
      readonly host: string
      readonly port: number
      readonly credentials: Credentials | undefined
    }

/** What clients on the command line use: `[ctl]`. */
export interface CtlSettings {
  readonly serverurl: string
  readonly username: string | undefined
  readonly password: string | undefined
  readonly prompt: string
  readonly history_file: string | undefined
}

/** All that was asked for. */
export interface Config {
  /** The file it was read from, absolute. */
  readonly file: string
  readonly supervisor: SupervisorSettings
  /** In the order in which they are opened: http first, as supervisord does. */
  readonly servers: readonly Server[]
  readonly ctl: CtlSettings | undefined
  /** Sorted in start order: by priority, then name. */
  readonly groups: readonly Group[]
  /** Sorted by name. */
  readonly oneshots: readonly Oneshot[]
  /** Who needs whom. */
  readonly graph: Graph
}

/** A Config and what there is to say about it that is no error. */
export interface Loaded {
  readonly config: Config
  readonly diagnostics: readonly Diagnostic[]
}

/** Where a daemon gets its Config from, at start and at each reload. Rejects with ConfigError. */
export interface ConfigSource {
  load(): Promise<Loaded>
  /** Absent where there are none but those of the file. */
  readonly dynamic?: DynamicPrograms | undefined
}

/** What the machine knows, asked while a file is read; tests and `--assume-image` pass their own. */
export interface Machine {
  /** The environment that `%(ENV_X)s` and `${X}` see. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly hostName: string
  /** Who kahi runs as. */
  readonly uid: number
  /** For relative paths. */
  readonly workingDirectory: string
  /** Where AUTO logs go unless `childlogdir` says otherwise. */
  readonly temporaryDirectory: string
  /** User name or number → ids; undefined when there is no such user. */
  findUser(nameOrId: string): UserIds | undefined
  /** Group name or number → gid; undefined when there is no such group. */
  findGroup(nameOrId: string): number | undefined
  isDirectory(path: string): boolean
  /** `~` and `~user` at the start of a path replaced by the home directory. */
  expandHome(path: string): string
}

/** The first server's URL as children see it in SUPERVISOR_SERVER_URL; unix before http. Source: supervisor 4.2.5, ServerOptions.realize. */
export function serverUrl(servers: readonly Server[]): string | undefined {
  const unix = servers.find((server) => server.kind === 'unix')
  if (unix?.kind === 'unix') return `unix://${unix.file}`
  const http = servers.find((server) => server.kind === 'http')
  if (http?.kind === 'http') return `http://${http.host === '' ? 'localhost' : http.host}:${http.port}`
  return undefined
}

/** Whether clients of the server must say who they are. Source: supervisor 4.2.5, ServerOptions.make_http_servers. */
export function asksForPassword({ credentials }: Server): boolean {
  return credentials !== undefined && credentials.username !== ''
}

/** `group:name`, or just the name when both are equal. Source: supervisor 4.2.5, make_namespec. */
export function namespec(group: string, name: string): string {
  return group === name ? name : `${group}:${name}`
}
