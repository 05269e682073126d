// The list of the formats that kahi writes: a row for each, whose code is loaded when it is used.

import type { FormatOption } from '../format.ts'
import type { TargetRow } from './plan/target.ts'

const s6Options: Readonly<Record<string, FormatOption>> = {
  execline: { type: 'boolean', summary: 'Write scripts in execline instead of sh' },
  workdir: { type: 'string', summary: 'Directory of programs that name none: WORKDIR of the image (/ by default)' },
}

function containerOptions(single: string): Readonly<Record<string, FormatOption>> {
  return {
    image: {
      type: 'string',
      summary:
        'Image of the containers (the name of the whole by default), or NAME=IMAGE for a program or group; may be given several times',
    },
    single: { type: 'boolean', summary: single },
  }
}

/** All targets, in the order of the help. */
export const targets: readonly TargetRow[] = [
  {
    name: 's6-overlay',
    summary: 'Write the files of an image for s6-overlay 3; an image of version 1 or 2 becomes one of version 3',
    options: s6Options,
    examples: [
      ['kahi export s6-overlay supervisord.conf -o rootfs', 'rootfs/etc/s6-overlay/s6-rc.d/…, to be copied to /'],
      ['kahi export s6-overlay old/rootfs -o rootfs', 'services.d, cont-init.d and fix-attrs.d as services of s6-rc'],
    ],
    translates: false,
    load: async () => (await import('./s6/targets.ts')).s6OverlayTarget,
  },
  {
    name: 's6-rc',
    summary: 'Write a source directory for s6-rc-compile; its bundle default is what is started at boot',
    options: s6Options,
    examples: [['kahi export s6-rc supervisord.conf -o source', 'then: s6-rc-compile compiled source']],
    translates: false,
    load: async () => (await import('./s6/targets.ts')).s6RcTarget,
  },
  {
    name: 'systemd',
    summary: 'Write units of systemd, with the files that they need',
    options: {},
    examples: [
      ['kahi export systemd supervisord.conf -o files --name shop', 'files/etc/systemd/system/…, to be copied to /'],
      ['systemctl daemon-reload && systemctl enable --now shop.target', 'starts all, now and at boot'],
    ],
    translates: true,
    load: async () => (await import('./systemd/target.ts')).systemdTarget,
  },
  {
    name: 'compose',
    summary: 'Write a Compose file with a service for each program',
    options: containerOptions('Write one service, which runs kahi with all programs'),
    examples: [
      ['kahi export compose supervisord.conf --image shop:1 -o .', 'compose.yaml, and NAME.env for secrets'],
      ['kahi export compose supervisord.conf --image shop:1 --image web=nginx:1 -o .', 'images of their own'],
      ['kahi export compose supervisord.conf --single -o .', 'one service, with the configuration beside it'],
    ],
    translates: true,
    load: async () => (await import('./compose/target.ts')).composeTarget,
  },
  {
    name: 'kubernetes',
    summary: 'Write manifests of Kubernetes: a Deployment for each program',
    options: containerOptions('Write one Pod with all programs'),
    examples: [
      ['kahi export kubernetes supervisord.conf --name shop -o .', 'shop.yaml, and shop-secret.yaml for secrets'],
      ['kahi export kubernetes supervisord.conf --single -o .', 'one Pod, in which programs share addresses'],
    ],
    translates: true,
    load: async () => (await import('./kubernetes/target.ts')).kubernetesTarget,
  },
  {
    name: 'nomad',
    summary: 'Write a job of Nomad in JSON: a group for each program, with the driver docker',
    options: containerOptions('Write one group with all programs'),
    examples: [
      ['kahi export nomad supervisord.conf --name shop -o .', 'shop.nomad.json, and shop.variables.json for secrets'],
      ['nomad var put @shop.variables.json && nomad job run -json shop.nomad.json', 'runs it'],
    ],
    translates: true,
    load: async () => (await import('./nomad/target.ts')).nomadTarget,
  },
]
