import { useSignal } from '@preact/signals'
import { LOW_STOCK_MAX } from '../../core/sell/stock.ts'
import type { TillItem } from '../../core/till.ts'
import { categoriesOf, readSearch } from './find.ts'
import { useLongPress } from './press.ts'
import { useMoney, useTill } from './use.ts'

/** Everything for sale, one tap each. Only one tile is a tab stop; the arrows go on from there. */
export function Tiles() {
  const { words, found, items, live, search } = useTill()
  const stop = useSignal('')
  const shown = found.value
  const stopSku = shown.some(item => item.sku === stop.value) ? stop.value : shown[0]?.sku
  const isLooking = live.view.value === null
  return (
    <section class="tiles" aria-label={words.items} onKeyDown={moveFocus}>
      {shown.map(item => (
        <Tile
          key={item.sku}
          item={item}
          isStop={item.sku === stopSku}
          onFocus={() => {
            stop.value = item.sku
          }}
        />
      ))}
      {isLooking && <p>{words.looking}</p>}
      {!isLooking && items.value.length === 0 && <p>{words.noItems}</p>}
      {items.value.length > 0 && shown.length === 0 && (
        <p>{words.nothingFound(readSearch(search.value).words)}</p>
      )}
    </section>
  )
}

function Tile(props: {
  readonly item: TillItem
  readonly isStop: boolean
  readonly onFocus: () => void
}) {
  const { words, stock, counter, tap, sheet, live, items } = useTill()
  const money = useMoney()
  const { item, isStop, onFocus } = props
  const left = stock.value(item.sku)
  const line = counter.basket.value.lines.find(each => each.sku === item.sku)
  const was = line?.unitPrice ?? live.moves.value.get(item.sku)?.from ?? item.price
  const press = useLongPress({
    onPress: () => tap(item.sku),
    onLongPress: () => {
      sheet.value = { name: 'item', sku: item.sku }
    }
  })
  const tone = left === null || left > LOW_STOCK_MAX ? '' : left > 0 ? 'low' : 'out'
  return (
    <button
      type="button"
      class={`tile ${tone}`}
      data-sku={item.sku}
      style={{ '--hue': hueOf(categoriesOf(items.value).indexOf(item.category)) }}
      tabIndex={isStop ? 0 : -1}
      onFocus={onFocus}
      {...press}
    >
      <b>{item.name}</b>
      <span class="price">
        <span>
          {was !== item.price && (
            <abbr title={words.priceWas(item.price > was, money(was))}>
              {item.price > was ? '↑' : '↓'}
            </abbr>
          )}
          <span class="sum">{money(item.price)}</span>
        </span>
        {left !== null && <small>{left > 0 ? words.left(left) : words.soldOut}</small>}
      </span>
      {line && (
        <i>
          <span aria-hidden="true">{line.quantity}</span>
          <span class="unseen">{words.inBasket(line.quantity)}</span>
        </i>
      )}
    </button>
  )
}

/** Neighbouring categories lie far apart on the colour circle: each turns by the golden angle. */
const hueOf = (category: number): number => Math.round(350 + category * 137.508) % 360

const STEPS: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }

function moveFocus(event: KeyboardEvent & { readonly currentTarget: HTMLElement }): void {
  const tiles = [...event.currentTarget.querySelectorAll<HTMLElement>('.tile')]
  const at = tiles.indexOf(document.activeElement as HTMLElement)
  if (at < 0) return
  const columns = tiles.filter(tile => tile.offsetTop === tiles[0]?.offsetTop).length
  const rows: Readonly<Record<string, number>> = { ArrowUp: -columns, ArrowDown: columns }
  const step = STEPS[event.key] ?? rows[event.key]
  if (step === undefined) return
  event.preventDefault()
  tiles[at + step]?.focus()
}
