// Templates of users: `{{summary}}` and other names in a text. In JSON the values are escaped as the inside of a string.

import type { Content } from './notice.ts'

/** The text with all names replaced; a name that the event lacks is empty. Linear in the template and the values. */
export function fillTemplate(template: string, content: Content, isJson: boolean): string {
  const values = valuesOf(content)
  return template.replaceAll(/\{\{([\w.]{1,64})\}\}/g, (_whole, name: string) => {
    const value = values.get(name) ?? ''
    return isJson && name !== 'json' ? JSON.stringify(value).slice(1, -1) : value
  })
}

function valuesOf({ notice, id }: Content): ReadonlyMap<string, string> {
  const { summary, severity, subject, program, group, host, event } = notice
  const fields = Object.entries(event).map(([name, value]: [string, unknown]): [string, string] => [
    `data.${name}`,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  return new Map([
    ...fields,
    ...Object.entries({ summary, severity, event: subject, type: event.type, program, group, host, id }),
    ['time', event.time],
    ['number', String(event.number)],
    ['json', JSON.stringify(event)],
  ])
}
