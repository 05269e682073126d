// The page: its head, and the view that the address names.

import { html, nothing, render, type TemplateResult } from 'lit-html'
import { bootView, loadBoot } from './boot.ts'
import { configurationView, loadChanges } from './configuration.ts'
import { eventsView } from './events.ts'
import { graphView } from './graph.ts'
import { closeLog } from './log.ts'
import { hasPeers, loadPeers, peersView } from './peers.ts'
import { programView } from './program.ts'
import { programsView } from './programs.ts'
import { begin, changed, onChange, world } from './world.ts'

interface View {
  readonly label: string
  readonly show: () => TemplateResult
  readonly load?: () => Promise<void>
  /** Whether there is something to show; true without it. */
  readonly isUsed?: () => boolean
}

const VIEWS: Readonly<Record<string, View>> = {
  '': { label: 'Programs', show: programsView },
  graph: { label: 'Dependencies', show: graphView },
  start: { label: 'Start', show: bootView, load: loadBoot },
  events: { label: 'Events', show: eventsView },
  daemons: { label: 'Daemons', show: peersView, load: loadPeers, isUsed: hasPeers },
  configuration: { label: 'Configuration', show: configurationView, load: loadChanges },
}

const THEMES = ['auto', 'light', 'dark'] as const
type Theme = (typeof THEMES)[number]

let theme: Theme = readTheme()

function draw(): void {
  const [, first = '', second = ''] = location.hash.split('/')
  const name = first === 'program' ? decodeURIComponent(second) : ''
  if (name === '') closeLog()
  render(head(name === '' ? first : ''), element('top'))
  render(name === '' ? (VIEWS[first] ?? VIEWS[''])?.show() : programView(name), element('main'))
  document.title = titleOf(name === '' ? (VIEWS[first]?.label ?? '') : name)
}

function titleOf(view: string): string {
  const failed = [...world.processes.values()].filter(({ state }) => state === 'FATAL').length
  return `${failed > 0 ? `(${failed}) ` : ''}${view} \u00b7 kahi`
}

function head(current: string): TemplateResult {
  const link = ([path, { label }]: [string, View]): TemplateResult =>
    html`<a href="#/${path}" aria-current=${path === current ? 'page' : nothing}>${label}</a>`
  return html`<div class="bar">
    <a class="brand" href="#/"><img src="kahi.svg" alt="" />kahi</a>
    <nav aria-label="Views">
      ${Object.entries(VIEWS)
        .filter(([, { isUsed }]) => isUsed?.() !== false)
        .map(link)}
    </nav>
    <span class="link"
      ><span class="state ${world.isLive ? 'good' : 'bad'}">${world.isLive ? 'live' : 'not connected'}</span>
      <span class="number">${world.daemon?.version ?? ''}</span></span
    >
    <button class="plain" @click=${nextTheme}>Theme: ${theme}</button>
  </div>`
}

function readTheme(): Theme {
  const kept = localStorage.getItem('kahi-theme')
  return THEMES.find((one) => one === kept) ?? 'auto'
}

function nextTheme(): void {
  theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  localStorage.setItem('kahi-theme', theme)
  showTheme()
  changed()
}

function showTheme(): void {
  if (theme === 'auto') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`the page has no ${id}`)
  return found
}

/** `/` goes to the search, arrows go from program to program. */
function key(event: KeyboardEvent): void {
  const target = event.target as HTMLElement
  if (target.matches('input, select, dialog *') || event.ctrlKey || event.metaKey || event.altKey) return
  if (event.key === '/') {
    event.preventDefault()
    document.querySelector<HTMLInputElement>('input[type="search"]')?.focus()
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  const links = [...document.querySelectorAll<HTMLElement>('.programs tbody th a')]
  const here = links.indexOf(target)
  if (step === undefined || (here < 0 && target !== document.body)) return
  event.preventDefault()
  links[Math.max(0, Math.min(links.length - 1, here + step))]?.focus()
}

function moved(): void {
  const [, first = ''] = location.hash.split('/')
  void VIEWS[first]?.load?.()
  draw()
  window.scrollTo(0, 0)
}

showTheme()
onChange(draw)
window.addEventListener('hashchange', moved)
window.addEventListener('keydown', key)
// uptimes grow
setInterval(() => document.visibilityState === 'visible' && changed(), 1000)
begin()
void loadPeers()
moved()
