import type { IncomingMessage } from 'node:http'
import type { Command } from '../../node/core/command.ts'
import type { DeviceView, SimFault } from '../../node/core/device.ts'
import type { Entry } from '../../node/core/entry.ts'
import type { LogId } from '../../node/core/id.ts'
import type { Health, PrintingView, Proofs } from '../../node/core/ports.ts'
import { currencyOf, money } from '../../node/core/sell/money.ts'
import { emptyStall, fold } from '../../node/core/stall.ts'
import type { PaperLine, SimulatedPrinter } from '../../node/http/ports.ts'
import type { Role } from '../../node/http/route.ts'
import { openServer, type Server, type ServerOptions } from '../../node/http/server.ts'
import { type Node, startNode } from '../../node/node.ts'
import { deviceView, type FakeDevices, fakeDevices } from '../device-views.ts'
import { memoryStore } from '../memory-store.ts'

/** A stall with the real loop and the real server, over a store that lives in memory. */
export interface TestStall {
  readonly node: Node
  readonly server: Server
  readonly entries: readonly Entry[]
  /** Everything that was wished for over HTTP. */
  readonly commands: readonly Command[]
  /** Holds every write until the function it returns is called. */
  readonly holdWrites: () => () => void
  readonly setHealth: (health: readonly Health[]) => void
  readonly setPrinting: (view: PrintingView) => void
  readonly showPaper: (line: PaperLine) => void
  readonly devices: FakeDevices
  readonly close: () => Promise<void>
}

/** The log that the store renews to. */
export const LOG = '0000000000000002' as LogId
/** 2026-08-01 18:00:00 UTC. */
export const EVENING_MS = 1_785_607_200_000

const FAULTS: readonly SimFault[] = ['paper-out', 'cover-open', 'unplug']
export const PRINTER: DeviceView = deviceView({
  name: 'printer',
  role: 'printer',
  driver: 'escpos',
  simulated: { faults: FAULTS, fault: null }
})
export const SCANNER: DeviceView = deviceView({ name: 'scanner', role: 'scanner' })
export const DOOR: DeviceView = deviceView({
  name: 'door',
  role: 'footfall',
  driver: 'beams',
  health: {
    name: 'door',
    state: 'degraded',
    sentence: 'A beam has been blocked for 30 s.',
    fix: 'Take away what stands in it.'
  },
  reading: {
    kind: 'footfall',
    sensor: 'door',
    from: EVENING_MS - 60_000,
    to: EVENING_MS,
    in: 3,
    out: 1,
    unsure: 0,
    lostEdges: 0,
    quality: 'direct'
  },
  readAt: EVENING_MS
})

export async function openTestStall(
  options: Partial<ServerOptions> = {},
  printer: 'real' | 'simulated' = 'real'
): Promise<TestStall> {
  const memory = memoryStore()
  const { store, entries } = memory
  const stall = fold(emptyStall, await store.renew())
  const node = startNode({
    store,
    stall,
    readClocks: () => ({ wallMs: EVENING_MS, monoMs: 1_000 })
  })
  await furnish(node)
  let health: readonly Health[] = []
  const printing = openPrinting()
  const simulated = openSimulatedPrinter()
  const devices = fakeDevices([PRINTER, SCANNER, DOOR])
  const commands: Command[] = []
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
    readSold: node.readSold,
    end: store.end,
    proofs: proofsOf(entries),
    receiptUrl: async sale => `https://dev.market/r#${sale}`,
    printing,
    ...(printer === 'simulated' ? { simulatedPrinter: simulated } : {}),
    devices,
    hasDrawer: true,
    health: () => [...node.health(), ...health],
    lagMs: () => 0,
    now: () => performance.now(),
    wallMs: () => EVENING_MS,
    runId: 'run',
    ...options
  })
  return {
    node,
    server,
    entries,
    commands,
    holdWrites: () => {
      const done = memory.appends.length
      memory.hold()
      return () => {
        memory.release()
        for (const { settle } of memory.appends.slice(done)) settle()
      }
    },
    setHealth: next => {
      health = next
    },
    setPrinting: printing.set,
    showPaper: simulated.show,
    devices,
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

const proofsOf = (entries: readonly Entry[]): Proofs => ({
  head: async log => (log === LOG ? `dev.market\n${entries.length}\nroot\n` : undefined),
  proof: async ({ log, seq }) =>
    log === LOG && seq < entries.length ? `c2sp.org/tlog-proof@v1\nindex ${seq}\n` : undefined
})

function openSimulatedPrinter() {
  const listeners: ((line: PaperLine) => void)[] = []
  const roll: PaperLine[] = []
  const printer: SimulatedPrinter = {
    paper: () => roll,
    onPaper: listener => listeners.push(listener)
  }
  const show = (line: PaperLine) => {
    roll.push(line)
    for (const listener of listeners) listener(line)
  }
  return { ...printer, show }
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
