// The section "Values" of the reference of kahi.toml: a table and an example for each kind of value that has parts. A test compares
// the parts with the JSON Schema, and reads the examples.

/** One part of a value: its name, its default, and its meaning. */
type Part = readonly [name: string, usual: string, meaning: string]

/** A kind of value. */
export interface ValuePage {
  readonly title: string
  /** The keys that have such values; the parts are those of the first one. */
  readonly keys: readonly string[]
  readonly text: string
  readonly parts: readonly Part[]
  /** Lines of TOML in [programs.web]. */
  readonly example: string
}

const CHECK: readonly Part[] = [
  ['tcp', '', '`"HOST:PORT"`, or a port of this machine: a connection is accepted'],
  ['unix', '', 'path of a listener socket that accepts a connection'],
  ['http', '', 'URL, http or https, that is answered with a good status'],
  ['method', '`"GET"`', 'of `http`'],
  ['headers', '', 'of `http`: a table'],
  ['status', '200 to 399', 'of `http`: a number, a range such as `"301-308"`, or a list of both'],
  ['body', '', 'of `http`: a regular expression that the body must fit'],
  ['exec', '', 'a command that ends with 0; it is killed with its group after `timeout`'],
  ['file', '', 'path of a file that exists'],
  ['max_age', '', 'of `file`: it was written within so many seconds'],
  ['log', '', 'a regular expression that a line of its output fits'],
  ['notify', '', '`true`: messages to `$NOTIFY_SOCKET`, as with systemd'],
]

