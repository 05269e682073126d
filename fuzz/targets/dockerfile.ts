// Planning the changes of a Dockerfile, in both modes.

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { planDockerfile, type Request } from '../../converter/dockerfile/dockerfile.ts'
import { applyEdits, unifiedDiff } from '../../converter/dockerfile/edits.ts'
import { WAYS } from '../../converter/dockerfile/options.ts'
import { refusal } from '../conversions.ts'
import { mutated } from '../mutate.ts'
import { seedTexts } from '../seeds.ts'
import { target, type Verdict } from '../target.ts'

const WORDS = [
  'FROM debian AS a',
  'FROM a',
  'ARG V=1',
  'ENV V="${V:-x}" W=\'y\'',
  'RUN apt-get install -y supervisor && rm -rf /var/lib/apt/lists/*',
  'RUN <<E',
  'E',
  'COPY --from=a / /',
  'COPY --chown=a:b conf /etc/supervisord.conf',
  'ADD https://example.org/s6-overlay-noarch.tar.xz /tmp',
  'ONBUILD RUN x',
  'SHELL ["/bin/bash", "-c"]',
  'CMD ["supervisord", "-n"]',
  'ENTRYPOINT ["/init"]',
  'ENTRYPOINT exec supervisord -c /etc/supervisord.conf',
  'HEALTHCHECK CMD supervisorctl status',
  '# escape=`',
  '\\',
  '$(',
  '"$V"',
]

/** Mutated fixtures of Dockerfiles. */
export const dockerfile = target<string>({
  name: 'dockerfile',
  about: 'kahi migrate on a Dockerfile, as drop-in and converted; planned twice, the change is the same',
  inputs: (root) => mutated(seedTexts(root, 'fixtures/dockerfile', /Dockerfile$/), WORDS),
  async open({ folder }) {
    const context = join(folder, 'context')
    mkdirSync(context)
    const base: Omit<Request, 'way'> = {
      context,
      args: new Map(),
      version: '0.0.0',
      machines: ['amd64'],
      target: undefined,
      conf: undefined,
      runs: undefined,
      origin: undefined,
      base: undefined,
    }
    return {
      async check(text) {
        const verdicts: Verdict[] = []
        for (const way of WAYS) verdicts.push(await checkWay(text, { ...base, way }))
        return verdicts.includes('accepted') ? 'accepted' : 'refused'
      },
      close: async () => {},
    }
  },
})

async function checkWay(text: string, request: Request): Promise<Verdict> {
  try {
    const first = await changed(text, request)
    if ((await changed(text, request)) !== first) throw new Error('planned twice, the change is not the same')
    return 'accepted'
  } catch (error) {
    return refusal(error)
  }
}

/** The new texts and the diffs. */
async function changed(text: string, request: Request): Promise<string> {
  const { plan } = await planDockerfile('Dockerfile', text, request)
  return plan.files.map((one) => applyEdits(one.text, one.edits) + unifiedDiff(one.file, one.text, one.edits)).join('')
}
