import type { ComponentChildren } from 'preact'
import { useLayoutEffect, useRef } from 'preact/hooks'
import { BasketSheet } from './basket-sheet.tsx'
import { DevicesSheet } from './devices-sheet.tsx'
import { DiscountSheet } from './discount-sheet.tsx'
import { DrawerSheet } from './drawer-sheet.tsx'
import { ItemSheet } from './item-sheet.tsx'
import { MenuSheet } from './menu-sheet.tsx'
import { OpenSheet } from './open-sheet.tsx'
import { ParkSheet, RecallSheet } from './park-sheet.tsx'
import { PaySheet } from './pay-sheet.tsx'
import { PrinterSheet } from './printer-sheet.tsx'
import { QrSheet } from './qr-sheet.tsx'
import { QuantitySheet } from './quantity-sheet.tsx'
import { SalesSheet } from './sales-sheet.tsx'
import { SessionSheet } from './session-sheet.tsx'
import type { Sheet } from './sheets.ts'
import { useTill } from './use.ts'

/** Whatever lies over the till. It comes from below on a phone and stands apart on a tablet. */
export function SheetView() {
  const { sheet } = useTill()
  return sheet.value && <Dialog key={sheet.value.name}>{contentOf(sheet.value)}</Dialog>
}

function contentOf(sheet: Sheet) {
  switch (sheet.name) {
    case 'menu':
      return <MenuSheet />
    case 'pay':
      return <PaySheet />
    case 'open':
      return <OpenSheet />
    case 'basket':
      return <BasketSheet />
    case 'park':
      return <ParkSheet />
    case 'recall':
      return <RecallSheet />
    case 'sales':
      return <SalesSheet />
    case 'session':
      return <SessionSheet />
    case 'printer':
      return <PrinterSheet />
    case 'devices':
      return <DevicesSheet />
    case 'drawer':
      return <DrawerSheet />
    case 'item':
      return <ItemSheet sku={sheet.sku} />
    case 'quantity':
      return <QuantitySheet line={sheet.line} />
    case 'discount':
      return <DiscountSheet line={sheet.line} />
    case 'qr':
      return <QrSheet sale={sheet.sale} number={sheet.number} />
  }
}

function Dialog({ children }: { readonly children: ComponentChildren }) {
  const { sheet } = useTill()
  const dialog = useRef<HTMLDialogElement>(null)
  useLayoutEffect(() => {
    const before = document.activeElement
    dialog.current?.showModal()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
  const close = () => {
    sheet.value = null
  }
  return (
    // A tap beside the sheet puts it away; for the keyboard there is Escape.
    // biome-ignore lint/a11y/useKeyWithClickEvents: a dialog answers to Escape by itself
    <dialog
      ref={dialog}
      class="sheet"
      aria-labelledby="sheet-title"
      onClose={close}
      onClick={event => {
        if (event.target === dialog.current) close()
      }}
    >
      <div class="inside">{children}</div>
    </dialog>
  )
}
