// `npm run release`: makes all files of a release in release/, for both processors. The same checkout gives the same bytes: all times are
// SOURCE_DATE_EPOCH, or else the time of the last commit. The files are made in a folder beside release/ and moved there at the end.

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { bundle } from '../build.ts'
import { NATIVE } from '../build-native.ts'
import { type Processor, PROCESSORS } from '../cross.ts'
import { buildPrebuilt } from '../prebuilt.ts'
import { type Built, debian, image, noarch, tarball } from './contents.ts'
import { sbomOf } from './sbom.ts'

const HELP = `npm run release [-- --out DIR]

Makes the npm package, archives with and without Node.js, Debian packages, images (OCI layouts in a tar), an SBOM and SHA256SUMS in
release/. It needs musl-tools, gcc-aarch64-linux-gnu, apt and the network; downloads are kept in $KAHI_BUILD_CACHE (~/.cache/kahi-build).
DEBFULLNAME and DEBEMAIL name the maintainer of the Debian packages; by default that is the author of the last commit.
`

/** Makes the release of the checkout `root`; gives the exit code. */
export async function main(argv: readonly string[], root: string): Promise<number> {
  const options = { out: { type: 'string', default: 'release' }, help: { type: 'boolean', short: 'h' } } as const
  const { values } = parseArgs({ args: [...argv], options })
  if (values.help === true) {
    process.stdout.write(HELP)
    return 0
  }
  const out = resolve(root, values.out)
  const work = `${out}-${process.pid}.tmp`
  try {
    const missing = await make(root, work)
    for (const sentence of missing) process.stderr.write(`${sentence}\n`)
    if (missing.length > 0) return 1
    rmSync(out, { recursive: true, force: true })
    renameSync(join(work, 'files'), out)
    for (const name of readdirSync(out).sort()) process.stdout.write(`${join(values.out, name)}\n`)
    return 0
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

/** Makes all files in `work`/files. Gives a text for each requirement that this machine lacks. */
async function make(root: string, work: string): Promise<readonly string[]> {
  const { version, description } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<
    string,
    string
  >
  const folder = join(work, 'package')
  const files = join(work, 'files')
  const built: Built = {
    root,
    folder,
    version: version ?? '',
    description: description ?? '',
    maintainer: maintainerOf(root),
    seconds: releaseTime(root),
  }
  mkdirSync(files, { recursive: true })
  const bundled = await bundle(root, join(folder, 'dist'))
  const missing = buildPrebuilt(root, join(folder, 'native'))
  if (missing.length > 0) return missing
  const put = (name: string, content: Buffer | string): void => {
    progress(name)
    writeFileSync(join(files, name), content)
  }
  packNpm(root, folder, files)
  put(`kahi-${version}-noarch.tar.gz`, await noarch(built))
  for (const processor of Object.keys(PROCESSORS) as Processor[]) {
    put(`kahi-${version}-linux-${processor}.tar.gz`, await tarball(built, processor))
    put(`kahi_${version}_${PROCESSORS[processor].debian}.deb`, await debian(built, processor))
    put(`kahi-${version}-oci-${processor}.tar`, await image(built, processor))
  }
  put(`kahi-${version}-sbom.cdx.json`, sbomOf(root, bundled, built.seconds))
  put('SHA256SUMS', sumsOf(files))
  return []
}

function progress(name: string): void {
  process.stderr.write(`made ${name} (${Math.round(process.uptime())} s)\n`)
}

function releaseTime(root: string): number {
  const given = process.env.SOURCE_DATE_EPOCH ?? ''
  if (/^\d{1,11}$/.test(given)) return Number(given)
  return Number(execFileSync('git', ['log', '-1', '--format=%ct'], { cwd: root, encoding: 'utf8' }))
}

/** The maintainer of the release, from the variables of Debian's tools; by default the author of the last commit. */
function maintainerOf(root: string): string {
  const { DEBFULLNAME, DEBEMAIL } = process.env
  if (DEBFULLNAME && DEBEMAIL) return `${DEBFULLNAME} <${DEBEMAIL}>`
  return execFileSync('git', ['log', '-1', '--format=%an <%ae>'], { cwd: root, encoding: 'utf8' }).trim()
}

/** Packs the files that the checkout's package.json lists, with the built files in `folder`. */
function packNpm(root: string, folder: string, files: string): void {
  for (const path of ['package.json', 'README.md', 'LICENSE', ...Object.values(NATIVE)])
    cpSync(join(root, path), join(folder, path), { recursive: true })
  execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', files], { cwd: folder })
  progress('the npm package')
}

function sumsOf(files: string): string {
  const names = readdirSync(files).sort()
  const sum = (name: string): string =>
    createHash('sha256')
      .update(readFileSync(join(files, name)))
      .digest('hex')
  return names.map((name) => `${sum(name)}  ${name}\n`).join('')
}
