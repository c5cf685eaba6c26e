import { useSignal } from '@preact/signals'
import type { TillSale } from '../../core/till.ts'
import { timeText } from '../shared/format.ts'
import { basketAgain } from './basket.ts'
import type { UnreadRow } from './outbox.ts'
import type { Parcel, SaleParcel } from './parcel.ts'
import { PrintButton } from './print-button.tsx'
import { Title, Trouble, useAsk } from './sheet-parts.tsx'
import { useMoney, useTill } from './use.ts'

/** The last sales: first those that need somebody, then those on their way, then the booked. */
export function SalesSheet() {
  const { words, live, outbox } = useTill()
  const parcels = outbox.parcels.value
  const recent = live.view.value?.recent ?? []
  const unsent = parcels.filter(each => each.kind === 'sale' && !each.trouble)
  return (
    <>
      <Title text={words.sales.title} />
      {parcels
        .filter(parcel => parcel.trouble)
        .map(parcel => (
          <Refused key={parcel.key} parcel={parcel} />
        ))}
      {outbox.unread.value.map(row => (
        <Unread key={row.key} row={row} />
      ))}
      {unsent.length > 0 && <h3>{words.sales.unsent}</h3>}
      <ul class="rows">
        {unsent.map(
          parcel => parcel.kind === 'sale' && <Unsent key={parcel.key} parcel={parcel} />
        )}
        {recent.map(sale => (
          <Sold key={sale.sale} sale={sale} />
        ))}
      </ul>
      {recent.length + parcels.length + outbox.unread.value.length === 0 && (
        <p class="about">{words.sales.none}</p>
      )}
    </>
  )
}

/** The stall said no; the money is in the drawer. A person decides, and until then it stays. */
function Refused({ parcel }: { readonly parcel: Parcel }) {
  const { words, outbox, counter, sheet } = useTill()
  const money = useMoney()
  const { trouble } = parcel
  const isEmpty = counter.basket.value.lines.length === 0
  const putBack = async (sale: SaleParcel) => {
    counter.change((_, mint) => basketAgain(sale, mint))
    sheet.value = null
    await outbox.discard(sale.key)
  }
  return (
    <article class="refused">
      <p>
        <strong>{parcel.kind === 'sale' ? money(parcel.total) : words.undo}</strong>{' '}
        {parcel.kind === 'sale' && goods(parcel.lines)}
      </p>
      <p>
        {trouble?.detail} {trouble?.fix}
      </p>
      <div class="kinds">
        <button type="button" class="strong" onClick={() => outbox.retry(parcel.key)}>
          {words.tryAgain}
        </button>
        {parcel.kind === 'sale' && (
          <button type="button" disabled={!isEmpty} onClick={() => putBack(parcel)}>
            {words.sales.back}
          </button>
        )}
        <Discard of={parcel.key} />
      </div>
    </article>
  )
}

/** What an older till kept and this one cannot read: shown as it lies there, for a person can. */
function Unread({ row }: { readonly row: UnreadRow }) {
  const { words } = useTill()
  return (
    <article class="refused">
      <p>{words.sales.unreadWhat}</p>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, WCAG 2.1.1 */}
      <pre tabIndex={0}>{row.text}</pre>
      <div class="kinds">
        <Discard of={row.key} />
      </div>
    </article>
  )
}

/** Asks once more, for what is taken away is gone. */
function Discard({ of }: { readonly of: string }) {
  const { words, outbox } = useTill()
  const isSure = useSignal(false)
  const discard = () => {
    if (isSure.value) void outbox.discard(of)
    isSure.value = true
  }
  return (
    <button type="button" class="danger" onClick={discard}>
      {isSure.value ? words.sales.discardSure : words.sales.discard}
    </button>
  )
}

function Unsent({ parcel }: { readonly parcel: SaleParcel }) {
  const money = useMoney()
  return (
    <li>
      <span>
        {money(parcel.total)}
        <small>{goods(parcel.lines)}</small>
      </span>
    </li>
  )
}

function Sold({ sale }: { readonly sale: TillSale }) {
  const { words, sheet, terms } = useTill()
  const money = useMoney()
  const { send, trouble } = useAsk()
  return (
    <li class={sale.isVoided ? 'voided' : ''}>
      <span>
        {money(sale.total)} {sale.isVoided && <em>{words.sales.voided}</em>}
        <small>
          {timeText(words.locale, sale.at, terms.value?.timezone)} · {sale.number} ·{' '}
          {goods(sale.lines)}
        </small>
        <Trouble text={trouble.value} />
      </span>
      <PrintButton sale={sale.sale} send={send} />
      <button
        type="button"
        onClick={() => {
          sheet.value = { name: 'qr', sale: sale.sale, number: sale.number }
        }}
      >
        {words.qr}
      </button>
    </li>
  )
}

const goods = (lines: readonly { readonly quantity: number; readonly name: string }[]): string =>
  lines.map(({ quantity, name }) => `${quantity} × ${name}`).join(', ')
