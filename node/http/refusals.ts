import type { Refusal } from '../core/refusal.ts'
import { type Currency, type Money, moneyText } from '../core/sell/money.ts'
import type { Problem } from './problem.ts'

interface Words {
  readonly status: number
  readonly title: string
  readonly fix: string
}

/** A stall's polite no as a problem, in words for the keeper. */
export function refusalProblem(refusal: Refusal, currency: Currency): Problem {
  const isRetryable = refusal.refused === 'busy'
  return {
    problem: refusal.refused,
    ...REFUSALS[refusal.refused],
    detail: detailOf(refusal, amount => `${moneyText(amount, currency)} ${currency.code}`),
    isRetryable,
    ...(isRetryable ? { headers: { 'Retry-After': '1' } } : {})
  }
}

/** One row a refusal; a new refusal without a row does not compile. */
export const REFUSALS: Readonly<Record<Refusal['refused'], Words>> = {
  'unknown-sku': {
    status: 422,
    title: 'Not in the catalogue',
    fix: 'Add the item to the catalogue, or sell it as an open item with a typed-in price.'
  },
  'bad-quantity': {
    status: 422,
    title: 'Not a quantity',
    fix: 'Enter a whole number from 1 to 1,000,000.'
  },
  'bad-amount': {
    status: 422,
    title: 'Not an amount',
    fix: 'Enter the amount again, in whole coins.'
  },
  'amount-too-large': {
    status: 422,
    title: 'Too much money for one sum',
    fix: 'Split it into smaller sales.'
  },
  'empty-basket': {
    status: 422,
    title: 'Nothing to sell',
    fix: 'Tap an item first.'
  },
  'sale-too-long': {
    status: 422,
    title: 'Too much text for one receipt',
    fix: 'Shorten names and reasons, or split the basket into two sales.'
  },
  'too-many-tenders': {
    status: 422,
    title: 'Too many payments for one sale',
    fix: 'Pay with fewer, larger amounts.'
  },
  'too-many-lines': {
    status: 422,
    title: 'The basket is full',
    fix: 'Split the basket into two sales.'
  },
  'price-not-shown': {
    status: 409,
    title: 'The price has changed',
    fix: 'Take the item out of the basket and tap it again, for its price of now.'
  },
  'unknown-tax-class': {
    status: 422,
    title: 'No such tax class',
    fix: "Use one of the tax classes in the stall's terms."
  },
  'discount-too-large': {
    status: 422,
    title: 'The discount is too large',
    fix: 'Take a smaller discount.'
  },
  'reason-missing': {
    status: 422,
    title: 'A reason is missing',
    fix: 'Say in a few words why.'
  },
  'name-missing': {
    status: 422,
    title: 'A name is missing',
    fix: 'Type what is sold, for it stands on the receipt.'
  },
  'not-paid': {
    status: 422,
    title: 'Not paid in full',
    fix: 'Ask for the rest, or split the payment.'
  },
  'card-over-tender': {
    status: 422,
    title: 'Too much for a payment without change',
    fix: 'Charge only what is due; change is given for cash alone.'
  },
  'unknown-tender': {
    status: 422,
    title: 'Not a way to pay here',
    fix: "Use one of the ways to pay in the stall's terms."
  },
  'already-sold': {
    status: 409,
    title: 'Booked already',
    fix: 'There is nothing to do; the sale is in the books once.'
  },
  'already-done': {
    status: 409,
    title: 'Done already',
    fix: 'There is nothing to do; it is in the books once.'
  },
  'unknown-sale': {
    status: 404,
    title: 'No such sale',
    fix: 'Check the receipt; it may be from another stall.'
  },
  'already-voided': {
    status: 409,
    title: 'Undone already',
    fix: 'There is nothing to do; the sale does not count any more.'
  },
  'too-late-to-void': {
    status: 409,
    title: 'Too late to undo',
    fix: 'Give the money back as a refund instead.'
  },
  'session-open': {
    status: 409,
    title: 'The stall is open already',
    fix: 'Close this session first, or go on selling in it.'
  },
  'no-session': {
    status: 409,
    title: 'The stall is not open',
    fix: 'Count the drawer and open a session.'
  },
  'too-many-parked': {
    status: 409,
    title: 'Too many baskets are set aside',
    fix: 'Take one back or give one up first.'
  },
  'already-parked': {
    status: 409,
    title: 'Set aside already',
    fix: 'Take the parked basket back, or park this one under a new id.'
  },
  'unknown-basket': {
    status: 404,
    title: 'No such basket',
    fix: 'Somebody may have taken it back already; look at the other till.'
  },
  'not-due': {
    status: 409,
    title: 'No paper is waiting for this',
    fix: 'There is nothing to do; ask for a copy if one is needed.'
  },
  'bad-count': {
    status: 422,
    title: 'Not a count',
    fix: 'Send whole numbers from 0, and a time that ends after it began.'
  },
  'too-many-items': {
    status: 422,
    title: 'Too many items',
    fix: 'List fewer at once, or withdraw items that are not sold any more.'
  },
  'currency-in-use': {
    status: 409,
    title: 'Another currency is in the books',
    fix: 'Go on in that currency, or start the stall with a new, empty data folder.'
  },
  busy: {
    status: 503,
    title: 'Too much at once',
    fix: 'Send the same again in a second; with the same id it counts once.'
  }
}

