/** Every sentence of the till. Another language is another object of this shape. */
export const english = {
  locale: 'en',
  all: 'All',
  search: 'Search items',
  closeSearch: 'Close search',
  menu: 'Menu',
  theme: { light: 'Light screen, for daylight', dark: 'Dark screen, for the night' },
  items: 'Items',
  categories: 'Categories',
  currentSale: 'Current sale',
  emptyBasket: 'Tap an item to start a sale',
  looking: 'Looking for the stall box…',
  noItems: 'No items yet. Add them to the catalogue, or sell an open item from the menu.',
  nothingFound: (words: string) => `Nothing is called “${words}”.`,
  left: (count: number) => `${count} left`,
  soldOut: 'Sold out',
  inBasket: (count: number) => `${count} in the basket`,
  priceWas: (isUp: boolean, was: string) => `${isUp ? 'Up' : 'Down'} from ${was}`,
  countWasWrong: (name: string) => `${name}: the count was wrong. Hold its tile to put it right.`,
  oneLess: (name: string) => `One less ${name}`,
  oneMore: (name: string) => `One more ${name}`,
  total: 'Total',
  pieces: (count: number) => (count === 1 ? '1 item' : `${count} items`),
  off: (amount: string) => `${amount} off`,
  taxOnTop: (amount: string) => `with ${amount} tax`,
  exactCash: 'Exact cash',
  cash: 'Cash',
  cardOther: 'Card Other',
  paid: (amount: string) => `Paid ${amount}`,
  change: 'Change',
  undo: 'Undo',
  undone: 'Undone',
  giveBack: 'Give back',
  givenBack: (amount: string, isCash: boolean, method: string) =>
    isCash ? `${amount} cash` : `${amount} on the ${method}`,
  printAgain: 'Print again',
  printing: 'Printing…',
  sentToPrinter: 'Sent to the printer',
  qr: 'QR',
  paper: 'Paper',
  close: 'Close',
  remove: 'Remove',
  tryAgain: 'Try again',
  reason: 'Reason',
  amount: 'Amount',
  status: {
    cannotSave: 'This tablet cannot save. Use another one.',
    refused: (count: number) =>
      count === 1 ? '1 sale needs you. Tap here.' : `${count} sales need you. Tap here.`,
    unread: (count: number) => `${sales(count)} of an older till could not be read: write it down.`,
    away: (unsent: number) =>
      unsent === 0 ? 'Box restarting. Keep selling' : `Box restarting: ${sales(unsent)} safe here`,
    awayFix: 'Keep selling: sales stay safe on this tablet.',
    awayLong: (unsent: number) =>
      unsent === 0 ? 'Box away: check its light' : `Box away: ${sales(unsent)} safe here`,
    awayLongFix: 'Check the box’s light. Sales stay safe on this tablet until it is back.',
    unsent: (unsent: number) => `${sales(unsent)} safe on this tablet, not sent yet.`,
    asOf: (time: string) => `(as of ${time})`,
    earlier: '(from earlier)',
    look: 'something to look at',
    sending: (unsent: number) => `${sales(unsent)} on the way to the stall box.`,
    unknownReceipts: (count: number) =>
      count === 1
        ? '1 receipt may not have come out. Tap here.'
        : `${count} receipts may not have come out. Tap here.`,
    printer: (sentence: string, waiting: number) =>
      waiting === 0 ? brief(sentence) : `${brief(sentence)}: ${receipts(waiting)} waiting`,
    basketFull: 'This basket is full. Take payment, then start another.',
    notFound: (code: string) => `No item has the code ${code}. Tap here: sell it as an open item.`,
    scanLater: 'Close what is open, then scan again.',
    printerOk: 'Printer ✓',
    printerBad: 'Printer !',
    printerOff: 'No printer',
    devicesOk: 'Devices ✓',
    devicesBad: (count: number) => (count === 1 ? '1 device !' : `${count} devices !`),
    devicesUnknown: 'Devices ?',
    update: 'Update ready'
  },
  pay: {
    title: (amount: string) => `To pay ${amount}`,
    still: (amount: string) => `Still ${amount}`,
    over: (amount: string) => `A card can take ${amount} at most.`,
    reference: 'Slip or voucher number (not needed)',
    takeOut: (what: string) => `Take out ${what}`,
    pad: 'Amount pad'
  },
  item: {
    howMany: 'How many?',
    more: 'More…',
    add: (count: string) => `Add ${count}`,
    sellAnyway: 'Sell one anyway: the count was wrong',
    counted: 'Counted now',
    saveCount: (count: string) => `There are ${count}`,
    priceWas: (was: string, now: string) => `The price was ${was} and is ${now} now.`,
    keepsPrice: (price: string) => `This basket keeps ${price}.`
  },
  open: {
    title: 'Open item',
    name: 'What is it? (not needed)',
    otherName: 'Open item',
    tax: 'Tax',
    add: (price: string) => `Add ${price}`
  },
  basket: {
    discount: 'Discount',
    discountOn: (name: string) => `Discount on ${name}`,
    wholeBasket: 'the whole basket',
    percent: 'Percent',
    money: 'Money',
    reasons: ['Friend of the stall', 'Last one', 'Bulk', 'Damaged', 'Made good'],
    takeOff: (amount: string) => `Take ${amount} off`,
    noDiscount: 'No discount',
    clear: 'Empty the basket',
    emptied: 'Emptied.',
    quantity: (name: string) => `Quantity of ${name}`
  },
  park: {
    park: 'Park basket',
    recall: 'Parked',
    name: 'Name or place, such as “red jacket”',
    none: 'No basket is parked.',
    busy: 'Take payment for this basket or park it first.',
    number: (count: number) => `Basket ${count}`,
    take: 'Take'
  },
  sales: {
    title: 'Recent sales',
    none: 'No sales yet.',
    unsent: 'Safe on this tablet, not sent yet',
    voided: 'Undone',
    back: 'Back into the basket',
    discard: 'Settled, take it away',
    unreadWhat: 'An older till kept this, and this one cannot send it. Copy it by hand.',
    discardSure: 'Sure? It will be gone',
    noQr: 'The stall box has no code for this sale at hand. Print it again instead.',
    qrWhat: 'The customer’s phone camera opens the receipt.',
    qrSample: 'A sample stall: no market yet.',
    qrCheck: 'Open this computer’s /r to check it.'
  },
  session: {
    title: 'Day and drawer',
    closed: 'No session is open. The first sale opens one by itself.',
    float: 'Cash in the drawer to begin with',
    open: (float: string) => `Open with ${float}`,
    since: (time: string) => `Open since ${time}`,
    x: 'X report',
    cash: 'Cash in or out',
    cashIn: (amount: string) => `Put in ${amount}`,
    cashOut: (amount: string) => `Take out ${amount}`,
    closing: 'Count and close',
    count: 'Count the drawer first. What should be there is shown after.',
    close: (amount: string) => `Counted ${amount}: close the session`,
    unsent: (unsent: number) =>
      `${sales(unsent)} on this tablet will join the next session, marked late.`,
    closedNow: 'Session closed.',
    expected: 'Should be there',
    counted: 'Counted',
    over: 'Over',
    short: 'Short',
    takings: (count: number) => `Takings (${sales(count)})`,
    last: 'Last closed',
    sales: 'Sales',
    voids: 'Undone',
    discounts: 'Discounts',
    rounding: 'Rounding',
    floatRow: 'Float',
    moved: 'Cash in and out'
  },
  printer: {
    title: 'Printer',
    cameOut: 'It came out',
    number: (number: string, copy: number) => (copy > 1 ? `${number}, copy ${copy}` : number),
    unknown: 'May not have come out',
    waiting: 'Waiting',
    printing: 'Printing',
    simulated: 'This printer is simulated. Try what a real one does on a bad night:',
    allWell: 'New roll, all well'
  },
  devices: {
    title: 'Devices',
    none: 'No device is set up. The README says how to add one to stall.toml.',
    asOf: 'The stall box is not answering. This is how they were:',
    since: (age: string) => `for ${age}`,
    ago: (age: string) => `${age} ago`,
    do: 'Do:',
    restarts: (count: number) =>
      count === 1 ? 'Started again once' : `Started again ${count} times`,
    simulated: 'Simulated',
    receipts: 'Receipts and paper',
    tryIt: 'Try a fault',
    allWell: 'All well again',
    onScale: (weight: string) => `On the scale: ${weight}`
  },
  drawer: {
    title: 'Open drawer',
    why: 'Why? The reason stands in the records of the day.',
    reasons: ['Change', 'Count', 'Other'],
    opened: 'The printer was told to open the drawer.'
  },
  update: {
    later: 'A newer till is ready. It waits until the session is closed and the basket is empty.',
    now: 'Take the update now'
  },
  away: 'The stall box is not answering. Try again when it is back.',
  later: 'The stall box is busy. Try again in a moment.'
}

export type Words = typeof english

/** One line of a phone: "The printer is out of paper." is "Out of paper" beside its button. */
function brief(sentence: string): string {
  const short = sentence
    .replace(/^The (printer is )?/, '')
    .replace(/ at \S+| and does not say why|\.$/g, '')
  return short.charAt(0).toUpperCase() + short.slice(1)
}

function receipts(count: number): string {
  return count === 1 ? '1 receipt' : `${count} receipts`
}

function sales(count: number): string {
  return count === 1 ? '1 sale' : `${count} sales`
}
