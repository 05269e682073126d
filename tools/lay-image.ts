// Copies the files of fixtures/images/hind into a folder, with placeholders for the programs. Absolute paths in the files
// are changed to paths in the folder. For the demo and for tests.

import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const FOLDERS = ['etc/supervisor/conf.d', 'var/run', 'var/log/supervisor', 'usr/bin', 'bin']
const PROGRAMS = [
  'usr/bin/nomad',
  'usr/bin/consul',
  'usr/bin/caddy',
  'usr/bin/consul-template',
  'bin/sleep',
  'bin/supervisorctl',
  'bin/podman',
]

/**
 * Copies the image of the checkout `project` into `root`, an existing folder, and gives the path of its supervisord.conf.
 * `edit` changes the text of every file.
 */
export function layImage(project: string, root: string, edit = (text: string): string => text): string {
  const image = join(project, 'fixtures/images/hind')
  for (const folder of FOLDERS) mkdirSync(join(root, folder), { recursive: true })
  const fragments = readdirSync(join(image, 'etc/supervisor/conf.d')).map((name) => `etc/supervisor/conf.d/${name}`)
  for (const file of ['etc/supervisor/supervisord.conf', ...fragments]) {
    const text = readFileSync(join(image, file), 'utf8')
    writeFileSync(
      join(root, file),
      edit(text.replaceAll(/(?<![\w.])\/(?=(?:usr|etc|var|bin)\b(?!\/bash))/g, `${root}/`)),
    )
  }
  for (const program of PROGRAMS) {
    copyFileSync(join(project, 'fixtures/programs/placeholder'), join(root, program))
    chmodSync(join(root, program), 0o755)
  }
  return join(root, 'etc/supervisor/supervisord.conf')
}
