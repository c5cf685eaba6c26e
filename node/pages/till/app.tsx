import { CartView } from './cart.tsx'
import { Chips } from './chips.tsx'
import { Header } from './header.tsx'
import { SheetView } from './sheet.tsx'
import { Tiles } from './tiles.tsx'
import type { Till } from './till.ts'
import { TillContext } from './use.ts'

/** One screen. Whatever happens, it happens in place: no status moves anything a finger aims at. */
export function App({ till }: { readonly till: Till }) {
  return (
    <TillContext.Provider value={till}>
      <main class="till">
        <Header />
        <Chips />
        <Tiles />
        <CartView />
      </main>
      <SheetView />
    </TillContext.Provider>
  )
}