/** All kinds, in the order of the page. */
export const VALUE_PAGES: readonly ValuePage[] = [
  {
    title: 'Readiness',
    keys: ['ready'],
    text: 'Dependents start when the check succeeds. A value has exactly one of `fd`, `tcp`, `unix`, `http`, `exec`, `file`, `log` and `notify`.',
    parts: [
      ['fd', '', 'number of a descriptor to which the process writes a newline, as with s6'],
      ...CHECK,
      ['interval', '1', 'seconds between two checks'],
      ['timeout', '5', 'seconds that one check may take'],
      [
        'deadline',
        '0',
        'seconds until the check must have succeeded, or the program is stopped and FATAL; 0 = no limit',
      ],
    ],
    example: 'ready = { tcp = "127.0.0.1:5432", deadline = "30s" }',
  },
  {
    title: 'Health',
    keys: ['health'],
    text: 'The check is repeated while the program is up and ready; `on_unhealthy` says what follows. The kinds are those of readiness, without `fd`.',
    parts: [
      ...CHECK,
      ['interval', '10', 'seconds between two checks'],
      ['timeout', '5', 'seconds that one check may take'],
      ['jitter', '0', 'random seconds that are added to the interval'],
      ['start_period', '0', 'seconds in which failures do not count, until one check has succeeded'],
      ['failures', '3', 'so many failures in a row make it unhealthy; 1 for `notify` and `log`'],
      ['successes', '1', 'so many successes in a row make it healthy again'],
    ],
    example: 'health = { http = "http://127.0.0.1:8080/health", interval = "10s" }\non_unhealthy = "restart"',
  },
  {
    title: 'Restart rules',
    keys: ['restart'],
    text: 'Without the key the rules are those of supervisord (`startretries`); `"s6"` means those of s6.',
    parts: [
      ['delay', '1', 'seconds before the first restart'],
      ['factor', '2', 'each further delay is so many times as long'],
      ['max_delay', '60', 'no delay is longer, in seconds'],
      ['limit', '10', 'after so many restarts in a row the program is FATAL; 0 = never'],
      ['window', '0', 'the limit counts restarts within so many seconds, instead of those in a row'],
      ['reset_after', '300', 'a process that lived so many seconds resets the counters'],
      ['jitter', '0', 'random seconds that are added to each delay'],
      ['no_restart_codes', '`[]`', 'exit codes after which it is not restarted'],
    ],
    example: 'restart = { delay = "1s", factor = 2, max_delay = "1m", limit = 10, no_restart_codes = [78] }',
  },
  {
    title: 'Watched files',
    keys: ['watch'],
    text: 'A path, a list of paths, or a table. Paths may be files, directories and patterns.',
    parts: [
      ['paths', 'required', 'what is watched'],
      ['action', '`"restart"`', '`"restart"`, `"reload"` (runs `reload_command`) or `"signal:NAME"`'],
      ['exec', '', 'a command, instead of `action`; it gets the changed paths in `$WATCH_CHANGED`'],
      ['debounce', '0.5', 'seconds without a further change before anything is done'],
      ['poll', '5', 'seconds between two looks that need no event; 0 = none'],
      ['ignore_removed', '`false`', 'a file that is removed is no change'],
    ],
    example: 'watch = { paths = ["/etc/hosts"], action = "signal:HUP" }',
  },
  {
    title: 'Lost dependencies',
    keys: ['on_dependency_lost'],
    text: '`"none"`, `"stop"`, `"restart"`, or a table.',
    parts: [
      [
        'action',
        'required',
        '`"none"`, `"stop"`, or `"restart"`: stopped, and started when all its dependencies are there',
      ],
      ['delay', '5', 'seconds that a dependency may be away before that'],
    ],
    example: 'on_dependency_lost = { action = "restart", delay = "30s" }',
  },
  {
    title: 'Schedules',
    keys: ['schedule'],
    text: 'Fields as in crontab(5), `"@daily"` and the like, or a table.',
    parts: [
      ['cron', 'required', 'the times'],
      ['timezone', 'that of the daemon', 'such as `"Europe/Berlin"`'],
      ['overlap', '`"skip"`', 'for a program that is still running then: `"skip"`, `"queue"` or `"restart"`'],
    ],
    example: 'schedule = { cron = "0 3 * * *", timezone = "UTC" }',
  },
  {
    title: 'Limits',
    keys: ['limits'],
    text: 'Limits of setrlimit(2) are a number, `"SOFT:HARD"` or `"unlimited"`; `memory`, `cpu` and `pids` need a cgroup that can be written.',
    parts: [
      ['nofile', '', 'open files'],
      ['nproc', '', 'processes of its user'],
      ['core', '', 'size of a core dump'],
      ['memlock', '', 'size of locked memory'],
      ['as', '', 'size of the address space'],
      ['data', '', 'size of the data segment'],
      ['stack', '', 'size of the stack'],
      ['rss', '', 'size of the resident memory; Linux ignores it'],
      ['fsize', '', 'size of a file that it writes'],
      ['msgqueue', '', 'size of POSIX message queues'],
      ['cputime', '', 'seconds of CPU time'],
      ['locks', '', 'file locks; Linux ignores it'],
      ['nice', '', 'ceiling of the nice value, as 20 minus it'],
      ['rtprio', '', 'ceiling of the real-time priority'],
      ['rttime', '', 'microseconds of CPU time under real-time scheduling'],
      ['sigpending', '', 'queued signals'],
      ['memory', '', 'size of the memory of the process with all its children'],
      ['cpu', '', 'processors for all of them, such as `1.5`'],
      ['pids', '', 'number of processes and threads of all of them'],
    ],
    example: 'limits = { nofile = "1024:4096", core = 0 }',
  },
  {
    title: 'Files of variables',
    keys: ['env_file'],
    text: 'A path, a table, or a list of both: a dotenv file, or a directory as s6-envdir reads it.',
    parts: [
      ['path', 'required', 'the file or directory'],
      ['optional', '`false`', 'it may be missing'],
    ],
    example: 'env_file = [{ path = "/etc/default/web", optional = true }]',
  },
]

/** The section as Markdown. */
export function valuesMarkdown(): string {
  return ['## Values', ...VALUE_PAGES.map(valueMarkdown)].join('\n\n')
}

function valueMarkdown({ title, keys, text, parts, example }: ValuePage): string {
  const rows = parts.map(([name, usual, meaning]) => `| \`${name}\` | ${usual} | ${meaning} |`)
  const table = ['| part | default | meaning |', '|---|---|---|', ...rows].join('\n')
  const block = `\`\`\`toml\n[programs.web]\ncommand = "sleep 1000"\n${example}\n\`\`\``
  return [`### ${title}: ${keys.map((key) => `\`${key}\``).join(', ')}`, text, table, block].join('\n\n')
}
