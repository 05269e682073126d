// Dockerfiles of any size.

import { planDockerfile } from '../../converter/dockerfile/dockerfile.ts'
import { applyEdits, unifiedDiff } from '../../converter/dockerfile/edits.ts'
import { WAYS } from '../../converter/dockerfile/options.ts'
import { type Case, times } from './case.ts'

function docker(name: string, input: (count: number) => string, first = 500): Case {
  const base = {
    version: '0.0.0',
    machines: ['amd64' as const],
    target: undefined,
    conf: undefined,
    runs: undefined,
    origin: undefined,
    base: undefined,
  }
  return {
    name: `dockerfile: ${name}`,
    first,
    input: (n) => [
      ['Dockerfile', `FROM debian:12\nRUN apt-get install -y supervisor\n${input(n)}\nCMD ["supervisord", "-n"]\n`],
    ],
    async read(path, text, folder) {
      for (const way of WAYS) {
        const { plan } = await planDockerfile(path, text, { ...base, way, context: folder, args: new Map() })
        for (const one of plan.files) {
          applyEdits(one.text, one.edits)
          unifiedDiff(one.file, one.text, one.edits)
        }
      }
    },
  }
}
/** Dockerfiles of any size. */
export const dockerfileCases: readonly Case[] = [
  docker('RUN', (n) => 'RUN a\n'.repeat(n)),
  docker('&& in a RUN', (n) => `RUN ${'a && '.repeat(n)}b`),
  docker('lines in a RUN', (n) => `RUN ${'a && \\\n'.repeat(n)}b`),
  docker('comments in a RUN', (n) => `RUN a \\\n${'# x\n'.repeat(n)} && b`),
  docker('( in a RUN', (n) => `RUN ${'('.repeat(n)}b`),
  docker('$( in a RUN', (n) => `RUN ${'$('.repeat(n)}b`),
  docker('"$( in a RUN', (n) => `RUN ${'"$('.repeat(n)}b`),
  docker('${ in a RUN', (n) => `RUN ${'${'.repeat(n)}b`),
  docker("' in a RUN", (n) => `RUN ${"$('".repeat(n)}b`),
  docker('` in a RUN', (n) => `RUN ${'`'.repeat(n)}b`),
  docker('if in a RUN', (n) => `RUN ${'if a; then '.repeat(n)}b`),
  docker('case in a RUN', (n) => `RUN case a in ${'a) b;; '.repeat(n)} esac`),
  docker('words in a RUN', (n) => `RUN ${'a '.repeat(n)}b`),
  docker('redirections in a RUN', (n) => `RUN a ${'>b '.repeat(n)}`),
  docker('variables in a word', (n) => `COPY ${'$A'.repeat(n)} /b`),
  docker('nested variables in a word', (n) => `COPY ${'${A:-'.repeat(n)}x${'}'.repeat(n)} /b`),
  docker('ENV', (n) => times(n, (i) => `ENV A${i}=x\n`)),
  docker('ENV in one', (n) => `ENV ${times(n, (i) => `A${i}=x `)}`),
  docker('ENV of ENV', (n) => `ENV A0=x\n${times(n, (i) => `ENV A${i + 1}=$A${i}\n`)}`),
  docker(
    'ENV and stages',
    (n) =>
      `${times(n, (i) => `ENV A${i}=xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n`)}${times(Math.min(n, 990), (i) => `FROM ${i === 0 ? 'debian' : `s${i - 1}`} AS s${i}\n`)}`,
  ),
  docker(
    'inherited ENV',
    (n) =>
      `FROM debian AS s0\n${times(n, (i) => `ENV A${i}=xxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n`)}${times(Math.min(n, 990), (i) => `FROM s${i} AS s${i + 1}\n`)}`,
  ),
  docker('ARG', (n) => times(n, (i) => `ARG A${i}=x\n`)),
  docker('COPY', (n) => times(n, (i) => `COPY a${i} /b\n`)),
  docker('COPY wildcards', (n) => `COPY ${'*a'.repeat(n)} /b`),
  docker('ADD', (n) => times(n, () => `ADD https://example.org/s6-overlay-noarch.tar.xz /tmp\n`), 100),
  docker('installs', (n) => 'RUN apt-get install -y supervisor\n'.repeat(n), 100),
  docker('installs in one RUN', (n) => `RUN ${'apt-get install -y supervisor && '.repeat(n)} x`, 100),
  docker('words of an install', (n) => `RUN apt-get install -y ${'curl '.repeat(n)} supervisor`, 100),
  docker('pip install', (n) => 'RUN pip install supervisor\n'.repeat(n), 100),
  docker('tar', (n) => `RUN ${'tar -C / -Jxpf /tmp/s6-overlay-noarch.tar.xz && '.repeat(n)} x`, 100),
  docker('heredocs', (n) => 'RUN <<E\na\nE\n'.repeat(n), 100),
  docker('heredocs in one', (n) => `RUN a ${times(n, (i) => `<<E${i} `)}\n${times(n, (i) => `a\nE${i}\n`)}`, 100),
  docker('lines of a heredoc', (n) => `RUN <<E\n${'a\n'.repeat(n)}E`),
  docker('# in a line', (n) => `RUN ${'#'.repeat(n)}`),
  docker('blanks', (n) => `RUN a${' '.repeat(n)}b`),
  docker('comments', (n) => '# x\n'.repeat(n)),
  docker('WORKDIR', (n) => 'WORKDIR a\n'.repeat(n)),
  docker('ONBUILD', (n) => 'ONBUILD RUN a\n'.repeat(n)),
  docker('ONBUILD of ONBUILD', (n) => `${'ONBUILD '.repeat(n)}RUN a`),
  docker('LABEL', (n) => `LABEL ${times(n, (i) => `a${i}="b" \\\n`)} c=d`),
  docker('unknown instructions', (n) => times(n, (i) => `RAN${i} a\n`)),
  docker('JSON words', (n) => `RUN [${'"a",'.repeat(n)}"b"]`),
  docker('CMD', (n) => 'CMD a\n'.repeat(n)),
  docker('HEALTHCHECK', (n) => 'HEALTHCHECK CMD supervisorctl status\n'.repeat(n)),
  docker('USER', (n) => 'USER a\n'.repeat(n)),
  docker('flags', (n) => `COPY ${'--from=a '.repeat(n)} a b`),
  docker('escape', (n) => `RUN ${'\\'.repeat(n)} b`),
  docker('escaped ends', (n) => `RUN a ${'\\ \\\n'.repeat(n)} b`),
]
