// Plug-ins of supervisord: what each does, and what to do in kahi instead. Event listeners are programs and are
// converted; Python objects inside the daemon or its client cannot be converted.

import type { Diagnostic, Place } from '../../config/model/diagnostic.ts'
import type { IniSection } from './read-ini.ts'

/** A known plug-in. */
export interface Plugin {
  /** Its names. */
  readonly names: string
  /** How it is recognised in a factory or command. */
  readonly pattern: RegExp
  /** What it does, as the end of the sentence "it …". */
  readonly does: string
  readonly instead: string
}

/** Plug-ins, by how they are loaded. */
export const plugins: readonly Plugin[] = [
  {
    names: 'supervisor-stdout, supervisor-console',
    pattern: /supervisor[_-](?:stdout|console)/,
    does: 'copies the output of programs to that of the daemon',
    instead: 'kahi does that itself: stdout_logfile = "/dev/stdout" and log_format = "channel" in each program',
  },
  {
    names: 'ordered-startup-supervisord, supervisord-dependent-startup',
    pattern: /ordered[_-]startup[_-]supervisord|supervisord[_-]dependent[_-]startup/,
    does: 'starts programs one after the other',
    instead:
      'kahi does that itself: depends_on = ["NAME"] in each program that waits, and ready in those that are waited for',
  },
  {
    names: 'supervisor-logging',
    pattern: /supervisor[_-]logging/,
    does: 'sends output to syslog',
    instead: 'kahi does that itself: stdout_syslog = true in each program',
  },
  {
    names: 'supervisor_twiddler',
    pattern: /supervisor[_-]twiddler/,
    does: 'adds and removes programs while the daemon runs',
    instead: 'change kahi.toml and send SIGHUP to the daemon: only what differs is touched',
  },
  {
    names: 'supervisor_cache',
    pattern: /supervisor[_-]cache/,
    does: 'keeps values for clients of the daemon',
    instead: 'nothing in kahi does that; keep them in a file',
  },
  {
    names: 'mr.laforge',
    pattern: /mr[._]laforge/,
    does: 'starts programs and waits until they run, and kills by pattern',
    instead: '`kahi ctl start NAME…` waits until they run; `kahi ctl stop GROUP:*` stops a group',
  },
  {
    names: 'supervisor-quick, supervisor-wildcards, supervisor-serialrestart',
    pattern: /supervisor[_-]?(?:quick|wildcards|serialrestart)/,
    does: 'adds commands to supervisorctl',
    instead: '`kahi ctl` takes several names, and GROUP:* for all of a group',
  },
  {
    names: 'multivisor, supvisors',
    pattern: /multivisor|supvisors/,
    does: 'joins the daemons of several machines',
    instead: 'nothing in kahi does that; the REST interface gives each daemon’s state',
  },
]

const MAIN_INTERFACE = 'supervisor.rpcinterface:make_main_rpcinterface'

const PARTS: Readonly<Record<string, string>> = {
  rpcinterface: 'a Python plug-in of the daemon',
  ctlplugin: 'a Python plug-in of supervisorctl',
}

/** The diagnostic for a section that becomes no table, and whether kahi does its work. */
export function describeUnmapped(section: IniSection): Diagnostic & { readonly replaced: boolean } {
  const { name, place } = section
  const [kind = ''] = name.split(':')
  const factory = section.entries.get(
    kind === 'ctlplugin' ? 'supervisor.ctl_factory' : 'supervisor.rpcinterface_factory',
  )
  if (kind === 'rpcinterface' && factory?.value === MAIN_INTERFACE) {
    const message = `[${name}] is not needed: kahi has its own control interface`
    return { severity: 'note', message, place, replaced: true }
  }
  const what = name.includes(':') ? PARTS[kind] : undefined
  const hint = 'it is kept as a comment'
  if (what === undefined) {
    const message = `[${name}] is a section that supervisord ignores`
    return { severity: 'warning', message, hint, place, replaced: false }
  }
  const plugin = findPlugin(factory?.value ?? '')
  const message = `[${name}] is ${what}, which kahi cannot load${plugin === undefined ? '' : `; it ${plugin.does}`}`
  return { severity: 'warning', message, hint: plugin?.instead ?? hint, place, replaced: false }
}

/** The diagnostic for a section whose work kahi does. */
export function describeTaken({ name, place }: IniSection, how: string): Diagnostic & { readonly replaced: true } {
  return { severity: 'note', message: `[${name}] is not needed: ${how}`, place, replaced: true }
}

/** The diagnostic for a listener that does what kahi can do itself. */
export function describeListener(section: IniSection): Diagnostic | undefined {
  const command = section.entries.get('command')
  const handler = section.entries.get('result_handler')
  const plugin = findPlugin(`${command?.value} ${handler?.value}`)
  if (plugin === undefined) return undefined
  const place: Place = command?.place ?? section.place
  return { severity: 'note', message: `[${section.name}] ${plugin.does}`, hint: plugin.instead, place }
}

function findPlugin(text: string): Plugin | undefined {
  return plugins.find(({ pattern }) => pattern.test(text))
}
