import type { IncomingMessage } from 'node:http'
import type { Command } from '../../node/core/command.ts'
import type { Entry, EntryOf } from '../../node/core/entry.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import type { Health, PrintFault, PrintingView, Store } from '../../node/core/ports.ts'
import { currencyOf, money } from '../../node/core/sell/money.ts'
import type { Receipt } from '../../node/core/sell/receipt.ts'
import { emptyStall, fold } from '../../node/core/stall.ts'
import type { Role } from '../../node/http/route.ts'
import { openServer, type Server, type ServerOptions } from '../../node/http/server.ts'
import { type Node, startNode } from '../../node/node.ts'

/** A stall with the real loop and the real server, over a store that lives in memory. */
export interface TestStall {
  readonly node: Node
  readonly server: Server
  readonly url: string
  readonly entries: readonly Entry[]
  /** Everything that was wished for over HTTP. */
  readonly commands: readonly Command[]
  readonly clock: { wallMs: number; monoMs: number }
  /** Holds every write until the function it returns is called. */
  readonly holdWrites: () => () => void
  readonly setHealth: (health: readonly Health[]) => void
  readonly setPrinting: (view: PrintingView) => void
  readonly showPaper: (receipt: Receipt) => void
  readonly printerFaults: readonly (PrintFault | null)[]
  readonly close: () => Promise<void>
}

export const LOG = '0123456789abcdef' as LogId
/** 2026-08-01 18:00:00 UTC. */
const EVENING_MS = 1_785_607_200_000

export async function openTestStall(options: Partial<ServerOptions> = {}): Promise<TestStall> {
  const clock = { wallMs: EVENING_MS, monoMs: 1_000 }
  const { store, entries, holdWrites } = memoryStore()
  const node = startNode({
    store,
    stall: entries.reduce(fold, emptyStall),
    readClocks: () => clock
  })
  await furnish(node)
  let health: readonly Health[] = []
  const printing = openPrinting()
  const paper: ((receipt: Receipt) => void)[] = []
  const commands: Command[] = []
  const printerFaults: (PrintFault | null)[] = []
  const server = await openServer({
    port: 0,
    host: '127.0.0.1',
    isOpenToLan: false,
    allowedHosts: ['stall-12.local'],
    submit: command => {
      commands.push(command)
      return node.submit(command)
    },
    stall: node.stall,
    listen: node.listen,
    read: store.read,
    end: store.end,
    proofs: {
      head: async log => (log === LOG ? `dev.market\n${entries.length}\nroot\n` : undefined),
      proof: async ({ log, seq }) =>
        log === LOG && seq < entries.length ? `c2sp.org/tlog-proof@v1\nindex ${seq}\n` : undefined
    },
    receipt: async sale => ({ url: `https://dev.market/r#${sale}`, receipt: receiptOf(sale) }),
    printing,
    simulatedPrinter: {
      onPaper: listener => paper.push(listener),
      setFault: fault => printerFaults.push(fault)
    },
    health: () => [...node.health(), ...health],
    now: () => performance.now(),
    runId: 'run',
    ...options
  })
  return {
    node,
    server,
    url: `http://127.0.0.1:${server.port}`,
    entries,
    commands,
    clock,
    holdWrites,
    setHealth: next => {
      health = next
    },
    setPrinting: printing.set,
    showPaper: receipt => {
      for (const listener of paper) listener(receipt)
    },
    printerFaults,
    close: async () => {
      await server.close()
      await node.close()
    }
  }
}

/** Who is asking stands in a header, for tests that go through all the roles. */
export const roleByHeader = ({ headers }: IncomingMessage): Role =>
  ROLES.find(role => role === headers['as']) ?? 'keeper'

export const ROLES: readonly Role[] = ['customer', 'helper', 'keeper', 'technician', 'hub']

export const receiptOf = (sale: Id): Receipt => ({
  sale,
  number: '12-1-1-AB',
  copy: 1,
  parts: [{ part: 'title', text: "Mei's Bao" }]
})

function memoryStore() {
  const entries: Entry[] = [LOG_OPENED]
  let gate: Promise<void> = Promise.resolve()
  const store: Store = {
    end: () => ({ log: LOG, seq: entries.length }),
    append: async more => {
      await gate
      entries.push(...more)
    },
    renew: async () => LOG_OPENED,
    read: async ({ log, seq }) => (log === LOG ? entries[seq] : undefined),
    close: async () => {}
  }
  const holdWrites = () => {
    let release = () => {}
    gate = new Promise(resolve => {
      release = resolve
    })
    return () => release()
  }
  return { store, entries, holdWrites }
}

const LOG_OPENED: EntryOf<'logOpened'> = {
  type: 'logOpened',
  log: LOG,
  seq: 0,
  at: EVENING_MS,
  stall: '12',
  counter: 1,
  bootId: 'boot',
  monoMs: 0,
  previous: null,
  deviceCertificate: new Uint8Array([1, 2, 3]),
  logCertificate: new Uint8Array([4]),
  wraps: []
}

function openPrinting() {
  const listeners: (() => void)[] = []
  let view: PrintingView = {
    health: { name: 'printer', state: 'up', sentence: 'Printer is ready', fix: '' },
    jobs: []
  }
  return {
    view: () => view,
    onChange: (listener: () => void) => {
      listeners.push(listener)
    },
    set: (next: PrintingView) => {
      view = next
      for (const listener of listeners) listener()
    }
  }
}

async function furnish({ submit }: Node): Promise<void> {
  const { terms } = emptyStall
  await submit({
    type: 'setTerms',
    terms: {
      ...terms,
      stallName: "Mei's Bao",
      currency: currencyOf('EUR'),
      taxClasses: [{ id: 'food', name: 'Food', ratePpm: 70_000, isInclusive: true }],
      tenders: [...terms.tenders, { method: 'card', name: 'Card', isCash: false }],
      printsReceipts: true
    }
  })
  const item = (sku: string, name: string, price: number) => ({
    item: {
      sku,
      name,
      price: money(price),
      taxClass: 'food',
      category: 'Hot',
      barcode: '',
      isShared: false
    },
    stock: 24
  })
  await submit({
    type: 'listItems',
    items: [item('bao', 'Char siu bao', 650), item('tea', 'Iced yuzu tea', 400)]
  })
}
