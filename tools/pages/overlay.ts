// How kahi treats the files, signals and variables of s6-overlay, for docs/compat/s6.md.

import { variableRows } from '../../converter/s6-overlay/variables.ts'

/** How kahi treats each directory of an image of s6-overlay. */
const OVERLAY_FILES: readonly (readonly [string, string])[] = [
  ['`/init`', 'same: `kahi init-s6`, or a link called `init` to kahi; also when it is not PID 1'],
  [
    '`/etc/s6-overlay/s6-rc.d`, `user-bundles.d`',
    'same: as above; with a bundle `user` in s6-rc.d the other is not read',
  ],
  [
    '`/etc/fix-attrs.d`',
    'differs: one script of the shell, in the oneshot fix-attrs; what version 3 gets wrong (several files, a last line without end, `-`) works',
  ],
  [
    '`/etc/cont-init.d`',
    'same: `[oneshots.s6rc-cont-init-NAME]`, one after the other in the order of their bytes; names with blanks work. They may make, change and remove services of services.d',
  ],
  [
    '`/etc/cont-finish.d`',
    'same: `down` of `[oneshots.s6rc-cont-finish-NAME]`, run in order when services are down; versions 1 and 2 began before that',
  ],
  [
    '`/etc/services.d/NAME`',
    'same: copied to /run/s6/legacy-services/NAME when cont-init.d has run, and run there; one that is not executable runs too. In a TOML it is `[programs.NAME]` and `down` is autostart = false, unless a script of cont-init.d names services.d: then it stays what it is and is read at run time. A name that s6-rc.d has too is `legacy-services.NAME`; both run',
  ],
  ['`/etc/services.d/NAME/log`', 'same: `[programs."NAME/log"]`, which reads the output of NAME (`log_to`)'],
  [
    'the command of the container',
    'differs: the program s6rc-cmd, started last; at the end it is stopped first, not last. A script without `#!` line is not run by sh',
  ],
  [
    'its exit code',
    'same: 127 for one that is not there, 126 for one that cannot be run, 128 + N after signal N; N in versions 1 and 2 (`exit_signal_base`)',
  ],
  [
    'its standard descriptors',
    'same: those of the container (`stdio = "inherit"`), so kahi keeps no log of it. At a terminal Ctrl-C is for it alone; Ctrl-Z stops it, as in versions 1 and 2. With S6_CMD_RECEIVE_SIGNALS too, where version 3 gives it /dev/null to read',
  ],
  [
    '`/run/s6/container_environment`',
    'same: `environment_directory`; written anew at each start of the container, read by with-contenv at each start of a service',
  ],
  [
    '`/run/s6-linux-init-container-results/exitcode`',
    'same: `exit_code_file`; versions 1 and 2: `/var/run/s6/env-stage3/S6_STAGE2_EXITED`',
  ],
  [
    '`/run/s6-rc/servicedirs/NAME`, `/run/s6/legacy-services/NAME`',
    'same: service directories, to which /run/service has links; services run there, with data/ and env/ as copies. Version 1 and 2: /var/run/s6/services/NAME',
  ],
  [
    'a second start of the same container',
    'same: container_environment, service directories and their data/ begin anew',
  ],
  [
    'a `/run` that cannot be written',
    'differs: `kahi init-s6` boots without the directories in it and says how to start the container; `kahi daemon` with a TOML that names them ends with 111. Remove scan_directory, environment_directory, exit_code_file, halt_directory and run_layout from the TOML, or give the container a writable /run',
  ],
  [
    '`s6-rc -d change` and `-u change` in a running container',
    'same: services of services.d go down with legacy-services and come back with it. Differs: scripts of cont-init.d and cont-finish.d run once in a container, not again by s6-rc; in a TOML services of services.d are programs, which go down with their dependencies and are started again by name',
  ],
  [
    '`/run/s6-rc/compiled`, `scandir`, `state`, `lock`, `/run/s6/db`, `workdir`',
    'differs: directories, links and empty files of these names, but not the database: s6-rc and s6-rc-db are kahi’s. The real ones cannot read it; `kahi install --as s6-overlay` replaces them. `kahi daemon` makes them too (`run_layout`), unless another s6-rc has its state there',
  ],
  [
    'kahi’s own units',
    'differs: s6rc-cmd, s6rc-stage2, s6rc-cont-init-NAME, s6rc-cont-finish-NAME in `kahi ctl status`; s6-rc cannot give such names, and neither s6-rc nor /run/service shows them',
  ],
  [
    '`/run/s6/basedir/bin/halt`, `poweroff`, `reboot`',
    'same: `halt_directory`; they signal kahi. Under `kahi daemon` all three end it with the number in the exit code file',
  ],
  [
    'a tree that s6-rc-compile refuses',
    'differs: the container ends with 2 and says why; with s6-overlay it idles without end',
  ],
  [
    'what is left of services at the end',
    'same: TERM and CONT, then KILL after S6_KILL_GRACETIME (`kill_grace`); but nothing is slept when all have ended. It goes to everything that services started, in any session',
  ],
  ['programs', 'differs: they have SUPERVISOR_* variables besides PATH; with-contenv takes them away'],
]

/** The meaning of signals for /init. */
const OVERLAY_SIGNALS: readonly (readonly [string, string, string])[] = [
  ['TERM', 'stop; 0 or what the exit code file says', 'the same'],
  ['USR2', 'the same', 'nothing'],
  ['INT', 'stop; 111, or 129 where the container may reboot', 'stop; 0'],
  ['USR1, PWR', 'stop; 111, or 130 where it may reboot', 'nothing'],
  ['QUIT', 'nothing', 'stop; 0'],
  ['HUP', 'nothing', 'stop; 0; from version 2.2 on nothing'],
  ['WINCH', 'nothing', 'nothing'],
]

/** The files, signals and variables of s6-overlay, as Markdown. */
export function overlayMarkdown(): string {
  return [
    '### Files of an image',
    '',
    '| s6-overlay | in kahi |',
    '|---|---|',
    ...OVERLAY_FILES.map(([file, here]) => `| ${file} | ${here} |`),
    '',
    '### Signals',
    '',
    '| signal | version 3 | versions 1 and 2 |',
    '|---|---|---|',
    ...OVERLAY_SIGNALS.map((row) => `| ${row.join(' | ')} |`),
    '',
    '### Variables',
    '',
    '| variable | default | in kahi |',
    '|---|---|---|',
    ...variableRows.map(({ name, fallback, here }) => `| \`${name}\` | ${fallback} | ${here} |`),
  ].join('\n')
}
