// All tables of kahi.toml, one row for each: its name, its form and its keys. Reading, the sample file, `kahi keys`,
// the reference page and the export use the rows.

import type { KeyTable } from './key.ts'
import { eventListenerKeys, listenerKeys } from './event-listener.ts'
import { fcgiProgramKeys, socketKeys } from './fcgi-program.ts'
import { groupKeys } from './group.ts'
import { bundleKeys, oneshotKeys } from './oneshot.ts'
import { defaultKeys, programKeys } from './program.ts'
import { ctlKeys, httpServerKeys, unixServerKeys } from './server.ts'
import { logTargetKeys } from './log-target.ts'
import { peerKeys } from './peer.ts'
import { supervisorKeys } from './supervisor.ts'
import { webhookKeys } from './webhook.ts'

/** How a table is written: once, several times as `[[kind]]`, or once for each name as `[kind.NAME]`. */
export type TableForm = 'once' | 'repeated' | 'named'

interface Row {
  readonly form: TableForm
  readonly doc: string
  /** All keys of the table, in the order in which they are written. */
  readonly keys: KeyTable
  /** The keys that the reference explains for this table; `doc` names the table that explains the others. */
  readonly explained?: KeyTable
  /** The NAME that the sample file uses. */
  readonly sampleName?: string
  /** Clients read it: it says where the daemon listens, or how they reach it. */
  readonly isForClients?: boolean
}

const rows = {
  supervisor: { form: 'once', doc: 'The daemon itself.', keys: supervisorKeys },
  'server.unix': {
    form: 'repeated',
    doc: 'The control socket. Without any server `kahi daemon` listens on its default socket. Several are written [[server.unix]].',
    keys: unixServerKeys,
    isForClients: true,
  },
  'server.http': {
    form: 'repeated',
    doc: 'Control over TCP. Several are written [[server.http]].',
    keys: httpServerKeys,
    isForClients: true,
  },
  ctl: { form: 'once', doc: 'How `kahi ctl` reaches the daemon.', keys: ctlKeys, isForClients: true },
  'defaults.programs': {
    form: 'once',
    doc: 'The values that every [programs.NAME] of the configuration starts from: all its keys but `like`. Its own values have priority; `environment` is inherited variable by variable.',
    keys: defaultKeys,
    explained: {},
  },
  programs: { form: 'named', doc: 'A command that is kept running.', keys: programKeys, sampleName: 'clock' },
  oneshots: {
    form: 'named',
    doc: 'A command that is run once, to its end, when it is brought up, and another one when it is taken down.',
    keys: oneshotKeys,
    sampleName: 'prepare',
  },
  bundles: {
    form: 'named',
    doc: 'A name for several programs, oneshots, groups and bundles.',
    keys: bundleKeys,
    sampleName: 'user',
  },
  groups: {
    form: 'named',
    doc: 'Programs that are controlled together as group:name.',
    keys: groupKeys,
    sampleName: 'clocks',
  },
  event_listeners: {
    form: 'named',
    doc: 'A program that reads events on its standard input. It has these keys besides those of [programs.NAME]; redirect_stderr cannot be true:',
    keys: eventListenerKeys,
    explained: listenerKeys,
    sampleName: 'mail',
  },
  fcgi_programs: {
    form: 'named',
    doc: 'A program whose processes accept connections on one socket, their standard input. It has these keys besides those of [programs.NAME]:',
    keys: fcgiProgramKeys,
    explained: socketKeys,
    sampleName: 'php',
  },
  webhooks: {
    form: 'named',
    doc: 'A server that gets a request for each event: docs/guides/webhooks.md.',
    keys: webhookKeys,
    sampleName: 'ops',
  },
  log_targets: {
    form: 'named',
    doc: 'A server that gets the output of programs, line by line: docs/guides/log-forwarding.md.',
    keys: logTargetKeys,
    sampleName: 'loki',
  },
  peers: {
    form: 'named',
    doc: 'Another daemon that the page shows beside this one, and that `kahi ctl --peers` asks too: docs/guides/fleet.md.',
    keys: peerKeys,
    sampleName: 'db1',
    isForClients: true,
  },
} satisfies Readonly<Record<string, Row>>

/** The tables that kahi.toml may have. */
export type TableKind = keyof typeof rows

/** One kind of table. */
export interface TableRow extends Required<Row> {
  readonly kind: TableKind
}

/** The tables in the order of the sample file. */
export const tableRows: readonly TableRow[] = kinds().map((kind) => {
  const row: Row = rows[kind]
  return { explained: row.keys, sampleName: '', isForClients: false, ...row, kind }
})

function kinds(): readonly TableKind[] {
  return Object.keys(rows) as TableKind[]
}

/** The row of a table. */
export function tableRow(kind: TableKind): TableRow {
  const found = tableRows.find((row) => row.kind === kind)
  if (found === undefined) throw new Error(`there is no table ${kind}`)
  return found
}

/** `[programs.NAME]`, as it is written. */
export function tableTitle({ kind, form }: Pick<TableRow, 'kind' | 'form'>, name = 'NAME'): string {
  return form === 'named' ? `[${kind}.${name}]` : `[${kind}]`
}
