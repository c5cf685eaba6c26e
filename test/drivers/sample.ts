import type { Receipt, ReceiptPart } from '../../node/core/sell/receipt.ts'

/** As long as a real one: `https://<market>/r#` and the digits of a COSE_Sign1 of 172 bytes. */
export const CHECK_URL = `https://market.example/r#${'31415926535897932384'.repeat(21)}`

/** A receipt with everything that has ever looked ugly on paper. */
export const SAMPLE: Receipt = {
  sale: '0123456789abcdef0123456789abcdef',
  number: '12-3-57-K7',
  copy: 1,
  parts: [
    { part: 'title', text: 'Käthes Crêperie' },
    { part: 'text', text: 'Nachtmarkt am Fluss, Ufer 7', isCentred: true },
    { part: 'text', text: '2026-07-31 21:04   Receipt 12-3-57-K7', isCentred: true },
    { part: 'rule' },
    { part: 'pair', left: '2 Crêpe Zimt & Zucker', right: '9.00', isStrong: false },
    {
      part: 'pair',
      left: '1 Galette „Grand-mère“ with goat’s cheese, walnuts, honey and a very long name',
      right: '11.50',
      isStrong: false
    },
    { part: 'pair', left: '  Student', right: '-1.50', isStrong: false },
    { part: 'pair', left: '3 Apfelschorle 0,5 l', right: '10.50', isStrong: false },
    { part: 'rule' },
    { part: 'pair', left: 'TOTAL EUR', right: '€ 29.50', isStrong: true },
    { part: 'pair', left: 'Cash', right: '50.00', isStrong: false },
    { part: 'pair', left: 'Change', right: '20.50', isStrong: false },
    { part: 'rule' },
    { part: 'pair', left: 'VAT 7 % of 17.76', right: '1.24', isStrong: false },
    { part: 'pair', left: 'VAT 19 % of 8.82', right: '1.68', isStrong: false },
    { part: 'qr', data: CHECK_URL },
    { part: 'text', text: 'Scan to check this receipt.', isCentred: true },
    { part: 'text', text: 'Thank you! See you tomorrow.', isCentred: true }
  ]
}

export const text = (text: string): ReceiptPart => ({ part: 'text', text, isCentred: false })

export const pair = (left: string, right: string): ReceiptPart => ({
  part: 'pair',
  left,
  right,
  isStrong: false
})
