import { currencyOf } from '../../core/sell/money.ts'
import { moneyFormat } from '../shared/format.ts'
import { unhex } from './cbor.ts'
import { checkReceipt, fingerprint, type Receipt, type Verdict } from './receipt.ts'
import { english as words } from './words.ts'

const page = document.getElementById('page')
const marketKey = keyOf(document.querySelector<HTMLMetaElement>('meta[name=stallmesh-market]'))

show()
window.addEventListener('hashchange', show)

function show(): void {
  const digits = location.hash.slice(1)
  page?.replaceChildren(
    ...(digits === '' ? verdictParts('', words.nothing) : drawn(checkReceipt(digits, marketKey)))
  )
}

/** The stall that serves this page fills in its market's key, as 64 hexadecimal digits. */
function keyOf(meta: HTMLMetaElement | null): Uint8Array | null {
  const text = meta?.content ?? ''
  return /^[0-9a-f]{64}$/i.test(text) ? unhex(text) : null
}

function drawn(verdict: Verdict): Node[] {
  switch (verdict.verdict) {
    case 'unreadable':
      return verdictParts('unsure', words.unreadable)
    case 'changed':
      return verdictParts('bad', words.changed)
    case 'genuine':
      return [
        ...verdictParts('good', words.genuine),
        element('h2', words.stall(verdict.signer.stall, verdict.signer.market)),
        ...receiptParts(verdict.receipt),
        element('p', words.offline),
        element('p', marketKey ? words.poster(fingerprint(marketKey)) : '')
      ]
    case 'unknown-signer': {
      const { signer, receipt } = verdict
      return [
        ...verdictParts('unsure', words.unknownSigner),
        element('p', words.notChecked),
        ...(signer ? [element('h2', words.stall(signer.stall, signer.market))] : []),
        ...receiptParts(receipt)
      ]
    }
  }
}

function verdictParts(tone: string, said: { title: string; text: string }): Node[] {
  const title = element('h1', said.title)
  title.className = tone
  return [title, element('p', said.text)]
}

function receiptParts(receipt: Receipt): Node[] {
  const money = moneyFormat(words.locale, currencyOf(receipt.currency))
  const { lines, discount, rounding, taxes, total, tenders, change } = receipt
  const when = new Intl.DateTimeFormat(words.locale, { dateStyle: 'medium', timeStyle: 'short' })
  const rows = [
    ...(lines ?? []).map(line => row(words.line(line.quantity, line.name), money(line.amount))),
    ...(discount === 0 ? [] : [row(words.discount, `−${money(discount)}`)]),
    ...(rounding === 0 ? [] : [row(words.rounding, money(rounding))]),
    row(words.total, money(total), 'total'),
    ...taxes.map(({ ratePpm, tax }) =>
      row(words.tax(String(ratePpm / 10_000)), money(tax), 'small')
    ),
    ...tenders.map(({ method, amount }) => row(words.method(method), money(amount), 'small')),
    ...(change === 0 ? [] : [row(words.change, money(change), 'small')])
  ]
  const list = document.createElement('dl')
  list.append(...rows)
  return [
    element('p', `${words.number(receipt.number)} · ${when.format(receipt.at)}`),
    list,
    ...(lines === null ? [element('p', words.linesOnPaper)] : [])
  ]
}

function row(name: string, amount: string, tone = ''): HTMLElement {
  const pair = document.createElement('div')
  pair.className = tone
  pair.append(element('dt', name), element('dd', amount))
  return pair
}

/** Always as text: what a receipt says never becomes markup. */
function element(tag: 'h1' | 'h2' | 'p' | 'dt' | 'dd', text: string): HTMLElement {
  const made = document.createElement(tag)
  made.textContent = text
  return made
}
