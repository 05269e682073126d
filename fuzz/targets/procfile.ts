// Making a kahi.toml from a Procfile.

import { isDeepStrictEqual } from 'node:util'
import type { Document } from '../../config/keys/document.ts'
import type { Machine } from '../../config/model/machine.ts'
import { readConfig, readDocument } from '../../config/toml/read.ts'
import { writeDocument } from '../../config/toml/write.ts'
import { readProcfile } from '../../converter/procfile.ts'
import { thisMachine } from '../../runtime/system/users.ts'
import { refusal } from '../conversions.ts'
import { mutated } from '../mutate.ts'
import { target } from '../target.ts'

const SEED = `web: bundle exec puma -C config/puma.rb -p $PORT
worker: node worker.js --queues high,low

# later
release: ./migrate && echo "it's done" | tee log
clock: TZ=UTC python clock.py %d
`
const WORDS = ['web: ./run', 'web:', ': x', 'a-b_9: x', '# note', 'x: "', "x: '", 'x: ${A}', 'x: %(here)s', 'x: a\tb']

/** Mutated Procfiles. */
export const procfile = target<string>({
  name: 'procfile',
  about: 'kahi init --from on a Procfile; what it writes is a valid kahi.toml with the same programs',
  inputs: () => mutated([SEED], WORDS),
  async open() {
    const machine = thisMachine()
    return {
      async check(text) {
        try {
          checkWritten(readProcfile(text, 'Procfile'), machine)
          return 'accepted'
        } catch (error) {
          return refusal(error)
        }
      },
      close: async () => {},
    }
  },
})

/** Throws an error, not a diagnostic, when the written file is invalid or has other programs. */
function checkWritten(document: Document, machine: Machine): void {
  const written = writeDocument(document)
  const names = ({ tables }: Document) => tables.map(({ name }) => name).sort()
  if (!isDeepStrictEqual(names(validDocument(written, machine)), names(document)))
    throw new Error('the written file has other programs')
}

function validDocument(text: string, machine: Machine): Document {
  try {
    readConfig(text, 'kahi.toml', machine)
    return readDocument(text, 'kahi.toml', machine)
  } catch (error) {
    throw new Error('the written file is not valid', { cause: error })
  }
}
