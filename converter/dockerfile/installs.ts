// The commands that install supervisor.

import type { Command, Stage, Step, Word } from './instructions.ts'
import { type Installer, installingOf } from './programs.ts'

/** A command that installs supervisor, alone or with other packages. */
export interface Install {
  readonly by: Installer
  readonly stage: Stage
  readonly step: Step
  readonly command: Command
  /** The words that name it. */
  readonly words: readonly Word[]
  /** The command installs nothing else. */
  readonly isAlone: boolean
  /** The main file that the package brings; undefined when it brings none, or when that is not known. */
  readonly main: string | undefined
}

const PACKAGE = /^(?:supervisor|python3?-supervisor|supervisord)(?:[=<>~!@[/].*)?$/
const MAIN: Readonly<Record<Installer, string | undefined>> = {
  apt: '/etc/supervisor/supervisord.conf',
  apk: '/etc/supervisord.conf',
  rpm: '/etc/supervisord.conf',
  pip: undefined,
  other: undefined,
}

/** Finds the commands of a stage that install supervisor. */
export function findInstalls(stage: Stage): readonly Install[] {
  return stage.steps
    .filter(({ keyword, isOnbuild }) => keyword === 'RUN' && !isOnbuild)
    .flatMap((step) =>
      step.commands.flatMap((command): readonly Install[] => {
        const installing = installingOf(command)
        const words = installing?.packages.filter(({ text }) => PACKAGE.test(text)) ?? []
        if (installing === undefined || words.length === 0) return []
        const isAlone = words.length === installing.packages.length
        return [{ by: installing.by, stage, step, command, words, isAlone, main: MAIN[installing.by] }]
      }),
    )
}

/** Whether a stage needs Python for something else than supervisor, and no command installs it. */
export function usesPython(image: string, stages: readonly Stage[], texts: readonly string[]): boolean {
  const steps = stages.flatMap((stage) => stage.steps)
  const words = steps.flatMap(({ words: own, json }) => json ?? own.map(({ text }) => text))
  const isPython = (text: string): boolean => /(?:^|[/\s'"])(?:python[\d.]*|pip[\d.]*)(?:[\s'"]|$)/.test(text)
  const packages = steps.flatMap(({ commands }) => commands.flatMap((one) => installingOf(one)?.packages ?? []))
  const has =
    /python/i.test(image) ||
    packages.some(({ text }) =>
      /^(?:python[\d.]*|python3-minimal|python3-pip|py3-pip|py-pip|python-pip)(?:[=~<>].*)?$/.test(text),
    )
  return !has && (words.some(isPython) || texts.some(isPython))
}
