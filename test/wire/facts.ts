import * as fc from 'fast-check'
import type { Entry, Fact, FactOf } from '../../node/core/entry.ts'
import { FOOTFALL_QUALITIES } from '../../node/core/footfall.ts'
import type { Id, LogId } from '../../node/core/id.ts'
import { STOCK_REASONS } from '../../node/core/sell/item.ts'
import type { Money } from '../../node/core/sell/money.ts'

/** Any fact of any type, to try codecs on; a type that is forgotten here does not compile. */

const digits = (size: number) =>
  fc.uint8Array({ minLength: size, maxLength: size }).map(each => Buffer.from(each).toString('hex'))
const bytes = (size: number) => fc.uint8Array({ minLength: size, maxLength: size }).map(Buffer.from)
const id = digits(16) as fc.Arbitrary<Id>
export const logId = digits(8) as fc.Arbitrary<LogId>
const money = fc.maxSafeInteger() as fc.Arbitrary<Money>
const int = fc.maxSafeInteger()
const uint = fc.maxSafeNat()
const bool = fc.boolean()
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const someBytes = fc.uint8Array({ maxLength: 200 }).map(Buffer.from)
const list = <Type>(of: fc.Arbitrary<Type>) => fc.array(of, { maxLength: 5 })

type Fields<Type> = { [Key in keyof Type]-?: fc.Arbitrary<Exclude<Type[Key], undefined>> }

/** A record whose `optional` fields are sometimes left out. */
const object = <Type>(fields: Fields<Type>, optional: readonly (keyof Type)[] = []) =>
  fc.record(fields, {
    requiredKeys: (Object.keys(fields) as (keyof Type)[]).filter(key => !optional.includes(key))
  }) as fc.Arbitrary<Type>

const discount = object({ amount: money, reason: text })
const line = object<FactOf<'sold'>['lines'][number]>(
  {
    sku: fc.option(text),
    name: text,
    quantity: uint,
    unitPrice: money,
    taxClass: text,
    discount
  },
  ['discount']
)
const tax = object({ taxClass: text, ratePpm: uint, isInclusive: bool, net: money, tax: money })
const tender = object<FactOf<'sold'>['tenders'][number]>(
  { method: text, amount: money, reference: text },
  ['reference']
)
const moves = list(object({ sku: text, change: int }))
const reason = fc.constantFrom(...STOCK_REASONS)

const terms = object<FactOf<'termsSet'>['terms']>({
  stallName: text,
  vendor: text,
  marketName: text,
  timezone: text,
  currency: object({ code: text, exponent: uint }),
  taxClasses: list(object({ id: text, name: text, ratePpm: uint, isInclusive: bool })),
  cashRounding: object({ step: uint, tie: fc.constantFrom('up' as const, 'down' as const) }),
  tenders: list(object({ method: text, name: text, isCash: bool })),
  notes: list(money),
  printsReceipts: bool
})
const item = object<FactOf<'itemListed'>['item']>({
  sku: text,
  name: text,
  price: money,
  taxClass: text,
  category: text,
  barcode: text,
  isShared: bool
})
const closing = object<FactOf<'sessionClosed'>['closing']>({
  session: uint,
  openedAt: uint,
  float: money,
  sales: uint,
  lateSales: uint,
  voids: uint,
  total: money,
  voidedTotal: money,
  discounts: money,
  rounding: money,
  tenders: list(object({ method: text, amount: money })),
  taxes: list(tax),
  cashMoved: money,
  cash: money,
  firstNumber: text,
  lastNumber: text,
  closedAt: uint,
  counted: money,
  grandTotal: money
})

const FACTS: { readonly [Type in Fact['type']]: fc.Arbitrary<Omit<FactOf<Type>, 'type'>> } = {
  logOpened: object<Omit<FactOf<'logOpened'>, 'type'>>({
    stall: text,
    counter: uint,
    bootId: text,
    monoMs: uint,
    previous: fc.option(object({ log: logId, size: uint, root: bytes(32) })),
    deviceCertificate: someBytes,
    logCertificate: someBytes,
    wraps: list(object({ reader: bytes(8), encapsulated: bytes(32), ciphertext: bytes(48) }))
  }),
  clockStepped: object({ monoMs: uint, stepMs: int }),
  termsSet: object({ terms }),
  itemListed: object({ item }),
  itemWithdrawn: object({ sku: text }),
  stockMoved: object<Omit<FactOf<'stockMoved'>, 'type'>>(
    { moves, reason, sale: id, counted: uint, wish: id },
    ['sale', 'counted', 'wish']
  ),
  ownStockMoved: object<Omit<FactOf<'ownStockMoved'>, 'type'>>(
    { moves, reason, counted: uint, wish: id },
    ['counted', 'wish']
  ),
  sessionOpened: object<Omit<FactOf<'sessionOpened'>, 'type'>>(
    { session: uint, float: money, wish: id },
    ['wish']
  ),
  sessionClosed: object<Omit<FactOf<'sessionClosed'>, 'type'>>({ closing, wish: id }, ['wish']),
  cashMoved: object<Omit<FactOf<'cashMoved'>, 'type'>>(
    { session: uint, amount: money, reason: text, wish: id },
    ['wish']
  ),
  sold: object<Omit<FactOf<'sold'>, 'type'>>(
    {
      sale: id,
      session: uint,
      number: text,
      currency: text,
      lines: list(line),
      discount,
      taxes: list(tax),
      total: money,
      rounding: money,
      tenders: list(tender),
      change: money,
      soldAt: uint,
      isLate: bool,
      isTimeUnsure: fc.constant(true as const)
    },
    ['discount', 'soldAt', 'isTimeUnsure']
  ),
  voided: object({ sale: id, session: uint, reason: text }),
  basketParked: object<Omit<FactOf<'basketParked'>, 'type'>>(
    { basket: id, name: text, lines: list(line), discount },
    ['discount']
  ),
  basketTaken: object<Omit<FactOf<'basketTaken'>, 'type'>>({ basket: id, wish: id }, ['wish']),
  copyRequested: object<Omit<FactOf<'copyRequested'>, 'type'>>({ sale: id, copy: uint, wish: id }, [
    'wish'
  ]),
  printed: object({
    sale: id,
    copy: uint,
    outcome: fc.constantFrom('printed', 'sent', 'seen', 'skipped')
  }),
  drawerOpened: object<Omit<FactOf<'drawerOpened'>, 'type'>>({ reason: text, wish: id }, ['wish']),
  footfallCounted: object({
    sensor: text,
    from: uint,
    to: uint,
    in: fc.option(uint),
    out: fc.option(uint),
    unsure: uint,
    lostEdges: uint,
    quality: fc.constantFrom(...FOOTFALL_QUALITIES)
  }),
  energyUsed: object({ device: text, from: uint, to: uint, onMs: uint, milliwattHours: uint }),
  membersListed: object({ epoch: uint, list: someBytes })
}

export const fact: fc.Arbitrary<Fact> = fc.oneof(
  ...Object.entries(FACTS).map(([type, body]: [string, fc.Arbitrary<object>]) =>
    body.map(fields => ({ type, ...fields }) as Fact)
  )
)

export const entry: fc.Arbitrary<Entry> = fc
  .tuple(object({ log: logId, seq: uint, at: uint }), fact)
  .map(([stamp, fact]) => ({ ...stamp, ...fact }) as Entry)
