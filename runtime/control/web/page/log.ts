// The log of a program: the end of it, then each line as it comes. The lines are added by hand, not by templates, because a
// program may write thousands in a second; the oldest ones are dropped.

import { html, nothing, type TemplateResult } from 'lit-html'
import { ref } from 'lit-html/directives/ref.js'
import type { ProcessObject } from '../../operations/shapes/process.ts'
import { piecesOf } from './ansi.ts'
import { changed, nameOf, pathOf } from './world.ts'

const MOST_LINES = 5000
const BACKLOG_BYTES = 64 * 1024
/** Lines that came while the view was paused. */
const MOST_WAITING = 5000

type Stream = 'stdout' | 'stderr'

/** The one log that is shown. */
const shown = {
  name: '',
  stream: 'stdout' as Stream,
  source: undefined as EventSource | undefined,
  element: undefined as HTMLElement | undefined,
  isPaused: false,
  isFollowed: true,
  search: '',
  waiting: [] as string[],
  pending: [] as HTMLElement[],
  isAdding: false,
  failure: '',
}

/** Stops reading: another view is shown. */
export function closeLog(): void {
  shown.source?.close()
  Object.assign(shown, { source: undefined, name: '', element: undefined })
}

/** The log of a process. */
export function logView(process: ProcessObject): TemplateResult {
  const name = nameOf(process)
  if (shown.name !== name) open(name, 'stdout')
  const tab = (stream: Stream): TemplateResult =>
    html`<button aria-pressed=${shown.stream === stream} @click=${() => open(name, stream)}>${stream}</button>`
  const download = `${pathOf(name)}/log/${shown.stream}?length=0`
  return html`
    <div class="tools">
      ${tab('stdout')}${tab('stderr')}
      <label class="unseen" for="find">Search in the log</label>
      <input id="find" type="search" placeholder="Search in the log" .value=${shown.search} @input=${find} />
      <button aria-pressed=${shown.isPaused} @click=${pause}>
        ${shown.isPaused ? `Continue (${shown.waiting.length} new)` : 'Pause'}
      </button>
      <button aria-pressed=${shown.isFollowed} @click=${followEnd}>Follow</button>
      <a href=${download} download="${name}.${shown.stream}.log">Download</a>
    </div>
    ${shown.failure === '' ? nothing : html`<p class="notice">${shown.failure}</p>`}
    <div
      class="log"
      role="log"
      aria-live="off"
      aria-label="${shown.stream} of ${name}"
      tabindex="0"
      @scroll=${scrolled}
      ${ref(attach)}
    ></div>
  `
}

function attach(element?: Element): void {
  if (!(element instanceof HTMLElement) || element === shown.element) return
  shown.element = element
}

function open(name: string, stream: Stream): void {
  shown.source?.close()
  shown.element?.replaceChildren()
  Object.assign(shown, { name, stream, waiting: [], pending: [], isPaused: false, isFollowed: true, failure: '' })
  const source = new EventSource(`${pathOf(name)}/log/${stream}/stream?backlog=${BACKLOG_BYTES}`)
  shown.source = source
  source.addEventListener('message', ({ data }: MessageEvent<string>) => take(data))
  source.addEventListener('gap', () => add('some lines are missing here', 'gap'))
  source.addEventListener('error', () => {
    if (source.readyState !== EventSource.CLOSED || shown.source !== source) return
    shown.failure = 'This output is not kept, or the daemon does not answer.'
    changed()
  })
  changed()
}

function take(line: string): void {
  if (!shown.isPaused) return add(line)
  shown.waiting.push(line)
  if (shown.waiting.length > MOST_WAITING) shown.waiting.shift()
  changed()
}

function add(line: string, kind = ''): void {
  const element = document.createElement('div')
  element.className = kind
  element.dataset.line = line
  fill(element)
  shown.pending.push(element)
  if (shown.pending.length > MOST_LINES) shown.pending.shift()
  if (shown.isAdding) return
  shown.isAdding = true
  requestAnimationFrame(flush)
}

/** Adds what has come since the last frame. */
function flush(): void {
  shown.isAdding = false
  const { element } = shown
  if (element === undefined) return void requestAnimationFrame(flush)
  element.append(...shown.pending.splice(0))
  while (element.childElementCount > MOST_LINES) element.firstElementChild?.remove()
  if (shown.isFollowed) element.scrollTop = element.scrollHeight
}

/** Shows a line with its colours, and what is searched for. */
function fill(element: HTMLElement): void {
  const { line = '' } = element.dataset
  const pieces = piecesOf(line)
  const text = pieces.map((piece) => piece.text).join('')
  const isFound = shown.search === '' || text.toLowerCase().includes(shown.search)
  element.hidden = !isFound
  element.replaceChildren(
    ...(shown.search === '' || !isFound
      ? pieces.map(({ text: part, classes }) => (classes === '' ? part : span('span', part, classes)))
      : marked(text)),
  )
}

function marked(text: string): readonly (Node | string)[] {
  const found: (Node | string)[] = []
  const low = text.toLowerCase()
  let begin = 0
  for (let at = low.indexOf(shown.search); at >= 0; at = low.indexOf(shown.search, begin)) {
    found.push(text.slice(begin, at), span('mark', text.slice(at, at + shown.search.length), ''))
    begin = at + shown.search.length
  }
  return [...found, text.slice(begin)]
}

function span(tag: string, text: string, classes: string): HTMLElement {
  const element = document.createElement(tag)
  if (classes !== '') element.className = classes
  element.textContent = text
  return element
}

function find({ target }: Event): void {
  shown.search = (target as HTMLInputElement).value.toLowerCase()
  for (const line of [...(shown.element?.children ?? []), ...shown.pending]) fill(line as HTMLElement)
  changed()
}

function pause(): void {
  shown.isPaused = !shown.isPaused
  if (!shown.isPaused) for (const line of shown.waiting.splice(0)) add(line)
  changed()
}

function followEnd(): void {
  shown.isFollowed = !shown.isFollowed
  if (shown.isFollowed && shown.element !== undefined) shown.element.scrollTop = shown.element.scrollHeight
  changed()
}

/** Scrolling up stops following; at the end it begins again. */
function scrolled({ target }: Event): void {
  const { scrollTop, scrollHeight, clientHeight } = target as HTMLElement
  const isAtEnd = scrollHeight - scrollTop - clientHeight < 24
  if (isAtEnd === shown.isFollowed) return
  shown.isFollowed = isAtEnd
  changed()
}
