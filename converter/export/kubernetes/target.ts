// The target kubernetes: manifests with a Deployment or Job for each program, or one Pod with all.

import type { Target } from '../plan/target.ts'
import { writeManifests } from './manifests.ts'
import { says } from './says.ts'

/** Manifests of Kubernetes. */
export const kubernetesTarget: Target = {
  title: 'Kubernetes',
  says,
  /** A container does not control others. */
  control: () => undefined,
  write: (plan, given) => writeManifests(plan, given),
}
