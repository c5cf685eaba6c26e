/** Every sentence of the receipt check. */
export const english = {
  locale: 'en',
  genuine: {
    title: '✓ Genuine receipt',
    text: 'Signed by a stall of this market, and not a letter of it was changed.'
  },
  changed: {
    title: '✕ Not genuine',
    text: 'The contents were changed after signing. Do not rely on this receipt; ask the stall.'
  },
  unknownSigner: {
    title: '? Cannot tell who signed',
    text: 'This page does not know this market. Open it from the market’s own address or poster.'
  },
  notChecked: 'What it says, unchecked:',
  unreadable: {
    title: '? Not a readable receipt',
    text: 'The code is damaged or incomplete. Scan it again in good light, the whole square.'
  },
  nothing: {
    title: 'Receipt check',
    text: 'Scan the code on a receipt with your camera; this page says if it is genuine.'
  },
  stall: (stall: string, market: string) => `Stall ${stall} · ${market}`,
  number: (number: string) => `No. ${number}`,
  line: (quantity: number, name: string) => `${quantity} × ${name}`,
  discount: 'Discount',
  rounding: 'Rounding',
  total: 'Total',
  // The proof holds the rate and not what the country calls the tax.
  tax: (percent: string) => `of it tax ${percent} %`,
  method: (method: string) => method.charAt(0).toUpperCase() + method.slice(1),
  change: 'Change',
  linesOnPaper: 'The goods are on the paper; this code holds the totals.',
  offline: 'Checked on this phone. No internet used, nothing sent.',
  poster: (fingerprint: string) => `Market key ${fingerprint}: the same is on the market’s poster.`
}
