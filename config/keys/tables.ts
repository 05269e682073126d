// All tables of kahi.toml with their keys: the sample file, `kahi keys` and the reference page are made from these rows.

import type { TableKind } from '../document.ts'
import type { KeyTable } from '../key.ts'
import { listenerKeys } from './event-listener.ts'
import { socketKeys } from './fcgi-program.ts'
import { groupKeys } from './group.ts'
import { bundleKeys, oneshotKeys } from './oneshot.ts'
import { programKeys } from './program.ts'
import { ctlKeys, httpServerKeys, unixServerKeys } from './server.ts'
import { supervisorKeys } from './supervisor.ts'

/** One kind of table. */
export interface TableRow {
  readonly kind: TableKind
  /** As it is written: `[programs.NAME]`. */
  readonly title: string
  readonly doc: string
  readonly keys: KeyTable
}

/** The tables in the order of the sample file. */
export const tableRows: readonly TableRow[] = [
  { kind: 'supervisor', title: '[supervisor]', doc: 'The daemon itself.', keys: supervisorKeys },
  {
    kind: 'server.unix',
    title: '[server.unix]',
    doc: 'The control socket. Without any server `kahi daemon` listens on its default socket. Several are written [[server.unix]].',
    keys: unixServerKeys,
  },
  {
    kind: 'server.http',
    title: '[server.http]',
    doc: 'Control over TCP. Several are written [[server.http]].',
    keys: httpServerKeys,
  },
  { kind: 'ctl', title: '[ctl]', doc: 'What `kahi ctl` uses to reach the daemon.', keys: ctlKeys },
  { kind: 'programs', title: '[programs.NAME]', doc: 'A command that is kept running.', keys: programKeys },
  {
    kind: 'oneshots',
    title: '[oneshots.NAME]',
    doc: 'A command that is run once, to its end, when it is brought up, and another one when it is taken down.',
    keys: oneshotKeys,
  },
  {
    kind: 'bundles',
    title: '[bundles.NAME]',
    doc: 'A name for several programs, oneshots, groups and bundles.',
    keys: bundleKeys,
  },
  {
    kind: 'groups',
    title: '[groups.NAME]',
    doc: 'Programs that are controlled together as group:name.',
    keys: groupKeys,
  },
  {
    kind: 'event_listeners',
    title: '[event_listeners.NAME]',
    doc: 'A program that is told what happens. Besides the keys of [programs.NAME], without redirect_stderr:',
    keys: listenerKeys,
  },
  {
    kind: 'fcgi_programs',
    title: '[fcgi_programs.NAME]',
    doc: 'A program whose processes accept on one socket, their standard input. Besides the keys of [programs.NAME]:',
    keys: socketKeys,
  },
]
