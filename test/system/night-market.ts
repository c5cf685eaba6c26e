import type { DeviceView } from '../../node/core/device.ts'
import { type Money, money } from '../../node/core/sell/money.ts'
import type { TillItem, TillView } from '../../node/core/till.ts'
import { deviceView } from '../device-views.ts'

const euros = (amount: number): Money => money(Math.round(amount * 100))

/** Name, price, stock, category: a stall on a Friday night. */
const GOODS: readonly (readonly [string, number, number, string])[] = [
  ['Char siu bao', 6.5, 24, 'Hot'],
  ['Takoyaki 6', 7, 18, 'Hot'],
  ['Gyoza 5', 6, 3, 'Hot'],
  ['Ramen cup', 8.5, 40, 'Hot'],
  ['Yakitori', 4.5, 12, 'Hot'],
  ['Okonomiyaki', 9, 0, 'Hot'],
  ['Iced yuzu tea', 4, 60, 'Cold'],
  ['Thai milk tea', 4.5, 44, 'Cold'],
  ['Kombucha', 4.2, 31, 'Cold'],
  ['Still water', 2, 80, 'Cold'],
  ['Sparkling', 2.2, 52, 'Cold'],
  ['Cold brew', 4.3, 9, 'Cold'],
  ['Seaweed chips', 3, 33, 'Snacks'],
  ['Mochi 3', 4.8, 5, 'Snacks'],
  ['Taro fries', 4, 17, 'Snacks'],
  ['Sesame ball', 2.5, 22, 'Snacks'],
  ['Egg tart', 3.2, 14, 'Snacks'],
  ['Prawn crackers', 2.8, 40, 'Snacks'],
  ['Alley tee', 25, 8, 'Merch'],
  ['Drop 07 pin', 12, 2, 'Merch'],
  ['Tote', 18, 11, 'Merch'],
  ['Sticker set', 5, 70, 'Merch'],
  ['Zine 12', 9, 25, 'Merch'],
  ['Enamel mug', 16, 6, 'Merch']
]

const items: readonly TillItem[] = GOODS.map(([name, price, stock, category], at) => ({
  sku: name.toLowerCase().replaceAll(' ', '-'),
  name,
  price: euros(price),
  taxClass: category === 'Merch' ? 'full' : 'food',
  category,
  barcode: `40063813339${String(at).padStart(2, '0')}`,
  isShared: false,
  stock
}))

const NIGHT_MS = Date.UTC(2026, 10, 20, 18, 0)

const devices: readonly DeviceView[] = [
  deviceView({
    name: 'printer',
    role: 'printer',
    health: { name: 'printer', state: 'up', sentence: 'The printer is ready.', fix: '' },
    simulated: { faults: ['paper-out', 'cover-open', 'unplug'], fault: null }
  }),
  deviceView({
    name: 'door',
    reading: {
      kind: 'footfall',
      sensor: 'door',
      from: NIGHT_MS - 72_000,
      to: NIGHT_MS - 12_000,
      in: 3,
      out: 1,
      unsure: 0,
      lostEdges: 0,
      quality: 'direct'
    },
    readAt: NIGHT_MS - 12_000,
    simulated: {
      faults: ['unplug', 'beam-blocked', 'bounce', 'overflow', 'reset-counter'],
      fault: null
    }
  }),
  deviceView({ name: 'scanner', role: 'scanner', driver: 'evdev' }),
  deviceView({
    name: 'scale',
    role: 'scale',
    driver: 'mt-sics',
    reading: { kind: 'weight', milligrams: 125_000, isStable: true },
    readAt: NIGHT_MS - 1_000
  }),
  deviceView({
    name: 'awning-light',
    role: 'light',
    reading: { kind: 'light', isOn: true, percent: 100 },
    readAt: NIGHT_MS - 600_000
  }),
  deviceView({
    name: 'power',
    role: 'power',
    reading: {
      kind: 'power',
      supply: 'battery',
      percent: 64,
      milliVolts: null,
      isUnderVoltage: false,
      isLow: false
    },
    readAt: NIGHT_MS - 5_000
  })
].map(view => ({ ...view, since: NIGHT_MS - 3_600_000 }))

/** What the till is shown on that night, before the first sale. */
export const nightMarket = (): TillView => ({
  at: NIGHT_MS,
  stall: '12',
  terms: {
    stallName: "Mei's Bao",
    vendor: 'Mei Lin',
    marketName: 'Alley Night Market 07',
    currency: { code: 'EUR', exponent: 2 },
    timezone: 'Europe/Berlin',
    taxClasses: [
      { id: 'food', name: 'Food 7 %', ratePpm: 70_000, isInclusive: true },
      { id: 'full', name: 'Goods 19 %', ratePpm: 190_000, isInclusive: true }
    ],
    cashRounding: { step: 1, tie: 'up' },
    tenders: [
      { method: 'cash', name: 'Cash', isCash: true },
      { method: 'card', name: 'Card', isCash: false },
      { method: 'voucher', name: 'Voucher', isCash: false }
    ],
    notes: [euros(5), euros(10), euros(20), euros(50)],
    printsReceipts: true
  },
  items,
  session: {
    session: 3,
    openedAt: Date.UTC(2026, 10, 20, 17, 2),
    float: euros(100),
    sales: 2,
    lateSales: 0,
    voids: 0,
    total: euros(20.5),
    voidedTotal: money(0),
    discounts: money(0),
    rounding: money(0),
    tenders: [{ method: 'cash', amount: euros(20.5) }],
    taxes: [],
    cashMoved: money(0),
    cash: euros(120.5),
    firstNumber: '12-3-1-K7',
    lastNumber: '12-3-2-K7'
  },
  parked: [],
  recent: [],
  printing: {
    health: { name: 'printer', state: 'up', sentence: 'The printer is ready.', fix: '' },
    jobs: []
  },
  hasDrawer: true,
  health: [{ name: 'disk', state: 'up', sentence: 'Sales are kept safe on the card.', fix: '' }],
  devices
})
