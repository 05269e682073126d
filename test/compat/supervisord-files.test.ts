// Runs the real supervisord on the files that kahi refuses, and on the files for which other converters lost settings.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ENVIRONMENT, migrate, place, rows } from '../converter/supervisord/lossless.ts'
import { refused } from '../converter/supervisord/refused.ts'
import { comparable } from '../helpers/effective.ts'
import { askOracleOfAll, hasOracle, ORACLE_NEEDED } from '../helpers/oracle.ts'
import { makeFolder } from '../helpers/test-folder.ts'

describe.skipIf(!hasOracle)(`supervisord (${ORACLE_NEEDED})`, () => {
  test('refuses what kahi refuses', () => {
    const files = refused.map(([, body]) => {
      const file = join(makeFolder(), 's.conf')
      writeFileSync(file, body)
      return file
    })
    const answers = askOracleOfAll(files, makeFolder(), { HOME: '/root' })
    const accepted = refused.filter((_, index) => !('error' in (answers[index] ?? {})))
    expect(accepted.map(([name]) => name)).toEqual([])
  })

  test('runs what kahi runs', () => {
    const places = rows.map(([name, text]) => ({ name, where: place(text) }))
    const folder = makeFolder()
    const files = places.map(({ where }) => where.file)
    const answers = askOracleOfAll(files, folder, ENVIRONMENT)
    for (const [index, { name, where }] of places.entries()) {
      const effective = comparable({ ...migrate(where).effective })
      // One process answers for all files, in one directory; each file was read in its own.
      const answer = JSON.stringify(answers[index] ?? {}).replaceAll(folder, dirname(where.file))
      expect({ name, effective }).toEqual({ name, effective: comparable(JSON.parse(answer)) })
    }
  })
})
