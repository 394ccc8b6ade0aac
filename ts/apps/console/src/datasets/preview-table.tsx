import type { DatasetPreview } from '#api/types.ts'

type PreviewTableProps = { preview: DatasetPreview; label: string }

/** The first rows of a dataset; it scrolls by itself where it is wider than the page. */
export function PreviewTable({ preview, label }: PreviewTableProps) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard.
      tabIndex={0}
      className="max-h-80 overflow-auto rounded-md border border-line"
    >
      <table className="w-full text-left text-sm">
        <thead className="sticky top-0 bg-rail text-xs text-quiet">
          <tr>
            {preview.columns.map((column) => (
              <th key={column} scope="col" className="px-3 py-2 font-normal whitespace-nowrap">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="divide-y divide-line">
          {preview.rows.map((row, number) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a file have nothing but their place.
            <tr key={number}>
              {row.map((value, place) => (
                <td
                  key={preview.columns[place]}
                  className="max-w-80 px-3 py-1.5 align-top break-words"
                >
                  {value ?? <span className="text-quiet">missing</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
