import type { Notebook } from './ports.ts'

export type Theme = 'dark' | 'light'

/**
 * Dark unless somebody chose light on this tablet: markets are held at night, and a browser that
 * was never asked says it prefers light.
 */
export const readTheme = (notebook: Notebook): Theme =>
  notebook.read('theme') === 'light' ? 'light' : 'dark'

export const keepTheme = (notebook: Notebook, theme: Theme): void =>
  notebook.write('theme', theme === 'light' ? 'light' : null)
