import type { Codepage } from '@point-of-sale/codepage-encoder'

/** What a kind of printer can do. Adding a printer is adding a row here. */
export interface PrinterModel {
  readonly id: string
  readonly name: string
  /** Characters of font A on a line. */
  readonly columns: 32 | 42 | 48
  /** Dots on a line. */
  readonly dots: 384 | 512 | 576
  /** The numbers that `ESC t` knows the code pages by, the most wanted page first. */
  readonly codePages: readonly CodePage[]
  /** How many dots wide a module of a QR code must be to be read after some wear. */
  readonly qrModuleDotsMin: number
  /** `none`: it never answers. `asb`: it also speaks up by itself (Epson GS a). */
  readonly status: 'none' | 'dle-eot' | 'asb'
  /** What it answers once everything before it is on paper: `GS ( H`, `GS r`, or nothing. */
  readonly fence: 'none' | 'gs-r' | 'gs-paren-h'
  readonly cutter: 'none' | 'partial'
}

export interface CodePage {
  readonly name: Codepage
  readonly number: number
}

/**
 * Three pages that most makers number as Epson does (not Citizen and HP, which will need rows of
 * their own). Between them they hold all Western European letters and the euro.
 */
const WESTERN: readonly CodePage[] = [
  { name: 'cp437', number: 0 },
  { name: 'cp858', number: 19 },
  { name: 'windows1252', number: 16 }
]

const WIDE = { columns: 48, dots: 576, codePages: WESTERN, qrModuleDotsMin: 5 } as const
/** Epson's 180 dpi printers: 42 columns of font A on 512 dots. */
const MEDIUM = { columns: 42, dots: 512, codePages: WESTERN, qrModuleDotsMin: 5 } as const
const NARROW = { columns: 32, dots: 384, codePages: WESTERN, qrModuleDotsMin: 4 } as const
const EPSON = { status: 'asb', fence: 'gs-paren-h', cutter: 'partial' } as const
const MUTE = { status: 'none', fence: 'none' } as const

/**
 * Which printers answer `GS ( H` is Epson's list for that command; T88III is not on it. The
 * generic rows hold what most printers with Epson's command set can do.
 */
export const PRINTER_MODELS: readonly PrinterModel[] = [
  { id: 'epson-tm-t20', name: 'Epson TM-T20 (II, III, IV)', ...WIDE, ...EPSON },
  { id: 'epson-tm-m30', name: 'Epson TM-m30 (II, III)', ...WIDE, ...EPSON },
  { id: 'epson-tm-t88', name: 'Epson TM-T88 (IV and later)', ...MEDIUM, ...EPSON },
  { id: 'epson-tm-t88iii', name: 'Epson TM-T88III', ...MEDIUM, ...EPSON, fence: 'gs-r' },
  {
    id: 'generic-80',
    name: 'Any ESC/POS printer, 80 mm',
    ...WIDE,
    status: 'dle-eot',
    fence: 'gs-r',
    cutter: 'partial'
  },
  {
    id: 'generic-58',
    name: 'Any ESC/POS printer, 58 mm',
    ...NARROW,
    status: 'dle-eot',
    fence: 'gs-r',
    cutter: 'none'
  },
  {
    id: 'generic-80-mute',
    name: 'An 80 mm printer that never answers',
    ...WIDE,
    ...MUTE,
    cutter: 'partial'
  },
  {
    id: 'generic-58-mute',
    name: 'A 58 mm printer that never answers',
    ...NARROW,
    ...MUTE,
    cutter: 'none'
  }
]

export const printerModel = (id: string): PrinterModel | undefined =>
  PRINTER_MODELS.find(model => model.id === id)

/** 58 mm paper. */
export const isNarrow = ({ dots }: PrinterModel): boolean => dots <= 384
