// An image as an OCI layout: JSON and tars in blobs that are named by their SHA-256. Source: OCI Image Format Specification 1.1,
// image-layout.md, manifest.md, config.md.

import { createHash } from 'node:crypto'
import type { Processor } from '../cross.ts'
import { PROCESSORS } from '../cross.ts'
import { gzipTar } from './gzip.ts'
import { type Entry, type Tree, tarOf } from './tree.ts'

const MEDIA = 'application/vnd.oci.image'
/** A user and a group that own no file. */
const USER = '65532:65532'

/** A layer, and the time of all its files. */
interface Layer {
  readonly tree: Tree
  readonly seconds: number
}

/** An image: layers from the lowest to the highest. */
export interface Image {
  readonly processor: Processor
  readonly version: string
  readonly seconds: number
  readonly layers: readonly Layer[]
}

interface Blob {
  readonly digest: string
  readonly bytes: Buffer
}

/** The files of the layout. */
export async function layoutOf(image: Image): Promise<Tree> {
  const tars = await Promise.all(image.layers.map(({ tree, seconds }) => tarOf(tree, seconds)))
  const layers = tars.map((tar) => blobOf(gzipTar(tar)))
  const config = jsonBlob(
    configOf(
      image,
      tars.map((tar) => blobOf(tar).digest),
    ),
  )
  const manifest = jsonBlob({
    schemaVersion: 2,
    mediaType: `${MEDIA}.manifest.v1+json`,
    config: descriptor('config.v1+json', config),
    layers: layers.map((layer) => descriptor('layer.v1.tar+gzip', layer)),
  })
  const index = {
    schemaVersion: 2,
    mediaType: `${MEDIA}.index.v1+json`,
    manifests: [
      {
        ...descriptor('manifest.v1+json', manifest),
        platform: { architecture: PROCESSORS[image.processor].debian, os: 'linux' },
        annotations: { 'org.opencontainers.image.ref.name': image.version },
      },
    ],
  }
  const blobs = [...layers, config, manifest].map(({ digest, bytes }): [string, Entry] => [
    `blobs/sha256/${digest}`,
    { content: bytes, mode: 0o644 },
  ])
  return new Map([
    ['oci-layout', { content: JSON.stringify({ imageLayoutVersion: '1.0.0' }), mode: 0o644 }],
    ['index.json', { content: JSON.stringify(index), mode: 0o644 }],
    ...blobs,
  ])
}

function configOf({ processor, version, seconds }: Image, diffs: readonly string[]): object {
  const created = new Date(seconds * 1000).toISOString()
  return {
    created,
    architecture: PROCESSORS[processor].debian,
    os: 'linux',
    config: {
      User: USER,
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      Entrypoint: ['kahi'],
      Cmd: ['--help'],
      Labels: { 'org.opencontainers.image.title': 'kahi', 'org.opencontainers.image.version': version },
    },
    rootfs: { type: 'layers', diff_ids: diffs.map((digest) => `sha256:${digest}`) },
    history: diffs.map(() => ({ created, created_by: 'npm run release' })),
  }
}

function descriptor(type: string, { digest, bytes }: Blob): object {
  return { mediaType: `${MEDIA}.${type}`, digest: `sha256:${digest}`, size: bytes.length }
}

function jsonBlob(value: object): Blob {
  return blobOf(Buffer.from(JSON.stringify(value)))
}

function blobOf(bytes: Buffer): Blob {
  return { digest: createHash('sha256').update(bytes).digest('hex'), bytes }
}
