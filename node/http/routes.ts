import { basketRoutes } from './baskets.ts'
import { deviceRoutes } from './devices.ts'
import { ledgerRoutes } from './ledger.ts'
import { printingRoutes } from './printing.ts'
import type { Route } from './route.ts'
import { salesRoutes } from './sales.ts'
import { sessionRoutes } from './session.ts'
import { stateRoutes } from './state.ts'
import { stockRoutes } from './stock.ts'

/** Every call there is. Validation, access, metrics and OpenAPI all follow from these rows. */
export const routes: readonly Route[] = [
  ...stockRoutes,
  ...salesRoutes,
  ...printingRoutes,
  ...basketRoutes,
  ...sessionRoutes,
  ...deviceRoutes,
  ...ledgerRoutes,
  ...stateRoutes(() => routes)
]