function detailOf(refusal: Refusal, amount: (amount: Money) => string): string {
  switch (refusal.refused) {
    case 'unknown-sku':
      return `There is no item "${refusal.sku}" for sale here.`
    case 'bad-quantity':
      return `${refusal.quantity} of "${refusal.sku}" cannot be counted.`
    case 'bad-amount':
      return `${refusal.amount} cannot be the ${refusal.what}.`
    case 'amount-too-large':
      return 'The sum is larger than this stall can count.'
    case 'empty-basket':
      return 'The basket has no items.'
    case 'sale-too-long':
      return 'The names and reasons of this basket are too long together.'
    case 'too-many-tenders':
      return `A sale may be paid in ${refusal.max} parts at most.`
    case 'too-many-lines':
      return `A sale may have ${refusal.max} lines at most.`
    case 'price-not-shown':
      return `"${refusal.sku}" was not for sale at ${amount(refusal.price)} then.`
    case 'unknown-tax-class':
      return `This stall has no tax class "${refusal.taxClass}".`
    case 'discount-too-large':
      return `At most ${amount(refusal.max)} can come off here.`
    case 'reason-missing':
      return `The ${refusal.what} needs a reason.`
    case 'name-missing':
      return 'An item with a typed-in price needs a name.'
    case 'not-paid':
      return `${amount(refusal.missing)} is still to pay.`
    case 'card-over-tender':
      return `The payment is ${amount(refusal.over)} more than what is due.`
    case 'unknown-tender':
      return `This stall does not take "${refusal.method}".`
    case 'already-sold':
      return `This sale is entry ${refusal.place.seq} of log ${refusal.place.log}.`
    case 'already-done':
      return `This was done with entry ${refusal.place.seq} of log ${refusal.place.log}.`
    case 'unknown-sale':
      return 'This stall has booked no sale with this id.'
    case 'already-voided':
      return 'This sale was undone before.'
    case 'too-late-to-void':
      return `A sale can be undone for ${refusal.windowMs / 1_000} seconds after it was paid.`
    case 'session-open':
      return `Session ${refusal.session} is open.`
    case 'no-session':
      return 'No session is open.'
    case 'too-many-parked':
      return `${refusal.max} baskets can be set aside at most.`
    case 'already-parked':
      return 'A basket with this id is set aside already.'
    case 'unknown-basket':
      return 'No basket with this id is set aside.'
    case 'not-due':
      return 'This receipt is not waiting to be printed.'
    case 'bad-count':
      return `What "${refusal.sensor}" counted cannot be kept.`
    case 'too-many-items':
      return `At most ${refusal.max} items can be taken here.`
    case 'currency-in-use':
      return `This stall has sold in ${refusal.currency} already.`
    case 'busy':
      return 'The stall has more to do than it can answer right now.'
  }
}
