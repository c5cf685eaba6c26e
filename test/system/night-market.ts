import { type Money, money } from '../../node/core/sell/money.ts'
import type { TillItem, TillView } from '../../node/core/till.ts'

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

/** What the till is shown on that night, before the first sale. */
export const nightMarket = (): TillView => ({
  at: Date.UTC(2026, 10, 20, 18, 0),
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
  health: [{ name: 'disk', state: 'up', sentence: 'Sales are kept safe on the card.', fix: '' }],
  devices: []
})
