// The list of the parts of a release that other projects make, as CycloneDX: `npm sbom`, reduced to the packages in the bundle, and
// Node.js, which some archives contain. It has no serial number and the time of the release, so two runs give the same bytes.

import { execFileSync } from 'node:child_process'
import type { Metafile } from 'esbuild'
import { bundledFolders } from '../licenses.ts'
import { NODE_VERSION } from './fetch.ts'

interface Component {
  readonly 'bom-ref': string
  readonly name: string
  readonly group?: string
}

interface Bom {
  serialNumber?: string
  readonly metadata: { timestamp: string; readonly component: Component }
  components: readonly Component[]
  dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[]
}

/** The document, as JSON. `bundled` has the files that esbuild read. */
export function sbomOf(root: string, bundled: Metafile, seconds: number): string {
  const words = ['sbom', '--package-lock-only', '--sbom-format', 'cyclonedx']
  const bom = JSON.parse(execFileSync('npm', words, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 2 ** 20 })) as Bom
  const inside = packagesIn(bundled)
  delete bom.serialNumber
  bom.metadata.timestamp = new Date(seconds * 1000).toISOString()
  const kept = bom.components.filter((one) =>
    inside.has(one.group === undefined ? one.name : `${one.group}/${one.name}`),
  )
  const known = new Set([...kept, bom.metadata.component].map((one) => one['bom-ref']))
  bom.components = [...kept, nodeComponent()]
  bom.dependencies = bom.dependencies
    .filter(({ ref }) => known.has(ref))
    .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((one) => known.has(one)) }))
  return `${JSON.stringify(bom, null, 2)}\n`
}

/** Names of the packages of npm whose files were bundled. */
function packagesIn(bundled: Metafile): ReadonlySet<string> {
  return new Set(bundledFolders(bundled).map((folder) => folder.replace(/^.*node_modules\//, '')))
}

/** Node.js, which only some archives and the images contain. */
function nodeComponent(): Component {
  const node = {
    'bom-ref': `node@${NODE_VERSION}`,
    type: 'application',
    name: 'node',
    version: NODE_VERSION,
    scope: 'optional',
    purl: `pkg:generic/node@${NODE_VERSION}`,
  }
  return node
}
