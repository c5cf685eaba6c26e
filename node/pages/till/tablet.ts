import type { After, Notebook, ParcelStore } from './ports.ts'

/** The browser's side of the till's edges. */

const PARCELS = 'parcels'

/**
 * Parcels in IndexedDB. `durability: 'strict'` makes the browser flush to the disk before it says
 * that a transaction is complete (Indexed Database API 3.0, 2.7.1).
 */
export function openTabletStore(factory: IDBFactory, name = 'stallmesh-till'): ParcelStore {
  let open: Promise<IDBDatabase> | null = null
  const database = () => {
    open ??= openDatabase(factory, name, () => {
      open = null
    }).catch(error => {
      open = null
      throw error
    })
    return open
  }
  const change = async (step: (store: IDBObjectStore) => void): Promise<void> => {
    const transaction = (await database()).transaction(PARCELS, 'readwrite', {
      durability: 'strict'
    })
    step(transaction.objectStore(PARCELS))
    // Else the browser first tells this page that the step is done, and asks for more.
    transaction.commit()
    await complete(transaction)
  }
  return {
    put: parcel => change(store => store.put(parcel)),
    remove: key => change(store => store.delete(key)),
    all: async () => {
      const store = (await database()).transaction(PARCELS).objectStore(PARCELS)
      return answer<unknown[]>(store.getAll())
    }
  }
}

function openDatabase(
  factory: IDBFactory,
  name: string,
  onClose: () => void
): Promise<IDBDatabase> {
  const request = factory.open(name, 1)
  request.onupgradeneeded = () => request.result.createObjectStore(PARCELS, { keyPath: 'key' })
  return new Promise((resolve, reject) => {
    request.onerror = () => reject(request.error)
    request.onblocked = () => reject(new Error('Another tab holds an older database'))
    request.onsuccess = () => {
      const database = request.result
      database.onclose = onClose
      database.onversionchange = () => {
        database.close()
        onClose()
      }
      resolve(database)
    }
  })
}

const answer = <Value>(request: IDBRequest<Value>): Promise<Value> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })

const complete = (transaction: IDBTransaction): Promise<void> =>
  new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve()
    transaction.onabort = () => reject(transaction.error)
  })

/** `localStorage` writes before it returns, so a basket outlives a reload in the same moment. */
export function openNotebook(storage: Storage | null): Notebook {
  return {
    read: name => {
      try {
        return storage?.getItem(`till.${name}`) ?? null
      } catch {
        return null
      }
    },
    write: (name, text) => {
      try {
        if (text === null) storage?.removeItem(`till.${name}`)
        else storage?.setItem(`till.${name}`, text)
      } catch {
        // A full or forbidden storage costs the open basket on a reload; sales have their own.
      }
    }
  }
}

export const afterTimeout: After = (ms, step) => {
  const timer = setTimeout(step, ms)
  return () => clearTimeout(timer)
}
