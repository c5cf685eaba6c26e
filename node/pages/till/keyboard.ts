import { type KeyAction, NO_KEYS, readKey, SCAN_KEY_MS_MAX, settleKeys } from './keys.ts'
import { cashTenders, payment } from './pay.ts'
import type { Till } from './till.ts'

/** A keyboard and a scanner at the till. Returns what takes the listener off again. */
export function listenToKeys(target: Document, till: Till): () => void {
  let reader = NO_KEYS
  let timer: ReturnType<typeof setTimeout> | undefined

  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return
    const { takesText, isInField, isSecret } = fieldOf(event.target)
    if (isSecret) return
    const next = readKey(reader, { key: event.key, at: event.timeStamp, isInField })
    reader = next.reader
    if (next.action && act(till, next.action)) event.preventDefault()
    clearTimeout(timer)
    timer = setTimeout(() => {
      const settled = settleKeys(reader)
      reader = settled.reader
      if (settled.action && !takesText) act(till, settled.action)
    }, SCAN_KEY_MS_MAX + 1)
  }
  target.addEventListener('keydown', onKey)
  return () => target.removeEventListener('keydown', onKey)
}

function fieldOf(target: EventTarget | null) {
  const takesText = target instanceof HTMLInputElement
  return {
    takesText,
    // The search takes its own letters, but Enter and Escape there are the till's.
    isInField: takesText && !target.classList.contains('find'),
    isSecret: takesText && target.type === 'password'
  }
}

/** True when the key was for the till and for nothing else. */
function act(till: Till, action: KeyAction): boolean {
  const { sheet, search, counter, found } = till
  const isEmpty = counter.basket.value.lines.length === 0
  switch (action.act) {
    case 'scan':
      till.scan(action.code)
      return true
    case 'type':
      // A space on a focused button presses it; it belongs to a search only once one has begun.
      if (sheet.value || (search.value === '' && action.text.trim() === '')) return false
      search.value += action.text
      return true
    case 'enter': {
      const [first] = found.value
      if (sheet.value || search.value === '' || !first) return false
      till.tap(first.sku)
      return true
    }
    case 'exact':
      return payExact(till)
    case 'other':
      if (!isEmpty) sheet.value = { name: 'pay' }
      return true
    case 'park':
      if (!isEmpty) sheet.value = { name: 'park' }
      return true
    case 'recall':
      sheet.value = { name: 'recall' }
      return true
    case 'clear':
      return clear(till)
  }
}

function payExact({ quote, cashDue, terms, payments }: Till): boolean {
  if (!terms.value) return true
  const tenders = cashTenders(cashDue.value, terms.value)
  const paid = payment(quote.value.total, tenders, terms.value)
  if ('change' in paid) void payments.pay(paid)
  return true
}

/** First the search, then the basket, which Escape brings back when it was the wrong key. */
function clear({ sheet, search, counter, cleared, sweep, putBack }: Till): boolean {
  if (sheet.value) return false
  if (search.value !== '') {
    search.value = ''
    return true
  }
  const basket = counter.basket.value
  if (basket.lines.length > 0) {
    sweep()
  } else if (cleared.value.lines.length > 0) {
    putBack()
  }
  return true
}
