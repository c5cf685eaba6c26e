import { effect, signal } from '@preact/signals'
import { render } from 'preact'
import { openAsk } from './api.ts'
import { App } from './app.tsx'
import { openClock } from './clock.ts'
import { mintId } from './counter.ts'
import { listenToKeys } from './keyboard.ts'
import { openLiveStream } from './stream.ts'
import { afterTimeout, openNotebook, openTabletStore } from './tablet.ts'
import { keepTheme } from './theme.ts'
import { openTill, type Till } from './till.ts'
import { openAskOnce } from './unanswered.ts'
import { canUpdate, seesUpdate } from './update.ts'
import { english } from './words.ts'

const HIDDEN_MS_MAX = 30_000
const TICK_MS = 1_000

const notebook = openNotebook(storageOf(() => localStorage))
const now = openClock({ wall: Date.now, mono: () => performance.now(), notebook })
const tick = signal(now())
const fetch = window.fetch.bind(window)
const chance = (count: number) => crypto.getRandomValues(new Uint8Array(count))
const id = mintId(chance)
// Not awaited at the top: what such a module shares with late scripts would become a file apart.
void start()

async function start(): Promise<void> {
  const till = await openTill({
    id,
    store: openTabletStore(indexedDB),
    notebook,
    ask: openAskOnce({ ask: openAsk(fetch), notebook, now, chance }),
    openStream: openLiveStream(fetch, id),
    now,
    after: afterTimeout,
    chance,
    words: english,
    tick
  })
  const root = document.getElementById('till')
  if (!root) throw new Error('The page has no place for the till')
  render(<App till={till} />, root)
  setInterval(() => {
    tick.value = now()
  }, TICK_MS)
  effect(() => {
    document.documentElement.dataset['theme'] = till.theme.value
    keepTheme(notebook, till.theme.value)
  })
  listenToKeys(document, till)
  for (const touch of ['pointerdown', 'keydown']) document.addEventListener(touch, till.touch)
  followBrowser(till)
  followUpdates(till)
}

/** Wakes with the screen and the network, and lets the stall's connections go when nobody looks. */
function followBrowser({ live, outbox, counter }: Till): void {
  let hidden: ReturnType<typeof setTimeout> | undefined
  const wake = () => {
    clearTimeout(hidden)
    tick.value = now()
    live.wake()
    void outbox.wake()
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) hidden = setTimeout(live.sleep, HIDDEN_MS_MAX)
    else wake()
  })
  window.addEventListener('online', wake)
  window.addEventListener('pageshow', wake)
  window.addEventListener('storage', event => {
    if (event.key === 'till.basket') counter.reread()
  })
  let wasLive = false
  effect(() => {
    const isLive = live.link.value.state === 'live'
    if (isLive && !wasLive) void outbox.wake()
    wasLive = isLive
  })
}

/** Looks for a newer till each time the stall comes back, and takes it only between sessions. */
function followUpdates({ live, counter, hasUpdate, sheet }: Till): void {
  const running = document.querySelector<HTMLScriptElement>('script[type=module]')?.src ?? ''
  let wasLive = false
  effect(() => {
    const isLive = live.link.value.state === 'live'
    if (isLive && !wasLive) {
      seesUpdate({ fetch, running }).then(
        sees => {
          hasUpdate.value = sees
        },
        // The stall went away again; it is asked once more when it is back.
        () => {}
      )
    }
    wasLive = isLive
  })
  let hadSession = false
  let isDue = false
  effect(() => {
    const view = live.view.value
    if (hadSession && view?.session === null) isDue = hasUpdate.value
    hadSession = view?.session != null
    // The keeper reads the closing's result first; the till is renewed when that is put away.
    if (!isDue || sheet.value || !canUpdate({ view, basket: counter.basket.value })) return
    isDue = false
    // The outbox stays on the tablet and goes on sending after the reload.
    location.reload()
  })
}

/** A browser that forbids storage throws at the very name. */
function storageOf(open: () => Storage): Storage | null {
  try {
    return open()
  } catch {
    return null
  }
}
