// Finds mistakes in files: trees that compile, but do not run, or not as intended.

import { dirname, join } from 'node:path'
import type { Diagnostic, Place } from '../../config/model/diagnostic.ts'
import { OVERLAY_TOP } from './base-services.ts'
import type { Definition, TextFile, Tree } from './definition.ts'
import { bundleMembers } from './pipelines.ts'
import { isExecutable, shebangOf } from './scripts.ts'

/** Everything that will not work. */
export function findMistakes(tree: Tree): readonly Diagnostic[] {
  const own = tree.definitions.filter(({ isPlaceholder }) => !isPlaceholder)
  return [
    ...own.flatMap((definition) => [
      ...checkName(definition, tree),
      ...checkScripts(definition),
      ...checkCommands(definition, tree),
    ]),
    ...checkStarted(tree),
  ]
}

function tell(message: string, file: string, hint?: string, severity: Diagnostic['severity'] = 'warning'): Diagnostic {
  const place: Place = { file, line: 1, column: 1 }
  return { severity, message, place, hint }
}

/** s6-rc accepts any name; in kahi blanks and colons separate names from each other and from groups. */
function checkName({ name, type, directory }: Definition, { definitions }: Tree): readonly Diagnostic[] {
  const wrong = /[ :]/.exec(name)?.[0]
  if (wrong === undefined || type === 'bundle') return []
  const better = name.replaceAll(/[ :]+/g, '-')
  const others = definitions.flatMap((one) =>
    [...one.dependencies, ...one.contents, ...one.consumerFor, one.producerFor].filter((other) => other?.name === name),
  )
  const places = [...new Set(others.flatMap((other) => other?.place.file ?? []))]
  const also = places.length === 0 ? '' : `, and write the new name where it is named: ${places.join(', ')}`
  const message = `The name ${JSON.stringify(name)} cannot be used in kahi: it contains "${wrong}"`
  return [tell(message, directory, `mv '${directory}' '${join(dirname(directory), better)}'${also}`, 'error')]
}

function checkScripts(definition: Definition): readonly Diagnostic[] {
  if (definition.type !== 'longrun') return []
  return ['run', 'finish'].flatMap((name) => {
    const script = definition.texts.get(name)
    return script === undefined ? [] : checkScript(definition, name, script)
  })
}

function checkScript({ name }: Definition, file: string, script: TextFile): readonly Diagnostic[] {
  const shebang = shebangOf(script.text)
  const what = `"${file}" of ${name}`
  if (shebang === undefined) {
    const message = `${what} has no #! line: it cannot be run, and s6 tries again once a minute`
    return [tell(message, script.path, 'put the interpreter into the first line, such as #!/bin/sh')]
  }
  if (shebang.at(-1)?.endsWith('\r') === true) {
    const message = `${what} has Windows line ends (CRLF): there is no interpreter ${JSON.stringify(shebang.at(-1))}`
    return [tell(message, script.path, `sed -i 's/\\r$//' ${script.path}`)]
  }
  if (isExecutable(script)) return []
  const message = `${what} is not executable; s6-rc makes it so in its copy, here ${shebang[0]} is asked to run it`
  return [tell(message, script.path, `chmod +x ${script.path}`, 'note')]
}

/** `up` usually names a script in the tree: it must exist and be executable, because nothing makes it so. */
function checkCommands({ name, type, scripts, texts }: Definition, { definitions }: Tree): readonly Diagnostic[] {
  if (type !== 'oneshot') return []
  return [...scripts].flatMap(([file, words]) => {
    const [, service, script] = /\/([^/]+)\/([^/]+)$/.exec(words[0]?.text ?? '') ?? []
    const owner = definitions.find((one) => one.name === service && /\/s6-rc(?:\.d)?\//.test(words[0]?.text ?? ''))
    const path = texts.get(file)?.path
    if (owner === undefined || script === undefined || path === undefined) return []
    const found = owner.texts.get(script)
    if (found === undefined)
      return [tell(`"${file}" of ${name} runs ${words[0]?.text}, which the tree does not have`, path)]
    const start = `"${file}" of ${name} runs ${found.path}, which`
    const interpreter = shebangOf(found.text)
    if (!isExecutable(found)) return [tell(`${start} is not executable`, path, `chmod +x ${found.path}`)]
    if (interpreter?.at(-1)?.endsWith('\r') !== true) return []
    return [tell(`${start} has Windows line ends (CRLF)`, path, `sed -i 's/\\r$//' ${found.path}`)]
  })
}

/** A service that is in no bundle and that no other needs is never started. */
function checkStarted({ definitions, isOverlay, root }: Tree): readonly Diagnostic[] {
  const members = bundleMembers(definitions)
  if (!isOverlay) return []
  const reached = new Set<string>()
  const reach = (name: string): void => {
    for (const one of members.get(name) ?? [name]) {
      if (reached.has(one)) continue
      reached.add(one)
      const definition = definitions.find((other) => other.name === one)
      const producer = definition?.producerFor === undefined ? [] : [definition.producerFor]
      for (const other of [...(definition?.dependencies ?? []), ...producer]) reach(other.name)
    }
  }
  reach(OVERLAY_TOP)
  const lists = definitions.filter(
    ({ name, type, nodes }) => ['user', 'user2'].includes(name) && type === 'bundle' && nodes.has('contents'),
  )
  const hidden = lists.map(({ name, nodes }) => {
    const message = `"contents" of ${name} is never read: s6-overlay makes the directory contents.d, which counts instead`
    return tell(message, nodes.get('contents')?.path ?? root, 'make an empty file in contents.d for each name')
  })
  const idle = definitions.filter(
    ({ name, type, isPlaceholder }) => type !== 'bundle' && !isPlaceholder && !reached.has(name),
  )
  return [
    ...hidden,
    ...idle.map(({ name, place }) =>
      tell(
        `Nothing starts ${name}: no bundle that s6-overlay starts contains it, and no started service needs it`,
        place.file,
        `touch ${root}/user/contents.d/${name}`,
      ),
    ),
  ]
}
