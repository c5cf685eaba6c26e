import { timeText } from '../shared/format.ts'
import type { Status } from './status.ts'
import { useTill } from './use.ts'

/** The stall's name, until there is something to say: then that stands in the same place. */
export function Header() {
  const { words, statuses, sheet, hasUpdate } = useTill()
  const first = statuses.value.find(each => each.isPressing)
  const isQuiet = statuses.value.every(each => each.isPressing)
  const news = hasUpdate.value ? words.status.update : isQuiet ? '' : words.status.look
  return (
    <header class={`bar ${first?.tone ?? ''}`}>
      <button
        type="button"
        class="icon"
        aria-label={news ? `${words.menu}: ${news}` : words.menu}
        onClick={() => {
          sheet.value = { name: 'menu' }
        }}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path d="M4 7h16M4 12h16M4 17h16" />
        </svg>
        {news && <i class="dot" />}
      </button>
      <div class="says" role="status">
        {first ? <Said status={first} /> : <Name />}
      </div>
      <PrinterPill />
    </header>
  )
}

function Said({ status }: { readonly status: Status }) {
  const { sheet } = useTill()
  const { text, opens } = status
  if (!opens) return <p>{text}</p>
  return (
    <button
      type="button"
      onClick={() => {
        sheet.value = opens
      }}
    >
      {text}
    </button>
  )
}

function Name() {
  const { live, terms, words } = useTill()
  const session = live.view.value?.session
  const { health } = live.view.value?.printing ?? {}
  const parts = [
    session && words.session.since(timeText(words.locale, session.openedAt, terms.value?.timezone)),
    live.link.value.state === 'live' && health?.state === 'up' && words.status.printerOk,
    terms.value?.marketName
  ]
  return (
    <>
      <h1>{terms.value?.stallName ?? words.looking}</h1>
      <small>{parts.filter(Boolean).join(' · ')}</small>
    </>
  )
}

function PrinterPill() {
  const { live, sheet, words } = useTill()
  const state = live.view.value?.printing.health.state
  const isLive = live.link.value.state === 'live'
  const isBad = state === 'down' || state === 'degraded'
  const { printerOk, printerBad, printerOff, printerUnknown } = words.status
  const isAbsent = state === undefined || state === 'absent' || state === 'disabled'
  return (
    <button
      type="button"
      class={`pill ${isBad && isLive ? 'warn' : ''}`}
      onClick={() => {
        sheet.value = { name: 'printer' }
      }}
    >
      {!isLive ? printerUnknown : isBad ? printerBad : isAbsent ? printerOff : printerOk}
    </button>
  )
}
