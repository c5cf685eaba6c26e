/** A receipt as a document: what every printer, the paper on the till and a customer's page show. */
export interface Receipt {
  readonly sale: string
  readonly number: string
  readonly copy: number
  readonly parts: readonly ReceiptPart[]
}

export type ReceiptPart =
  | { readonly part: 'title'; readonly text: string }
  | { readonly part: 'text'; readonly text: string; readonly isCentred: boolean }
  | {
      readonly part: 'pair'
      readonly left: string
      readonly right: string
      readonly isStrong: boolean
    }
  | { readonly part: 'rule' }
  | { readonly part: 'qr'; readonly data: string }
