import { isWell } from '../../core/health.ts'
import type { TillView } from '../../core/till.ts'
import { timeText } from '../shared/format.ts'
import { weightOn } from './scale.ts'
import { isPrinterBad, type Status } from './status.ts'
import { useTill } from './use.ts'
import type { Words } from './words.ts'

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
      <DevicesPill />
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
  const { live, statuses, terms, words } = useTill()
  const session = live.view.value?.session
  const isLive = live.link.value.state === 'live'
  const { health } = live.view.value?.printing ?? {}
  const problem = statuses.value.find(({ opens }) => opens?.name === 'devices')
  const weight = isLive && weightOn(live.view.value?.devices)
  const parts = [
    session && words.session.since(timeText(words.locale, session.openedAt, terms.value?.timezone)),
    isLive && health?.state === 'up' && words.status.printerOk,
    terms.value?.marketName
  ]
  return (
    <>
      <h1>{terms.value?.stallName ?? words.looking}</h1>
      <small>
        {problem && <em>! {problem.text} </em>}
        {/* A screen reader would read out every gram. */}
        {weight && <b aria-live="off">{weight} · </b>}
        {parts.filter(Boolean).join(' · ')}
      </small>
    </>
  )
}

/** The stall's devices in two words; the way to what each of them says. */
function DevicesPill() {
  const { live, sheet, words } = useTill()
  const isLive = live.link.value.state === 'live'
  const { text, opens, isBad } = pillOf(isLive ? live.view.value : null, words.status)
  return (
    <button
      type="button"
      class={`pill ${isBad ? 'warn' : ''}`}
      onClick={() => {
        sheet.value = { name: opens }
      }}
    >
      {text}
    </button>
  )
}

function pillOf(
  view: TillView | null,
  status: Words['status']
): { readonly text: string; readonly opens: 'devices' | 'printer'; readonly isBad: boolean } {
  if (!view) return { text: status.devicesUnknown, opens: 'devices', isBad: false }
  const { health } = view.printing
  if (isPrinterBad(health)) {
    return { text: status.printerBad, opens: 'printer', isBad: true }
  }
  const others = view.devices.filter(({ role }) => role !== 'printer')
  const bad = others.filter(({ health }) => !isWell(health.state)).length
  if (others.length > 0) {
    const text = bad > 0 ? status.devicesBad(bad) : status.devicesOk
    return { text, opens: 'devices', isBad: bad > 0 }
  }
  const text = health.state === 'up' ? status.printerOk : status.printerOff
  return { text, opens: 'printer', isBad: false }
}
