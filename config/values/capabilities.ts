// The value of `capabilities`: names of the rights that a process keeps, as in capabilities(7).

import { nearest } from './nearest.ts'
import { names, quote, ValueError, type ValueType } from './values.ts'

/** In the order of their numbers. Source: Linux, include/uapi/linux/capability.h. */
const NAMES = (
  'chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service ' +
  'net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin ' +
  'sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override ' +
  'mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore'
).split(' ')

/** Numbers of capabilities, written as names in any case, with or without `CAP_`. */
export const capabilities: ValueType<readonly number[]> = {
  name: 'list of capabilities',
  fromText: (value) => names.fromText(value).map(numberOf),
  fromToml: (value) => names.fromToml?.(value)?.map(numberOf),
  toToml: capabilityNames,
}

/** The names of capabilities in lower case, without `cap_`. */
export function capabilityNames(value: readonly number[]): readonly string[] {
  return value.map((number) => NAMES[number] ?? String(number))
}

function numberOf(name: string): number {
  const plain = name.toLowerCase().replace(/^cap_/, '')
  const number = NAMES.indexOf(plain)
  if (number >= 0) return number
  const close = nearest(plain, NAMES)
  throw new ValueError(
    `there is no capability ${quote(name)}${close === undefined ? '' : `; did you mean ${quote(close)}?`}`,
  )
}
