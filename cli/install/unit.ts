// The unit for systemd that runs `kahi daemon`: the one that `kahi install --as service` writes, and that of the Debian package.

/** A stop may take as long as programs need: systemd's own limit would end it before. */
const STOP_LIMIT = 'infinity'
const WATCHDOG_SECS = 30

/** What a unit says. */
export interface Unit {
  /** The path of kahi. */
  readonly program: string
  /** The configuration. */
  readonly config: string
  /** The user that runs the daemon; undefined for root. */
  readonly user: string | undefined
  /** The path of Node.js, where kahi does not find it by itself. */
  readonly node: string | undefined
}

/** The text of the unit. Source: systemd 252, systemd.service(5), systemd.exec(5), systemd.kill(5). */
export function unitText({ program, config, user, node }: Unit): string {
  const owner =
    user === undefined
      ? []
      : [
          `User=${user}`,
          `Group=${user}`,
          'RuntimeDirectory=kahi',
          'StateDirectory=kahi',
          'Environment=XDG_RUNTIME_DIR=/run/kahi',
        ]
  return [
    '[Unit]',
    'Description=kahi, a process supervisor',
    'After=network.target',
    '',
    '[Service]',
    'Type=notify',
    '# The helper above the programs sends the messages, so it must be heard too.',
    'NotifyAccess=all',
    `ExecStartPre=${quote(program)} check ${quote(config)}`,
    `ExecStart=${quote(program)} daemon -c ${quote(config)}`,
    `ExecReload=${quote(program)} check ${quote(config)}`,
    'ExecReload=kill -HUP $MAINPID',
    ...owner,
    ...(node === undefined ? [] : [`Environment=${quote(`KAHI_NODE=${node}`)}`]),
    `WatchdogSec=${WATCHDOG_SECS}`,
    'Restart=on-failure',
    '# kahi stops its programs itself, in order and with their own time limits.',
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_LIMIT}`,
    'LimitNOFILE=1048576',
    '# Programs may have limits of memory, CPU and processes: they need control groups of their own.',
    'Delegate=yes',
    '',
    '[Install]',
    'WantedBy=multi-user.target',
    '',
  ].join('\n')
}

/** A word of a command line of systemd. Source: systemd 252, systemd.syntax(7). */
function quote(word: string): string {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$')
  if (/^[\w@%+=:,./$-]+$/.test(text)) return text
  const quoted = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return `"${quoted.replaceAll(/\p{Cc}/gu, hexadecimal)}"`
}

/** A line end would begin another setting. */
function hexadecimal(character: string): string {
  return [...Buffer.from(character)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('')
}
