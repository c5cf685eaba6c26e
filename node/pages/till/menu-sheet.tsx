import { timeText } from '../shared/format.ts'
import { MARKS, Title } from './sheet-parts.tsx'
import type { Sheet } from './sheets.ts'
import { unsentCount } from './status.ts'
import { canUpdate } from './update.ts'
import { useTill } from './use.ts'

type Places = 'open' | 'park' | 'recall' | 'sales' | 'session' | 'printer' | 'devices' | 'drawer'

/** Everything that is not the next sale. */
export function MenuSheet() {
  const { words, live, sheet, counter, outbox, hasUpdate, terms, theme } = useTill()
  const view = live.view.value
  const isEmpty = counter.basket.value.lines.length === 0
  const go = (name: Places, text: string) => (
    <button
      type="button"
      disabled={name === 'park' && isEmpty}
      onClick={() => {
        sheet.value = { name } satisfies Sheet
      }}
    >
      {text}
    </button>
  )
  const turnTheme = () => {
    theme.value = theme.value === 'dark' ? 'light' : 'dark'
  }
  const unsent = unsentCount(outbox.parcels.value)
  return (
    <>
      <Title text={terms.value?.stallName ?? words.menu} />
      <div class="menu">
        {go('open', words.open.title)}
        {go('park', words.park.park)}
        {go('recall', `${words.park.recall} ${view?.parked.length || ''}`)}
        {go('sales', words.sales.title)}
        {go('session', words.session.title)}
        {go('printer', words.printer.title)}
        {go('devices', words.devices.title)}
        {view?.hasDrawer && go('drawer', words.drawer.title)}
        <button type="button" onClick={turnTheme}>
          {theme.value === 'dark' ? words.theme.light : words.theme.dark}
        </button>
      </div>
      <Health />
      {unsent > 0 && (
        <p class="about">
          {live.link.value.state === 'live'
            ? words.status.sending(unsent)
            : words.status.unsent(unsent)}
        </p>
      )}
      {hasUpdate.value && (
        <>
          <p class="about">{words.update.later}</p>
          <button
            type="button"
            class="wide"
            disabled={!canUpdate({ view, basket: counter.basket.value })}
            onClick={() => location.reload()}
          >
            {words.update.now}
          </button>
        </>
      )}
    </>
  )
}

/** How everything is, a mark and words, never a colour alone. An old picture is grey and dated. */
function Health() {
  const { live, statuses, words, terms, now } = useTill()
  const view = live.view.value
  const heard = live.heard.value
  const isLive = live.link.value.state === 'live'
  const parts = view ? [view.printing.health, ...view.health] : []
  // The tablet's own clock counts from nowhere; how long ago is what it knows.
  const wall = heard === null ? null : Date.now() - (now() - heard)
  const asOf =
    wall === null
      ? words.status.earlier
      : words.status.asOf(timeText(words.locale, wall, terms.value?.timezone))
  return (
    <ul class="health">
      {statuses.value
        .filter(({ key }) => !['notice', 'printer', ...parts.map(part => part.name)].includes(key))
        .map(({ key, text, fix, tone }) => (
          <li key={key} class={tone}>
            <span>!</span> {text} {fix}
          </li>
        ))}
      {parts.map(({ name, state, sentence, fix }) =>
        isLive ? (
          <li key={name} class={state === 'up' ? 'good' : 'warn'}>
            <span>{MARKS[state]}</span> {sentence} {fix}
          </li>
        ) : (
          <li key={name} class="old">
            <span>?</span> {sentence} {asOf}
          </li>
        )
      )}
    </ul>
  )
}
