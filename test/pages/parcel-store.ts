import type { Id } from '../../node/core/id.ts'
import { money } from '../../node/core/sell/money.ts'
import { isParcel } from '../../node/pages/till/noted.ts'
import type { SaleParcel } from '../../node/pages/till/parcel.ts'
import type { ParcelStore } from '../../node/pages/till/ports.ts'

export const parcelOf = (digit: string, at = 0): SaleParcel => ({
  kind: 'sale',
  key: digit.repeat(32) as Id,
  at,
  lines: [
    { sku: 'bao', name: 'Char siu bao', taxClass: 'food', quantity: 2, unitPrice: money(650) }
  ],
  tenders: [{ method: 'cash', amount: money(1300) }],
  total: money(1300),
  change: money(0)
})

/**
 * What every place for parcels must do: each line is a step and whether it held. A list, not
 * assertions, for one of the places is inside a browser.
 */
export async function tryParcelStore(store: ParcelStore): Promise<readonly string[]> {
  const faults: string[] = []
  const expect = (isSo: boolean, what: string) => {
    if (!isSo) faults.push(what)
  }
  const all = async () => (await store.all()).filter(isParcel)
  const keys = async () =>
    (await all())
      .map(parcel => parcel.key[0])
      .sort()
      .join('')
  expect((await keys()) === '', 'begins empty')
  await store.put(parcelOf('a'))
  await Promise.all([store.put(parcelOf('b')), store.put(parcelOf('c'))])
  expect((await keys()) === 'abc', 'keeps what is put, also at once')
  await store.put({ ...parcelOf('b'), at: 7 })
  const b = (await all()).find(parcel => parcel.key.startsWith('b'))
  expect((await keys()) === 'abc' && b?.at === 7, 'replaces a parcel of the same key')
  expect(JSON.stringify(b) === JSON.stringify({ ...parcelOf('b'), at: 7 }), 'gives back the same')
  await store.remove(parcelOf('b').key)
  await store.remove(parcelOf('d').key)
  expect((await keys()) === 'ac', 'removes one parcel, and one that is not there without a word')
  return faults
}
