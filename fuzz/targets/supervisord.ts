// Converting a supervisord.conf.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { thisMachine } from '../../runtime/system/users.ts'
import { checkConversion } from '../conversions.ts'
import { mutated } from '../mutate.ts'
import { seedTexts } from '../seeds.ts'
import { target } from '../target.ts'

const WORDS = [
  '[program:a]',
  '[program:]',
  '[group:g]',
  '[eventlistener:l]',
  '[fcgi-program:f]',
  '[inet_http_server]',
  '[include]',
  'files = *.conf',
  'command=/bin/cat %(process_num)09d',
  'command = sh -c "sleep 1 && x"',
  'numprocs=3',
  'process_name=%(program_name)s_%(process_num)02d',
  'environment=A="1",B=%(ENV_HOME)s',
  'priority = -0',
  'exitcodes=0,2',
  'autorestart=unexpected',
  'programs=a,b',
  '; note',
  '  continued',
  '%(here)s',
  '%(ENV_HOME)99d',
]

/** Mutated fixtures of supervisord. */
export const supervisord = target<string>({
  name: 'supervisord',
  about: 'kahi migrate on a supervisord.conf',
  inputs: (root) => mutated(seedTexts(root, 'fixtures/supervisord', /\.(?:conf|ini)$/), WORDS),
  async open({ folder }) {
    const directory = join(folder, 'conf')
    mkdirSync(directory)
    const path = join(directory, 'supervisord.conf')
    const machine = thisMachine()
    return {
      async check(text) {
        writeFileSync(path, text)
        return checkConversion(path, machine, 'supervisord')
      },
      close: async () => {},
    }
  },
})
