import { batch, type ReadonlySignal, signal } from '@preact/signals'
import { isParcel } from './noted.ts'
import { field } from './paid.ts'
import { type Parcel, requestOf } from './parcel.ts'
import type { After, Ask, Now, ParcelStore } from './ports.ts'

/** What waits on this tablet for the stall. Nothing leaves it unanswered, and it never gives up. */
export interface Outbox {
  /** Oldest first. */
  readonly parcels: ReadonlySignal<readonly Parcel[]>
  /** Left by a till of another age. They stay on the tablet until the keeper takes them away. */
  readonly unread: ReadonlySignal<readonly UnreadRow[]>
  /** False when the tablet cannot keep a sale safe; then none may be taken. */
  readonly canSave: ReadonlySignal<boolean>
  /** Resolves when the parcel is safe on this tablet; rejects when it is not, and is not in. */
  readonly add: (parcel: Parcel) => Promise<void>
  /** Tries everything that waits at once, and looks for what another tab left behind. */
  readonly wake: () => Promise<void>
  /** Sends a refused parcel again. */
  readonly retry: (key: string) => Promise<void>
  /** The keeper has dealt with a refused parcel or an unread row; a sale's void goes with it. */
  readonly discard: (key: string) => Promise<void>
  readonly close: () => void
}

/** What cannot be sent, as the text it is, for a person to read. */
export interface UnreadRow {
  readonly key: string
  readonly text: string
}

const RETRY_MS_MIN = 400
const RETRY_MS_MAX = 15_000

export interface OutboxPorts {
  readonly store: ParcelStore
  readonly ask: Ask
  readonly now: Now
  readonly after: After
  /** The stall has booked it. */
  readonly onDone: (parcel: Parcel, body: unknown) => void
}

/** Knows at once what was left from before; nothing is sent until something wakes it. */
export async function openOutbox(ports: OutboxPorts): Promise<Outbox> {
  const kept = openKept(ports.store)
  const { parcels, unread, canSave, keep, forget, forgetUnread, load } = kept
  let sending: Promise<void> | null = null
  let retryMs = RETRY_MS_MIN
  let cancelRetry = () => {}
  let isClosed = false

  async function flush(): Promise<void> {
    cancelRetry()
    if (isClosed) return
    sending ??= sendAll({ ...ports, kept, isClosed: () => isClosed }).then(mustRetry => {
      sending = null
      const waits = parcels.value.some(each => isReady(each, parcels.value))
      if (!mustRetry) retryMs = RETRY_MS_MIN
      if (!waits || isClosed) return
      cancelRetry = ports.after(mustRetry ? retryMs : 0, flush)
      if (mustRetry) retryMs = Math.min(retryMs * 2, RETRY_MS_MAX)
    })
    await sending
  }

  await load()
  return {
    parcels,
    unread,
    canSave,
    add: parcel => keep(parcel, flush),
    wake: async () => {
      retryMs = RETRY_MS_MIN
      await load()
      await flush()
    },
    retry: async key => {
      const parcel = parcels.value.find(each => each.key === key)
      if (!parcel) return
      const { trouble: _, ...fresh } = parcel
      await keep(fresh, flush)
    },
    discard: async key => {
      for (const parcel of parcels.value.filter(each => isAbout(each, key))) await forget(parcel)
      if (unread.value.some(row => row.key === key)) await forgetUnread(key)
    },
    close: () => {
      isClosed = true
      cancelRetry()
    }
  }
}

type Kept = ReturnType<typeof openKept>

/** The parcels as the page shows them and as the tablet keeps them, always both. */
function openKept(store: ParcelStore) {
  const parcels = signal<readonly Parcel[]>([])
  const unread = signal<readonly UnreadRow[]>([])
  const canSave = signal(true)
  const set = (next: readonly Parcel[]) => {
    parcels.value = next.toSorted((a, b) => a.at - b.at)
  }
  const without = (key: string) => parcels.value.filter(parcel => parcel.key !== key)
  return {
    parcels,
    unread,
    canSave,
    /** `next` comes before the screen, whose change takes a slow phone longer than the sending. */
    keep: async (parcel: Parcel, next: () => unknown = () => {}) => {
      try {
        await store.put(parcel)
        canSave.value = true
      } catch (error) {
        canSave.value = false
        throw error
      }
      batch(() => {
        set([...without(parcel.key), parcel])
        next()
      })
    },
    forget: async (parcel: Parcel) => {
      set(without(parcel.key))
      // If this fails the parcel is sent once more after a reload, which is the same sale.
      await store.remove(parcel.key).catch(() => {})
    },
    forgetUnread: async (key: string) => {
      unread.value = unread.value.filter(row => row.key !== key)
      // If this fails the row is shown again on the next waking.
      await store.remove(key).catch(() => {})
    },
    load: async () => {
      try {
        const rows = await store.all()
        const found = rows.filter(isParcel)
        const known = new Set(parcels.value.map(parcel => parcel.key))
        batch(() => {
          canSave.value = true
          unread.value = rows.filter(row => !isParcel(row)).map(unreadRow)
          set([...parcels.value, ...found.filter(parcel => !known.has(parcel.key))])
        })
      } catch {
        canSave.value = false
      }
    }
  }
}

/** Sends what can be sent, one after the other. True when something must be tried again. */
async function sendAll(
  options: OutboxPorts & { readonly kept: Kept; readonly isClosed: () => boolean }
): Promise<boolean> {
  const { ask, now, onDone, isClosed } = options
  const { parcels, keep, forget } = options.kept
  const tried = new Set<string>()
  let mustRetry = false
  for (;;) {
    const parcel = parcels.value.find(each => !tried.has(each.key) && isReady(each, parcels.value))
    if (!parcel || isClosed()) return mustRetry
    tried.add(parcel.key)
    const reply = await ask(requestOf(parcel, now()))
    if (reply.state === 'away') return true
    if (reply.state === 'later') mustRetry = true
    if (reply.state === 'refused') {
      // Where even this cannot be kept, `canSave` says so and the stall is simply asked again.
      await keep({ ...parcel, trouble: reply.trouble }).catch(() => {
        mustRetry = true
      })
    }
    if (reply.state === 'done') {
      let forgotten: Promise<void> | null = null
      // In one step, or the count of stock would jump up between the two.
      batch(() => {
        onDone(parcel, reply.body)
        forgotten = forget(parcel)
      })
      await forgotten
    }
  }
}

const unreadRow = (row: unknown): UnreadRow => ({
  key: String(field(row, 'key')),
  text: JSON.stringify(row, null, 1)
})

/** A void waits until its own sale has been answered; nothing else waits for anything. */
const isReady = (parcel: Parcel, all: readonly Parcel[]): boolean =>
  parcel.trouble === undefined &&
  !(parcel.kind === 'void' && all.some(each => each.key === parcel.sale))

const isAbout = (parcel: Parcel, key: string): boolean =>
  parcel.key === key || (parcel.kind === 'void' && parcel.sale === key)
