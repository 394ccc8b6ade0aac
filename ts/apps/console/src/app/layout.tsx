import { GeistMono } from 'geist/font/mono'
import { GeistSans } from 'geist/font/sans'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Providers } from '#shell/providers.tsx'
import { THEME_SCRIPT } from '#shell/theme-script.ts'
import './globals.css'

export const metadata: Metadata = {
  title: { default: 'Lockstitch', template: '%s · Lockstitch' },
  robots: { index: false },
}

export const viewport: Viewport = { width: 'device-width', initialScale: 1 }

export default function RootLayout({ children }: { children: ReactNode }) {
  return (
    <html
      lang="en"
      className={`${GeistSans.variable} ${GeistMono.variable}`}
      suppressHydrationWarning
    >
      <head>
        {/* Before the first paint, so that no page flashes in the other theme. */}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: a constant of this program, allowed by its hash */}
        <script dangerouslySetInnerHTML={{ __html: THEME_SCRIPT }} />
      </head>
      <body className="font-sans">
        <noscript>
          <p className="m-4">
            The console needs JavaScript. Allow it for this site, then reload the page. The API
            answers without it.
          </p>
        </noscript>
        <Providers>{children}</Providers>
      </body>
    </html>
  )
}
