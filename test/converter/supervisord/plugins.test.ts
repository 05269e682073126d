// kahi recognises plug-ins of supervisord and reports which of its features replaces them.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { formatDiagnostic } from '../../../config/model/diagnostic.ts'
import { convert } from '../../helpers/convert.ts'
import { testMachine } from '../../helpers/machine.ts'
import { makeFolder } from '../../helpers/test-folder.ts'

function answersTo(section: string): string[] {
  const file = join(makeFolder(), 's.conf')
  writeFileSync(file, `[supervisord]\n${section}`)
  const { diagnostics } = convert(file, testMachine())
  return diagnostics.map((found) => formatDiagnostic(found).replaceAll(file, 's.conf'))
}

const rpc = (factory: string): string => `[rpcinterface:x]\nsupervisor.rpcinterface_factory = ${factory}`
const ctl = (factory: string): string => `[ctlplugin:x]\nsupervisor.ctl_factory = ${factory}`
const listener = (command: string): string => `[eventlistener:x]\ncommand = ${command}\nevents = EVENT`

test.each([
  [
    'the main interface',
    rpc('supervisor.rpcinterface:make_main_rpcinterface'),
    's.conf:2:1: note: [rpcinterface:x] is not needed',
  ],
  [
    'supervisor_twiddler',
    rpc('supervisor_twiddler.rpcinterface:make_twiddler_rpcinterface'),
    'send SIGHUP to the daemon',
  ],
  ['supervisor_cache', rpc('supervisor_cache.rpcinterface:make_cache_rpcinterface'), 'keep them in a file'],
  ['mr.laforge', ctl('mr.laforge.controllerplugin:CustomControllerPlugin'), '`kahi ctl start NAME…` waits'],
  [
    'supervisor-wildcards',
    ctl('supervisorwildcards.controllerplugin:WildCardsControllerPlugin'),
    'takes several names',
  ],
  ['supvisors', rpc('supvisors.plugin:make_supvisors_rpcinterface'), 'joins the daemons of several machines'],
  [
    'an unknown one',
    rpc('a:b'),
    's.conf:2:1: warning: [rpcinterface:x] is a Python plug-in of the daemon, which kahi cannot load\n',
  ],
  [
    'supervisor-stdout',
    listener('/usr/bin/python -m supervisor_stdout'),
    'stdout_logfile = "/dev/stdout" and log_format = "channel"',
  ],
  ['supervisor-logging', listener('supervisor_logging'), 'stdout_syslog = true'],
  [
    'ordered-startup-supervisord',
    listener('ordered-startup-supervisord'),
    'depends_on = ["NAME"] in each program that waits, and ready',
  ],
  [
    'supervisord-dependent-startup',
    listener('supervisord-dependent-startup'),
    '[eventlistener:x] is not needed: kahi starts programs in the order of depends_on',
  ],
])('%s', (_, section, expected) => {
  expect(answersTo(section)).toEqual([expect.stringContaining(expected)])
})

test('superlance needs no answer: its listeners are converted', () => {
  expect(answersTo(listener('crashmail -a -m root@localhost'))).toEqual([])
})

const STARTUP = '[eventlistener:x]\ncommand = supervisord-dependent-startup\nevents = PROCESS_STATE\n'
const PRINTING =
  '[eventlistener:x]\ncommand = supervisor_stdout\nevents = PROCESS_LOG\nresult_handler = supervisor_stdout:event_handler\n'

test('a start that only a failure brings cannot be said: the listener stays, and that is said', () => {
  const program = '[program:a]\ncommand = a\n[program:b]\ncommand = b\nautostart = false\ndependent_startup = true\n'
  const [answer] = answersTo(`${STARTUP}${program}dependent_startup_wait_for = a:fatal\n`)
  expect(answer).toContain('[program:b] cannot wait as with the plug-in: kahi starts nothing because a is fatal')
})

test.each([
  ['a file that the form of lines would change', 'stderr_logfile = /var/log/a.err\n'],
  ['output that goes to a file as well', 'stdout_logfile = /var/log/a.log\nstderr_logfile = NONE\n'],
])('supervisor_stdout stays a listener beside %s', (_, keys) => {
  const program = `[program:a]\ncommand = a\nstdout_events_enabled = true\n${keys}`
  expect(answersTo(PRINTING + program)).toEqual([expect.stringContaining('copies the output of programs')])
})
